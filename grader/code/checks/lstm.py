"""LSTM: values under random weights, gradients, given states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.lstm_layout import layout_of, weights_of
from grader.code.checks.numpy_calls import send
from grader.code.checks.recurrent import FILE, Layout, Network, pullback, set_all
from grader.code.checks.rnn import (
    CASES,
    CUT,
    CUT_SENTENCE,
    GRADIENT_CASES,
    SIZES,
    SMALLER,
    Case,
    compare_gradient,
    few_decimals,
    first_instead_of_last,
    item,
    order_mistakes,
    since,
    unlike_itself,
)
from grader.code.compare import Mistake, Numbers, as_numbers, inputs, items, require
from grader.code.frames import Kept
from grader.code.frames import Tensor as Sent
from reference_impl.lstm import GATES, LSTMWeights, lstm


@dataclass(frozen=True)
class Sequence:
    """One random input: x (T, N, I), h and c (1, N, H), and cotangents of h_seq, h and c."""

    x: Numbers
    h: Numbers
    c: Numbers
    along: tuple[Numbers, Numbers, Numbers]

    @classmethod
    def draw(cls, rng: np.random.Generator, case: Case) -> Sequence:
        """Fresh numbers; of few ones, two decimals."""

        def normal(first: int, last: int, spread: float = 1.0) -> Numbers:
            return few_decimals(spread * rng.standard_normal((first, case.batch, last)))

        x = normal(case.steps, case.inputs)
        h, c = normal(1, case.hidden), normal(1, case.hidden, 2.0)
        along_h, along_c = normal(1, case.hidden), normal(1, case.hidden)
        return cls(x, h, c, (normal(case.steps, case.hidden), along_h, along_c))


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
    forget_bias: float = 0.0,
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
        f, i, o = torch.sigmoid(a["f"] + forget_bias), torch.sigmoid(a["i"]), torch.sigmoid(a["o"])
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
    (
        "forget-bias-added",
        (
            "1 is added to the forget gate in every step: f_t = sigmoid(W_f h + V_f x + b_f). A network "
            "that is to forget little at first gets that as the start value of its b_f."
        ),
        {"forget_bias": 1.0},
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


def _compare(bench: Bench, layout: Layout, network: Network, case: Case, *, given: bool) -> None:
    """Fresh weights, a fresh sequence: h_seq, h and c against the reference."""
    values, sequence = layout.draw(bench.rng, case.spread), Sequence.draw(bench.rng, case)
    weights = weights_of(layout, values, network, bench.device)
    shown: dict[str, Any] = {"x": sequence.x}
    shown |= {"h": sequence.h, "c": sequence.c} if given else {}
    arguments = [Sent(value) for value in shown.values()]
    small = case in SMALLER
    if small:
        tables = {"W": weights.W, "V": weights.V, "b": weights.b}
        shown |= {f"{t}_{'c' if g == 'g' else g}": v[g] for t, v in tables.items() for g in GATES}
    at = (
        f"at {inputs(**{name: as_numbers(value) for name, value in shown.items()})}, "
        f"{'' if small else 'random weights, '}{'given h and c' if given else 'no states given'}, "
        f"{network.words}"
    )
    steps = [
        network.build,
        set_all(values),
        {"do": "call", "target": Kept("net"), "args": arguments, "as": "out"},
    ]
    result = items("LSTM", bench.results([*steps, send("out", "out")], f"LSTM {at}")["out"], 2)
    found = (result[0], *items("The second value of LSTM", result[1], 2))
    x, h, c = (
        torch.from_numpy(a).double().to(bench.device) for a in (sequence.x, sequence.h, sequence.c)
    )
    start = (h, c) if given else (None, None)

    def states(x: Tensor) -> Tensor:
        return lstm(x, weights, *start)[0]

    h_seq, (last_h, last_c) = lstm(x, weights, *start)
    first = lstm(x[:1], weights, *start)[1]
    for position, (name, expected) in enumerate((("h_seq", h_seq), ("h", last_h), ("c", last_c))):
        mistakes = [
            Mistake(mistake, sentence, partial(_one_of, position, x, weights, *start, **change))
            for mistake, sentence, change in _MISTAKES
        ]
        if position == 0:
            mistakes += order_mistakes(states, x, h_seq)
        else:
            state = first[position - 1]
            mistakes.append(first_instead_of_last(name, partial(_identity, state)))
        try:
            require(
                name, found[position], expected, at=at, tolerance=bench.tolerance, kind="tensor",
                mistakes=mistakes,
            )  # fmt: skip
        except FoundError as error:
            if position:
                raise
            if not given:
                error = unlike_itself(error, bench, steps, Kept("out")[0], at)
            raise since(error, found[0], h_seq) from None


def _one_of(position: int, *arguments: Any, **change: Any) -> Tensor:
    return _wrong(*arguments, **change)[position]


def _try(bench: Bench, *, given: bool) -> None:
    """All cases; after a failure smaller ones, down to one unit and one step."""
    layouts: dict[Network, Layout] = {}

    def attempt(case: Case) -> None:
        network = Network("LSTM", case.inputs, case.hidden)
        if network not in layouts:
            layouts[network] = layout_of(bench, network)
        _compare(bench, layouts[network], network, case, given=given)

    large_to_small(attempt, CASES, SMALLER)


def values(bench: Bench) -> Finding:
    """Random weights, no initial states."""
    _try(bench, given=False)
    return Finding("right", "h_seq, h and c equal the reference under random weights.")


def states(bench: Bench) -> Finding:
    """Given initial states."""
    _try(bench, given=True)
    return Finding("right", "Given h and c are used, and the last ones come back.")


def gradient(bench: Bench) -> Finding:
    """Gradients of x, h, c and all weights."""
    network = Network("LSTM", *SIZES[0])
    layout = layout_of(bench, network)
    for case in GRADIENT_CASES:
        _compare_gradients(bench, network, layout, case)
    return Finding("right", "The gradients of x, h, c and all weights equal the reference.")


def _compare_gradients(bench: Bench, network: Network, layout: Layout, case: Case) -> None:
    values, sequence = layout.draw(bench.rng, case.spread), Sequence.draw(bench.rng, case)
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
    at = f"at x of shape {sequence.x.shape}, random weights and cotangents, {network.words}"
    for position, name in enumerate(names):
        mistakes = [
            Mistake(mistake, sentence, partial(item, partial(gradients, **change), position))
            for mistake, sentence, change in (*_CUTS, *_MISTAKES)
        ]
        compare_gradient(bench, name, found[position], right[position], mistakes, at)


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
