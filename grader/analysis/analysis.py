"""Everything that the results of an exam say about it, computed once and shown as page, JSON and tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.analysis.abilities import Abilities, abilities
from grader.analysis.choices import Option, best_answer, option_statistics, typed_answers
from grader.analysis.differences import (
    FormDifference,
    ItemDifference,
    form_difference,
    item_differences,
)
from grader.analysis.items import ItemStatistics, item_statistics, rest_shares
from grader.analysis.reliability import Reliability, reliabilities
from grader.analysis.responses import Numbers, Responses, State
from grader.analysis.suspicions import Suspicion, suspicions


@dataclass(frozen=True)
class Scores:
    """The papers' points in percent of what is marked on them; `open` are those with answers that wait."""

    percent: Numbers
    mean: float
    median: float
    deviation: float | None
    passed: int
    failed: int
    open: int
    pass_percent: float


@dataclass(frozen=True)
class Analysis:
    """By item: `statistics`, `options` (multiple choice) and `typed`; the rest is of the exam."""

    responses: Responses
    scores: Scores
    statistics: tuple[ItemStatistics, ...]
    options: tuple[tuple[Option, ...], ...]
    typed: tuple[tuple[Option, ...], ...]
    reliability: tuple[Reliability, ...]
    forms: FormDifference | None
    differences: tuple[ItemDifference, ...]
    abilities: Abilities
    suspicions: tuple[Suspicion, ...]


def analyse(responses: Responses) -> Analysis:
    """All of it; the same responses, in whatever order, the same figures."""
    rest = rest_shares(responses)
    places = range(len(responses.items))
    statistics = item_statistics(responses, rest)
    options = tuple(option_statistics(responses, rest, place) for place in places)
    typed = tuple(typed_answers(responses, rest, place) for place in places)
    differences = item_differences(responses, rest)
    return Analysis(
        responses=responses,
        scores=_scores(responses),
        statistics=statistics,
        options=options,
        typed=typed,
        reliability=reliabilities(responses),
        forms=form_difference(responses),
        differences=differences,
        abilities=abilities(responses),
        suspicions=suspicions(
            responses.items,
            statistics,
            options,
            typed,
            differences,
            [best_answer(responses, rest, place) for place in places],
        ),
    )


def _scores(responses: Responses) -> Scores:
    percent = responses.percent()
    return Scores(
        percent=percent,
        mean=float(percent.mean()),
        median=float(np.median(percent)),
        deviation=float(percent.std(ddof=1)) if len(percent) > 1 else None,
        passed=sum(state is True for state in responses.passed),
        failed=sum(state is False for state in responses.passed),
        open=sum(state is None for state in responses.passed),
        pass_percent=float(np.median(100 * responses.pass_share)),
    )


def not_reached_at_end(responses: Responses) -> float:
    """The share of students who did not reach the last question of their paper."""
    last = (responses.state == State.NOT_REACHED).any(axis=1)
    return float(last.mean())


def pseudonyms(found: Analysis) -> tuple[str, ...]:
    """A name for each student in the order of the responses: S001 has most points.

    They say nothing about names, nor about the order in which papers came in.
    """
    responses = found.responses
    answers = np.nan_to_num(responses.shares(), nan=-1.0)
    order = sorted(
        range(responses.students),
        key=lambda row: (-found.scores.percent[row], tuple(-answers[row]), responses.form_of[row]),
    )
    names = [""] * responses.students
    width = max(3, len(str(responses.students)))
    for rank, row in enumerate(order, start=1):
        names[row] = f"S{rank:0{width}}"
    return tuple(names)
