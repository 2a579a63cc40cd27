"""Spatial batch normalisation: forward in training and test, running statistics, backward."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.batchnorm_mistakes import (
    DEFAULT_EPS,
    FORMULAS,
    GRADIENT_FORMULAS,
    OTHER_DEFAULTS,
    PER_PIXEL,
    PER_PIXEL_SENTENCE,
    Formula,
    divided_by_variance,
    fits_eps,
    gamma_gradient_over_batch,
    normalised,
)
from grader.code.compare import Mistake, Numbers, agree, items, require
from grader.code.frames import Array, Kept
from grader.code.tolerances import CLOSE
from reference_impl.batchnorm import RunningStatistics
from reference_impl.spatial_batchnorm import (
    spatial_batchnorm_backward,
    spatial_batchnorm_test,
    spatial_batchnorm_train,
)

FILE = "exercise_code/layers.py"
FORWARD = "exercise_code.layers:spatial_batchnorm_forward"
BACKWARD = "exercise_code.layers:spatial_batchnorm_backward"

# In the first draw W equals C: code that mixes the two up then runs, and can be recognised by
# what it computes. In the second all lengths differ, and it raises.
# The first has the default eps and so small a spread that it matters: code without any eps is then
# told from code that does not read a given one.
SHAPES = ((4, 3, 5, 3), (3, 4, 2, 5))
SMALL = 0.02


@dataclass(frozen=True)
class Draw:
    """One random input: x (N, C, H, W), gamma and beta (C,), eps (None: not given)."""

    x: Numbers
    gamma: Numbers
    beta: Numbers
    eps: float | None

    @property
    def at(self) -> str:
        """In words, for messages."""
        eps = "default eps" if self.eps is None else f"eps = {self.eps:.3g}"
        return f"at a random x of shape {self.x.shape}, {eps}"

    @property
    def bn_param(self) -> dict[str, Any]:
        """The options for training."""
        return {"mode": "train"} | ({} if self.eps is None else {"eps": self.eps})

    def tensors(self, device: str) -> tuple[Tensor, Tensor, Tensor, float]:
        """x, gamma, beta, eps for a reference."""
        x, gamma, beta = (torch.from_numpy(a).to(device) for a in (self.x, self.gamma, self.beta))
        return x, gamma, beta, DEFAULT_EPS if self.eps is None else self.eps


def draws(rng: np.random.Generator) -> list[Draw]:
    """Inputs in which every channel, and every pixel, has its own mean and spread."""
    found = []
    for shape, eps in zip(SHAPES, (None, float(rng.uniform(0.2, 0.6))), strict=True):
        _, channels, height, width = shape
        centre = rng.normal(0, 3, (1, channels, 1, 1))
        of_pixels = rng.normal(0, 1, (1, 1, height, width))
        spread = rng.uniform(0.5, 2.5, (1, channels, 1, 1))
        gamma = rng.uniform(0.5, 1.5, channels) * rng.choice([-1, 1], channels)
        scale = SMALL if eps is None else 1.0
        x = centre + scale * (of_pixels + spread * rng.standard_normal(shape))
        found.append(Draw(x, gamma, rng.normal(0, 1, channels), eps))
    return found


# --------------------------------------------------------------------------------------- tests


def _forward(draw: Draw, bn_param: dict[str, Any]) -> list[dict[str, Any]]:
    args = [draw.x, draw.gamma, draw.beta, Kept("bn_param")]
    return [
        {"do": "keep", "value": bn_param, "as": "bn_param"},
        {"do": "call", "target": FORWARD, "args": args, "as": "result"},
    ]


def _send(name: str, label: str) -> dict[str, Any]:
    return {"do": "send", "value": Kept(name), "label": label}


def _out(bench: Bench, draw: Draw, bn_param: dict[str, Any]) -> tuple[Any, Any]:
    """The output of the student's forward pass, and bn_param afterwards."""
    steps = [
        *_forward(draw, bn_param),
        {"do": "send", "value": Kept("result")[0], "label": "out"},
        _send("bn_param", "bn_param"),
    ]
    results = bench.results(steps, f"spatial_batchnorm_forward {draw.at}")
    return results["out"], results["bn_param"]


def _values_mistakes(draw: Draw, device: str) -> list[Mistake]:
    x, gamma, beta, eps = draw.tensors(device)
    found = [
        Mistake(name, sentence, partial(formula, x, gamma, beta, eps))
        for name, (sentence, formula) in FORMULAS.items()
        if fits_eps(name, default_eps=draw.eps is None)
    ]
    for other in OTHER_DEFAULTS if draw.eps is None else ():
        sentence = f"Without eps in bn_param it should be {DEFAULT_EPS:g}; here it is {other:g}."
        value = partial(normalised, x, gamma, beta, other, (0, 2, 3))
        found.append(Mistake("other-default-eps", sentence, value))
    return found


def values(bench: Bench) -> Finding:
    """Forward in training mode."""
    for draw in draws(bench.rng):
        found, _ = _out(bench, draw, draw.bn_param)
        x, gamma, beta, eps = draw.tensors(bench.device)
        expected, _, _ = spatial_batchnorm_train(
            x, gamma, beta, RunningStatistics.zeros(len(gamma), x), eps=eps
        )
        require(
            "out",
            found,
            expected,
            at=draw.at,
            mistakes=_values_mistakes(draw, bench.device),
            tolerance=bench.tolerance,
        )
    return Finding("right", "out equals the reference, with default and with given eps.")


def _statistic(bn_param: Any, key: str) -> Any:
    if not isinstance(bn_param, dict) or key not in bn_param:
        raise FoundError(f"bn_param has no {key!r} after the forward pass.")
    return bn_param[key]


def _averages(
    batches: list[Numbers], start: Numbers, momentum: float, over: tuple[int, ...], kind: str
) -> Numbers:
    """Running averages after the batches, with a statistic taken over some axes."""
    average: Numbers = start
    for x in batches:
        if kind == "mean":
            sample = x.mean(axis=over)
        else:
            sample = x.var(axis=over, ddof=1 if kind == "unbiased" else 0)
        average = momentum * average + (1 - momentum) * sample
    return average


def running_statistics(bench: Bench) -> Finding:
    """running_mean and running_var after three batches."""
    rng = bench.rng
    for draw in draws(rng):
        channels = len(draw.gamma)
        momentum = float(rng.uniform(0.55, 0.8))
        start = {
            "running_mean": rng.normal(0, 1, channels),
            "running_var": rng.uniform(0.5, 2, channels),
        }
        batches: list[Numbers] = [draw.x]
        batches += [np.asarray(rng.normal(1, 2, draw.x.shape)) for _ in range(2)]
        steps: list[dict[str, Any]] = [
            {
                "do": "keep",
                "as": "bn_param",
                "value": {**draw.bn_param, "momentum": momentum, **start},
            }
        ]
        for x in batches:
            args = [x, draw.gamma, draw.beta, Kept("bn_param")]
            steps.append({"do": "call", "target": FORWARD, "args": args, "as": "result"})
        steps.append(_send("bn_param", "bn_param"))
        at = f"after three batches of shape {draw.x.shape}, momentum = {momentum:.3g}"
        bn_param = bench.results(steps, f"spatial_batchnorm_forward, {at}")["bn_param"]
        for key, kind in (("running_mean", "mean"), ("running_var", "var")):
            require(
                key,
                _statistic(bn_param, key),
                _averages(batches, start[key], momentum, (0, 2, 3), kind),
                at=at,
                loose_shape=True,
                mistakes=_running_mistakes(batches, start[key], momentum, kind),
                tolerance=bench.tolerance,
            )
    return Finding("right", "running_mean and running_var equal the reference.")


def _running_mistakes(
    batches: list[Numbers], start: Numbers, momentum: float, kind: str
) -> list[Mistake]:
    def wrong(
        weight: float = momentum, over: tuple[int, ...] = (0, 2, 3), of: str = kind
    ) -> Numbers:
        first = start[:, None, None] if over == (0,) else start
        return _averages(batches, first, weight, over, of)

    found = [
        Mistake(
            "momentum-reversed",
            "The running averages move with the momentum the other way round; it is "
            "running = momentum * running + (1 - momentum) * sample.",
            lambda: wrong(1 - momentum),
        ),
        Mistake(PER_PIXEL, PER_PIXEL_SENTENCE, lambda: wrong(over=(0,))),
        Mistake(
            "running-statistics-not-kept",
            "They are unchanged: the new averages must be written into bn_param.",
            lambda: start,
        ),
        Mistake(
            "running-statistics-replaced",
            "They are those of the last batch; they should be averages over the batches.",
            lambda: wrong(0.0),
        ),
    ]
    if kind == "var":
        found.append(Mistake(PER_PIXEL, PER_PIXEL_SENTENCE, lambda: wrong(over=(0,)).mean((1, 2))))
        found.append(
            Mistake(
                "unbiased-variance",
                "The variance is divided by N-1 (unbiased); the course's running variance is the "
                "biased one.",
                lambda: wrong(of="unbiased"),
            )
        )
        found.append(
            Mistake(
                "running-standard-deviation",
                "The standard deviation is averaged instead of the variance.",
                lambda: _standard_deviations(batches, start, momentum),
            )
        )
    return found


def _standard_deviations(batches: list[Numbers], start: Numbers, momentum: float) -> Numbers:
    average = start
    for x in batches:
        average = momentum * average + (1 - momentum) * x.std(axis=(0, 2, 3))
    return average


def test_mode(bench: Bench) -> Finding:
    """Forward in test mode."""
    rng = bench.rng
    for draw in draws(rng):
        channels = len(draw.gamma)
        mean, var = rng.normal(0, 2, channels), rng.uniform(0.3, 3, channels)
        if draw.eps is None:
            var = var * SMALL**2
        given = {**draw.bn_param, "mode": "test", "running_mean": mean, "running_var": var}
        found, bn_param = _out(bench, draw, given)
        x, gamma, beta, eps = draw.tensors(bench.device)
        running = RunningStatistics(*(torch.from_numpy(a).to(bench.device) for a in (mean, var)))
        mistakes = [
            Mistake(
                "batch-statistics-in-test-mode",
                "In test mode the batch's own statistics are used; it should be running_mean and "
                "running_var, so that one image's output does not depend on the others.",
                partial(normalised, x, gamma, beta, eps, (0, 2, 3)),
            ),
            Mistake(
                "eps-forgotten",
                "eps is not used: divide by sqrt(running_var + eps).",
                partial(spatial_batchnorm_test, x, gamma, beta, running, eps=0),
            ),
            Mistake(
                "eps-not-read",
                "eps in bn_param is ignored: the default is used instead.",
                partial(spatial_batchnorm_test, x, gamma, beta, running, eps=DEFAULT_EPS),
            ),
            Mistake(
                "divided-by-variance",
                "x - running_mean is divided by the running variance; it is divided by its root.",
                partial(divided_by_variance, x, gamma, beta, running, eps),
            ),
        ]
        mistakes = [m for m in mistakes if fits_eps(m.name, default_eps=draw.eps is None)]
        at = draw.at + ", mode 'test'"
        expected = spatial_batchnorm_test(x, gamma, beta, running, eps=eps)
        require("out", found, expected, at=at, mistakes=mistakes, tolerance=bench.tolerance)
        for key, value in (("running_mean", mean), ("running_var", var)):
            kept = _statistic(bn_param, key)
            if not isinstance(kept, Array) or not agree(kept.values.ravel(), value, CLOSE):
                raise FoundError(
                    f"{key} changed in test mode ({at}); only training may move it.",
                    mistake="running-statistics-move-in-test-mode",
                )
    return Finding("right", "out in test mode equals the reference.")


def gradients(bench: Bench) -> Finding:
    """dx, dgamma and dbeta."""
    for draw in draws(bench.rng):
        dout = bench.rng.standard_normal(draw.x.shape)
        steps = [
            *_forward(draw, draw.bn_param),
            {"do": "call", "target": BACKWARD, "args": [dout, Kept("result")[1]], "as": "back"},
            _send("back", "gradients"),
        ]
        results = bench.results(steps, f"forward and backward {draw.at}")
        found = items("spatial_batchnorm_backward", results["gradients"], 3)
        x, gamma, beta, eps = draw.tensors(bench.device)
        start = RunningStatistics.zeros(len(gamma), x)
        _, cache, _ = spatial_batchnorm_train(x, gamma, beta, start, eps=eps)
        upstream = torch.from_numpy(dout).to(bench.device)
        expected = spatial_batchnorm_backward(upstream, cache)
        for position, name in enumerate(("dx", "dgamma", "dbeta")):
            mistakes = _gradient_mistakes(draw, upstream, bench.device, position)
            require(
                name,
                found[position],
                expected[position],
                at=draw.at,
                mistakes=mistakes,
                tolerance=bench.tolerance,
            )
    return Finding("right", "dx, dgamma and dbeta equal the reference.")


def _gradient_mistakes(draw: Draw, dout: Tensor, device: str, position: int) -> list[Mistake]:
    def gradient(formula: Formula) -> Tensor:
        x, gamma, beta, eps = draw.tensors(device)
        sources = [t.requires_grad_() for t in (x, gamma, beta)]
        return torch.autograd.grad(formula(x, gamma, beta, eps), sources, dout)[position]

    found = [
        Mistake(name, sentence, partial(gradient, formula))
        for name, (sentence, formula) in GRADIENT_FORMULAS.items()
        if fits_eps(name, default_eps=draw.eps is None)
    ]
    if position:
        found.append(
            Mistake(
                "gradient-summed-over-the-batch-only",
                "The gradients of gamma and beta are summed over N only; gamma and beta act at "
                "every place, so they are summed over N, H and W.",
                partial(gamma_gradient_over_batch, *draw.tensors(device), dout, position),
            )
        )
    return found


TESTS = {
    "spatial_batchnorm_forward.values": CodeTest(values, FILE),
    "spatial_batchnorm_forward.running_statistics": CodeTest(running_statistics, FILE),
    "spatial_batchnorm_forward.test_mode": CodeTest(test_mode, FILE),
    "spatial_batchnorm_backward.gradients": CodeTest(gradients, FILE),
}
