from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch

from question_bank.solvers.regularisation import (
    dropout_largest,
    dropout_mean,
    ensemble_variance,
    lasso_minimiser,
    mirrored_column,
    penalised_step,
    ridge_minimiser,
    stopped_descent,
)


@pytest.mark.parametrize(("penalty", "power"), [("L2", 2), ("L1", 1)])
@pytest.mark.parametrize("weight", [-3.0, 0.5, 4.0])
def test_penalised_steps_agree_with_sgd(penalty, power, weight):
    w = torch.tensor(weight, dtype=torch.float64, requires_grad=True)
    (2.0 * w + 0.7 * w.abs() ** power).backward()
    torch.optim.SGD([w], lr=0.1).step()
    assert penalised_step(weight, 2.0, 0.1, 0.7, penalty) == pytest.approx(w.item())


@pytest.mark.parametrize(("weight", "penalty"), [(0, "L1"), (1, "L3")])
def test_no_step_without_a_derivative(weight, penalty):
    with pytest.raises(ValueError):
        penalised_step(weight, 1, 1, 1, penalty)


@pytest.mark.parametrize("inverted", [True, False])
def test_dropout_agrees_with_all_masks(inverted):
    random = np.random.default_rng(6)
    for _ in range(20):
        products = tuple(int(v) for v in random.integers(-6, 7, 4))
        bias, drop = int(random.integers(-3, 4)), Fraction(int(random.integers(1, 8)), 8)
        scale = 1 / (1 - drop) if inverted else 1
        mean, values = Fraction(0), []
        for mask in itertools.product((0, 1), repeat=4):
            value = scale * sum(m * p for m, p in zip(mask, products, strict=True)) + bias
            mean += value * (1 - drop) ** sum(mask) * drop ** (4 - sum(mask))
            values.append(value)
        assert dropout_mean(products, bias, drop, inverted) == mean
        assert dropout_largest(products, bias, drop, inverted) == max(values)


@pytest.mark.parametrize("drop", [1, Fraction(-1, 2)])
def test_a_layer_that_drops_everything_is_refused(drop):
    with pytest.raises(ValueError, match="drop"):
        dropout_mean((1, 2), 0, drop)


def test_mirrored_column_is_where_numpy_puts_it():
    row = np.arange(7)[None]
    for column in range(7):
        assert np.fliplr(row)[0, mirrored_column(column, 7)] == column


@pytest.mark.parametrize("column", [-1, 7])
def test_a_column_outside_of_the_image_is_refused(column):
    with pytest.raises(ValueError, match="outside"):
        mirrored_column(column, 7)


@pytest.mark.parametrize("best", [-3, 0, 2, 5])
@pytest.mark.parametrize(("curvature", "strength"), [(1, 0), (2, 3), (4, 10)])
def test_minimisers_lie_where_a_fine_grid_is_lowest(best, curvature, strength):
    grid = np.linspace(-6, 6, 12001)
    loss = curvature / 2 * (grid - best) ** 2
    ridge = grid[np.argmin(loss + strength / 2 * grid**2)]
    lasso = grid[np.argmin(loss + strength * np.abs(grid))]
    assert float(ridge_minimiser(best, curvature, strength)) == pytest.approx(ridge, abs=1e-3)
    assert float(lasso_minimiser(best, curvature, strength)) == pytest.approx(lasso, abs=1e-3)


@pytest.mark.parametrize("minimiser", [ridge_minimiser, lasso_minimiser])
@pytest.mark.parametrize(("curvature", "strength"), [(0, 1), (1, -1)])
def test_a_loss_without_a_minimum_is_refused(minimiser, curvature, strength):
    with pytest.raises(ValueError, match="curvature"):
        minimiser(1, curvature, strength)


def test_stopped_descent_agrees_with_sgd():
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=0.25)
    for steps in range(1, 5):
        w.grad = torch.autograd.grad(2 * (w - 8) ** 2 / 2, w)[0]
        optimiser.step()
        assert stopped_descent(8, 2, Fraction(1, 4), steps) == w.item()


def test_ensemble_variance_agrees_with_the_covariance_matrix():
    matrix = np.full((6, 6), 3.0) + np.diag(np.full(6, 9.0))
    share = np.full(6, 1 / 6)
    assert float(ensemble_variance(6, 12, 3)) == pytest.approx(share @ matrix @ share)
    assert ensemble_variance(4, 12) == 3
    with pytest.raises(ValueError, match="member"):
        ensemble_variance(0, 1)
