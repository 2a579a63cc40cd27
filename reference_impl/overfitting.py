"""The first check of a training loop: can the model learn a few examples by heart?

A handful of examples, the same batch in every update, no regularisation: a model with more weights than
examples brings the loss close to 0. If it does not, something is broken (the gradient does not
reach some weights, the learning rate is off, the labels or the loss do not fit the output), and
the report says what can be seen of it. Test first with few examples, then with the real data.

Source: lecture 6.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from reference_impl.solver import LossFunction, Score, right_labels


@dataclass(frozen=True)
class OverfitReport:
    """What came of it. losses: before each update and after the last. accuracy: in [0, 1], or None.

    without_gradient: parameters that never got a gradient other than 0.
    """

    learnt: bool
    examples: int
    target_loss: float
    losses: tuple[float, ...]
    accuracy: float | None
    without_gradient: tuple[str, ...]

    @property
    def updates(self) -> int:
        """How many updates were made."""
        return len(self.losses) - 1

    def __str__(self) -> str:
        """One paragraph for a person."""
        first, last = self.losses[0], self.losses[-1]
        known = "" if self.accuracy is None else f", accuracy {self.accuracy:.0%}"
        course = f"loss {first:.4g} before, {last:.4g} after {self.updates} updates{known}"
        lines = [
            f"{'Learnt' if self.learnt else 'NOT learnt'} by heart: {self.examples} examples, {course}."
        ]
        if not self.learnt:
            lines.append(self._likely_cause())
        if self.without_gradient:
            lines.append(f"No gradient ever reached: {', '.join(self.without_gradient)}.")
        return " ".join(lines)

    def _likely_cause(self) -> str:
        first, last = self.losses[0], self.losses[-1]
        if not math.isfinite(last):
            return "The loss is no longer finite: is the learning rate too high, or a logarithm of 0 in the loss?"
        if last > first:
            return "The loss rose: is the learning rate too high, or a sign wrong in a gradient?"
        if first - last < 0.05 * abs(first):
            return "The loss hardly moved: is the learning rate too low, or does the gradient not reach the weights?"
        return (
            f"The loss fell, but not to {self.target_loss:g}: more updates, a higher learning rate, "
            "regularisation switched off? Do labels and examples belong together?"
        )


def overfit_small_set(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    optim: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    optim_args: Mapping[str, Any] | None = None,
    loss_func: LossFunction | None = None,
    score: Score | None = right_labels,
    updates: int = 500,
    target_loss: float = 1e-2,
) -> OverfitReport:
    """Trains a copy of the model on x (N, ...) and y until the loss is at the target; the model stays.

    In training mode, as batch norm needs it; switch dropout and weight decay off for this check.
    score None: there is no accuracy (regression).
    """
    model = copy.deepcopy(model).train()
    device = next(model.parameters()).device
    x, y = x.to(device), y.to(device)
    optimiser = optim(model.parameters(), **{"lr": 1e-3, **(optim_args or {})})
    measure = nn.CrossEntropyLoss() if loss_func is None else loss_func
    untouched = {name for name, p in model.named_parameters() if p.requires_grad}

    losses: list[float] = []
    while True:
        outputs = model(x)
        loss = measure(outputs, y)
        losses.append(float(loss.detach()))
        reached = losses[-1] <= target_loss
        if reached or len(losses) > updates or not math.isfinite(losses[-1]):
            break
        optimiser.zero_grad()
        loss.backward()
        untouched -= {
            name for name, p in model.named_parameters() if p.grad is not None and p.grad.any()
        }
        optimiser.step()

    accuracy = None
    if score is not None:
        right, seen = score(outputs.detach(), y)
        accuracy = right / max(seen, 1)
    never = tuple(name for name, _ in model.named_parameters() if name in untouched)
    return OverfitReport(
        reached, x.shape[0], target_loss, tuple(losses), accuracy, never if len(losses) > 1 else ()
    )
