"""Solver of exercise 3 (solver.py): what it makes of a net of one layer, batch by batch.

Loaders do not shuffle, so what an epoch of plain training does is known. A Solver may do more than
the task asks for (a schedule of the rate, say): where a model is not the reference's, it is asked
whether the settings count, and whether the loss falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.numpy_calls import call, send
from grader.code.compare import Numbers, agree, as_numbers
from grader.code.frames import Array, Kept
from grader.code.frames import Tensor as Sent
from grader.code.tolerances import FLOAT32

FILE = "exercise_code/solver.py"
CLASS = "exercise_code.solver:Solver"
CLASSES, FEATURES, EXAMPLES = 3, 4, 24
BATCH, EPOCHS = 8, 10
# None of them a default, so that each shows.
ADAM: Mapping[str, Any] = {"lr": 0.1, "betas": [0.8, 0.9], "eps": 1e-3, "weight_decay": 0.0}
SMOOTHING = 0.2  # of the labels, in the loss that the Solver is given
SLOW = 1e-6
FALLEN = 0.5  # of what plain training takes off the loss


@dataclass(frozen=True)
class Linear:
    """Weight (C, D) and bias (C,) of a net of one layer."""

    weight: Numbers
    bias: Numbers

    def scores(self, x: Numbers) -> Numbers:
        """(N, C), in float64."""
        return np.asarray(x.astype(np.float64) @ self.weight.T.astype(np.float64) + self.bias)

    def equals(self, other: Linear) -> bool:
        """Whether both are the same within the rounding of float32."""
        return agree(self.weight, as_numbers(other.weight), FLOAT32) and agree(
            self.bias, as_numbers(other.bias), FLOAT32
        )


@dataclass(frozen=True)
class Points:
    """x (N, D) and classes y (N,) of a loader with batches of a size."""

    x: Numbers
    y: Numbers
    batch: int

    def loader(self, name: str) -> list[dict[str, Any]]:
        """Steps that keep a loader that does not shuffle."""
        return [
            call("torch.utils.data:TensorDataset", Sent(self.x), Sent(self.y), keep="data"),
            call("torch.utils.data:DataLoader", Kept("data"), keep=name, batch_size=self.batch,
                 shuffle=False),
        ]  # fmt: skip

    def loss(self, net: Linear) -> float:
        """Of all points, as the Solver's loss function gives it."""
        scores = torch.from_numpy(net.scores(self.x))
        value = torch.nn.functional.cross_entropy(
            scores, torch.from_numpy(self.y), label_smoothing=SMOOTHING
        )
        return float(value)

    def accuracy(self, net: Linear) -> float:
        """The share of points that a net tells rightly."""
        return float((net.scores(self.x).argmax(1) == self.y).mean())


def solved(
    start: Linear, train: Points, val: Points, *, epochs: int, rate: float = ADAM["lr"]
) -> list[dict[str, Any]]:
    """Steps that train a net with the Solver "solver", and keep what became of it as "state"."""
    return [
        call("torch.nn:Linear", FEATURES, CLASSES, keep="model"),
        {"do": "set_parameters", "of": "model",
         "values": {"weight": Sent(start.weight), "bias": Sent(start.bias)}},
        *train.loader("train_loader"),
        *val.loader("val_loader"),
        call("importlib:import_module", "torch.optim", keep="optim"),
        call("builtins:getattr", Kept("optim"), "Adam", keep="adam"),
        call("torch.nn:CrossEntropyLoss", keep="loss_func", label_smoothing=SMOOTHING),
        call(CLASS, keep="solver", optim=Kept("adam"), optim_args={**ADAM, "lr": rate},
             loss_func=Kept("loss_func")),
        call(f"{CLASS}.train", Kept("solver"), Kept("model"), Kept("train_loader"),
             Kept("val_loader"), keep="nothing", num_epochs=epochs, log_nth=1),
        call("torch.nn:Module.state_dict", Kept("model"), keep="state"),
    ]  # fmt: skip


def net_of(state: Any, words: str) -> Linear:
    """The net that came back; FoundError where it is none any more."""
    values = [state.get(name) if isinstance(state, dict) else None for name in ("weight", "bias")]
    weight, bias = (v.values.astype(np.float64) if isinstance(v, Array) else None for v in values)
    shapes = ((CLASSES, FEATURES), (CLASSES,))
    if weight is None or bias is None or (weight.shape, bias.shape) != shapes:
        raise FoundError(f"The model's parameters are gone {words}.")
    if not np.isfinite(weight).all() or not np.isfinite(bias).all():
        raise FoundError(f"The model's parameters are NaN or infinite {words}.")
    return Linear(weight, bias)


def trained(
    start: Linear, train: Points, epochs: int, *,
    options: Mapping[str, Any] = ADAM, clear: bool = True, smoothing: float = SMOOTHING,
    batches: int | None = None,
) -> Linear:  # fmt: skip
    """What plain training makes of a net: so many batches of each epoch, in order."""
    net = torch.nn.Linear(FEATURES, CLASSES)
    with torch.no_grad():
        net.weight.copy_(torch.from_numpy(start.weight))
        net.bias.copy_(torch.from_numpy(start.bias))
    adam = torch.optim.Adam(net.parameters(), **options)
    x, y = torch.from_numpy(train.x), torch.from_numpy(train.y)
    starts = range(0, len(x), train.batch)
    for _ in range(epochs):
        for first in list(starts)[:batches]:
            if clear:
                adam.zero_grad()
            batch = slice(first, first + train.batch)
            torch.nn.functional.cross_entropy(
                net(x[batch]), y[batch], label_smoothing=smoothing
            ).backward()
            adam.step()
    return Linear(net.weight.detach().numpy(), net.bias.detach().numpy())


# ------------------------------------------------------------------------------------- training


def clouds(rng: np.random.Generator, *, batch: int, spread: float) -> tuple[Linear, Points, Points]:
    """Start values, and points of three classes for training and validation."""
    axes, _ = np.linalg.qr(rng.standard_normal((FEATURES, FEATURES)))
    sets = []
    for _ in range(2):
        y = rng.permutation(np.arange(EXAMPLES) % CLASSES)
        x = 3.0 * axes[y] + spread * rng.standard_normal((EXAMPLES, FEATURES))
        sets.append(Points(x.astype(np.float32), y, batch))
    weight = rng.normal(0, 0.3, (CLASSES, FEATURES)).astype(np.float32)
    return Linear(weight, np.zeros(CLASSES, dtype=np.float32)), sets[0], sets[1]


def training(bench: Bench) -> Finding:
    """One epoch as the reference's, or else settings that count and a loss that falls."""
    start, train, val = clouds(bench.rng, batch=BATCH, spread=0.4)
    steps = []
    for label, epochs, rate in (("one", 1, ADAM["lr"]), ("all", EPOCHS, ADAM["lr"]),
                                ("slow", 1, SLOW)):  # fmt: skip
        steps += [*solved(start, train, val, epochs=epochs, rate=rate), send("state", label)]
    sent = bench.results(steps, "Solver(...).train(...)")
    words = (
        f"after train(model, train_loader, val_loader, num_epochs={{}}, log_nth=1) with Adam "
        f"({', '.join(f'{k} {v}' for k, v in ADAM.items())}) on {EXAMPLES} points in batches of "
        f"{BATCH}"
    )
    one, whole = net_of(sent["one"], words.format(1)), net_of(sent["all"], words.format(EPOCHS))
    if whole.equals(start):
        raise FoundError(
            f"The model is as it was {words.format(EPOCHS)}: each batch needs loss.backward() and "
            "a step of the optimiser.",
            mistake="parameters-not-updated",
        )
    plainly = one.equals(trained(start, train, 1))
    if not plainly:
        _require_known(start, train, one, words.format(1))
    before, after = train.loss(start), train.loss(whole)
    plain = train.loss(trained(start, train, EPOCHS))
    if not before - after > FALLEN * (before - plain):
        raise FoundError(
            f"The loss went from {before:.3g} to {after:.3g} {words.format(EPOCHS)}; plain training "
            f"gets to {plain:.3g}.",
            mistake="loss-falls-too-little",
        )
    if not plainly:
        _require_rate(start, net_of(sent["slow"], words.format(1)), words.format(1))
    return Finding(
        "right", f"The loss fell from {before:.3g} to {after:.3g} {words.format(EPOCHS)}."
    )


def _require_known(start: Linear, train: Points, one: Linear, words: str) -> None:
    """A model that is not the reference's, by a known mistake."""
    for mistake, sentence, change in (
        ("gradients-not-cleared",
         ("The gradients of all batches pile up: clear them before each backward pass "
          "(optimizer.zero_grad())."), {"clear": False}),
        ("loss-function-ignored",
         "The loss is another one than loss_func, which the Solver was given.",
         {"smoothing": 0.0}),
        ("first-batch-only", "Only the first batch of the epoch is used.", {"batches": 1}),
        ("optim-args-ignored", "optim_args are not handed on to the optimiser.", {"options": {}}),
        ("optim-args-ignored", "Of optim_args only lr is handed on to the optimiser.",
         {"options": {"lr": ADAM["lr"]}}),
    ):  # fmt: skip
        if one.equals(trained(start, train, 1, **change)):
            raise FoundError(f"{sentence} (Seen {words}.)", mistake=mistake)


def _require_rate(start: Linear, slow: Linear, words: str) -> None:
    """A training of its own kind, that works: the learning rate counts in it."""
    moved = max(
        float(np.abs(slow.weight - start.weight).max()), float(np.abs(slow.bias - start.bias).max())
    )
    if moved > 100 * SLOW:
        raise FoundError(
            f"With lr {SLOW:g} the model still moves by {moved:.3g}: the learning rate of optim_args is "
            # No share of the points: what moves like this may be no training at all.
            f"not the one that is used (otherwise as {words})."
        )


TESTS = {"solver.training": CodeTest(training, FILE)}
