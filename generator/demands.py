"""What a blueprint demands, as a list of whole-number bounds with a sentence each.

The assembly model turns every demand into one row; the explanation of an infeasible blueprint
names demands. Points are counted in half points and minutes in hundredths, so that all sums are
exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from generator.blueprint_schema import Blueprint, Count, Points, SectionPlan

Side = Literal["min", "max", "exact"]
Unit = Literal["points", "questions", "minutes"]

KIND_WORDS = {"multiple_choice": "multiple-choice", "short": "short", "long": "long"}


class Choosable(Protocol):
    """The metadata by which a question is chosen (a ``question_bank.schema.Question`` fits)."""

    @property
    def id(self) -> str: ...
    @property
    def lecture(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def type(self) -> Literal["multiple_choice", "short", "long"]: ...
    @property
    def points(self) -> float: ...
    @property
    def minutes(self) -> float: ...
    @property
    def difficulty(self) -> int: ...
    @property
    def use(self) -> Literal["practice", "exam", "both"]: ...
    @property
    def enemies(self) -> Sequence[str]: ...


def half_points(points: float) -> int:
    """Return an amount of points as a whole number of half points."""
    return round(points * 2)


def hundredths(minutes: float) -> int:
    """Return minutes as whole hundredths, rounded up so that a time limit is never exceeded."""
    return math.ceil(round(minutes * 100, 6))


def number_words(amount: float) -> str:
    """Write a number as people do: ``18``, ``2.5``."""
    return f"{amount:g}"


def amount_words(amount: float, unit: Unit) -> str:
    """Write an amount with its unit: ``1 point``, ``2.5 points``, ``3 questions``."""
    return f"{number_words(amount)} {unit[:-1] if amount == 1 else unit}"


@dataclass(frozen=True)
class Demand:
    """One bound on a sum over the chosen questions.

    Args:
        name: stable name, ``scope/unit/side``, for example ``lecture 7/questions/min``; sections
            count from 1.
        scope: who demands: ``exam``, ``section 2``, ``lecture 7``, ``topic dropout``.
        unit: what is summed.
        side: which bound this is.
        bound: the bound in that unit (points, not half points).
        words: the demand as a clause, for messages.
        counts: whether a question placed in a section (by index, from 0) is part of the sum.
    """

    name: str
    scope: str
    unit: Unit
    side: Side
    bound: float
    words: str
    counts: Callable[[Choosable, int], bool]

    def share(self, question: Choosable, section: int) -> int:
        """Return what one question adds to the sum, in half points, questions or hundredths."""
        if not self.counts(question, section):
            return 0
        if self.unit == "points":
            return half_points(question.points)
        return 1 if self.unit == "questions" else hundredths(question.minutes)

    @property
    def scale(self) -> int:
        """Return how many whole units of ``share`` one point, question or minute is."""
        return {"points": 2, "questions": 1, "minutes": 100}[self.unit]

    @property
    def low(self) -> float:
        """Return the least allowed sum in units of ``share``."""
        return -math.inf if self.side == "max" else round(self.bound * self.scale)

    @property
    def high(self) -> float:
        """Return the greatest allowed sum in units of ``share``."""
        return math.inf if self.side == "min" else round(self.bound * self.scale)


def fits(question: Choosable, section: SectionPlan) -> bool:
    """Say whether a section takes a question, by kind, points, lecture and topic."""
    least, most = section.question_points.min, section.question_points.max
    return (
        question.type == section.kind
        and (least is None or question.points >= least)
        and (most is None or question.points <= most)
        and (section.lectures is None or question.lecture in section.lectures)
        and (section.topics is None or question.topic in section.topics)
    )


def allowed_uses(blueprint: Blueprint) -> frozenset[str]:
    """Return the values of a question's ``use`` that the blueprint draws from."""
    return frozenset({blueprint.use, "both"})


def demands_of(blueprint: Blueprint) -> list[Demand]:
    """Return every demand of a blueprint, the widest last."""
    demands: list[Demand] = []
    for number, section in enumerate(blueprint.sections, start=1):
        demands += _section_demands(number, section)
    for lecture in blueprint.lectures:
        quota = blueprint.quota(lecture)

        def from_lecture(question: Choosable, _section: int, lecture: int = lecture) -> bool:
            return question.lecture == lecture

        where = f"from lecture {lecture}"
        demands += _bounds(f"lecture {lecture}", "questions", quota.questions, where, from_lecture)
        demands += _bounds(f"lecture {lecture}", "points", quota.points, where, from_lecture)
    for topic, quota in blueprint.coverage.topics.items():

        def on_topic(question: Choosable, _section: int, topic: str = topic) -> bool:
            return question.topic == topic

        where = f'on the topic "{topic}"'
        demands += _bounds(f"topic {topic}", "questions", quota.questions, where, on_topic)
        demands += _bounds(f"topic {topic}", "points", quota.points, where, on_topic)
    for number, mix in enumerate(blueprint.difficulty, start=1):

        def at_level(
            question: Choosable, _section: int, levels: tuple[int, ...] = mix.levels
        ) -> bool:
            return question.difficulty in levels

        levels = " or ".join(str(level) for level in sorted(set(mix.levels)))
        demands += _bounds(
            f"difficulty {number}", "points", mix.points, f"of difficulty {levels}", at_level
        )
    for pin in dict.fromkeys(blueprint.pins):

        def is_pin(question: Choosable, _section: int, pin: str = pin) -> bool:
            return question.id == pin

        name = f"pin {pin}/questions/exact"
        demands.append(
            Demand(name, f"pin {pin}", "questions", "exact", 1, f"{pin} is pinned", is_pin)
        )
    demands += _bounds(
        "exam",
        "points",
        Points(min=blueprint.points, max=blueprint.points),
        "in the whole exam",
        _everything,
    )
    demands.append(
        Demand(
            "exam/minutes/max",
            "exam",
            "minutes",
            "max",
            blueprint.minutes,
            f"at most {amount_words(blueprint.minutes, 'minutes')} of work in the whole exam",
            _everything,
        )
    )
    return demands


def _everything(_question: Choosable, _section: int) -> bool:
    return True


def _section_demands(number: int, section: SectionPlan) -> list[Demand]:
    def in_section(_question: Choosable, placed: int) -> bool:
        return placed == number - 1

    where = f'in section "{section.title}"'
    return [
        *_bounds(f"section {number}", "points", section.points, where, in_section),
        *_bounds(f"section {number}", "questions", section.questions, where, in_section),
    ]


def _bounds(
    scope: str,
    unit: Unit,
    amount: Points | Count,
    where: str,
    counts: Callable[[Choosable, int], bool],
) -> list[Demand]:
    def demand(side: Side, bound: float, prefix: str) -> Demand:
        words = f"{prefix} {amount_words(bound, unit)} {where}"
        return Demand(f"{scope}/{unit}/{side}", scope, unit, side, bound, words, counts)

    if amount.min is not None and amount.min == amount.max:
        return [demand("exact", amount.min, "exactly")]
    found = []
    if amount.min:
        found.append(demand("min", amount.min, "at least"))
    if amount.max is not None:
        found.append(demand("max", amount.max, "at most"))
    return found
