"""Exercise 2's networks (classifiers/fc_net.py) at random inputs: steps, answers, the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from torch import Tensor

from grader.code.bench import Bench, FoundError
from grader.code.checks.numpy_calls import call, numbers, on, send
from grader.code.compare import FEW, Numbers, describe, inputs
from grader.code.frames import Kept
from reference_impl import fully_connected
from reference_impl.fully_connected import LossAndGradients

FILE = "exercise_code/classifiers/fc_net.py"
TWO_LAYERS = "exercise_code.classifiers.fc_net:TwoLayerNet"
ANY_LAYERS = "exercise_code.classifiers.fc_net:FullyConnectedNet"


@dataclass(frozen=True)
class Size:
    """N examples of some shape, units of the hidden layers, C classes."""

    examples: int
    example: tuple[int, ...]
    hidden: tuple[int, ...]
    classes: int

    @property
    def layers(self) -> tuple[int, ...]:
        """D, the hidden layers' units, C."""
        return (int(np.prod(self.example)), *self.hidden, self.classes)


@dataclass(frozen=True)
class Draw:
    """A class, parameters by name, X (N, d1, ...), y (N,), reg, and options of the constructor."""

    target: str
    size: Size
    parameters: Mapping[str, Numbers]
    X: Numbers
    y: Numbers
    reg: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rng: np.random.Generator,
        target: str,
        size: Size,
        *,
        regularised: bool = True,
        batch_norm: bool = False,
    ) -> Draw:
        """Fresh numbers of a size.

        Biases are such that in a batch every unit and every score is above 0 for some examples and
        below for others: a relu that is missing, or one too many, always shows.
        """
        x = numbers(rng, size.examples, *size.example)
        a = x.reshape(size.examples, -1)
        parameters: dict[str, Numbers] = {}
        for layer, (rows, columns) in enumerate(pairwise(size.layers), start=1):
            w, b = numbers(rng, rows, columns), numbers(rng, columns)
            if size.examples > 1:
                b = np.round(0.1 * b - (a @ w).mean(0), 2)
            parameters |= {f"W{layer}": w, f"b{layer}": b}
            a = a @ w + b
            if batch_norm and layer <= len(size.hidden):
                gamma, beta = numbers(rng, columns, centre=1.0, spread=0.5), numbers(rng, columns)
                parameters |= {f"gamma{layer}": gamma, f"beta{layer}": beta}
                a = gamma * (a - a.mean(0)) / (a.std(0) + 1e-5) + beta
            a = np.maximum(a, 0)
        return cls(
            target,
            size,
            parameters,
            x,
            rng.integers(0, size.classes, size.examples),
            round(float(rng.uniform(0.2, 0.6)), 2) if regularised else 0.0,
            {"use_batchnorm": True} if batch_norm else {},
        )

    @property
    def at(self) -> str:
        """In words, for messages."""
        few = all(np.size(value) <= FEW for value in (*self.parameters.values(), self.X))
        shown = inputs(X=self.X, y=self.y, **(self.parameters if few else {}))
        layers = "" if few else f"layers of {' - '.join(map(str, self.size.layers))} units"
        words = [shown, *filter(None, [layers]), f"reg = {self.reg:g}"]
        words += [f"{key} = {value!r}" for key, value in self.options.items()]
        return f"at {', '.join(words)}"

    def net(self, dtype: str = "float64", keep: str = "net") -> list[dict[str, Any]]:
        """Steps that make a net with these parameters, and keep it."""
        return [
            *construct(self.target, self.size, dtype, keep, reg=self.reg, **self.options),
            *parameters_of(keep),
            *(
                call("operator:setitem", Kept("params"), name, value.astype(dtype), keep="nothing")
                for name, value in self.parameters.items()
            ),
        ]

    def loss(self, label: str, net: str = "net") -> list[dict[str, Any]]:
        """Steps that call loss(X, y) and send what it returns under a label."""
        return [
            call(f"{self.target}.loss", Kept(net), self.X, self.y, keep=label),
            send(label, label),
        ]

    def scores(self, label: str, net: str = "net") -> list[dict[str, Any]]:
        """Steps that call loss(X) and send what it returns under a label."""
        return [call(f"{self.target}.loss", Kept(net), self.X, keep=label), send(label, label)]

    def tensors(self, device: str) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Parameters, X, y for a reference."""
        values = on(device, *self.parameters.values())
        x, y = on(device, self.X, self.y)
        return dict(zip(self.parameters, values, strict=True)), x, y

    def expected(
        self, device: str, keep_masks: Sequence[Tensor] = (), p: float = 0.0
    ) -> LossAndGradients:
        """The reference's loss and gradients, in training mode."""
        parameters, x, y = self.tensors(device)
        return fully_connected.loss_and_gradients(
            parameters, x, y, reg=self.reg, loss=self.options.get("loss_function", "softmax"),
            running=fully_connected.fresh_statistics(parameters), keep_masks=keep_masks, p=p,
        )  # fmt: skip


def construct(
    target: str, size: Size, dtype: str | None, keep: str, **options: Any
) -> list[dict[str, Any]]:
    """Steps that make a net; `dtype` None leaves the default, as for TwoLayerNet, which has none."""
    inputs_, *hidden, classes = size.layers
    shape = {"input_dim": inputs_, "num_classes": classes}
    if target == TWO_LAYERS:
        return [call(target, keep=keep, hidden_dim=hidden[0], **shape, **options)]
    if dtype is None:
        return [call(target, hidden, keep=keep, **shape, **options)]
    # The class itself, as a student's own call would pass it, not its name.
    return [
        call("importlib:import_module", "numpy", keep="numpy"),
        call("builtins:getattr", Kept("numpy"), dtype, keep="dtype"),
        call(target, hidden, keep=keep, dtype=Kept("dtype"), **shape, **options),
    ]


def parameters_of(net: str) -> list[dict[str, Any]]:
    """Steps that keep a net's dictionary of parameters as "params"."""
    return [call("builtins:getattr", Kept(net), "params", keep="params")]


def loss_and_gradients(result: Any) -> tuple[Any, dict[str, Any]]:
    """The two things that loss(X, y) returns; FoundError when it is something else."""
    if not isinstance(result, (tuple, list)) or len(result) != 2 or not isinstance(result[1], dict):
        raise FoundError(
            f"loss(X, y) should return the loss and a dict of gradients; it returned "
            f"{describe(result)}."
        )
    return result[0], result[1]


def answer(bench: Bench, draw: Draw) -> tuple[Any, dict[str, Any]]:
    """Loss and gradients of a new net at the draw."""
    results = bench.results([*draw.net(), *draw.loss("result")], f"loss(X, y) {draw.at}")
    return loss_and_gradients(results["result"])


def backwards(names: Mapping[str, Any] | Sequence[str]) -> list[str]:
    """Names of parameters, the last layer's first: a fault shows where the backward pass meets it."""
    kinds = ("W", "b", "gamma", "beta")
    order = {kind: place for place, kind in enumerate(kinds)}
    return sorted(names, key=lambda n: (-int(n.lstrip("Wbgamet")), order[n.rstrip("0123456789")]))


def same(value: Tensor) -> Tensor:
    """The value, for a mistake that has worked it out already."""
    return value
