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


def torch_image_distances(query: Any, images: Any) -> list[list[float]]:
    """[L1, L2] of the query to each image, by torch's cdist on the flattened pixels."""
    import torch

    q = torch.tensor(query, dtype=torch.float64).reshape(1, -1)
    others = torch.tensor(images, dtype=torch.float64).reshape(len(images), -1)
    columns = [torch.cdist(others, q, p=p).flatten() for p in (1.0, 2.0)]
    return [[float(v) for v in row] for row in torch.stack(columns, dim=1)]


def torch_scores_of_counts(counts: Any, asked: int) -> list[float]:
    """[accuracy, precision of one class, mean recall], from all single samples of a confusion matrix."""
    import torch

    pairs = [
        (i, j) for i, row in enumerate(counts) for j, often in enumerate(row) for _ in range(often)
    ]
    true, said = torch.tensor(pairs).T
    hit = (true == said).double()
    recalls = [float(hit[true == c].mean()) for c in range(len(counts))]
    return [float(hit.mean()), float(hit[said == asked].mean()), sum(recalls) / len(recalls)]


def torch_probabilities_off_a_line(ends: Any, points: Any, known: Any) -> list[float]:
    """p at the second and third point of a logistic regression with p = 1/2 on the line and a known p at the first.

    The three weights solve the linear system of the three known logits.
    """
    import torch

    places = torch.tensor([[*ends[0], 1], [*ends[1], 1], [*points[0], 1]], dtype=torch.float64)
    p = torch.tensor([0.5, 0.5, float(known)], dtype=torch.float64)
    weights = torch.linalg.solve(places, p.logit())
    asked = torch.tensor([[*point, 1] for point in points[1:]], dtype=torch.float64)
    return [float(v) for v in torch.sigmoid(asked @ weights)]


def torch_knn_regression(xs: Any, ys: Any, query: Any) -> list[float]:
    """Predictions of the nearest sample, of the mean of three, and of two weighted by one over their distance."""
    import torch

    x, y = (torch.tensor([float(v) for v in values], dtype=torch.float64) for values in (xs, ys))
    gaps = (x - float(query)).abs()
    near = {k: gaps.topk(k, largest=False).indices for k in (1, 2, 3)}
    shares = torch.softmax(-gaps[near[2]].log(), dim=0)
    return [float(y[near[1]]), float(y[near[3]].mean()), float(shares @ y[near[2]])]


def torch_leave_one_out(xs: Any, labels: Any, ks: Any) -> list[int]:
    """Errors of leave-one-out for each k, with each sample at an infinite distance from itself."""
    import torch

    x = torch.tensor([[float(v)] for v in xs], dtype=torch.float64)
    y = torch.tensor(list(labels))
    gaps = torch.cdist(x, x).fill_diagonal_(torch.inf)
    votes = [y[gaps.topk(k, largest=False).indices].double().mean(1) > 1 / 2 for k in ks]
    return [int((vote != (y == 1)).sum()) for vote in votes]


def rates_and_rank_sum(scores: Any, labels: Any, threshold: Any) -> list[float]:
    """[true positive rate, false positive rate, area under the ROC curve], the last by the rank sum of scipy."""
    from scipy.stats import rankdata

    flagged = [float(s) >= float(threshold) for s in scores]
    rates = []
    for label in (1, 0):
        own = [f for f, y in zip(flagged, labels, strict=True) if y == label]
        rates.append(sum(own) / len(own))
    ranks = rankdata([float(s) for s in scores])
    ones = sum(labels)
    rank_sum = float(sum(r for r, y in zip(ranks, labels, strict=True) if y == 1))
    area = (rank_sum - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))
    return [*rates, area]


def lines_that_read_test(leaks: Any, scaled_first: int) -> list[int]:
    """The lines of a small pipeline whose own result changes when the test samples change."""
    import numpy as np

    random = np.random.default_rng(1)
    x, y = random.normal(size=(90, 40)), random.integers(0, 2, 90)
    parts = {"train": range(40), "validation": range(40, 60), "test": range(60, 90)}

    def results(x: Any, y: Any) -> dict[int, Any]:
        def rows(*names: str) -> list[int]:
            return [i for name in names for i in parts[name]]

        fitted = rows("train", "test") if leaks[0] else rows("train")
        ranked = rows("train", "test") if leaks[1] else rows("train")
        scored = rows("test") if leaks[2] else rows("validation")
        stored = rows("train", "validation", "test") if leaks[3] else rows("train", "validation")
        scale = np.stack([x[fitted].mean(0), x[fitted].std(0)])
        match = np.abs(np.corrcoef(x[ranked].T, y[ranked])[-1, :-1])
        gaps = ((x[scored][:, None] - x[rows("train")][None]) ** 2).sum(-1)
        hits = y[rows("train")][gaps.argsort(1)[:, :5]].mean(1) - y[scored]
        memory = np.column_stack([x[stored], y[stored]])
        first, second = (2, 4) if scaled_first else (4, 2)
        return {first: scale, second: match, 7: np.sort(hits), 9: memory}

    other_x, other_y = x.copy(), y.copy()
    other_x[60:] += random.normal(size=(30, 40))
    other_y[60:] = 1 - other_y[60:]
    before, after = results(x, y), results(other_x, other_y)
    return sorted(line for line in before if not np.array_equal(before[line], after[line]))


def numpy_ridge_weight(xs: Any, ys: Any, strength: Any) -> float:
    """The best weight with an L2 penalty: least squares with one more sample (sqrt(strength), 0)."""
    import numpy as np

    design = np.array([[float(x)] for x in xs] + [[float(strength) ** 0.5]])
    target = np.array([*(float(y) for y in ys), 0.0])
    return float(np.linalg.lstsq(design, target, rcond=None)[0][0])


def scipy_strength_for(xs: Any, ys: Any, share: Any) -> float:
    """The strength at which the best weight has this share of the one without a penalty, by bisection."""
    from scipy.optimize import brentq

    plain = numpy_ridge_weight(xs, ys, 0)
    return float(
        brentq(lambda s: numpy_ridge_weight(xs, ys, s) / plain - float(share), 0, 1000, xtol=1e-12)
    )


def root_of_likelihood_slope(family: str, values: Any, centre: int) -> float:
    """Where the derivative of the log-likelihood of torch's distributions vanishes, by bisection."""
    import torch
    from scipy.optimize import brentq

    laws = torch.distributions
    data = torch.tensor([float(v) for v in values], dtype=torch.float64)
    made = {
        "exponential": laws.Exponential,
        "geometric": laws.Geometric,
        "variance": lambda v: laws.Normal(torch.tensor(float(centre), dtype=v.dtype), v.sqrt()),
        "poisson": laws.Poisson,
    }[family]

    def slope(parameter: float) -> float:
        p = torch.tensor(parameter, dtype=torch.float64, requires_grad=True)
        return float(torch.autograd.grad(made(p).log_prob(data).sum(), p)[0])

    high = 1 - 1e-6 if family == "geometric" else 100.0
    return float(brentq(slope, 1e-3, high, xtol=1e-13))
