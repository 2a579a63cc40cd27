"""What was taken in and waits to be graded: claimed by one worker at a time, and ended once whatever dies.

    waiting    nobody is at it
    claimed    a worker is, until its lease ends; a worker that lives renews it
    done       its result is in the log: both were written in one transaction
    refused    it cannot be graded, and `told` says why; its bytes are kept
    given_up   too many workers died at it, or failed: our own fault; the next start tries again

A claim has a key of its own. What ends a grading names it: whoever lost the claim (the lease ended, somebody else is at
it) changes nothing any more, so that a result is recorded once even where two workers have graded the same submission.
Leases are measured by one clock: the server's on PostgreSQL, the machine's on SQLite.

Submissions that were recorded by `grade --record` alone are not in the queue: that command grades them itself.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from leaderboard.database import explained, writing
from leaderboard.queued import Claim, Receipt, State, queued_rows, receipt_of
from leaderboard.resent import on_record
from leaderboard.standings import hold_configuration, hold_entrant
from leaderboard.store import Store, append_result, keep_entrant, keep_submission, stored_name
from leaderboard.tables import entrants, gradings, submissions

LEASE_S = 60.0
MOST_ATTEMPTS = 3
GIVEN_UP = "it could not be graded, which is our own fault: nothing is lost, and it is tried again"
_FREE: dict[str, Any] = {"worker": None, "claim": None, "lease_until": None}


def hand_in(
    store: Store,
    *,
    user: str,
    assignment: str,
    filename: str,
    content: bytes,
    received_at: datetime,
) -> Receipt:
    """Keep a submission and put it into the queue, in one step.

    What is on record already (resent.py) is not kept again. InputError as from `record_submission`.
    """
    name, task = stored_name(user, "user"), stored_name(assignment, "assignment")
    digest = hashlib.sha256(content).hexdigest()
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection)
        keep_entrant(connection, name, task)
        hold_entrant(connection, name, task)
        same = on_record(connection, name, task, digest, received_at)
        if same is not None:
            return replace(receipt_of(same), again=True)
        number = keep_submission(
            connection,
            user=name,
            assignment=task,
            filename=filename,
            content=content,
            received_at=received_at,
        )
        row = {"submission_id": number, "state": "waiting", "attempts": 0, "told": "[]"}
        connection.execute(insert(gradings), row)
        kept = select(submissions.c.filename).where(submissions.c.id == number)
        named = connection.execute(kept).scalar_one()
    return Receipt(number, name, task, named, digest, len(content), received_at)


def claim(
    store: Store, worker: str, assignments: Collection[str], *, most: int, lease_s: float = LEASE_S
) -> list[Claim]:
    """Claim up to `most` submissions for these assignments: those that waited longest first."""
    found: list[Claim] = []
    if most <= 0 or not assignments:
        return found
    with explained(store.label), store.engine.connect() as connection:
        # Looked at often, and mostly in vain: nobody else has to wait for that.
        now = _now(connection)
        if connection.execute(select(gradings.c.submission_id).where(_free(now))).first() is None:
            return found
    with explained(store.label), writing(store.engine).begin() as connection:
        now = _now(connection)
        lapsed = (gradings.c.state == "claimed") & (gradings.c.lease_until < now)
        connection.execute(
            update(gradings)
            .where(lapsed, gradings.c.attempts >= MOST_ATTEMPTS)
            .values(state="given_up", told=_lines([GIVEN_UP]), **_FREE)
        )
        query = (
            queued_rows()
            .where(_free(now), submissions.c.assignment.in_(sorted(assignments)))
            .order_by(gradings.c.submission_id)
            .limit(most)
        )
        if connection.dialect.name == "postgresql":
            query = query.with_for_update(of=gradings, skip_locked=True)
        for row in connection.execute(query).all():
            key = secrets.token_hex(16)
            connection.execute(
                update(gradings)
                .where(gradings.c.submission_id == row.id)
                .values(
                    state="claimed",
                    attempts=row.attempts + 1,
                    worker=worker,
                    claim=key,
                    lease_until=now + timedelta(seconds=lease_s),
                )
            )
            found.append(Claim(receipt_of(row), key, row.attempts + 1))
    return found


def renew(store: Store, worker: str, *, lease_s: float = LEASE_S) -> None:
    """A worker that lives says so: its claims hold for another while."""
    with explained(store.label), writing(store.engine).begin() as connection:
        until = _now(connection) + timedelta(seconds=lease_s)
        mine = (gradings.c.worker == worker) & (gradings.c.state == "claimed")
        connection.execute(update(gradings).where(mine).values(lease_until=until))


def finish(store: Store, held: Claim, report: Mapping[str, Any]) -> bool:
    """Record the result of a claim, and end it; False, and nothing is changed, where the claim was lost."""
    one = held.receipt
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection)
        mine = (entrants.c.username == one.user) & (entrants.c.assignment == one.assignment)
        if connection.execute(select(entrants).where(mine).with_for_update()).first() is None:
            return False  # the user was erased meanwhile
        if not _end(connection, held, "done", ()):
            return False
        append_result(connection, one.number, report)
    return True


def refuse(store: Store, held: Claim, told: Sequence[str]) -> bool:
    """End a claim without a result: it cannot be graded. False where the claim was lost."""
    with explained(store.label), writing(store.engine).begin() as connection:
        return _end(connection, held, "refused", told)


def refuse_waiting(store: Store, number: int, told: Sequence[str]) -> bool:
    """Refuse a submission that nobody has claimed yet, where it was seen at once that it cannot be graded."""
    mine = (gradings.c.submission_id == number) & (gradings.c.state == "waiting")
    with explained(store.label), writing(store.engine).begin() as connection:
        ended = update(gradings).where(mine).values(state="refused", told=_lines(told))
        return connection.execute(ended).rowcount > 0


def fail(store: Store, held: Claim, told: Sequence[str]) -> bool:
    """Our own fault: it waits again or, after MOST_ATTEMPTS, is given up. False where the claim was lost."""
    state: State = "waiting" if held.attempt < MOST_ATTEMPTS else "given_up"
    with explained(store.label), writing(store.engine).begin() as connection:
        return _end(connection, held, state, told)


def give_back(store: Store, claims: Iterable[Claim]) -> None:
    """Claims of a worker that stops in good order: they wait again, and the attempt does not count."""
    with explained(store.label), writing(store.engine).begin() as connection:
        for held in claims:
            values = {"state": "waiting", "attempts": held.attempt - 1, **_FREE}
            connection.execute(update(gradings).where(_held(held)).values(**values))


def release(store: Store, workers: Collection[str]) -> int:
    """Free the claims of workers that are known to be dead, before their leases end; returns how many."""
    mine = (gradings.c.state == "claimed") & gradings.c.worker.in_(sorted(workers))
    with explained(store.label), writing(store.engine).begin() as connection:
        last = mine & (gradings.c.attempts >= MOST_ATTEMPTS)
        over = {"state": "given_up", "told": _lines([GIVEN_UP]), **_FREE}
        given_up = connection.execute(update(gradings).where(last).values(**over)).rowcount
        freed = connection.execute(update(gradings).where(mine).values(state="waiting", **_FREE))
        return given_up + freed.rowcount


def try_again(store: Store, assignments: Collection[str]) -> int:
    """What was given up waits again; returns how many."""
    theirs = select(submissions.c.id).where(submissions.c.assignment.in_(sorted(assignments)))
    mine = (gradings.c.state == "given_up") & gradings.c.submission_id.in_(theirs)
    with explained(store.label), writing(store.engine).begin() as connection:
        again = update(gradings).where(mine).values(state="waiting", attempts=0)
        return connection.execute(again).rowcount


def _free(now: datetime) -> ColumnElement[bool]:
    lapsed = (gradings.c.state == "claimed") & (gradings.c.lease_until < now)
    return (gradings.c.state == "waiting") | lapsed


def _held(held: Claim) -> ColumnElement[bool]:
    return (gradings.c.submission_id == held.number) & (gradings.c.claim == held.key)


def _end(connection: Connection, held: Claim, state: State, told: Sequence[str]) -> bool:
    values = {"state": state, "told": _lines(told), **_FREE}
    return connection.execute(update(gradings).where(_held(held)).values(**values)).rowcount > 0


def _lines(told: Sequence[str]) -> str:
    return json.dumps(list(told), ensure_ascii=False)


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now
    return datetime.now(UTC)
