"""What a class found hard: figures from the answers that are kept, summed in the database.

Only answers of students on the roll count, and of those the ones that count for the student too: the first answer that
could be marked. A part of a long question has figures of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from classroom.roll import STUDENT
from classroom.tables import members
from leaderboard.database import explained
from leaderboard.store import Store
from quiz.tables import attempts, sessions

ACTIVE = timedelta(minutes=10)
"""Who did something within this time is practising now."""
MOST_SLIPS = 3


@dataclass(frozen=True)
class Slip:
    """A named mistake, and how many answers show it."""

    name: str
    count: int


@dataclass(frozen=True)
class Figures:
    """One answer of one question, over the class. Shares are 0 to 1; seconds are the median's.

    tries: answers that count; users: from how many students; helped: after a hint or a look at the solution.
    """

    question: str
    part: str
    lecture: int
    topic: str
    tries: int
    users: int
    right: float
    points: float
    helped: float
    seconds: float
    slips: tuple[Slip, ...]

    @property
    def hardness(self) -> float:
        """What the list is ordered by: the share of wrong answers, drawn to a half where answers are few."""
        return 1 - (self.right * self.tries + 1) / (self.tries + 2)


@dataclass(frozen=True)
class LectureFigures:
    """One lecture over the class: answers that count, the share that is right, and of the points."""

    lecture: int
    tries: int
    users: int
    right: float
    points: float


@dataclass(frozen=True)
class UserFigures:
    """One student: when last something happened in a session, answers that count, and how many of them are right."""

    user: str
    name: str
    number: str
    last: datetime | None
    tries: int
    right: int
    points: float
    most: float


@dataclass(frozen=True)
class ClassFigures:
    """All of it at one moment, the hardest first; `active` counts who practises now, of `students`."""

    at: datetime
    since: datetime | None
    lecture: int | None
    students: int
    active: int
    tries: int
    questions: tuple[Figures, ...]
    lectures: tuple[LectureFigures, ...]


def class_figures(
    store: Store, now: datetime, *, since: datetime | None = None, lecture: int | None = None
) -> ClassFigures:
    """The figures of answers since a moment (all, without one), of one lecture or of all."""
    every = _counted(since)
    asked = [*every, attempts.c.lecture == lecture] if lecture is not None else every
    with explained(store.label), store.engine.connect() as connection:
        by_lecture = _by_lecture(connection, every)
        questions = _by_question(connection, asked)
        students = _students(connection)
        active = _active(connection, now)
    questions.sort(key=lambda each: (-each.hardness, each.question, each.part))
    return ClassFigures(
        at=now,
        since=since,
        lecture=lecture,
        students=students,
        active=active,
        tries=sum(each.tries for each in questions),
        questions=tuple(questions),
        lectures=tuple(by_lecture),
    )


def user_figures(store: Store, *, since: datetime | None = None) -> list[UserFigures]:
    """Each student on the roll, who was active last first."""
    joined = (members.c.username == attempts.c.username) & (attempts.c.points.is_not(None))
    if since is not None:
        joined &= attempts.c.at >= since
    seen = (
        select(sessions.c.username, func.max(sessions.c.last_at).label("last"))
        .group_by(sessions.c.username)
        .subquery()
    )
    query = (
        select(
            members.c.username,
            members.c.name,
            members.c.number,
            seen.c.last,
            func.count(attempts.c.label).label("tries"),
            func.coalesce(func.sum(_IS_RIGHT), 0).label("right"),
            func.coalesce(func.sum(attempts.c.points), 0.0).label("points"),
            func.coalesce(func.sum(attempts.c.max_points), 0.0).label("most"),
        )
        .outerjoin(attempts, joined)
        .outerjoin(seen, seen.c.username == members.c.username)
        .where(members.c.role == STUDENT, members.c.left_at.is_(None))
        .group_by(members.c.username, members.c.name, members.c.number, seen.c.last)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    found = [
        UserFigures(
            row.username,
            row.name,
            row.number,
            row.last,
            int(row.tries),
            int(row.right),
            float(row.points),
            float(row.most),
        )
        for row in rows
    ]
    found.sort(key=lambda each: (-(each.last.timestamp() if each.last else 0.0), each.user))
    return found


_IS_RIGHT = case((attempts.c.verdict == "right", 1), else_=0)
_IS_HELPED = case((attempts.c.shown | (attempts.c.hints > 0), 1), else_=0)


def _counted(since: datetime | None) -> list[ColumnElement[bool]]:
    """What makes an answer count: it was marked, it is a student's, it is not older than asked for."""
    of_class = select(members.c.username).where(members.c.role == STUDENT)
    found: list[ColumnElement[bool]] = [
        attempts.c.points.is_not(None),
        attempts.c.username.in_(of_class),
    ]
    return found if since is None else [*found, attempts.c.at >= since]


def _by_question(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> list[Figures]:
    one = (attempts.c.question, attempts.c.part)
    query = (
        select(
            *one,
            func.max(attempts.c.lecture).label("lecture"),
            func.max(attempts.c.topic).label("topic"),
            *_sums(),
            func.sum(_IS_HELPED).label("helped"),
        )
        .where(*wanted)
        .group_by(*one)
    )
    seconds, slips = _medians(connection, wanted), _slips(connection, wanted)
    return [
        Figures(
            question=row.question,
            part=row.part,
            lecture=row.lecture,
            topic=row.topic,
            tries=row.tries,
            users=row.users,
            right=row.right / row.tries,
            points=row.points / row.most if row.most else 0.0,
            helped=row.helped / row.tries,
            seconds=seconds.get((row.question, row.part), 0.0),
            slips=tuple(slips.get((row.question, row.part), ())[:MOST_SLIPS]),
        )
        for row in connection.execute(query)
    ]


def _by_lecture(
    connection: Connection, wanted: Sequence[ColumnElement[bool]]
) -> list[LectureFigures]:
    query: Select[Any] = (
        select(attempts.c.lecture, *_sums())
        .where(*wanted)
        .group_by(attempts.c.lecture)
        .order_by(attempts.c.lecture)
    )
    return [
        LectureFigures(
            row.lecture,
            row.tries,
            row.users,
            row.right / row.tries,
            row.points / row.most if row.most else 0.0,
        )
        for row in connection.execute(query)
    ]


def _sums() -> list[ColumnElement[Any]]:
    return [
        func.count().label("tries"),
        func.count(attempts.c.username.distinct()).label("users"),
        func.sum(_IS_RIGHT).label("right"),
        func.sum(attempts.c.points).label("points"),
        func.sum(attempts.c.max_points).label("most"),
    ]


def _medians(
    connection: Connection, wanted: Sequence[ColumnElement[bool]]
) -> Mapping[tuple[str, str], float]:
    one = (attempts.c.question, attempts.c.part)
    place = func.row_number().over(partition_by=one, order_by=attempts.c.seconds).label("place")
    many = func.count().over(partition_by=one).label("many")
    ordered = select(*one, attempts.c.seconds, place, many).where(*wanted).subquery()
    c = ordered.c
    # The one in the middle; of an even number the two.
    middle = (2 * c.place >= c.many) & (2 * c.place <= c.many + 2)
    query = select(c.question, c.part, func.avg(c.seconds).label("seconds"))
    rows = connection.execute(query.where(middle).group_by(c.question, c.part))
    return {(row.question, row.part): float(row.seconds) for row in rows}


def _slips(
    connection: Connection, wanted: Sequence[ColumnElement[bool]]
) -> Mapping[tuple[str, str], list[Slip]]:
    one = (attempts.c.question, attempts.c.part, attempts.c.mistake)
    query = (
        select(*one, func.count().label("answers"))
        .where(*wanted, attempts.c.mistake.is_not(None))
        .group_by(*one)
        .order_by(func.count().desc(), attempts.c.mistake)
    )
    found: dict[tuple[str, str], list[Slip]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.question, row.part].append(Slip(row.mistake, row.answers))
    return found


def _students(connection: Connection) -> int:
    here = (members.c.role == STUDENT) & members.c.left_at.is_(None)
    return connection.execute(select(func.count()).where(here)).scalar_one()


def _active(connection: Connection, now: datetime) -> int:
    query = (
        select(func.count(sessions.c.username.distinct()))
        .join(members, members.c.username == sessions.c.username)
        .where(members.c.role == STUDENT, sessions.c.last_at >= now - ACTIVE)
    )
    return connection.execute(query).scalar_one()
