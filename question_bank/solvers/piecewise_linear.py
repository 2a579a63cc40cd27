"""Piecewise linear functions of one variable, as ReLU networks compute them (lecture 3)."""

from __future__ import annotations

import itertools
from fractions import Fraction

Real = int | Fraction
Chain = tuple[tuple[Real, Real], ...]


def chain_slopes(points: Chain) -> tuple[Fraction, ...]:
    """The slopes of the straight pieces between points [x, y] with rising x, from left to right."""
    if len(points) < 2 or any(b[0] <= a[0] for a, b in itertools.pairwise(points)):
        raise ValueError("a chain has two points or more, with rising x")
    return tuple(
        (Fraction(b[1]) - Fraction(a[1])) / (Fraction(b[0]) - Fraction(a[0]))
        for a, b in itertools.pairwise(points)
    )


_CHAINS: dict[str, Chain] = {
    "constant": ((-4, 1), (4, 1)),
    "line": ((-4, -2), (4, 2)),
    "corner": ((-4, -1), (0, -1), (4, 2)),
    "vee": ((-4, 2), (0, -2), (4, 2)),
    "ramp": ((-4, -1), (-2, -1), (2, 1), (4, 1)),
    "dent": ((-4, -2), (-1, 1), (1, -1), (4, 2)),
    "hat": ((-4, 0), (-2, 0), (0, 2), (2, 0), (4, 0)),
    "zigzag": ((-4, 0), (-3, 0), (-1, 2), (1, -2), (3, 0), (4, 0)),
    # Two curves, in 80 straight pieces: a parabola, and one with a hump and a hollow.
    "curve": tuple((Fraction(k, 10), Fraction(k, 10) ** 2 / 4 - 2) for k in range(-40, 41)),
    "wave": tuple(
        (Fraction(k, 10), Fraction(k, 10) * (4 - abs(Fraction(k, 10))) / 2) for k in range(-40, 41)
    ),
}


def named_chain(name: str, factor: Real = 1) -> Chain:
    """A chain of straight pieces from x = -4 to 4, times a factor.

    constant line corner vee ramp dent hat zigzag, and two curves in many pieces: curve wave.
    """
    if name not in _CHAINS:
        raise ValueError(f'no chain is called "{name}" (known: {", ".join(_CHAINS)})')
    return tuple((x, factor * y) for x, y in _CHAINS[name])


def relu_units_needed(points: Chain) -> int:
    """The fewest hidden ReLU units of a network with one hidden layer and an output bias that computes the chain.

    The outer pieces go on for ever. Each kink needs a unit, which is zero on one side of it. One more is needed where
    no choice of sides gives the slope on the far left: minus the sum of the slope changes of those open to the left.
    """
    slopes = chain_slopes(points)
    changes = [b - a for a, b in itertools.pairwise(slopes) if a != b]
    if not changes:
        return 0 if slopes[0] == 0 else 2
    if len(changes) > 12:
        # Too many to try every choice of sides; a unit more or less does not matter any more.
        return len(changes)
    for size in range(len(changes) + 1):
        if any(-sum(some) == slopes[0] for some in itertools.combinations(changes, size)):
            return len(changes)
    return len(changes) + 1
