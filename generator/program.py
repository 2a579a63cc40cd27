"""The integer program behind an exam, solved with HiGHS.

One binary variable says that a question stands in a section. Every demand of the blueprint is a
row with whole-number coefficients; further rows keep a question from standing twice, and enemies
apart.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from generator.blueprint_schema import Blueprint
from generator.demands import Choosable, Demand, allowed_uses, demands_of, fits

Array = np.ndarray[Any, np.dtype[Any]]

# Far beyond what a bank of thousands needs; it keeps a hopeless case from running for ever.
TIME_LIMIT_S = 120.0
# What scipy.optimize.milp reports.
OPTIMAL, INFEASIBLE = 0, 2


@dataclass(frozen=True)
class Slot:
    """A question that may stand in a section (index from 0): one variable of the program."""

    question: Choosable
    section: int


@dataclass(frozen=True)
class Problem:
    """An integer program: at most one slot per question, one of each enemy group, the demands."""

    slots: tuple[Slot, ...]
    demands: tuple[Demand, ...]
    enemies: tuple[frozenset[str], ...]


def problem_of(
    bank: Sequence[Choosable], blueprint: Blueprint, excluded: Collection[str] = ()
) -> Problem:
    """Return the integer program of a blueprint over a bank."""
    out = {*blueprint.exclude, *excluded}
    uses = allowed_uses(blueprint)
    slots = tuple(
        Slot(question, number)
        for question in sorted(bank, key=lambda question: question.id)
        if question.id not in out
        and question.use in uses
        and question.lecture in blueprint.lectures
        for number, section in enumerate(blueprint.sections)
        if fits(question, section)
    )
    usable = {slot.question.id: slot.question for slot in slots}
    enemies = enemy_groups(usable.values(), {question.id for question in bank})
    return Problem(slots, tuple(demands_of(blueprint)), enemies)


def enemy_groups(
    questions: Iterable[Choosable], known_ids: Collection[str]
) -> tuple[frozenset[str], ...]:
    """Return the sets of ids of which at most one may be chosen.

    An entry of ``enemies`` that is the id of a question makes a pair; any other entry names a
    group, made of all questions that name it.
    """
    present = list(questions)
    ids = {question.id for question in present}
    groups: dict[str, set[str]] = defaultdict(set)
    pairs: set[frozenset[str]] = set()
    for question in present:
        for name in question.enemies:
            if name not in known_ids:
                groups[name].add(question.id)
            elif name in ids and name != question.id:
                pairs.add(frozenset({question.id, name}))
    named = [frozenset(members) for _, members in sorted(groups.items()) if len(members) > 1]
    return (*named, *sorted(pairs - set(named), key=sorted))


def feasible(problem: Problem) -> bool | None:
    """Say whether any choice solves the program; None when the solver gave up undecided."""

    if not problem.slots:
        return all(demand.low <= 0 <= demand.high for demand in problem.demands)
    return solve(np.zeros(len(problem.slots)), *rows(problem)).feasible


def extreme(problem: Problem, demand: Demand, *, largest: bool) -> int | None:
    """Return the largest or smallest sum that a demand can reach under the program's demands.

    None when the program has no solution or the solver gave up.
    """
    sign = -1 if largest else 1
    shares = np.array([demand.share(slot.question, slot.section) for slot in problem.slots])
    if not problem.slots:
        return 0 if feasible(problem) else None
    solution = solve(sign * shares.astype(float), *rows(problem))
    return None if solution.x is None else int(shares @ solution.x)


@dataclass(frozen=True)
class Solution:
    """What the solver found: ``feasible`` is None where it gave up; ``x`` where it found one."""

    feasible: bool | None
    x: Array | None


def solve(
    cost: Array,
    matrix: csr_matrix,
    low: Array,
    high: Array,
    integral: int | None = None,
) -> Solution:
    """Minimise cost; the first ``integral`` variables (default: all) are binary, the rest >= 0."""
    binary = cost.size if integral is None else integral
    kinds = np.zeros(cost.size, dtype=int)
    kinds[:binary] = 1
    upper = np.full(cost.size, np.inf)
    upper[:binary] = 1
    with _silent():
        result = milp(
            cost,
            integrality=kinds,
            bounds=Bounds(np.zeros(cost.size), upper),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": 0.0, "time_limit": TIME_LIMIT_S},
        )
    if result.status == OPTIMAL:
        return Solution(True, np.rint(result.x).astype(np.int64))
    return Solution(False if result.status == INFEASIBLE else None, None)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep what C code prints away from standard output.

    HiGHS prints a line of its own there now and then, whatever its settings: it would end up in
    the JSON that a command prints.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        # There is no standard output to protect.
        yield
        return
    # C keeps printed text in a buffer of its own, which is emptied while the output is away.
    empty_buffers = ctypes.CDLL(None).fflush
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        empty_buffers(None)
        os.dup2(nowhere, 1)
        yield
    finally:
        empty_buffers(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def rows(
    problem: Problem,
) -> tuple[csr_matrix, Array, Array]:
    """Return the rows of the program: matrix, lower and upper bounds."""
    columns: dict[str, list[int]] = defaultdict(list)
    for index, slot in enumerate(problem.slots):
        columns[slot.question.id].append(index)
    entries: list[tuple[int, int, int]] = []
    low: list[float] = []
    high: list[float] = []

    def add(row: Mapping[int, int], least: float, most: float) -> None:
        entries.extend((len(low), column, value) for column, value in row.items())
        low.append(least)
        high.append(most)

    for indices in columns.values():
        if len(indices) > 1:
            add(dict.fromkeys(indices, 1), 0, 1)
    for group in problem.enemies:
        add({i: 1 for name in sorted(group) for i in columns.get(name, ())}, 0, 1)
    for demand in problem.demands:
        shares = (demand.share(slot.question, slot.section) for slot in problem.slots)
        row = {index: share for index, share in enumerate(shares) if share}
        add(row, demand.low, demand.high)
    rows, cols, values = zip(*entries, strict=True) if entries else ((), (), ())
    shape = (len(low), len(problem.slots))
    matrix = csr_matrix((np.array(values, dtype=float), (rows, cols)), shape=shape)
    return matrix, np.array(low, dtype=float), np.array(high, dtype=float)
