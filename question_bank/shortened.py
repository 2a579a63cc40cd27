"""A long question that ends after one of its parts.

Parts build on earlier ones alone, so that the first parts of a question are a question.
"""

from __future__ import annotations

from question_bank.needed import names_needed
from question_bank.schema import Question


def shortened(question: Question, parts: int) -> Question:
    """The question with its first parts alone, under the same id, with their points and share of the minutes.

    Mistakes that none of these parts can show go with the parts that show them.

    Raises:
        ValueError: the question has not more than so many parts, or fewer than two would be left.
    """
    if not 2 <= parts < len(question.parts):
        raise ValueError(f"{question.id} cannot end after part {parts} of {len(question.parts)}")
    kept = question.parts[:parts]
    points = sum(part.points for part in kept)
    needed = names_needed(question, parts)
    return question.model_copy(
        update={
            "parts": kept,
            "points": points,
            "minutes": share_of_minutes(question.minutes, points, question.points),
            "mistakes": tuple(m for m in question.mistakes if not needed.isdisjoint(m.set)),
        }
    )


def share_of_minutes(minutes: float, points: float, all_points: float) -> float:
    """The minutes of some of a question's points, to a hundredth."""
    return round(minutes * points / all_points, 2)
