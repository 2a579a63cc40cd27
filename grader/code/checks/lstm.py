"""LSTM: values under random weights, gradients, given states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding
from grader.code.checks.lstm_layout import layout_of, weights_of
from grader.code.checks.recurrent import FILE, Layout, Network, pullback, set_all
from grader.code.checks.rnn import CUT, CUT_SENTENCE, SIZES, compare_gradient, item
from grader.code.compare import FLOAT32, Mistake, Numbers, items, require
from grader.code.frames import Kept
from grader.code.frames import Tensor as Sent
from reference_impl.lstm import GATES, LSTMWeights, lstm

DRAWS = 2


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
    cut_h: bool = False,
    cut_c: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """The LSTM with one thing done otherwise: h_seq (T, N, H), h and c (1, N, H)."""
    zeros = x.new_zeros(x.shape[1], len(weights.b["f"]))
    hidden = first_h = zeros if h is None else h[0]
    cell = first_c = zeros if c is None else c[0]
    states = []
    for x_t in x:
        state = hidden if carry_h else first_h
        before = cell if carry_c else first_c
        state = state.detach() if cut_h else state
        before = before.detach() if cut_c else before
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


_CUTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (CUT, CUT_SENTENCE, {"cut_h": True, "cut_c": True}),
    (
        "path-through-the-hidden-state-forgotten",
        (
            "The gradient passes from step to step through the cell only: the second path, through "
            "h_{t-1} and the gates, is cut."
        ),
        {"cut_h": True},
    ),
    (
        "path-through-the-cell-forgotten",
        (
            "The gradient passes from step to step through h_{t-1} and the gates only: the path "
            "through the cell, c_t = f * c_{t-1} + ..., is cut."
        ),
        {"cut_c": True},
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
            Mistake(mistake, sentence, partial(item, partial(gradients, **change), position))
            for mistake, sentence, change in (*_CUTS, *_MISTAKES)
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
    found = pullback(outputs, sources, along)
    by_role = dict(zip(roles, found[3:], strict=True))
    of_parameters = layout.gradients(lambda gate, source: by_role[gate, source])
    return [*(g.cpu().numpy() for g in found[:3]), *of_parameters.values()]


TESTS = {
    "lstm.values": CodeTest(values, FILE, own_work=True),
    "lstm.states": CodeTest(states, FILE, own_work=True),
    "lstm.gradient": CodeTest(gradient, FILE, own_work=True),
}
