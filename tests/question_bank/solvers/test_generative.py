from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from question_bank.solvers.generative import (
    kl_discrete,
    kl_gaussian_std,
    linear_autoencoder_loss,
    optimal_discriminator,
    reparametrise,
)


def test_kl_agrees_with_torch():
    random = np.random.default_rng(8)
    for _ in range(20):
        mu, sigma = random.normal(size=3), random.uniform(0.2, 3, 3)
        code = torch.distributions.Normal(torch.tensor(mu), torch.tensor(sigma))
        prior = torch.distributions.Normal(torch.zeros(3).double(), torch.ones(3).double())
        expected = torch.distributions.kl_divergence(code, prior).sum().item()
        assert kl_gaussian_std(tuple(mu), tuple(sigma)) == pytest.approx(expected)
    assert kl_gaussian_std((3, 0), (1, 1)) == Fraction(9, 2)
    assert kl_gaussian_std(3, 1) == Fraction(9, 2)


def test_kl_of_tables_agrees_with_torch():
    random = np.random.default_rng(11)
    for _ in range(20):
        p, q = random.dirichlet(np.ones(4), size=2)
        expected = torch.nn.functional.kl_div(
            torch.tensor(q).log(), torch.tensor(p), reduction="sum"
        )
        assert kl_discrete(tuple(p), tuple(q)) == pytest.approx(expected.item())
    assert kl_discrete((1, 0), (Fraction(1, 2), Fraction(1, 2))) == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("p", "q", "reason"),
    [
        ((0.5, 0.5), (1, 0), "infinite"),
        ((0.5, 0.6), (0.5, 0.5), "p must"),
        ((1, 0), (2, -1), "q must"),
    ],
)
def test_kl_without_a_value_is_refused(p, q, reason):
    with pytest.raises(ValueError, match=reason):
        kl_discrete(p, q)


def test_samples_have_the_mean_and_the_deviation_asked_for():
    noise = np.random.default_rng(9).normal(size=20_000)
    drawn = np.array([reparametrise((3.0,), (0.5,), (e,))[0] for e in noise])
    assert drawn.mean() == pytest.approx(3, abs=0.02)
    assert drawn.std() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("sigma", [0, -1])
def test_a_deviation_is_positive(sigma):
    with pytest.raises(ValueError, match="positive"):
        kl_gaussian_std((0,), (sigma,))
    with pytest.raises(ValueError, match="positive"):
        reparametrise((0,), (sigma,), (1,))


def test_no_discriminator_on_a_grid_is_better():
    data, made = (Fraction(1, 2), Fraction(1, 5), Fraction(3, 10)), (0.2, 0.5, 0.3)
    best = [float(d) for d in optimal_discriminator(data, made)]
    grid = np.linspace(0.001, 0.999, 999)
    for p, q, d in zip(data, made, best, strict=True):
        values = float(p) * np.log(grid) + q * np.log(1 - grid)
        assert grid[values.argmax()] == pytest.approx(d, abs=0.001)


@pytest.mark.parametrize(("data", "made"), [((0, 1), (0, 1)), ((-1, 2), (2, 1))])
def test_no_optimum_without_mass(data, made):
    with pytest.raises(ValueError):
        optimal_discriminator(data, made)


def test_loss_of_the_best_linear_code_agrees_with_a_singular_value_decomposition():
    random = np.random.default_rng(10)
    for code in range(6):
        points = random.normal(size=(40, 5)) * [3, 1, 4, 2, 5]
        points -= points.mean(axis=0)
        variances = tuple(np.linalg.eigvalsh(points.T @ points / 40))
        u, s, v = np.linalg.svd(points, full_matrices=False)
        rest = points - (u[:, :code] * s[:code]) @ v[:code]
        expected = (rest**2).sum(axis=1).mean()
        assert linear_autoencoder_loss(variances, code) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("variances", "code"), [((1, 2), 3), ((1, 2), -1), ((1, -2), 1)])
def test_impossible_codes_and_variances_are_refused(variances, code):
    with pytest.raises(ValueError):
        linear_autoencoder_loss(variances, code)
