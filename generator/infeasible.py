"""Why no exam meets a blueprint: rules that cannot hold together, of which none can be spared.

Rules that the bank cannot serve by themselves are found by counting. Where each alone is fine,
QuickXplain (Junker, 2004) halves the rules again and again until an irreducible set is left: the
questions that can be used meet every part of it, and never all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from generator.blueprint_schema import Blueprint
from generator.demands import Demand
from generator.heads import Head
from generator.program import Model, Problem, model_of, shares
from generator.reasons import Pool, Reason, clash, enemies_pinned, shortage
from generator.solver import feasible_point, optimum
from question_bank.diagnostics import Diagnostic

# What is looked at first is named rather than what comes later: the frame before the details.
_ORDER = (
    "exam",
    "section",
    "pin",
    "lecture",
    "topic",
    "objective",
    "quota",
    "difficulty",
    "enemies",
)
# Of clashes that have no rule in common, so many are told at once.
MOST_CLASHES = 3
# Of so many rules of a clash it is told how far the others let them go: each takes a program or two of its own.
MOST_LIMITS = 4


@dataclass(frozen=True)
class Infeasibility:
    """Every reason that was found; each one alone makes the blueprint infeasible."""

    reasons: tuple[Reason, ...]

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the reasons as errors."""
        return tuple(Diagnostic(r.code, r.message, hint=r.hint) for r in self.reasons)


def explain(
    bank: Sequence[Head],
    blueprint: Blueprint,
    problem: Problem,
    *,
    excluded: Collection[str] = (),
) -> Infeasibility:
    """Return why ``problem``, which is infeasible, has no solution."""
    pool = Pool(bank, blueprint, problem, frozenset({*blueprint.exclude, *excluded}))
    if problem.forms > 1:
        one = replace(problem, forms=1)
        if not possible(model_of(one)):
            return explain(bank, blueprint, one, excluded=excluded)
    missing = [demand for demand in problem.demands if cannot_be_met_alone(problem, demand)]
    if missing:
        return Infeasibility(tuple(shortage(pool, demand) for demand in missing))
    return Infeasibility(tuple(_clashes(pool)))


def possible(model: Model, only: Collection[str] | None = None) -> bool:
    """Say whether the named rules (default: all) can hold together; True where that is open."""
    return feasible_point(model.rows(only)).feasible is not False


def irreducible(holds: Callable[[Sequence[str]], bool], rules: Sequence[str]) -> list[str]:
    """Return rules that cannot hold together, while all but any one of them can.

    Args:
        holds: whether some rules can hold together.
        rules: rules that cannot; those that are named rather than others come first.
    """

    def among(given: list[str], more: bool, open_: list[str]) -> list[str]:
        """The rules of ``open_`` that are needed beside those that are given."""
        if more and not holds(given):
            return []
        if len(open_) == 1:
            return open_
        first, second = open_[: len(open_) // 2], open_[len(open_) // 2 :]
        needed = among(given + first, bool(first), second)
        return among(given + needed, bool(needed), first) + needed

    return among([], False, list(rules))


def cannot_be_met_alone(problem: Problem, demand: Demand) -> bool:
    """Say whether the questions that can be used cannot meet a demand, whatever else is asked.

    Sums of a single form are exact: bits of a whole number stand for those that can be made.
    """
    if demand.side == "max" or demand.unit == "difficulty":
        return False
    ways: dict[str, set[int]] = {}
    for index, share in shares(problem, demand).items():
        ways.setdefault(problem.slots[index].head.id, set()).add(share)
    often = [problem.forms if name in problem.shared else 1 for name in ways]
    most = sum(n * max(way) for n, way in zip(often, ways.values(), strict=True))
    if most < problem.forms * demand.low:
        return True
    if demand.side == "min" or problem.forms > 1:
        return False
    sums = 1
    keep = (1 << (int(demand.high) + 1)) - 1
    for way in ways.values():
        reached = sums
        for share in way:
            reached |= (sums << share) & keep
        sums = reached
    return not sums >> int(demand.high) & 1


def _clashes(pool: Pool) -> Iterator[Reason]:
    problem = pool.problem
    model = model_of(problem)
    names = [*(demand.name for demand in problem.demands), *(g.demand for g in problem.enemies)]
    rest = sorted(names, key=lambda name: _ORDER.index(name.split()[0].split("/")[0]))

    def holds(only: Collection[str]) -> bool:
        return possible(model, only)

    for _ in range(MOST_CLASHES):
        found = _shortest(problem, rest, holds)
        yield _in_words(pool, model, found)
        rest = [name for name in rest if name not in found]
        if not rest or holds(rest):
            return


def _shortest(
    problem: Problem, names: Sequence[str], holds: Callable[[Sequence[str]], bool]
) -> list[str]:
    """The shortest of the irreducible sets that come from naming one kind of rule rather than others."""
    of_points = {demand.name for demand in problem.demands if demand.unit == "points"}
    orders = [
        list(names),
        sorted(names, key=lambda name: name not in of_points),
        sorted(names, key=lambda name: name in of_points),
    ]
    return min((irreducible(holds, order) for order in orders), key=len)


def _in_words(pool: Pool, model: Model, names: Collection[str]) -> Reason:
    problem = pool.problem
    demands = [demand for demand in problem.demands if demand.name in names]
    enemies = [group for group in problem.enemies if group.demand in names]
    if len(enemies) == 1 and len(names) == 3 and all(d.scope.startswith("pin ") for d in demands):
        return enemies_pinned(enemies[0], demands)
    if problem.forms > 1:
        return clash(problem, demands, enemies, {}, forms_possible=_forms_possible(problem))
    told = [d for d in demands if d.unit != "difficulty" and not d.scope.startswith("pin ")]
    limits = {d.name: _limits(problem, model, d, set(names) - {d.name}) for d in told[:MOST_LIMITS]}
    return clash(problem, demands, enemies, limits)


def _limits(
    problem: Problem, model: Model, demand: Demand, others: Collection[str]
) -> tuple[int | None, int | None]:
    """The least and the greatest sum of a demand where the others hold; None where it is not asked, or not known."""
    share = np.zeros(len(problem.slots))
    for index, value in shares(problem, demand).items():
        share[index] = value
    rows = model.rows(others)

    def extreme(sign: int) -> int | None:
        found: Any = optimum(sign * share, rows).x
        return None if found is None else round(float(share @ found))

    least = None if demand.side == "min" else extreme(1)
    most = None if demand.side == "max" else extreme(-1)
    return least, most


def _forms_possible(problem: Problem) -> int:
    """How many disjoint forms there can be: at least one, and fewer than asked for."""
    enough, too_many = 1, problem.forms
    while too_many - enough > 1:
        middle = (enough + too_many) // 2
        if possible(model_of(replace(problem, forms=middle))):
            enough = middle
        else:
            too_many = middle
    return enough
