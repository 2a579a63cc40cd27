"""Scores of predictions as the course counts them, and where they are worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.hidden.classes import NAMES, UNLABELLED
from grader.code.hidden.faces import KEYPOINTS

HALF_WIDTH = 48.0  # pixels to one unit of normalised keypoints
SMALLEST_ERROR = 1e-12
RARE = 0.002  # a class with a smaller share of the pixels is not called the worst

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Score:
    """A model's score, and a sentence about where it failed worst ("" where there is none)."""

    value: float
    worst: str


def segmentation(found: Array, targets: Array) -> Score:
    """Pixel accuracy in percent, without label -1. found, targets: (N, H, W) labels."""
    counted = targets != UNLABELLED
    truth, guess = targets[counted].astype(np.int64), found[counted].astype(np.int64)
    value = 100.0 * float(np.mean(truth == guess))
    return Score(value, _worst_class(truth, guess, NAMES, "pixels", RARE))


def keypoints(found: Array, targets: Array) -> Score:
    """1 / (2 MSE) over all coordinates in [-1, 1]. found, targets: (N, 30), x and y in turn."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = (found.astype(np.float64) - targets) ** 2
        mean = float(squares.mean())
    if not np.isfinite(mean):
        return Score(0.0, "")
    per_point = np.sqrt(squares.reshape(len(squares), -1, 2).sum(axis=2).mean(axis=0)) * HALF_WIDTH
    worst = int(per_point.argmax())
    return Score(
        1 / (2 * max(mean, SMALLEST_ERROR)),
        f"worst at {KEYPOINTS[worst]}: {per_point[worst]:.2f} pixels off, where all keypoints "
        f"together are {np.sqrt((per_point**2).mean()):.2f} off (root mean square)",
    )


def digits(found: Array, targets: Array) -> Score:
    """Classification accuracy in percent. found, targets: (N,) labels."""
    value = 100.0 * float(np.mean(found == targets))
    return Score(value, _worst_class(targets, found.astype(np.int64), None, "images", 0.0))


def _worst_class(
    truth: Array, guess: Array, names: tuple[str, ...] | None, what: str, rare: float
) -> str:
    worst: tuple[float, int] | None = None
    for number in np.unique(truth):
        own = truth == number
        if own.mean() < rare:
            continue
        share = float(np.mean(guess[own] == number))
        if worst is None or share < worst[0]:
            worst = share, int(number)
    if worst is None or worst[0] == 1.0:
        return ""
    share, number = worst
    taken = np.bincount(guess[(truth == number) & (guess != number)])
    other = int(taken.argmax())
    return (
        f"worst on {_named(number, names)}: {100 * share:.1f} % of its {what} are right, most of "
        f"the others are taken for {_named(other, names)}"
    )


def _named(number: int, names: tuple[str, ...] | None) -> str:
    if names is None:
        return f"digit {number}" if number < 10 else f"class {number}"
    return f"class {number} ({names[number]})" if number < len(names) else f"class {number}"
