"""Where two formulas are compared: at points of the box that the question declares, and beyond it.

A point gives a number, or the rows of an array, to each symbol. All points depend on nothing but the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

from question_bank.grammar.formula import SIGNED, USUAL, Domain
from question_bank.grammar.numeric import COARSE, coordinate
from question_bank.grammar.shapes import SCALAR, Shape

Point = Mapping[str, Any]
# How far formulas are followed that may bend: near 0, and where exp and powers are still numbers.
MAGNITUDES = (0.05, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)
# How many of a formula's constants give further points, and how far beyond a constant these lie.
MOST_CONSTANTS = 6
BEYOND = (1.5, 7.0)
# Beside a constant or a bend, as a share of the constant or of the box.
BESIDE = 1e-3
# How far the entries of an array lie apart where one value is meant for all of them.
SPREAD = 0.02
# The line along one symbol is looked at in so many pieces, and a zero on it is closed in on in so many steps.
PIECES, STEPS = 6, 24
# A zero is found where a step is no more than this share of the piece.
CLOSE = 1e-9


@dataclass(frozen=True)
class Box:
    """The symbols with their domains, and the shapes of those that are arrays."""

    domains: tuple[tuple[str, Domain], ...]
    shapes: tuple[tuple[str, Shape], ...] = ()

    def shape(self, name: str) -> Shape:
        """Rows and columns of a symbol."""
        return dict(self.shapes).get(name, SCALAR)

    def of(self, names: Collection[str]) -> Box:
        """The box of these symbols alone: no work is lost on symbols that no formula reads."""
        shapes = tuple((n, shape) for n, shape in self.shapes if n in names) or self.shapes
        return Box(tuple((n, domain) for n, domain in self.domains if n in names), shapes)


def box_of(domains: Mapping[str, Domain], shapes: Mapping[str, Shape] | None = None) -> Box:
    """The box of a question's symbols."""
    return Box(tuple(sorted(domains.items())), tuple(sorted((shapes or {}).items())))


@lru_cache(maxsize=4096)
def inside(box: Box, index: int) -> Point:
    """A point of the box by chance."""
    return {
        name: _filled(box, name, partial(_drawn, low, high, index))
        for name, (low, high) in box.domains
    }


def _drawn(low: float, high: float, index: int, label: str) -> Any:
    return coordinate(label, low, high, index)


def _filled(box: Box, name: str, entry: Callable[[str], Any]) -> Any:
    """A number, or an array entry by entry; each has a label."""
    rows, columns = box.shape(name)
    if not box.shapes:
        return entry(name)
    if (rows, columns) == SCALAR:
        return ((entry(name),),)
    return tuple(tuple(entry(f"{name}[{i},{j}]") for j in range(columns)) for i in range(rows))


def moved(box: Box, point: Point, name: str, to: Any) -> Point:
    """The point with another value of one symbol; the entries of an array lie close to it."""
    if box.shape(name) == SCALAR:
        return {**point, name: _filled(box, name, lambda _: to)}
    low, high = dict(box.domains)[name]
    inwards = COARSE.mpf(low + high) / 2 - to
    return {
        **point,
        name: _filled(box, name, lambda label: to + inwards * coordinate(label, 0, SPREAD, 7)),
    }


def converted(point: Point, mp: Any) -> Point:
    """The same point in the numbers of another context."""
    return {
        name: tuple(tuple(mp.mpf(x) for x in row) for row in value)
        if isinstance(value, tuple)
        else mp.mpf(value)
        for name, value in point.items()
    }


def beside_constants(box: Box, constants: Sequence[float]) -> Iterator[Point]:
    """Points of the box at which one symbol is close to a constant of the formulas."""
    base = inside(box, 0)
    for constant in constants[:MOST_CONSTANTS]:
        for value in (constant, -constant):
            for name, (low, high) in box.domains:
                for near in (value * (1 - BESIDE), value * (1 + BESIDE)):
                    if low <= near <= high:
                        yield moved(box, base, name, COARSE.mpf(near))


def beyond(box: Box, constants: Sequence[float]) -> Iterator[Point]:
    """Points outside of the box: of other signs and magnitudes, and beside and beyond each constant.

    A box of positive numbers that someone declared says that they are positive. The most telling points come first.
    """
    magnitudes = sorted(
        {*MAGNITUDES, *(c * by for c in constants[:MOST_CONSTANTS] for by in BEYOND)}
    )
    count = 0
    for magnitude in (1.0, 1.0, 1.0, *magnitudes):
        count += 1
        yield _far(box, magnitude, count)
    near = [c * by for c in constants[:MOST_CONSTANTS] for by in (1 - BESIDE, 1 + BESIDE)]
    for size in (*near, *reversed(magnitudes)):
        for name, domain in box.domains:
            for sign in _signs(domain):
                count += 1
                yield moved(box, _far(box, 1.0, count), name, COARSE.mpf(sign * size))


def _far(box: Box, magnitude: float, index: int) -> Point:
    """A point of this magnitude, with signs by chance."""
    return {
        name: _filled(box, name, partial(_signed, _signs(domain), magnitude, index))
        for name, domain in box.domains
    }


def _signed(signs: tuple[int, ...], magnitude: float, index: int, label: str) -> Any:
    at = coordinate(f"{label} beyond", 0, len(signs), index)
    size = coordinate(f"{label} far", 0.5, 1, index)
    return signs[min(int(at), len(signs) - 1)] * magnitude * size


def _signs(domain: Domain) -> tuple[int, ...]:
    low, high = domain
    if domain in (USUAL, SIGNED) or low < 0 < high:
        return (1, -1)
    return (1,) if low >= 0 else (-1,)


def beside_zeros(
    f: Callable[[Point], Sequence[Any] | None], names: Sequence[str], box: Box
) -> Iterator[Point]:
    """Points of the box on both sides of where f vanishes, or comes closest to it without crossing.

    The first of f's values is followed. Arrays are moved as a whole, and from one point alone: they have many entries.
    """
    domains = dict(box.domains)
    bases = [inside(box, 0)]
    if not box.shapes:
        bases += [_corner(f, names, box, 1), _corner(f, names, box, -1)]
    for base in bases:
        for name in names:
            low, high = (COARSE.mpf(end) for end in domains[name])
            line = _Line(f, box, base, name)
            for zero in line.zeros(low, high):
                width = (high - low) * BESIDE
                for at in (zero - width, zero + width, (zero + low) / 2, (zero + high) / 2):
                    if low <= at <= high:
                        yield moved(box, base, name, at)


def _corner(
    f: Callable[[Point], Sequence[Any] | None], names: Sequence[str], box: Box, sign: int
) -> Point:
    """The corner of the box where f is largest, or smallest, as far as one symbol after the other finds it."""
    best = inside(box, 1)
    domains = dict(box.domains)
    for name in names:
        found = [
            (f(point), point)
            for point in (best, *(moved(box, best, name, COARSE.mpf(end)) for end in domains[name]))
        ]
        known = [(sign * values[0], n) for n, (values, _) in enumerate(found) if values]
        if known:
            best = found[max(known)[1]][1]
    return best


@dataclass(frozen=True)
class _Line:
    """The first value of a function along one symbol, from a point."""

    f: Callable[[Point], Sequence[Any] | None]
    box: Box
    start: Point
    name: str

    def zeros(self, low: Any, high: Any) -> Iterator[Any]:
        """Where it crosses zero, or turns round."""
        ends = [low + (high - low) * n / PIECES for n in range(PIECES + 1)]
        step = (high - low) * COARSE.mpf(10) ** -12
        for g in (self.value, partial(self.slope, step)):
            values = [g(at) for at in ends]
            for (left, below), (right, above) in pairwise(zip(ends, values, strict=True)):
                zero = left if below == 0 else zero_between(g, left, right, below, above)
                if zero is not None:
                    yield zero

    def value(self, at: Any) -> Any:
        """The value; None where there is none."""
        values = self.f(moved(self.box, self.start, self.name, at))
        return values[0] if values else None

    def slope(self, step: Any, at: Any) -> Any:
        """The difference of the values on both sides."""
        ends = self.value(at - step), self.value(at + step)
        return None if None in ends else ends[1] - ends[0]


def zero_between(f: Callable[[Any], Any], left: Any, right: Any, below: Any, above: Any) -> Any:
    """A point near which f changes its sign between two others; None where it has the same sign at both.

    Regula falsi (Illinois), and a half where that does not get on.
    """
    if below is None or above is None or below * above >= 0:
        return None
    close = abs(right - left) * CLOSE
    halve = False
    for _ in range(STEPS):
        share = COARSE.mpf(1) / 2 if halve else above / (above - below)
        middle = right - (right - left) * share
        value = f(middle)
        if value is None:
            return None
        step, before = abs(middle - right), abs(above)
        if value * above <= 0:
            left, below = right, above
        elif not halve:
            below = below / 2
        right, above = middle, value
        if value == 0 or step < close:
            break
        halve = not halve and abs(value) > before / 2
    return right
