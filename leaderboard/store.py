"""The store: what was handed in and what came of it. Nothing is lost, nothing is doubled.

A submission is kept before it is graded, a result is appended once, and each user's best and last
result are written in the same transaction, so that a process killed at any moment leaves either all
of a step or nothing of it.

    store = open_store()
    submission = record_submission(store, user="w0256", assignment="exercise_3", content=data,
                                   filename="w0256.zip", received_at=datetime.now(UTC))
    record_result(store, submission, report)     # True; the same again: False
    boards.board(store, "exercise_3")
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from leaderboard.database import connect, database_url, describe, explained, writing
from leaderboard.migrations import RESULTS
from leaderboard.report_facts import check_owner, read_report
from leaderboard.standings import hold_configuration, hold_entrant, refresh
from leaderboard.tables import contents, entrants, results, submissions
from question_bank.diagnostics import bad_input

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LARGEST_SUBMISSION = 512 * 1024 * 1024  # bytes; both databases hold it in one value
LONGEST_NAME = 200  # characters
# What was refused before anyone could tell its assignment is kept under this name: it has no board.
UNASSIGNED = "unassigned"


@dataclass(frozen=True)
class Store:
    """An open store. `label` names it in messages: the file, or the server's address."""

    engine: Engine
    label: str

    def close(self) -> None:
        """Let go of the database's connections."""
        self.engine.dispose()


@dataclass(frozen=True)
class Graded:
    """A submission that has a result."""

    number: int
    user: str
    filename: str
    received_at: datetime


@dataclass(frozen=True)
class Known:
    """A submission in the store: its number, whether it has a result, and when it came in."""

    number: int
    has_result: bool
    received_at: datetime


def open_store(url: str | None = None, *, must_exist: bool = False) -> Store:
    """Open the store, and create it where there is none.

    url: a database address; None means DATABASE_URL, else SQLite at $MOCKEXAM_HOME/mockexam.db,
    else in the user's data folder. must_exist: do not create an SQLite file that is not there (for
    readers). InputError for an address, file or server that cannot be used, and for a store of a
    newer version.
    """
    address = database_url(url)
    engine = connect(address, must_exist=must_exist, group=RESULTS)
    return Store(engine, describe(address))


def record_submission(
    store: Store,
    *,
    user: str,
    assignment: str,
    filename: str,
    content: bytes,
    received_at: datetime,
) -> int:
    """Keep a submission, before anything else is done with it; returns its number.

    The bytes are kept once per SHA-256. `received_at` is the time of intake, with a zone
    (ValueError without). InputError for a user or assignment that is empty or too long, and for
    oversized content.
    """
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection)
        return keep_submission(
            connection,
            user=user,
            assignment=assignment,
            filename=filename,
            content=content,
            received_at=received_at,
        )


def keep_submission(
    connection: Connection,
    *,
    user: str,
    assignment: str,
    filename: str,
    content: bytes,
    received_at: datetime,
) -> int:
    """`record_submission` within a transaction that holds the configuration."""
    if received_at.tzinfo is None:
        raise ValueError("received_at has no time zone")
    if len(content) > LARGEST_SUBMISSION:
        raise bad_input(
            "submission-too-large",
            f"the submission has {len(content)} bytes; the store takes up to {LARGEST_SUBMISSION}",
        )
    digest = hashlib.sha256(content).hexdigest()
    _keep(connection, digest, content)
    entrant = keep_entrant(connection, user, assignment)
    added = connection.execute(
        insert(submissions)
        .values(**entrant, filename=_filename(filename), sha256=digest, received_at=received_at)
        .returning(submissions.c.id)
    )
    number: int = added.scalar_one()
    return number


def keep_entrant(connection: Connection, user: str, assignment: str) -> dict[str, str]:
    """See to the row of a user who hands in for an assignment; both names as they are kept. InputError for bad ones."""
    entrant = {
        "username": stored_name(user, "user"),
        "assignment": stored_name(assignment, "assignment"),
    }
    _insert_once(connection, entrants, entrant, {"graded": False})
    return entrant


def record_result(store: Store, submission_id: int, report: Mapping[str, Any]) -> bool:
    """Append the result of a submission; True when it is new.

    False, and nothing changed, when the same result already stands: the same outcome as the last
    one (a repeated grading differs only in its circumstances, such as the time it took), or a
    report that is already in the log word for word. A report with another outcome is appended and
    counts from then on; the earlier ones stay.

    LookupError for an unknown submission, ValueError for a report that is not one or belongs to
    another user or assignment.
    """
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection)
        return append_result(connection, submission_id, report)


def append_result(connection: Connection, submission_id: int, report: Mapping[str, Any]) -> bool:
    """`record_result` within a transaction that holds the configuration."""
    facts = read_report(report)
    owner = connection.execute(
        select(submissions.c.username, submissions.c.assignment).where(
            submissions.c.id == submission_id
        )
    ).one_or_none()
    if owner is None:
        raise LookupError(f"no submission {submission_id} in the store")
    check_owner(report, owner.username, owner.assignment)
    hold_entrant(connection, owner.username, owner.assignment)
    log = connection.execute(
        select(results.c.sequence, results.c.outcome_sha256, results.c.report_sha256)
        .where(results.c.submission_id == submission_id)
        .order_by(results.c.sequence)
    ).all()
    if log and log[-1].outcome_sha256 == facts["outcome_sha256"]:
        return False
    if any(entry.report_sha256 == facts["report_sha256"] for entry in log):
        return False
    connection.execute(
        insert(results).values(submission_id=submission_id, sequence=len(log) + 1, **facts)
    )
    refresh(connection, owner.username, owner.assignment)
    return True


def known_submission(
    store: Store, *, user: str, assignment: str, content_sha256: str
) -> Known | None:
    """The submission of these bytes by this user that has a result, else the last one; None if there is none."""
    has_result = select(results.c.id).where(results.c.submission_id == submissions.c.id).exists()
    query = (
        select(submissions.c.id, has_result, submissions.c.received_at)
        .where(
            submissions.c.username == stored_name(user, "user"),
            submissions.c.assignment == stored_name(assignment, "assignment"),
            submissions.c.sha256 == content_sha256,
        )
        .order_by(has_result.desc(), submissions.c.id.desc())
        .limit(1)
    )
    with explained(store.label), store.engine.connect() as connection:
        found = connection.execute(query).one_or_none()
    return None if found is None else Known(found[0], bool(found[1]), found[2])


def graded_submissions(store: Store, assignment: str) -> tuple[Graded, ...]:
    """The submissions of an assignment that have a result, in the order in which they came in."""
    has_result = select(results.c.id).where(results.c.submission_id == submissions.c.id).exists()
    query = (
        select(submissions)
        .where(submissions.c.assignment == stored_name(assignment, "assignment"), has_result)
        .order_by(submissions.c.id)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return tuple(Graded(row.id, row.username, row.filename, row.received_at) for row in rows)


def keep_content(store: Store, content: bytes) -> str:
    """Keep what results depend on, such as a key; returns its SHA-256, which `content` finds it by."""
    digest = hashlib.sha256(content).hexdigest()
    with explained(store.label), writing(store.engine).begin() as connection:
        _keep(connection, digest, content)
    return digest


def content(store: Store, sha256: str) -> bytes:
    """What was kept under this SHA-256. LookupError where nothing was."""
    query = select(contents.c.bytes).where(contents.c.sha256 == sha256)
    with explained(store.label), store.engine.connect() as connection:
        found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise LookupError(f"nothing is kept under {sha256}")
    return bytes(found)


def submission_content(store: Store, submission_id: int) -> bytes:
    """The bytes of a submission, as they came in. LookupError for an unknown one."""
    query = (
        select(contents.c.bytes)
        .join(submissions, submissions.c.sha256 == contents.c.sha256)
        .where(submissions.c.id == submission_id)
    )
    with explained(store.label), store.engine.connect() as connection:
        found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise LookupError(f"no submission {submission_id} in the store")
    return bytes(found)


def reports(store: Store, submission_id: int) -> tuple[dict[str, Any], ...]:
    """Every report of a submission, oldest first; the last one stands."""
    query = (
        select(results.c.report)
        .where(results.c.submission_id == submission_id)
        .order_by(results.c.sequence)
    )
    with explained(store.label), store.engine.connect() as connection:
        return tuple(json.loads(text) for text in connection.execute(query).scalars())


def dated_reports(store: Store, submission_id: int) -> tuple[tuple[datetime, dict[str, Any]], ...]:
    """Every report of a submission with the moment from which it stood, oldest first."""
    query = (
        select(results.c.graded_at, results.c.report)
        .where(results.c.submission_id == submission_id)
        .order_by(results.c.sequence)
    )
    with explained(store.label), store.engine.connect() as connection:
        return tuple((at, json.loads(text)) for at, text in connection.execute(query))


def _keep(connection: Connection, digest: str, content: bytes) -> None:
    _insert_once(connection, contents, {"sha256": digest}, {"size": len(content), "bytes": content})
    # Bytes that were erased for one person may come in again from another.
    connection.execute(
        update(contents)
        .where(contents.c.sha256 == digest, contents.c.erased_at.is_not(None))
        .values(bytes=content, erased_at=None)
    )


def _insert_once(
    connection: Connection, table: Table, key: Mapping[str, Any], rest: Mapping[str, Any]
) -> None:
    """Insert a row unless its key is there, also when another process inserts it at this moment."""
    look = select(*(table.c[name] for name in key)).where(
        *(table.c[name] == value for name, value in key.items())
    )
    if connection.execute(look).first():
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**key, **rest))
    except IntegrityError:
        if not connection.execute(look).first():
            raise


def stored_name(text: str, kind: str) -> str:
    """A user's or assignment's name as kept: in one Unicode form, so that equal is equal."""
    name = unicodedata.normalize("NFC", text).strip()
    problem = None
    if not name:
        problem = "is empty"
    elif len(name) > LONGEST_NAME:
        problem = f"has {len(name)} characters; {LONGEST_NAME} is the most"
    elif any(char == "\0" or "\ud800" <= char <= "\udfff" for char in name):
        problem = "holds characters that are no text"
    if problem:
        raise bad_input(f"bad-{kind}", f"the name of the {kind} {problem}")
    return name


def _filename(text: str) -> str:
    # Kept for people to read, never opened: whatever it holds must not stand in the way of intake.
    clean = text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")
    return clean[-255:]
