"""TwoLayerNet of exercise 1 (classifiers/neural_net.py): scores, loss, gradients, start values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.neural_net_mistakes import explaining_all, wrong_gradients
from grader.code.checks.numpy_calls import call, keep, numbers, on, send
from grader.code.compare import Mistake, Numbers, describe, inputs, require, require_number
from grader.code.frames import Array, Kept
from reference_impl import fully_connected
from reference_impl.losses import cross_entropy

FILE = "exercise_code/classifiers/neural_net.py"
CLASS = "exercise_code.classifiers.neural_net:TwoLayerNet"
NAMES = ("W1", "b1", "W2", "b2")

# N examples, D inputs, H hidden units, C classes.
Size = tuple[int, int, int, int]
SIZES: tuple[Size, ...] = ((6, 5, 4, 3), (5, 3, 8, 4))
SMALLER: tuple[Size, ...] = ((2, 2, 2, 2), (1, 1, 1, 2))
START = (60, 40, 30)  # D, H, C of a net whose start values are looked at
STD = 0.3


@dataclass(frozen=True)
class Draw:
    """Parameters by name, X (N, D), y (N,), reg."""

    parameters: Mapping[str, Numbers]
    X: Numbers
    y: Numbers
    reg: float = 0.0

    @classmethod
    def of(cls, rng: np.random.Generator, size: Size) -> Draw:
        """Fresh numbers of a size; about half of the hidden units are off."""
        examples, features, hidden, classes = size
        parameters = {
            "W1": numbers(rng, features, hidden),
            "b1": numbers(rng, hidden),
            "W2": numbers(rng, hidden, classes),
            "b2": numbers(rng, classes),
        }
        reg = round(float(rng.uniform(0.2, 0.6)), 2)
        x = numbers(rng, examples, features)
        return cls(parameters, x, rng.integers(0, classes, examples), reg)

    @property
    def at(self) -> str:
        """In words, for messages."""
        return f"at {inputs(X=self.X, y=self.y, **self.parameters)}, reg = {self.reg:g}"

    def net(self) -> list[dict[str, Any]]:
        """Steps that make a net with these parameters, kept as "net"."""
        features, hidden = self.parameters["W1"].shape
        return [
            call(CLASS, features, hidden, self.parameters["W2"].shape[1], keep="net"),
            *parameters_of("net"),
            *(
                call("operator:setitem", Kept("params"), name, value, keep="nothing")
                for name, value in self.parameters.items()
            ),
        ]

    def tensors(self, device: str) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Parameters, X, y for a reference."""
        values = on(device, *self.parameters.values())
        x, y = on(device, self.X, self.y)
        return dict(zip(self.parameters, values, strict=True)), x, y


def parameters_of(net: str) -> list[dict[str, Any]]:
    """Steps that keep a net's dictionary of parameters as "params"."""
    return [call("builtins:getattr", Kept(net), "params", keep="params")]


def initialisation(bench: Bench) -> Finding:
    """Shapes and spread of the start values, with a given std and with the default."""
    features, hidden, classes = START
    shapes = {"W1": (features, hidden), "b1": (hidden,), "W2": (hidden, classes), "b2": (classes,)}
    for options, std in (({"std": STD}, STD), ({}, 1e-4)):
        words = ", ".join(map(str, START)) + (f", std={STD}" if options else "")
        at = f"TwoLayerNet({words})"
        steps = [call(CLASS, *START, keep="net", **options), *parameters_of("net")]
        params = bench.results([*steps, send("params", "params")], at)["params"]
        if not isinstance(params, dict):
            raise FoundError(f"params of {at} should be a dict; it is {describe(params)}.")
        for name, shape in shapes.items():
            value = params.get(name)
            if not isinstance(value, Array) or value.values.shape != shape:
                found = describe(value) if name in params else "missing"
                raise FoundError(
                    f"params[{name!r}] of {at} should be an array of shape {shape}; it is {found}."
                )
            _require_spread(name, value.values.astype(np.float64), std, at)
        first, second = (params[n].values.ravel() for n in ("W1", "W2"))
        if np.allclose(first[: len(second)], second, rtol=1e-4):
            raise FoundError(
                f"W2 of {at} has the same numbers as W1: each layer draws its own.",
                mistake="the-same-numbers-in-every-layer",
            )
    return Finding("right", "The weights have the shapes and the spread asked for, biases are 0.")


def _require_spread(name: str, value: Numbers, std: float, at: str) -> None:
    if name.startswith("b"):
        if value.any():
            raise FoundError(f"{name} of {at} should start at 0.", mistake="biases-not-zero")
        return
    if not value.any():
        raise FoundError(
            f"{name} of {at} is 0 everywhere: then all hidden units compute and learn the same.",
            mistake="weights-all-zero",
        )
    # Of 1200 and more numbers: the estimate of std is off by more than 15 % once in 10^13.
    spread, centre = float(value.std()), float(value.mean())
    if not abs(spread / std - 1) < 0.15:
        raise FoundError(
            f"{name} of {at} should have the standard deviation {std:g}; it has {spread:.3g}.",
            mistake="std-ignored",
        )
    if abs(centre) > std / 4:
        raise FoundError(
            f"{name} of {at} should have the mean 0; it has {centre:.3g}.",
            mistake="weights-not-centred",
        )


def scores(bench: Bench) -> Finding:
    """What loss(X) returns without y."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        steps = [*draw.net(), call(f"{CLASS}.loss", Kept("net"), draw.X, keep="scores")]
        doing = f"loss(X) {draw.at}"
        found = bench.results([*steps, send("scores", "scores")], doing)["scores"]
        parameters, x, _ = draw.tensors(bench.device)
        expected = fully_connected.scores(parameters, x)
        z = x @ parameters["W1"] + parameters["b1"]
        w2, b2 = parameters["W2"], parameters["b2"]
        mistakes = [
            Mistake(name, sentence, partial(_same, value))
            for name, sentence, value in (
                ("relu-missing", "The relu between the two layers is missing.", z @ w2 + b2),
                ("softmax-applied",
                 "The softmax is applied; the scores come before it.", expected.softmax(1)),
                ("relu-on-the-scores",
                 "The scores pass through a relu; only the hidden layer does.", expected.relu()),
                ("first-bias-missing",
                 "b1 is not added.", (z - parameters["b1"]).relu() @ w2 + b2),
                ("second-bias-missing", "b2 is not added.", expected - b2),
                ("biases-missing",
                 "The biases are not added.", (z - parameters["b1"]).relu() @ w2),
                ("sigmoid-instead-of-relu",
                 "The hidden layer passes through a sigmoid; it is a relu.", z.sigmoid() @ w2 + b2),
                ("tanh-instead-of-relu",
                 "The hidden layer passes through a tanh; it is a relu.", z.tanh() @ w2 + b2),
            )
        ]  # fmt: skip
        require(
            "The scores", found, expected, at=draw.at, mistakes=mistakes, tolerance=bench.tolerance
        )

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "The scores equal the reference.")


def _same(value: Tensor) -> Tensor:
    return value


def loss(bench: Bench) -> Finding:
    """The loss with y, without and with regularisation."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        for reg in (0.0, draw.reg):
            shown = Draw(draw.parameters, draw.X, draw.y, reg)
            found, _ = _loss_and_gradients(bench, shown)
            parameters, x, y = shown.tensors(bench.device)
            data = cross_entropy(fully_connected.scores(parameters, x), y)
            squares = sum((parameters[n] ** 2).sum() for n in ("W1", "W2"))
            biases = sum((parameters[n] ** 2).sum() for n in ("b1", "b2"))
            expected = data + 0.5 * reg * squares
            z = x @ parameters["W1"] + parameters["b1"]
            linear = cross_entropy(z @ parameters["W2"] + parameters["b2"], y)
            mistakes = [
                Mistake(name, sentence, partial(_same, torch.as_tensor(value)))
                for name, sentence, value in (
                    ("regularisation-missing", "The regularisation is missing.", data),
                    ("regularisation-not-halved",
                     "The regularisation is reg * sum(W^2); this net's is 0.5 * reg * sum(W^2).",
                     data + reg * squares),
                    ("biases-regularised",
                     "The biases are regularised, too; only W1 and W2 are.",
                     expected + 0.5 * reg * biases),
                    ("biases-regularised",
                     "The biases are regularised, too; only W1 and W2 are.",
                     data + reg * (squares + biases)),
                    ("one-weight-regularised",
                     "Only one of the weights is regularised; W1 and W2 both are.",
                     data + 0.5 * reg * (parameters["W1"] ** 2).sum()),
                    ("one-weight-regularised",
                     "Only one of the weights is regularised; W1 and W2 both are.",
                     data + 0.5 * reg * (parameters["W2"] ** 2).sum()),
                    ("loss-not-averaged",
                     "The loss is the sum over the examples; divide by N.",
                     len(x) * data + 0.5 * reg * squares),
                    ("relu-missing",
                     "The relu between the two layers is missing.", linear + 0.5 * reg * squares),
                    ("regularisation-divided-by-n",
                     "The regularisation is divided by N; it is added after the mean is taken.",
                     data + 0.5 * reg * squares / len(x)),
                )
            ]  # fmt: skip
            require_number(
                "The loss",
                found,
                expected,
                at=shown.at,
                mistakes=mistakes,
                tolerance=bench.tolerance,
            )

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "The loss equals the reference, with and without regularisation.")


def _loss_and_gradients(bench: Bench, draw: Draw) -> tuple[Any, dict[str, Any]]:
    steps = [
        *draw.net(),
        keep(draw.reg, "reg"),
        call(f"{CLASS}.loss", Kept("net"), draw.X, draw.y, keep="result", reg=Kept("reg")),
        send("result", "result"),
    ]
    result = bench.results(steps, f"loss(X, y, reg) {draw.at}")["result"]
    if not isinstance(result, (tuple, list)) or len(result) != 2 or not isinstance(result[1], dict):
        raise FoundError(
            f"loss(X, y) should return the loss and a dict of gradients; it returned "
            f"{describe(result)}."
        )
    return result[0], result[1]


def gradients(bench: Bench) -> Finding:
    """The gradients of all four parameters."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        _, found = _loss_and_gradients(bench, draw)
        parameters, x, y = draw.tensors(bench.device)
        expected = fully_connected.loss_and_gradients(parameters, x, y, reg=draw.reg).gradients
        for name in ("W2", "b2", "W1", "b1"):
            if name not in found:
                raise FoundError(f"The dict of gradients has no {name!r}.")
        slips = wrong_gradients(parameters, x, y, draw.reg)
        wrong = list(explaining_all(slips, found, expected, bench.tolerance))
        for name in ("W2", "b2", "W1", "b1"):
            mistakes = [Mistake(m, s, partial(_of, value, name)) for m, s, value in wrong]
            require(f"The gradient of {name}", found[name], expected[name], at=draw.at,
                    mistakes=mistakes, tolerance=bench.tolerance)  # fmt: skip

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "The gradients of W1, b1, W2 and b2 equal the reference.")


def _of(values: Mapping[str, Tensor], name: str) -> Tensor:
    return values.get(name, torch.zeros(0))


TESTS = {
    "two_layer_net.initialisation": CodeTest(initialisation, FILE),
    "two_layer_net.scores": CodeTest(scores, FILE),
    "two_layer_net.loss": CodeTest(loss, FILE),
    "two_layer_net.gradients": CodeTest(gradients, FILE),
}
