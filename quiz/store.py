"""Progress, kept: sessions as their events, what came of each answer, cards, and the date of the exam.

Whatever an action led to is kept in one transaction before the face shows it: a process that is killed loses nothing
that was answered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from leaderboard.database import connect, database_url, describe, explained, writing
from leaderboard.store import Store, stored_name
from question_bank.diagnostics import bad_input
from quiz.engine import Refused
from quiz.events import Event, Finished, Mode, Rated
from quiz.results import outcome, reached
from quiz.schedule import Card, reviewed
from quiz.seen import Seen, added_up, gone_on
from quiz.state import State
from quiz.tables import PRACTICE, attempts, cards, events, returned, sessions, settings

EXAM_DATE = "exam_date"


@dataclass(frozen=True)
class Progress:
    """One student's progress in an open store; a server remembers sessions that it has `seen`."""

    store: Store
    user: str
    seen: Seen | None = None

    def close(self) -> None:
        """Let go of the database's connections."""
        self.store.close()


@dataclass(frozen=True)
class Kept:
    """A session in the store: its number, and how many events it has."""

    number: int
    length: int
    state: State


@dataclass(frozen=True)
class Tried:
    """What came of one answer; `points` is None where it does not count."""

    session: int
    label: str
    mode: Mode
    question: str
    part: str
    seed: int
    lecture: int
    topic: str
    at: datetime
    verdict: str
    max_points: float
    points: float | None
    mistake: str | None
    hints: int
    shown: bool
    self_marked: bool
    sure: bool | None
    seconds: float


def open_progress(user: str, url: str | None = None, *, must_exist: bool = False) -> Progress:
    """The progress of a user: in DATABASE_URL, else in mockexam.db of the data folder. Raises InputError."""
    address = database_url(url)
    name = stored_name(user, "user")
    engine = connect(address, must_exist=must_exist, group=PRACTICE)
    return Progress(Store(engine, describe(address)), name)


def keep_beginning(progress: Progress, state: State, happened: Sequence[Event]) -> Kept:
    """Keep a new session."""
    with explained(progress.store.label), writing(progress.store.engine).begin() as connection:
        added = connection.execute(
            insert(sessions)
            .values(
                username=progress.user,
                mode=state.mode,
                bank_version=state.bank_version,
                started_at=state.started_at,
                last_at=state.last_at,
            )
            .returning(sessions.c.id)
        )
        number: int = added.scalar_one()
        _append(connection, number, 0, happened)
    return Kept(number, len(happened), state)


def keep(progress: Progress, session: Kept, state: State, happened: Sequence[Event]) -> Kept:
    """Keep what happened next in a session, and what follows for attempts and cards: all of it or nothing.

    Raises Refused where the session has gone on elsewhere since (another window).
    """
    if not happened:
        return session
    finished = any(isinstance(event, Finished) for event in happened)
    changes: dict[str, Any] = {"last_at": state.last_at}
    if finished:
        changes["finished_at"] = state.last_at
    with explained(progress.store.label), writing(progress.store.engine).begin() as connection:
        try:
            _append(connection, session.number, session.length, happened)
        except IntegrityError:
            raise Refused("The session has gone on in another window.") from None
        mine = sessions.c.id == session.number
        connection.execute(update(sessions).where(mine).values(**changes))
        _keep_attempts(connection, progress.user, session.number, state, happened)
        exam = _exam_date(connection, progress.user)
        for event in happened:
            if isinstance(event, Rated):
                _keep_card(connection, progress.user, event, exam)
    return Kept(session.number, session.length + len(happened), state)


def load_session(progress: Progress, number: int) -> Kept:
    """A session of this user. LookupError for one that is not there."""
    before = None if progress.seen is None else progress.seen.before(number)
    found = None
    if before is not None:
        found = gone_on(before, _texts(progress, number, before.length - 1))
    if found is None:
        texts = _texts(progress, number, 0)
        if not texts:
            raise LookupError(f"no session {number}")
        found = added_up(texts)
    if progress.seen is not None and found is not before:
        progress.seen.keep(number, found)
    return Kept(number, found.length, found.state)


def _texts(progress: Progress, number: int, first: int) -> list[str]:
    """The events of a session of this user, from a number on."""
    query = (
        select(events.c.event)
        .join(sessions, sessions.c.id == events.c.session_id)
        .where(sessions.c.id == number, sessions.c.username == progress.user)
        .where(events.c.sequence >= first)
        .order_by(events.c.sequence)
    )
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def unfinished(progress: Progress) -> list[int]:
    """The numbers of the sessions that can go on, the latest first."""
    query = (
        select(sessions.c.id)
        .where(sessions.c.username == progress.user, sessions.c.finished_at.is_(None))
        .order_by(sessions.c.last_at.desc(), sessions.c.id.desc())
    )
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def all_attempts(progress: Progress) -> list[Tried]:
    """What came of every answer, oldest first."""
    query = (
        select(attempts)
        .where(attempts.c.username == progress.user)
        .order_by(attempts.c.at, attempts.c.session_id, attempts.c.label)
    )
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    return [
        Tried(session=row["session_id"], **{name: row[name] for name in _TRIED}) for row in rows
    ]


_TRIED = [name for name in Tried.__dataclass_fields__ if name != "session"]


def all_cards(progress: Progress) -> dict[str, Card]:
    """The cards, by question."""
    query = select(cards.c.card).where(cards.c.username == progress.user)
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        found = [Card.model_validate_json(text) for text in connection.execute(query).scalars()]
    return {card.question: card for card in found}


def exam_date(progress: Progress) -> date | None:
    """The date of the exam, where it was told."""
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        return _exam_date(connection, progress.user)


def set_exam_date(progress: Progress, day: date) -> None:
    """Remember the date of the exam."""
    mine = (settings.c.username == progress.user) & (settings.c.name == EXAM_DATE)
    row = {"username": progress.user, "name": EXAM_DATE, "value": day.isoformat()}
    with explained(progress.store.label), writing(progress.store.engine).begin() as connection:
        connection.execute(delete(settings).where(mine))
        connection.execute(insert(settings).values(**row))


def exported(progress: Progress) -> dict[str, Any]:
    """Everything that is kept of the user, as plain data."""
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        mine = select(sessions).where(sessions.c.username == progress.user).order_by(sessions.c.id)
        found = connection.execute(mine).mappings().all()
        told = {}
        for row in found:
            query = select(events.c.event).where(events.c.session_id == row["id"])
            texts = connection.execute(query.order_by(events.c.sequence)).scalars()
            told[row["id"]] = [json.loads(text) for text in texts]
        set_once = select(settings.c.name, settings.c.value)
        chosen = connection.execute(set_once.where(settings.c.username == progress.user)).all()
        came_back = select(returned.c.place, returned.c.at, returned.c.value)
        forms = connection.execute(came_back.where(returned.c.username == progress.user)).mappings()
        kept_forms = [_plain({**row, "value": json.loads(row["value"])}) for row in forms]
    return {
        "product": "mockexam",
        "schema_version": 1,
        "user": progress.user,
        "settings": {row.name: row.value for row in chosen},
        "sessions": [{**_plain(row), "events": told[row["id"]]} for row in found],
        "attempts": [_plain(vars(tried)) for tried in all_attempts(progress)],
        "returned_forms": kept_forms,
        "cards": [card.model_dump(mode="json") for card in all_cards(progress).values()],
    }


def erase(progress: Progress) -> int:
    """Delete everything that is kept of the user; returns how many sessions there were."""
    own = select(sessions.c.id).where(sessions.c.username == progress.user)
    sqlite = progress.store.engine.dialect.name == "sqlite"
    with explained(progress.store.label), writing(progress.store.engine).begin() as connection:
        if sqlite:
            # Deleted rows are overwritten, not only left out.
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        count = len(connection.execute(own).scalars().all())
        for table in (events, attempts):
            connection.execute(delete(table).where(table.c.session_id.in_(own)))
        for table in (sessions, cards, settings, returned):
            connection.execute(delete(table).where(table.c.username == progress.user))
    if sqlite:
        with explained(progress.store.label), progress.store.engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count


def _append(connection: Connection, number: int, length: int, happened: Sequence[Event]) -> None:
    rows = [
        {"session_id": number, "sequence": length + place, "event": event.model_dump_json()}
        for place, event in enumerate(happened)
    ]
    connection.execute(insert(events), rows)


def _keep_attempts(
    connection: Connection, user: str, number: int, state: State, happened: Sequence[Event]
) -> None:
    """The rows of the parts that something happened to, as they stand now."""
    known = reached(state)
    touched = {event.label for event in happened if hasattr(event, "label")}
    for label in sorted(touched):
        found = state.find(label)
        part_state = state.parts[label]
        if found is None or not (part_state.attempts or part_state.settled):
            continue
        item, part = found
        came = outcome(part, part_state)
        counted = part_state.counted or part_state.last
        mine = (attempts.c.session_id == number) & (attempts.c.label == label)
        connection.execute(delete(attempts).where(mine))
        connection.execute(
            insert(attempts).values(
                session_id=number,
                label=label,
                username=user,
                mode=state.mode,
                question=item.question,
                part=part.label,
                seed=item.seed,
                lecture=item.lecture,
                topic=item.topic,
                at=counted.at if counted is not None else part_state.touched or state.last_at,
                verdict=came.verdict,
                max_points=part.points,
                points=came.points if item.number in known else None,
                mistake=came.mistake,
                hints=came.hints,
                shown=came.shown,
                self_marked=came.self_marked,
                sure=came.sure,
                seconds=came.seconds,
            )
        )


def _keep_card(connection: Connection, user: str, event: Rated, exam: date | None) -> None:
    mine = (cards.c.username == user) & (cards.c.question == event.question)
    text = connection.execute(select(cards.c.card).where(mine)).scalar_one_or_none()
    before = None if text is None else Card.model_validate_json(text)
    after = reviewed(before, event.question, event.rating, event.at, exam)
    connection.execute(delete(cards).where(mine))
    connection.execute(
        insert(cards).values(
            username=user, question=event.question, due=after.due, card=after.model_dump_json()
        )
    )


def _exam_date(connection: Connection, user: str) -> date | None:
    query = select(settings.c.value).where(
        settings.c.username == user, settings.c.name == EXAM_DATE
    )
    text = connection.execute(query).scalar_one_or_none()
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_input(
            "bad-date",
            f"the exam's date in the store is no date: {text}",
            hint="set it again: quiz --exam-date YYYY-MM-DD",
        ) from None


def _plain(row: Any) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in dict(row).items()}
