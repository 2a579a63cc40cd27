"""The integer program behind an exam.

One binary variable says that a question stands in a section of a form. Every demand of the
blueprint is a row of each form with whole-number coefficients; further rows keep a question from
standing twice, and enemies apart. Forms with disjoint questions are one program.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.blueprint_schema import Blueprint
from generator.demands import Demand, demands_of
from generator.heads import Head
from generator.selection import Slot, slots_of
from generator.solver import Array, Rows


@dataclass(frozen=True)
class EnemyGroup:
    """Questions of which at most one may be in a form; ``name`` is what they share."""

    name: str
    members: frozenset[str]

    @property
    def demand(self) -> str:
        """Return the name of the rule, among the names of demands."""
        return f"enemies {self.name}"


@dataclass(frozen=True)
class Problem:
    """An integer program: at most one slot per question, one of each enemy group, the demands.

    With more than one of ``forms``, a question stands on one of them at most; those that are
    ``shared`` (the pins) may stand on each.
    """

    slots: tuple[Slot, ...]
    demands: tuple[Demand, ...]
    enemies: tuple[EnemyGroup, ...]
    forms: int = 1
    shared: frozenset[str] = frozenset()


def problem_of(
    bank: Sequence[Head],
    blueprint: Blueprint,
    excluded: Collection[str] = (),
    forms: int = 1,
) -> Problem:
    """Return the integer program of a blueprint over a bank, for so many disjoint forms."""
    out = {*blueprint.exclude, *excluded}
    slots = tuple(slots_of(bank, blueprint, out))
    usable = {slot.head.id: slot.head for slot in slots}
    return Problem(
        slots,
        tuple(demands_of(blueprint, topics_of(bank, blueprint))),
        enemy_groups(usable.values()),
        forms,
        frozenset(blueprint.pins),
    )


def topics_of(bank: Iterable[Head], blueprint: Blueprint) -> frozenset[str]:
    """Return the topics that a bank has in the lectures of a blueprint."""
    return frozenset(head.topic for head in bank if head.lecture in blueprint.lectures)


def enemy_groups(heads: Iterable[Head]) -> tuple[EnemyGroup, ...]:
    """Return the groups of ids of which at most one may be chosen.

    An entry of ``enemies`` names a group: all questions that name it, and the question whose id it is.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for head in heads:
        for name in (head.id, *head.enemies):
            groups[name].add(head.id)
    return tuple(EnemyGroup(n, frozenset(m)) for n, m in sorted(groups.items()) if len(m) > 1)


@dataclass(frozen=True)
class Model:
    """The rows of a problem, and which of them is whose, so that some can be left out.

    ``names`` has the demand or enemy rule behind each row of a form; rows without one (a question
    stands once) always hold.
    """

    names: tuple[str, ...]
    per_form: Rows
    between: Rows
    forms: int

    def rows(self, only: Collection[str] | None = None) -> Rows:
        """Return the rows of all forms, of the named rules alone (default: of all)."""
        keep = np.array(
            [not name or only is None or name in only for name in self.names], dtype=bool
        )
        one = self.per_form
        matrix, low, high = one.matrix[keep], one.low[keep], one.high[keep]
        if self.forms == 1:
            return Rows(matrix, low, high)
        from scipy.sparse import block_diag, vstack

        every = block_diag([matrix] * self.forms, format="csr")
        return Rows(
            vstack([every, self.between.matrix], format="csr"),
            np.concatenate([np.tile(low, self.forms), self.between.low]),
            np.concatenate([np.tile(high, self.forms), self.between.high]),
        )


def model_of(problem: Problem) -> Model:
    """Return the rows of a problem."""
    columns: dict[str, list[int]] = defaultdict(list)
    for index, slot in enumerate(problem.slots):
        columns[slot.head.id].append(index)
    building = _Builder(len(problem.slots))
    for indices in columns.values():
        if len(indices) > 1:
            building.add("", dict.fromkeys(indices, 1), 0, 1)
    for group in problem.enemies:
        members = {i: 1 for name in sorted(group.members) for i in columns.get(name, ())}
        building.add(group.demand, members, 0, 1)
    for demand in problem.demands:
        building.add(demand.name, shares(problem, demand), demand.low, demand.high)
    between = _Builder(len(problem.slots) * problem.forms)
    if problem.forms > 1:
        for name, indices in columns.items():
            if name not in problem.shared:
                everywhere = [
                    i + len(problem.slots) * f for f in range(problem.forms) for i in indices
                ]
                between.add("", dict.fromkeys(everywhere, 1), 0, 1)
    return Model(tuple(building.names), building.rows(), between.rows(), problem.forms)


def shares(problem: Problem, demand: Demand) -> dict[int, int]:
    """Return what each slot adds to the sum of a demand, without those that add nothing."""
    found = enumerate(demand.share(slot.head, slot.section) for slot in problem.slots)
    return {index: share for index, share in found if share}


class _Builder:
    def __init__(self, width: int) -> None:
        self.width = width
        self.names: list[str] = []
        self.entries: list[tuple[int, int, int]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, name: str, row: Mapping[int, int], low: float, high: float) -> None:
        self.entries.extend((len(self.names), column, value) for column, value in row.items())
        self.names.append(name)
        self.low.append(low)
        self.high.append(high)

    def rows(self) -> Rows:
        lines, columns, values = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        from scipy.sparse import csr_matrix

        matrix = csr_matrix(
            (np.array(values, dtype=float), (lines, columns)), shape=(len(self.names), self.width)
        )
        low: Array = np.array(self.low, dtype=float)
        return Rows(matrix, low, np.array(self.high, dtype=float))
