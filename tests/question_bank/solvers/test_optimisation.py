"""The optimisers' closed forms against torch's optimisers and numpy, and what they refuse."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from question_bank.solvers.optimisation import (
    adam_step,
    adam_steps,
    eigenvalues_2x2,
    gd_on_quadratic,
    momentum_step,
    momentum_terminal_velocity,
    newton_step,
    quadratic_path,
    stable_rate_limit,
    training_iterations,
)

CURVATURES = (1.0, 4.0)


def _run(make: Any, start: list[float], steps: int) -> list[float]:
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = make([theta])
    for _ in range(steps):
        theta.grad = torch.tensor(CURVATURES, dtype=torch.float64) * theta.detach()
        optimiser.step()
    return [float(t) for t in theta.detach()]


@pytest.mark.parametrize("seed", range(5))
def test_momentum_against_torch(seed: int) -> None:
    chance = random.Random(seed)
    start = [chance.uniform(-5, 5), chance.uniform(-5, 5)]
    path = quadratic_path("momentum", CURVATURES, tuple(start), 0.05, 0.8, steps=6)
    expected = _run(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8), start, 6)
    assert path[-1] == pytest.approx(expected)
    plain = quadratic_path("gd", CURVATURES, tuple(start), 0.05, steps=6)
    assert plain[-1] == pytest.approx(_run(lambda p: torch.optim.SGD(p, lr=0.05), start, 6))
    assert plain[-1][1] == pytest.approx(gd_on_quadratic(start[1], 4, 0.05, 6))
    assert quadratic_path("newton", CURVATURES, tuple(start), steps=1)[-1] == pytest.approx((0, 0))


@pytest.mark.parametrize("seed", range(5))
def test_adam_against_torch(seed: int) -> None:
    chance = random.Random(seed)
    start = [chance.uniform(1, 5), chance.uniform(-5, -1)]
    theta: Any = tuple(start)
    m: Any = (0, 0)
    v: Any = (0, 0)
    for t in (1, 2, 3):
        gradient = tuple(c * p for c, p in zip(CURVATURES, theta, strict=True))
        theta, m, v = adam_step(theta, m, v, gradient, t, 0.1, 0.9, 0.99)
    expected = _run(lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.9, 0.99), eps=0.0), start, 3)
    assert theta == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("epsilon", [0, 1e-3])
def test_adams_parameters_after_each_step_are_those_of_torch(seed: int, epsilon: float) -> None:
    chance = random.Random(seed)
    gradients = tuple((chance.uniform(-2, 2), chance.uniform(-2, 2)) for _ in range(5))
    theta = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([theta], lr=0.1, betas=(0.8, 0.95), eps=epsilon)
    after = adam_steps(gradients, (1.0, -2.0), 0.1, 0.8, 0.95, epsilon)
    for gradient, ours in zip(gradients, after, strict=True):
        theta.grad = torch.tensor(gradient, dtype=torch.float64)
        optimiser.step()
        assert ours == pytest.approx(theta.tolist())


def test_adams_steps_with_one_parameter_are_exact() -> None:
    assert adam_steps((4, 4), 1, Fraction(1, 10)) == (Fraction(9, 10), Fraction(8, 10))
    with pytest.raises(ValueError, match="step 1"):
        adam_steps((0,))


def test_adam_stays_exact_and_can_leave_the_bias_in() -> None:
    rate, beta1, beta2 = Fraction(1, 10), Fraction(9, 10), Fraction(99, 100)
    assert adam_step((0,), (0,), (0,), (-3,), 1, rate, beta1, beta2)[0] == (rate,)
    assert adam_step((0,), (0,), (0,), (-3,), 1, rate, beta1, Fraction(96, 100), False)[0] == (
        rate / 2,
    )


@pytest.mark.parametrize("seed", range(8))
def test_newton_and_stability_against_numpy(seed: int) -> None:
    chance = random.Random(seed)
    a, b, d = chance.randint(1, 9), chance.randint(-5, 5), chance.randint(30, 40)
    hessian = ((a, b), (b, d))
    theta, gradient = (1, -2), (chance.randint(-9, 9), chance.randint(-9, 9))
    if a * d == b * b:
        pytest.skip("singular")
    expected = np.array(theta) - np.linalg.solve(np.array(hessian, float), gradient)
    assert [float(x) for x in newton_step(theta, gradient, hessian)] == pytest.approx(
        list(expected)
    )
    values = np.linalg.eigvalsh(np.array(hessian, float))
    assert [float(x) for x in eigenvalues_2x2(hessian)] == pytest.approx(list(values))
    if values[0] > 0:
        assert float(stable_rate_limit(hessian)) == pytest.approx(2 / values[1])


def test_terminal_velocity_is_the_limit_of_the_steps() -> None:
    theta: Any = (0.0,)
    velocity: Any = (0.0,)
    for _ in range(300):
        theta, velocity = momentum_step(theta, velocity, (3,), 0.1, 0.8)
    assert velocity[0] == pytest.approx(float(momentum_terminal_velocity(3, 0.1, 0.8)))


def test_updates_by_counting() -> None:
    for samples in range(1, 20):
        for batch in range(1, 8):
            assert training_iterations(samples, batch, 3) == 3 * len(range(0, samples, batch))
            assert training_iterations(samples, batch, drop_last=True) == samples // batch


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match="singular"):
        newton_step((0, 0), (1, 1), ((1, 2), (2, 4)))
    with pytest.raises(ValueError, match="not symmetric"):
        eigenvalues_2x2(((1, 2), (3, 4)))
    with pytest.raises(ValueError, match="positive definite"):
        stable_rate_limit(((1, 2), (2, 1)))
    with pytest.raises(ValueError, match="beta"):
        momentum_terminal_velocity(1, 1, 1)
    with pytest.raises(ValueError, match="batch"):
        training_iterations(10, 0)
    with pytest.raises(ValueError, match="from 1"):
        adam_step((0,), (0,), (0,), (1,), 0, 1, Fraction(1, 2), Fraction(1, 2))
    with pytest.raises(ValueError, match="0 / 0"):
        adam_step((0,), (0,), (0,), (0,), 1, 1, Fraction(1, 2), Fraction(1, 2))
    with pytest.raises(ValueError, match="no method"):
        quadratic_path("adagrad", (1, 1), (1, 1))
    with pytest.raises(ValueError, match="steps"):
        gd_on_quadratic(1, 1, 1, -1)
