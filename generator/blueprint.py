"""Blueprint files: found by name or path, read strictly, with every error and its place at once."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.blueprint_schema import Blueprint, Count, Points, Quota, SectionPlan
from generator.demands import Choosable, allowed_uses, amount_words, number_words
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.schema_errors import validated
from question_bank.strict_yaml import Located, load_leniently, read_text

SHIPPED = pathlib.Path(__file__).parent / "blueprints"
COURSE_EXAM = "mock_exam"

# Where a value stands in a blueprint: keys and positions, from the top.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class LocatedBlueprint:
    """A blueprint and the file it came from, for messages with line and column."""

    blueprint: Blueprint
    located: Located


def shipped_blueprints() -> dict[str, pathlib.Path]:
    """Return the blueprints that come with the product, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def load_blueprint(name: str) -> LocatedBlueprint:
    """Read a blueprint by the name of a shipped one, or from a path.

    Raises:
        InputError: there is no such blueprint or file, or everything that is wrong in it.
    """
    shipped = shipped_blueprints()
    if name in shipped:
        return read_blueprint(read_text(shipped[name], f"{name}.yaml"), f"{name}.yaml")
    path = pathlib.Path(name)
    if path.is_dir():
        raise bad_input("no-blueprint", "is a folder, not a blueprint file", where=Where(name))
    if not path.exists():
        raise bad_input(
            "no-blueprint",
            f'there is no blueprint "{name}", and no such file',
            hint=did_you_mean(name, shipped)
            or f"shipped: {', '.join(shipped)}; or the path of a YAML file",
        )
    return read_blueprint(read_text(path), name)


def read_blueprint(text: str, file: str) -> LocatedBlueprint:
    """Read a blueprint from YAML text; ``file`` names it in messages.

    Raises:
        InputError: with all findings, each with its place.
    """
    located = load_leniently(text, file)
    if not isinstance(located.data, dict) and not located.faults:
        raise bad_input("not-a-blueprint", "is no blueprint", where=Where(file, 1, 1))
    blueprint: Blueprint = validated(Blueprint, located)
    findings = list(_contradictions(blueprint, located))
    if findings:
        raise InputError(*findings)
    return LocatedBlueprint(blueprint, located)


def check_against_bank(source: LocatedBlueprint, questions: Mapping[str, Choosable]) -> None:
    """Refuse ids and topics of a blueprint that the bank does not know, and pins that cannot be.

    Raises:
        InputError: with all findings, each with its place.
    """
    blueprint, located = source.blueprint, source.located
    findings: list[Diagnostic] = []
    for field in ("pins", "exclude"):
        for index, question_id in enumerate(getattr(blueprint, field)):
            if question_id not in questions:
                findings.append(
                    Diagnostic(
                        "unknown-question",
                        f'there is no question "{question_id}" in the bank',
                        located.where((field, index)),
                        did_you_mean(question_id, questions),
                    )
                )
            elif field == "pins":
                findings += _bad_pin(blueprint, questions[question_id], located, index)
    topics = {question.topic for question in questions.values()}
    asked: list[tuple[Place, str]] = [
        (("coverage", "topics", topic), topic) for topic in blueprint.coverage.topics
    ]
    for number, section in enumerate(blueprint.sections):
        asked += [
            (("sections", number, "topics", i), topic)
            for i, topic in enumerate(section.topics or ())
        ]
    for path, topic in asked:
        if topic not in topics:
            findings.append(
                Diagnostic(
                    "unknown-topic",
                    f'no question of the bank has the topic "{topic}"',
                    located.where(path),
                    did_you_mean(topic, topics),
                )
            )
    if findings:
        raise InputError(*findings)


def _bad_pin(
    blueprint: Blueprint, question: Choosable, located: Located, index: int
) -> Iterator[Diagnostic]:
    where = located.where(("pins", index))
    if question.use not in allowed_uses(blueprint):
        yield Diagnostic(
            "bad-pin",
            f"{question.id} is for use: {question.use}, and the blueprint draws use:"
            f" {blueprint.use} and both",
            where,
            "take the pin away, or change `use` of the blueprint",
        )
    if question.lecture not in blueprint.lectures:
        yield Diagnostic(
            "bad-pin",
            f"{question.id} is of lecture {question.lecture}, which the blueprint does not name",
            where,
            "add the lecture to `lectures`, or take the pin away",
        )


def _contradictions(blueprint: Blueprint, located: Located) -> Iterator[Diagnostic]:
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
    for lecture in blueprint.coverage.lectures:
        if int(lecture) not in blueprint.lectures:
            yield Diagnostic(
                "unknown-lecture",
                f"lecture {lecture} is not among the blueprint's lectures",
                located.where(("coverage", "lectures", lecture)),
                "add it to `lectures`, or take its quota away",
            )
    for number, section in enumerate(blueprint.sections):
        for index, only in enumerate(section.lectures or ()):
            if only not in blueprint.lectures:
                yield Diagnostic(
                    "unknown-lecture",
                    f"lecture {only} is not among the blueprint's lectures",
                    located.where(("sections", number, "lectures", index)),
                )
    yield from _unreachable_points(blueprint, located)


def _ranges(blueprint: Blueprint) -> Iterator[tuple[Place, Points | Count]]:
    for number, section in enumerate(blueprint.sections):
        for field in ("points", "questions", "question_points"):
            yield ("sections", number, field), getattr(section, field)
    quotas: list[tuple[Place, Quota]] = [
        (("coverage", "each_lecture"), blueprint.coverage.each_lecture)
    ]
    quotas += [(("coverage", "lectures", n), q) for n, q in blueprint.coverage.lectures.items()]
    quotas += [(("coverage", "topics", n), q) for n, q in blueprint.coverage.topics.items()]
    for path, quota in quotas:
        yield (*path, "questions"), quota.questions
        yield (*path, "points"), quota.points
    for number, mix in enumerate(blueprint.difficulty):
        yield ("difficulty", number, "points"), mix.points


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
