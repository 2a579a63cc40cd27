"""The reasons for which no exam meets a blueprint, as sentences with numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.blueprint_schema import Blueprint
from generator.demands import Demand, amount_words, number_words
from generator.heads import Head
from generator.program import EnemyGroup, Problem
from generator.selection import why_out
from question_bank.wording import counted

# A reason of more clauses names the first of them: nobody reads on.
_MOST_CLAUSES = 12


@dataclass(frozen=True)
class Reason:
    """One reason. ``demands`` are the names of rules that no choice meets together.

    Without any one of them, the others can be met.
    """

    code: str
    message: str
    demands: frozenset[str]
    hint: str | None = None


@dataclass(frozen=True)
class Pool:
    """The questions of a bank, and those of them that the blueprint lets in."""

    bank: Sequence[Head]
    blueprint: Blueprint
    problem: Problem
    excluded: frozenset[str]

    def usable(self, demand: Demand) -> list[Head]:
        """Return the questions that can count for a demand, each once, the largest way to use it."""
        found: dict[str, Head] = {}
        for slot in self.problem.slots:
            if demand.counts(slot.head, slot.section):
                known = found.get(slot.head.id)
                if known is None or known.points < slot.head.points:
                    found[slot.head.id] = slot.head
        return list(found.values())

    def why_not(self, demand: Demand) -> str:
        """Say what became of the others: `` (2 are excluded, 1 is for use: exam)``."""
        usable = {head.id for head in self.usable(demand)}
        causes = Counter(
            why_out(head, self.blueprint, self.excluded)
            or "of a type or size that no section takes"
            for head in self.bank
            if head.id not in usable and demand.belongs(head)
        )
        parts = [f"{n} {'is' if n == 1 else 'are'} {cause}" for cause, n in sorted(causes.items())]
        return f" ({', '.join(parts)})" if parts else ""


def shortage(pool: Pool, demand: Demand) -> Reason:
    """Word a demand that the questions that can be used cannot meet by themselves."""
    names = frozenset({demand.name})
    if demand.scope.startswith("pin "):
        return Reason("bad-pin", _bad_pin(pool, demand), names, "take the pin away")
    usable = pool.usable(demand)
    others = pool.why_not(demand)
    have = sum(demand.share(head, _section_of(demand)) for head in usable) / demand.scale
    asked = amount_words(demand.bound, demand.unit)
    on_each = f" on each of {pool.problem.forms} disjoint forms" if pool.problem.forms > 1 else ""
    if have >= demand.bound and not on_each:
        sizes = sorted({getattr(head, demand.unit) for head in usable})
        each = _listed([number_words(size) for size in sizes])
        message = (
            f"{_who(pool, demand, _nouns(pool, demand, len(usable)))} that can be used, of {each}"
            f" {demand.unit}{others}: {asked} cannot be made of them"
        )
        return Reason("unreachable-points", message, names)
    nouns = _nouns(pool, demand, len(usable))
    if demand.unit != "questions" and usable:
        of_what = " of work" if demand.unit == "minutes" else ""
        nouns = f"{amount_words(have, demand.unit)}{of_what} in {nouns}"
    message = (
        f"{_who(pool, demand, nouns)} that can be used{others};"
        f" the blueprint asks for {asked}{on_each}"
    )
    return Reason("too-few-questions", message, names)


def enemies_pinned(group: EnemyGroup, pins: Sequence[Demand]) -> Reason:
    """Word that two pins are enemies."""
    names = [demand.scope.removeprefix("pin ") for demand in pins]
    return Reason(
        "pinned-enemies",
        f"{' and '.join(names)} are pinned, but they are enemies: at most one of them may be in an"
        " exam",
        frozenset({group.demand, *(demand.name for demand in pins)}),
        "keep one of the pins",
    )


def clash(
    problem: Problem,
    demands: Sequence[Demand],
    enemies: Sequence[EnemyGroup],
    limits: Mapping[str, tuple[int | None, int | None]],
    forms_possible: int | None = None,
) -> Reason:
    """Word rules that can only not be met together.

    Args:
        problem: the program that has no solution.
        demands: the demands among the rules.
        enemies: the groups of enemies among them.
        limits: for a demand, the least and the greatest sum that the other rules leave it.
        forms_possible: how many disjoint forms there can be, where more are asked for.
    """
    clauses = list(_clauses(demands))
    if len(clauses) > _MOST_CLAUSES:
        left = counted(len(clauses) - _MOST_CLAUSES + 1, "more rule")
        clauses = [*clauses[: _MOST_CLAUSES - 1], f"and {left} of the kind"]
    shown = [" and ".join(sorted(group.members)) for group in enemies[:3]]
    if shown:
        more = f", and {counted(len(enemies) - 3, 'more group')}" if len(enemies) > 3 else ""
        clauses.append(f"enemies never meet in one exam ({'; '.join(shown)}{more})")
    on_each = f" on {problem.forms} disjoint forms" if problem.forms > 1 else ""
    hint = _near_misses(demands, limits)
    if forms_possible is not None:
        hint = f"the bank gives {counted(forms_possible, 'disjoint form')}"
    return Reason(
        "conflict",
        f"these cannot hold together{on_each}: {'; '.join(clauses)}",
        frozenset({*(d.name for d in demands), *(group.demand for group in enemies)}),
        hint or "without any one of them the others can be met",
    )


def _bad_pin(pool: Pool, demand: Demand) -> str:
    pin = demand.scope.removeprefix("pin ")
    head = next((head for head in pool.bank if head.id == pin), None)
    if head is None:
        return f"{pin} is pinned, but not in the bank"
    why = why_out(head, pool.blueprint, pool.excluded)
    if why == "excluded":
        return f"{pin} is pinned, but an earlier exam excludes it"
    if why is not None:
        return f"{pin} is pinned, but it is {why}"
    return (
        f"{pin} is pinned, but no section takes it (type {head.type},"
        f" {amount_words(head.points, 'points')}, lecture {head.lecture}, use: {head.use})"
    )


def _section_of(demand: Demand) -> int:
    kind, _, number = demand.scope.partition(" ")
    return int(number) - 1 if kind == "section" else 0


def _nouns(pool: Pool, demand: Demand, count: int) -> str:
    """The questions of a demand with their number: ``no long question``, ``2 questions``."""
    kind = None
    scope, _, number = demand.scope.partition(" ")
    if scope == "section":
        kind = pool.blueprint.sections[int(number) - 1].kind
    elif scope == "quota":
        kind = pool.blueprint.quotas[int(number) - 1].where.kind
    noun = f"{kind.replace('_', '-')} question" if kind else "question"
    return f"no {noun}" if not count else counted(count, noun)


def _who(pool: Pool, demand: Demand, nouns: str) -> str:
    """Who has them: ``lecture 7 has``, ``the bank has ... in section "Long"``."""
    scope, _, name = demand.scope.partition(" ")
    if scope == "section":
        return f'section "{pool.blueprint.sections[int(name) - 1].title}": the bank has {nouns}'
    if scope == "lecture":
        return f"lecture {name} has {nouns}"
    if scope in ("topic", "objective"):
        return f'the {scope} "{name}" has {nouns}'
    if scope == "quota":
        where = pool.blueprint.quotas[int(name) - 1].where
        given = {key for key, value in where if value is not None} - {"kind"}
        if given == {"lectures"} and where.lectures and len(where.lectures) == 1:
            return f"lecture {where.lectures[0]} has {nouns}"
        return f"the bank has {nouns} {demand.whom.removesuffix(f' of kind {where.kind}')}"
    if scope == "exam":
        return f"the bank has {nouns}"
    return f"the bank has {nouns} {demand.whom}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _clauses(demands: Collection[Demand]) -> Iterator[str]:
    """The demands in words; what is asked alike of several lectures in one clause."""
    alike: dict[str, list[Demand]] = {}
    for demand in demands:
        words = demand.words
        if demand.scope.startswith("lecture "):
            words = words.removesuffix(demand.scope)
        alike.setdefault(words, []).append(demand)
    for words, group in alike.items():
        if len(group) == 1:
            yield group[0].words
        else:
            lectures = [demand.scope.removeprefix("lecture ") for demand in group]
            yield f"{words}each of the lectures {', '.join(lectures)}"


def _near_misses(
    demands: Sequence[Demand], limits: Mapping[str, tuple[int | None, int | None]]
) -> str:
    """How far the others would let a clashing demand go, for those that were tried."""
    found = []
    for demand in demands:
        least, most = limits.get(demand.name, (None, None))
        if demand.unit == "difficulty" or demand.scope.startswith("pin "):
            continue
        of_what = " of work" if demand.unit == "minutes" else ""
        if most is not None and most < demand.low:
            bound, how = most, "at most"
        elif least is not None and least > demand.high:
            bound, how = least, "at least"
        else:
            continue
        amount = amount_words(bound / demand.scale, demand.unit)
        found.append(f"{how} {amount}{of_what} {demand.whom}")
    if not found:
        return ""
    untried = sum(demand.name not in limits for demand in demands)
    more = f"; {counted(untried, 'more rule')} could give way, too" if untried else ""
    return f"the others allow {', or '.join(found)}{more}"
