"""TwoLayerNet of exercise 1: the histories of train() tell what the training really did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.neural_net import CLASS, FILE, NAMES, Draw
from grader.code.checks.neural_net_walk import (
    ITERATIONS,
    KEYS,
    PER_EPOCH,
    WORDS,
    Task,
    Walk,
    number_of,
    walked,
)
from grader.code.checks.numpy_calls import call, send
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept

CLOSE = 1e-4


def histories(bench: Bench) -> Finding:
    """Losses of all iterations and accuracies of both sets, as they follow from the parameters."""
    walk = walked(bench)
    if all(np.array_equal(walk.path[0][n], walk.path[-1][n]) for n in NAMES):
        raise FoundError(
            f"No parameter changes {WORDS}: histories of no training tell nothing.",
            mistake="parameters-not-updated",
        )
    if None in walk.losses:
        raise FoundError(
            "loss() gives no single number, so what loss_history should hold cannot be said. The "
            "check of the loss tells that; a person will look at the histories.",
            verdict="needs_person",
            mistake="fault-in-the-loss",
        )
    found = _entries(walk.stats)
    _require_losses(walk, found["loss_history"])
    own = _own_accuracies(bench, walk)
    for key, training in (("train_acc_history", True), ("val_acc_history", False)):
        right = [walk.task.accuracy(p, training=training) for p in walk.path]
        if not any(_tells(found[key], true) for true in (right, own[training]) if true):
            raise _untrue(key, found[key], right, found["train_acc_history"])
    return Finding(
        "right", "loss_history and both accuracies are what the parameters of the training give."
    )


def _entries(stats: Any) -> dict[str, Numbers]:
    if not isinstance(stats, dict) or not set(KEYS) <= set(stats):
        raise FoundError(
            f"train() should return a dict with {', '.join(KEYS)}; it returned {describe(stats)}"
            + (f" with {', '.join(sorted(stats))}." if isinstance(stats, dict) else ".")
        )
    return {key: _numbers(key, stats[key]) for key in KEYS}


def _numbers(key: str, value: Any) -> Numbers:
    if isinstance(value, Array) and value.values.ndim == 1:
        entries: list[float | None] = list(value.values.astype(np.float64))
    elif isinstance(value, (list, tuple)):
        entries = [number_of(item) for item in value]
    else:
        raise FoundError(f"{key} should be a list of numbers; it is {describe(value)}.")
    if not entries:
        raise FoundError(f"{key} is empty {WORDS}.", mistake="history-empty")
    if None in entries:
        raise FoundError(f"{key} should hold numbers; it is {describe(value)}.")
    return np.asarray(entries, dtype=np.float64)


def _require_losses(walk: Walk, found: Numbers) -> None:
    if len(found) != ITERATIONS:
        raise FoundError(
            f"loss_history should hold one loss for each of the {ITERATIONS} iterations; it holds "
            f"{len(found)} {WORDS}.",
            mistake="history-too-short",
        )
    losses = np.asarray(walk.losses, dtype=np.float64)
    # Before each step, as loss() is called for its gradient, or after it.
    if any(_close(found, true) for true in (losses[:-1], losses[1:])):
        return
    first = int(np.argmax(np.abs(found - losses[:-1])))
    raise FoundError(
        f"loss_history is not what happened {WORDS}: in iteration {first + 1} loss() gives "
        f"{losses[first]:.4g} for the batch, and the history says {found[first]:.4g}.",
        mistake="history-untrue",
    )


def _close(found: Numbers, true: Numbers) -> bool:
    return bool(np.allclose(found, true, rtol=CLOSE, atol=CLOSE))


def _tells(found: Numbers, true: Sequence[float]) -> bool:
    """Whether a history holds what was true after some iterations, at least once in an epoch."""
    return any(
        _close(found, np.asarray(true[first::stride])[: len(found)])
        for stride in range(1, PER_EPOCH + 1)
        for first in range(PER_EPOCH + 1)
        # It goes on to the end, up to what would have come next.
        if first + (len(found) - 1) * stride <= ITERATIONS <= first + len(found) * stride
    )


def _untrue(key: str, found: Numbers, right: Sequence[float], of_training: Numbers) -> FoundError:
    shown = ", ".join(f"{value:.3g}" for value in found[:9])
    true = ", ".join(f"{value:.3g}" for value in right)
    if key == "val_acc_history" and np.array_equal(found, of_training):
        return FoundError(
            f"val_acc_history holds the accuracy of the training set {WORDS}; it is the share of "
            "right predictions on X_val and y_val.",
            mistake="accuracy-of-the-other-set",
        )
    if found.min() < 0 or found.max() > 1:
        return FoundError(
            f"{key} should hold shares of right predictions, from 0 to 1; it holds {shown}.",
            mistake="history-untrue",
        )
    return FoundError(
        f"{key} is not what happened {WORDS}: it holds {shown}. The net's accuracies at the start and "
        f"after each iteration are {true}; those after each epoch of {PER_EPOCH} iterations belong "
        "into the history.",
        mistake="history-untrue",
    )


def _own_accuracies(bench: Bench, walk: Walk) -> dict[bool, list[float]]:
    """The same by the student's own predict(), whose faults have a check of their own."""
    task = walk.task
    sets: dict[bool, Callable[[Task], tuple[Numbers, Numbers]]] = {
        True: lambda t: (t.start.X, t.start.y),
        False: lambda t: (t.X_val, t.y_val),
    }
    found: dict[bool, list[float]] = {True: [], False: []}
    for training, of in sets.items():
        x, y = of(task)
        steps = []
        for number, parameters in enumerate(walk.path):
            steps += [*Draw(parameters, x, y).net(),
                      call(f"{CLASS}.predict", Kept("net"), x, keep="labels"),
                      send("labels", str(number))]  # fmt: skip
        sent = bench.ask(steps).sent
        labels = [sent.get(str(number)) for number in range(len(walk.path))]
        if all(isinstance(each, Array) and each.values.shape == y.shape for each in labels):
            found[training] = [
                float((each.values == y).mean()) for each in labels if isinstance(each, Array)
            ]
    return found


TESTS = {"two_layer_net.histories": CodeTest(histories, FILE)}
