"""Cronbach's alpha: how far the same students would stand in the same order in another exam like this one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from grader.analysis.numbers import CONFIDENCE, FEWEST, Estimate, Numbers
from grader.analysis.responses import Responses


@dataclass(frozen=True)
class Reliability:
    """Of the papers of these forms, which ask the same questions.

    `sem` is the standard error of measurement in points, `without` alpha if a question were left out. `why_not` says
    why there is no alpha.
    """

    forms: tuple[str, ...]
    students: int
    questions: int
    alpha: Estimate | None
    sem: float | None
    without: dict[str, float]
    why_not: str | None = None


def alpha(points: Numbers) -> float | None:
    """Cronbach's alpha of a table without gaps, students by questions; None where all totals are alike."""
    k = points.shape[1]
    total = float(points.sum(axis=1).var(ddof=1))
    if k < 2 or total <= 1e-12:
        return None
    return float(k / (k - 1) * (1 - float(points.var(axis=0, ddof=1).sum()) / total))


def with_interval(value: float, n: int, k: int) -> Estimate:
    """Alpha with the interval of Feldt (1965): (1 - alpha) / (1 - estimate) is distributed as F(n-1, (n-1)(k-1))."""
    below = (1 - CONFIDENCE) / 2
    free = (n - 1, (n - 1) * (k - 1))
    low = 1 - (1 - value) * float(stats.f.ppf(1 - below, *free))
    high = 1 - (1 - value) * float(stats.f.ppf(below, *free))
    return Estimate(value, low, high, n)


def reliabilities(responses: Responses) -> tuple[Reliability, ...]:
    """Of each form; and of all forms together where they ask the same questions."""
    _, full = responses.of_questions()
    asked = [
        frozenset(np.flatnonzero(~np.isnan(full[responses.form_of == place]).all(axis=0)))
        for place in range(len(responses.forms))
    ]
    found = []
    if len(asked) > 1 and len(set(asked)) == 1:
        found.append(_of(responses, range(len(asked))))
    found += [_of(responses, [place]) for place in range(len(asked))]
    return tuple(found)


def _of(responses: Responses, forms: Sequence[int]) -> Reliability:
    names = tuple(responses.forms[place] for place in forms)
    earned, _ = responses.of_questions()
    rows = earned[np.isin(responses.form_of, list(forms))]
    rows = rows[:, ~np.isnan(rows).all(axis=0)]
    kept = [
        place
        for place in range(len(responses.questions))
        if not np.isnan(earned[np.isin(responses.form_of, list(forms)), place]).all()
    ]
    complete = rows[~np.isnan(rows).any(axis=1)]
    n, k = complete.shape

    def nothing(why: str) -> Reliability:
        return Reliability(names, n, k, None, None, {}, why)

    if k < 2:
        return nothing("an alpha needs at least two questions that are marked")
    if n < FEWEST:
        return nothing(f"an alpha needs at least {FEWEST} papers that are marked in full")
    value = alpha(complete)
    if value is None:
        return nothing("all papers have the same points")
    spread = float(complete.sum(axis=1).std(ddof=1))
    without = {}
    for place, question in enumerate(kept):
        other = alpha(np.delete(complete, place, axis=1))
        if other is not None:
            without[responses.questions[question]] = other
    sem = spread * math.sqrt(1 - value) if value > 0 else None
    return Reliability(names, n, k, with_interval(value, n, k), sem, without)
