"""The queue as it is read: what was taken in, what waits, and what became of it (queue.py says what the states are)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, func, select

from leaderboard.database import explained
from leaderboard.store import Store, stored_name
from leaderboard.tables import contents, gradings, submissions

State = Literal["waiting", "claimed", "done", "refused", "given_up"]


@dataclass(frozen=True)
class Receipt:
    """A submission that was taken in. `again`: the same bytes as the user's last one, which it therefore is."""

    number: int
    user: str
    assignment: str
    filename: str
    sha256: str
    size: int
    received_at: datetime
    again: bool = False


@dataclass(frozen=True)
class Claim:
    """A submission that a worker may grade, and the key that says so."""

    receipt: Receipt
    key: str
    attempt: int

    @property
    def number(self) -> int:
        """The submission's number."""
        return self.receipt.number


@dataclass(frozen=True)
class Standing:
    """A submission in the queue; `ahead` waited before it, and do so still."""

    receipt: Receipt
    state: State
    ahead: int
    told: tuple[str, ...]


def workers(store: Store) -> set[str]:
    """Whoever has a claim."""
    query = select(gradings.c.worker).where(gradings.c.state == "claimed").distinct()
    with explained(store.label), store.engine.connect() as connection:
        return {name for name in connection.execute(query).scalars() if name is not None}


def standing(store: Store, number: int) -> Standing | None:
    """A submission of the queue; None where there is none of this number."""
    found = _standings(store, gradings.c.submission_id == number)
    return found[0] if found else None


def standings_of(store: Store, user: str, *, most: int = 200) -> list[Standing]:
    """What a user handed in, the last first."""
    return _standings(store, submissions.c.username == stored_name(user, "user"), most)


def counts(store: Store, assignments: Collection[str] | None = None) -> dict[State, int]:
    """How many submissions are in each state; of these assignments, or all."""
    query = select(gradings.c.state, func.count()).group_by(gradings.c.state)
    if assignments is not None:
        query = query.join(submissions, submissions.c.id == gradings.c.submission_id).where(
            submissions.c.assignment.in_(sorted(assignments))
        )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return {row[0]: row[1] for row in rows}


def is_done(store: Store, assignments: Collection[str]) -> bool:
    """Whether nothing of these assignments waits, and nobody is at one."""
    found = counts(store, assignments)
    return not found.get("waiting", 0) and not found.get("claimed", 0)


def _standings(store: Store, which: ColumnElement[bool], most: int = 1) -> list[Standing]:
    query = queued_rows().where(which).order_by(submissions.c.id.desc()).limit(most)
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
        return [
            Standing(
                receipt_of(row), row.state, _ahead(connection, row), tuple(json.loads(row.told))
            )
            for row in rows
        ]


def _ahead(connection: Connection, row: Row[Any]) -> int:
    if row.state != "waiting":
        return 0
    earlier = (gradings.c.state == "waiting") & (gradings.c.submission_id < row.id)
    query = select(func.count()).select_from(gradings).where(earlier)
    return connection.execute(query).scalar_one()


def queued_rows() -> Any:
    """A query of submissions that are in the queue, with their sizes and states."""
    return (
        select(submissions, contents.c.size, gradings.c.state, gradings.c.attempts, gradings.c.told)
        .join(gradings, gradings.c.submission_id == submissions.c.id)
        .join(contents, contents.c.sha256 == submissions.c.sha256)
    )


def receipt_of(row: Row[Any]) -> Receipt:
    """The receipt of a row of `queued_rows`."""
    return Receipt(
        row.id, row.username, row.assignment, row.filename, row.sha256, row.size, row.received_at
    )
