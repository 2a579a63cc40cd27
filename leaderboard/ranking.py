"""From results to a ranked board: a pure function, so that a board can be rebuilt at any time.

The same results give the same board in whatever order they come. Ranks are standard competition
ranks: equal scores share a rank, and the next rank counts everyone above (1, 1, 3). Within a shared
rank the earlier submission stands first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from decimal import Decimal


@dataclass(frozen=True)
class Result:
    """What stands for one submission: the last of its results.

    Points are exact decimals. `passed` is None while points are pending (a person or a repeat of
    the grading has yet to decide on them); `score` then holds what is certain so far. `pass_mark`
    is in points, None where the assignment has none. `received_at` is aware and in UTC.
    """

    user: str
    assignment: str
    submission: int
    received_at: datetime
    score: Decimal
    max_score: Decimal
    pending_points: Decimal
    passed: bool | None
    pass_mark: Decimal | None


@dataclass(frozen=True)
class Policy:
    """The rule of a board. The course's: the best submission counts, more points are better."""

    attempts: Literal["best", "last"] = "best"
    higher_is_better: bool = True


@dataclass(frozen=True)
class Entry:
    """One row of a board."""

    rank: int
    result: Result


@dataclass(frozen=True)
class Board:
    """One assignment's board, best first. `waiting`: users who handed in and have no result yet."""

    assignment: str
    entries: tuple[Entry, ...] = ()
    waiting: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)

    @property
    def pass_mark(self) -> Decimal | None:
        """The pass mark in points, where all ranked results agree on one."""
        marks = {entry.result.pass_mark for entry in self.entries}
        return marks.pop() if len(marks) == 1 else None

    @property
    def max_score(self) -> Decimal | None:
        """The full points, where all ranked results agree on them."""
        totals = {entry.result.max_score for entry in self.entries}
        return totals.pop() if len(totals) == 1 else None


def counting(results: Iterable[Result], policy: Policy = Policy()) -> Result | None:
    """The one result of a user that counts, None when there is none.

    best: the best score, among equal ones the earliest. last: the one received last.
    """
    if policy.attempts == "last":
        return max(results, key=lambda r: (r.received_at, r.submission), default=None)
    return min(results, key=lambda r: _order(r, policy), default=None)


def rank(
    assignment: str,
    results: Iterable[Result],
    *,
    waiting: Iterable[str] = (),
    policy: Policy = Policy(),
) -> Board:
    """The board of one assignment, from any number of results per user in any order.

    `waiting` names users with a submission; those who have a result too are left out of it. Results
    of another assignment are a mistake of the caller: ValueError.
    """
    by_user: dict[str, list[Result]] = {}
    for result in results:
        if result.assignment != assignment:
            raise ValueError(f"a result of {result.assignment!r} on the board of {assignment!r}")
        by_user.setdefault(result.user, []).append(result)
    chosen = [found for own in by_user.values() if (found := counting(own, policy)) is not None]
    chosen.sort(key=lambda r: _order(r, policy))
    entries: list[Entry] = []
    for position, result in enumerate(chosen, start=1):
        shared = bool(entries) and entries[-1].result.score == result.score
        entries.append(Entry(entries[-1].rank if shared else position, result))
    return Board(assignment, tuple(entries), tuple(sorted(set(waiting) - by_user.keys())), policy)


def _order(result: Result, policy: Policy) -> tuple[Decimal, datetime, str, int]:
    score = -result.score if policy.higher_is_better else result.score
    return (score, result.received_at, result.user, result.submission)
