"""RMSProp and running moments against torch, SGD on samples against their mean, and seeded minibatch losses."""

from __future__ import annotations

import itertools
import random
import statistics
from fractions import Fraction

import pytest
import torch

from question_bank.solvers.stochastic import (
    minibatch_losses,
    rmsprop_step,
    running_moments,
    sgd_towards_samples,
)


@pytest.mark.parametrize("seed", range(5))
def test_rmsprop_against_torch(seed: int) -> None:
    chance = random.Random(seed)
    gradients = [[chance.uniform(-3, 3) or 1.0, chance.uniform(1, 3)] for _ in range(4)]
    weights = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.RMSprop([weights], lr=0.1, alpha=0.8, eps=0.0)
    theta, square = (1.0, -2.0), (0.0, 0.0)
    for gradient in gradients:
        weights.grad = torch.tensor(gradient, dtype=torch.float64)
        optimiser.step()
        theta, square = rmsprop_step(theta, square, tuple(gradient), 0.1, 0.8)  # type: ignore[assignment]
    assert theta == pytest.approx(weights.detach().tolist())


def test_rmsprop_stays_exact() -> None:
    decay, rate = Fraction(3, 4), Fraction(1, 10)
    assert rmsprop_step((1,), (13,), (-5,), rate, decay) == ((Fraction(9, 8),), (16,))
    with pytest.raises(ValueError, match="must not be 0"):
        rmsprop_step((1,), (0,), (0,), rate, decay)


def test_running_moments() -> None:
    half = Fraction(1, 2)
    assert running_moments((8, 8, 8), half) == (4, 6, 7)
    assert running_moments((8,), half, 2) == (5,)


def test_the_rates_one_over_t_give_means() -> None:
    samples = (4, 0, -4, 8)
    found = sgd_towards_samples(samples, 99, tuple(Fraction(1, t) for t in (1, 2, 3, 4)))
    assert found == (4, 2, 0, 2)
    assert sgd_towards_samples((4, 0), 16, (Fraction(1, 2),) * 2) == (10, 5)


def test_larger_batches_give_smoother_losses() -> None:
    def roughness(batch: int) -> float:
        curves = [minibatch_losses(batch, seed) for seed in range(6)]
        pairs = [pair for c in curves for pair in itertools.pairwise(c)]
        return statistics.mean(abs(float(b) - float(a)) for a, b in pairs)

    assert roughness(1) > 2 * roughness(16) > 4 * roughness(256) / 1.5
    assert minibatch_losses(4, 3) == minibatch_losses(4, 3)
    assert minibatch_losses(4, 3) != minibatch_losses(4, 4)
    with pytest.raises(ValueError, match="batch"):
        minibatch_losses(0, 1)
