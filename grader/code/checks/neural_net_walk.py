"""What train() of exercise 1's two-layer net does, iteration by iteration.

All training examples are the same, so every batch is, however it is drawn: a training of k
iterations always makes the same steps. Nets trained for 1, 2, ... iterations from the same start
therefore show the parameters after each iteration. What one step should be is told by the student's
own loss(): a fault in there has checks of its own, and need not cost points again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.bench import Bench, FoundError
from grader.code.checks.neural_net import CLASS, NAMES, Draw, parameters_of
from grader.code.checks.numpy_calls import call, keep, numbers, send
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept
from reference_impl import fully_connected

CLASSES, FEATURES, HIDDEN = 3, 4, 8
EXAMPLES, BATCH, EPOCHS = 12, 4, 3
PER_EPOCH = EXAMPLES // BATCH
ITERATIONS = EPOCHS * PER_EPOCH
RATE, DECAY, REG = 0.02, 0.8, 0.05
TURN = 5
KEYS = ("loss_history", "train_acc_history", "val_acc_history")
WORDS = (
    f"in train(X, y, X_val, y_val, learning_rate={RATE:g}, learning_rate_decay={DECAY:g}, "
    f"reg={REG:g}, num_iters={ITERATIONS}, batch_size={BATCH}) on {EXAMPLES} examples"
)
Parameters = Mapping[str, Numbers]


@dataclass(frozen=True)
class Task:
    """Start values, one example over and over, and a validation set unlike it."""

    start: Draw
    X_val: Numbers
    y_val: Numbers

    @classmethod
    def of(cls, rng: np.random.Generator) -> Task:
        """Fresh numbers by which a right training changes what the net answers half-way."""
        example, label = numbers(rng, 1, FEATURES), int(rng.integers(CLASSES))
        parameters = {
            "W1": numbers(rng, FEATURES, HIDDEN),
            "b1": 0.1 * numbers(rng, HIDDEN),
            "W2": 0.5 * numbers(rng, HIDDEN, CLASSES),
            "b2": numbers(rng, CLASSES),
        }
        # Lengths decide how far a step goes.
        example *= 2 / np.linalg.norm(example)
        h = np.maximum(example @ parameters["W1"] + parameters["b1"], 0)
        for name in ("W1", "b1"):
            parameters[name] *= 3 / max(float(np.linalg.norm(h)), 0.3)
        x, y = np.repeat(example, EXAMPLES, axis=0), np.full(EXAMPLES, label)
        # The right class begins far below the others, and training starts TURN steps before it wins.
        h = np.maximum(example @ parameters["W1"] + parameters["b1"], 0)
        scores = (h @ parameters["W2"] + parameters["b2"])[0]
        parameters["b2"][label] -= scores[label] - scores.max() + 5.0
        path = _reference_path(Draw(parameters, x, y, REG))
        near = example + 0.4 * rng.standard_normal((25, FEATURES))
        x_val = np.concatenate([near, numbers(rng, 15, FEATURES)])
        y_val = np.concatenate([np.full(25, label), rng.integers(0, CLASSES, 15)])
        start = path[max(len(path) - 1 - TURN, 0)]
        return cls(Draw(start, x, y, REG), x_val, y_val)

    def accuracy(self, parameters: Parameters, *, training: bool) -> float:
        """The share of right answers of a right net with these parameters."""
        x, y = (self.start.X, self.start.y) if training else (self.X_val, self.y_val)
        tensors, inputs, _ = Draw(parameters, x, y).tensors("cpu")
        labels = fully_connected.scores(tensors, inputs).argmax(1).numpy()
        return float((labels == y).mean())


def _reference_path(draw: Draw) -> list[Parameters]:
    """The parameters after each step of plain gradient descent, until the example's class wins."""
    path: list[Parameters] = [draw.parameters]
    for _ in range(200):
        tensors, x, y = Draw(path[-1], draw.X[:1], draw.y[:1]).tensors("cpu")
        if int(fully_connected.scores(tensors, x).argmax()) == int(draw.y[0]):
            break
        slopes = fully_connected.loss_and_gradients(tensors, x, y, reg=REG).gradients
        path.append({n: path[-1][n] - RATE * slopes[n].numpy() for n in NAMES})
    return path


@dataclass(frozen=True)
class Walk:
    """`path[k]`: the parameters after k iterations; `stats` is what the longest training returned.

    `losses[k]` and `slopes[k]`: what loss() says of them, with regularisation; `plain` without.
    """

    task: Task
    path: tuple[Parameters, ...]
    stats: Any
    losses: tuple[float | None, ...]
    slopes: tuple[Parameters, ...]
    plain: tuple[Parameters, ...]


def walked(bench: Bench) -> Walk:
    """Train nets from the same start for 1, 2, ... iterations, and ask loss() about each."""
    task = Task.of(bench.rng)
    _told(bench, task, [task.start.parameters], REG)  # before a training fails over it
    steps = []
    for iterations in range(1, ITERATIONS + 1):
        steps += [*trained(task.start, (task.X_val, task.y_val), iterations),
                  send("params", str(iterations))]  # fmt: skip
    found = bench.results([*steps, send("stats", "stats")], f"train {task.start.at}")
    path = [task.start.parameters]
    path += [four(found[str(i)], path[0]) for i in range(1, ITERATIONS + 1)]
    losses, slopes = _told(bench, task, path, REG)
    _, plain = _told(bench, task, path, 0.0)
    return Walk(task, tuple(path), found["stats"], losses, slopes, plain)


def trained(
    start: Draw, validation: tuple[Numbers, Numbers], iterations: int, **options: Any
) -> list[dict[str, Any]]:
    """Steps that train a net, keep its "params", and keep what train() returned as "stats"."""
    settings = {"learning_rate": RATE, "learning_rate_decay": DECAY, "reg": REG,
                "num_iters": iterations, "batch_size": BATCH, "verbose": False}  # fmt: skip
    arrays = (start.X, start.y, *validation)
    return [
        *start.net(),
        call(f"{CLASS}.train", Kept("net"), *arrays, keep="stats", **(settings | options)),
        *parameters_of("net"),
    ]


def four(params: Any, like: Parameters) -> Parameters:
    """The four parameters after a training; FoundError unless they are there in their shapes."""
    if not isinstance(params, dict):
        raise FoundError(f"params should be a dict; it is {describe(params)} {WORDS}.")
    found = {}
    for name in NAMES:
        value = params.get(name)
        if not isinstance(value, Array) or value.values.dtype.kind != "f":
            raise FoundError(f"params[{name!r}] is {describe(value)} {WORDS}.")
        if value.values.shape != like[name].shape:
            raise FoundError(f"The shape of {name} changed to {value.values.shape} {WORDS}.")
        found[name] = value.values.astype(np.float64)
    return found


def _told(
    bench: Bench, task: Task, path: list[Parameters], reg: float
) -> tuple[tuple[float | None, ...], tuple[Parameters, ...]]:
    """Loss and gradients of one batch by the student's own loss(), for each set of parameters."""
    steps = []
    for number, parameters in enumerate(path):
        batch = Draw(parameters, task.start.X[:BATCH], task.start.y[:BATCH])
        steps += asked(batch, reg, str(number))
    sent = bench.results(steps, f"loss(X, y, reg) {task.start.at}")
    answers = [sent[str(number)] for number in range(len(path))]
    losses = tuple(number_of(a[0]) if isinstance(a, (tuple, list)) and a else None for a in answers)
    return losses, tuple(own_gradients(a, path[0]) for a in answers)


def asked(draw: Draw, reg: float, label: str) -> list[dict[str, Any]]:
    """Steps that ask the student's own loss() and send its answer."""
    return [
        *draw.net(),
        keep(reg, "reg"),
        call(f"{CLASS}.loss", Kept("net"), draw.X, draw.y, keep="told", reg=Kept("reg")),
        send("told", label),
    ]


def own_gradients(answer: Any, like: Parameters) -> Parameters:
    """The gradients that loss() gave; FoundError for a person where no step can be made of them."""
    found = answer[1] if isinstance(answer, (tuple, list)) and len(answer) == 2 else None
    values = {n: found.get(n) for n in NAMES} if isinstance(found, dict) else {}
    usable = {
        name: value.values.astype(np.float64)
        for name, value in values.items()
        if isinstance(value, Array) and value.values.shape == like[name].shape
    }
    if set(usable) != set(NAMES):
        lacking = ", ".join(n for n in NAMES if n not in usable)
        raise FoundError(
            f"loss() gives no gradient of the right shape for {lacking}, so what train() does "
            "with it cannot be followed. The checks of the gradients tell that; a person will look "
            "at the training.",
            verdict="needs_person",
            mistake="fault-in-the-loss",
        )
    return usable


def number_of(value: Any) -> float | None:
    """A number of Python or NumPy, or an array that holds one; None where it is something else."""
    if isinstance(value, Array) and value.values.size == 1:
        return float(value.values.reshape(-1)[0])
    return float(value) if isinstance(value, (int, float)) else None
