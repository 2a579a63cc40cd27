"""What a blueprint contradicts itself in, whatever the bank."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

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
from generator.blueprint_source import LocatedBlueprint, Place
from generator.demands import amount_words, number_words
from question_bank.answers import answer_types
from question_bank.diagnostics import Diagnostic, Where, did_you_mean


def contradictions(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    """Yield everything in a blueprint that no bank could meet, or that says nothing.

    Each check asks whether what it reads is sound, so that no finding only follows from another.
    """
    empty = list(_empty_ranges(source))
    yield from (finding for _place, finding in empty)
    # Nobody knows what an empty range was to say: what follows from its bounds is no finding of its own.
    source = replace(source, doubtful=source.doubtful | {place for place, _finding in empty})
    yield from _pass_mark(source)
    yield from _names(source)
    yield from _doubled_lectures(source)
    yield from _unknown_lectures(source)
    yield from _unknown_answers(source)
    yield from _empty_filters(source)
    yield from _unreachable_sections(source)
    yield from _too_little_time(source)
    yield from _unreachable_points(source)


def filters(source: LocatedBlueprint) -> Iterator[tuple[Place, Filter]]:
    """Yield every filter of a blueprint with its place; none that cannot be read."""
    blueprint = source.blueprint
    found: list[tuple[Place, Filter | None]] = []
    found += [(("sections", number), section) for number, section in enumerate(blueprint.sections)]
    found += [(("quotas", n, "where"), quota.where) for n, quota in enumerate(blueprint.quotas)]
    found += [(("avoid", number), avoided) for number, avoided in enumerate(blueprint.avoid)]
    yield from ((place, chosen) for place, chosen in found if chosen is not None)


def _pass_mark(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    blueprint, place = source.blueprint, ("pass_mark",)
    if source.sound(place, ("points",)) and blueprint.pass_mark > blueprint.points:
        yield Diagnostic(
            "bad-pass-mark",
            f"pass_mark: {number_words(blueprint.pass_mark)} is more than the"
            f" {amount_words(blueprint.points, 'points')} of the exam",
            source.located.where(place),
            "the pass mark is an amount of points",
        )


def _names(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    """Ids of questions that stand twice, or are wanted and unwanted."""
    for field in ("pins", "exclude"):
        names: tuple[str, ...] = getattr(source.blueprint, field)
        for index, name in enumerate(names):
            if not source.sound((field, index)):
                continue
            where = source.located.where((field, index))
            if field == "pins" and name in source.blueprint.exclude:
                yield Diagnostic(
                    "pinned-and-excluded",
                    f"{name} is pinned and excluded",
                    where,
                    "keep one of the two",
                )
            if name in names[:index]:
                yield _twice(name, where)


def _doubled_lectures(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    """A lecture that stands twice in a list: as with a question, another one may have been meant."""
    lists: list[Place] = [("lectures",)]
    lists += [(*path, "lectures") for path, _chosen in filters(source)]
    for path in lists:
        written = _written(source, path)
        for index, lecture in enumerate(written):
            place = (*path, index)
            if source.sound(place) and lecture in written[:index]:
                yield _twice(f"lecture {lecture}", source.located.where(place))


def _written(source: LocatedBlueprint, path: Place) -> list[object]:
    """A list as it stands in the file, which the blueprint may have put in order; empty where there is none."""
    found: Any = source.located.data
    try:
        for step in path:
            found = found[step]
    except (LookupError, TypeError):
        return []
    return found if isinstance(found, list) else []


def _twice(what: str, where: Where) -> Diagnostic:
    return Diagnostic("duplicate", f"{what} stands here twice", where, "take one of the two away")


def _unknown_lectures(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    blueprint, located = source.blueprint, source.located
    if not source.sound(("lectures",)):
        return
    for lecture in blueprint.coverage.lectures:
        place: Place = ("coverage", "lectures", lecture)
        # What is wrong in the quota leaves the lecture as it is; a key that is no number does not.
        if place not in source.doubtful and int(lecture) not in blueprint.lectures:
            yield Diagnostic(
                "unknown-lecture",
                f"lecture {lecture} is not among the blueprint's lectures",
                located.where(place),
                "add it to `lectures`, or take its quota away",
            )
    for path, chosen in filters(source):
        if path[0] == "avoid":
            continue  # what is not drawn anyway may be avoided, too
        for index, only in enumerate(chosen.lectures or ()):
            place = (*path, "lectures", index)
            if source.sound(place) and only not in blueprint.lectures:
                yield Diagnostic(
                    "unknown-lecture",
                    f"lecture {only} is not among the blueprint's lectures",
                    located.where(place),
                    "add it to `lectures`, or take it away here",
                )


def _unknown_answers(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    known = {*answer_types(), "multiple_choice"}
    for path, chosen in filters(source):
        for index, kind in enumerate(chosen.answers or ()):
            place = (*path, "answers", index)
            if source.sound(place) and kind not in known:
                yield Diagnostic(
                    "unknown-answer-type",
                    f'there is no answer type "{kind}"',
                    source.located.where(place),
                    did_you_mean(kind, known) or f"known: {', '.join(sorted(known))}",
                )


def _empty_filters(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    for place, chosen in filters(source):
        if place[0] == "avoid" and source.sound(place) and chosen == Selection():
            yield Diagnostic(
                "empty-filter",
                "a filter that asks for nothing avoids every question",
                source.located.where(place),
                "say which: kind, lectures, topics, archetypes, levels, answers, ...",
            )


def _ranges(
    blueprint: Blueprint,
) -> Iterator[tuple[Place, Points | Count | Minutes | MeanDifficulty]]:
    yield ("work_minutes",), blueprint.work_minutes
    yield ("mean_difficulty",), blueprint.mean_difficulty
    for number, section in enumerate(blueprint.sections):
        for field in ("points", "questions", "minutes", "mean_difficulty", "question_points"):
            yield ("sections", number, field), getattr(section, field)
    coverage = blueprint.coverage
    quotas: list[tuple[Place, Quota]] = [
        (("coverage", "each_lecture"), coverage.each_lecture),
        (("coverage", "each_topic"), coverage.each_topic),
    ]
    quotas += [(("coverage", "lectures", n), q) for n, q in coverage.lectures.items()]
    quotas += [(("coverage", "topics", n), q) for n, q in coverage.topics.items()]
    quotas += [(("coverage", "objectives", n), q) for n, q in coverage.objectives.items()]
    quotas += [(("quotas", n), quota) for n, quota in enumerate(blueprint.quotas)]
    quotas += [(("difficulty", n), mix) for n, mix in enumerate(blueprint.difficulty)]
    for path, quota in quotas:
        for field in ("questions", "points", "minutes"):
            yield (*path, field), getattr(quota, field)
    for number, selected in enumerate(blueprint.quotas):
        yield ("quotas", number, "mean_difficulty"), selected.mean_difficulty


def _empty_ranges(source: LocatedBlueprint) -> Iterator[tuple[Place, Diagnostic]]:
    for place, amount in _ranges(source.blueprint):
        # What is wrong within a range is None, and so no bound.
        if amount.min is not None and amount.max is not None and amount.min > amount.max:
            yield (
                place,
                Diagnostic(
                    "empty-range",
                    f"min {number_words(amount.min)} is more than max {number_words(amount.max)}",
                    source.located.where(place),
                    "swap the two",
                ),
            )


def _unreachable_sections(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    for number, section in enumerate(source.blueprint.sections):
        low, high = _section_range(section)
        if low > high and source.sound(*_amounts_of(number)):
            yield Diagnostic(
                "unreachable-points",
                f'section "{_called(source, number)}": {_why_unreachable(section)}',
                source.located.where(("sections", number)),
                "change points, questions or question_points",
            )


def _called(source: LocatedBlueprint, number: int) -> str:
    """What the author calls a section: by its title, or by its place where no title holds."""
    title: Place = ("sections", number, "title")
    # Without a title of its own, a section is called after its kind.
    named_by = title if title in source.located.keys else ("sections", number, "kind")
    return str(
        source.blueprint.sections[number].title if source.sound(title, named_by) else number + 1
    )


def _too_little_time(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    blueprint, place = source.blueprint, ("work_minutes",)
    if not source.sound(place, ("minutes",)):
        return
    if (blueprint.work_minutes.min or 0) > blueprint.minutes:
        yield Diagnostic(
            "too-little-time",
            f"work_minutes: at least {number_words(blueprint.work_minutes.min or 0)} asked, but the"
            f" exam has {amount_words(blueprint.minutes, 'minutes')}",
            source.located.where(place),
            "change work_minutes or minutes",
        )


def _unreachable_points(source: LocatedBlueprint) -> Iterator[Diagnostic]:
    """Points of the exam that no bank could reach, whatever its questions."""
    blueprint = source.blueprint
    amounts = [place for number in range(len(blueprint.sections)) for place in _amounts_of(number)]
    if not source.sound(("points",), *amounts) or ("sections",) in source.doubtful:
        return
    ranges = [_section_range(section) for section in blueprint.sections]
    least, most = (sum(bounds) for bounds in zip(*ranges, strict=True))
    if blueprint.points < least or blueprint.points > most:
        bound = (
            f"at least {amount_words(least, 'points')}"
            if blueprint.points < least
            else f"at most {amount_words(most, 'points')}"
        )
        yield Diagnostic(
            "unreachable-points",
            f"points: {number_words(blueprint.points)}, but the sections make {bound} together",
            source.located.where(("points",)),
            "change points of the exam or of its sections",
        )


def _amounts_of(number: int) -> list[Place]:
    """What the points of a section come from."""
    fields = ("points", "questions", "question_points")
    return [("sections", number, field) for field in fields]


def _section_range(section: SectionPlan) -> tuple[float, float]:
    """The points that a section can have by its own numbers; empty (low > high) if they clash."""
    low, high = section.points.min or 0.0, section.points.max
    by_count_low = (section.questions.min or 0) * (section.question_points.min or 0.5)
    by_count_high = math.inf
    if section.questions.max is not None and section.question_points.max is not None:
        by_count_high = section.questions.max * section.question_points.max
    return max(low, by_count_low), min(math.inf if high is None else high, by_count_high)


def _why_unreachable(section: SectionPlan) -> str:
    asked, count, each = section.points, section.questions, section.question_points
    if count.max is not None and each.max is not None and (asked.min or 0) > count.max * each.max:
        return (
            f"{amount_words(asked.min or 0, 'points')} asked, but"
            f" {amount_words(count.max, 'questions')} of at most"
            f" {amount_words(each.max, 'points')} make {number_words(count.max * each.max)}"
        )
    least = each.min or 0.5
    return (
        f"{amount_words(asked.max or 0, 'points')} asked, but"
        f" {amount_words(count.min or 0, 'questions')} of at least"
        f" {amount_words(least, 'points')} make {number_words((count.min or 0) * least)}"
    )
