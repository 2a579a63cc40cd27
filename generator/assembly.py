"""Choosing the questions of an exam: an integer program, solved with HiGHS.

The program is in ``generator.program``. Its objective has whole-number coefficients: a weight for
each question from SHA-256 of the seed, so that another seed gives another exam, less a penalty for
points piled up on one lecture and for questions that repeat a topic. The optimum is proven, and
ties are broken by the ids, so that the choice depends on the seed alone and not on the machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack

from generator.blueprint_schema import Blueprint
from generator.demands import Choosable, half_points
from generator.infeasible import explain
from generator.program import (
    TIME_LIMIT_S,
    Array,
    Problem,
    Slot,
    feasible,
    problem_of,
    rows,
    solve,
)
from question_bank.diagnostics import InputError, bad_input

# Weights are per half point, so that a question of four points counts as four of one point.
WEIGHTS = 10_000
# A half point beyond a lecture's fair share costs as much as a somewhat better weight gains.
CROWDED_LECTURE = 4_000
# A second question on a topic must be worth as much as four half points of average weight.
REPEATED_TOPIC = 20_000
# A section whose points may vary aims at a value drawn from its range: many small questions offer
# more good weights than few large ones, and would otherwise fill large banks' exams.
OFF_TARGET = 4_000
# Where an optimum is not unique, at most this many are compared.
MAX_TIES = 12


@dataclass(frozen=True)
class Assembly:
    """The chosen questions of each section, in the blueprint's order of sections."""

    sections: tuple[tuple[Choosable, ...], ...]

    @property
    def questions(self) -> tuple[Choosable, ...]:
        """Return all chosen questions."""
        return tuple(question for section in self.sections for question in section)


def assemble(
    questions: Iterable[Choosable],
    blueprint: Blueprint,
    seed: int,
    *,
    excluded: Collection[str] = (),
) -> Assembly:
    """Choose the questions of an exam.

    Args:
        questions: the whole bank.
        blueprint: what the exam must be; checked (``generator.blueprint``).
        seed: another seed, another exam; the same seed, the same exam.
        excluded: ids that are out besides the blueprint's own (earlier exams).

    Raises:
        InputError: no choice meets the blueprint; the diagnostics say why.
    """
    bank = tuple(questions)
    problem = problem_of(bank, blueprint, excluded)
    slots = _best(problem, blueprint, seed)
    if slots is None:
        raise InputError(*explain(bank, blueprint, problem, excluded=excluded).diagnostics())
    return _assembly(slots, blueprint)


def weight(seed: int, question_id: str, section: int) -> int:
    """Return the weight (1 to ``WEIGHTS``) of a question per half point under a seed."""
    return _number(f"weight/{seed}/{section}/{question_id}") % WEIGHTS + 1


def _number(what: str) -> int:
    digest = hashlib.sha256(f"mockexam assembly/{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _best(problem: Problem, blueprint: Blueprint, seed: int) -> tuple[Slot, ...] | None:
    """Return the slots of the optimum, or None when there is no solution."""
    if not problem.slots:
        return () if feasible(problem) else None
    weights = np.array(
        [
            half_points(slot.question.points) * weight(seed, slot.question.id, slot.section)
            for slot in problem.slots
        ],
        dtype=np.int64,
    )
    balance = _balance(problem, blueprint, seed)
    framed, low, high = rows(problem)
    size, extra = len(problem.slots), len(balance)
    # Each balance row reads: members' sum - penalised excess <= allowance.
    below = csr_matrix(np.array([row.shares for row in balance]).reshape(extra, size))
    matrix = vstack(
        [
            hstack([framed, csr_matrix((framed.shape[0], extra))]),
            hstack([below, -csr_matrix(np.eye(extra))]),
        ],
        format="csr",
    )
    low = np.concatenate([low, np.full(extra, -np.inf)])
    high = np.concatenate([high, [row.allowance for row in balance]])
    cost = np.concatenate([-weights, [row.penalty for row in balance]]).astype(float)

    def value(x: Array) -> int:
        excess = sum(
            row.penalty * max(0, int(np.dot(row.shares, x)) - row.allowance) for row in balance
        )
        return int(weights @ x) - excess

    def key(x: Array) -> list[tuple[int, str]]:
        chosen = (problem.slots[i] for i in np.flatnonzero(x))
        return sorted((slot.section, slot.question.id) for slot in chosen)

    best: Array | None = None
    for _ in range(MAX_TIES):
        solution = solve(cost, matrix, low, high, integral=size)
        if solution.feasible is None:
            raise bad_input(
                "assembly-undecided",
                f"no exam was found within {TIME_LIMIT_S:g} s, nor a proof that there is none",
                hint="loosen the blueprint or take another seed",
            )
        if solution.x is None:
            break
        x = solution.x[:size]
        if best is not None and value(x) < value(best):
            break
        if best is None or key(x) < key(best):
            best = x
        # The next round must differ from this choice in at least one question.
        cut = np.concatenate([np.where(x == 1, 1, -1), np.zeros(extra)])
        matrix = vstack([matrix, csr_matrix(cut)], format="csr")
        low = np.append(low, -np.inf)
        high = np.append(high, int(x.sum()) - 1)
    return None if best is None else tuple(problem.slots[i] for i in np.flatnonzero(best))


@dataclass(frozen=True)
class _Balance:
    """A sum that costs ``penalty`` for every unit beyond ``allowance``."""

    shares: tuple[int, ...]
    allowance: int
    penalty: int


def _balance(problem: Problem, blueprint: Blueprint, seed: int) -> list[_Balance]:
    fair = -(-half_points(blueprint.points) // len(blueprint.lectures))
    found = []
    for lecture in blueprint.lectures:
        shares = tuple(
            half_points(slot.question.points) if slot.question.lecture == lecture else 0
            for slot in problem.slots
        )
        if sum(shares) > fair:
            found.append(_Balance(shares, fair, CROWDED_LECTURE))
    for topic in sorted({slot.question.topic for slot in problem.slots}):
        shares = tuple(int(slot.question.topic == topic) for slot in problem.slots)
        if sum(shares) > 1:
            found.append(_Balance(shares, 1, REPEATED_TOPIC))
    for number, plan in enumerate(blueprint.sections):
        if plan.points.min is None or plan.points.max is None or plan.points.min == plan.points.max:
            continue
        low, high = half_points(plan.points.min), half_points(plan.points.max)
        target = low + _number(f"target/{seed}/{number}") % (high - low + 1)
        shares = tuple(
            half_points(slot.question.points) if slot.section == number else 0
            for slot in problem.slots
        )
        found.append(_Balance(shares, target, OFF_TARGET))
        found.append(_Balance(tuple(-share for share in shares), -target, OFF_TARGET))
    return found


def _assembly(slots: Iterable[Slot], blueprint: Blueprint) -> Assembly:
    sections: list[list[Choosable]] = [[] for _ in blueprint.sections]
    for slot in slots:
        sections[slot.section].append(slot.question)
    order = [sorted(s, key=lambda question: (question.lecture, question.id)) for s in sections]
    return Assembly(tuple(tuple(section) for section in order))
