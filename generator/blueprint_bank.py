"""What a blueprint names that a bank does not have, and pins that cannot be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from generator.blueprint import LocatedBlueprint
from generator.blueprint_faults import Place, filters
from generator.blueprint_schema import Blueprint
from generator.heads import Head
from generator.selection import allowed_uses
from question_bank.diagnostics import Diagnostic, InputError, did_you_mean
from question_bank.strict_yaml import Located


def check_against_bank(source: LocatedBlueprint, questions: Mapping[str, Head]) -> None:
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
    findings += _unknown(source, questions.values())
    if findings:
        raise InputError(*findings)


def _unknown(source: LocatedBlueprint, bank: Collection[Head]) -> Iterator[Diagnostic]:
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
    for place, chosen in filters(source.blueprint):
        for kind in known:
            names = enumerate(getattr(chosen, kind) or ())
            asked += [((*place, kind, index), kind, name) for index, name in names]
    for place, kind, name in asked:
        if name not in known[kind]:
            one = kind.removesuffix("s")
            yield Diagnostic(
                f"unknown-{one}",
                f'no question of the bank has the {one} "{name}"',
                source.located.where(place),
                did_you_mean(name, known[kind]),
            )


def _bad_pin(
    blueprint: Blueprint, question: Head, located: Located, index: int
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
