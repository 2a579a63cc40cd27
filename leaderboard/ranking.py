"""From the log to a ranked board: a pure function, so that a board can be rebuilt at any time.

The same results under the same policy give the same board in whatever order they come. Ranks are
standard competition ranks: who shares a rank is counted by the next (1, 1, 3). Within a shared rank
the earlier submission stands first. Points are in millionths, moments in microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from leaderboard.points import from_millionths
from leaderboard.policy import Counts, Mark, Policy, after_penalty, passes

Decision = Literal["withdrawn", "flagged"]
Reason = Literal["counts", "early", "late", "beyond", "withdrawn", "flagged", "worse", "superseded"]


class Result(NamedTuple):
    """What stands for one submission: the last of its results.

    `passed` is None while points are pending (a person or a repeat of the grading has yet to decide
    on them); `score` then holds what is certain so far. `mark` is the pass mark that the assignment
    had, None where it has none. `decision` is what a person decided about the submission.
    """

    user: str
    submission: int
    received: int
    score: int
    full: int
    pending: int
    passed: bool | None
    mark: int | None
    decision: Decision | None = None


class Row(NamedTuple):
    """A result as a board counts it: `points` after a penalty, `passed` by the board's mark."""

    user: str
    submission: int
    received: int
    points: int
    score: int
    full: int
    pending: int
    passed: bool | None
    mark: int | None


class Entry(NamedTuple):
    """One row of a board."""

    rank: int
    row: Row


class Judged(NamedTuple):
    """A result beside its row, None where it is not ranked; `reason` says why it does or does not count."""

    result: Result
    row: Row | None
    reason: Reason


class Plan(NamedTuple):
    """Which board is built: its key in the store, its name, the assignment and the rule.

    `weight` is its part in the course total, 0 for none.
    """

    key: str
    name: str
    assignment: str
    policy: Policy = Policy()
    about: str = ""
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Board:
    """One board, best first.

    waiting: users who handed in and have no result yet; unranked: users of whose results none
    counts. parts, of a total: what it adds up, by user, in the order of `part_names`. hidden: it has
    been emptied, since its day has not come.
    """

    plan: Plan
    entries: tuple[Entry, ...] = ()
    waiting: tuple[str, ...] = ()
    unranked: tuple[str, ...] = ()
    part_names: tuple[str, ...] = ()
    parts: Mapping[str, tuple[Row | None, ...]] = field(default_factory=dict)
    hidden: bool = False

    @property
    def name(self) -> str:
        """What the board is called."""
        return self.plan.name

    @property
    def pass_mark(self) -> Decimal | None:
        """The pass mark in points: the policy's, else the one that all ranked results agree on."""
        if self.plan.policy.mark is not None:
            return from_millionths(self.plan.policy.mark.points)
        return _agreed(entry.row.mark for entry in self.entries)

    @property
    def max_score(self) -> Decimal | None:
        """The full points, where all ranked results agree on them."""
        return _agreed(entry.row.full for entry in self.entries)


def _agreed(values: Iterable[int | None]) -> Decimal | None:
    found = set(values)
    only = found.pop() if len(found) == 1 else None
    return None if only is None else from_millionths(only)


def judged(results: Iterable[Result], policy: Policy) -> list[Judged]:
    """Say of each result of one user whether it can count, in the order in which they came in.

    What came too early or too late is no attempt. A submission that was withdrawn or flagged is one:
    else withdrawing would buy another. Those that can count are marked `worse`; who counts is
    `chosen`'s business.
    """
    found: list[Judged] = []
    attempts, closes = 0, policy.closes
    for result in sorted(results, key=lambda r: (r.received, r.submission)):
        reason: Reason = "worse"
        if policy.opens is not None and result.received < policy.opens:
            reason = "early"
        elif closes is not None and result.received > closes:
            reason = "late"
        else:
            attempts += 1
            if policy.first is not None and attempts > policy.first:
                reason = "beyond"
            elif result.decision is not None:
                reason = result.decision
        row = _row(result, policy) if reason == "worse" else None
        found.append(Judged(result, row, reason))
    return found


def chosen(rows: Sequence[Row], policy: Policy, counts: Counts) -> Row | None:
    """The one row of a user that counts, None when there is none.

    best: the best points, among equal ones the earliest. last: the one received last.
    """
    if counts == "last":
        return max(rows, key=lambda row: (row.received, row.submission), default=None)
    return min(rows, key=_order(policy), default=None)


def counting(results: Iterable[Result], policy: Policy) -> Row | None:
    """The row of one user's results that counts under a policy."""
    rows = [each.row for each in judged(results, policy) if each.row is not None]
    return chosen(rows, policy, policy.counts)


def explained(results: Iterable[Result], policy: Policy) -> list[Judged]:
    """As `judged`, and the one that counts is told from those that do not."""
    found = judged(results, policy)
    counts = chosen([each.row for each in found if each.row is not None], policy, policy.counts)
    other: Reason = "worse" if policy.counts == "best" else "superseded"

    def reason(each: Judged) -> Reason:
        if each.row is None:
            return each.reason
        return "counts" if each.row == counts else other

    return [each._replace(reason=reason(each)) for each in found]


def rank(
    plan: Plan,
    results: Iterable[Result],
    *,
    waiting: Iterable[str] = (),
) -> Board:
    """The board of one assignment, from any number of results per user in any order.

    `waiting` names users with a submission; those who have a result too are left out of it.
    """
    by_user: dict[str, list[Result]] = {}
    for result in results:
        by_user.setdefault(result.user, []).append(result)
    rows = [row for own in by_user.values() if (row := counting(own, plan.policy)) is not None]
    ranked = {row.user for row in rows}
    return Board(
        plan,
        ordered(rows, plan.policy),
        waiting=tuple(sorted(set(waiting) - by_user.keys())),
        unranked=tuple(sorted(by_user.keys() - ranked)),
    )


def ordered(rows: list[Row], policy: Policy) -> tuple[Entry, ...]:
    """Rows, one of each user, in order and with their ranks."""
    rows = sorted(rows, key=_order(policy))
    by_date = policy.ties == "by_date"
    entries: list[Entry] = []
    before: Row | None = None
    rank_before = 0
    for position, row in enumerate(rows, start=1):
        shared = (
            before is not None
            and before.points == row.points
            and not (by_date and before.received != row.received)
        )
        if not shared:
            rank_before = position
        before = row
        entries.append(Entry(rank_before, row))
    return tuple(entries)


def _row(result: Result, policy: Policy) -> Row:
    points = after_penalty(result.score, result.received, policy)
    return Row(
        result.user,
        result.submission,
        result.received,
        points,
        result.score,
        result.full,
        result.pending,
        _passed(result, points, policy),
        result.mark,
    )


def _passed(result: Result, points: int, policy: Policy) -> bool | None:
    if policy.mark is not None:
        if result.pending:
            return None
        return passes(points, policy.mark, higher_is_better=policy.higher_is_better)
    if points == result.score or result.mark is None or not result.passed:
        return result.passed
    # Passed as it was graded: being late may have cost just that.
    own = Mark(result.mark)
    return passes(points, own, higher_is_better=policy.higher_is_better)


def _order(policy: Policy) -> Callable[[Row], tuple[int, int, str, int]]:
    """What rows are put in order by: points, then the date; then what makes the order the same everywhere."""
    sign = -1 if policy.higher_is_better else 1
    # By position: a board of thousands is ranked in milliseconds.
    return lambda row: (sign * row[3], row[2], row[0], row[1])
