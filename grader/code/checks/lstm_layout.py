"""Which number of a student's LSTM is which weight: units and inputs as in `recurrent`, and gates.

With c' = f*c + i*g and h' = o*tanh(c'): from c = 0 the new cell is i*g, and what c = 1 adds to it
is f. A number that moves only h' is the output gate's, one that moves only what c adds the forget
gate's. Those that move i*g are told apart by driving them far down: i goes to 0 and takes the
product with it, g goes to -1 and turns its sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from grader.code.bench import Bench, FoundError
from grader.code.checks.recurrent import (
    CHANGED,
    Layout,
    Network,
    OneHot,
    Place,
    Role,
    mixed_examples,
    nudged,
    numbers,
    parameter_shapes,
    places_of,
    require_complete,
    role_of,
    set_all,
    unlike,
)
from grader.code.compare import Numbers, items
from grader.code.frames import Kept
from grader.code.frames import Tensor as Sent
from reference_impl.lstm import GATES, LSTMWeights

SATURATING = 60.0
BASES = 12
NEARLY = 0.05


@dataclass(frozen=True)
class _Response:
    """One step from c = 0 and c = 1: product i*g, what c adds, both hidden states; (N, H) each."""

    product: Numbers
    added: Numbers
    hidden: Numbers

    @classmethod
    def of(cls, h: Numbers, c: Numbers) -> _Response:
        """From the states of both halves of the batch, (2N, H) each."""
        rows = len(c) // 2
        return cls(c[:rows], c[rows:] - c[:rows], np.concatenate([h[:rows], h[rows:]], axis=1))


def _gate(base: _Response, up: _Response, down: _Response) -> tuple[str, Numbers]:
    """The gate that a number belongs to, and where (rows, units) it acts; ValueError if none."""
    halves = np.split(_moved(base.hidden, up.hidden, down.hidden), 2, axis=1)
    hidden = halves[0] | halves[1]
    product = _moved(base.product, up.product, down.product)
    added = _moved(base.added, up.added, down.added)
    if added.any() and product.any():
        raise _MixedError(
            "both what enters the cell (i * g) and what stays of the old one (f * c) change",
            _tie(up, down),
        )
    if added.any():
        if (np.minimum(down.added, up.added)[added] < -CHANGED).all():
            raise _MixedError("the sign of what stays of the old cell turns", _SWAPPED)
        return "f", added
    if not product.any():
        return "o", hidden
    high, low = up.product[product], down.product[product]
    if (np.abs(low) < NEARLY * np.abs(high)).all():
        return "i", product
    if (low * high < 0).all():
        return "g", product
    raise ValueError(
        "what enters the cell (i * g) changes in a way that neither a gate nor the candidate of "
        "c_t = f * c + i * g explains"
    )


_ON_CANDIDATE = (
    "forget-gate-on-the-candidate",
    (
        "the forget gate is applied to the candidate as well: it belongs to the old cell alone, "
        "c_t = f * c_{t-1} + i * g"
    ),
)
_TIED = (
    "forget-gate-tied-to-the-input-gate",
    "the forget gate is 1 - i (or the input gate 1 - f) instead of a gate of its own",
)
_SWAPPED = (
    "forget-gate-and-candidate-swapped",
    "the old cell is multiplied by the candidate, squashed by tanh, instead of by the forget gate",
)


class _MixedError(ValueError):
    """A number that acts at a second place too; `named` is the mistake that would explain it."""

    def __init__(self, text: str, named: tuple[str, str] | None) -> None:
        super().__init__(text)
        self.named = named


def _tie(up: _Response, down: _Response) -> tuple[str, str] | None:
    """What ties i*g to the factor of the old cell: both vanish together, or one as the other grows."""
    with_both = (np.abs(up.product) > CHANGED) | (np.abs(down.product) > CHANGED)

    def vanishes(low: Numbers, high: Numbers) -> bool:
        # Only where the number acts do the two responses differ at all.
        there = with_both & (np.abs(low - high) > CHANGED)
        return bool(there.any() and (np.abs(low) < NEARLY * np.abs(high))[there].all())

    if vanishes(down.product, up.product) and vanishes(down.added, up.added):
        return _ON_CANDIDATE
    falling = vanishes(down.product, up.product) and vanishes(up.added, down.added)
    rising = vanishes(up.product, down.product) and vanishes(down.added, up.added)
    return _TIED if falling or rising else None


def _moved(base: Numbers, up: Numbers, down: Numbers) -> Numbers:
    return np.asarray((np.abs(up - base) > CHANGED) | (np.abs(down - base) > CHANGED))


def layout_of(bench: Bench, network: Network) -> Layout:
    """Find which parameter number is which weight; FoundError when it is no LSTM."""
    try:
        return _layout(bench, network)
    except FoundError as error:
        raise mixed_examples(error, bench, network, 2, Kept("o")[1][0]) from None


def _layout(bench: Bench, network: Network) -> Layout:
    shapes = parameter_shapes(bench, network)
    probes = OneHot.make(network)
    doing = f"{network.words}, one step with given h and c,"
    base, before = _base(bench, network, shapes, probes, doing)
    all_places = places_of(shapes)
    steps = [network.build, set_all(base)]
    for number, place in enumerate(all_places):
        for sign, name in ((1, "up"), (-1, "down")):
            step = set_all(nudged(base, place, sign * SATURATING))
            steps += [step, *_one_step(probes, f"{name}{number}")]
        steps.append(set_all({place.name: base[place.name]}))
    results = bench.results(steps, doing)
    places: dict[Role, tuple[Place, ...]] = {}
    mixed: tuple[Place, str, tuple[str, str] | None] | None = None
    for number, place in enumerate(all_places):
        up, down = (_response(results[f"{n}{number}"], probes, network) for n in ("up", "down"))
        try:
            gate, changed = _gate(before, up, down)
            found = role_of(changed, network)
        except _MixedError as error:
            mixed = mixed or (place, str(error), error.named)
            continue
        except ValueError as error:
            raise unlike(network, place, shapes[place.name], str(error)) from None
        if found:
            role = Role(gate, *found)
            places[role] = (*places.get(role, ()), place)
    if mixed:
        place, why, named = mixed
        # A weight shared by two gates mixes them too, but leaves numbers that are one gate's alone.
        alone = any(role.gate == "f" for role in places)
        raise unlike(network, place, shapes[place.name], why, None if alone else named)
    _require_gates(network, places)
    require_complete(network, places, GATES)
    return Layout(shapes, places)


def _base(
    bench: Bench,
    network: Network,
    shapes: Mapping[str, tuple[int, ...]],
    probes: OneHot,
    doing: str,
) -> tuple[dict[str, Numbers], _Response]:
    """Random parameters to start from, and the response.

    Of several draws the one whose products i*g stay farthest from zero: at zero, a change of i
    could not be seen.
    """
    bases = [Layout(shapes, {}).draw(bench.rng, 0.6) for _ in range(BASES)]
    steps = [network.build]
    for number, base in enumerate(bases):
        steps += [set_all(base), *_one_step(probes, str(number))]
    results = bench.results(steps, doing)
    responses = [_response(results[str(number)], probes, network) for number in range(BASES)]
    best = max(range(BASES), key=lambda number: float(np.abs(responses[number].product).min()))
    return bases[best], responses[best]


def _response(result: Any, probes: OneHot, network: Network) -> _Response:
    shape = (1, 2 * probes.x.shape[1], network.hidden)
    h, c = items("The second value of LSTM", result, 2)
    return _Response.of(
        numbers(h, shape, "the last hidden state", network)[0],
        numbers(c, shape, "the last cell", network)[0],
    )


def _one_step(probes: OneHot, label: str) -> list[dict[str, Any]]:
    x, h = (np.concatenate([a, a], axis=1) for a in (probes.x, probes.h))
    c = np.zeros_like(h)
    c[:, c.shape[1] // 2 :] = 1
    args = [Sent(x), Sent(h), Sent(c)]
    return [
        {"do": "call", "target": Kept("net"), "args": args, "as": "o"},
        {"do": "send", "value": Kept("o")[1], "label": label},
    ]


_WITHOUT: Mapping[str, tuple[str, str]] = {
    "g": (
        "candidate-without-tanh",
        (
            "no part of it acts as the candidate tanh(W_c h + V_c x + b_c): nothing can make the cell "
            "fall below zero (is the candidate squashed by sigmoid?)"
        ),
    ),
    "f": (
        "forget-gate-missing",
        (
            "no weight acts as the forget gate: nothing changes how much of the cell that is passed "
            "in stays (is the argument c used?)"
        ),
    ),
    "i": (
        "input-gate-missing",
        "no weight acts as the input gate: nothing can keep the candidate out of the cell",
    ),
    "o": (
        "output-gate-missing",
        "no weight acts as the output gate: nothing changes h_t without changing c_t",
    ),
}


def _require_gates(network: Network, places: Mapping[Role, Any]) -> None:
    there = {role.gate for role in places}
    if "f" not in there and not any(role.source == "h" for role in places):
        raise FoundError(
            f"{network.words}: the states h and c that are passed in have no effect.",
            mistake="initial-states-ignored",
        )
    for gate, (mistake, sentence) in _WITHOUT.items():
        if there and gate not in there:
            raise FoundError(f"{network.words}: {sentence}.", mistake=mistake)


def weights_of(
    layout: Layout, values: Mapping[str, Numbers], network: Network, device: str
) -> LSTMWeights:
    """The formula's weights for the student's parameter values."""
    hidden, inputs = network.hidden, network.inputs

    def of(source: str, size: tuple[int, ...]) -> dict[str, Tensor]:
        return {gate: layout.weight(values, gate, source, size).to(device) for gate in GATES}

    return LSTMWeights(
        W=of("h", (hidden, hidden)), V=of("x", (hidden, inputs)), b=of("b", (hidden,))
    )
