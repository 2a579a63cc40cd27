"""Reading the log: the result that stands for each submission, and what people decided about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, select

from leaderboard.ranking import Decision, Result
from leaderboard.tables import decisions, results, submissions
from leaderboard.times import to_microseconds

AT_ONCE = 20_000  # rows that are read in one go


def results_by_user(
    connection: Connection, assignment: str, user: str | None = None
) -> Iterator[tuple[str, list[Result]]]:
    """The results of an assignment, user by user: what stands for each submission that has one."""
    decided = _decisions(connection, assignment, user)
    query = (
        select(
            submissions.c.username,
            submissions.c.id,
            submissions.c.received_at,
            results.c.score,
            results.c.max_score,
            results.c.pending_points,
            results.c.passed,
            results.c.pass_mark,
        )
        .join(results, results.c.submission_id == submissions.c.id)
        .where(submissions.c.assignment == assignment)
        .order_by(submissions.c.username, submissions.c.id, results.c.sequence)
        .execution_options(yield_per=AT_ONCE)
    )
    if user is not None:
        query = query.where(submissions.c.username == user)
    rows = connection.execute(query)
    for name, own in groupby(rows, key=attrgetter("username")):
        # Later results of a submission replace the earlier ones.
        standing = {row[1]: row for row in own}
        yield name, [_result(row, decided.get(number)) for number, row in standing.items()]


def _result(row: Any, decision: Decision | None) -> Result:
    user, number, received_at, *points, passed, mark = row
    score, full, pending = points
    return Result(
        user, number, to_microseconds(received_at), score, full, pending, passed, mark, decision
    )


def _decisions(
    connection: Connection, assignment: str, user: str | None
) -> dict[int, Decision | None]:
    query = (
        select(decisions.c.submission_id, decisions.c.kind)
        .join(submissions, submissions.c.id == decisions.c.submission_id)
        .where(submissions.c.assignment == assignment)
        .order_by(decisions.c.id)
    )
    if user is not None:
        query = query.where(submissions.c.username == user)
    last: dict[int, Decision | None] = {}
    for number, kind in connection.execute(query):
        last[number] = None if kind == "restored" else kind
    return last
