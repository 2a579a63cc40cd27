"""Walks of a student's update rule beside the reference's: weights after each step, and config.

Two weights of different shapes take their steps in turn, as in a training: state that lives
anywhere but in each one's own config gets mixed up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, FoundError
from grader.code.checks.numpy_calls import call, keep, numbers, send
from grader.code.checks.update_rules_mistakes import Settings
from grader.code.compare import (
    FEW,
    Mistake,
    Numbers,
    agree,
    as_numbers,
    describe,
    inputs,
    items,
    require,
)
from grader.code.frames import Array, Kept
from grader.code.tolerances import Tolerance
from reference_impl import update_rules
from reference_impl.update_rules import Moments

FILE = "exercise_code/optim.py"
MODULE = "exercise_code.optim"
STEPS = 4
Shape = tuple[int, ...]
SHAPES: tuple[Shape, ...] = ((4, 3), (2, 3, 2, 2))
SMALLER: tuple[Shape, ...] = ((2,), (1,))
OTHER: Shape = (3, 5)  # the weight whose steps are taken in between


@dataclass(frozen=True)
class Draw:
    """A weight, its gradient in each step, and the config of the first step (None: defaults)."""

    w: Numbers
    gradients: tuple[Numbers, ...]
    config: Mapping[str, Any] | None

    @classmethod
    def of(
        cls, rng: np.random.Generator, shape: Shape, config: Mapping[str, Any] | None, steps: int
    ) -> Draw:
        """Fresh numbers."""
        gradients = tuple(numbers(rng, *shape) for _ in range(steps))
        return cls(numbers(rng, *shape), gradients, config)

    @property
    def at(self) -> str:
        """In words, for messages."""
        gradients = {f"dw{i + 1}": dw for i, dw in enumerate(self.gradients)}
        arrays = (
            inputs(w=self.w, **gradients)
            if self.w.size <= FEW
            else f"w of shape {self.w.shape} and a gradient for each of {len(gradients)} steps"
        )
        settings = {k: v for k, v in (self.config or {}).items() if isinstance(v, (int, float))}
        words = ", ".join(f"{k} {v:g}" for k, v in settings.items())
        state = [k for k in self.config or {} if k not in settings]
        given = f"config with {words}" if words else "a config"
        if state:
            given += f" and {' and '.join(state)} of earlier steps"
        config = "no config" if self.config is None else given
        return f"at {arrays}, {config}"


def walk(bench: Bench, name: str, draw: Draw) -> tuple[Tensor, dict[str, Any]]:
    """The weights after each step, stacked, and the config after the last one."""
    other = Draw.of(bench.rng, OTHER, draw.config and _settings(draw.config), len(draw.gradients))
    steps = []
    for label, each in (("mine", draw), ("other", other)):
        steps += [keep(each.w, f"w_{label}"), keep(_plain(each.config), f"config_{label}")]
    weights = {"mine": Kept("w_mine"), "other": Kept("w_other")}
    configs = {"mine": Kept("config_mine"), "other": Kept("config_other")}
    for number, pair in enumerate(zip(draw.gradients, other.gradients, strict=True)):
        for label, dw in zip(("mine", "other"), pair, strict=True):
            kept = f"{label}{number}"
            steps.append(call(f"{MODULE}:{name}", weights[label], dw, configs[label], keep=kept))
            weights[label], configs[label] = Kept(kept)[0], Kept(kept)[1]
        # Sent at once: a step that works in place changes it later.
        steps.append(send(f"mine{number}", f"step{number}"))
    doing = f"{name} {draw.at}"
    results = bench.results(steps, doing)
    config: Any = None
    path = []
    for number in range(len(draw.gradients)):
        w, config = items(name, results[f"step{number}"], 2)
        which = f"next_w after step {number + 1}"
        if not isinstance(w, Array) or w.kind != "array":
            raise FoundError(
                f"{which} should be an array of shape {draw.w.shape}; it is {describe(w)} "
                f"({draw.at})."
            )
        if w.values.shape != draw.w.shape or w.values.dtype.kind != "f":
            require(which, w, draw.w, at=draw.at, tolerance=bench.tolerance)
        path.append(w.values.astype(np.float64))
    if not isinstance(config, dict):
        raise FoundError(
            f"{name} should return next_w and config, a dict; the second is {describe(config)} "
            f"({draw.at}).",
            mistake="config-not-returned",
        )
    return torch.from_numpy(np.stack(path)), config


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that a user sets, without the state of earlier steps."""
    names = ("learning_rate", "momentum", "beta1", "beta2", "epsilon")
    return {key: config[key] for key in names if key in config}


def _plain(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if config is None else dict(config)


def require_path(
    name: str,
    found: Tensor,
    expected: Sequence[Tensor],
    draw: Draw,
    mistakes: Iterable[Mistake],
    tolerance: Tolerance,
) -> None:
    """Raise unless the weights after every step equal one of the accepted paths."""
    values = found.numpy()
    if any(agree(values, as_numbers(path), tolerance) for path in expected):
        return
    require(
        f"next_w of {name}, of all {len(draw.gradients)} steps", Array(values, "array"),
        expected[0], at=draw.at, mistakes=mistakes, tolerance=tolerance,
    )  # fmt: skip


def drawn_settings(rng: np.random.Generator, name: str) -> dict[str, float]:
    """Settings that are far from the defaults, from each other, and from 1 minus each other."""
    rate = round(float(rng.uniform(0.22, 0.28)), 2)
    if name == "sgd":
        return {"learning_rate": rate}
    if name == "sgd_momentum":
        return {"learning_rate": rate, "momentum": round(float(rng.uniform(0.5, 0.7)), 2)}
    return {
        "learning_rate": rate,
        "beta1": round(float(rng.uniform(0.55, 0.7)), 2),
        "beta2": round(float(rng.uniform(0.8, 0.9)), 2),
        "epsilon": 0.01,
    }


def route_of(
    rule: Callable[..., tuple[Tensor, Any]], w: Tensor, gradients: Sequence[Tensor], state: Any
) -> tuple[Tensor, Any]:
    """The reference's weights after each step, stacked, and its state after the last."""
    path = []
    for dw in gradients:
        w, state = rule(w, dw, state)
        path.append(w)
    return torch.stack(path), state


def real(value: Any) -> Any:
    """A whole number as a real one: t may be either."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Array) and value.values.dtype.kind in "iu":
        return Array(value.values.astype(np.float64), value.kind)
    return value


def adam_rule(settings: Settings) -> Callable[..., tuple[Tensor, Moments]]:
    """The reference's Adam with settings by the keys of config."""
    return partial(
        update_rules.adam,
        learning_rate=settings["learning_rate"],
        beta1=settings["beta1"],
        beta2=settings["beta2"],
        epsilon=settings["epsilon"],
    )


def adam_paths(
    w: Tensor, gradients: Sequence[Tensor], settings: Settings, state: Moments | None
) -> tuple[list[Tensor], Moments]:
    """Accepted paths and the state at the end.

    Kingma and Ba (section 2) also give a form that corrects the learning rate instead of m and v:
    its epsilon is added to the root of the uncorrected v. With the default epsilon both agree.
    """
    path, end = route_of(adam_rule(settings), w, gradients, state)
    eps = settings["epsilon"]
    t = state.t if state else 0
    other, moments = [], state
    for dw in gradients:
        t += 1
        # The state does not depend on the weights, so the reference's serves here, too.
        _, moments = adam_rule(settings)(w, dw, moments)
        correction = (1 - settings["beta2"] ** t) ** 0.5 / (1 - settings["beta1"] ** t)
        w = w - settings["learning_rate"] * correction * moments.m / (moments.v.sqrt() + eps)
        other.append(w)
    return [path, torch.stack(other)], end
