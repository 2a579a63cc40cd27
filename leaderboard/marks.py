"""What people gave: marks of checks that the machine leaves open or got wrong, and regradings, with who and when.

Nothing is changed or removed: a mark that is taken back is followed by an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from leaderboard.database import explained, writing
from leaderboard.points import from_millionths, to_millionths
from leaderboard.standings import hold_configuration
from leaderboard.store import Store, append_result, stored_name
from leaderboard.tables import (
    marks,
    opinions,
    overrulings,
    regradings,
    settlements,
    submissions,
)


@dataclass(frozen=True)
class PersonsMark:
    """Points that a person gave for one check of one submission; None takes an earlier mark back.

    `earned` are the lines of the rubric that the points stand for. `overruled` are the points that the machine gave, where
    the mark overrules it: it counts as long as the machine gives so many. `settles` says that it settles a difference
    between what two persons gave.
    """

    submission: int
    check: str
    points: Decimal | None
    by: str
    at: datetime
    earned: tuple[str, ...] = ()
    note: str = ""
    overruled: Decimal | None = None
    settles: bool = False


@dataclass(frozen=True)
class Regrading:
    """A whole assignment graded again; `changed` results were recorded."""

    assignment: str
    at: datetime
    by: str
    policy: str
    keys: tuple[str, ...]
    changed: int


def record_marks(store: Store, given: Iterable[PersonsMark]) -> None:
    """Append marks, all of them or none. InputError for an empty or overlong name of who marked."""
    rows = [(_row(mark), mark) for mark in given]
    if not rows:
        return
    with explained(store.label), writing(store.engine).begin() as connection:
        for row, mark in rows:
            key = connection.execute(insert(marks).values(row)).inserted_primary_key
            if key is None:
                raise AssertionError("a mark that was kept has a number")
            if mark.overruled is not None:
                more = {"mark_id": key[0], "points": to_millionths(mark.overruled)}
                connection.execute(insert(overrulings).values(more))
            if mark.settles:
                connection.execute(insert(settlements).values(mark_id=key[0]))


def record_opinions(store: Store, given: Iterable[PersonsMark]) -> None:
    """Append what a second person gave, all or nothing of it; no result follows. InputError as in `record_marks`."""
    rows = [_row(mark) for mark in given]
    if rows:
        with explained(store.label), writing(store.engine).begin() as connection:
            connection.execute(insert(opinions), rows)


def _row(mark: PersonsMark) -> dict[str, Any]:
    return {
        "submission_id": mark.submission,
        "check_id": mark.check,
        "marked_at": mark.at,
        "marked_by": stored_name(mark.by, "marker"),
        "points": None if mark.points is None else to_millionths(mark.points),
        "earned": json.dumps(mark.earned),
        "note": mark.note,
    }


def mark_log(store: Store, assignment: str) -> tuple[PersonsMark, ...]:
    """Every mark ever given in an assignment, oldest first."""
    query = (
        select(
            marks,
            overrulings.c.points.label("overruled"),
            settlements.c.mark_id.is_not(None).label("settles"),
        )
        .join(submissions, submissions.c.id == marks.c.submission_id)
        .outerjoin(overrulings, overrulings.c.mark_id == marks.c.id)
        .outerjoin(settlements, settlements.c.mark_id == marks.c.id)
        .where(submissions.c.assignment == stored_name(assignment, "assignment"))
        .order_by(marks.c.id)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return tuple(
        replace(_mark(row), overruled=_points(row.overruled), settles=bool(row.settles))
        for row in rows
    )


def opinion_log(store: Store, assignment: str) -> tuple[PersonsMark, ...]:
    """Everything that second persons ever gave in an assignment, oldest first."""
    query = (
        select(opinions)
        .join(submissions, submissions.c.id == opinions.c.submission_id)
        .where(submissions.c.assignment == stored_name(assignment, "assignment"))
        .order_by(opinions.c.id)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return tuple(_mark(row) for row in rows)


def standing_opinions(
    store: Store, assignment: str
) -> dict[tuple[int, str], tuple[PersonsMark, ...]]:
    """The last opinion of each person, by submission and check, unless it was taken back."""
    last = {(each.submission, each.check, each.by): each for each in opinion_log(store, assignment)}
    found: dict[tuple[int, str], tuple[PersonsMark, ...]] = {}
    for each in last.values():
        if each.points is not None:
            place = each.submission, each.check
            found[place] = (*found.get(place, ()), each)
    return found


def _mark(row: Any) -> PersonsMark:
    return PersonsMark(
        submission=row.submission_id,
        check=row.check_id,
        points=_points(row.points),
        by=row.marked_by,
        at=row.marked_at,
        earned=tuple(json.loads(row.earned)),
        note=row.note,
    )


def _points(millionths: int | None) -> Decimal | None:
    return None if millionths is None else from_millionths(millionths)


def standing_marks(store: Store, assignment: str) -> dict[tuple[int, str], PersonsMark]:
    """The marks that count, by submission and check: the last of each, unless it was taken back."""
    last = {(mark.submission, mark.check): mark for mark in mark_log(store, assignment)}
    return {place: mark for place, mark in last.items() if mark.points is not None}


def record_regrading(
    store: Store, done: Regrading, results: Iterable[tuple[int, Mapping[str, Any]]] = ()
) -> int:
    """Append a regrading to the audit trail, and the reports that it gave by submission: all of it or nothing.

    Returns how many reports are new, which is what is kept as `changed` where any are given. Raises as `record_result`.
    """
    given = list(results)
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection)
        new = sum(append_result(connection, number, report) for number, report in given)
        row = {
            "assignment": stored_name(done.assignment, "assignment"),
            "regraded_at": done.at,
            "regraded_by": stored_name(done.by, "marker"),
            "policy": done.policy,
            "keys": json.dumps(done.keys),
            "changed": new if given else done.changed,
        }
        connection.execute(insert(regradings), row)
    return new


def regradings_of(store: Store, assignment: str) -> tuple[Regrading, ...]:
    """The regradings of an assignment, oldest first."""
    query = (
        select(regradings)
        .where(regradings.c.assignment == stored_name(assignment, "assignment"))
        .order_by(regradings.c.id)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return tuple(
        Regrading(
            row.assignment,
            row.regraded_at,
            row.regraded_by,
            row.policy,
            tuple(json.loads(row.keys)),
            row.changed,
        )
        for row in rows
    )
