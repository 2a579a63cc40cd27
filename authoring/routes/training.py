"""Lecture 6 by torch's schedulers, scans, small trainings, and a look at the drawn curves."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any


def torch_step_lr(rate: Any, factor: Any, every: int, epoch: int) -> float:
    """The learning rate that torch's StepLR sets in an epoch."""
    import torch

    schedulers = torch.optim.lr_scheduler
    return _scheduled(rate, epoch, lambda o: schedulers.StepLR(o, every, float(factor)))


def epoch_of_inverse_decay(rate: Any, decay: Any, target: Any) -> int:
    """The first epoch in which torch's LambdaLR with 1 / (1 + decay epoch) is down at the target."""
    import torch

    theta = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=float(rate))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda e: 1 / (1 + float(decay) * e))
    for epoch in range(1000):
        if optimiser.param_groups[0]["lr"] <= float(target) * (1 + 1e-9):
            return epoch
        optimiser.step()
        scheduler.step()
    raise ValueError("the target is not reached")


def _scheduled(rate: Any, epoch: int, make: Any) -> float:
    import torch

    theta = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=float(rate))
    scheduler = make(optimiser)
    for _ in range(epoch):
        optimiser.step()
        scheduler.step()
    return float(optimiser.param_groups[0]["lr"])


def scipy_loguniform_share(low: Any, high: Any, first: Any, last: Any) -> float:
    """The probability of [first, last] under scipy's log-uniform distribution."""
    from scipy.stats import loguniform

    law = loguniform(float(low), float(high))
    return float(law.cdf(float(last)) - law.cdf(float(first)))


def values_tried(grid: int, hyperparameters: int) -> list[int]:
    """Different values of the first hyperparameter in a full grid and in as many random trials, by listing them."""
    import itertools
    import random

    points = list(itertools.product(range(grid), repeat=hyperparameters))
    chance = random.Random(0)  # noqa: S311  an experiment, not a secret
    trials = [[chance.random() for _ in range(hyperparameters)] for _ in points]
    return [len({p[0] for p in points}), len({t[0] for t in trials})]


def stop_by_running_minimum(values: Any, patience: int) -> list[int]:
    """[last epoch, kept epoch] from the running minimum of the values."""
    import numpy as np

    series = np.array([float(v) for v in values])
    lowest = np.minimum.accumulate(series)
    for last in range(patience, len(series)):
        if lowest[last] == lowest[last - patience]:
            return [last + 1, int(series[: last + 1].argmin()) + 1]
    raise ValueError("training does not stop")


def gaps_at_stop(training: Any, validation: Any, best_possible: Any, patience: int) -> list[float]:
    """Training minus best possible error, and validation minus training error, where training keeps its weights."""
    kept = stop_by_running_minimum(validation, patience)[1] - 1
    rows = list(zip(training, validation, strict=True))
    return [float(rows[kept][0] - best_possible), float(rows[kept][1] - rows[kept][0])]


def seconds_until_stop(
    validation: Any, patience: int, samples: int, batch: int, update: Any
) -> float:
    """The duration of all updates until training stops, by running through torch's batches."""
    from torch.utils.data import BatchSampler

    seconds = 0.0
    for _ in range(stop_by_running_minimum(validation, patience)[0]):
        for _ in BatchSampler(range(samples), batch, drop_last=False):
            seconds += float(update)
    return round(seconds, 6)


def drawn_curve_claims(regimes: Any, seeds: Any, claims: Any) -> list[bool]:
    """Whether each panel of the figure of loss curves shows the claimed regime, told from the numbers drawn."""
    return [
        _shown(str(r), int(s)) == claim for r, s, claim in zip(regimes, seeds, claims, strict=True)
    ]


@lru_cache(maxsize=256)
def _shown(regime: str, seed: int) -> str:
    from templates.figures import describe

    text = describe("loss_curves", {"panels": [{"regime": regime, "seed": seed}]})
    train, val = re.findall(r"starts at ([\d.]+)(.*?)(?=;|\.$)", text)
    if "leaves the plot" in train[1]:
        return "diverging"
    end, val_end = (float(re.findall(r"ends at ([\d.]+)", curve[1])[0]) for curve in (train, val))
    lowest = re.findall(r"lowest ([\d.]+)", val[1])
    if lowest and val_end - float(lowest[0]) > 0.3 and end < 0.5:
        return "overfitting"
    return "underfitting" if end > 1.0 else "good_fit"


def sanity_claims(classes: int, first_loss: str, claims: Any) -> list[bool]:
    """Which statements about a fresh classifier hold, by torch: first loss, one batch, random labels, L2 penalty.

    `claims` says for the last three whether the true statement (1) or its opposite (0) is made.
    """
    import torch

    scores = torch.zeros(8, classes, dtype=torch.float64)
    loss = float(torch.nn.functional.cross_entropy(scores, torch.arange(8) % classes))
    claimed = {
        "log": math.log(classes),
        "inverse": 1 / classes,
        "zero": 0.0,
        "other": -math.log(1 - 1 / classes),
    }[first_loss]
    fits_batch, fits_random, chance_level, penalty_adds = _experiments()
    found = [fits_batch, fits_random and chance_level, penalty_adds]
    truths = [f if int(c) == 1 else not f for f, c in zip(found, claims, strict=True)]
    return [math.isclose(loss, claimed, rel_tol=1e-9), *truths]


@lru_cache(maxsize=1)
def _experiments() -> tuple[bool, bool, bool, bool]:
    """Fits one batch of 8; fits 64 random labels; is then at chance on fresh ones; an L2 penalty raises the loss."""
    import torch

    torch.manual_seed(0)
    functional = torch.nn.functional

    def trained(x: Any, y: Any) -> tuple[Any, float]:
        net = torch.nn.Sequential(
            torch.nn.Linear(20, 128), torch.nn.ReLU(), torch.nn.Linear(128, 4)
        )
        optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
        loss = functional.cross_entropy(net(x), y)
        for _ in range(200):
            optimiser.zero_grad()
            loss = functional.cross_entropy(net(x), y)
            loss.backward()
            optimiser.step()
        return net, float(loss.detach())

    x, y = torch.randn(64, 20), torch.randint(4, (64,))
    _, one_batch = trained(x[:8], y[:8])
    net, memorised = trained(x, y)
    fresh, labels = torch.randn(2000, 20), torch.randint(4, (2000,))
    accuracy = float((net(fresh).argmax(1) == labels).float().mean())
    penalty = 0.01 * sum(float((p.detach() ** 2).sum()) for p in net.parameters())
    return one_batch < 0.05, memorised < 0.05, abs(accuracy - 0.25) < 0.05, penalty > 0
