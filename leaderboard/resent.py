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
        near = abs(received_at - last.received_at) <= AT_ONCE
        if (
            near
            and not _decided_on(connection, last.id)
            and not _counts_otherwise(connection, assignment, last.received_at, received_at)
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


def _counts_otherwise(
    connection: Connection, assignment: str, last: datetime, moment: datetime
) -> bool:
    """Whether on some board the one of this moment may count for more than the last one.

    So it is where the board has opened in between. A deadline in between takes nothing from the last one, unless it is
    the later of the two: of two that came together the store may write down the second first.
    """
    try:
        policies = [plan.policy for plan in kept_configuration(connection).plans_of(assignment)]
    except InputError:
        return True  # what the boards are is not known: nothing is lost by a second submission
    before, now = to_microseconds(last), to_microseconds(moment)
    if now >= before:
        return any(each.opens is not None and before < each.opens <= now for each in policies)
    ends = [end for each in policies for end in (each.deadline, each.closes) if end is not None]
    return any(now <= end < before for end in ends)
