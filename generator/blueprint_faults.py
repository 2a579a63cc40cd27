"""What a blueprint contradicts itself in, whatever the bank."""

from __future__ import annotations

import math
from collections.abc import Iterator

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
from generator.demands import amount_words, number_words
from question_bank.answers import answer_types
from question_bank.diagnostics import Diagnostic, did_you_mean
from question_bank.strict_yaml import Located

# Where a value stands in a blueprint: keys and positions, from the top.
Place = tuple[str | int, ...]


def contradictions(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
    """Yield everything in a blueprint that no bank could meet, or that says nothing."""
    yield from _empty_ranges(blueprint, located)
    if blueprint.pass_mark > blueprint.points:
        yield Diagnostic(
            "bad-pass-mark",
            f"pass_mark: {number_words(blueprint.pass_mark)} is more than the"
            f" {amount_words(blueprint.points, 'points')} of the exam",
            located.where(("pass_mark",)),
            "the pass mark is an amount of points",
        )
    for index, question_id in enumerate(blueprint.pins):
        if question_id in blueprint.exclude:
            yield Diagnostic(
                "pinned-and-excluded",
                f"{question_id} is pinned and excluded",
                located.where(("pins", index)),
                "keep one of the two",
            )
    named = [((field,), getattr(blueprint, field)) for field in ("pins", "exclude")]
    for path, names in named:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Diagnostic(
                    "duplicate", f"{name} stands here twice", located.where((*path, index))
                )
    yield from _unknown_lectures(blueprint, located)
    yield from _unknown_answers(blueprint, located)
    yield from _empty_filters(blueprint, located)
    yield from _unreachable_points(blueprint, located)


def filters(blueprint: Blueprint) -> Iterator[tuple[Place, Filter]]:
    """Yield every filter of a blueprint with its place."""
    for number, section in enumerate(blueprint.sections):
        yield ("sections", number), section
    for number, quota in enumerate(blueprint.quotas):
        yield ("quotas", number, "where"), quota.where
    for number, avoided in enumerate(blueprint.avoid):
        yield ("avoid", number), avoided


def _unknown_lectures(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
    for lecture in blueprint.coverage.lectures:
        if int(lecture) not in blueprint.lectures:
            yield Diagnostic(
                "unknown-lecture",
                f"lecture {lecture} is not among the blueprint's lectures",
                located.where(("coverage", "lectures", lecture)),
                "add it to `lectures`, or take its quota away",
            )
    for place, chosen in filters(blueprint):
        if place[0] == "avoid":
            continue  # what is not drawn anyway may be avoided, too
        for index, only in enumerate(chosen.lectures or ()):
            if only not in blueprint.lectures:
                yield Diagnostic(
                    "unknown-lecture",
                    f"lecture {only} is not among the blueprint's lectures",
                    located.where((*place, "lectures", index)),
                    "add it to `lectures`, or take it away here",
                )


def _unknown_answers(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
    known = {*answer_types(), "multiple_choice"}
    for place, chosen in filters(blueprint):
        for index, kind in enumerate(chosen.answers or ()):
            if kind not in known:
                yield Diagnostic(
                    "unknown-answer-type",
                    f'there is no answer type "{kind}"',
                    located.where((*place, "answers", index)),
                    did_you_mean(kind, known) or f"known: {', '.join(sorted(known))}",
                )


def _empty_filters(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
    for place, chosen in filters(blueprint):
        if place[0] == "avoid" and chosen == Selection():
            yield Diagnostic(
                "empty-filter",
                "a filter that asks for nothing avoids every question",
                located.where(place),
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


def _empty_ranges(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
    for path, amount in _ranges(blueprint):
        if amount.min is not None and amount.max is not None and amount.min > amount.max:
            yield Diagnostic(
                "empty-range",
                f"min {number_words(amount.min)} is more than max {number_words(amount.max)}",
                located.where(path),
                "swap the two",
            )


def _unreachable_points(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
    """Totals that no bank could reach, whatever its questions."""
    least, most = 0.0, 0.0
    for number, section in enumerate(blueprint.sections):
        low, high = _section_range(section)
        least, most = least + low, most + high
        if low > high:
            yield Diagnostic(
                "unreachable-points",
                f'section "{section.title}": {_why_unreachable(section)}',
                located.where(("sections", number)),
                "change points, questions or question_points",
            )
    if (blueprint.work_minutes.min or 0) > blueprint.minutes:
        yield Diagnostic(
            "too-little-time",
            f"work_minutes: at least {number_words(blueprint.work_minutes.min or 0)} asked, but the"
            f" exam has {amount_words(blueprint.minutes, 'minutes')}",
            located.where(("work_minutes",)),
            "change work_minutes or minutes",
        )
    if blueprint.points < least or blueprint.points > most:
        bound = (
            f"at least {amount_words(least, 'points')}"
            if blueprint.points < least
            else f"at most {amount_words(most, 'points')}"
        )
        yield Diagnostic(
            "unreachable-points",
            f"points: {number_words(blueprint.points)}, but the sections make {bound} together",
            located.where(("points",)),
            "change points of the exam or of its sections",
        )


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
