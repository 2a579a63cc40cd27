"""Erasing a person: who they are goes, and what they handed in; their rank may stay without a name.

By default results stay under a tombstone (`erased-1`), so that nobody else's rank moves: points,
dates and passes, without bytes, their hashes, file names, messages or reasons. With `results` they go as well, and
whoever stood below moves up. Their place in the class (name, code, sign-ins) goes as well. Either way it cannot be taken back. What lies elsewhere (backups,
reports that were written to files, the record of practice) is not reached from here.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    column,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    table,
    update,
)

from leaderboard.database import explained, writing
from leaderboard.report_facts import read_report
from leaderboard.standings import hold_configuration, refresh
from leaderboard.store import Store, stored_name
from leaderboard.tables import (
    contents,
    decisions,
    entrants,
    gradings,
    marks,
    metadata,
    opinions,
    people,
    results,
    standings,
    submissions,
)
from leaderboard.traces import wipe_traces
from question_bank.diagnostics import bad_input

# The class's tables are made above us; whoever erases a person must know them all the same.
MEMBERS = table("class_members", column("username"))
SIGN_INS = table("class_sign_ins", column("username"))
ERASED_FROM = (
    *(each.name for each in metadata.sorted_tables),
    MEMBERS.name,
    SIGN_INS.name,
)
TOMBSTONE = re.compile(r"erased-(\d+)\Z")
NO_NAME = "erased"
"""Stands in place of the name of an erased submission's file."""
KEPT_OF_A_REPORT = (
    "schema_version", "submitted_at", "graded_at", "score", "max_score", "pending_points",
    "percent", "passed", "pass_mark",
)  # fmt: skip


@dataclass(frozen=True)
class Erased:
    """What was erased; `tombstone` is what the results stand under now, None where they are gone.

    person, member: whether a roster for gradebooks had them, and whether a class did. left: sentences about copies of the
    database's own that are not reached.
    """

    submissions: int
    person: bool
    member: bool
    tombstone: str | None
    left: tuple[str, ...] = ()


def erase(store: Store, user: str, *, at: datetime, with_results: bool = False) -> Erased:
    """Erase a user. InputError where nothing is known of them."""
    name = stored_name(user, "user")
    with explained(store.label), writing(store.engine).begin() as connection:
        if connection.dialect.name == "sqlite":
            # Freed pages are overwritten: else what was erased could still be read from the file.
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        # Nobody hands in bytes at the moment at which they are taken away.
        hold_configuration(connection, to_change=True)
        mine = select(submissions.c.id).where(submissions.c.username == name)
        lock = select(entrants.c.assignment).where(entrants.c.username == name)
        tasks = connection.execute(lock.with_for_update()).scalars().all()
        count = connection.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
        person = connection.execute(delete(people).where(people.c.username == name)).rowcount > 0
        member = _left_the_class(connection, name)
        if not count and not person and not member:
            raise bad_input("unknown-user", f'nothing is kept of "{name}"')
        connection.execute(delete(standings).where(standings.c.username == name))
        tombstone = None
        if with_results:
            _delete(connection, name, mine, at)
        elif count:
            tombstone = _bury(connection, name, mine, at)
        connection.execute(delete(entrants).where(entrants.c.username == name))
        if tombstone is not None:
            for assignment in tasks:
                row = {"assignment": assignment, "username": tombstone, "graded": False}
                connection.execute(insert(entrants), row)
                refresh(connection, tombstone, assignment)
    return Erased(count, person, member, tombstone, wipe_traces(store, ERASED_FROM))


def _delete(connection: Connection, name: str, mine: Any, at: datetime) -> None:
    hashes = select(submissions.c.sha256).where(submissions.c.username == name)
    gone = connection.execute(hashes).scalars().all()
    for each in (marks, opinions, decisions, gradings, results):
        connection.execute(delete(each).where(each.c.submission_id.in_(mine)))
    connection.execute(delete(submissions).where(submissions.c.username == name))
    _erase_contents(connection, set(gone), at)


def _bury(connection: Connection, name: str, mine: Any, at: datetime) -> str:
    used = connection.execute(
        select(entrants.c.username).distinct().where(entrants.c.username.like("erased-%"))
    ).scalars()
    numbers = [int(found[1]) for user in used if (found := TOMBSTONE.match(user))]
    tombstone = f"erased-{max(numbers, default=0) + 1}"
    for each in (marks, opinions):
        connection.execute(update(each).where(each.c.submission_id.in_(mine)).values(note=""))
    # What still waited to be graded has no bytes any more.
    connection.execute(delete(gradings).where(gradings.c.submission_id.in_(mine)))
    connection.execute(
        update(decisions).where(decisions.c.submission_id.in_(mine)).values(reason="")
    )
    rows = connection.execute(
        select(results.c.id, results.c.sequence, results.c.report, submissions.c.assignment)
        .join(submissions, submissions.c.id == results.c.submission_id)
        .where(submissions.c.username == name)
    ).all()
    for row in rows:
        bare = _bare(json.loads(row.report), tombstone, row.assignment, row.sequence)
        connection.execute(
            update(results).where(results.c.id == row.id).values(**read_report(bare))
        )
    hashes = select(submissions.c.sha256).where(submissions.c.username == name)
    own = connection.execute(hashes).scalars().all()
    connection.execute(
        update(submissions)
        .where(submissions.c.username == name)
        .values(username=tombstone, filename=NO_NAME)
    )
    _erase_contents(connection, set(own), at)
    return tombstone


def _erase_contents(connection: Connection, hashes: set[str], at: datetime) -> None:
    """Take away the bytes that nobody has handed in any more but who is erased."""
    same = submissions.c.sha256 == contents.c.sha256
    erased = submissions.c.username.like("erased-%") & (submissions.c.filename == NO_NAME)
    for sha256 in hashes:
        mine = contents.c.sha256 == sha256
        connection.execute(delete(contents).where(mine, ~exists().where(same)))
        connection.execute(
            update(contents)
            .where(mine, ~exists().where(same, ~erased))
            .values(bytes=b"", erased_at=at)
        )
    _forget_hashes(connection)


def _forget_hashes(connection: Connection) -> None:
    """Give every erased content a random name in place of its hash, which stands on a receipt, and no size.

    Those too that were erased when hashes were kept.
    """
    query = select(contents.c.sha256, contents.c.erased_at).where(
        contents.c.erased_at.is_not(None), contents.c.size > 0
    )
    for sha256, erased_at in connection.execute(query).all():
        name = secrets.token_hex(32)
        row = {"sha256": name, "size": 0, "bytes": b"", "erased_at": erased_at}
        connection.execute(insert(contents), row)
        connection.execute(
            update(submissions).where(submissions.c.sha256 == sha256).values(sha256=name)
        )
        connection.execute(delete(contents).where(contents.c.sha256 == sha256))


def _bare(report: dict[str, Any], user: str, assignment: str, sequence: int) -> dict[str, Any]:
    """What a rank needs of a report. The number of the result keeps equal ones apart."""
    kept = {key: report[key] for key in KEPT_OF_A_REPORT if key in report}
    return {**kept, "user": user, "assignment": assignment, "erased": sequence, "checks": []}


def _left_the_class(connection: Connection, user: str) -> bool:
    """Take a user off the class, where the store holds one: name, code, and the times of signing in."""
    if not inspect(connection).has_table(MEMBERS.name):
        return False
    connection.execute(delete(SIGN_INS).where(SIGN_INS.c.username == user))
    return connection.execute(delete(MEMBERS).where(MEMBERS.c.username == user)).rowcount > 0
