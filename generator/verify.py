"""An independent check of assembled forms against their blueprint.

It shares nothing with the program that chose the questions: every rule is counted again here, from
the blueprint itself, with exact fractions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.blueprint_schema import (
    Blueprint,
    Count,
    Filter,
    MeanDifficulty,
    Minutes,
    Points,
    Quota,
    SectionPlan,
    Selection,
)
from generator.heads import Head
from question_bank.wording import counted

Sections = Sequence[Sequence[Head]]


@dataclass(frozen=True)
class Violation:
    """A rule of the blueprint that a choice breaks; ``demand`` is the name of the rule."""

    demand: str
    message: str


def verify_forms(
    forms: Sequence[Sections],
    blueprint: Blueprint,
    *,
    bank: Collection[Head],
    excluded: Collection[str] = (),
) -> list[Violation]:
    """Return every rule that the forms of an exam break; an empty list for a sound exam."""
    found = [
        violation
        for form in forms
        for violation in verify_form(form, blueprint, bank=bank, excluded=excluded)
    ]
    return found + verify_between(forms, blueprint)


def verify_between(forms: Sequence[Sections], blueprint: Blueprint) -> list[Violation]:
    """Return every question that two forms have in common where they must not."""
    if blueprint.forms != "disjoint":
        return []
    often = Counter(head.id for form in forms for section in form for head in section)
    return [
        Violation("disjoint", f"{name} is on {counted(count, 'form')} of disjoint questions")
        for name, count in sorted(often.items())
        if count > 1 and name not in blueprint.pins
    ]


def verify_form(
    sections: Sections,
    blueprint: Blueprint,
    *,
    bank: Collection[Head],
    excluded: Collection[str] = (),
) -> list[Violation]:
    """Return every rule that a choice breaks.

    Args:
        sections: the chosen questions of each section, in the blueprint's order of sections.
        blueprint: what the exam must be.
        bank: every question of the bank: ``each_topic`` means their topics.
        excluded: ids that are out besides the blueprint's own.
    """
    if len(sections) != len(blueprint.sections):
        return [Violation("eligible", "the number of sections is not the blueprint's")]
    chosen = [head for section in sections for head in section]
    whole = {head.id: head for head in bank}
    found = list(_eligible(sections, blueprint, {*excluded, *blueprint.exclude}, whole))
    found += _enemies(chosen)
    for number, (plan, section) in enumerate(zip(blueprint.sections, sections, strict=True), 1):
        found += _within(f"section {number}", section, plan)
        found += _mean(f"section {number}", section, plan.mean_difficulty)
    for scope, group, quota in _quotas(chosen, blueprint, bank):
        found += _within(scope, group, quota)
    for number, selected in enumerate(blueprint.quotas, 1):
        group = [head for head in chosen if _selected(selected.where, head)]
        found += _mean(f"quota {number}", group, selected.mean_difficulty)
    ids = Counter(head.id for head in chosen)
    found += [
        Violation(f"pin {pin}/questions/exact", f"{pin} is pinned and not there")
        for pin in blueprint.pins
        if not ids[pin]
    ]
    found += _mean("exam", chosen, blueprint.mean_difficulty)
    points = _sum(head.points for head in chosen)
    if points != Fraction(blueprint.points):
        found.append(
            Violation("exam/points/exact", f"the exam has {counted(float(points), 'point')}")
        )
    work = blueprint.work_minutes
    most = blueprint.minutes if work.max is None else min(blueprint.minutes, work.max)
    time = Minutes(min=work.min, max=most)
    found += _amount("exam", "minutes", _sum(head.minutes for head in chosen), time)
    return found


def _quotas(
    chosen: Sequence[Head], blueprint: Blueprint, bank: Collection[Head]
) -> Iterator[tuple[str, list[Head], Quota]]:
    coverage = blueprint.coverage
    for lecture in blueprint.lectures:
        group = [head for head in chosen if head.lecture == lecture]
        quota = coverage.lectures.get(str(lecture), coverage.each_lecture)
        yield f"lecture {lecture}", group, quota
    topics = {head.topic for head in bank if head.lecture in blueprint.lectures}
    for topic in sorted(topics | set(coverage.topics)):
        group = [head for head in chosen if head.topic == topic]
        yield f"topic {topic}", group, coverage.topics.get(topic, coverage.each_topic)
    for objective, quota in coverage.objectives.items():
        yield f"objective {objective}", [h for h in chosen if objective in h.objectives], quota
    for number, selected in enumerate(blueprint.quotas, 1):
        yield f"quota {number}", [h for h in chosen if _selected(selected.where, h)], selected
    for number, mix in enumerate(blueprint.difficulty, 1):
        yield f"difficulty {number}", [h for h in chosen if h.difficulty in set(mix.levels)], mix


def _sum(numbers: Iterable[float]) -> Fraction:
    # Through text: 0.1 means one tenth here, as its author typed it.
    return sum((Fraction(str(number)) for number in numbers), Fraction(0))


def _unfit(chosen: Filter, head: Head) -> list[str]:
    """What a filter asks for and a question is not."""
    found = []
    for name, value in (
        ("lectures", {head.lecture}),
        ("topics", {head.topic}),
        ("objectives", set(head.objectives)),
        ("archetypes", set(head.archetypes)),
        ("levels", {head.difficulty}),
        ("answers", set(head.answers)),
    ):
        asked = getattr(chosen, name)
        if asked is not None and not value & set(asked):
            found.append(name)
    for name, flag in (("figure", head.figure), ("parametrised", head.parametrised)):
        asked = getattr(chosen, name)
        if asked is not None and asked != flag:
            found.append(name)
    return found


def _selected(chosen: Selection, head: Head) -> bool:
    return not _unfit(chosen, head) and (chosen.kind is None or chosen.kind == head.type)


def _eligible(
    sections: Sections, blueprint: Blueprint, excluded: set[str], whole: Mapping[str, Head]
) -> Iterator[Violation]:
    seen: set[str] = set()
    for plan, section in zip(blueprint.sections, sections, strict=True):
        for head in section:
            problems = list(_problems(head, plan, whole.get(head.id)))
            if head.id in seen:
                problems.append("is there twice")
            seen.add(head.id)
            if head.id in excluded:
                problems.append("is excluded")
            if any(_selected(avoided, whole.get(head.id, head)) for avoided in blueprint.avoid):
                problems.append("is to be avoided")
            if head.use not in {blueprint.use, "both"}:
                problems.append(f"is for use: {head.use}")
            if head.lecture not in blueprint.lectures:
                problems.append(f"is of lecture {head.lecture}")
            yield from (Violation("eligible", f"{head.id} {problem}") for problem in problems)


def _problems(head: Head, plan: SectionPlan, whole: Head | None) -> Iterator[str]:
    if whole is None:
        yield "is not in the bank"
    elif head.ends_after is not None and not plan.shorten:
        yield f'ends early in "{plan.title}"'
    elif head.ends_after is None and head.points != whole.points:
        yield "has other points in the bank"
    if head.type != plan.kind:
        yield f"is of type {head.type} in a section of {plan.kind}"
    for name in _unfit(plan, head):
        yield f'is not what "{plan.title}" asks for: {name}'
    if not _inside(Fraction(head.points), plan.question_points):
        yield f'has {counted(head.points, "point")} in "{plan.title}"'


def _enemies(chosen: Sequence[Head]) -> Iterator[Violation]:
    for position, first in enumerate(chosen):
        for second in chosen[position + 1 :]:
            if first.id == second.id:
                continue
            for name in sorted({first.id, *first.enemies} & {second.id, *second.enemies}):
                yield Violation(
                    f"enemies {name}", f"{first.id} and {second.id} are enemies: {name}"
                )


def _within(scope: str, group: Sequence[Head], asked: Quota | SectionPlan) -> Iterator[Violation]:
    yield from _amount(scope, "questions", Fraction(len(group)), asked.questions)
    yield from _amount(scope, "points", _sum(head.points for head in group), asked.points)
    yield from _amount(scope, "minutes", _sum(head.minutes for head in group), asked.minutes)


def _amount(
    scope: str, unit: str, value: Fraction, allowed: Points | Count | Minutes
) -> Iterator[Violation]:
    if _inside(value, allowed):
        return
    if allowed.min is not None and allowed.min == allowed.max:
        side = "exact"
    else:
        side = "min" if value < _exactly(allowed.min) else "max"
    yield Violation(f"{scope}/{unit}/{side}", f"{scope} has {float(value):g} {unit}")


def _mean(scope: str, group: Sequence[Head], allowed: MeanDifficulty) -> Iterator[Violation]:
    points = _sum(head.points for head in group)
    if not points:
        return
    mean = sum((Fraction(str(h.points)) * h.difficulty for h in group), Fraction(0)) / points
    said = f"{scope} has a mean difficulty of {float(mean):.3g}"
    if allowed.min is not None and mean < _exactly(allowed.min):
        yield Violation(f"{scope}/difficulty/min", said)
    if allowed.max is not None and mean > _exactly(allowed.max):
        yield Violation(f"{scope}/difficulty/max", said)


def _exactly(number: float | None) -> Fraction:
    return Fraction(str(number or 0))


def _inside(value: Fraction, allowed: Points | Count | Minutes) -> bool:
    return _exactly(allowed.min) <= value and (
        allowed.max is None or value <= _exactly(allowed.max)
    )
