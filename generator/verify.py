"""An independent check of an assembled exam against its blueprint.

It shares nothing with the model that chose the questions: every rule is counted again here, from
the blueprint itself, with exact fractions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.blueprint_schema import Blueprint, Count, Points
from generator.demands import Choosable
from question_bank.wording import counted


@dataclass(frozen=True)
class Violation:
    """A rule of the blueprint that a choice breaks; ``demand`` is the name of the rule."""

    demand: str
    message: str


def verify_assembly(
    sections: Sequence[Sequence[Choosable]],
    blueprint: Blueprint,
    *,
    excluded: Collection[str] = (),
    known_ids: Collection[str] = (),
) -> list[Violation]:
    """Return every rule that a choice breaks; an empty list for a sound exam.

    Args:
        sections: the chosen questions of each section, in the blueprint's order of sections.
        blueprint: what the exam must be.
        excluded: ids that are out besides the blueprint's own.
        known_ids: every id of the bank; an entry of ``enemies`` that is none of them names a group.
    """
    found: list[Violation] = []
    if len(sections) != len(blueprint.sections):
        return [Violation("eligible", "the number of sections is not the blueprint's")]
    chosen = [question for section in sections for question in section]
    found += _eligible(sections, blueprint, {*excluded, *blueprint.exclude})
    found += _enemies(chosen, known_ids)
    for number, (plan, section) in enumerate(zip(blueprint.sections, sections, strict=True), 1):
        found += _within(f"section {number}", section, plan.questions, plan.points)
    for lecture in blueprint.lectures:
        group = [question for question in chosen if question.lecture == lecture]
        quota = blueprint.coverage.lectures.get(str(lecture), blueprint.coverage.each_lecture)
        found += _within(f"lecture {lecture}", group, quota.questions, quota.points)
    for topic, quota in blueprint.coverage.topics.items():
        group = [question for question in chosen if question.topic == topic]
        found += _within(f"topic {topic}", group, quota.questions, quota.points)
    for number, mix in enumerate(blueprint.difficulty, 1):
        group = [question for question in chosen if question.difficulty in set(mix.levels)]
        found += _within(f"difficulty {number}", group, Count(), mix.points)
    ids = Counter(question.id for question in chosen)
    found += [
        Violation(f"pin {pin}/questions/exact", f"{pin} is pinned and not there")
        for pin in blueprint.pins
        if not ids[pin]
    ]
    points = _sum(question.points for question in chosen)
    if points != Fraction(blueprint.points):
        found.append(
            Violation("exam/points/exact", f"the exam has {counted(float(points), 'point')}")
        )
    minutes = _sum(question.minutes for question in chosen)
    if minutes > Fraction(str(blueprint.minutes)):
        found.append(Violation("exam/minutes/max", f"the exam takes {float(minutes):g} minutes"))
    return found


def _sum(numbers: Iterable[float]) -> Fraction:
    # Through text: 0.1 means one tenth here, as its author typed it.
    return sum((Fraction(str(number)) for number in numbers), Fraction(0))


def _eligible(
    sections: Sequence[Sequence[Choosable]], blueprint: Blueprint, excluded: set[str]
) -> Iterator[Violation]:
    seen: set[str] = set()
    for plan, section in zip(blueprint.sections, sections, strict=True):
        for question in section:
            problems = []
            if question.id in seen:
                problems.append("is there twice")
            seen.add(question.id)
            if question.id in excluded:
                problems.append("is excluded")
            if question.use not in (blueprint.use, "both"):
                problems.append(f"is for use: {question.use}")
            if question.lecture not in blueprint.lectures:
                problems.append(f"is of lecture {question.lecture}")
            if question.type != plan.kind:
                problems.append(f"is of type {question.type} in a section of {plan.kind}")
            if plan.lectures is not None and question.lecture not in plan.lectures:
                problems.append(f'is not of the lectures of "{plan.title}"')
            if plan.topics is not None and question.topic not in plan.topics:
                problems.append(f'is not of the topics of "{plan.title}"')
            if not _inside(Fraction(question.points), plan.question_points):
                problems.append(f'has {counted(question.points, "point")} in "{plan.title}"')
            yield from (Violation("eligible", f"{question.id} {problem}") for problem in problems)


def _enemies(chosen: Sequence[Choosable], known_ids: Collection[str]) -> Iterator[Violation]:
    known = {*known_ids, *(question.id for question in chosen)}
    for position, first in enumerate(chosen):
        for second in chosen[position + 1 :]:
            if first.id == second.id:
                continue
            shared = {name for name in first.enemies if name in second.enemies} - known
            named = second.id in first.enemies or first.id in second.enemies
            if shared or named:
                yield Violation("enemies", f"{first.id} and {second.id} are enemies")


def _within(
    scope: str, group: Sequence[Choosable], count: Count, points: Points
) -> Iterator[Violation]:
    measured = (
        ("questions", Fraction(len(group)), count),
        ("points", _sum(question.points for question in group), points),
    )
    for unit, value, allowed in measured:
        if not _inside(value, allowed):
            if allowed.min is not None and allowed.min == allowed.max:
                side = "exact"
            else:
                side = "min" if value < Fraction(allowed.min or 0) else "max"
            yield Violation(f"{scope}/{unit}/{side}", f"{scope} has {float(value):g} {unit}")


def _inside(value: Fraction, allowed: Points | Count) -> bool:
    low = Fraction(0) if allowed.min is None else Fraction(allowed.min)
    return low <= value and (allowed.max is None or value <= Fraction(allowed.max))
