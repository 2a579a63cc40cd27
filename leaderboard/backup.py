"""A backup that is consistent while others write, and the way back from it.

A backup is an SQLite file, whatever the store is: it opens as a store (`DATABASE_URL=sqlite:///FILE`),
and `restore` fills an empty store from it, on either database. So it is also how a course moves from
one to the other.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from leaderboard.copying import copy_store, is_empty
from leaderboard.database import explained, writing
from leaderboard.store import Store, open_store
from leaderboard.tables import metadata, schema
from question_bank.diagnostics import InputError, Where, bad_input


def backup(store: Store, path: Path) -> dict[str, int]:
    """Write a backup and look into it; returns the rows of each table. The file appears whole or not at all.

    InputError where the place cannot be written to, and where what was written cannot be read back.
    """
    with _beside(path) as beside:
        if store.engine.dialect.name == "sqlite":
            with explained(store.label), closing(sqlite3.connect(store.label)) as source:
                source.execute("PRAGMA busy_timeout = 30000")
                source.execute("VACUUM INTO ?", (str(beside),))
        else:
            _from_server(store, beside)
        counts = _checked(beside, path)
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    return counts


def restore(store: Store, path: Path) -> dict[str, int]:
    """Fill an empty store from a backup, which stays as it is; returns the rows of each table.

    InputError where the file is no backup, and where the store holds something already.
    """
    with opened_backup(path) as source:
        return fill(store, source)


def fill(store: Store, source: Store) -> dict[str, int]:
    """Fill an empty store from another one. InputError where it holds something already."""
    with (
        explained(store.label),
        source.engine.connect() as read,
        writing(store.engine).begin() as connection,
    ):
        if not is_empty(connection):
            raise bad_input(
                "not-empty",
                "the store holds something already",
                where=Where(store.label),
                hint="MOCKEXAM_HOME or DATABASE_URL names an empty one",
            )
        return copy_store(read, connection)


@contextmanager
def opened_backup(path: Path) -> Iterator[Store]:
    """A backup, looked into and opened. InputError, which names the file, where it is none or is broken."""
    where = Where(str(path))
    if not path.is_file():
        raise bad_input("no-backup", "there is no such file", where=where)
    with tempfile.TemporaryDirectory(prefix="mockexam-restore-") as folder:
        # A copy: opening an older backup brings it up to the tables of today.
        copy = Path(folder) / "store.db"
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise bad_input("no-backup", f"cannot be read: {error.strerror}", where=where) from None
        problem = _problem(copy)
        if problem is not None:
            hint = "take another backup; nothing was changed"
            raise bad_input("bad-backup", problem, where=where, hint=hint)
        try:
            source = open_store(f"sqlite:///{copy}", must_exist=True)
        except InputError as error:
            raise InputError(*(replace(each, where=where) for each in error.diagnostics)) from None
        try:
            yield source
        finally:
            source.close()


def _problem(copy: Path) -> str | None:
    """What keeps a file from being a backup that can be read; None where nothing does."""
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    try:
        with closing(sqlite3.connect(copy)) as database:
            if not database.execute(query, (schema.name,)).fetchone()[0]:
                return "this is no backup of a store"
            said = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        broken = "malformed" in str(error)
        return f"this backup is broken: {error}" if broken else "this is no backup of a store"
    return None if said == "ok" else f"this backup is broken: {said}"


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """An empty file in the same folder, for its owner alone; what is left of it at the end is removed."""
    beside = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        yield beside
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise bad_input(
            "cannot-write", f"the backup cannot be written: {reason}", where=Where(str(path))
        ) from None
    finally:
        for name in (beside, *(Path(f"{beside}{tail}") for tail in ("-wal", "-shm", "-journal"))):
            name.unlink(missing_ok=True)


def _from_server(store: Store, beside: Path) -> None:
    target = open_store(f"sqlite:///{beside}")
    try:
        with (
            explained(store.label),
            store.engine.connect() as source,
            writing(target.engine).begin() as connection,
        ):
            source.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            source.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            copy_store(source, connection)
    finally:
        target.close()


def _checked(beside: Path, path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(beside)) as copy:
        said = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        lost = copy.execute("PRAGMA foreign_key_check").fetchone()
        if said != ["ok"] or lost is not None:
            problem = said[0] if said != ["ok"] else f"a row of {lost[0]} lacks its {lost[2]}"
            raise bad_input(
                "bad-backup",
                f"the backup does not hold together ({problem}) and was not kept",
                where=Where(str(path)),
                hint="leaderboard verify says what is wrong with the store",
            )
        return {
            name: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own tables
            for name in metadata.tables
        }
