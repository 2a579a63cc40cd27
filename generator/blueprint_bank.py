"""What a blueprint names that a bank does not have, and pins that cannot be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from generator.blueprint_faults import filters
from generator.blueprint_source import LocatedBlueprint, Place
from generator.heads import Head
from generator.selection import allowed_uses
from question_bank.diagnostics import Diagnostic, InputError, did_you_mean


def check_against_bank(source: LocatedBlueprint, questions: Mapping[str, Head]) -> None:
    """Refuse ids and topics of a blueprint that the bank does not know, and pins that cannot be.

    Raises:
        InputError: with all findings, each with its place.
    """
    findings = list(unknown_to_bank(source, questions))
    if findings:
        raise InputError(*findings)


def unknown_to_bank(
    source: LocatedBlueprint, questions: Mapping[str, Head]
) -> Iterator[Diagnostic]:
    """Yield what a blueprint names that the bank does not know, and pins that cannot be."""
    for field in ("pins", "exclude"):
        for index, question_id in enumerate(getattr(source.blueprint, field)):
            if not source.sound((field, index)):
                continue
            if question_id not in questions:
                yield Diagnostic(
                    "unknown-question",
                    f'there is no question "{question_id}" in the bank',
                    source.located.where((field, index)),
                    did_you_mean(question_id, questions) or "`question-bank list` shows them all",
                )
            elif field == "pins":
                yield from _bad_pin(source, questions[question_id], index)
    yield from _unknown_words(source, questions.values())
    yield from _empty_lectures(source, {head.lecture for head in questions.values()})


def _empty_lectures(source: LocatedBlueprint, known: Collection[int]) -> Iterator[Diagnostic]:
    """Lectures that must give something, and of which there is no question."""
    blueprint, located = source.blueprint, source.located
    # Of a blueprint for some lectures at a time, those that are named are looked at when they are.
    if blueprint.per_lecture or not source.sound(("lectures",)):
        return
    for lecture in blueprint.lectures:
        quota = blueprint.quota(lecture)
        own = str(lecture) in blueprint.coverage.lectures
        place: Place = (
            ("coverage", "lectures", str(lecture)) if own else ("coverage", "each_lecture")
        )
        asked = (quota.questions.min, quota.points.min, quota.minutes.min)
        if lecture not in known and any(asked) and source.sound(place):
            yield Diagnostic(
                "unknown-lecture",
                f"no question of the bank is of lecture {lecture}",
                located.where(("lectures", located.data["lectures"].index(lecture))),
                f"take it away; the bank has {', '.join(map(str, sorted(known)))}",
            )


def _unknown_words(source: LocatedBlueprint, bank: Collection[Head]) -> Iterator[Diagnostic]:
    """Topics, objectives and archetypes that no question has."""
    known = {
        "topics": {head.topic for head in bank},
        "objectives": {objective for head in bank for objective in head.objectives},
        "archetypes": {archetype for head in bank for archetype in head.archetypes},
    }
    coverage = source.blueprint.coverage
    asked: list[tuple[Place, str, str]] = []
    asked += [(("coverage", "topics", name), "topics", name) for name in coverage.topics]
    asked += [
        (("coverage", "objectives", name), "objectives", name) for name in coverage.objectives
    ]
    for place, chosen in filters(source):
        for kind in known:
            names = enumerate(getattr(chosen, kind) or ())
            asked += [((*place, kind, index), kind, name) for index, name in names]
    for place, kind, name in asked:
        if source.sound(place) and name not in known[kind]:
            one = kind.removesuffix("s")
            yield Diagnostic(
                f"unknown-{one}",
                f'no question of the bank has the {one} "{name}"',
                source.located.where(place),
                did_you_mean(name, known[kind]) or f"name {_a(one)} of the bank, or take it away",
            )


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _bad_pin(source: LocatedBlueprint, question: Head, index: int) -> Iterator[Diagnostic]:
    blueprint = source.blueprint
    where = source.located.where(("pins", index))
    if source.sound(("use",)) and question.use not in allowed_uses(blueprint):
        yield Diagnostic(
            "bad-pin",
            f"{question.id} is for use: {question.use}, and the blueprint draws use:"
            f" {blueprint.use} and both",
            where,
            "take the pin away, or change `use` of the blueprint",
        )
    if source.sound(("lectures",)) and question.lecture not in blueprint.lectures:
        yield Diagnostic(
            "bad-pin",
            f"{question.id} is of lecture {question.lecture}, which the blueprint does not name",
            where,
            "add the lecture to `lectures`, or take the pin away",
        )
