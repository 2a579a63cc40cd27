"""Does the store hold what was recorded? Bytes against hashes, reports against columns, boards against the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from leaderboard.boards import built_board, kept_board
from leaderboard.database import explained
from leaderboard.erasure import TOMBSTONE
from leaderboard.log import results_by_user
from leaderboard.lost_results import lost_results
from leaderboard.ranking import Board, Plan
from leaderboard.report_facts import check_owner, read_report
from leaderboard.report_sums import wrong_sums
from leaderboard.standings import kept_configuration, standings_of
from leaderboard.store import Store
from leaderboard.tables import contents, entrants, metadata, results, standings, submissions
from question_bank.diagnostics import Diagnostic, InputError, Where

FROM_BACKUP = "restore it from a backup: leaderboard restore FILE fills an empty store"
BUILD_ANEW = "leaderboard rebuild makes it anew from the log"
CONTENTS_AT_ONCE = 8
REPORTS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what is wrong. `open_submissions` have no result: refused, or never graded."""

    counts: dict[str, int]
    boards: int
    open_submissions: int
    findings: tuple[Diagnostic, ...]


def verify(store: Store) -> Verified:
    """Look at everything in the store, without changing it; all of it is of one moment."""
    with explained(store.label), store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        damaged = [*_file(connection, store.label)]
        if damaged:
            return Verified({}, 0, 0, tuple(damaged))
        where = Where(store.label)
        findings = [
            *_rows_without_their_owners(connection, where),
            *_contents(connection, where),
            *_reports(connection, where),
            *lost_results(connection, where, FROM_BACKUP),
            *_entrants(connection, where),
        ]
        boards = 0
        try:
            configuration = kept_configuration(connection)
        except InputError as error:
            first = error.diagnostics[0]
            hint = "leaderboard configure FILE keeps another"
            findings.append(Diagnostic("bad-boards", first.render(), where, hint))
        else:
            names = connection.execute(select(entrants.c.assignment).distinct()).scalars().all()
            planned = [plan for name in sorted(names) for plan in configuration.plans_of(name)]
            for plan in planned:
                boards += 1
                findings += _board(connection, where, plan)
            findings += _strays(connection, where, {plan.key for plan in planned})
        if any(each.code == "result-lost" for each in findings):
            # What was built anew from a log with gaps would hide them.
            findings = [
                replace(each, hint=FROM_BACKUP) if each.hint == BUILD_ANEW else each
                for each in findings
            ]
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (contents, submissions, results)
        }
        graded = select(results.c.id).where(results.c.submission_id == submissions.c.id).exists()
        open_ones = select(func.count()).select_from(submissions).where(~graded)
        waiting = connection.execute(open_ones).scalar_one()
    return Verified(counts, boards, waiting, tuple(findings))


def _file(connection: Connection, label: str) -> Iterator[Diagnostic]:
    if connection.dialect.name != "sqlite":
        return
    said = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
    if list(said) != ["ok"]:
        yield Diagnostic("damaged", f"the file is damaged: {said[0]}", Where(label), FROM_BACKUP)
    for table, row, owner, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        message = f"row {row} of {table} lacks its row of {owner}"
        yield Diagnostic("orphan", message, Where(label), FROM_BACKUP)


def _rows_without_their_owners(connection: Connection, where: Where) -> Iterator[Diagnostic]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield from _orphans(connection, where, table, column, key.column)


def _orphans(
    connection: Connection, where: Where, table: Table, column: Column[Any], owner: Column[Any]
) -> Iterator[Diagnostic]:
    there = select(owner).where(owner == column).exists()
    query = select(column).where(column.is_not(None), ~there)
    lost = connection.execute(query.limit(3)).scalars().all()
    if lost:
        named = ", ".join(str(each)[:16] for each in lost)
        message = f"rows of {table.name} lack their row of {owner.table.name}: {named}"
        cure = BUILD_ANEW if table is standings else FROM_BACKUP
        yield Diagnostic("orphan", message, where, cure)


def _contents(connection: Connection, where: Where) -> Iterator[Diagnostic]:
    query = select(contents).execution_options(yield_per=CONTENTS_AT_ONCE)
    for row in connection.execute(query):
        if row.erased_at is not None:
            if row.bytes:
                message = f"{row.sha256[:16]} is said to be erased, and its bytes are there"
                yield Diagnostic("not-erased", message, where, "erase the user again")
            continue
        found = bytes(row.bytes)
        if hashlib.sha256(found).hexdigest() != row.sha256 or len(found) != row.size:
            whose = connection.execute(
                select(submissions.c.id).where(submissions.c.sha256 == row.sha256).limit(1)
            ).scalar()
            owner = "a key" if whose is None else f"submission {whose}"
            message = (
                f"the bytes of {owner} are not those that came in (SHA-256 {row.sha256[:16]}...)"
            )
            yield Diagnostic("bytes-changed", message, where, FROM_BACKUP)


def _reports(connection: Connection, where: Where) -> Iterator[Diagnostic]:
    query = (
        select(results, submissions.c.username, submissions.c.assignment)
        .join(submissions, submissions.c.id == results.c.submission_id)
        .order_by(results.c.submission_id, results.c.sequence)
        .execution_options(yield_per=REPORTS_AT_ONCE)
    )
    before, number = None, 0
    for row in connection.execute(query):
        number = number + 1 if row.submission_id == before else 1
        before = row.submission_id
        what = f"result {row.sequence} of submission {row.submission_id}"
        if row.sequence != number:
            yield Diagnostic(
                "gap", f"{what} comes where {number} should: one is missing", where, FROM_BACKUP
            )
            number = row.sequence
        problem = _wrong_in(row)
        if problem is not None:
            yield Diagnostic("report-changed", f"{what}: {problem}", where, FROM_BACKUP)


def _wrong_in(row: Any) -> str | None:
    try:
        report = json.loads(row.report)
        facts = read_report(report)
        check_owner(report, row.username, row.assignment)
        # Of an erased one the checks are gone, and what they came to stays.
        erased = "erased" in report and TOMBSTONE.match(row.username)
        sums = [] if erased else wrong_sums(report)
    except ValueError as error:
        return f"its report cannot be read ({error})"
    for column, value in facts.items():
        if getattr(row, column) != value:
            return f"{column} is not what its report says"
    return f"its report does not add up: {'; '.join(sums)}" if sums else None


def _entrants(connection: Connection, where: Where) -> Iterator[Diagnostic]:
    graded = select(results.c.id).where(results.c.submission_id == submissions.c.id).exists()
    who = select(submissions.c.assignment, submissions.c.username).distinct()
    expected = {tuple(row): False for row in connection.execute(who)}
    expected |= {tuple(row): True for row in connection.execute(who.where(graded))}
    kept = connection.execute(select(entrants))
    if {(assignment, user): graded for assignment, user, graded in kept} != expected:
        message = "the list of who handed in is not what the submissions say"
        yield Diagnostic("entrants-differ", message, where, BUILD_ANEW)


def _board(connection: Connection, where: Where, plan: Plan) -> Iterator[Diagnostic]:
    kept, built = kept_board(connection, plan), built_board(connection, plan)
    if kept != built:
        yield Diagnostic("board-differs", _difference(kept, built), where, BUILD_ANEW)
        return
    # What the board does not show: of `best` and `last` it is ranked by one.
    query = select(standings).where(standings.c.board == plan.key)
    there = {frozenset(row.items()) for row in connection.execute(query).mappings()}
    expected = {
        frozenset(row.items())
        for _, log in results_by_user(connection, plan.assignment)
        for row in standings_of(plan, log)
    }
    if there != expected:
        message = f'what is kept for the board "{plan.name}" is not what the log says'
        yield Diagnostic("standings-differ", message, where, BUILD_ANEW)


def _strays(connection: Connection, where: Where, planned: set[str]) -> Iterator[Diagnostic]:
    kept = connection.execute(select(standings.c.board).distinct()).scalars()
    strays = sorted(set(kept) - planned)
    if strays:
        message = f"standings are kept for a board that is not planned: {strays[0]}"
        yield Diagnostic("stray-board", message, where, BUILD_ANEW)


def _difference(kept: Board, built: Board) -> str:
    name = built.name
    for one, other in zip(kept.entries, built.entries, strict=False):
        if one != other:
            return (
                f'the board "{name}" has {one.row.user} at #{one.rank} ({_points(one)}), where the log'
                f" has {other.row.user} at #{other.rank} ({_points(other)})"
            )
    if len(kept.entries) != len(built.entries):
        counts = f"{len(kept.entries)} users, where the log has {len(built.entries)}"
        return f'the board "{name}" has {counts}'
    return f'the board "{name}" has others without a rank than the log'


def _points(entry: Any) -> str:
    from leaderboard.points import printed

    return f"{printed(entry.row.points)} points by submission {entry.row.submission}"
