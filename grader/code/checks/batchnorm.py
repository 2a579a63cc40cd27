"""Batch normalisation of layers.py: training, running statistics, test mode, both backward passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.batchnorm_formulas import (
    Inputs,
    gradient_mistakes,
    test_mode_mistakes,
    values_mistakes,
)
from grader.code.checks.batchnorm_mistakes import DEFAULT_EPS
from grader.code.checks.layer_pass import (
    Pass,
    as_float32,
    require_gradients,
    require_out,
    tensors,
)
from grader.code.checks.numpy_calls import LAYERS, keep, layer, numbers, send
from grader.code.compare import Mistake, Numbers, agree, require
from grader.code.frames import Array, Kept
from grader.code.tolerances import CLOSE
from reference_impl.batchnorm import (
    RunningStatistics,
    batchnorm_backward,
    batchnorm_test,
    batchnorm_train,
)

FORWARD = "batchnorm_forward"


@dataclass(frozen=True)
class Size:
    """x (N, D); with the default eps the spread is so small that the default matters."""

    x: tuple[int, int]
    default_eps: bool = False


# In the first draw N equals D: code that mixes the axes up then runs, and can be recognised by
# what it computes. It has the default eps, so that code without any is told from code that does
# not read a given one.
SIZES = (Size((5, 5), default_eps=True), Size((7, 4)), Size((6, 3)))
# Not a single example: it is its own mean, whatever is done with it.
SMALLER = (Size((3, 2)), Size((2, 1)))


@dataclass(frozen=True)
class Draw:
    """One random input: x (N, D), gamma and beta (D,), eps (None: not given)."""

    arrays: dict[str, Numbers]
    eps: float | None

    @classmethod
    def of(cls, rng: np.random.Generator, size: Size, *, single: bool = False) -> Draw:
        """Fresh numbers in which every feature has its own mean and spread."""
        features = size.x[1]
        low, high = (0.02, 0.05) if size.default_eps else (0.2, 1.5)
        x = numbers(rng, *size.x) * rng.uniform(low, high, features) + rng.normal(0, 3, features)
        arrays = {
            "x": np.round(x, 2) if x.size <= 6 else x,
            "gamma": np.round(rng.uniform(0.5, 1.5, features) * rng.choice([-1, 1], features), 3),
            "beta": numbers(rng, features),
        }
        eps = None if size.default_eps else round(float(rng.uniform(0.2, 0.6)), 2)
        return cls(as_float32(arrays) if single else arrays, eps)

    def bn_param(self, mode: str, **more: Any) -> dict[str, Any]:
        """The options."""
        return {"mode": mode} | ({} if self.eps is None else {"eps": self.eps}) | more

    def called(self, backward: str = "batchnorm_backward") -> Pass:
        """Both passes in training."""
        return Pass(FORWARD, backward, self.arrays, (self.bn_param("train"),))

    @property
    def at(self) -> str:
        """In words, for messages."""
        eps = "default eps" if self.eps is None else f"eps = {self.eps:g}"
        return f"{self.called().at}, {eps}"

    def inputs(self, device: str) -> Inputs:
        """x, gamma, beta, eps for a reference."""
        x, gamma, beta = tensors(self.arrays, device)
        return x, gamma, beta, DEFAULT_EPS if self.eps is None else self.eps

    def zeros(self, device: str) -> RunningStatistics:
        """Running statistics before the first batch."""
        x, gamma, _, _ = self.inputs(device)
        return RunningStatistics.zeros(len(gamma), x)


def values(bench: Bench) -> Finding:
    """Forward in training mode."""

    def attempt(size: Size, *, single: bool = False) -> None:
        draw = Draw.of(bench.rng, size, single=single)
        x, gamma, beta, eps = draw.inputs(bench.device)
        expected, _, _ = batchnorm_train(x, gamma, beta, draw.zeros(bench.device), eps=eps)
        mistakes = values_mistakes((x, gamma, beta, eps), default_eps=draw.eps is None)
        require_out(bench, draw.called(), expected, at=draw.at, mistakes=mistakes)

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[1], single=True)
    return Finding("right", "out equals the reference, with default and with given eps.")


# -------------------------------------------------------------------------- running statistics


def _statistic(bn_param: Any, key: str) -> Any:
    if not isinstance(bn_param, dict) or key not in bn_param:
        raise FoundError(
            f"bn_param has no {key!r} after the forward pass: it keeps the running averages from "
            "one call to the next.",
            mistake="running-statistics-not-kept",
        )
    return bn_param[key]


def running_statistics(bench: Bench) -> Finding:
    """running_mean and running_var after three batches."""
    rng = bench.rng
    for size in SIZES[:2]:
        draw = Draw.of(rng, size)
        features = size.x[1]
        momentum = round(float(rng.uniform(0.55, 0.8)), 2)
        start = {
            "running_mean": rng.normal(0, 1, features),
            "running_var": rng.uniform(0.5, 2, features),
        }
        batches: list[Numbers] = [draw.arrays["x"]]
        batches += [np.asarray(rng.normal(1, 2, size.x)) for _ in range(2)]
        steps = [keep(draw.bn_param("train", momentum=momentum, **start), "bn_param")]
        steps += [
            layer(FORWARD, x, draw.arrays["gamma"], draw.arrays["beta"], Kept("bn_param"))
            for x in batches
        ]
        at = f"after three batches of shape {size.x}, momentum = {momentum:g}"
        steps.append(send("bn_param", "bn_param"))
        bn_param = bench.results(steps, f"{FORWARD}, {at}")["bn_param"]
        for key, kind in (("running_mean", "mean"), ("running_var", "var")):
            require(
                key,
                _statistic(bn_param, key),
                _averages(batches, start[key], momentum, 1 - momentum, kind),
                at=at,
                loose_shape=True,
                mistakes=_running_mistakes(batches, start, momentum, kind, draw.eps or DEFAULT_EPS),
                tolerance=bench.tolerance,
            )
    return Finding("right", "running_mean and running_var equal the reference.")


_STATISTICS = {
    "mean": partial(np.mean, axis=0),
    "var": partial(np.var, axis=0),
    "unbiased": partial(np.var, axis=0, ddof=1),
    "deviation": partial(np.std, axis=0),
    "mean of each example": partial(np.mean, axis=1),
    "variance of each example": partial(np.var, axis=1),
}


def _averages(batches: list[Numbers], start: Numbers, old: float, new: float, kind: str) -> Numbers:
    """Running averages after the batches, with these weights of old average and new statistic."""
    return _averages_of([np.asarray(_STATISTICS[kind](x)) for x in batches], start, old, new)


def _averages_of(samples: list[Numbers], start: Numbers, old: float, new: float) -> Numbers:
    average: Numbers = start
    for sample in samples:
        if sample.shape != start.shape:
            return np.zeros(0)
        average = old * average + new * sample
    return average


def _running_mistakes(
    batches: list[Numbers], starts: dict[str, Numbers], momentum: float, kind: str, eps: float
) -> list[Mistake]:
    start = starts["running_mean" if kind == "mean" else "running_var"]
    other = starts["running_var" if kind == "mean" else "running_mean"]
    swapped = "var" if kind == "mean" else "mean"

    def wrong(old: float, new: float, of: str = kind) -> Callable[[], Numbers]:
        return partial(_averages, batches, start, old, new, of)

    each = "mean of each example" if kind == "mean" else "variance of each example"
    rule = "it is running = momentum * running + (1 - momentum) * sample."
    right = 1 - momentum
    found = [
        ("momentum-reversed",
         "The running averages move with the momentum the other way round; " + rule,
         wrong(right, momentum)),
        ("momentum-not-read", "The momentum in bn_param is ignored: 0.9 is used instead.",
         wrong(0.9, 0.1)),
        ("new-statistic-not-weighted",
         "The new batch's statistic is added whole, without its weight; " + rule,
         wrong(momentum, 1.0)),
        ("running-statistics-not-kept",
         "They are unchanged: the new averages must be written into bn_param.", lambda: start),
        ("running-statistics-replaced",
         "They are those of the last batch; they should be averages over the batches.",
         wrong(0.0, 1.0)),
        ("statistics-of-each-example", "The statistics are taken over axis 1, the features.",
         wrong(momentum, right, each)),
        ("running-mean-and-variance-swapped", "running_mean and running_var are swapped.",
         lambda: _averages(batches, other, momentum, right, swapped)),
        ("running-mean-and-variance-swapped",
         "Batch mean and batch variance are swapped in the running averages.",
         wrong(momentum, right, swapped)),
    ]  # fmt: skip
    if kind == "var":
        found += [
            ("unbiased-variance",
             ("The variance is divided by N-1 (unbiased); the course's running variance is the "
              "biased one."), wrong(momentum, right, "unbiased")),
            ("running-standard-deviation",
             "The standard deviation is averaged instead of the variance.",
             wrong(momentum, right, "deviation")),
            ("running-standard-deviation",
             "sqrt(var + eps) is averaged instead of the variance.",
             lambda: _averages_of(
                 [np.sqrt(x.var(axis=0) + eps) for x in batches], start, momentum, right
             )),
            ("eps-in-the-running-variance",
             "eps is part of the running variance; it is added where the root is taken.",
             lambda: _averages_of([x.var(axis=0) + eps for x in batches], start, momentum, right)),
        ]  # fmt: skip
    return [Mistake(*slip) for slip in found]


# ----------------------------------------------------------------------------------- test mode


def test_mode(bench: Bench) -> Finding:
    """Forward in test mode."""
    rng = bench.rng
    for number, size in enumerate(SIZES):
        draw = Draw.of(rng, size, single=number == 1)
        features = size.x[1]
        mean, var = rng.normal(0, 2, features), rng.uniform(0.02, 0.5, features)
        if size.default_eps:
            var = var * 5e-3
        kind = draw.arrays["x"].dtype
        kept = {"running_mean": mean.astype(kind), "running_var": var.astype(kind)}
        inputs = draw.inputs(bench.device)
        x, gamma, beta, eps = inputs
        running = RunningStatistics(*tensors(kept, bench.device))
        of = Pass(FORWARD, "", draw.arrays, (draw.bn_param("test", **kept),))
        at = draw.at + ", mode 'test'"
        require_out(
            bench, of, batchnorm_test(x, gamma, beta, running, eps=eps),
            at=at, mistakes=test_mode_mistakes(inputs, running, default_eps=size.default_eps),
        )  # fmt: skip
        steps = [
            keep(of.options[0], "bn_param"),
            layer(FORWARD, *draw.arrays.values(), Kept("bn_param")),
            send("bn_param", "bn_param"),
        ]
        bn_param = bench.results(steps, f"{FORWARD} {at}")["bn_param"]
        for key, given in kept.items():
            found = _statistic(bn_param, key)
            if not isinstance(found, Array) or not agree(found.values.ravel(), given, CLOSE):
                raise FoundError(
                    f"{key} changed in test mode ({at}); only training may move it.",
                    mistake="running-statistics-move-in-test-mode",
                )
    return Finding("right", "out in test mode equals the reference, whose averages stay.")


# ------------------------------------------------------------------------------------ backward


def gradients(function: str, bench: Bench) -> Finding:
    """dx, dgamma and dbeta after a forward pass in training."""

    def attempt(size: Size, *, single: bool = False) -> None:
        draw = Draw.of(bench.rng, size, single=single)
        dout = numbers(bench.rng, *size.x)
        x, gamma, beta, eps = draw.inputs(bench.device)
        _, cache, _ = batchnorm_train(x, gamma, beta, draw.zeros(bench.device), eps=eps)
        (upstream,) = tensors({"dout": dout}, bench.device)
        expected = batchnorm_backward(upstream, cache)
        require_gradients(
            bench, draw.called(function), dout,
            dict(zip(("x", "gamma", "beta"), expected, strict=True)),
            at=draw.at,
            mistakes=gradient_mistakes(
                (x, gamma, beta, eps), upstream, default_eps=size.default_eps
            ),
        )  # fmt: skip

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[1], single=True)
    return Finding("right", "dx, dgamma and dbeta equal the reference for a random dout.")


TESTS = {
    "batchnorm_forward.values": CodeTest(values, LAYERS),
    "batchnorm_forward.running_statistics": CodeTest(running_statistics, LAYERS),
    "batchnorm_forward.test_mode": CodeTest(test_mode, LAYERS),
    "batchnorm_backward.gradients": CodeTest(partial(gradients, "batchnorm_backward"), LAYERS),
    "batchnorm_backward_alt.gradients": CodeTest(
        partial(gradients, "batchnorm_backward_alt"), LAYERS
    ),
}
