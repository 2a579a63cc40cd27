"""RNN: values under random weights, gradients, given states, the unknown activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import (
    Bench,
    CodeTest,
    Finding,
    FoundError,
    large_to_small,
    raised,
)
from grader.code.checks.numpy_calls import send
from grader.code.checks.recurrent import (
    CHANGED,
    FILE,
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
    pullback,
    require_complete,
    role_of,
    set_all,
    unlike,
)
from grader.code.compare import FEW, Mistake, Numbers, agree, as_numbers, inputs, items, require
from grader.code.frames import Array, Kept
from grader.code.frames import Tensor as Sent
from grader.code.sanitise import one_line
from grader.code.tolerances import FLOAT32
from reference_impl.rnn import RNNWeights, rnn

SIZES = ((2, 3), (4, 2))
NUDGE = 2.0


@dataclass(frozen=True)
class Case:
    """Sizes of a network and a sequence: I, H, T, N, and how far the random weights spread."""

    inputs: int
    hidden: int
    steps: int
    batch: int
    spread: float = 0.7


# In the last the sequence is long, so that what happens to the state once in a while
# shows; its weights are small, or a relu would grow without end.
CASES = (
    Case(2, 3, 5, 3),
    Case(2, 3, 7, 2),
    Case(4, 2, 4, 3),
    Case(4, 2, 40, 2, spread=0.4),
)
GRADIENT_CASES = (Case(*SIZES[0], 6, 3), Case(*SIZES[0], 20, 2, spread=0.4))
SMALLER = (Case(1, 1, 2, 1), Case(1, 1, 1, 1))


def layout_of(bench: Bench, network: Network) -> Layout:
    """Find which parameter number is which weight; FoundError when it is no simple RNN."""
    try:
        return _layout(bench, network)
    except FoundError as error:
        raise mixed_examples(error, bench, network, 1, Kept("o")[1]) from None


def _layout(bench: Bench, network: Network) -> Layout:
    shapes = parameter_shapes(bench, network)
    probes = OneHot.make(network)
    base = Layout(shapes, {}).draw(bench.rng, 0.4)
    all_places = places_of(shapes)
    steps = [network.build, set_all(base), *_one_step(probes, "base")]
    for number, place in enumerate(all_places):
        steps += [set_all(nudged(base, place, NUDGE)), *_one_step(probes, f"n{number}")]
        steps.append(set_all({place.name: base[place.name]}))
    results = bench.results(steps, f"{network.words}, one step with a given h,")
    shape = (1, probes.x.shape[1], network.hidden)
    before = numbers(results["base"], shape, "the last hidden state", network)[0]
    places: dict[Role, tuple[Place, ...]] = {}
    for number, place in enumerate(all_places):
        after = numbers(results[f"n{number}"], shape, "the last hidden state", network)[0]
        try:
            found = role_of(np.abs(after - before) > CHANGED, network)
        except ValueError as error:
            raise unlike(network, place, shapes[place.name], str(error)) from None
        if found:
            role = Role("", *found)
            places[role] = (*places.get(role, ()), place)
    require_complete(network, places, ("",))
    return Layout(shapes, places)


def _one_step(probes: OneHot, label: str) -> list[dict[str, Any]]:
    return [
        {"do": "call", "target": Kept("net"), "args": [Sent(probes.x), Sent(probes.h)], "as": "o"},
        {"do": "send", "value": Kept("o")[1], "label": label},
    ]


def weights_of(
    layout: Layout, values: Mapping[str, Numbers], network: Network, device: str
) -> RNNWeights:
    """The formula's weights for the student's parameter values."""
    hidden, inputs = network.hidden, network.inputs
    return RNNWeights(
        W=layout.weight(values, "", "h", (hidden, hidden)).to(device),
        V=layout.weight(values, "", "x", (hidden, inputs)).to(device),
        b=layout.weight(values, "", "b", (hidden,)).to(device),
    )


@dataclass(frozen=True)
class Sequence:
    """One random input: x (T, N, I), h (1, N, H), and cotangents of h_seq and h."""

    x: Numbers
    h: Numbers
    along_all: Numbers
    along_last: Numbers

    @classmethod
    def draw(cls, rng: np.random.Generator, case: Case) -> Sequence:
        """Fresh numbers; of few ones, two decimals."""
        state = (1, case.batch, case.hidden)
        inputs, states = ((case.steps, case.batch, of) for of in (case.inputs, case.hidden))
        shapes = (inputs, state, states, state)
        return cls(*(few_decimals(rng.standard_normal(shape)) for shape in shapes))


def few_decimals(values: Numbers) -> Numbers:
    """float32 numbers; few ones have two decimals, so that messages show them whole."""
    return (np.round(values, 2) if values.size <= FEW else values).astype(np.float32)


def _loop(
    x: Tensor, weights: RNNWeights, h: Tensor | None, step: Any, *, carry: bool = True
) -> Tensor:
    """All states (T, N, H) of a network that steps otherwise."""
    state = x.new_zeros(x.shape[1], len(weights.b)) if h is None else h[0]
    first, states = state, []
    for x_t in x:
        state = step(x_t, state if carry else first, weights)
        states.append(state)
    return torch.stack(states)


def _affine(x: Tensor, h: Tensor, weights: RNNWeights) -> Tensor:
    return h @ weights.W.T + x @ weights.V.T + weights.b


def _tanh(x: Tensor, h: Tensor, weights: RNNWeights) -> Tensor:
    return torch.tanh(_affine(x, h, weights))


def _sigmoid(x: Tensor, h: Tensor, weights: RNNWeights) -> Tensor:
    return torch.sigmoid(_affine(x, h, weights))


def _detached(x: Tensor, h: Tensor, weights: RNNWeights) -> Tensor:
    return _tanh(x, h.detach(), weights)


def _value_mistakes(
    x: Tensor, weights: RNNWeights, h: Tensor | None, activation: str
) -> list[Mistake]:
    act = {"tanh": torch.tanh, "relu": torch.relu}
    other = "relu" if activation == "tanh" else "tanh"
    wrong: list[tuple[str, str, Any, bool]] = [
        ("activation-missing", "The activation is missing: h_t = W h + V x + b as it stands.",
         _affine, True),
        ("activation-ignored", f"The activation is {other} although {activation} was asked for.",
         lambda *a: act[other](_affine(*a)), True),
        ("sigmoid-activation", "The activation is sigmoid; it should be tanh or relu.",
         _sigmoid, True),
        ("hidden-state-not-carried",
         "Each step starts from the first hidden state instead of the one before.",
         lambda *a: act[activation](_affine(*a)), False),
        ("activation-on-the-input-only",
         "The activation is applied to a part of the sum only.",
         lambda x, h, w: h @ w.W.T + act[activation](x @ w.V.T + w.b), True),
    ]  # fmt: skip
    return [
        Mistake(name, sentence, partial(_loop, x, weights, h, step, carry=carry))
        for name, sentence, step, carry in wrong
    ]


def order_mistakes(
    right: Callable[[Tensor], Tensor], x: Tensor, states: Tensor
) -> Iterator[Mistake]:
    """Sequences gone through in another order. `right` gives all states of a sequence."""
    yield Mistake(
        "time-reversed",
        "The sequence is gone through from its last step to its first.",
        lambda: right(x.flip(0)),
    )
    yield Mistake(
        "time-reversed",
        "The sequence is gone through from its last step to its first.",
        lambda: right(x.flip(0)).flip(0),
    )
    yield Mistake(
        "h-seq-with-an-extra-axis",
        "h_seq has one axis too many: states of shape (1, N, H) were stacked; stack (N, H), "
        "or concatenate along the first axis.",
        lambda: states.unsqueeze(1),
    )


def first_instead_of_last(name: str, states: Callable[[], Tensor]) -> Mistake:
    """The state after the first step, where the last is asked for."""
    return Mistake(
        "first-state-returned",
        f"{name} is the state after the first step; after the last one it is asked for.",
        states,
    )


def since(error: FoundError, found: Any, right: Tensor) -> FoundError:
    """The finding, with the first step that is wrong where those before it are right."""
    expected = as_numbers(right)
    if (
        error.finding.mistake
        or not isinstance(found, Array)
        or found.values.shape != expected.shape
    ):
        return error
    wrong = [not agree(f, e, FLOAT32) for f, e in zip(found.values, expected, strict=True)]
    if True not in wrong or wrong[0]:
        return error
    return FoundError(
        f"{error.finding.message} The states are right up to step {wrong.index(True)}; the first "
        f"wrong one is h_seq[{wrong.index(True)}].",
        detail=error.detail,
    )


def unlike_itself(
    error: FoundError, bench: Bench, steps: list[dict[str, Any]], out: Kept, at: str
) -> FoundError:
    """The finding; another one where the network, without given states, never starts alike.

    `steps` call the network and keep what it returns; `out` is its h_seq.
    """
    if error.finding.mistake is not None:
        return error
    again = [*steps, send(out, "once"), steps[-1], send(out, "twice")]
    sent = bench.results(again, f"two calls {at}")
    once, twice = (sent[label] for label in ("once", "twice"))
    alike = (
        isinstance(once, Array)
        and isinstance(twice, Array)
        and agree(once.values, as_numbers(twice.values), FLOAT32)
    )
    if alike:
        return error
    return FoundError(
        f"Two calls with the same x give different states: where none is given, the first state is "
        f"zeros, not random ({at}).",
        mistake="random-initial-state",
        detail=error.detail,
    )


def _compare(
    bench: Bench, layout: Layout, network: Network, case: Case, *, activation: str, given: bool
) -> None:
    """Fresh weights, a fresh sequence: h_seq and h against the reference."""
    values, sequence = layout.draw(bench.rng, case.spread), Sequence.draw(bench.rng, case)
    args = [Sent(sequence.x), *([Sent(sequence.h)] if given else [])]
    weights = weights_of(layout, values, network, bench.device)
    state = "a given h" if given else "no h given"
    shown = {"x": sequence.x, **({"h": sequence.h} if given else {})}
    few = {**shown, "W": weights.W, "V": weights.V, "b": weights.b} if case in SMALLER else shown
    at = (
        f"at {inputs(**{name: as_numbers(value) for name, value in few.items()})}, "
        f"{'' if case in SMALLER else 'random weights, '}{state}, {network.words}"
    )
    steps = [
        network.build,
        set_all(values),
        {"do": "call", "target": Kept("net"), "args": args, "as": "out"},
    ]
    sent = bench.results([*steps, send("out", "out")], f"RNN {at}")["out"]
    found = items("RNN", sent, 2)
    x, h = (torch.from_numpy(a).double().to(bench.device) for a in (sequence.x, sequence.h))
    start = h if given else None

    def states(x: Tensor) -> Tensor:
        return rnn(x, weights, start, activation)[0]

    h_seq, last = rnn(x, weights, start, activation)
    wrong = [*_value_mistakes(x, weights, start, activation), *order_mistakes(states, x, h_seq)]
    try:
        require(
            "h_seq",
            found[0],
            h_seq,
            at=at,
            tolerance=bench.tolerance,
            kind="tensor",
            mistakes=wrong,
        )
    except FoundError as error:
        if not given:
            error = unlike_itself(error, bench, steps, Kept("out")[0], at)
        raise since(error, found[0], h_seq) from None
    first = first_instead_of_last("h", lambda: h_seq[:1])
    require("h", found[1], last, at=at, tolerance=bench.tolerance, kind="tensor", mistakes=[first])


def _try(bench: Bench, activations: tuple[str, ...], *, given: bool) -> None:
    """All cases; after a failure smaller ones, down to one unit and one step."""
    layouts: dict[tuple[int, int], Layout] = {}

    def attempt(case: Case) -> None:
        size = (case.inputs, case.hidden)
        if size not in layouts:
            layouts[size] = layout_of(bench, Network("RNN", *size))
        for activation in activations:
            network = Network("RNN", *size, (("activation", activation),))
            _compare(bench, layouts[size], network, case, activation=activation, given=given)

    large_to_small(attempt, CASES, SMALLER)


def values(bench: Bench) -> Finding:
    """tanh and relu, no initial state."""
    _try(bench, ("tanh", "relu"), given=False)
    return Finding("right", "h_seq and h equal the reference under random weights, tanh and relu.")


def states(bench: Bench) -> Finding:
    """A given initial state."""
    _try(bench, ("tanh",), given=True)
    return Finding("right", "A given h is used, and the last one comes back.")


def gradient(bench: Bench) -> Finding:
    """Gradients of x, h and all weights."""
    network = Network("RNN", *SIZES[0])
    layout = layout_of(bench, network)
    for case in GRADIENT_CASES:
        _compare_gradients(bench, network, layout, case)
    return Finding("right", "The gradients of x, h and all weights equal the reference.")


def _compare_gradients(bench: Bench, network: Network, layout: Layout, case: Case) -> None:
    values, sequence = layout.draw(bench.rng, case.spread), Sequence.draw(bench.rng, case)
    steps = [
        network.build,
        set_all(values),
        {"do": "keep", "value": Sent(sequence.x, grad=True), "as": "x"},
        {"do": "keep", "value": Sent(sequence.h, grad=True), "as": "h"},
        {"do": "call", "target": Kept("net"), "args": [Kept("x"), Kept("h")], "as": "out"},
        {"do": "gradient", "of": [Kept("out")[0], Kept("out")[1]],
         "along": [Sent(sequence.along_all), Sent(sequence.along_last)],
         "wrt": [Kept("x"), Kept("h")], "module": "net", "as": "gradients"},
        {"do": "send", "value": Kept("gradients"), "label": "gradients"},
    ]  # fmt: skip
    results = bench.results(steps, f"The gradient of {network.words}")
    names = ["x", "h", *layout.shapes]
    found = items("The gradient", results["gradients"], len(names))
    gradients = partial(_reference_gradient, bench, network, layout, values, sequence)
    right = gradients()
    at = f"at x of shape {sequence.x.shape}, random weights and cotangents, {network.words}"
    for position, name in enumerate(names):
        mistakes = [
            Mistake(CUT, CUT_SENTENCE, partial(item, partial(gradients, step=_detached), position)),
            Mistake(
                "activation-missing",
                "These are the gradients of h_t = W h + V x + b, without an activation.",
                partial(item, partial(gradients, step=_affine), position),
            ),
            Mistake(
                "sigmoid-activation",
                "These are the gradients of a network with sigmoid; it should be tanh.",
                partial(item, partial(gradients, step=_sigmoid), position),
            ),
            Mistake(
                "hidden-state-not-carried",
                "These are the gradients of a network whose steps all start from the first hidden "
                "state.",
                partial(item, partial(gradients, step=_tanh, carry=False), position),
            ),
        ]
        compare_gradient(bench, name, found[position], right[position], mistakes, at)


CUT = "gradient-cut-between-steps"
CUT_SENTENCE = (
    "The gradient does not pass from step to step: the states are detached (or rebuilt from "
    "numbers) between the steps, so that the past cannot learn."
)


def item(gradients: Callable[[], list[Numbers]], position: int) -> Numbers:
    """One of the gradients, computed when a mistake is looked for."""
    return gradients()[position]


def compare_gradient(
    bench: Bench, name: str, value: Any, right: Numbers, mistakes: list[Mistake], at: str
) -> None:
    """One gradient against the reference; none at all counts as zeros."""
    if value is None:
        if not right.any():
            return
        raise FoundError(f"No gradient reaches {one_line(name, 60)} ({at}).")
    shown = f"the gradient of {one_line(name, 60)}"
    require(shown, value, right, at=at, tolerance=bench.tolerance, kind="tensor", mistakes=mistakes)


def _reference_gradient(
    bench: Bench,
    network: Network,
    layout: Layout,
    values: Mapping[str, Numbers],
    sequence: Sequence,
    *,
    step: Any = None,
    carry: bool = True,
) -> list[Numbers]:
    """In the order of the worker's answer; with `step`, of a network that steps by it."""
    weights = weights_of(layout, values, network, bench.device)
    for tensor in (weights.W, weights.V, weights.b):
        tensor.requires_grad_()
    x, h, along_all, along_last = (
        torch.from_numpy(a).double().to(bench.device)
        for a in (sequence.x, sequence.h, sequence.along_all, sequence.along_last)
    )
    x.requires_grad_()
    h.requires_grad_()
    if step:
        h_seq = _loop(x, weights, h, step, carry=carry)
        last = h_seq[-1:]
    else:
        h_seq, last = rnn(x, weights, h)
    sources = [x, h, weights.W, weights.V, weights.b]
    of_x, of_h, *rest = pullback([h_seq, last], sources, [along_all, along_last])
    by_source = dict(zip(("h", "x", "b"), rest, strict=True))
    of_parameters = layout.gradients(lambda _, source: by_source[source])
    return [of_x.cpu().numpy(), of_h.cpu().numpy(), *of_parameters.values()]


def activation_error(bench: Bench) -> Finding:
    """ValueError for an activation that is neither tanh nor relu, and for no other."""
    x = np.zeros((2, 1, 2), np.float32)
    for activation in ("tanh", "relu", "softsign"):
        network = Network("RNN", 2, 3, (("activation", activation),))
        call = {"do": "call", "target": Kept("net"), "args": [Sent(x)], "as": "out"}
        reply = bench.ask([network.build, call])
        if reply.missing is not None:
            raise FoundError(
                f"The submission has no {one_line(reply.missing)}.", verdict="not_answered"
            )
        known = activation != "softsign"
        error = raised(reply.raised, network.words) if reply.raised else None
        if error and (known or error.finding.verdict == "needs_person"):
            raise error
        if not known and not reply.raised:
            raise FoundError(
                f"{network.words} was accepted; it should raise ValueError.",
                mistake="unknown-activation-accepted",
            )
        if not known and reply.raised and reply.raised.type_name != "ValueError":
            raise FoundError(
                f"{network.words} raised {one_line(reply.raised.type_name, 60)}; it should raise "
                "ValueError."
            )
    return Finding("right", "Another activation than tanh or relu raises ValueError.")


TESTS = {
    "rnn.values": CodeTest(values, FILE, own_work=True),
    "rnn.states": CodeTest(states, FILE, own_work=True),
    "rnn.gradient": CodeTest(gradient, FILE, own_work=True),
    "rnn.activation_error": CodeTest(activation_error, FILE, own_work=True),
}
