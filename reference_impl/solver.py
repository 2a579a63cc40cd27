"""The training loop, with the histories that curves are drawn from.

For each epoch: one update per batch, in training mode,

    loss = loss_func(model(x), y)      forward
    gradients of this loss alone       the old ones are cleared first
    step of the optimiser

then the accuracy on the validation data, in test mode and without gradients.

    train_loss_history   one number per update: the batch's loss before the update
    train_acc_history    one number per epoch: the share that was right over the epoch's training
                         batches, each judged before its own update
    val_acc_history      one number per epoch, after it
    val_loss_history     the same, of the loss: the mean over batches, weighted by their size

Because the training accuracy is gathered while the weights improve, it can lie below the validation
accuracy in early epochs. Labels below 0 (unlabelled pixels, -1) count neither as right nor as wrong.
Anything with floating labels (keypoints) has no accuracy; a score function is given instead.

`overfit_small_set` is the check to run first: a net that cannot learn a handful of examples by heart
has a fault that no amount of data will mend. See overfitting.py.

Source: lecture 6; the Solver of exercise 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

Batches = Iterable[tuple[Tensor, Tensor]]
LossFunction = Callable[[Tensor, Tensor], Tensor]
# How many were right, of how many, in outputs and labels.
Score = Callable[[Tensor, Tensor], tuple[float, int]]


def right_labels(scores: Tensor, y: Tensor) -> tuple[float, int]:
    """Right ones and all, for scores (N, C) or (N, C, H, W) and labels (N,) or (N, H, W) from -1.

    Raises ValueError for labels that are not whole numbers.
    """
    if y.is_floating_point():
        raise ValueError("labels with fractions have no accuracy; give the Solver a score function")
    labelled = y >= 0
    right = (scores.argmax(dim=1) == y) & labelled
    return float(right.sum()), int(labelled.sum())


class Solver:
    """Trains models with one choice of optimiser and loss; the course's contract.

    optim is a class such as torch.optim.Adam, optim_args its arguments (learning rate 1e-4 unless
    given), loss_func gives a batch's mean loss, score counts what was right (class labels).
    """

    def __init__(
        self,
        optim: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
        optim_args: Mapping[str, Any] | None = None,
        loss_func: LossFunction | None = None,
        score: Score = right_labels,
    ) -> None:
        self.optim = optim
        self.optim_args = {"lr": 1e-4, **(optim_args or {})}
        self.loss_func = nn.CrossEntropyLoss() if loss_func is None else loss_func
        self.score = score
        self._clear()

    def _clear(self) -> None:
        self.train_loss_history: list[float] = []
        self.train_acc_history: list[float] = []
        self.val_acc_history: list[float] = []
        self.val_loss_history: list[float] = []

    def train(
        self,
        model: nn.Module,
        train_loader: Batches,
        val_loader: Batches,
        num_epochs: int = 10,
        log_nth: int = 0,
        log: Callable[[str], None] = print,
    ) -> None:
        """Trains in place, on the device where the model is, and fills the histories anew.

        log gets a line after each log_nth updates and each epoch; log_nth 0 says nothing. Raises
        ValueError for a loader without a batch. The model ends in training mode.
        """
        self._clear()
        optimiser = self.optim(model.parameters(), **self.optim_args)
        device = next(model.parameters()).device
        for epoch in range(1, num_epochs + 1):
            model.train()
            right, seen = 0.0, 0
            for x, y in _on(device, train_loader, "training"):
                scores = model(x)
                loss = self.loss_func(scores, y)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                self.train_loss_history.append(float(loss.detach()))
                right, seen = _added((right, seen), self.score(scores.detach(), y))
                updates = len(self.train_loss_history)
                if log_nth and updates % log_nth == 0:
                    log(f"update {updates}: loss {self.train_loss_history[-1]:.4g}")
            self.train_acc_history.append(right / max(seen, 1))
            accuracy, val_loss = self.evaluate(model, val_loader)
            self.val_acc_history.append(accuracy)
            self.val_loss_history.append(val_loss)
            if log_nth:
                log(
                    f"epoch {epoch} of {num_epochs}: accuracy in training "
                    f"{self.train_acc_history[-1]:.3f}, in validation {accuracy:.3f}"
                )
        model.train()

    def evaluate(self, model: nn.Module, loader: Batches) -> tuple[float, float]:
        """Accuracy and mean loss over a loader, in test mode; the model is left in it."""
        model.eval()
        right, seen, total, examples = 0.0, 0, 0.0, 0
        with torch.no_grad():
            for x, y in _on(next(model.parameters()).device, loader, "validation"):
                scores = model(x)
                right, seen = _added((right, seen), self.score(scores, y))
                total += float(self.loss_func(scores, y)) * x.shape[0]
                examples += x.shape[0]
        return right / max(seen, 1), total / examples


def _added(one: tuple[float, int], other: tuple[float, int]) -> tuple[float, int]:
    return one[0] + other[0], one[1] + other[1]


def _on(device: torch.device, loader: Batches, what: str) -> Iterable[tuple[Tensor, Tensor]]:
    empty = True
    for x, y in loader:
        empty = False
        yield x.to(device), y.to(device)
    if empty:
        raise ValueError(f"there is no batch of {what} data")
