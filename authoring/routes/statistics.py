"""Lecture 2 by torch, numpy and brute force."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any


def torch_knn_counts(
    points: Any, labels: Any, query: Any, neighbours: Any, metric: str
) -> list[int]:
    """Label-1 points among the k nearest, by torch's cdist and topk."""
    import torch

    x = torch.tensor(points, dtype=torch.float64)
    q = torch.tensor([query], dtype=torch.float64)
    y = torch.tensor(labels)
    distances = torch.cdist(q, x, p={"L1": 1.0, "L2": 2.0}[metric])[0]
    return [int(y[distances.topk(k, largest=False).indices].sum()) for k in neighbours]


def folds_by_listing(
    samples: int, test_share: Any, folds: int, first: int, second: int
) -> list[int]:
    """Trainings of a grid search with cross-validation and samples per training, by running the loops."""
    rest = list(range(samples))[round(samples * float(test_share)) :]
    sizes = [
        len([s for i, s in enumerate(rest) if i % folds != fold])
        for _ in range(first)
        for _ in range(second)
        for fold in range(folds)
    ]
    if len(set(sizes)) != 1:
        raise ValueError("the folds differ in size")
    return [len(sizes), sizes[0]]


def torch_bce_with_logits(logs: Sequence[int], x: Sequence[int], offset: Any, y: int) -> float:
    """Torch's binary cross-entropy on the logit sum_i x_i ln(logs_i) - ln(offset), in float64."""
    import torch

    w = torch.tensor(logs, dtype=torch.float64).log()
    z = w @ torch.tensor(x, dtype=torch.float64) - math.log(float(offset))
    target = torch.tensor(float(y), dtype=torch.float64)
    return float(torch.nn.functional.binary_cross_entropy_with_logits(z, target))


def precision_recall_by_sets(scores: Any, labels: Any, threshold: Any) -> list[float]:
    """[precision, recall] as shares of intersections of sets."""
    found = {i for i, s in enumerate(scores) if float(s) >= float(threshold)}
    relevant = {i for i, y in enumerate(labels) if y == 1}
    hits = len(found & relevant)
    return [hits / len(found), hits / len(relevant)]


def gates_by_truth_table(weights: Any, gate: str) -> list[bool]:
    """For each [w1, w2, b]: whether w1 x1 + w2 x2 + b > 0 gives the gate on all four inputs."""
    gates: dict[str, Callable[[int, int], bool]] = {
        "AND": lambda p, q: bool(p and q),
        "OR": lambda p, q: bool(p or q),
        "NAND": lambda p, q: not (p and q),
        "NOR": lambda p, q: not (p or q),
    }
    wanted = gates[gate]
    inputs = [(p, q) for p in (0, 1) for q in (0, 1)]
    return [all((a * p + b * q + c > 0) == wanted(p, q) for p, q in inputs) for a, b, c in weights]


def threshold_effects(old: Any, new: Any) -> list[bool]:
    """What cannot happen when the threshold moves, tried on many random classifiers.

    False positives do not rise; true positives do not fall; precision does not fall; the boundaries of a
    logistic regression for both thresholds are parallel.
    """
    import numpy as np

    random = np.random.default_rng(0)
    fewer_fp = tp_kept = precision_kept = parallel = True
    for _ in range(400):
        scores, labels = random.random(12), random.integers(0, 2, 12)
        before, after = scores >= float(old), scores >= float(new)
        fewer_fp &= bool((after & (labels == 0)).sum() <= (before & (labels == 0)).sum())
        tp_kept &= bool((after & (labels == 1)).sum() >= (before & (labels == 1)).sum())
        if before.any() and after.any():
            precision_kept &= bool(labels[after].mean() >= labels[before].mean())
        w, b = random.normal(size=2) + 3, random.normal()
        logits = [math.log(float(t) / (1 - float(t))) for t in (old, new)]
        # Height of each boundary above x1 = 0 and x1 = 1: parallel lines keep their distance.
        heights = [[(z - b - w[0] * x) / w[1] for x in (0.0, 1.0)] for z in logits]
        gaps = [heights[1][i] - heights[0][i] for i in (0, 1)]
        parallel &= math.isclose(gaps[0], gaps[1], rel_tol=1e-9, abs_tol=1e-9)
    return [fewer_fp, tp_kept, precision_kept, parallel]


def numpy_line(xs: Any, ys: Any) -> list[float]:
    """[slope, intercept] by numpy's least squares on the design matrix."""
    import numpy as np

    design = np.stack([np.array(xs, dtype=float), np.ones(len(xs))], axis=1)
    solution = np.linalg.lstsq(design, np.array(ys, dtype=float), rcond=None)[0]
    return [float(v) for v in solution]


def numpy_line_mse(xs: Any, ys: Any) -> float:
    """The smallest mean squared error of a line, from numpy's own residual."""
    import numpy as np

    design = np.stack([np.array(xs, dtype=float), np.ones(len(xs))], axis=1)
    residual = np.linalg.lstsq(design, np.array(ys, dtype=float), rcond=None)[1]
    return float(residual[0]) / len(xs)


def torch_line_gradient(xs: Any, ys: Any, slope: Any, intercept: Any) -> list[float]:
    """Gradient of torch's mean squared error in slope and intercept, by autograd."""
    import torch

    x, y = (torch.tensor([float(v) for v in values], dtype=torch.float64) for values in (xs, ys))
    theta = torch.tensor([float(slope), float(intercept)], dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.mse_loss(theta[0] * x + theta[1], y)
    (gradient,) = torch.autograd.grad(loss, theta)
    return [float(v) for v in gradient]
