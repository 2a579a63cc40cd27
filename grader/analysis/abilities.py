"""What the graded response model says about an exam: refused where a class is too small for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.analysis.graded_response import UNKNOWN, Fit, fit
from grader.analysis.response_curves import information
from grader.analysis.responses import Responses

Numbers = NDArray[np.float64]

FEWEST_STUDENTS = 100  # with fewer the intervals of slopes are wider than slopes differ
CAUTION_BELOW = 250
FEWEST_QUESTIONS = 5
FEWEST_IN_CATEGORY = 10
AXIS = tuple(round(-3 + 0.1 * step, 1) for step in range(61))  # abilities of the curves
# Where the share of the points that was earned leads to another category.
_EDGES = (1e-9, 0.5 + 1e-9, 1 - 1e-9)


@dataclass(frozen=True)
class QuestionModel:
    """A question's slope, and the abilities from which on half of the students reach the next share of the points.

    `from_share` are the smallest of these shares: 1 alone where it is right or wrong. Each with its standard error.
    """

    question: str
    students: int
    slope: float
    slope_error: float
    thresholds: tuple[float, ...]
    threshold_errors: tuple[float, ...]
    from_share: tuple[float, ...]


@dataclass(frozen=True)
class TestInformation:
    """By the abilities of AXIS: the information of the papers of these forms, and the error of an ability in them."""

    forms: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Abilities:
    """The fitted model, or `why_not`. Students stand in the order of the responses.

    `reliability` is the share of the estimates' variance that is the students' own.
    """

    questions: tuple[QuestionModel, ...]
    left_out: tuple[tuple[str, str], ...]
    information: tuple[TestInformation, ...]
    ability: tuple[float, ...]
    error: tuple[float, ...]
    reliability: float | None
    converged: bool
    steps: int
    linked: bool
    why_not: str | None = None
    caution: str | None = None


def abilities(responses: Responses) -> Abilities:
    """Fit the model to the questions of an exam; a question is the sum of its parts, which depend on one another."""
    if responses.students < FEWEST_STUDENTS:
        return _nothing(
            f"the model needs at least {FEWEST_STUDENTS} papers; there are {responses.students}"
        )
    answers, shares, left_out = categories_of(responses)
    kept = [place for place, found in enumerate(shares) if found]
    if len(kept) < FEWEST_QUESTIONS:
        return _nothing(
            f"the model needs at least {FEWEST_QUESTIONS} questions that tell students apart; there are {len(kept)}",
            left_out,
        )
    used = answers[:, kept]
    found = fit(used, [len(shares[place]) + 1 for place in kept])
    return _described(responses, used, found, kept, [shares[place] for place in kept], left_out)


def categories_of(
    responses: Responses,
) -> tuple[NDArray[np.int64], list[tuple[float, ...]], tuple[tuple[str, str], ...]]:
    """Each student's category in each question, from which share of the points each begins, and what is left out and why.

    Up to four categories: nothing, up to half, more, all of the points. One that fewer than ten students are in is
    joined with the smaller of its neighbours.
    """
    earned, full = responses.of_questions()
    known = ~np.isnan(earned) & responses.reached() & (np.nan_to_num(full) > 0)
    share = np.where(known, earned / np.where(known, full, 1.0), np.nan)
    answers = np.full(share.shape, UNKNOWN, dtype=np.int64)
    begins: list[tuple[float, ...]] = []
    left_out = []
    for place, question in enumerate(responses.questions):
        own = share[known[:, place], place]
        grade = np.searchsorted(_EDGES, own, side="right")
        edges = _joined(grade)
        if len(edges) == 0:
            left_out.append((question, _why(own)))
        category = np.searchsorted(np.array(edges), grade, side="right")
        answers[known[:, place], place] = category
        begins.append(tuple(float(own[category == n + 1].min()) for n in range(len(edges))))
    return answers, begins, tuple(left_out)


def _joined(grades: NDArray[np.intp]) -> list[int]:
    """The grades (1 to 3) at which a category begins that at least so many students are in."""
    groups = [[grade] for grade in range(4)]
    counts = [int((grades == grade).sum()) for grade in range(4)]
    while len(groups) > 1 and min(counts) < FEWEST_IN_CATEGORY:
        place = counts.index(min(counts))
        sides = [n for n in (place - 1, place + 1) if 0 <= n < len(groups)]
        other = min(sides, key=lambda n: counts[n])
        first, second = sorted((place, other))
        groups[first] += groups.pop(second)
        counts[first] += counts.pop(second)
    return [group[0] for group in groups[1:]]


def _why(own: Numbers) -> str:
    if len(own) < 2 * FEWEST_IN_CATEGORY:
        return f"only {len(own)} students have marks in it"
    return "nearly all have the same points"


def _described(
    responses: Responses,
    answers: NDArray[np.int64],
    found: Fit,
    kept: Sequence[int],
    shares: Sequence[tuple[float, ...]],
    left_out: tuple[tuple[str, str], ...],
) -> Abilities:
    questions = tuple(
        QuestionModel(
            responses.questions[place],
            int((answers[:, number] != UNKNOWN).sum()),
            float(found.slopes[number]),
            float(found.slope_errors[number]),
            tuple(map(float, found.thresholds[number])),
            tuple(map(float, found.threshold_errors[number])),
            shares[number],
        )
        for number, place in enumerate(kept)
    )
    signal, noise = float(found.ability.var()), float((found.spread**2).mean())
    few = responses.students < CAUTION_BELOW
    return Abilities(
        questions=questions,
        left_out=left_out,
        information=_information(responses, answers, found),
        ability=tuple(map(float, found.ability)),
        error=tuple(map(float, found.spread)),
        reliability=signal / (signal + noise) if signal + noise > 0 else None,
        converged=found.converged,
        steps=found.steps,
        linked=_linked(responses, answers),
        caution=f"{responses.students} papers are few for this model: mind the errors"
        if few
        else None,
    )


def _information(
    responses: Responses, answers: NDArray[np.int64], found: Fit
) -> tuple[TestInformation, ...]:
    """The curve of each set of questions that a form asks."""
    axis = np.array(AXIS)
    curves = [
        information(np.array([slope, *intercepts]), axis)
        for slope, intercepts in zip(found.slopes, found.intercepts, strict=True)
    ]
    by_set: dict[frozenset[int], list[str]] = {}
    for number, form in enumerate(responses.forms):
        own = answers[responses.form_of == number]
        asked = frozenset(map(int, np.flatnonzero((own != UNKNOWN).any(axis=0))))
        by_set.setdefault(asked, []).append(form)
    return tuple(
        TestInformation(tuple(forms), tuple(map(float, sum(curves[n] for n in asked) + 0 * axis)))
        for asked, forms in by_set.items()
    )


def _linked(responses: Responses, answers: NDArray[np.int64]) -> bool:
    """Whether questions that several forms ask tie all forms together."""
    asked = [
        set(np.flatnonzero((answers[responses.form_of == n] != UNKNOWN).any(axis=0)))
        for n in range(len(responses.forms))
    ]
    together, waiting = asked[0], asked[1:]
    while tied := [other for other in waiting if other & together]:
        together = together.union(*tied)
        waiting = [other for other in waiting if other not in tied]
    return not waiting


def _nothing(why: str, left_out: tuple[tuple[str, str], ...] = ()) -> Abilities:
    return Abilities(
        (), left_out, (), (), (), None, converged=False, steps=0, linked=True, why_not=why
    )
