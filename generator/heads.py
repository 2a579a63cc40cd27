"""Questions as the choice of an exam sees them: what a blueprint can ask about, and no more."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from question_bank.draws import draw
from question_bank.effort import question_work
from question_bank.grammar.exact import EvaluationError
from question_bank.schema import Question
from question_bank.shortened import share_of_minutes

# Draws that the usual hand-work of a question is taken from.
DRAWS = 3


@dataclass(frozen=True)
class PartHead:
    """What one part of a question gives and asks for."""

    points: float
    answer: str
    figure: bool = False


@dataclass(frozen=True)
class Head:
    """A question without its texts.

    Args:
        answers: the answer types that it asks for, `multiple_choice` among them.
        work: its usual hand-work in digits; 0 where it is not known or there is none.
        parts: its parts in order; empty for a question without parts.
        ends_after: after how many of its parts it ends, where it is shortened.
    """

    id: str
    lecture: int
    topic: str
    type: Literal["multiple_choice", "short", "long"]
    points: float
    minutes: float
    difficulty: int = 2
    use: Literal["practice", "exam", "both"] = "both"
    enemies: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    archetypes: tuple[str, ...] = ()
    answers: frozenset[str] = frozenset()
    stem_figure: bool = False
    parametrised: bool = False
    work: int = 0
    parts: tuple[PartHead, ...] = ()
    ends_after: int | None = None

    @property
    def figure(self) -> bool:
        """Whether a figure is drawn with it."""
        return self.stem_figure or any(part.figure for part in self.parts)

    def shortened(self, parts: int) -> Head:
        """Return the head of `question_bank.shortened.shortened` of this question."""
        kept = self.parts[:parts]
        points = sum(part.points for part in kept)
        return replace(
            self,
            points=points,
            minutes=share_of_minutes(self.minutes, points, self.points),
            answers=frozenset(part.answer for part in kept),
            work=round(self.work * points / self.points),
            parts=kept,
            ends_after=parts,
        )

    def shortened_ways(self) -> tuple[Head, ...]:
        """Return every way to end the question after a part: two parts or more, and not all."""
        return tuple(self.shortened(parts) for parts in range(2, len(self.parts)))


def head_of(question: Question, ends_after: int | None = None) -> Head:
    """Return the head of a question; ``ends_after`` parts, where it is shortened."""
    kinds = ["multiple_choice"] if question.options else []
    kinds += [question.answer.type] if question.answer is not None else []
    parts = tuple(
        PartHead(part.points, part.answer.type, part.figure is not None) for part in question.parts
    )
    whole = Head(
        id=question.id,
        lecture=question.lecture,
        topic=question.topic,
        type=question.type,
        points=question.points,
        minutes=question.minutes,
        difficulty=question.difficulty,
        use=question.use,
        enemies=question.enemies,
        objectives=question.objectives,
        archetypes=question.archetype,
        answers=frozenset([*kinds, *(part.answer for part in parts)]),
        stem_figure=question.figure is not None,
        parametrised=question.parametrised,
        parts=parts,
    )
    return whole if ends_after is None else whole.shortened(ends_after)


def heads_of(questions: Mapping[str, Question]) -> dict[str, Head]:
    """Return the heads of all questions by id, each with its usual hand-work."""
    return {
        name: replace(head_of(question), work=_usual_work(question))
        for name, question in questions.items()
    }


def _usual_work(question: Question) -> int:
    """Digits of hand-work of a usual draw; 0 where none of the tried draws has a value."""
    found = []
    for seed in range(DRAWS if question.parametrised else 1):
        parameters = draw(question.id, question.parameters, seed, 0)
        with contextlib.suppress(EvaluationError):
            found.append(question_work(question, parameters).digits)
    return round(median(found)) if found else 0
