"""k nearest neighbours: a new point gets the label that most of the k closest known points have.

Axes:  N  known points      M  new points      D  features      k  neighbours

    L1  distance[m,n] = sum_d |a[m,d] - b[n,d]|
    L2  distance[m,n] = sqrt(sum_d (a[m,d] - b[n,d])^2)

Training is keeping the points; k and the distance are hyperparameters, chosen on validation data:
on the known points themselves k = 1 is never wrong (each is its own neighbour), so they cannot tell.

Ties, so that the answer is the same everywhere:
- of points at the same distance, the one that stands earlier among the known points is nearer;
- of classes with the same number of votes, the one whose nearest member is nearest wins.

Source: lecture 2; Cover and Hart (1967), IEEE Trans. Inf. Theory 13.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Norm = Literal["L1", "L2"]


def distances(a: Tensor, b: Tensor, norm: Norm = "L2") -> Tensor:
    """Distances (M, N) from each row of a (M, D) to each row of b (N, D); ValueError for another norm.

    From the differences, not from |a|^2 - 2 a.b + |b|^2, which rounds close points to the same place.
    """
    difference = a.unsqueeze(1) - b.unsqueeze(0)  # (M, N, D)
    if norm == "L1":
        return difference.abs().sum(dim=2)
    if norm == "L2":
        return (difference**2).sum(dim=2).sqrt()
    raise ValueError(f"norm is {norm!r}; it can be L1 or L2")


def neighbours(known: Tensor, x: Tensor, k: int, norm: Norm = "L2") -> Tensor:
    """Places (M, k) of the k nearest of known (N, D) to each of x (M, D), nearest first.

    Raises ValueError unless 1 <= k <= N.
    """
    if not 1 <= k <= known.shape[0]:
        raise ValueError(f"k is {k}; it can be 1 to {known.shape[0]}, the number of known points")
    return distances(x, known, norm).argsort(dim=1, stable=True)[:, :k]


def classify(known: Tensor, labels: Tensor, x: Tensor, k: int, norm: Norm = "L2") -> Tensor:
    """The class (M,) of each of x (M, D), from known (N, D) with labels (N,), whole numbers >= 0."""
    near = labels[neighbours(known, x, k, norm)]  # (M, k)
    # votes[m, i]: how many of the k neighbours share the class of neighbour i.
    votes = (near.unsqueeze(2) == near.unsqueeze(1)).sum(dim=2)
    # argmax takes the first of equals, which is the nearest of them.
    winner = votes.argmax(dim=1, keepdim=True)
    return near.gather(1, winner).squeeze(1)


def regress(known: Tensor, targets: Tensor, x: Tensor, k: int, norm: Norm = "L2") -> Tensor:
    """The mean target (M, ...) of the k nearest of known (N, D) with targets (N, ...)."""
    return targets[neighbours(known, x, k, norm)].mean(dim=1)


def cross_validate(x: Tensor, labels: Tensor, k: int, folds: int, norm: Norm = "L2") -> list[float]:
    """Accuracy on each of `folds` runs of consecutive points x (N, D), known being all the others.

    The points should stand in random order. Raises ValueError unless 2 <= folds <= N.
    """
    if not 2 <= folds <= x.shape[0]:
        raise ValueError(f"{folds} folds of {x.shape[0]} points; there can be 2 to {x.shape[0]}")
    found = []
    for held_out in torch.arange(x.shape[0], device=x.device).tensor_split(folds):
        known = torch.ones(x.shape[0], dtype=torch.bool, device=x.device)
        known[held_out] = False
        predicted = classify(x[known], labels[known], x[held_out], k, norm)
        found.append(float((predicted == labels[held_out]).double().mean()))
    return found
