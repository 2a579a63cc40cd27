"""Statements of lecture 2 tried out: regions of neighbours, random splits, ROC curves, choices on a validation set."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def torch_region_claims(first: Any, second: Any, ks: Any, asked: Any, claim: str) -> list[bool]:
    """Statements on panels with the regions of the given k, told from predictions on a grid by torch.

    The smallest k is where the prediction changes most from cell to cell, the largest where it changes least.
    """
    import torch

    points = torch.tensor([*first, *second], dtype=torch.float64)
    labels = torch.tensor([1] * len(first) + [0] * len(second))

    def predicted(places: Any, k: int) -> Any:
        near = torch.cdist(places, points).topk(k, largest=False).indices
        return labels[near].sum(1) * 2 > k

    side = torch.linspace(0, 100, 101, dtype=torch.float64)
    grid = torch.cartesian_prod(side, side)
    changes, clean = [], []
    for k in ks:
        region = predicted(grid, k).reshape(101, 101)
        along = (region[1:] != region[:-1]).sum() + (region[:, 1:] != region[:, :-1]).sum()
        changes.append(int(along))
        clean.append(bool((predicted(points, k) == (labels == 1)).all()))
    every = predicted(grid, len(points))
    larger = bool(every.all()) if len(first) > len(second) else not bool(every.any())
    return [
        changes[asked[0]] == max(changes),
        changes[asked[1]] == min(changes),
        clean[asked[2]],
        larger == (claim == "larger"),
    ]


def simulated_optimism(kinds: Any) -> list[bool]:
    """For each kind of data: whether a nearest neighbour does better on a random test part than in later use.

    Kind 0: one sample of each group, used on new groups; 1: many samples, new groups; 2: many samples, same groups.
    """
    gains = [_optimism(int(kind)) for kind in kinds]
    if any(0.05 < gain < 0.15 for gain in gains):
        raise ValueError(f"the simulation does not decide: {gains}")
    return [gain > 0.1 for gain in gains]


@lru_cache(maxsize=8)
def _optimism(kind: int) -> float:
    import numpy as np

    random = np.random.default_rng(5)
    groups, each = (1500, 1) if kind == 0 else (60, 25)
    direction = np.full(8, 0.3)

    def centres(count: int) -> tuple[Any, Any]:
        labels = random.integers(0, 2, count)
        return random.normal(size=(count, 8)) + np.outer(2 * labels - 1, direction), labels

    def samples(where: Any, labels: Any, count: int) -> tuple[Any, Any]:
        x = np.repeat(where, count, axis=0)
        return x + 0.2 * random.normal(size=x.shape), np.repeat(labels, count)

    known = centres(groups)
    x, y = samples(*known, each)
    order = random.permutation(len(x))
    train, test = order[: len(x) // 2], order[len(x) // 2 :]
    later = samples(*(known if kind == 2 else centres(800)), 1 if kind != 2 else 15)

    def accuracy(places: Any, truth: Any) -> float:
        gaps = ((places[:, None] - x[train][None]) ** 2).sum(-1)
        return float((y[train][gaps.argmin(1)] == truth).mean())

    return accuracy(x[test], y[test]) - accuracy(*later)


def counted_roc_claims(
    first: Any, second: Any, positives: int, negatives: int, chosen: int, diagonal: int
) -> list[bool]:
    """Statements on two ROC curves with corners over 0.2 and 0.5, by listing samples with three scores each."""
    from scipy.stats import mannwhitneyu

    def scores(tenths: Any) -> tuple[list[int], list[int]]:
        # 100 samples of each class: score 3 above the first threshold, 2 above the second, else 1
        ones = [3] * (10 * tenths[0]) + [2] * (10 * (tenths[1] - tenths[0]))
        return ones + [1] * (100 - len(ones)), [3] * 20 + [2] * 30 + [1] * 50

    both = [scores(first), scores(second)]
    areas = [mannwhitneyu(ones, zeros).statistic / 10_000 for ones, zeros in both]
    found = [ones.count(3) for ones, _ in both]
    hits = both[chosen][0].count(3) / 100 * positives
    alarms = both[chosen][1].count(3) / 100 * negatives
    ones, zeros = both[diagonal]
    below = any(sum(s >= level for s in ones) < sum(s >= level for s in zeros) for level in (2, 3))
    return [found[0] > found[1], bool(areas[0] > areas[1]), hits / (hits + alarms) > 1 / 2, below]


def accuracy_of_choice(validation: Any, test: Any) -> float:
    """The test accuracy of the row that stands first when sorted by the validation accuracy."""
    import torch

    order = torch.tensor([float(v) for v in validation]).sort(descending=True).indices
    return float(torch.tensor([float(v) for v in test], dtype=torch.float64)[order[0]])
