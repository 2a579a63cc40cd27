"""Which boards there are: read from a file with line and column, or as the store keeps it.

A file names tabs; each is the board of an assignment under a rule of its own. Assignments without a
tab have a board under the file's `policy` all the same.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from leaderboard.configuration_faults import contradictions
from leaderboard.configuration_schema import Boards, PassMark, Rules, TabEntry, TotalEntry
from leaderboard.moments import Zone, zone_of
from leaderboard.points import to_millionths
from leaderboard.policy import Late, Mark, Policy, Ties
from leaderboard.ranking import Plan
from leaderboard.times import MINUTE_US
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input
from question_bank.schema_errors import read_with_faults
from question_bank.strict_yaml import load_leniently, read_text

SHIPPED = Path(__file__).parent / "configurations" / "course.yaml"


@dataclass(frozen=True)
class Total:
    """The course total: what is added up over the boards, each times its weight."""

    name: str
    adds: str
    ties: Ties
    mark: Mark | None
    hidden_until: int | None


@dataclass(frozen=True)
class Configuration:
    """Every board that is planned; `default` is the rule of assignments without a tab."""

    title: str
    plans: tuple[Plan, ...]
    default: Policy
    total: Total | None
    empty_tabs: bool

    def plans_of(self, assignment: str) -> tuple[Plan, ...]:
        """The boards of an assignment: its tabs and phases, else one under its own name."""
        own = tuple(plan for plan in self.plans if plan.assignment == assignment)
        return own or (Plan(f"a/{assignment}", assignment, assignment, self.default),)

    def all_plans(self, assignments: tuple[str, ...]) -> tuple[Plan, ...]:
        """The boards for these assignments: tabs in the file's order, then the others by name.

        Tabs of other assignments are among them where the file wants to show empty tabs.
        """
        tabs = [p for p in self.plans if self.empty_tabs or p.assignment in assignments]
        named = {plan.assignment for plan in self.plans}
        rest = [self.plans_of(name)[0] for name in sorted(assignments) if name not in named]
        return (*tabs, *rest)


def shipped_text() -> str:
    """The course's boards, as the file says them."""
    return SHIPPED.read_text("utf-8")


def load_configuration(path: Path) -> tuple[Configuration, str]:
    """Boards from a file, and its text. InputError with everything that is wrong in it."""
    if path.is_dir():
        raise bad_input("no-file", "is a folder, not a file of boards", where=Where(str(path)))
    text = read_text(path)
    return read_configuration(text, str(path)), text


@lru_cache(maxsize=16)
def read_configuration(text: str, file: str) -> Configuration:
    """Boards from YAML text; `file` names it in messages. InputError with every finding and its place."""
    located = load_leniently(text, file)
    if not isinstance(located.data, dict) and not located.faults:
        found = "is empty" if located.data is None else "is no file of boards"
        raise bad_input(
            "not-boards",
            found,
            where=Where(file, 1, 1),
            hint="begin with the course's: leaderboard configure --shipped --show > boards.yaml",
        )
    reading = read_with_faults(Boards, located)
    findings = [*reading.findings, *contradictions(reading)]
    if findings:
        raise InputError(*sorted(findings, key=_place))
    return _resolved(reading.value)


def _place(finding: Diagnostic) -> tuple[int, int]:
    where = finding.where
    return (0, 0) if where is None else (where.line or 0, where.column or 0)


def _resolved(boards: Boards) -> Configuration:
    zone = zone_of(boards.time_zone)
    plans = [plan for tab in boards.tabs for plan in _plans(tab, boards.policy, zone)]
    default, _ = _policy((boards.policy,), zone)
    total = None if boards.total is None else _total(boards.total, zone)
    return Configuration(boards.title, tuple(plans), default, total, boards.empty_tabs)


def _plans(tab: TabEntry, above: Rules, zone: Zone) -> list[Plan]:
    name, about = tab.name, tab.about or ""
    assignment = unicodedata.normalize("NFC", tab.assignment)
    if not tab.phases:
        policy, weight = _policy((tab, above), zone)
        whole = Decimal(1) if weight is None else weight
        return [Plan(f"t/{name}", name, assignment, policy, about, whole)]
    found: list[Plan] = []
    for phase in tab.phases:
        policy, weight = _policy((phase, tab, above), zone)
        if "weight" not in phase.model_fields_set:
            # A tab adds to the total once: with its last phase, unless the phases say otherwise.
            weight = (weight or Decimal(1)) if phase is tab.phases[-1] else Decimal(0)
        title = f"{name}: {phase.name}"
        whole = Decimal(1) if weight is None else weight
        found.append(Plan(f"t/{name}/{phase.name}", title, assignment, policy, about, whole))
    return found


def _policy(levels: tuple[Rules, ...], zone: Zone) -> tuple[Policy, Decimal | None]:
    """The rule that these levels give, the nearest first, and the weight if one is said."""

    def said(field: str) -> Any:
        level = next((each for each in levels if field in each.model_fields_set), None)
        return None if level is None else getattr(level, field)

    higher = said("better") != "lower"
    late = said("late")
    weight = said("weight")
    policy = Policy(
        counts=said("counts") or "best",
        first=said("first"),
        higher_is_better=higher,
        ties=said("ties") or "shared",
        opens=zone.moment(said("opens")),
        deadline=zone.moment(said("deadline")),
        late=None if late is None else _late(late, zone),
        mark=_mark(said("pass_mark")),
        hidden_until=zone.moment(said("hidden_until")),
    )
    return policy, None if weight is None else Decimal(repr(weight))


def _late(rule: Any, zone: Zone) -> Late:
    share = rule.percent_per_day is not None
    most = rule.at_most
    if most is not None:
        most = round(most * 100) if share else to_millionths(most)
    return Late(
        share_per_day=round(rule.percent_per_day * 100) if share else None,
        points_per_day=None if share else to_millionths(rule.points_per_day),
        most=most,
        grace=rule.grace_minutes * MINUTE_US,
        until=zone.moment(rule.until),
    )


def _mark(given: PassMark | None) -> Mark | None:
    if given is None:
        return None
    beyond = given.above if given.above is not None else given.below
    reached = next(
        (v for v in (given.reach, given.at_least, given.at_most) if v is not None), beyond
    )
    return Mark(to_millionths(reached), beyond=beyond is not None)


def _total(entry: TotalEntry, zone: Zone) -> Total:
    return Total(
        entry.name,
        entry.adds,
        entry.ties,
        _mark(entry.pass_mark),
        zone.moment(entry.hidden_until),
    )
