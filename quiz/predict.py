"""Predicted points on the exam's blueprint, with an honest range.

Exams are assembled from the blueprint as `mockexam generate` would. For each of SAMPLES draws of what the student may
know (quiz.mastery), a level is drawn for each question around that of its lecture, and each part earns all of its
points or none. The range holds what is unknown about the student and the luck of the day; it is wide with few answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from question_bank.loader import Bank
from question_bank.schema import Question
from quiz.mastery import HIGH, LOW, SAMPLES, Belief, Range

if TYPE_CHECKING:
    from generator.blueprint_source import LocatedBlueprint
    from generator.heads import Head

EXAMS = (1, 2)
"""Seeds of the exams that are tried."""
QUESTION = 3.0
"""Questions of a lecture differ as much as three answers can tell."""


@dataclass(frozen=True)
class Prediction:
    """Points, the chance to pass, and what they are of."""

    title: str
    points: Range
    possible: float
    pass_mark: float
    passing: float


@dataclass(frozen=True)
class Worth:
    """What of a question the prediction reads: its lecture, and the points of its parts."""

    lecture: int
    parts: tuple[float, ...]


def predict(bank: Bank, known: Belief, source: LocatedBlueprint) -> Prediction:
    """The prediction for a blueprint for practice.

    Raises InputError: no exam meets it.
    """
    from generator.assembly import assemble
    from generator.blueprint_bank import check_against_bank
    from generator.heads import head_of

    plan = source.blueprint
    heads = {name: head_of(question) for name, question in bank.questions.items()}
    check_against_bank(source, heads)
    exams = []
    for seed in EXAMS:
        (choice,) = assemble(heads.values(), plan, seed)
        exams.append([worth_of(head) for head in choice.questions])
    return predicted(exams, known, plan.title, plan.points, plan.pass_mark)


def worth_of(question: Head | Question) -> Worth:
    """The worth of a question: its points as a whole where it has no parts."""
    parts = tuple(float(part.points) for part in question.parts)
    return Worth(question.lecture, parts or (question.points,))


def predicted(
    exams: Sequence[Sequence[Worth]],
    known: Belief,
    title: str,
    possible: float,
    pass_mark: float,
) -> Prediction:
    """The prediction over exams of which each draw takes one."""
    import numpy as np

    chance = np.random.default_rng(0)
    lectures = sorted({q.lecture for exam in exams for q in exam})
    drawn = known.draws(lectures, chance)
    points = np.zeros(SAMPLES)
    for place, exam in enumerate(exams):
        rows = slice(place, SAMPLES, len(exams))
        for question in exam:
            level = np.clip(drawn[rows, lectures.index(question.lecture)], 1e-6, 1 - 1e-6)
            here = chance.beta(QUESTION * level, QUESTION * (1 - level))
            for part in question.parts:
                points[rows] += part * (chance.random(len(here)) < here)
    low, middle, high = np.percentile(points, [LOW, 50, HIGH])
    return Prediction(
        title=title,
        points=Range(float(low), float(middle), float(high)),
        possible=possible,
        pass_mark=pass_mark,
        passing=float(np.mean(points >= pass_mark)),
    )
