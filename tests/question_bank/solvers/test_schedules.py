"""Schedules against torch, early stopping against a loop, log-uniform shares against scipy."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
import torch
from scipy.stats import loguniform

from question_bank.solvers.schedules import (
    cosine_decay,
    early_stopping,
    inverse_time_decay,
    log_uniform_share,
    step_decay,
)


def test_schedules_against_torch() -> None:
    schedulers = torch.optim.lr_scheduler
    optimisers = [torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.8) for _ in range(2)]
    steps = schedulers.StepLR(optimisers[0], 4, 0.5)
    inverse = schedulers.LambdaLR(optimisers[1], lambda epoch: 1 / (1 + 0.25 * epoch))
    for epoch in range(20):
        found = [o.param_groups[0]["lr"] for o in optimisers]
        assert float(step_decay(0.8, 0.5, 4, epoch)) == pytest.approx(found[0])
        assert float(inverse_time_decay(0.8, 0.25, epoch)) == pytest.approx(found[1])
        for optimiser, scheduler in zip(optimisers, (steps, inverse), strict=True):
            optimiser.step()
            scheduler.step()


@pytest.mark.parametrize("seed", range(20))
def test_early_stopping_against_a_loop(seed: int) -> None:
    chance = random.Random(seed)
    values = tuple(chance.randint(0, 9) for _ in range(12)) + (9,) * 12
    patience = chance.randint(1, 4)
    best, waited, epoch = 0, 0, 0
    for epoch in range(1, len(values)):
        if values[epoch] < values[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    assert early_stopping(values, patience) == (epoch + 1, best + 1)


@pytest.mark.parametrize("seed", range(20))
def test_min_delta_against_a_loop(seed: int) -> None:
    chance = random.Random(seed)
    values = tuple(chance.randint(0, 19) for _ in range(12)) + (19,) * 12
    patience, delta = chance.randint(1, 4), chance.randint(2, 5)
    lowest, kept, waited, epoch = math.inf, 0, 0, 0
    for epoch, value in enumerate(values, 1):
        waited += 1
        if value <= lowest - delta:
            lowest, kept, waited = value, epoch, 0
        if waited == patience:
            break
    assert early_stopping(values, patience, delta) == (epoch, kept)


def test_cosine_decay_against_torch() -> None:
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.8)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 12)
    for epoch in range(13):
        found = cosine_decay(Fraction(4, 5), Fraction(epoch, 12))
        assert float(found) == pytest.approx(optimiser.param_groups[0]["lr"])
        assert isinstance(found, Fraction) == (epoch in {0, 4, 6, 8, 12})
        optimiser.step()
        scheduler.step()
    assert cosine_decay(0.8, 0.25) == pytest.approx(0.4 * (1 + math.sqrt(0.5)))


def test_log_uniform_share() -> None:
    assert log_uniform_share(
        Fraction(1, 10**6), 10, Fraction(1, 10**4), Fraction(1, 10)
    ) == Fraction(3, 7)
    law = loguniform(0.001, 5)
    expected = law.cdf(2) - law.cdf(0.04)
    assert float(log_uniform_share(0.001, 5, 0.04, 2)) == pytest.approx(expected)
    assert float(log_uniform_share(1, 100, 2, 50)) == pytest.approx(0.5 * 1.39794, rel=1e-4)


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match="every"):
        step_decay(1, 1, 0, 3)
    with pytest.raises(ValueError, match="negative"):
        inverse_time_decay(1, -1, 3)
    with pytest.raises(ValueError, match="patience"):
        early_stopping((1, 2), 0)
    with pytest.raises(ValueError, match="does not stop"):
        early_stopping((3, 2, 1), 2)
    with pytest.raises(ValueError, match="progress"):
        cosine_decay(1, 2)
    with pytest.raises(ValueError, match="interval"):
        log_uniform_share(1, 10, 5, 20)
