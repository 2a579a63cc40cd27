from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.second_order import (
    gauss_newton,
    gauss_newton_step,
    levenberg_marquardt,
    levenberg_marquardt_step,
    newton,
    newton_step,
)

DOUBLE = torch.float64


def linear_problem() -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    return (
        torch.randn(3, dtype=DOUBLE),
        torch.randn(8, 3, dtype=DOUBLE),
        torch.randn(8, dtype=DOUBLE),
    )


def decay(theta: Tensor) -> Tensor:
    """Residuals of a e^(-b t) at six times, against a = 2, b = 0.7."""
    t = torch.linspace(0, 3, 6, dtype=theta.dtype)
    return theta[0] * torch.exp(-theta[1] * t) - 2 * torch.exp(-0.7 * t)


def test_newton_ends_on_a_quadratic_in_one_step() -> None:
    torch.manual_seed(1)
    half = torch.randn(4, 4, dtype=DOUBLE)
    hessian, minimum = half @ half.T + torch.eye(4, dtype=DOUBLE), torch.randn(4, dtype=DOUBLE)
    start = 10 * torch.randn(4, dtype=DOUBLE)

    def loss(theta: Tensor) -> Tensor:
        return (theta - minimum) @ hessian @ (theta - minimum) / 2

    assert_close(newton_step(start, hessian @ (start - minimum), hessian), minimum)
    path = newton(loss, start, 1)
    assert_close(path[-1].theta, minimum)
    assert path[0].loss == pytest.approx(float(loss(start)))


def test_newton_goes_to_any_stationary_point() -> None:
    # x^2 - y^2 has a saddle at 0, which gradient descent would leave.
    path = newton(lambda t: t[0] ** 2 - t[1] ** 2, torch.tensor([1.0, 1.0], dtype=DOUBLE), 1)
    assert_close(path[-1].theta, torch.zeros(2, dtype=DOUBLE))
    assert path[-1].loss == pytest.approx(0)


def test_newtons_error_is_squared_in_each_step() -> None:
    # For t - log(t), with its minimum at 1, the formula gives 1 - next = (1 - t)^2 exactly.
    path = newton(lambda t: (t - t.log()).sum(), torch.tensor([0.6], dtype=DOUBLE), 4)
    errors = [1 - float(step.theta) for step in path]
    assert errors[1:] == pytest.approx([error**2 for error in errors[:-1]])


def test_a_singular_hessian_is_an_error() -> None:
    with pytest.raises(torch.linalg.LinAlgError):
        newton_step(torch.zeros(2), torch.ones(2), torch.ones(2, 2))


def test_gauss_newton_on_linear_residuals_is_least_squares() -> None:
    start, a, b = linear_problem()
    expected = torch.linalg.solve(a.T @ a, a.T @ b)
    assert_close(gauss_newton_step(start, a @ start - b, a), expected)
    path = gauss_newton(lambda theta: a @ theta - b, start, 2)
    assert_close(path[1].theta, expected)
    assert_close(path[2].theta, expected)
    assert path[1].loss == pytest.approx(float(((a @ expected - b) ** 2).sum()))


def test_gauss_newton_is_newton_without_the_second_derivatives() -> None:
    theta = torch.tensor([1.5, 0.5], dtype=DOUBLE)
    jacobian = torch.func.jacrev(decay)(theta)
    residuals = decay(theta)
    gradient, hessian = 2 * jacobian.T @ residuals, 2 * jacobian.T @ jacobian
    assert_close(
        gauss_newton_step(theta, residuals, jacobian), newton_step(theta, gradient, hessian)
    )
    assert_close(gradient, torch.func.grad(lambda t: (decay(t) ** 2).sum())(theta))


def test_gauss_newton_finds_the_decay() -> None:
    path = gauss_newton(decay, torch.tensor([1.0, 0.3], dtype=DOUBLE), 8)
    assert_close(path[-1].theta, torch.tensor([2.0, 0.7], dtype=DOUBLE))


@pytest.mark.parametrize("scaling", ["identity", "diagonal"])
def test_levenberg_marquardt_lies_between_gauss_newton_and_the_gradient(scaling: Any) -> None:
    start, a, b = linear_problem()
    residuals = a @ start - b
    undamped = levenberg_marquardt_step(start, residuals, a, 0.0, scaling)
    assert_close(undamped, gauss_newton_step(start, residuals, a))

    large = 1e9
    step = levenberg_marquardt_step(start, residuals, a, large, scaling) - start
    units = (a**2).sum(dim=0) if scaling == "diagonal" else torch.ones(3, dtype=DOUBLE)
    assert_close(large * step, -(a.T @ residuals) / units)

    lengths = [
        float((levenberg_marquardt_step(start, residuals, a, d, scaling) - start).norm())
        for d in (0.0, 0.1, 1.0, 10.0)
    ]
    assert lengths == sorted(lengths, reverse=True)


def test_marquardts_scaling_does_not_mind_other_units() -> None:
    start, a, b = linear_problem()
    units = torch.tensor([1e-3, 1.0, 1e3], dtype=DOUBLE)
    residuals = a @ start - b
    usual = levenberg_marquardt_step(start, residuals, a, 0.5)
    other = levenberg_marquardt_step(start / units, residuals, a * units, 0.5)
    assert_close(other * units, usual)


@pytest.mark.parametrize("scaling", ["identity", "diagonal"])
def test_levenberg_marquardt_never_climbs_and_arrives(scaling: Any) -> None:
    # From here the undamped step climbs: b goes far below 0 and the model explodes.
    start = torch.tensor([0.1, 3.0], dtype=DOUBLE)
    assert gauss_newton(decay, start, 1)[-1].loss > gauss_newton(decay, start, 0)[0].loss
    path = levenberg_marquardt(decay, start, 60, scaling=scaling)
    losses = [step.loss for step in path]
    assert losses == sorted(losses, reverse=True)
    assert_close(path[-1].theta, torch.tensor([2.0, 0.7], dtype=DOUBLE))
    for before, after in pairwise(path):
        kept = after.damping < before.damping
        assert after.damping == pytest.approx(before.damping * (0.1 if kept else 10))
        assert kept or torch.equal(after.theta, before.theta)


@pytest.mark.parametrize(
    ("damping", "scaling", "message"),
    [
        (-1.0, "diagonal", "negative"),
        (float("nan"), "diagonal", "negative"),
        (1.0, "full", "identity or"),
    ],
)
def test_senseless_arguments_are_refused(damping: float, scaling: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        levenberg_marquardt_step(torch.zeros(1), torch.zeros(1), torch.ones(1, 1), damping, scaling)


@pytest.mark.gpu
def test_runs_on_the_gpu() -> None:
    start, a, b = (t.to("cuda") for t in linear_problem())
    expected = torch.linalg.solve(a.T @ a, a.T @ b)
    assert_close(gauss_newton(lambda t: a @ t - b, start, 1)[-1].theta, expected)
