"""Whether a submission is one that is on record already: sent again by a browser, or taken again after a crash.

Anything else that has the same bytes is a submission of its own: they may count now where they did not before, since a
phase has begun, or since the earlier one was withdrawn.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from leaderboard.queued import queued_rows
from leaderboard.standings import kept_configuration
from leaderboard.tables import decisions, submissions
from leaderboard.times import to_microseconds
from question_bank.diagnostics import InputError

AT_ONCE = timedelta(minutes=10)
"""Who sends the same within so long has pressed twice, or does not trust the first."""


def on_record(
    connection: Connection, user: str, assignment: str, sha256: str, received_at: datetime
) -> Row[Any] | None:
    """The row of `queued_rows` that this submission is; None where it is a new one."""
    mine = (submissions.c.username == user) & (submissions.c.assignment == assignment)
    last = connection.execute(
        queued_rows().where(mine).order_by(submissions.c.id.desc()).limit(1)
    ).one_or_none()
    if last is not None and last.sha256 == sha256:
        since = received_at - last.received_at
        if (
            timedelta(0) <= since <= AT_ONCE
            and not _decided_on(connection, last.id)
            and not _opened(connection, assignment, last.received_at, received_at)
        ):
            return last
    # Taken again after a crash: the moment of intake tells it from what was handed in since.
    at = submissions.c.received_at == received_at
    found: Row[Any] | None = connection.execute(
        queued_rows().where(mine, submissions.c.sha256 == sha256, at)
    ).first()
    return found


def _decided_on(connection: Connection, number: int) -> bool:
    kind = select(decisions.c.kind).where(decisions.c.submission_id == number)
    last = connection.execute(kind.order_by(decisions.c.id.desc()).limit(1)).scalar_one_or_none()
    return last not in (None, "restored")


def _opened(connection: Connection, assignment: str, before: datetime, now: datetime) -> bool:
    """Whether a board has opened in between. A deadline that has passed takes nothing from the earlier one."""
    try:
        plans = kept_configuration(connection).plans_of(assignment)
    except InputError:
        return True  # what the boards are is not known: nothing is lost by a second submission
    opens = [plan.policy.opens for plan in plans]
    return any(
        each is not None and to_microseconds(before) < each <= to_microseconds(now)
        for each in opens
    )
