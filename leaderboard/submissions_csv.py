"""Every submission in the store as CSV: what a board is made from, for those who want to count themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from leaderboard.database import explained, plain_rows
from leaderboard.points import printed
from leaderboard.store import Store
from leaderboard.untrusted import csv_text

if TYPE_CHECKING:
    from typing import TextIO

COLUMNS = (
    "Submission", "User", "Date submitted", "Score", "Pass", "Pending points", "Full points",
    "Assignment", "Decision",
)  # fmt: skip
AT_ONCE = 20_000  # rows that are held at a time

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
        decided = {
            number: "" if kind == "restored" else kind
            for number, kind in connection.execute(text(DECISIONS))
        }
        query = QUERY.format(date=DATES[connection.dialect.name])
        writer.writerows(_lines(plain_rows(connection, query, at_once=AT_ONCE), decided))


def _lines(rows: Iterator[tuple[Any, ...]], decided: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    # A few thousand names and a handful of full points stand in a million rows.
    name, points = cache(csv_text), cache(printed)
    last: tuple[Any, ...] = (None,)
    for row in rows:
        # A later result of the same submission takes the place of the earlier.
        if last[0] is not None and last[0] != row[0]:
            yield last
        number, user, date, score, passed, pending, full, assignment = row
        decision = decided.get(number, "")
        if score is None:
            last = (number, name(user), date, "", "", "", "", name(assignment), decision)
        else:
            word = "" if passed is None else "yes" if passed else "no"
            last = (
                number, name(user), date, printed(score), word, points(pending), points(full),
                name(assignment), decision,
            )  # fmt: skip
    if last[0] is not None:
        yield last
