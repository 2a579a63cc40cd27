"""Each answer by itself: how hard it is, and whether it tells those who know more from those who know less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.analysis.numbers import (
    FEWEST,
    Estimate,
    Numbers,
    correlation,
    mean_share,
    quantile_groups,
    weighted_mean,
)
from grader.analysis.responses import Responses, State

CEILING, FLOOR = 0.95, 0.05  # shares of points from which an answer says little about anyone


@dataclass(frozen=True)
class ItemStatistics:
    """`difficulty` is the mean share of the points (high is easy); `discrimination` its correlation with the rest.

    The rest is the share of points that a student earned in all other questions. `lower` and `upper` are the mean
    shares of the weakest and the best third by it. The counts are students. Only what at least ten students answered
    has a discrimination.
    """

    difficulty: Estimate | None
    by_form: dict[str, Estimate]
    discrimination: Estimate | None
    lower: float | None
    upper: float | None
    answered: int
    not_answered: int
    not_reached: int
    pending: int

    @property
    def spread(self) -> float | None:
        """By how much the best third is ahead of the weakest."""
        return None if self.upper is None or self.lower is None else self.upper - self.lower


def rest_shares(responses: Responses) -> Numbers:
    """For each student and question, the share of points in all other questions that are marked; NaN without any."""
    known = ~np.isnan(responses.full)
    earned = np.where(known, responses.earned, 0.0)
    full = np.where(known, responses.full, 0.0)
    rest = np.full((responses.students, len(responses.questions)), np.nan)
    for place in range(len(responses.questions)):
        others = responses.question_of != place
        total = full[:, others].sum(axis=1)
        np.divide(earned[:, others].sum(axis=1), total, out=rest[:, place], where=total > 0)
    return rest


def item_statistics(responses: Responses, rest: Numbers) -> tuple[ItemStatistics, ...]:
    """The figures of each answer; `rest` is what `rest_shares` gives."""
    shares = responses.shares()
    return tuple(
        _one(responses, place, shares[:, place], rest[:, responses.question_of[place]])
        for place in range(len(responses.items))
    )


def _one(responses: Responses, place: int, shares: Numbers, rest: Numbers) -> ItemStatistics:
    state = responses.state[:, place]
    by_form = {
        form: found
        for number, form in enumerate(responses.forms)
        if (found := mean_share(shares[responses.form_of == number])) is not None
    }
    lower = upper = None
    both = ~(np.isnan(shares) | np.isnan(rest))
    if both.sum() >= FEWEST:
        thirds = quantile_groups(np.where(both, rest, np.nan), 3)
        lower, upper = weighted_mean(shares, thirds[:, 0]), weighted_mean(shares, thirds[:, 2])
    return ItemStatistics(
        difficulty=mean_share(shares),
        by_form=by_form,
        discrimination=correlation(shares, rest),
        lower=lower,
        upper=upper,
        answered=int((state == State.MARKED).sum()),
        not_answered=int((state == State.NOT_ANSWERED).sum()),
        not_reached=int((state == State.NOT_REACHED).sum()),
        pending=int((state == State.PENDING).sum()),
    )
