"""What may be handed in, and whether it is in time by the rules of its boards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from grader.code import list_assignments, load_assignment
from grader.intake import Task
from leaderboard.configuration import Configuration
from leaderboard.policy import Policy, days_late, late_in_words
from leaderboard.times import printed, to_microseconds

Window = Literal["early", "open", "late", "closed"]
_BEST_FIRST: tuple[Window, ...] = ("open", "late", "early", "closed")


@dataclass(frozen=True)
class Offer:
    """An assignment that is taken in: its name, what it is called, and what it is graded against."""

    assignment: str
    title: str
    task: Task


@dataclass(frozen=True)
class Timing:
    """Where a moment lies by the rule of an assignment's board, and in words for whoever hands in.

    `last` says that no submission can count any more, whenever it comes.
    """

    window: Window
    words: str

    @property
    def last(self) -> bool:
        """Whether nothing that is handed in from now on counts."""
        return self.window == "closed"


def offered(
    exam: Task, exercises: Iterable[str], configuration: Configuration
) -> tuple[Offer, ...]:
    """An exam where there is one, and exercises: those that are named, else (without an exam) those with a tab.

    Where no tab is for an exercise that this program knows, every exercise is offered. InputError for unknown ones.
    """
    found = [] if not exam.keys else [Offer(exam.keys[0].assignment, exam.keys[0].title, exam)]
    names = list(dict.fromkeys(exercises))
    if not names and not found:
        known = list_assignments()
        names = [n for n in dict.fromkeys(p.assignment for p in configuration.plans) if n in known]
        names = names or list(known)
    return (*found, *(Offer(n, load_assignment(n).title, Task(exercise=n)) for n in names))


def timing(configuration: Configuration, assignment: str, moment: datetime) -> Timing:
    """Whether what is handed in at a moment counts: on the board of the assignment that is kindest to it."""
    at = to_microseconds(moment)
    policies = [plan.policy for plan in configuration.plans_of(assignment)]
    windows = [_window(policy, at) for policy in policies]
    best = min(windows, key=_BEST_FIRST.index)
    chosen = [policy for policy, each in zip(policies, windows, strict=True) if each == best]
    return Timing(best, _words(best, chosen, at))


def _window(policy: Policy, at: int) -> Window:
    if policy.opens is not None and at < policy.opens:
        return "early"
    if (
        policy.deadline is None
        or at <= policy.deadline
        or days_late(at, policy) == 0 < _grace(policy)
    ):
        return "open"
    closes = policy.closes
    return "late" if policy.late is not None and (closes is None or at <= closes) else "closed"


def _grace(policy: Policy) -> int:
    return 0 if policy.late is None else policy.late.grace


def _words(window: Window, policies: Sequence[Policy], at: int) -> str:
    policy = policies[0]
    if window == "early":
        opens = min(each.opens for each in policies if each.opens is not None)
        return f"opens {printed(opens)} UTC"
    if window == "late":
        assert policy.late is not None  # noqa: S101 - else nothing is late
        return f"after the deadline; {late_in_words(policy.late)}"
    if window == "closed":
        over = max(each.closes for each in policies if each.closes is not None)
        return f"closed since {printed(over)} UTC: what comes now is kept, and not ranked"
    if policy.deadline is None:
        return "no deadline"
    if at > policy.deadline:
        return f"in the time of grace after {printed(policy.deadline)} UTC"
    return f"until {printed(policy.deadline)} UTC"
