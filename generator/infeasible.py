"""Why no exam meets a blueprint, in words with numbers.

Counting comes first: a section, a lecture, a topic or the total that the usable questions cannot
give by themselves. Where every count is fine and the demands only clash together, demands are
dropped one by one (a deletion filter) until a set is left of which none can be spared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from generator.blueprint_schema import Blueprint, Count, Points, SectionPlan
from generator.demands import (
    Choosable,
    Demand,
    allowed_uses,
    amount_words,
    fits,
    half_points,
    number_words,
)
from generator.program import Problem, extreme, feasible
from question_bank.diagnostics import Diagnostic

# Beyond this, naming the enemy groups that matter would take longer than reading about it.
MAX_ENEMY_GROUPS = 60


@dataclass(frozen=True)
class Reason:
    """One reason. ``demands`` are the names of rules that no choice meets together.

    ``enemies`` among them stands for the rule that enemies do not meet in one exam.
    """

    code: str
    message: str
    demands: frozenset[str]
    hint: str | None = None


@dataclass(frozen=True)
class Infeasibility:
    """Every reason that was found; each one alone makes the blueprint infeasible."""

    reasons: tuple[Reason, ...]

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the reasons as errors."""
        return tuple(Diagnostic(r.code, r.message, hint=r.hint) for r in self.reasons)


def explain(
    bank: Sequence[Choosable],
    blueprint: Blueprint,
    problem: Problem,
    *,
    excluded: Collection[str] = (),
) -> Infeasibility:
    """Return why ``problem``, which is infeasible, has no solution."""
    pool = _Pool(bank, blueprint, problem, frozenset({*blueprint.exclude, *excluded}))
    reasons = [*_pins(pool), *_sections(pool), *_quotas(pool)]
    if not reasons:
        reasons = list(_total(pool))
    return Infeasibility(tuple(reasons) or (_conflict(problem),))


@dataclass(frozen=True)
class _Pool:
    bank: Sequence[Choosable]
    blueprint: Blueprint
    problem: Problem
    excluded: frozenset[str]

    def usable(self, takes: Callable[[Choosable, int], bool]) -> list[Choosable]:
        """The questions that may stand where ``takes`` says so, each once."""
        found = {
            slot.question.id: slot.question
            for slot in self.problem.slots
            if takes(slot.question, slot.section)
        }
        return list(found.values())

    def why_not(self, belongs: Callable[[Choosable], bool]) -> str:
        """What became of the other questions: ``(2 are excluded, 1 is for use: exam)``."""
        usable = {slot.question.id for slot in self.problem.slots}
        uses = allowed_uses(self.blueprint)
        causes: Counter[str] = Counter()
        for question in self.bank:
            if question.id in usable or not belongs(question):
                continue
            if question.id in self.excluded:
                causes["excluded"] += 1
            elif question.use not in uses:
                causes[f"for use: {question.use}"] += 1
            elif question.lecture not in self.blueprint.lectures:
                causes["of other lectures"] += 1
            else:
                causes["of a type or size that no section takes"] += 1
        parts = [f"{n} {'is' if n == 1 else 'are'} {cause}" for cause, n in sorted(causes.items())]
        return f" ({', '.join(parts)})" if parts else ""


def _names(problem: Problem, *scopes: str, unit: str = "") -> frozenset[str]:
    return frozenset(
        demand.name
        for demand in problem.demands
        if demand.scope in scopes and unit in ("", demand.unit)
    )


def _pins(pool: _Pool) -> Iterator[Reason]:
    placed = {slot.question.id for slot in pool.problem.slots}
    by_id = {question.id: question for question in pool.bank}
    pins = list(dict.fromkeys(pool.blueprint.pins))
    for pin in pins:
        if pin in placed:
            continue
        if pin in pool.excluded:
            why = "is pinned, but an earlier exam excludes it"
        elif pin not in by_id:
            why = "is pinned, but not in the bank"
        else:
            question = by_id[pin]
            why = (
                f"is pinned, but no section takes it (type {question.type},"
                f" {amount_words(question.points, 'points')}, lecture {question.lecture},"
                f" use: {question.use})"
            )
        yield Reason("bad-pin", f"{pin} {why}", frozenset({f"pin {pin}/questions/exact"}))
    for group in pool.problem.enemies:
        together = [pin for pin in pins if pin in group]
        if len(together) > 1:
            names = {f"pin {pin}/questions/exact" for pin in together}
            yield Reason(
                "pinned-enemies",
                f"{' and '.join(together)} are pinned, but they are enemies: at most one of them"
                " may be in an exam",
                frozenset({*names, "enemies"}),
            )


def _sections(pool: _Pool) -> Iterator[Reason]:
    for number, plan in enumerate(pool.blueprint.sections, start=1):

        def takes(_question: Choosable, placed: int, number: int = number) -> bool:
            return placed == number - 1

        def belongs(question: Choosable, plan: SectionPlan = plan) -> bool:
            return fits(question, plan)

        usable = pool.usable(takes)
        if reachable_points(usable, plan.questions, plan.points):
            continue
        scope = f"section {number}"
        others = pool.why_not(belongs)
        shortage = _shortage(usable, plan)
        if shortage is not None:
            unit, words = shortage
            message = f'section "{plan.title}": {words}{others}'
            yield Reason("too-few-questions", message, _names(pool.problem, scope, unit=unit))
        else:
            sizes = sorted({question.points for question in usable})
            message = (
                f'section "{plan.title}": {_asked(plan)} cannot be made of the'
                f" {len(usable)} usable questions of"
                f" {', '.join(number_words(size) for size in sizes)} points{others}"
            )
            yield Reason("unreachable-points", message, _names(pool.problem, scope))


def _shortage(usable: Sequence[Choosable], plan: SectionPlan) -> tuple[str, str] | None:
    """What the usable questions fall short of, as the unit ("" for both) and words."""
    have = len(usable)
    if plan.questions.min is not None and have < plan.questions.min:
        asked = amount_words(plan.questions.min, "questions")
        if plan.points.min:
            asked += f" for {amount_words(plan.points.min, 'points')}"
        points = sum(question.points for question in usable)
        gives = "none that can be used" if not have else f"{have} that can be used"
        if have and plan.points.min:
            gives += f", for {amount_words(points, 'points')}"
        return "questions", f"{asked} asked, the bank has {gives}"
    limit = have if plan.questions.max is None else plan.questions.max
    best = sorted((question.points for question in usable), reverse=True)[:limit]
    if plan.points.min is not None and sum(best) < plan.points.min:
        asked = amount_words(plan.points.min, "points")
        if not have:
            return "", f"{asked} asked, the bank has no question that can be used"
        ones = "1 usable one gives" if have == 1 else f"{have} usable ones give"
        if len(best) < have:
            ones = f"{len(best)} largest of {have} usable ones give"
        return "", f"{asked} asked, the bank's {ones} {number_words(sum(best))}"
    return None


def _asked(plan: SectionPlan) -> str:
    parts = []
    for amount, unit in ((plan.points, "points"), (plan.questions, "questions")):
        low, high = amount.min, amount.max
        if low is not None and low == high:
            parts.append(f"{number_words(low)} {unit}")
        elif low is not None and high is not None:
            parts.append(f"{number_words(low)} to {number_words(high)} {unit}")
        elif low is not None:
            parts.append(f"at least {number_words(low)} {unit}")
        elif high is not None:
            parts.append(f"at most {number_words(high)} {unit}")
    return " in ".join(parts)


def reachable_points(usable: Sequence[Choosable], count: Count, points: Points) -> set[int]:
    """Return every sum (in half points) that an allowed number of the questions makes.

    Only sums within ``points`` are returned. Bits of whole numbers stand for sums: bit p of
    ``sums[c]`` says that c questions can make p half points.
    """
    sizes = [half_points(question.points) for question in usable]
    most = len(sizes) if count.max is None else min(count.max, len(sizes))
    high = sum(sizes) if points.max is None else half_points(points.max)
    keep = (1 << (high + 1)) - 1
    sums = [1] + [0] * most
    for size in sizes:
        for chosen in range(most, 0, -1):
            sums[chosen] |= (sums[chosen - 1] << size) & keep
    allowed = 0
    for chosen in range(count.min or 0, most + 1):
        allowed |= sums[chosen]
    low = half_points(points.min or 0)
    return {total for total in range(low, high + 1) if allowed >> total & 1}


def _quotas(pool: _Pool) -> Iterator[Reason]:
    """Lectures, topics and difficulties that the usable questions cannot serve."""
    by_scope: dict[str, list[Demand]] = {}
    for demand in pool.problem.demands:
        if demand.scope.split()[0] in ("lecture", "topic", "difficulty"):
            by_scope.setdefault(demand.scope, []).append(demand)
    for scope, demands in by_scope.items():
        for demand in demands:
            usable = pool.usable(demand.counts)
            have = sum(demand.share(question, 0) for question in usable)
            if demand.side == "max" or have >= demand.low:
                continue

            def belongs(question: Choosable, demand: Demand = demand) -> bool:
                return demand.counts(question, 0)

            subject = {
                "lecture": scope,
                "topic": f'the topic "{scope.removeprefix("topic ")}"',
                "difficulty": f"the mix ({demand.words})",
            }[scope.split()[0]]
            if not usable:
                gives = "has no question that can be used"
            elif demand.unit == "questions":
                gives = f"has {amount_words(have, 'questions')} that can be used"
            else:
                gives = (
                    f"has {amount_words(have / 2, 'points')} in"
                    f" {amount_words(len(usable), 'questions')} that can be used"
                )
            message = (
                f"{subject} {gives}{pool.why_not(belongs)}; the blueprint asks for"
                f" {amount_words(demand.bound, demand.unit)}"
            )
            yield Reason("too-few-questions", message, frozenset({demand.name}))


def _total(pool: _Pool) -> Iterator[Reason]:
    """A total that the sections cannot make together, whatever is chosen in each."""
    sums = {0}
    spans = []
    for number, plan in enumerate(pool.blueprint.sections, start=1):

        def takes(_question: Choosable, placed: int, number: int = number) -> bool:
            return placed == number - 1

        reach = reachable_points(pool.usable(takes), plan.questions, plan.points)
        sums = {a + b for a in sums for b in reach}
        low, high = min(reach) / 2, max(reach) / 2
        span = number_words(low) if low == high else f"{number_words(low)} to {number_words(high)}"
        spans.append(f'"{plan.title}" {span}')
    target = half_points(pool.blueprint.points)
    if target in sums:
        return
    least, most = min(sums) / 2, max(sums) / 2
    if target > max(sums):
        short = f"that is at most {number_words(most)} together"
    elif target < min(sums):
        short = f"that is at least {number_words(least)} together"
    else:
        below = max(total for total in sums if total < target) / 2
        above = min(total for total in sums if total > target) / 2
        short = (
            f"together {number_words(below)} or {number_words(above)} can be made,"
            " and nothing in between"
        )
    scopes = [f"section {number}" for number in range(1, len(spans) + 1)]
    yield Reason(
        "unreachable-points",
        f"{amount_words(pool.blueprint.points, 'points')} asked, but the usable questions give"
        f" {', '.join(spans)}: {short}",
        _names(pool.problem, *scopes) | {"exam/points/exact"},
    )


def _conflict(problem: Problem) -> Reason:
    """A smallest set of demands that clash, found by leaving out what can be left out."""
    needed = _without_spare_demands(problem)
    enemies: tuple[frozenset[str], ...] = needed.enemies
    if enemies and len(enemies) <= MAX_ENEMY_GROUPS:
        for group in enemies:
            fewer = replace(needed, enemies=tuple(g for g in needed.enemies if g != group))
            if feasible(fewer) is False:
                needed = fewer
    clauses = list(_clauses(needed.demands))
    if needed.enemies:
        shown = [" and ".join(sorted(group)) for group in needed.enemies[:3]]
        more = len(needed.enemies) - len(shown)
        tail = f", and {more} more groups" if more else ""
        clauses.append(f"enemies never meet in one exam ({'; '.join(shown)}{tail})")
    names = {demand.name for demand in needed.demands} | ({"enemies"} if needed.enemies else set())
    message = "these cannot hold together: " + "; ".join(clauses)
    hints = list(_near_misses(problem, needed.demands))
    hint = "; ".join(hints) or "loosen one of them; without any one there would be no such clash"
    return Reason("conflict", message, frozenset(names), hint)


def _clauses(demands: Sequence[Demand]) -> Iterator[str]:
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


# What is left out first is least likely to be named: the frame of the exam is named last.
_ORDER = ("difficulty", "topic", "lecture", "pin", "section", "exam")


def _without_spare_demands(problem: Problem) -> Problem:
    needed = problem
    bare = replace(problem, enemies=())
    if problem.enemies and feasible(bare) is False:
        needed = bare
    for category in _ORDER:
        members = [d for d in needed.demands if d.scope.split()[0] == category]
        fewer = _less(needed, members)
        if members and feasible(fewer) is False:
            needed = fewer
    for category in _ORDER:
        for demand in [d for d in needed.demands if d.scope.split()[0] == category]:
            fewer = _less(needed, [demand])
            if feasible(fewer) is False:
                needed = fewer
    return needed


def _less(problem: Problem, demands: Sequence[Demand]) -> Problem:
    names = {demand.name for demand in demands}
    return replace(problem, demands=tuple(d for d in problem.demands if d.name not in names))


def _near_misses(problem: Problem, demands: Sequence[Demand]) -> Iterator[str]:
    """For each clashing demand, how far the rest of the blueprint would let it go."""
    for demand in demands:
        rest = _less(problem, [demand])
        most = extreme(rest, demand, largest=True)
        if most is None:
            continue
        if most < demand.low:
            bound = amount_words(most / demand.scale, demand.unit)
            yield f"with all else kept, there are at most {bound} {_where(demand)}"
            continue
        least = extreme(rest, demand, largest=False)
        if least is not None and least > demand.high:
            bound = amount_words(least / demand.scale, demand.unit)
            yield f"with all else kept, there are at least {bound} {_where(demand)}"


def _where(demand: Demand) -> str:
    """The end of a demand's clause: "in the whole exam", "from lecture 7"."""
    unit = demand.unit if f" {demand.unit} " in demand.words else demand.unit[:-1]
    return demand.words.partition(f" {unit} ")[2] or demand.words
