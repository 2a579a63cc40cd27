"""Every submission in the store as CSV: what a board is made from, for those who want to count themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from leaderboard.database import explained
from leaderboard.points import printed
from leaderboard.store import Store
from leaderboard.untrusted import csv_text

if TYPE_CHECKING:
    from typing import TextIO

COLUMNS = (
    "Submission", "User", "Date submitted", "Score", "Pass", "Pending points", "Full points",
    "Assignment", "Decision",
)  # fmt: skip
AT_ONCE = 20_000  # rows that are read in one go

# The database prints the date: a million of them take seconds in Python.
DATES = {
    "sqlite": "substr(s.received_at, 1, 19)",
    "postgresql": "to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')",
}
QUERY = """
SELECT s.id, s.username, {date}, r.score, r.passed, r.pending_points, r.max_score, s.assignment
FROM submissions s LEFT JOIN results r ON r.submission_id = s.id
ORDER BY s.id, r.sequence
"""
DECISIONS = "SELECT submission_id, kind FROM decisions ORDER BY id"


def write_submissions(store: Store, out: TextIO) -> None:
    """Write every submission, in the order of their numbers, with the result that stands for it.

    Score, Pass and points are empty where there is no result yet. Names are made harmless for
    spreadsheets.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    with explained(store.label), store.engine.connect() as connection:
        decided = {number: kind for number, kind in connection.execute(text(DECISIONS))}  # noqa: C416 - typed
        query = QUERY.format(date=DATES[connection.dialect.name])
        rows = connection.execution_options(yield_per=AT_ONCE).exec_driver_sql(query)
        writer.writerows(_lines(rows, decided))


def _lines(rows: Any, decided: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    safe = cache(csv_text)  # a few thousand names stand in a million rows
    waiting: tuple[Any, ...] | None = None
    for row in rows:
        # A later result of the same submission takes the place of the earlier.
        if waiting is not None and waiting[0] != row[0]:
            yield waiting
        number, user, date, score, passed, pending, full, assignment = row
        kind = decided.get(number, "") if decided else ""
        decision = "" if kind == "restored" else kind
        if score is None:
            waiting = (number, safe(user), date, "", "", "", "", safe(assignment), decision)
        else:
            waiting = (
                number, safe(user), date, printed(score),
                "" if passed is None else "yes" if passed else "no",
                printed(pending), printed(full), safe(assignment), decision,
            )  # fmt: skip
    if waiting is not None:
        yield waiting
