"""Which questions a filter of a blueprint means, and where each may stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from generator.blueprint_schema import Blueprint, Filter, SectionPlan, Selection
from generator.heads import Head


@dataclass(frozen=True)
class Slot:
    """A question that may stand in a section (index from 0)."""

    head: Head
    section: int


def selects(chosen: Filter, head: Head) -> bool:
    """Say whether a question fits everything that a filter asks for."""
    return (
        (not isinstance(chosen, Selection) or chosen.kind in (None, head.type))
        and (chosen.lectures is None or head.lecture in chosen.lectures)
        and (chosen.topics is None or head.topic in chosen.topics)
        and (chosen.objectives is None or not set(chosen.objectives).isdisjoint(head.objectives))
        and (chosen.archetypes is None or not set(chosen.archetypes).isdisjoint(head.archetypes))
        and (chosen.levels is None or head.difficulty in chosen.levels)
        and (chosen.answers is None or not head.answers.isdisjoint(chosen.answers))
        and chosen.figure in (None, head.figure)
        and chosen.parametrised in (None, head.parametrised)
    )


def fits(head: Head, section: SectionPlan) -> bool:
    """Say whether a section takes a question as it is: by kind, points and the section's filter."""
    least, most = section.question_points.min, section.question_points.max
    return (
        head.type == section.kind
        and (least is None or head.points >= least)
        and (most is None or head.points <= most)
        and selects(section, head)
    )


def allowed_uses(blueprint: Blueprint) -> frozenset[str]:
    """Return the values of a question's ``use`` that the blueprint draws from."""
    return frozenset({blueprint.use, "both"})


def why_out(head: Head, blueprint: Blueprint, excluded: Collection[str]) -> str | None:
    """Say why a question may not be in an exam of the blueprint at all; None where it may."""
    if head.id in excluded:
        return "excluded"
    if any(selects(avoided, head) for avoided in blueprint.avoid):
        return "avoided"
    if head.use not in allowed_uses(blueprint):
        return f"for use: {head.use}"
    if head.lecture not in blueprint.lectures:
        return "of other lectures"
    return None


def slots_of(
    bank: Collection[Head], blueprint: Blueprint, excluded: Collection[str]
) -> Iterator[Slot]:
    """Yield every way in which a question may stand in a section, by id."""
    for head in sorted(bank, key=lambda head: head.id):
        if why_out(head, blueprint, excluded) is not None:
            continue
        for number, section in enumerate(blueprint.sections):
            ways = (head, *head.shortened_ways()) if section.shorten else (head,)
            for way in ways:
                if fits(way, section):
                    yield Slot(way, number)
