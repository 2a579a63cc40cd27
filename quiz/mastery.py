"""What answers say about lectures and topics: how sure one can be of the share of points that somebody earns.

The model, for groups (lectures, or topics) g with share p_g, around an overall level m:

    m ~ Uniform(0, 1)       p_g | m ~ Beta(K m, K (1 - m))       what was earned in g: s_g of n_g answers

so that p_g given m and the answers is Beta(K m + s_g, K (1 - m) + n_g - s_g). m is summed over a grid, with the
beta-binomial weight of all groups. Without answers everything is possible; few answers in one lecture say a little
about the others. Of each part of a question the latest answer counts, after hints by half; older ones count less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from quiz.store import Tried

if TYPE_CHECKING:
    import numpy as np

K = 4.0
"""Lectures differ from the overall level as much as four answers can tell."""
HALF_LIFE_DAYS = 45.0
HINTED = 0.5
GRID = [place / 100 for place in range(1, 100)]
SAMPLES = 4_000
LOW, HIGH = 10, 90
"""Percentiles of the ranges that are shown: four times in five the truth lies between them."""


@dataclass(frozen=True)
class Evidence:
    """Answers in one group, weighted by age: `earned` of `answers`, and how many they were."""

    earned: float
    answers: float
    count: int


@dataclass(frozen=True)
class Range:
    """An estimate with the range in which it lies four times in five."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Belief:
    """Evidence by group, and the weight of each overall level of the grid."""

    evidence: Mapping[Any, Evidence]
    weights: tuple[float, ...]

    def mean(self, group: Hashable) -> float:
        """The expected share in a group; one without answers is told from the others."""
        found = self.evidence.get(group, NONE)
        return sum(
            weight * (K * level + found.earned) / (K + found.answers)
            for level, weight in zip(GRID, self.weights, strict=True)
        )

    def draws(self, groups: Sequence[Hashable], chance: np.random.Generator) -> np.ndarray:
        """SAMPLES x groups: shares that are possible, each row at one overall level."""
        import numpy as np

        level = chance.choice(np.array(GRID), size=SAMPLES, p=np.array(self.weights))
        columns = []
        for group in groups:
            found = self.evidence.get(group, NONE)
            right, wrong = found.earned, found.answers - found.earned
            columns.append(chance.beta(K * level + right, K * (1 - level) + wrong))
        return np.stack(columns, axis=1) if columns else np.empty((SAMPLES, 0))

    def ranges(self, groups: Sequence[Hashable]) -> dict[Hashable, Range]:
        """The share in each group, with its range; the same evidence gives the same numbers."""
        import numpy as np

        drawn = self.draws(groups, np.random.default_rng(0))
        found: dict[Hashable, Range] = {}
        for place, group in enumerate(groups):
            low, high = np.percentile(drawn[:, place], [LOW, HIGH])
            found[group] = Range(float(low), self.mean(group), float(high))
        return found


NONE = Evidence(0.0, 0.0, 0)


def belief(
    tried: Iterable[Tried], now: datetime, group: Callable[[Tried], Hashable] = lambda t: t.lecture
) -> Belief:
    """What the answers up to `now` say about each group."""
    latest: dict[tuple[str, str], Tried] = {}
    for answer in tried:
        if answer.points is not None and answer.at <= now:
            latest[answer.question, answer.part] = answer
    sums: dict[Hashable, Evidence] = {}
    for answer in latest.values():
        age = (now - answer.at).total_seconds() / 86_400
        weight = 0.5 ** (age / HALF_LIFE_DAYS)
        before = sums.get(group(answer), NONE)
        sums[group(answer)] = Evidence(
            before.earned + weight * share(answer), before.answers + weight, before.count + 1
        )
    logs = [sum(_log_likelihood(e, level) for e in sums.values()) for level in GRID]
    top = max(logs)
    raw = [math.exp(log - top) for log in logs]
    return Belief(sums, tuple(weight / sum(raw) for weight in raw))


def share(answer: Tried) -> float:
    """The share of its points that an answer shows: from 0 to 1, half of it after hints."""
    earned = min(max((answer.points or 0.0) / answer.max_points, 0.0), 1.0)
    return earned * HINTED if answer.hints else earned


def _log_likelihood(found: Evidence, level: float) -> float:
    a, b = K * level, K * (1 - level)
    right, wrong = found.earned, max(found.answers - found.earned, 0.0)
    return _log_beta(a + right, b + wrong) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
