"""TwoLayerNet of exercise 1: train() lowers the loss and keeps histories; predict() is the argmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.neural_net import CLASS, FILE, NAMES, Draw, parameters_of
from grader.code.checks.numpy_calls import call, numbers, on, send
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept
from reference_impl import fully_connected

# Three clouds of points, far apart: easy to learn within few steps.
CLASSES, FEATURES, HIDDEN, EXAMPLES = 3, 4, 8, 60
RATE, ITERATIONS, BATCH = 0.05, 60, 20
HISTORY_FALLEN = 0.8  # the mean of its last quarter, of that of its first
FALLEN = 0.6  # of the loss before; plain gradient descent comes to about a fifth


@dataclass(frozen=True)
class Task:
    """A net's parameters and three clouds of points, for training and validation."""

    start: Draw
    X_val: Numbers
    y_val: Numbers

    @classmethod
    def of(cls, rng: np.random.Generator) -> Task:
        """Fresh clouds, and start values that know nothing of them."""
        axes, _ = np.linalg.qr(rng.standard_normal((FEATURES, FEATURES)))
        y = np.arange(EXAMPLES) % CLASSES
        clouds = [3.0 * axes[y] + 0.3 * rng.standard_normal((EXAMPLES, FEATURES)) for _ in range(2)]
        parameters = {
            "W1": 0.3 * numbers(rng, FEATURES, HIDDEN),
            "b1": np.zeros(HIDDEN),
            "W2": 0.3 * numbers(rng, HIDDEN, CLASSES),
            "b2": np.zeros(CLASSES),
        }
        return cls(Draw(parameters, clouds[0], y), clouds[1], y.copy())

    def steps(self, *, rate: float = RATE, iterations: int = ITERATIONS) -> list[dict[str, Any]]:
        """Steps that train a net and keep what train() returned as "stats"."""
        return [
            *self.start.net(),
            call(
                f"{CLASS}.train", Kept("net"), self.start.X, self.start.y, self.X_val, self.y_val,
                keep="stats", learning_rate=rate, learning_rate_decay=1.0, reg=0.0,
                num_iters=iterations, batch_size=BATCH, verbose=False,
            ),
            *parameters_of("net"),
            send("params", "params"),
        ]  # fmt: skip


WORDS = (
    f"after train(X, y, X_val, y_val, learning_rate={RATE}, num_iters={ITERATIONS}, "
    f"batch_size={BATCH}) on {EXAMPLES} points of {CLASSES} well separated classes"
)


def _trained(params: Any) -> dict[str, Numbers]:
    """The four parameters after training."""
    if not isinstance(params, dict):
        raise FoundError(f"params should be a dict; it is {describe(params)} {WORDS}.")
    found = {}
    for name in NAMES:
        value = params.get(name)
        if not isinstance(value, Array) or value.values.dtype.kind != "f":
            raise FoundError(f"params[{name!r}] is {describe(value)} {WORDS}.")
        found[name] = value.values.astype(np.float64)
    return found


def _loss(task: Task, parameters: dict[str, Numbers], device: str) -> float:
    """The reference's loss of the training set under the parameters."""
    draw = Draw(parameters, task.start.X, task.start.y)
    tensors, x, y = draw.tensors(device)
    return float(fully_connected.loss_and_gradients(tensors, x, y).loss)


def train(bench: Bench) -> Finding:
    """The loss falls, by the reference's own measure."""
    task = Task.of(bench.rng)
    before = dict(task.start.parameters)
    after = _trained(bench.results(task.steps(), "train")["params"])
    still = [n for n in NAMES if np.array_equal(before[n], after[n])]
    if len(still) == len(NAMES):
        raise FoundError(
            f"The parameters are as they were {WORDS}: each step takes learning_rate times the "
            "gradient from self.params.",
            mistake="parameters-not-updated",
        )
    if still:
        raise FoundError(
            f"{', '.join(still)} did not change {WORDS}; all four parameters are trained.",
            mistake="some-parameters-not-updated",
        )
    if any(before[n].shape != after[n].shape for n in NAMES):
        raise FoundError(f"The shapes of the parameters changed {WORDS}.")
    start, end = _loss(task, before, bench.device), _loss(task, after, bench.device)
    if not np.isfinite(end) or end > start:
        raise FoundError(
            f"The loss rose from {start:.3g} to {end:.3g} {WORDS}: a step goes against the "
            "gradient, W -= learning_rate * dW.",
            mistake="loss-rises",
        )
    if end > FALLEN * start:
        raise FoundError(
            f"The loss fell only from {start:.3g} to {end:.3g} {WORDS}; plain gradient descent "
            "gets much further.",
            mistake="loss-falls-too-little",
        )
    return Finding("right", f"The loss fell from {start:.3g} to {end:.3g} {WORDS}.")


def histories(bench: Bench) -> Finding:
    """The dict that train() returns: losses that fall, accuracies of both sets."""
    task = Task.of(bench.rng)
    keys = ("loss_history", "train_acc_history", "val_acc_history")
    probe = bench.results([*task.steps(), send("stats", "stats")], "train")["stats"]
    if not isinstance(probe, dict) or not set(keys) <= set(probe):
        raise FoundError(
            f"train() should return a dict with {', '.join(keys)}; it returned {describe(probe)}"
            + (f" with {', '.join(sorted(probe))}." if isinstance(probe, dict) else ".")
        )
    found = {}
    for key in keys:
        steps = [*task.steps(), call("numpy:asarray", Kept("stats")[key], keep="array")]
        value = bench.results([*steps, send("array", "array")], "train")["array"]
        if not isinstance(value, Array) or value.values.ndim != 1 or not value.values.size:
            raise FoundError(
                f"{key} should be a list of numbers; as an array it is {describe(value)}.",
                mistake="history-empty"
                if isinstance(value, Array) and not value.values.size
                else None,
            )
        found[key] = value.values.astype(np.float64)
    losses = found["loss_history"]
    if len(losses) != ITERATIONS:
        raise FoundError(
            f"loss_history should hold one loss for each of the {ITERATIONS} iterations; it holds "
            f"{len(losses)}."
        )
    part = ITERATIONS // 4
    if not losses[-part:].mean() < HISTORY_FALLEN * losses[:part].mean():
        raise FoundError(
            f"loss_history does not fall: its first quarter has the mean {losses[:part].mean():.3g}, "
            f"its last {losses[-part:].mean():.3g}."
        )
    for key in keys[1:]:
        if not ((found[key] >= 0) & (found[key] <= 1)).all():
            raise FoundError(f"{key} should hold shares of right predictions, from 0 to 1.")
    return Finding("right", "loss_history falls, and both accuracies were recorded.")


def predict(bench: Bench) -> Finding:
    """The class with the highest score, for each example."""
    for size in ((200, 5, 7, 4), (1, 3, 4, 3)):
        draw = Draw.of(bench.rng, size)
        steps = [*draw.net(), call(f"{CLASS}.predict", Kept("net"), draw.X, keep="labels")]
        doing = f"predict {draw.at}"
        found = bench.results([*steps, send("labels", "labels")], doing)["labels"]
        parameters, x, _ = draw.tensors(bench.device)
        table = fully_connected.scores(parameters, x)
        expected = table.argmax(1).cpu().numpy()
        if not isinstance(found, Array) or found.values.shape != expected.shape:
            raise FoundError(
                f"predict should return an array of shape {expected.shape}, one class for each "
                f"example; it returned {describe(found)} ({draw.at})."
            )
        wrong = np.flatnonzero(found.values != expected)
        if not len(wrong):
            continue
        for mistake, sentence, labels in _label_mistakes(draw, table, bench.device):
            if np.array_equal(found.values, labels):
                raise FoundError(f"{sentence} ({draw.at})", mistake=mistake)
        first = int(wrong[0])
        raise FoundError(
            f"predict is wrong for {len(wrong)} of {len(expected)} examples; example {first} has "
            f"the scores {np.array2string(table[first].cpu().numpy(), precision=3)}, so class "
            f"{expected[first]}, and it gave {found.values[first]:g} ({draw.at})."
        )
    return Finding("right", "predict gives the class with the highest score.")


def _label_mistakes(draw: Draw, table: torch.Tensor, device: str) -> list[tuple[str, str, Numbers]]:
    x, w1, b1, w2, b2 = on(device, draw.X, *(draw.parameters[n] for n in NAMES))
    return [
        (
            "lowest-score",
            "predict gives the class with the lowest score.",
            table.argmin(1).cpu().numpy(),
        ),
        (
            "relu-missing",
            "predict leaves out the relu between the two layers.",
            ((x @ w1 + b1) @ w2 + b2).argmax(1).cpu().numpy(),
        ),
    ]


TESTS = {
    "two_layer_net.train": CodeTest(train, FILE),
    "two_layer_net.histories": CodeTest(histories, FILE),
    "two_layer_net.predict": CodeTest(predict, FILE),
}
