"""Boards from the store: from what is kept, or from the log alone under any configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from leaderboard.configuration import Configuration
from leaderboard.database import explained, plain_rows
from leaderboard.log import results_by_user
from leaderboard.ranking import Board, Plan, Row, ordered, rank
from leaderboard.standings import kept_configuration
from leaderboard.store import UNASSIGNED, Store
from leaderboard.tables import boards as kept_files
from leaderboard.tables import decisions, entrants, results, submissions
from leaderboard.times import to_microseconds
from leaderboard.total import with_total

# The submissions of a user that have a result: number and points, in the order of receipt.
Handed = tuple[tuple[int, int], ...]
Attempts = Mapping[str, Mapping[str, Handed]]

KEPT = (
    "SELECT username, submission_id, received, points, score, max_score, pending_points, passed,"
    " pass_mark FROM standings WHERE board = ? AND kind = ?"
)


def configuration_of(store: Store) -> Configuration:
    """The boards that the store keeps."""
    with explained(store.label), store.engine.connect() as connection:
        return kept_configuration(connection)


def assignments(store: Store) -> tuple[str, ...]:
    """The assignments that something was handed in for, in order of their names; UNASSIGNED is none."""
    with explained(store.label), store.engine.connect() as connection:
        return _assignments(connection)


def _assignments(connection: Connection) -> tuple[str, ...]:
    found = connection.execute(select(entrants.c.assignment).distinct()).scalars()
    # Sorted here: databases disagree on the order of text.
    return tuple(sorted(name for name in found if name != UNASSIGNED))


def board(store: Store, assignment: str) -> Board:
    """The board of an assignment (of its first tab); empty when nothing was handed in for it."""
    with explained(store.label), store.engine.connect() as connection:
        return kept_board(connection, kept_configuration(connection).plans_of(assignment)[0])


def all_boards(store: Store, configuration: Configuration | None = None) -> list[Board]:
    """Every board in order, and the course total at the end where one is planned.

    configuration: build them from the log under this one; None takes what the store keeps. All
    boards are of one moment.
    """
    with explained(store.label), store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        names = _assignments(connection)
        if configuration is None:
            used = kept_configuration(connection)
            found = [kept_board(connection, plan) for plan in used.all_plans(names)]
        else:
            used = configuration
            found = [built_board(connection, plan) for plan in used.all_plans(names)]
    return with_total(found, used)


def kept_board(connection: Connection, plan: Plan) -> Board:
    """A board of the kept configuration, from what is kept."""
    rows = [
        Row(user, number, at, points, score, full, pending, None if ok is None else ok == 1, own)
        for user, number, at, points, score, full, pending, ok, own in plain_rows(
            connection, KEPT, (plan.key, plan.policy.counts)
        )
    ]
    waiting, unranked = _others(connection, plan, rows)
    return Board(plan, ordered(rows, plan.policy), waiting, unranked)


def _others(
    connection: Connection, plan: Plan, rows: list[Row]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who handed in and is not on the board: without a result, and with results that do not count."""
    mine = entrants.c.assignment == plan.assignment
    count = select(func.count()).select_from(entrants).where(mine)
    if connection.execute(count).scalar_one() == len(rows):
        return (), ()
    ranked = {row.user for row in rows}
    handed_in = connection.execute(select(entrants.c.username, entrants.c.graded).where(mine)).all()
    others = sorted((user, graded) for user, graded in handed_in if user not in ranked)
    return (
        tuple(user for user, graded in others if not graded),
        tuple(user for user, graded in others if graded),
    )


def built_board(connection: Connection, plan: Plan) -> Board:
    """A board from the log alone."""
    who = select(submissions.c.username).where(submissions.c.assignment == plan.assignment)
    users = connection.execute(who.distinct()).scalars().all()
    log = results_by_user(connection, plan.assignment)
    return rank(plan, (result for _, own in log for result in own), waiting=users)


def rebuilt_board(store: Store, plan: Plan) -> Board:
    """A board from the log alone, under whatever rule the plan has."""
    with explained(store.label), store.engine.connect() as connection:
        return built_board(connection, plan)


def shown(boards: Iterable[Board], now: datetime) -> list[Board]:
    """The boards as everybody may see them: those whose day has not come are emptied."""
    moment = to_microseconds(now)

    def hidden(board: Board) -> bool:
        until = board.plan.policy.hidden_until
        return until is not None and moment < until

    return [Board(each.plan, hidden=True) if hidden(each) else each for each in boards]


def attempts(store: Store, assignments: Iterable[str]) -> Attempts:
    """By assignment and user: what was handed in and has a result."""
    with explained(store.label), store.engine.connect() as connection:
        return {
            assignment: {
                user: tuple(
                    (r.submission, r.score)
                    for r in sorted(own, key=lambda r: (r.received, r.submission))
                )
                for user, own in results_by_user(connection, assignment)
            }
            for assignment in set(assignments)
        }


def last_change(store: Store) -> int:
    """When a result, a decision or the boards were last recorded: microseconds since 1970."""
    moments = [results.c.graded_at, decisions.c.decided_at, kept_files.c.kept_at]
    with explained(store.label), store.engine.connect() as connection:
        found = [connection.execute(select(func.max(moment))).scalar() for moment in moments]
    return max(to_microseconds(moment) for moment in found if moment is not None)
