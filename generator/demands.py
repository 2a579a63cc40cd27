"""What a blueprint demands, as a list of whole-number bounds with a sentence each.

The integer program turns every demand into one row; the explanation of an infeasible blueprint
names demands. Points are counted in half points, minutes in hundredths and mean difficulty in
hundredths of a level for each half point, so that all sums are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from generator.blueprint_schema import (
    Blueprint,
    Count,
    MeanDifficulty,
    Minutes,
    Points,
    Quota,
    SectionPlan,
    Selection,
)
from generator.heads import Head
from generator.selection import fits, selects

Side = Literal["min", "max", "exact"]
Unit = Literal["points", "questions", "minutes", "difficulty"]
Counts = Callable[[Head, int], bool]

SCALE = {"points": 2, "questions": 1, "minutes": 100}


def half_points(points: float) -> int:
    """Return an amount of points as a whole number of half points."""
    return round(points * 2)


def hundredths(minutes: float) -> int:
    """Return minutes as whole hundredths, rounded up so that a time limit is never exceeded."""
    return math.ceil(round(minutes * 100, 6))


def number_words(amount: float) -> str:
    """Write a number as people do: ``18``, ``2.5``."""
    return f"{amount:.10g}"


def amount_words(amount: float, unit: Unit) -> str:
    """Write an amount with its unit: ``1 point``, ``2.5 points``, ``3 questions``."""
    return f"{number_words(amount)} {unit[:-1] if amount == 1 else unit}"


@dataclass(frozen=True)
class Demand:
    """One bound on a sum over the chosen questions.

    Args:
        name: stable name, ``scope/unit/side``, for example ``lecture 7/questions/min``; sections
            and quotas count from 1.
        scope: who demands: ``exam``, ``section 2``, ``lecture 7``, ``topic dropout``.
        unit: what is summed.
        side: which bound this is.
        bound: the bound in that unit (points, not half points).
        words: the demand as a clause, for messages.
        whom: the questions that count, as the end of that clause: ``from lecture 7``.
        counts: whether a question placed in a section (by index, from 0) is part of the sum.
        belongs: whether a question would be part of it if it could be chosen.
    """

    name: str
    scope: str
    unit: Unit
    side: Side
    bound: float
    words: str
    whom: str
    counts: Counts = field(compare=False)
    belongs: Callable[[Head], bool] = field(compare=False)

    def share(self, head: Head, section: int) -> int:
        """Return what one question adds to the sum, in whole units."""
        if not self.counts(head, section):
            return 0
        if self.unit == "points":
            return half_points(head.points)
        if self.unit == "questions":
            return 1
        if self.unit == "minutes":
            return hundredths(head.minutes)
        # The mean is at least m where the sum of points * (level - m) is at least 0.
        return half_points(head.points) * round(100 * head.difficulty - 100 * self.bound)

    @property
    def scale(self) -> int:
        """Return how many whole units of ``share`` one point, question or minute is."""
        return SCALE.get(self.unit, 1)

    @property
    def low(self) -> float:
        """Return the least allowed sum in units of ``share``."""
        return -math.inf if self.side == "max" else self._whole

    @property
    def high(self) -> float:
        """Return the greatest allowed sum in units of ``share``."""
        return math.inf if self.side == "min" else self._whole

    @property
    def _whole(self) -> int:
        return 0 if self.unit == "difficulty" else round(self.bound * self.scale)


def demands_of(blueprint: Blueprint, topics: Collection[str] = ()) -> list[Demand]:
    """Return every demand of a blueprint; ``topics`` are those of the bank in its lectures."""
    return [
        *_exam(blueprint),
        *_sections(blueprint),
        *_pins(blueprint),
        *_lectures(blueprint),
        *_topics(blueprint, topics),
        *_quotas(blueprint),
    ]


def _exam(blueprint: Blueprint) -> Iterator[Demand]:
    def everything(_head: Head, _section: int) -> bool:
        return True

    def any_section(head: Head) -> bool:
        return any(fits(head, section) for section in blueprint.sections)

    group = _Group("exam", "in the whole exam", everything, any_section)
    work = blueprint.work_minutes
    most = blueprint.minutes if work.max is None else min(work.max, blueprint.minutes)
    yield from group.bounds("points", Points(min=blueprint.points, max=blueprint.points))
    yield from group.bounds("minutes", Minutes(min=work.min, max=most))
    yield from group.mean(blueprint.mean_difficulty)


def _sections(blueprint: Blueprint) -> Iterator[Demand]:
    for number, section in enumerate(blueprint.sections, start=1):

        def inside(_head: Head, placed: int, index: int = number - 1) -> bool:
            return placed == index

        def belongs(head: Head, plan: SectionPlan = section) -> bool:
            return fits(head, plan)

        group = _Group(f"section {number}", f'in section "{section.title}"', inside, belongs)
        yield from group.bounds("points", section.points)
        yield from group.bounds("questions", section.questions)
        yield from group.bounds("minutes", section.minutes)
        yield from group.mean(section.mean_difficulty)


def _pins(blueprint: Blueprint) -> Iterator[Demand]:
    for pin in dict.fromkeys(blueprint.pins):

        def is_pin(head: Head, _section: int = 0, pin: str = pin) -> bool:
            return head.id == pin

        scope = f"pin {pin}"
        words = f"{pin} is pinned"
        yield Demand(
            f"{scope}/questions/exact", scope, "questions", "exact", 1, words, words, is_pin, is_pin
        )


def _lectures(blueprint: Blueprint) -> Iterator[Demand]:
    for lecture in blueprint.lectures:

        def from_lecture(head: Head, _section: int = 0, lecture: int = lecture) -> bool:
            return head.lecture == lecture

        group = _Group(f"lecture {lecture}", f"from lecture {lecture}", from_lecture, from_lecture)
        yield from group.quota(blueprint.quota(lecture))


def _topics(blueprint: Blueprint, topics: Collection[str]) -> Iterator[Demand]:
    coverage = blueprint.coverage
    each = sorted(topics) if coverage.each_topic != Quota() else ()
    for topic in dict.fromkeys((*coverage.topics, *each)):

        def on_topic(head: Head, _section: int = 0, topic: str = topic) -> bool:
            return head.topic == topic

        group = _Group(f"topic {topic}", f'on the topic "{topic}"', on_topic, on_topic)
        yield from group.quota(coverage.topics.get(topic, coverage.each_topic))
    for objective, quota in coverage.objectives.items():

        def with_aim(head: Head, _section: int = 0, objective: str = objective) -> bool:
            return objective in head.objectives

        whom = f'with the objective "{objective}"'
        yield from _Group(f"objective {objective}", whom, with_aim, with_aim).quota(quota)


def _quotas(blueprint: Blueprint) -> Iterator[Demand]:
    for number, quota in enumerate(blueprint.quotas, start=1):

        def selected(head: Head, _section: int = 0, where: Selection = quota.where) -> bool:
            return selects(where, head)

        group = _Group(f"quota {number}", selection_words(quota.where), selected, selected)
        yield from group.quota(quota)
        yield from group.mean(quota.mean_difficulty)
    for number, mix in enumerate(blueprint.difficulty, start=1):

        def at_level(head: Head, _section: int = 0, levels: tuple[int, ...] = mix.levels) -> bool:
            return head.difficulty in levels

        levels = " or ".join(str(level) for level in sorted(set(mix.levels)))
        group = _Group(f"difficulty {number}", f"of difficulty {levels}", at_level, at_level)
        yield from group.quota(mix)


def selection_words(where: Selection) -> str:
    """Say in words which questions a filter selects: ``from lecture 7 with a figure (long)``."""

    def either(values: Collection[object], quoted: bool = False) -> str:
        return " or ".join(f'"{value}"' if quoted else str(value) for value in values)

    parts = []
    if where.lectures is not None:
        parts.append(f"from lecture {either(where.lectures)}")
    if where.topics is not None:
        parts.append(f"on the topic {either(where.topics, quoted=True)}")
    if where.objectives is not None:
        parts.append(f"with the objective {either(where.objectives, quoted=True)}")
    if where.archetypes is not None:
        parts.append(f"of archetype {either(where.archetypes)}")
    if where.levels is not None:
        parts.append(f"of difficulty {either(where.levels)}")
    if where.answers is not None:
        parts.append(f"with an answer of type {either(where.answers)}")
    if where.figure is not None:
        parts.append("with a figure" if where.figure else "without a figure")
    if where.parametrised is not None:
        parts.append("with drawn numbers" if where.parametrised else "without drawn numbers")
    if where.kind is not None:
        parts.append(f"of kind {where.kind}")
    return " ".join(parts) or "of any kind"


@dataclass(frozen=True)
class _Group:
    """Questions that are counted together, and the demands on them."""

    scope: str
    whom: str
    counts: Counts
    belongs: Callable[[Head], bool]

    def quota(self, quota: Quota) -> Iterator[Demand]:
        yield from self.bounds("questions", quota.questions)
        yield from self.bounds("points", quota.points)
        yield from self.bounds("minutes", quota.minutes)

    def bounds(self, unit: Unit, amount: Points | Count | Minutes) -> Iterator[Demand]:
        if amount.min is not None and amount.min == amount.max:
            yield self._demand(unit, "exact", amount.min, "exactly")
            return
        if amount.min:
            yield self._demand(unit, "min", amount.min, "at least")
        if amount.max is not None:
            yield self._demand(unit, "max", amount.max, "at most")

    def mean(self, mean: MeanDifficulty) -> Iterator[Demand]:
        for side, bound in (("min", mean.min), ("max", mean.max)):
            if bound is None:
                continue
            prefix = "at least" if side == "min" else "at most"
            words = f"a mean difficulty of {prefix} {number_words(bound)} {self.whom}"
            yield Demand(
                f"{self.scope}/difficulty/{side}",
                self.scope,
                "difficulty",
                "min" if side == "min" else "max",
                bound,
                words,
                self.whom,
                self.counts,
                self.belongs,
            )

    def _demand(self, unit: Unit, side: Side, bound: float, prefix: str) -> Demand:
        of_what = "of work " if unit == "minutes" else ""
        words = f"{prefix} {amount_words(bound, unit)} {of_what}{self.whom}"
        name = f"{self.scope}/{unit}/{side}"
        return Demand(
            name, self.scope, unit, side, bound, words, self.whom, self.counts, self.belongs
        )
