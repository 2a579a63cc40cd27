"""Exercise 2's networks: scores, loss, gradients of TwoLayerNet and FullyConnectedNet.

Both classes pass the same tests: a two-layer net is a fully connected one with one hidden layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks import neural_net_mistakes
from grader.code.checks.fully_connected_net_differences import explained
from grader.code.checks.fully_connected_net_draw import (
    ANY_LAYERS,
    FILE,
    TWO_LAYERS,
    Draw,
    Size,
    backwards,
    loss_and_gradients,
    same,
)
from grader.code.checks.fully_connected_net_mistakes import (
    wrong_forwards,
    wrong_gradients,
    wrong_losses,
)
from grader.code.checks.fully_connected_net_own_layers import OwnLayers, until_seen
from grader.code.checks.neural_net_mistakes import Slip, explaining_all
from grader.code.checks.numpy_calls import numbers
from grader.code.compare import Mistake, require, require_number
from grader.code.tolerances import Tolerance
from reference_impl import fully_connected

SIZES: Mapping[str, tuple[Size, ...]] = {
    TWO_LAYERS: (Size(6, (5,), (4,), 3), Size(5, (3,), (8,), 4)),
    ANY_LAYERS: (Size(6, (5,), (7, 6), 4), Size(5, (4,), (6,), 3), Size(5, (4,), (5, 6, 5), 3)),
}
SMALLER = (Size(2, (2,), (2,), 2), Size(1, (1,), (1,), 2))
# The course's images come as (N, 3, 32, 32): each is one long vector to the first layer.
IMAGES = Size(4, (3, 2, 2), (5,), 3)
L2_NAMES = ("l2", "l2_loss")


def scores(target: str, bench: Bench) -> Finding:
    """What loss(X) returns without y, for vectors and for images."""

    own = OwnLayers(bench)

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, target, size, regularised=False)
        for dtype in ("float64", "float32"):
            steps = [*draw.net(dtype), *draw.scores("scores")]
            found = own.results(steps, f"loss(X) {draw.at}", draw)["scores"]
            parameters, x, _ = draw.tensors(bench.device)
            expected = fully_connected.scores(parameters, x)
            try:
                require("The scores", found, expected, at=draw.at,
                        mistakes=_wrong_scores(parameters, x, expected), tolerance=bench.tolerance)  # fmt: skip
            except FoundError as error:
                own.excuse(error, draw, {"scores": found})

    large_to_small(until_seen(attempt), (*SIZES[target], IMAGES), SMALLER)
    return own.right("The scores equal the reference, for vectors and for images.")


def _wrong_scores(
    parameters: Mapping[str, Tensor], x: Tensor, expected: Tensor
) -> Iterator[Mistake]:
    applied = "The softmax is applied; the scores come before it."
    yield Mistake("softmax-applied", applied, partial(expected.softmax, 1))
    for name, sentence, slip in wrong_forwards(parameters):
        yield Mistake(name, sentence, partial(slip, parameters, x))


def loss(target: str, bench: Bench) -> Finding:
    """The loss with y, without and with regularisation."""

    own = OwnLayers(bench)

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, target, size)
        for each in (replace(draw, reg=0.0), draw):
            found, _ = own.answer(each)
            require_loss(own, each, found)

    large_to_small(until_seen(attempt), SIZES[target], SMALLER)
    return own.right("The loss equals the reference, with and without regularisation.")


def require_loss(own: OwnLayers, draw: Draw, found: Any) -> None:
    """Raise unless the loss is the reference's, with the mistake or where it comes from."""
    bench = own.bench
    wrong = (
        Mistake(name, sentence, partial(same, value))
        for name, sentence, value in wrong_losses(*draw.tensors(bench.device), draw.reg)
    )
    expected = draw.expected(bench.device).loss
    try:
        require_number(
            "The loss", found, expected, at=draw.at, mistakes=wrong, tolerance=own.bench.tolerance
        )
    except FoundError as error:
        own.excuse(error, draw, {"loss": found})


def gradients(target: str, bench: Bench) -> Finding:
    """The gradients of all parameters, with regularisation."""

    own = OwnLayers(bench)

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, target, size)
        require_gradients(own, draw, own.answer(draw)[1])

    large_to_small(until_seen(attempt), SIZES[target], SMALLER)
    return own.right("The gradients of all parameters equal the reference.")


def require_gradients(own: OwnLayers, draw: Draw, found: Mapping[str, Any]) -> None:
    """Raise unless all gradients are the reference's, with the mistake or where they come from."""
    bench = own.bench
    inputs = (*draw.tensors(bench.device), draw.reg)
    expected = draw.expected(bench.device).gradients
    for name in backwards(expected):
        if name not in found:
            raise FoundError(f"The dict of gradients has no {name!r}.", mistake="gradients-missing")
    mine = {name: found[name] for name in expected}
    for name in backwards(expected):
        wrong = (
            Mistake(m, s, partial(same, v[name]))
            for m, s, v in _fitting(inputs, mine, expected, bench.tolerance)
        )
        try:
            require(f"The gradient of {name}", found[name], expected[name], at=draw.at,
                    mistakes=wrong, tolerance=own.bench.tolerance)  # fmt: skip
        except FoundError as error:
            try:
                own.excuse(error, draw, mine)
            except FoundError as unexcused:
                raise explained(unexcused, bench, draw, found) from None
            return


def _fitting(
    inputs: tuple[Mapping[str, Tensor], Tensor, Tensor, float],
    found: Mapping[str, Any],
    expected: Mapping[str, Tensor],
    tolerance: Tolerance,
) -> Iterator[Slip]:
    """Slips of this net that explain every gradient."""
    slips = wrong_gradients(*inputs)
    if set(expected) == {"W1", "b1", "W2", "b2"}:
        slips = chain(slips, neural_net_mistakes.wrong_gradients(*inputs))
    return explaining_all(slips, found, expected, tolerance)


def l2_loss(bench: Bench) -> Finding:
    """loss_function='l2': y (N, C) are targets of the scores. The name is not the course's own."""
    failed: FoundError | None = None
    plain = Draw.of(bench.rng, ANY_LAYERS, SIZES[ANY_LAYERS][0], regularised=False)
    y = numbers(bench.rng, plain.size.examples, plain.size.classes)
    draw = replace(plain, y=y, options={"loss_function": "l2"})
    for word in L2_NAMES:
        own = OwnLayers(bench)
        asked = replace(draw, options={"loss_function": word})
        reply = bench.ask([*asked.net(), *asked.loss("result")])
        if reply.raised is not None or "result" not in reply.sent:
            continue
        try:
            found, slopes = loss_and_gradients(reply.sent["result"])
            _require_all(own, draw, found, slopes)
        except FoundError as error:
            failed = failed or error
        else:
            return own.right(f"With loss_function={word!r} all equals the reference.")
    if failed:
        raise failed
    return Finding(
        "not_answered", f"The net knows no loss_function {' or '.join(map(repr, L2_NAMES))}."
    )


def _require_all(own: OwnLayers, draw: Draw, loss: Any, slopes: Mapping[str, Any]) -> None:
    expected = draw.expected(own.bench.device)
    try:
        require_number("The loss", loss, expected.loss, at=draw.at, tolerance=own.bench.tolerance)
        for name in backwards(expected.gradients):
            require(f"The gradient of {name}", slopes.get(name), expected.gradients[name],
                    at=draw.at, tolerance=own.bench.tolerance)  # fmt: skip
    except FoundError as error:
        mine = {"loss": loss} | {name: slopes.get(name) for name in expected.gradients}
        own.excuse(error, draw, mine)


def _tests() -> dict[str, CodeTest]:
    aspects: dict[str, Callable[[str, Bench], Finding]] = {
        "scores": scores, "loss": loss, "gradients": gradients,
    }  # fmt: skip
    nets = {"fc_two_layer_net": TWO_LAYERS, "fully_connected_net": ANY_LAYERS}
    return {
        f"{name}.{aspect}": CodeTest(partial(test, target), FILE)
        for name, target in nets.items()
        for aspect, test in aspects.items()
    } | {"fully_connected_net.l2_loss": CodeTest(l2_loss, FILE)}


TESTS = _tests()
