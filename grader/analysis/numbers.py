"""The formulas of classical item analysis: shares, correlations and their intervals. None where nothing can be said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Numbers = NDArray[np.float64]

FEWEST = 10  # students; below it a share is all that is said
CONFIDENCE = 0.95
_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval of 95 % and the number of students that it comes from."""

    value: float
    low: float
    high: float
    n: int


def mean_share(shares: Numbers) -> Estimate | None:
    """The mean of shares in [0, 1] with Wilson's interval; NaN are left out.

    Where answers earn parts of the points, shares vary less than right and wrong would: n in Wilson's formula then is
    the number of right-or-wrong answers that would be as certain (Korn and Graubard 1998).
    """
    known = shares[~np.isnan(shares)]
    n = len(known)
    if n == 0:
        return None
    p = float(known.mean())
    if not 0 <= p <= 1:
        # Wrong choices can cost points; a share below 0 has no binomial interval.
        half = _Z * float(known.std()) / math.sqrt(n)
        return Estimate(p, p - half, p + half, n)
    spread = float(known.var())
    worth = n * p * (1 - p) / spread if spread > 0 else float(n)
    middle = (p + _Z**2 / (2 * worth)) / (1 + _Z**2 / worth)
    half = _Z / (1 + _Z**2 / worth) * math.sqrt(p * (1 - p) / worth + _Z**2 / (4 * worth**2))
    return Estimate(p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)), n)


def correlation(x: Numbers, y: Numbers) -> Estimate | None:
    """Pearson's correlation of the pairs without NaN, with Fisher's interval; None for too few, or where one is constant."""
    both = ~(np.isnan(x) | np.isnan(y))
    n = int(both.sum())
    if n < FEWEST:
        return None
    a, b = x[both] - x[both].mean(), y[both] - y[both].mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    # Sums of equal numbers leave a rest of the last digit.
    if size <= 1e-12 * n:
        return None
    r = max(-1.0, min(1.0, float(a @ b) / size))
    if abs(r) > 1 - 1e-12:
        return Estimate(r, r, r, n)
    half = _Z / math.sqrt(n - 3)
    return Estimate(r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half), n)


def quantile_groups(values: Numbers, groups: int) -> Numbers:
    """How much of each value belongs to each of so many groups of equal size, lowest first: rows sum to 1, of NaN to 0.

    Equal values are alike: those on a border belong to both sides in part, so that the order of the rows is nothing.
    """
    found = np.zeros((len(values), groups))
    known = ~np.isnan(values)
    n = int(known.sum())
    if n == 0:
        return found
    _, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    starts = ends - counts
    borders = np.arange(groups + 1) * n / groups
    over = np.minimum(ends[:, None], borders[None, 1:]) - np.maximum(
        starts[:, None], borders[None, :-1]
    )
    parts = np.clip(over, 0, None) / counts[:, None]
    found[known] = parts[inverse]
    return found


def weighted_mean(values: Numbers, weights: Numbers) -> float | None:
    """The mean of the values that are known, by weight; None where they weigh nothing."""
    known = ~np.isnan(values)
    total = float(weights[known].sum())
    return float(values[known] @ weights[known]) / total if total > 1e-9 else None


def holm(chances: list[float | None]) -> list[float | None]:
    """Chances (p-values) as they stand among so many tests, by Holm's method; None stays None."""
    tested = sorted((p, place) for place, p in enumerate(chances) if p is not None)
    found: list[float | None] = [None] * len(chances)
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - rank) * p))
        found[place] = highest
    return found
