"""softmax_loss and l2_loss of layers.py: the loss and its gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.layer_losses_mistakes import (
    l2_gradient_mistakes,
    l2_loss_mistakes,
    softmax_gradient_mistakes,
    softmax_loss_mistakes,
)
from grader.code.checks.layer_pass import named_elsewhere, require_unchanged
from grader.code.checks.numpy_calls import LAYERS, keep, layer, numbers, send
from grader.code.compare import Mistake, Numbers, inputs, items, require, require_number
from grader.code.frames import Array, Kept
from reference_impl.losses import (
    cross_entropy,
    cross_entropy_gradient,
    l2_distance,
    l2_distance_gradient,
)

Size = tuple[int, int]
# N and C; the second draw has more classes than examples.
SIZES: tuple[Size, ...] = ((7, 4), (3, 5))
SMALLER: tuple[Size, ...] = ((2, 2), (1, 3), (1, 2))
# exp overflows beyond 709 and is 0 below -745.
SHIFTS = (2000.0, -2000.0)


@dataclass(frozen=True)
class Draw:
    """Scores or outputs x (N, C); y holds classes (N,) or targets (N, C)."""

    x: Numbers
    y: Numbers

    @property
    def single(self) -> bool:
        """Whether x is float32."""
        return bool(self.x.dtype == np.float32)

    @property
    def at(self) -> str:
        """In words, for messages."""
        return f"at {inputs(x=self.x, y=self.y)}" + (", float32" if self.single else "")

    def on(self, device: str) -> tuple[Tensor, Tensor]:
        """x and y for a reference, numbers in float64."""
        y = self.y if self.y.dtype.kind == "i" else self.y.astype(np.float64)
        both = (torch.from_numpy(a).to(device) for a in (self.x.astype(np.float64), y))
        return next(both), next(both)


@dataclass(frozen=True)
class Loss:
    """One loss function: its name, its inputs, the reference, and what goes wrong in it."""

    name: str
    classes: bool
    value: Callable[[Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor], Tensor]
    loss_mistakes: Callable[[Tensor, Tensor], Iterator[Mistake]]
    gradient_mistakes: Callable[[Tensor, Tensor], Iterator[Mistake]]

    def drawn(self, rng: np.random.Generator, size: Size, *, single: bool = False) -> Draw:
        """Fresh numbers of a size."""
        kind = np.float32 if single else np.float64
        x = numbers(rng, *size).astype(kind)
        if self.classes:
            return Draw(x, rng.integers(0, size[1], size[0]))
        return Draw(x, numbers(rng, *size).astype(kind))


SOFTMAX = Loss(
    "softmax_loss", True, cross_entropy, cross_entropy_gradient,
    softmax_loss_mistakes, softmax_gradient_mistakes,
)  # fmt: skip
L2 = Loss(
    "l2_loss", False, l2_distance, l2_distance_gradient, l2_loss_mistakes, l2_gradient_mistakes
)


@dataclass(frozen=True)
class Answer:
    """Loss and dx, and x and y after the call."""

    loss: Any
    dx: Any
    x: Any
    y: Any


def _answer(bench: Bench, loss: Loss, draw: Draw) -> Answer:
    steps = [
        keep(draw.x, "x"), keep(draw.y, "y"),
        layer(loss.name, Kept("x"), Kept("y")),
        send("result", "result"), send("x", "x"), send("y", "y"),
    ]  # fmt: skip
    results = bench.results(steps, f"{loss.name} {draw.at}")
    value, dx = items(loss.name, results["result"], 2)
    return Answer(value, dx, results["x"], results["y"])


def value(loss: Loss, bench: Bench) -> Finding:
    """The loss alone."""

    def attempt(size: Size, *, single: bool = False) -> None:
        draw = loss.drawn(bench.rng, size, single=single)
        answer = _answer(bench, loss, draw)
        x, y = draw.on(bench.device)
        require_number(
            "The loss", answer.loss, loss.value(x, y), at=draw.at, tolerance=bench.tolerance,
            mistakes=loss.loss_mistakes(x, y),
        )  # fmt: skip
        require_unchanged(loss.name, "x", answer.x, draw.x, at=draw.at)
        require_unchanged(loss.name, "y", answer.y, draw.y, at=draw.at)

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[0], single=True)
    return Finding("right", "The loss equals the reference.")


def gradient(loss: Loss, bench: Bench) -> Finding:
    """dx, and by finite differences whether it belongs to the loss that was handed in."""

    def attempt(size: Size, *, single: bool = False) -> None:
        draw = loss.drawn(bench.rng, size, single=single)
        answer = _answer(bench, loss, draw)
        x, y = draw.on(bench.device)
        try:
            require(
                "dx", answer.dx, loss.gradient(x, y), at=draw.at, tolerance=bench.tolerance,
                mistakes=loss.gradient_mistakes(x, y),
            )  # fmt: skip
        except FoundError as error:
            words = "" if single or error.finding.mistake else _differences(bench, loss, draw)
            if not words or not isinstance(answer.dx, Array):
                raise
            raise FoundError(
                f"{error.finding.message} {words}",
                verdict=error.finding.verdict,
                detail=error.detail,
            ) from None

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[0], single=True)
    return Finding("right", "dx equals the reference.")


STEP = 1e-5


def _differences(bench: Bench, loss: Loss, draw: Draw) -> str:
    """What dx should be at its first place, by differences of the student's own loss."""
    losses = []
    for sign in (1, -1):
        moved = draw.x.copy()
        moved.flat[0] += sign * STEP
        try:
            found = _answer(bench, loss, Draw(moved, draw.y)).loss
        except FoundError:
            return ""
        number = found.values if isinstance(found, Array) else found
        if not isinstance(number, (float, np.ndarray)) or np.size(number) != 1:
            return ""
        losses.append(float(np.asarray(number).ravel()[0]))
    slope = (losses[0] - losses[1]) / (2 * STEP)
    return f"By finite differences of your own loss dx should be {slope:.6g} at {(0, 0)}."


def large_scores(bench: Bench) -> Finding:
    """Scores of thousands: softmax does not change when all scores of an example are shifted."""
    draw = SOFTMAX.drawn(bench.rng, SIZES[0])
    x, y = draw.on(bench.device)
    for shift in SHIFTS:
        moved = Draw(draw.x + shift, draw.y)
        answer = _answer(bench, SOFTMAX, moved)
        at = f"all scores shifted by {shift:g}, {draw.at}"
        number = answer.loss.values if isinstance(answer.loss, Array) else answer.loss
        if isinstance(number, (float, np.ndarray)) and not np.isfinite(number).all():
            raise FoundError(
                f"The loss is {float(np.asarray(number).ravel()[0])} where scores are large "
                f"({at}): exp overflows, or is 0. Subtract each example's largest score from its "
                "scores first; that leaves the softmax as it is.",
                mistake="overflow",
            )
        with named_elsewhere():
            require_number("The loss", answer.loss, cross_entropy(x, y), at=at,
                           mistakes=softmax_loss_mistakes(x, y), tolerance=bench.tolerance)  # fmt: skip
        with named_elsewhere():
            require("dx", answer.dx, cross_entropy_gradient(x, y), at=at,
                    mistakes=softmax_gradient_mistakes(x, y), tolerance=bench.tolerance)  # fmt: skip
    return Finding("right", "Shifting all scores by thousands changes neither loss nor dx.")


TESTS = {
    "softmax_loss.loss": CodeTest(partial(value, SOFTMAX), LAYERS),
    "softmax_loss.gradient": CodeTest(partial(gradient, SOFTMAX), LAYERS),
    "softmax_loss.large_scores": CodeTest(large_scores, LAYERS),
    "l2_loss.loss": CodeTest(partial(value, L2), LAYERS),
    "l2_loss.gradient": CodeTest(partial(gradient, L2), LAYERS),
}
