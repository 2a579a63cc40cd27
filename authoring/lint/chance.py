"""How likely a bank's peculiarities are by chance alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Below this probability a bank's habit is no accident.
UNLIKELY = 0.01


def at_least(observed: int, chances: Sequence[float]) -> float:
    """The probability of `observed` successes or more in independent trials with these chances.

    Equal chances make it the upper tail of a binomial distribution (else: Poisson's binomial).
    """
    counts = [1.0]
    for chance in chances:
        longer = [0.0, *(c * chance for c in counts)]
        for number, c in enumerate(counts):
            longer[number] += c * (1 - chance)
        counts = longer
    return min(1.0, sum(counts[max(observed, 0) :]))


def more_than_its_share(marked: int, size: int, marked_in_all: int, total: int) -> float:
    """The probability that a random choice of `size` of `total` things holds `marked` marked ones or more.

    `marked_in_all` of the total are marked: Fisher's exact test, one-sided.
    """
    most = min(size, marked_in_all)
    ways = sum(
        math.comb(marked_in_all, n) * math.comb(total - marked_in_all, size - n)
        for n in range(marked, most + 1)
    )
    return ways / math.comb(total, size)
