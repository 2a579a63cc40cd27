"""FullyConnectedNet with batch normalisation: both modes, and what is kept from batch to batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.fully_connected_net import require_gradients, require_loss
from grader.code.checks.fully_connected_net_draw import (
    ANY_LAYERS,
    FILE,
    Draw,
    Size,
    backwards,
    loss_and_gradients,
)
from grader.code.checks.fully_connected_net_layer_calls import PASSES, number_of
from grader.code.checks.fully_connected_net_mistakes import forward
from grader.code.checks.fully_connected_net_own_layers import OwnLayers, until_seen
from grader.code.checks.numpy_calls import call
from grader.code.compare import Mistake, require, require_number
from grader.code.frames import Kept
from reference_impl import fully_connected
from reference_impl.batchnorm import RunningStatistics, batch_statistics, batchnorm_test
from reference_impl.fully_connected import layers_of
from reference_impl.losses import cross_entropy

# Hidden layers of one width: averages that layers share by mistake would raise nothing.
SIZES = (Size(6, (5,), (4, 4), 3), Size(5, (4,), (5, 6, 5), 3))
SMALLER = (Size(3, (2,), (2,), 2), Size(2, (1,), (1,), 2))
Running = tuple[RunningStatistics, ...]


def training(bench: Bench) -> Finding:
    """Loss and gradients in training mode, gamma and beta included."""

    own = OwnLayers(bench)

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, ANY_LAYERS, size, batch_norm=True)
        # Faults of the weights' regularisation have been counted without batch normalisation.
        plain = replace(draw, reg=0.0)
        found, gradients = own.answer(plain)
        require_loss(own, plain, found)
        require_gradients(own, plain, gradients)
        _require_no_decay(draw, own.answer(draw)[1], gradients)

    large_to_small(until_seen(attempt), SIZES, SMALLER)
    return own.right("Loss and all gradients equal the reference in training mode.")


def _require_no_decay(draw: Draw, found: Mapping[str, Any], without: Mapping[str, Any]) -> None:
    """gamma and beta are not regularised: their gradients are the same with reg as without."""
    for name in backwards(draw.parameters):
        if name.startswith(("gamma", "beta")):
            decay = draw.reg * draw.parameters[name]
            expected = number_of(without[name])
            slips = [
                Mistake(
                    "gamma-regularised",
                    "gamma and beta are not regularised; only the weights W are.",
                    partial(np.add, expected, times * decay),
                )
                for times in (1.0, 2.0)
            ]
            require(f"The gradient of {name}", found.get(name), expected, at=draw.at,
                    mistakes=slips)  # fmt: skip


def modes(bench: Bench) -> Finding:
    """Scores by the running averages, which a test must not move; training again afterwards."""

    own = OwnLayers(bench)

    def attempt(size: Size) -> None:
        trained = Draw.of(bench.rng, ANY_LAYERS, size, regularised=False, batch_norm=True)
        # Other inputs: for its own batch, a batch's statistics and the averages are the same.
        new = Draw.of(bench.rng, ANY_LAYERS, size)
        tested = replace(trained, X=new.X, y=new.y)
        pass_ = call(f"{ANY_LAYERS}.loss", Kept("net"), trained.X, trained.y, keep="nothing")
        steps = [
            *trained.net(), *[pass_] * PASSES,
            *tested.scores("scores"), *tested.scores("repeated"), *tested.loss("again"),
        ]  # fmt: skip
        doing = f"loss(X) after {PASSES} calls of loss(X, y) {tested.at}"
        found = own.results(steps, doing, trained)
        parameters, x, y = tested.tensors(bench.device)
        running = _batch_averages(parameters, trained.tensors(bench.device)[1])
        expected = fully_connected.scores(parameters, x, running)
        try:
            require("The scores in test mode", found["scores"], expected, at=tested.at,
                    mistakes=_wrong_scores(parameters, x, running), tolerance=bench.tolerance)  # fmt: skip
        except FoundError as error:
            own.excuse(error, tested, {"scores": found["scores"]}, trained)
        try:
            require(
                "The scores",
                found["repeated"],
                number_of(found["scores"]),
                at=tested.at,
                tolerance=bench.tolerance,
            )
        except FoundError as error:
            raise FoundError(
                "loss(X) gives other scores when it is called again: in test mode the running "
                f"averages stay as they are. ({error.finding.message})",
                mistake="averages-moved-in-test-mode",
            ) from None
        stays = Mistake(
            "test-mode-stays",
            "After loss(X), loss(X, y) still uses the running averages: with y, the mode is 'train'.",
            lambda: cross_entropy(expected, y),
        )
        loss, _ = loss_and_gradients(found["again"])
        right = tested.expected(bench.device).loss
        try:
            require_number(
                "The loss after a test",
                loss,
                right,
                at=tested.at,
                mistakes=[stays],
                tolerance=bench.tolerance,
            )
        except FoundError as error:
            own.excuse(error, tested, {"loss": loss})

    large_to_small(until_seen(attempt), SIZES[:1], ())
    return own.right("Scores come from the running averages, and only training moves them.")


def _batch_averages(parameters: dict[str, Tensor], x: Tensor) -> Running:
    """The statistics of the one batch that the net was trained with, for each hidden layer."""
    found = []
    a = x
    for layer in range(1, layers_of(parameters)):
        z = a @ parameters[f"W{layer}"] + parameters[f"b{layer}"]
        found.append(RunningStatistics(*batch_statistics(z)))
        gamma, beta = parameters[f"gamma{layer}"], parameters[f"beta{layer}"]
        a = torch.relu(batchnorm_test(z, gamma, beta, found[-1]))
    return tuple(found)


def _wrong_scores(parameters: dict[str, Tensor], x: Tensor, running: Running) -> Iterator[Mistake]:
    for name, sentence, value in (
        (
            "batch-statistics-in-test-mode",
            "loss(X) normalises by the batch's own statistics: without y, the mode is 'test'.",
            partial(forward, parameters, x),
        ),
        (
            "batch-norm-missing",
            "There is no batch normalisation in test mode, though use_batchnorm is True.",
            partial(forward, parameters, x, norm="none"),
        ),
        (
            "batch-norm-statistics-shared",
            "All batch normalisations share one bn_param; each hidden layer needs its own.",
            partial(_by_shared_averages, parameters, x, running),
        ),
        (
            "averages-not-kept",
            (
                "The running averages are still 0 after training: each hidden layer's bn_param must "
                "be the same dict from call to call."
            ),
            partial(fully_connected.scores, parameters, x, _zeros(running)),
        ),
    ):
        yield Mistake(name, sentence, value)


def _zeros(running: Running) -> Running:
    return tuple(RunningStatistics.zeros(len(each.mean), each.mean) for each in running)


def _by_shared_averages(parameters: dict[str, Tensor], x: Tensor, running: Running) -> Tensor:
    """Scores where each layer in turn has moved the same averages."""
    shared = _zeros(running)[0]
    for _ in range(PASSES):
        for each in running:
            shared = shared.updated(each.mean, each.var, 0.9)
    return fully_connected.scores(parameters, x, [shared] * len(running))


TESTS = {
    "fully_connected_net.batchnorm": CodeTest(training, FILE),
    "fully_connected_net.batchnorm_modes": CodeTest(modes, FILE),
}
