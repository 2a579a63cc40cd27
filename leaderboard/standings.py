"""What is kept so that a board need not be built from the log: each user's best and last result.

Kept in the transaction of whatever changes the log, and rebuilt from it when the rule changes. Who
writes holds the configuration still and the entrant's row; who changes the configuration waits for
those writers, and they for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from leaderboard.configuration import Configuration, read_configuration
from leaderboard.log import results_by_user
from leaderboard.ranking import Plan, Result, Row, chosen, judged
from leaderboard.tables import boards, entrants, results, standings, submissions

ROWS_AT_ONCE = 5_000
KEPT_FILE = "the kept file of boards"


def kept_configuration(connection: Connection) -> Configuration:
    """The boards that the store keeps. InputError where this version of the program cannot read them."""
    file = connection.execute(
        select(boards.c.file).order_by(boards.c.id.desc()).limit(1)
    ).scalar_one()
    return read_configuration(file, KEPT_FILE)


def hold_configuration(connection: Connection, *, to_change: bool = False) -> None:
    """Keep the configuration as it is to the end of the transaction; `to_change`: for oneself alone."""
    if connection.dialect.name == "postgresql":
        # SQLite lets one writer in at a time anyway.
        mode = "EXCLUSIVE" if to_change else "SHARE"
        connection.exec_driver_sql(f"LOCK TABLE {boards.name} IN {mode} MODE")


def hold_entrant(connection: Connection, user: str, assignment: str) -> None:
    """Wait for the other writers of this user and assignment, on a server that runs them side by side."""
    mine = (entrants.c.username == user) & (entrants.c.assignment == assignment)
    connection.execute(select(entrants.c.username).where(mine).with_for_update()).one()


def refresh(connection: Connection, user: str, assignment: str) -> None:
    """Bring a user's standings for an assignment up to the log. Call after both `hold_` functions."""
    configuration = kept_configuration(connection)
    log = [result for _, own in results_by_user(connection, assignment, user) for result in own]
    connection.execute(
        delete(standings).where(standings.c.username == user, standings.c.assignment == assignment)
    )
    rows = [
        values for plan in configuration.plans_of(assignment) for values in standings_of(plan, log)
    ]
    if rows:
        connection.execute(insert(standings), rows)
    mine = (entrants.c.username == user) & (entrants.c.assignment == assignment)
    connection.execute(update(entrants).where(mine).values(graded=bool(log)))


def rebuild(connection: Connection) -> None:
    """Make entrants and standings anew from the log, under the kept configuration."""
    configuration = kept_configuration(connection)
    connection.execute(delete(standings))
    connection.execute(delete(entrants))
    graded = select(results.c.id).where(results.c.submission_id == submissions.c.id).exists()
    who = select(
        submissions.c.assignment, submissions.c.username, func.max(_as_number(graded)) > 0
    ).group_by(submissions.c.assignment, submissions.c.username)
    connection.execute(insert(entrants).from_select(["assignment", "username", "graded"], who))
    names = connection.execute(select(entrants.c.assignment).distinct()).scalars().all()
    waiting: list[dict[str, Any]] = []
    for assignment in sorted(names):
        plans = configuration.plans_of(assignment)
        for _, log in results_by_user(connection, assignment):
            waiting += [values for plan in plans for values in standings_of(plan, log)]
            if len(waiting) >= ROWS_AT_ONCE:
                connection.execute(insert(standings), waiting)
                waiting = []
    if waiting:
        connection.execute(insert(standings), waiting)


def _as_number(condition: Any) -> Any:
    from sqlalchemy import case

    return case((condition, 1), else_=0)


def standings_of(plan: Plan, log: Iterable[Result]) -> list[dict[str, Any]]:
    """The rows that one user's results make on a board: the best and the last that can count."""
    rows = [each.row for each in judged(log, plan.policy) if each.row is not None]
    found: list[dict[str, Any]] = []
    for kind in ("best", "last"):
        row = chosen(rows, plan.policy, kind)
        if row is not None:
            found.append(
                {"board": plan.key, "kind": kind, "assignment": plan.assignment, **_columns(row)}
            )
    return found


def _columns(row: Row) -> dict[str, Any]:
    return dict(
        zip(
            (
                "username",
                "submission_id",
                "received",
                "points",
                "score",
                "max_score",
                "pending_points",
                "passed",
                "pass_mark",
            ),
            row,
            strict=True,
        )
    )
