"""sgd_momentum and adam of optim.py: the state that comes in config, and that goes back in it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.numpy_calls import numbers, on
from grader.code.checks.update_rules_mistakes import wrong_adam, wrong_momentum
from grader.code.checks.update_rules_walk import (
    FILE,
    SHAPES,
    SMALLER,
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
from grader.code.compare import Mistake, agree, as_numbers, require, require_number
from reference_impl import update_rules
from reference_impl.update_rules import Moments, Velocity


def momentum_state(bench: Bench) -> Finding:
    """Steps that go on from a given velocity, and the velocity that comes back."""

    def attempt(shape: Shape) -> None:
        name = "sgd_momentum"
        settings = drawn_settings(bench.rng, name)
        velocity = numbers(bench.rng, *shape)
        draw = Draw.of(bench.rng, shape, {**settings, "velocity": velocity}, 2)
        found, config = walk(bench, name, draw)
        w, v, *gradients = on(bench.device, draw.w, velocity, *draw.gradients)
        rate = settings["learning_rate"]
        rules = {
            form: partial(
                update_rules.momentum, learning_rate=rate, beta=settings["momentum"], form=form
            )
            for form in ("gradient", "step")
        }
        routes = {form: route_of(rule, w, gradients, Velocity(v)) for form, rule in rules.items()}
        paths = [route[0] for route in routes.values()]
        mistakes = [
            mistake
            # The velocity of the form "step" is -learning_rate times that of the other one.
            for start in (v, -v / rate)
            for mistake in wrong_momentum(w, gradients, settings, start)
        ]
        mistakes.append(
            Mistake(
                "velocity-sign",
                "The given velocity has the other sign here: v = momentum * v + learning_rate * dw "
                "and w - v. From rest that is the same; the course's velocity is either "
                "momentum * v - learning_rate * dw, added to w, or momentum * v + dw.",
                lambda: route_of(rules["step"], w, gradients, Velocity(-v))[0],
            )
        )
        require_path(name, found, paths, draw, mistakes, bench.tolerance)
        form = next(
            f for f, r in routes.items() if agree(found.numpy(), as_numbers(r[0]), bench.tolerance)
        )
        if "velocity" not in config:
            raise FoundError(
                f"The config that {name} returns has no 'velocity' ({draw.at}).",
                mistake="velocity-not-stored",
            )
        expected = routes[form][1].v
        wrong = (
            ("velocity-not-stored",
             'config["velocity"] is the velocity before the step; store the new one.', v),
        )  # fmt: skip
        require(
            'config["velocity"]', config["velocity"], expected, at=draw.at,
            mistakes=[Mistake(m, s, partial(_same, value)) for m, s, value in wrong],
        tolerance=bench.tolerance)  # fmt: skip

    large_to_small(attempt, SHAPES, SMALLER)
    return Finding("right", "A given velocity is used, and the new one comes back in config.")


def _same(value: Tensor) -> Tensor:
    return value


def adam_state(bench: Bench) -> Finding:
    """Steps that go on from given m, v and t, and what comes back."""

    def attempt(shape: Shape) -> None:
        settings = drawn_settings(bench.rng, "adam")
        m = numbers(bench.rng, *shape)
        v = np.abs(numbers(bench.rng, *shape)) + 0.1
        t = int(bench.rng.integers(2, 6))
        draw = Draw.of(bench.rng, shape, {**settings, "m": m, "v": v, "t": t}, 2)
        found, config = walk(bench, "adam", draw)
        w, m0, v0, *gradients = on(bench.device, draw.w, m, v, *draw.gradients)
        paths, end = adam_paths(w, gradients, settings, Moments(m0, v0, t))
        zero = torch.zeros_like(w)
        from_rest = Mistake(
            "state-ignored",
            "The m, v and t of the config that is given are not used.",
            lambda: route_of(adam_rule(settings), w, gradients, None)[0],
        )
        first = partial(route_of, adam_rule(settings), w, gradients)
        mistakes = [
            *wrong_adam(w, gradients, settings, (m0, v0, t)), from_rest,
            Mistake("state-ignored", "The t of the config that is given is not used.",
                    lambda: first(Moments(m0, v0, 0))[0]),
            Mistake("state-ignored", "The m and v of the config that is given are not used.",
                    lambda: first(Moments(zero, zero, t))[0]),
        ]  # fmt: skip
        require_path("adam", found, paths, draw, mistakes, bench.tolerance)
        for key, expected, before, corrected in (
            ("m", end.m, m0, end.m / (1 - settings["beta1"] ** end.t)),
            ("v", end.v, v0, end.v / (1 - settings["beta2"] ** end.t)),
        ):
            _require_key(config, key, draw)
            wrong = (
                ("moments-not-stored",
                 f'config["{key}"] is the one before the step; store the new one.', before),
                ("corrected-moments-stored",
                 f'config["{key}"] holds the corrected {key}; store it before the correction.',
                 corrected),
            )  # fmt: skip
            require(
                f'config["{key}"]', config[key], expected, at=draw.at,
                mistakes=[Mistake(n, s, partial(_same, value)) for n, s, value in wrong],
            tolerance=bench.tolerance)  # fmt: skip
        _require_key(config, "t", draw)
        not_raised = Mistake(
            "t-not-stored", 'config["t"] is not raised by 1 in every step.', lambda: float(t)
        )
        require_number(
            'config["t"]',
            real(config["t"]),
            float(end.t),
            at=draw.at,
            mistakes=[not_raised],
            tolerance=bench.tolerance,
        )

    large_to_small(attempt, SHAPES, SMALLER)
    return Finding("right", "Given m, v and t are used, and the new ones come back in config.")


def _require_key(config: dict[str, Any], key: str, draw: Draw) -> None:
    if key not in config:
        raise FoundError(
            f"The config that adam returns has no {key!r} ({draw.at}).",
            mistake="t-not-stored" if key == "t" else "moments-not-stored",
        )


TESTS = {
    "sgd_momentum.state": CodeTest(momentum_state, FILE),
    "adam.state": CodeTest(adam_state, FILE),
}
