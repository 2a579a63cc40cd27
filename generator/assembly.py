"""Choosing the questions of an exam: integer programs, solved with HiGHS to a tolerance.

The program is in ``generator.program``, what it strives for in ``generator.objective``. The choice
depends on the bank, the blueprint and the seed alone, not on the machine's speed.

Disjoint forms are chosen one after another, each to be like those before it; then each is chosen
again beside all others, as long as that brings them closer. Where the first leave too little for
the last, one program for all forms finds a start, or proves that there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.blueprint_schema import Blueprint
from generator.heads import Head
from generator.infeasible import explain
from generator.objective import measures, objective_of
from generator.program import Problem, model_of, problem_of
from generator.selection import Slot
from generator.solver import NODES, TIME_LIMIT_S, Array, Solution, feasible_point, minimise
from question_bank.diagnostics import InputError, bad_input

# Being like others is worth less search: each form is chosen more than once.
NODES_BESIDE = 60
# So often each of the disjoint forms may be chosen again.
ROUNDS = 2

Chosen = tuple[Slot, ...]


@dataclass(frozen=True)
class Choice:
    """The chosen questions of each section of one form, in the blueprint's order of sections."""

    sections: tuple[tuple[Head, ...], ...]

    @property
    def questions(self) -> tuple[Head, ...]:
        """Return all chosen questions."""
        return tuple(head for section in self.sections for head in section)


def assemble(
    bank: Iterable[Head],
    blueprint: Blueprint,
    seed: int,
    *,
    excluded: Collection[str] = (),
    forms: int = 1,
) -> tuple[Choice, ...]:
    """Choose the questions of an exam.

    Args:
        bank: the heads of the whole bank.
        blueprint: what the exam must be; checked (``generator.blueprint``).
        seed: another seed, another exam; the same seed, the same exam.
        excluded: ids that are out besides the blueprint's own (earlier exams).
        forms: how many choices, of which no two have a question in common but the pins.

    Raises:
        InputError: no choice meets the blueprint; the diagnostics say why.
    """
    heads = tuple(bank)
    problem = problem_of(heads, blueprint, excluded, forms)
    found = (
        _one_form(problem, blueprint, seed)
        if forms == 1
        else _disjoint_forms(problem, blueprint, seed)
    )
    if found is None:
        raise InputError(*explain(heads, blueprint, problem, excluded=excluded).diagnostics())
    return tuple(_choice(slots, blueprint) for slots in found)


def _one_form(problem: Problem, blueprint: Blueprint, seed: int) -> list[Chosen] | None:
    chosen = _form(problem, blueprint, seed)
    return None if chosen is None else [chosen]


def _form(
    problem: Problem,
    blueprint: Blueprint,
    seed: int,
    form: int = 0,
    others: Sequence[Chosen] = (),
) -> Chosen | None:
    """One form, beside others: without their questions, and as like them as can be."""
    taken = {slot.head.id for other in others for slot in other} - problem.shared
    left = replace(
        problem, slots=tuple(s for s in problem.slots if s.head.id not in taken), forms=1
    )
    rows = model_of(left).rows()
    if not left.slots:
        return () if _decided(feasible_point(rows)).feasible else None
    aim = np.mean([_measured(blueprint, other) for other in others], axis=0) if others else None
    objective = objective_of(left, blueprint, seed, rows, form=form, aim=aim)
    nodes = NODES if aim is None else NODES_BESIDE
    found = _decided(minimise(objective.cost, objective.rows, len(left.slots), nodes))
    return None if found.x is None else _slots(left, found.x)


def _disjoint_forms(problem: Problem, blueprint: Blueprint, seed: int) -> list[Chosen] | None:
    forms: list[Chosen] = []
    for number in range(problem.forms):
        chosen = _form(problem, blueprint, seed, number, forms)
        if chosen is None:
            break
        forms.append(chosen)
    if len(forms) < problem.forms:
        found = _decided(feasible_point(model_of(problem).rows()))
        if found.x is None:
            return None
        parts = np.split(found.x, problem.forms)
        forms = [_slots(problem, part) for part in parts]
    return _closer(problem, blueprint, seed, forms)


def _closer(problem: Problem, blueprint: Blueprint, seed: int, forms: list[Chosen]) -> list[Chosen]:
    """Choose each form again beside the others, until all are near, or none gets nearer."""
    apart = _apart(blueprint, forms)
    for _ in range(ROUNDS):
        before = apart
        if not apart:
            break
        for number in range(len(forms)):
            others = forms[:number] + forms[number + 1 :]
            again = _form(problem, blueprint, seed, number, others)
            if again is None:
                continue
            tried = [*forms[:number], again, *forms[number + 1 :]]
            if _apart(blueprint, tried) < apart:
                forms, apart = tried, _apart(blueprint, tried)
        if apart == before:
            break
    return forms


def _apart(blueprint: Blueprint, forms: Sequence[Chosen]) -> float:
    """What the forms' distances cost, as far as they are more than near."""
    cost = 0.0
    for measure in measures(blueprint):
        sums = [sum(measure.share(slot) for slot in form) for form in forms]
        near = 2 * (measure.near + measure.near_share * sum(sums) / len(sums))
        cost += measure.penalty * max(0.0, max(sums) - min(sums) - near)
    return cost


def _measured(blueprint: Blueprint, form: Chosen) -> list[int]:
    return [sum(measure.share(slot) for slot in form) for measure in measures(blueprint)]


def _decided(found: Solution) -> Solution:
    if found.feasible is None:
        raise bad_input(
            "assembly-undecided",
            f"no exam was found within {TIME_LIMIT_S:g} s, nor a proof that there is none",
            hint="loosen the blueprint or take another seed",
        )
    return found


def _slots(problem: Problem, x: Array) -> Chosen:
    return tuple(slot for slot, chosen in zip(problem.slots, x, strict=True) if chosen)


def _choice(slots: Sequence[Slot], blueprint: Blueprint) -> Choice:
    sections: list[list[Head]] = [[] for _ in blueprint.sections]
    for slot in slots:
        sections[slot.section].append(slot.head)
    order = [sorted(section, key=lambda head: (head.lecture, head.id)) for section in sections]
    return Choice(tuple(tuple(section) for section in order))
