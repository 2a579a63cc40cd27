"""Solver of exercise 3: its histories tell what the training really did.

The training set is one batch, so an epoch is one step, and models that were trained for 1, 2, ...
epochs show what every entry of the histories must be, whatever the Solver's steps are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.numpy_calls import call, send
from grader.code.checks.training_solver import (
    EXAMPLES,
    FILE,
    Linear,
    Points,
    clouds,
    net_of,
    solved,
    trained,
)
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept

HISTORIES = ("train_loss_history", "train_acc_history", "val_acc_history")
EPOCHS = 8
CLOSE = 2e-3  # accuracies of 24 points are at least 0.04 apart
TRIES = 50
WORDS = (
    f"after train(model, train_loader, val_loader, num_epochs={EPOCHS}, log_nth=1) with Adam on one "
    f"batch of {EXAMPLES} points"
)


def _task(rng: np.random.Generator) -> tuple[Linear, Points, Points]:
    """A task in which both accuracies change over the epochs, and not alike."""
    for _ in range(TRIES):
        start, train, val = clouds(rng, batch=EXAMPLES, spread=1.2)
        path = [trained(start, train, epochs) for epochs in range(1, EPOCHS + 1)]
        on_train, on_val = ([points.accuracy(net) for net in path] for points in (train, val))
        if min(len(set(on_train)), len(set(on_val))) > 2 and on_train != on_val:
            break
    return start, train, val


def histories(bench: Bench) -> Finding:
    """The three histories against what the models of each epoch give."""
    start, train, val = _task(bench.rng)
    steps = []
    for epochs in range(1, EPOCHS + 1):
        steps += [*solved(start, train, val, epochs=epochs), send("state", str(epochs))]
    for name in HISTORIES:
        steps += [call("builtins:getattr", Kept("solver"), name, keep=name), send(name, name)]
    sent = bench.results(steps, "Solver(...).train(...)")
    path = [start, *(net_of(sent[str(epochs)], WORDS) for epochs in range(1, EPOCHS + 1))]
    if path[-1].equals(start):
        raise FoundError(
            f"The model is as it was {WORDS}: histories of no training tell nothing.",
            mistake="parameters-not-updated",
        )
    found = {name: _entries(name, sent[name]) for name in HISTORIES}
    _require_losses(found[HISTORIES[0]], [train.loss(net) for net in path])
    for name, points, other in ((HISTORIES[1], train, val), (HISTORIES[2], val, train)):
        _require_accuracies(
            name, found[name], *([p.accuracy(net) for net in path] for p in (points, other))
        )
    return Finding("right", "All three histories are what the model gives after each epoch.")


def _require_losses(found: Numbers, true: Sequence[float]) -> None:
    """One for each batch: before its step, as it is computed for the gradient, or after it."""
    if any(_close(found, np.asarray(values)) for values in (true[:-1], true[1:])):
        return
    first = int(np.argmax(np.abs(found[:EPOCHS] - np.asarray(true[:-1]))))
    raise FoundError(
        f"train_loss_history is not what happened {WORDS}: in epoch {first + 1} the loss of the "
        f"batch is {true[first]:.4g} before the step and {true[first + 1]:.4g} after it; the history "
        f"says {found[first]:.4g}.",
        mistake="history-untrue",
    )


def _require_accuracies(
    name: str, found: Numbers, true: Sequence[float], of_other: Sequence[float]
) -> None:
    if _tells(found, true):
        return
    shown = ", ".join(f"{value:.3g}" for value in found[: EPOCHS + 1])
    right = ", ".join(f"{value:.3g}" for value in true)
    if _tells(found, of_other):
        raise FoundError(
            f"{name} holds the accuracy of the other set {WORDS}: {shown}.",
            mistake="accuracy-of-the-other-set",
        )
    raise FoundError(
        f"{name} is not what happened {WORDS}: it holds {shown}; the model's accuracies at the start "
        f"and after each epoch are {right}.",
        mistake="accuracy-wrong",
    )


def _tells(found: Numbers, true: Sequence[float]) -> bool:
    """As shares or in percent; before or after each epoch's step; the start may come first.

    Several entries for an epoch: the last of each counts.
    """
    per_epoch = len(found) // EPOCHS
    ends = found[per_epoch - 1 :: per_epoch] if len(found) % EPOCHS == 0 else found
    return any(
        _close(ends / unit, np.asarray(values))
        for unit in (1.0, 100.0)
        for values in (true, true[1:], true[:-1])
    )


def _close(found: Numbers, true: Numbers) -> bool:
    return found.shape == true.shape and bool(np.allclose(found, true, rtol=CLOSE, atol=CLOSE))


def _entries(name: str, value: Any) -> Numbers:
    """The numbers of a history; FoundError when it is no list of numbers, or too short."""
    if isinstance(value, Array) and value.values.ndim == 1:
        entries = list(value.values.astype(np.float64))
    elif isinstance(value, (list, tuple)):
        entries = [_number(name, item) for item in value]
    else:
        raise FoundError(f"{name} should be a list of numbers; it is {describe(value)}.")
    if not entries:
        raise FoundError(f"{name} is empty {WORDS}.", mistake="history-empty")
    if len(entries) < EPOCHS:
        raise FoundError(
            f"{name} holds {len(entries)} numbers {WORDS}; one for each of the {EPOCHS} epochs is "
            "the least.",
            mistake="history-too-short",
        )
    if not np.isfinite(entries).all():
        raise FoundError(f"{name} holds NaN or infinite numbers {WORDS}.")
    return np.asarray(entries, dtype=np.float64)


def _number(name: str, item: Any) -> float:
    if isinstance(item, Array) and item.values.size == 1:
        return float(item.values.reshape(-1)[0])
    if isinstance(item, (int, float)):
        return float(item)
    raise FoundError(f"{name} should hold numbers; one of them is {describe(item)}.")


TESTS = {"solver.histories": CodeTest(histories, FILE)}
