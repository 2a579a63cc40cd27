"""Solver of exercise 3 (solver.py), on a net of one layer and three clouds of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.numpy_calls import call, send
from grader.code.compare import FLOAT32, Numbers, agree, describe
from grader.code.frames import Array, Kept
from grader.code.frames import Tensor as Sent
from reference_impl.losses import cross_entropy

FILE = "exercise_code/solver.py"
CLASS = "exercise_code.solver:Solver"
HISTORIES = ("train_loss_history", "train_acc_history", "val_acc_history")
CLASSES, FEATURES, EXAMPLES, BATCH, EPOCHS, RATE = 3, 4, 24, 8, 10, 0.1
FALLEN = 0.5  # of the loss before; plain training leaves far less
WORDS = (
    f"after train(model, train_loader, val_loader, num_epochs={EPOCHS}, log_nth=2) with Adam on "
    f"{EXAMPLES} points of {CLASSES} well separated classes in batches of {BATCH}"
)


@dataclass(frozen=True)
class Task:
    """Points (24, 4) and their classes for training and validation, and start values."""

    train: Numbers
    val: Numbers
    classes: Numbers
    weight: Numbers
    bias: Numbers

    @classmethod
    def of(cls, rng: np.random.Generator) -> Task:
        """Fresh clouds at right angles to each other."""
        axes, _ = np.linalg.qr(rng.standard_normal((FEATURES, FEATURES)))
        classes = rng.permutation(np.arange(EXAMPLES) % CLASSES)
        train, val = (
            (3.0 * axes[classes] + 0.2 * rng.standard_normal((EXAMPLES, FEATURES))).astype(
                np.float32
            )
            for _ in range(2)
        )
        weight = rng.normal(0, 0.3, (CLASSES, FEATURES)).astype(np.float32)
        return cls(train, val, classes, weight, np.zeros(CLASSES, dtype=np.float32))

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of weight and bias."""
        return self.weight.shape, self.bias.shape

    def steps(self) -> list[dict[str, Any]]:
        """Steps that train the net "model" with the solver "solver"."""
        steps = [
            call("torch.nn:Linear", FEATURES, CLASSES, keep="model"),
            {"do": "set_parameters", "of": "model",
             "values": {"weight": Sent(self.weight), "bias": Sent(self.bias)}},
        ]  # fmt: skip
        for name, points in (("train", self.train), ("val", self.val)):
            steps += [
                call(
                    "torch.utils.data:TensorDataset",
                    Sent(points),
                    Sent(self.classes),
                    keep=f"{name}_data",
                ),
                call(
                    "torch.utils.data:DataLoader",
                    Kept(f"{name}_data"),
                    keep=f"{name}_loader",
                    batch_size=BATCH,
                    shuffle=False,
                ),
            ]
        return [
            *steps,
            call("importlib:import_module", "torch.optim", keep="optim"),
            call("builtins:getattr", Kept("optim"), "Adam", keep="adam"),
            call("torch.nn:CrossEntropyLoss", keep="loss_func"),
            call(
                CLASS, keep="solver", optim=Kept("adam"), optim_args={"lr": RATE},
                loss_func=Kept("loss_func"),
            ),
            call(
                f"{CLASS}.train", Kept("solver"), Kept("model"), Kept("train_loader"),
                Kept("val_loader"), keep="nothing", num_epochs=EPOCHS, log_nth=2,
            ),
        ]  # fmt: skip

    def loss(self, weight: torch.Tensor, bias: torch.Tensor) -> float:
        """The reference's loss of the training points."""
        scores = torch.from_numpy(self.train).double() @ weight.T + bias
        return float(cross_entropy(scores, torch.from_numpy(self.classes)))

    def trained(self, *, clear: bool) -> tuple[Numbers, Numbers]:
        """Weight and bias after the same batches in order, gradients cleared or piling up."""
        net = torch.nn.Linear(FEATURES, CLASSES)
        with torch.no_grad():
            net.weight.copy_(torch.from_numpy(self.weight))
            net.bias.copy_(torch.from_numpy(self.bias))
        adam = torch.optim.Adam(net.parameters(), lr=RATE)
        x, y = torch.from_numpy(self.train), torch.from_numpy(self.classes)
        for _ in range(EPOCHS):
            for start in range(0, EXAMPLES, BATCH):
                if clear:
                    adam.zero_grad()
                batch = slice(start, start + BATCH)
                torch.nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
                adam.step()
        return net.weight.detach().numpy(), net.bias.detach().numpy()


def training(bench: Bench) -> Finding:
    """The loss falls, by the reference's own measure."""
    task = Task.of(bench.rng)
    steps = [
        *task.steps(),
        call("torch.nn:Module.state_dict", Kept("model"), keep="state"),
        send("state", "state"),
    ]
    state = bench.results(steps, "Solver(...).train(...)")["state"]
    values = [state.get(name) if isinstance(state, dict) else None for name in ("weight", "bias")]
    weight, bias = (v.values.astype(np.float64) if isinstance(v, Array) else None for v in values)
    if weight is None or bias is None or (weight.shape, bias.shape) != task.shapes:
        raise FoundError(f"The model's parameters are gone {WORDS}.")
    if agree(weight, task.weight, FLOAT32) and agree(bias, task.bias, FLOAT32):
        raise FoundError(
            f"The model is as it was {WORDS}: each batch needs loss.backward() and a step of the "
            "optimiser.",
            mistake="parameters-not-updated",
        )
    piled, _ = task.trained(clear=False)
    right, _ = task.trained(clear=True)
    if agree(weight, piled, FLOAT32) and not agree(right, piled, FLOAT32):
        raise FoundError(
            f"The gradients of all batches pile up {WORDS}: clear them before each backward pass "
            "(optimizer.zero_grad()).",
            mistake="gradients-not-cleared",
        )
    before = task.loss(torch.from_numpy(task.weight).double(), torch.from_numpy(task.bias).double())
    after = task.loss(torch.from_numpy(weight), torch.from_numpy(bias))
    if not after < FALLEN * before:
        raise FoundError(
            f"The loss went from {before:.3g} to {after:.3g} {WORDS}; plain training gets much "
            "further.",
            mistake="loss-falls-too-little",
        )
    return Finding("right", f"The loss fell from {before:.3g} to {after:.3g} {WORDS}.")


def histories(bench: Bench) -> Finding:
    """The three histories, one entry for each epoch at least."""
    task = Task.of(bench.rng)
    steps = task.steps()
    for name in HISTORIES:
        steps += [
            call("builtins:getattr", Kept("solver"), name, keep=name),
            send(name, name),
        ]
    sent = bench.results(steps, "Solver(...).train(...)")
    found = {name: _entries(name, sent[name]) for name in HISTORIES}
    for name in HISTORIES[1:]:
        numbers = found[name]
        if numbers.min() < 0 or numbers.max() > 100:
            raise FoundError(f"{name} should hold shares of right answers; it has {numbers[-1]:g}.")
    losses = found[HISTORIES[0]]
    if not losses[-3:].mean() < losses[:3].mean():
        raise FoundError(
            f"train_loss_history does not fall {WORDS}: it begins with {losses[0]:.3g} and ends "
            f"with {losses[-1]:.3g}."
        )
    for name in HISTORIES[1:]:
        last = found[name][-1]
        # Shares, or percent: after this training all answers are right.
        if not (0.9 <= last <= 1 or 90 <= last <= 100):
            raise FoundError(
                f"{name} ends with {last:.3g} {WORDS}, though then nearly all answers are right.",
                mistake="accuracy-wrong",
            )
    return Finding("right", "All three histories are filled, and tell what happened.")


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


TESTS = {
    "solver.training": CodeTest(training, FILE),
    "solver.histories": CodeTest(histories, FILE),
}
