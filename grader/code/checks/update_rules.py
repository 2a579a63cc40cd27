"""sgd, sgd_momentum and adam of optim.py: several steps from rest, and the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.numpy_calls import on
from grader.code.checks.update_rules_mistakes import Settings, wrong_adam, wrong_momentum, wrong_sgd
from grader.code.checks.update_rules_walk import (
    FILE,
    SHAPES,
    SMALLER,
    STEPS,
    Draw,
    Shape,
    adam_paths,
    adam_rule,
    drawn_settings,
    real,
    require_path,
    route_of,
    walk,
)
from grader.code.compare import Mistake, agree, require_number
from grader.code.tolerances import EXACT
from reference_impl import update_rules

DEFAULTS: Mapping[str, Settings] = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}


def _wrong_defaults(
    name: str, route: Callable[[Settings], Tensor], settings: Settings
) -> Iterable[Mistake]:
    """What other defaults would lead to."""
    others = {"learning_rate": (1e-1, 1e-2, 1e-3, 1e-4, 1.0), "momentum": (0.0, 0.5, 0.99),
              "beta1": (0.999, 0.99), "beta2": (0.9, 0.99), "epsilon": ()}  # fmt: skip
    for key, value in settings.items():
        for other in others[key]:
            if other != value:
                yield Mistake(
                    "another-default",
                    f"Without a config, {name} uses {key} = {other:g}; the default is {value:g}.",
                    partial(route, {**settings, key: other}),
                )


# ----------------------------------------------------------------------------------------- sgd


def sgd_steps(bench: Bench) -> Finding:
    """Steps with a given learning rate, and with the default."""

    def attempt(given: bool, shape: Shape) -> None:
        settings = drawn_settings(bench.rng, "sgd") if given else DEFAULTS["sgd"]
        draw = Draw.of(bench.rng, shape, settings if given else None, STEPS)
        found, config = walk(bench, "sgd", draw)
        w, *gradients = on(bench.device, draw.w, *draw.gradients)

        def route(settings: Settings) -> Tensor:
            return route_of(
                partial(update_rules.sgd, learning_rate=settings["learning_rate"]),
                w,
                gradients,
                None,
            )[0]

        mistakes = [*wrong_sgd(w, gradients, settings)]
        if not given:
            mistakes += _wrong_defaults("sgd", route, settings)
        require_path("sgd", found, [route(settings)], draw, mistakes, bench.tolerance)
        _require_settings("sgd", config, settings, draw)

    for given in (True, False):
        large_to_small(partial(attempt, given), SHAPES, SMALLER)
    return Finding("right", f"{STEPS} steps equal the reference, with and without a config.")


def _require_settings(name: str, config: dict[str, Any], settings: Settings, draw: Draw) -> None:
    """Settings that come back in config are those of this step.

    One that is not there costs nothing: the steps after have shown that it was not needed.
    """
    for key, value in settings.items():
        if key in config:
            require_number(f'config["{key}"] of {name}', real(config[key]), value, at=draw.at)


# ------------------------------------------------------------------------------------- momentum


def momentum_steps(bench: Bench) -> Finding:
    """Several steps from rest: both forms of the rule take the same path."""

    def attempt(given: bool, shape: Shape) -> None:
        name = "sgd_momentum"
        settings = drawn_settings(bench.rng, name) if given else DEFAULTS[name]
        draw = Draw.of(bench.rng, shape, settings if given else None, STEPS)
        found, config = walk(bench, name, draw)
        w, *gradients = on(bench.device, draw.w, *draw.gradients)

        def route(settings: Settings) -> Tensor:
            rule = partial(
                update_rules.momentum,
                learning_rate=settings["learning_rate"], beta=settings["momentum"],
            )  # fmt: skip
            return route_of(rule, w, gradients, None)[0]

        mistakes = [*wrong_momentum(w, gradients, settings, torch.zeros_like(w))]
        if not given:
            mistakes += _wrong_defaults(name, route, settings)
        require_path(name, found, [route(settings)], draw, mistakes, bench.tolerance)
        _require_settings(name, config, settings, draw)

    for given in (True, False):
        large_to_small(partial(attempt, given), SHAPES, SMALLER)
    return Finding("right", f"{STEPS} steps equal the reference, with and without a config.")


# ----------------------------------------------------------------------------------------- adam


def adam_steps(bench: Bench) -> Finding:
    """Several steps from rest, with given settings and with the defaults."""

    def attempt(given: bool, shape: Shape) -> None:
        settings = drawn_settings(bench.rng, "adam") if given else DEFAULTS["adam"]
        draw = Draw.of(bench.rng, shape, settings if given else None, STEPS)
        found, config = walk(bench, "adam", draw)
        w, *gradients = on(bench.device, draw.w, *draw.gradients)
        zero = torch.zeros_like(w)

        def route(settings: Settings) -> Tensor:
            return route_of(adam_rule(settings), w, gradients, None)[0]

        _require_finite(found, draw, settings)
        mistakes = [*wrong_adam(w, gradients, settings, (zero, zero, 0))]
        if not given:
            mistakes += _wrong_defaults("adam", route, settings)
        require_path(
            "adam",
            found,
            adam_paths(w, gradients, settings, None)[0],
            draw,
            mistakes,
            bench.tolerance,
        )
        _require_settings("adam", config, settings, draw)

    for given in (True, False):
        large_to_small(partial(attempt, given), SHAPES, SMALLER)
    return Finding("right", f"{STEPS} steps equal the reference, with and without a config.")


def _require_finite(found: Tensor, draw: Draw, settings: Settings) -> None:
    """Some slips divide by 0, or take the root of something negative: little but NaN is left."""
    missing = ~torch.isfinite(found[0])
    if missing.all():
        raise FoundError(
            f"next_w of adam is NaN or infinite in the first step ({draw.at}): with t = 0 the bias "
            "correction divides by 1 - beta^0 = 0. In the first step t is 1: raise it before it is "
            "used.",
            mistake="t-raised-too-late",
        )
    gradient = torch.from_numpy(draw.gradients[0])
    if not missing.any() or not torch.equal(missing, gradient < 0):
        return
    # In the first step m_hat is the gradient and v_hat its square.
    left = gradient[~missing]
    step = (torch.from_numpy(draw.w) - found[0])[~missing] / settings["learning_rate"]
    not_squared = (left / (left.sqrt() + settings["epsilon"])).numpy()
    told = f"next_w of adam is NaN where the gradient is negative ({draw.at}): "
    if agree(step.numpy(), not_squared, EXACT):
        raise FoundError(
            f"{told}v averages the gradient, which has a sign; it averages the gradient's square.",
            mistake="gradient-not-squared",
        )
    raise FoundError(
        f"{told}the root is taken of m, which has a sign. The step is m_hat / (sqrt(v_hat) + "
        "epsilon), with v the average of the squares.",
        mistake="moments-swapped",
    )


TESTS = {
    "sgd.steps": CodeTest(sgd_steps, FILE),
    "sgd_momentum.steps": CodeTest(momentum_steps, FILE),
    "adam.steps": CodeTest(adam_steps, FILE),
}
