"""What a blueprint means, written a second time: nothing of the generator's own rules is imported.

A rule is a bound on a sum over chosen questions. Names are those that messages use; what a rule
sums, and where a question may stand, is read from the blueprint here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array


@dataclass(frozen=True)
class Rule:
    """A bound on the sum of ``share(head, section)``; sections count from 0."""

    share: Callable
    low: Fraction | None
    high: Fraction | None

    def holds(self, placed: Iterable[tuple[object, int]]) -> bool:
        total = sum((self.share(head, section) for head, section in placed), Fraction(0))
        above = self.low is None or total >= self.low
        return above and (self.high is None or total <= self.high)


def exactly(number: float | None) -> Fraction | None:
    return None if number is None else Fraction(str(number))


def matches(chosen, head) -> bool:
    """Whether a question is one that a filter (or a section's filter) means."""
    lists = {
        "lectures": [head.lecture],
        "topics": [head.topic],
        "objectives": head.objectives,
        "archetypes": head.archetypes,
        "levels": [head.difficulty],
        "answers": head.answers,
    }
    for field, values in lists.items():
        wanted = getattr(chosen, field)
        if wanted is not None and not any(value in wanted for value in values):
            return False
    for field in ("figure", "parametrised"):
        wanted = getattr(chosen, field)
        if wanted is not None and wanted is not getattr(head, field):
            return False
    kind = getattr(chosen, "kind", None)
    return kind is None or kind == head.type


def versions(head, plan) -> Iterator[object]:
    """A question as a section may print it: whole, or its first parts."""
    yield head
    if plan.shorten:
        for parts in range(2, len(head.parts)):
            yield head.shortened(parts)


def takes(plan, head) -> bool:
    points = plan.question_points
    small = points.min is not None and head.points < points.min
    large = points.max is not None and head.points > points.max
    return matches(plan, head) and not small and not large


def places(bank, blueprint, excluded: Collection[str] = ()) -> list[tuple[object, int]]:
    """Every allowed place of every question that may be used."""
    banned = {*blueprint.exclude, *excluded}
    return [
        (version, number)
        for head in bank
        if head.id not in banned
        and head.use in (blueprint.use, "both")
        and head.lecture in blueprint.lectures
        and not any(matches(avoided, head) for avoided in blueprint.avoid)
        for number, plan in enumerate(blueprint.sections)
        for version in versions(head, plan)
        if takes(plan, version)
    ]


def rules(blueprint, bank) -> dict[str, Rule]:
    """Every rule of a blueprint on one form, by name."""
    found: dict[str, Rule] = {}

    def bounded(scope, belongs, unit, amount, share):
        low, high = exactly(amount.min), exactly(amount.max)

        def counted(head, section):
            return share(head) if belongs(head, section) else Fraction(0)

        if low is not None and low == high:
            found[f"{scope}/{unit}/exact"] = Rule(counted, low, high)
            return
        if low:
            found[f"{scope}/{unit}/min"] = Rule(counted, low, None)
        if high is not None:
            found[f"{scope}/{unit}/max"] = Rule(counted, None, high)

    def amounts(scope, belongs, quota):
        bounded(scope, belongs, "questions", quota.questions, lambda head: Fraction(1))
        bounded(scope, belongs, "points", quota.points, lambda head: exactly(head.points))
        bounded(scope, belongs, "minutes", quota.minutes, lambda head: exactly(head.minutes))

    def mean(scope, belongs, amount):
        for side, bound in (("min", amount.min), ("max", amount.max)):
            if bound is None:
                continue

            def leaning(head, section, bound=bound):
                if not belongs(head, section):
                    return Fraction(0)
                return exactly(head.points) * (head.difficulty - exactly(bound))

            zero = Fraction(0)
            found[f"{scope}/difficulty/{side}"] = Rule(
                leaning, zero if side == "min" else None, zero if side == "max" else None
            )

    def everywhere(head, section):
        return True

    whole = exactly(blueprint.points)
    found["exam/points/exact"] = Rule(lambda head, section: exactly(head.points), whole, whole)
    work = blueprint.work_minutes
    most = min(blueprint.minutes, blueprint.minutes if work.max is None else work.max)
    bounded(
        "exam",
        everywhere,
        "minutes",
        type(work)(min=work.min, max=most),
        lambda head: exactly(head.minutes),
    )
    mean("exam", everywhere, blueprint.mean_difficulty)
    for number, plan in enumerate(blueprint.sections):
        amounts(f"section {number + 1}", lambda head, section, n=number: section == n, plan)
        mean(
            f"section {number + 1}",
            lambda head, section, n=number: section == n,
            plan.mean_difficulty,
        )
    coverage = blueprint.coverage
    for lecture in blueprint.lectures:
        quota = coverage.lectures.get(str(lecture), coverage.each_lecture)
        amounts(f"lecture {lecture}", lambda head, section, n=lecture: head.lecture == n, quota)
    topics = {head.topic for head in bank if head.lecture in blueprint.lectures}
    for topic in topics | set(coverage.topics):
        quota = coverage.topics.get(topic, coverage.each_topic)
        amounts(f"topic {topic}", lambda head, section, t=topic: head.topic == t, quota)
    for aim, quota in coverage.objectives.items():
        amounts(f"objective {aim}", lambda head, section, a=aim: a in head.objectives, quota)
    for number, quota in enumerate(blueprint.quotas, 1):

        def meant(head, section, where=quota.where):
            return matches(where, head)

        amounts(f"quota {number}", meant, quota)
        mean(f"quota {number}", meant, quota.mean_difficulty)
    for number, mix in enumerate(blueprint.difficulty, 1):
        amounts(
            f"difficulty {number}", lambda head, section, m=mix: head.difficulty in m.levels, mix
        )
    one = Fraction(1)
    for pin in blueprint.pins:
        found[f"pin {pin}/questions/exact"] = Rule(
            lambda head, section, pin=pin: Fraction(head.id == pin), one, one
        )
    for name, members in enemies(bank).items():
        found[f"enemies {name}"] = Rule(
            lambda head, section, members=members: Fraction(head.id in members), None, one
        )
    return found


def enemies(bank) -> dict[str, set[str]]:
    """Groups of which one question at most may be in a form: who names the group, and whose id it is."""
    names = {name for head in bank for name in head.enemies}
    groups = {
        name: {head.id for head in bank if head.id == name or name in head.enemies}
        for name in names
    }
    return {name: members for name, members in groups.items() if len(members) > 1}


def broken(
    forms: Sequence[Sequence[Sequence[object]]], blueprint, bank, excluded: Collection[str] = ()
) -> set[str]:
    """The names of all rules that the forms of an exam break."""
    allowed = set(places(bank, blueprint, excluded))
    every = rules(blueprint, bank)
    found = set()
    used = []
    for sections in forms:
        placed = [(head, n) for n, section in enumerate(sections) for head in section]
        ids = [head.id for head, _ in placed]
        if len(sections) != len(blueprint.sections) or not set(placed) <= allowed:
            found.add("eligible")
        if len(set(ids)) < len(ids):
            found.add("twice")
        found |= {name for name, rule in every.items() if not rule.holds(placed)}
        used.append(set(ids) - set(blueprint.pins))
    if blueprint.forms == "disjoint" and any(a & b for a, b in combinations(used, 2)):
        found.add("disjoint")
    return found


def can_hold(
    names: Collection[str], blueprint, bank, excluded: Collection[str] = (), forms: int = 1
) -> bool:
    """Whether some rules can hold together on so many disjoint forms, by a program of its own."""
    spots = places(bank, blueprint, excluded)
    every = rules(blueprint, bank)
    missing = set(names) - set(every)
    assert not missing, f"no such rule: {missing}"
    chosen = [every[name] for name in names]
    if not spots:
        return all(rule.holds([]) for rule in chosen)
    size = len(spots)
    lines: list[tuple[dict[int, Fraction], Fraction | None, Fraction | None]] = []
    at: dict[str, list[int]] = defaultdict(list)
    for index, (head, _) in enumerate(spots):
        at[head.id].append(index)
    for form in range(forms):
        lines += [
            ({form * size + i: Fraction(1) for i in indices}, None, Fraction(1))
            for indices in at.values()
        ]
        for rule in chosen:
            shares = {form * size + i: rule.share(h, s) for i, (h, s) in enumerate(spots)}
            lines.append(({i: share for i, share in shares.items() if share}, rule.low, rule.high))
    if forms > 1:
        for name, indices in at.items():
            if name not in blueprint.pins:
                row = {f * size + i: Fraction(1) for f in range(forms) for i in indices}
                lines.append((row, None, Fraction(1)))
    # HiGHS stumbles over rows without entries: they hold for nothing chosen, or not at all.
    if any(
        (low or 0) > 0 or (high is not None and high < 0) for row, low, high in lines if not row
    ):
        return False
    low, high, rows, columns, values = [], [], [], [], []
    for number, (row, least, most) in enumerate(lines):
        # Whole numbers, so that nothing depends on rounding.
        amounts = [*row.values(), *(bound for bound in (least, most) if bound is not None)]
        scale = math.lcm(*(amount.denominator for amount in amounts))
        for column, share in row.items():
            rows.append(number)
            columns.append(column)
            values.append(float(share * scale))
        low.append(-np.inf if least is None else float(least * scale))
        high.append(np.inf if most is None else float(most * scale))
    matrix = coo_array((values, (rows, columns)), shape=(len(lines), size * forms)).tocsr()
    for presolve in (True, False):
        found = milp(
            np.zeros(size * forms),
            integrality=np.ones(size * forms),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, low, high),
            options={"presolve": presolve},
        )
        if found.status in (0, 2):
            break
    assert found.status in (0, 2), found.message
    return found.status == 0


def true_reason(
    names: Collection[str], blueprint, bank, excluded: Collection[str] = (), forms: int = 1
) -> str | None:
    """What is wrong with a reason: None where its rules clash, and do not without any one of them."""
    if can_hold(names, blueprint, bank, excluded, forms):
        return "they can hold together"
    for name in names:
        if not can_hold(set(names) - {name}, blueprint, bank, excluded, forms):
            return f"they clash without {name}, too"
    return None
