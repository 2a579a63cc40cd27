"""LSTM: values under random weights, gradients, given states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.recurrent import (
    CHANGED,
    FILE,
    Layout,
    Network,
    OneHot,
    Place,
    Role,
    nudged,
    numbers,
    parameter_shapes,
    places_of,
    require_complete,
    role_of,
    set_all,
    unlike,
)
from grader.code.checks.rnn import CUT, CUT_SENTENCE, SIZES, compare_gradient, item
from grader.code.compare import FLOAT32, Mistake, Numbers, items, require
from grader.code.frames import Kept
from grader.code.frames import Tensor as Sent
from reference_impl.lstm import GATES, LSTMWeights, lstm

DRAWS = 2
SATURATING = 60.0
BASES = 12
NEARLY = 0.05


# ------------------------------------------------------------------------- which number is what
#
# c' = f*c + i*g and h' = o*tanh(c'). With c = 0 the new cell is i*g; what c = 1 adds to it is f.
# A number that moves only h' is the output gate's, one that moves only what c adds the forget
# gate's. Those that move i*g are told apart by driving them far down: i goes to 0 and takes the
# product with it, g goes to -1 and turns its sign.


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
        raise ValueError("it changes both i*g and the factor of the old cell")
    if added.any():
        return "f", added
    if not product.any():
        return "o", hidden
    high, low = up.product[product], down.product[product]
    if (np.abs(low) < NEARLY * np.abs(high)).all():
        return "i", product
    if (low * high < 0).all():
        return "g", product
    raise ValueError("it is neither a gate nor the candidate of c_t = f*c + i*g")


def _moved(base: Numbers, up: Numbers, down: Numbers) -> Numbers:
    return np.asarray((np.abs(up - base) > CHANGED) | (np.abs(down - base) > CHANGED))


def layout_of(bench: Bench, network: Network) -> Layout:
    """Find which parameter number is which weight; FoundError when it is no LSTM."""
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
    for number, place in enumerate(all_places):
        up, down = (_response(results[f"{n}{number}"], probes, network) for n in ("up", "down"))
        try:
            gate, changed = _gate(before, up, down)
            found = role_of(changed, network)
        except ValueError as error:
            raise unlike(network, place, shapes[place.name], str(error)) from None
        if found:
            role = Role(gate, *found)
            places[role] = (*places.get(role, ()), place)
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


# ---------------------------------------------------------------------------------- comparison


@dataclass(frozen=True)
class Sequence:
    """One random input: x (T, N, I), h and c (1, N, H), and cotangents of h_seq, h and c."""

    x: Numbers
    h: Numbers
    c: Numbers
    along: tuple[Numbers, Numbers, Numbers]

    @classmethod
    def draw(cls, bench: Bench, network: Network) -> Sequence:
        """Of a random length and batch size."""
        rng = bench.rng
        steps, batch = int(rng.integers(4, 8)), int(rng.integers(2, 5))

        def normal(first: int, last: int) -> Numbers:
            return rng.standard_normal((first, batch, last)).astype(np.float32)

        x = normal(steps, network.inputs)
        h, c, along_h, along_c = (normal(1, network.hidden) for _ in range(4))
        return cls(x, h, 2 * c, (normal(steps, network.hidden), along_h, along_c))


def _wrong(
    x: Tensor,
    weights: LSTMWeights,
    h: Tensor | None,
    c: Tensor | None,
    *,
    show: Any = torch.tanh,
    candidate: Any = torch.tanh,
    carry_h: bool = True,
    carry_c: bool = True,
    old_cell: bool = False,
    cut: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """The LSTM with one thing done otherwise: h_seq (T, N, H), h and c (1, N, H)."""
    zeros = x.new_zeros(x.shape[1], len(weights.b["f"]))
    hidden = first_h = zeros if h is None else h[0]
    cell = first_c = zeros if c is None else c[0]
    states = []
    for x_t in x:
        state = hidden if carry_h else first_h
        before = cell if carry_c else first_c
        if cut:
            state, before = state.detach(), before.detach()
        a = {g: state @ weights.W[g].T + x_t @ weights.V[g].T + weights.b[g] for g in GATES}
        f, i, o = (torch.sigmoid(a[g]) for g in "fio")
        cell = f * before + i * candidate(a["g"])
        hidden = o * show(before if old_cell else cell)
        states.append(hidden)
    return torch.stack(states), hidden.unsqueeze(0), cell.unsqueeze(0)


def _identity(value: Tensor) -> Tensor:
    return value


_MISTAKES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "tanh-missing-on-the-cell-state",
        "The tanh on the cell state is missing: h_t = o_t * tanh(c_t), not o_t * c_t.",
        {"show": _identity},
    ),
    (
        "sigmoid-on-the-cell-state",
        "The cell state is squashed by sigmoid; it is h_t = o_t * tanh(c_t).",
        {"show": torch.sigmoid},
    ),
    (
        "candidate-not-squashed",
        "The candidate is not squashed: it is tanh(W_c h + V_c x + b_c).",
        {"candidate": _identity},
    ),
    (
        "hidden-state-not-carried",
        "Each step starts from the first hidden state instead of the one before.",
        {"carry_h": False},
    ),
    (
        "cell-not-carried",
        "Each step starts from the first cell instead of the one before.",
        {"carry_c": False},
    ),
    (
        "old-cell-shown",
        "h_t is made from the cell of the step before: h_t = o_t * tanh(c_t), not tanh(c_{t-1}).",
        {"old_cell": True},
    ),
)


def _compare(bench: Bench, network: Network, layout: Layout, *, given_states: bool) -> None:
    """Fresh weights, a fresh sequence: h_seq, h and c against the reference."""
    values, sequence = layout.draw(bench.rng), Sequence.draw(bench, network)
    given = [Sent(sequence.h), Sent(sequence.c)] if given_states else []
    states = "given h and c" if given_states else "no states given"
    at = f"x of shape {sequence.x.shape}, random weights, {states}, {network.words}"
    steps = [
        network.build,
        set_all(values),
        {"do": "call", "target": Kept("net"), "args": [Sent(sequence.x), *given], "as": "out"},
        {"do": "send", "value": Kept("out"), "label": "out"},
    ]
    result = items("LSTM", bench.results(steps, f"LSTM at {at}")["out"], 2)
    found = (result[0], *items("The second value of LSTM", result[1], 2))
    weights = weights_of(layout, values, network, bench.device)
    x, h, c = (
        torch.from_numpy(a).double().to(bench.device) for a in (sequence.x, sequence.h, sequence.c)
    )
    start = (h, c) if given_states else (None, None)
    h_seq, (last_h, last_c) = lstm(x, weights, *start)
    expected = (h_seq, last_h, last_c)
    for position, name in enumerate(("h_seq", "h", "c")):
        mistakes = [
            Mistake(mistake, sentence, partial(_one_of, position, x, weights, *start, **change))
            for mistake, sentence, change in _MISTAKES
        ]
        if position == 0:
            mistakes.append(
                Mistake(
                    "h-seq-with-an-extra-axis",
                    "h_seq has one axis too many: states of shape (1, N, H) were stacked; stack "
                    "(N, H), or concatenate along the first axis.",
                    lambda: h_seq.unsqueeze(1),
                )
            )
        require(
            name, found[position], expected[position], at=at, tolerance=FLOAT32, kind="tensor",
            mistakes=mistakes,
        )  # fmt: skip


def _one_of(position: int, *arguments: Any, **change: Any) -> Tensor:
    return _wrong(*arguments, **change)[position]


def values(bench: Bench) -> Finding:
    """Random weights, no initial states."""
    for inputs, hidden in SIZES:
        network = Network("LSTM", inputs, hidden)
        layout = layout_of(bench, network)
        for _ in range(DRAWS):
            _compare(bench, network, layout, given_states=False)
    return Finding("right", "h_seq, h and c equal the reference under random weights.")


def states(bench: Bench) -> Finding:
    """Given initial states."""
    network = Network("LSTM", *SIZES[0])
    layout = layout_of(bench, network)
    for _ in range(DRAWS):
        _compare(bench, network, layout, given_states=True)
    return Finding("right", "Given h and c are used, and the last ones come back.")


def gradient(bench: Bench) -> Finding:
    """Gradients of x, h, c and all weights."""
    network = Network("LSTM", *SIZES[0])
    layout = layout_of(bench, network)
    values, sequence = layout.draw(bench.rng), Sequence.draw(bench, network)
    out = Kept("out")
    kept = {"x": sequence.x, "h": sequence.h, "c": sequence.c}
    steps = [
        network.build,
        set_all(values),
        *({"do": "keep", "value": Sent(v, grad=True), "as": name} for name, v in kept.items()),
        {"do": "call", "target": Kept("net"), "args": [Kept(name) for name in kept], "as": "out"},
        {"do": "gradient", "of": [out[0], out[1][0], out[1][1]],
         "along": [Sent(a) for a in sequence.along], "wrt": [Kept(name) for name in kept],
         "module": "net", "as": "gradients"},
        {"do": "send", "value": Kept("gradients"), "label": "gradients"},
    ]  # fmt: skip
    results = bench.results(steps, f"The gradient of {network.words}")
    names = [*kept, *layout.shapes]
    found = items("The gradient", results["gradients"], len(names))
    gradients = partial(_reference_gradient, bench, network, layout, values, sequence)
    right = gradients()
    at = f"x of shape {sequence.x.shape}, random weights and cotangents, {network.words}"
    for position, name in enumerate(names):
        mistakes = [
            Mistake(CUT, CUT_SENTENCE, partial(item, partial(gradients, cut=True), position)),
            *(
                Mistake(mistake, sentence, partial(item, partial(gradients, **change), position))
                for mistake, sentence, change in _MISTAKES
            ),
        ]
        compare_gradient(name, found[position], right[position], mistakes, at)
    return Finding("right", "The gradients of x, h, c and all weights equal the reference.")


def _reference_gradient(
    bench: Bench,
    network: Network,
    layout: Layout,
    values: Mapping[str, Numbers],
    sequence: Sequence,
    **change: Any,
) -> list[Numbers]:
    """In the order of the worker's answer; with `change`, of the LSTM with that done otherwise."""
    weights = weights_of(layout, values, network, bench.device)
    tables = {"h": weights.W, "x": weights.V, "b": weights.b}
    roles = [(gate, source) for source in tables for gate in GATES]
    x, h, c, *along = (
        torch.from_numpy(a).double().to(bench.device)
        for a in (sequence.x, sequence.h, sequence.c, *sequence.along)
    )
    sources = [x, h, c, *(tables[source][gate] for gate, source in roles)]
    for tensor in sources:
        tensor.requires_grad_()
    if change:
        outputs = _wrong(x, weights, h, c, **change)
    else:
        h_seq, (last_h, last_c) = lstm(x, weights, h, c)
        outputs = (h_seq, last_h, last_c)
    found = torch.autograd.grad(outputs, sources, along, materialize_grads=True)
    by_role = dict(zip(roles, found[3:], strict=True))
    of_parameters = layout.gradients(lambda gate, source: by_role[gate, source])
    return [*(g.cpu().numpy() for g in found[:3]), *of_parameters.values()]


TESTS = {
    "lstm.values": CodeTest(values, FILE),
    "lstm.states": CodeTest(states, FILE),
    "lstm.gradient": CodeTest(gradient, FILE),
}
