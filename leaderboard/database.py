"""Opening the database: where it lies, how it is set up, and what its errors mean to a person."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from leaderboard.tables import Group
from leaderboard.versions import prepare_schema
from question_bank.diagnostics import InputError, Where, bad_input

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_S = 30.0
KEPT_OPEN = 8
"""Connections to SQLite that a server keeps; more are opened where more are needed at once."""


def data_folder() -> Path:
    """$MOCKEXAM_HOME, or the user's data folder `mockexam` where it is not set."""
    home = os.environ.get("MOCKEXAM_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("mockexam"))


def database_url(url: str | None = None) -> URL:
    """The address of the store: the argument, else DATABASE_URL, else SQLite in the data folder."""
    given = url or os.environ.get("DATABASE_URL")
    if not given:
        return URL.create("sqlite", database=str(data_folder().absolute() / "mockexam.db"))
    try:
        parsed = make_url(given)
    except (ArgumentError, ValueError):
        # Not echoed: it may hold a password.
        raise bad_input(
            "store-address",
            "DATABASE_URL cannot be read as a database address",
            hint="like postgresql://user:password@host:5432/name, or sqlite:////folder/file.db",
        ) from None
    kind = parsed.get_backend_name()
    if kind in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise bad_input("store-address", "a store in memory keeps nothing; name a file")
        return parsed.set(drivername="sqlite")
    raise bad_input(
        "store-address",
        f"{kind} is no database that the store can use",
        hint="SQLite (the default) or PostgreSQL",
    )


def describe(url: URL) -> str:
    """The store's name in messages: the file, or the address without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def connect(url: URL, *, must_exist: bool, group: Group, lasting: bool = False) -> Engine:
    """An engine on a store where the group's tables are there, of a version that this program knows.

    lasting: connections to SQLite stay open for the next use, as a server wants it; the process must not fork.
    must_exist: raise `no-store` instead of creating an SQLite file. InputError for whatever a
    person can cure: folder or file not usable, not a database, a newer schema, a server that does
    not answer.
    """
    label = describe(url)
    if url.get_backend_name() == "sqlite":
        _prepare_file(Path(str(url.database)), group, must_exist=must_exist)
        engine = _sqlite_engine(url, lasting=lasting)
    else:
        engine = _postgresql_engine(url)
    try:
        with explained(label):
            prepare_schema(engine, group, label)
    except BaseException:
        engine.dispose()
        raise
    return engine


def plain_rows(
    connection: Connection, query: str, values: tuple[Any, ...] = (), *, at_once: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver gives them, for where thousands of them are to take milliseconds.

    `?` stands for a value on either database. Nothing is converted: SQLite's truth is a number.
    at_once: so many are held at a time; None reads all of them first, which is quicker for few.
    """
    raw: Any = connection.connection
    server = connection.dialect.name == "postgresql"
    cursor = raw.cursor("plain_rows") if server and at_once else raw.cursor()
    try:
        cursor.execute(query.replace("?", "%s") if server else query, values)
        while rows := cursor.fetchmany(at_once) if at_once else cursor.fetchall():
            yield from rows
    finally:
        cursor.close()


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write: SQLite takes its write lock at their start."""
    return engine.execution_options(writes=True)


def _sqlite_engine(url: URL, *, lasting: bool) -> Engine:
    # Else no pool: a connection that lives on across a fork would corrupt the file's locks.
    settings: dict[str, Any] = {"poolclass": NullPool}
    if lasting:
        settings = {"poolclass": QueuePool, "pool_size": KEPT_OPEN, "max_overflow": -1}
    patience = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    engine = create_engine(url, connect_args=patience, **settings)
    # Threads that write take turns here: SQLite itself lets them sleep and try again, and the unlucky one waits long.
    turns = Lock()

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        del record
        # The driver's own BEGIN comes too late (before the first write): two transactions that both
        # read first could then not be put in order. `begin` below sends it instead.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        _use_wal(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        if writes:
            connection.info["turn"] = turns.acquire(timeout=BUSY_TIMEOUT_S)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "checkin")
    def end_turn(connection: Any, record: Any) -> None:
        del connection
        if record.info.pop("turn", False):
            turns.release()

    return engine


def _use_wal(connection: Any) -> None:
    # The switch to WAL needs the file alone, and SQLite does not wait for that: processes that
    # start together on a new file would fail here.
    patience = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(0.02)
        else:
            return


def _postgresql_engine(url: URL) -> Engine:
    # A server that goes away in the middle is told in one line, not by these libraries' tracebacks.
    for name in ("sqlalchemy", "psycopg"):
        if not logging.getLogger(name).handlers:
            logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ImportError, NoSuchModuleError):
        raise bad_input(
            "no-postgresql-driver",
            "DATABASE_URL names PostgreSQL, and its driver psycopg is not installed",
            hint='pip install "mockexam[postgresql]"',
        ) from None


def _prepare_file(path: Path, group: Group, *, must_exist: bool) -> None:
    where = Where(str(path))
    try:
        if must_exist and not path.exists():
            raise bad_input("no-store", group.absent, where=where, hint=group.cure)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            # It will hold what students handed in: readable by its owner alone, from the first byte on.
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        _check_writable(path)
    except OSError as error:
        raise bad_input(
            "store-unusable",
            f"the store cannot be opened for writing: {error.strerror}",
            where=where,
            hint="MOCKEXAM_HOME names another folder",
        ) from None


def _check_writable(path: Path) -> None:
    """Raise OSError where a file cannot be written to.

    Never by opening it: closing a file gives up every lock that this process has on it, SQLite's included, and the next
    process that leaves the store would delete a log that is still written to.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def explained(label: str) -> Iterator[None]:
    """Turn the database's own errors into one clear line; faults of this program pass through."""
    try:
        yield
    except DBAPIError as error:
        known = _known(error, label)
        if known is None:
            raise
        raise known from error


def _known(error: DBAPIError, label: str) -> InputError | None:
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
    where = Where(label)
    signs: tuple[tuple[str, str, str, str | None], ...] = (
        ("not a database", "not-a-store", "this file is not a database", None),
        (
            "malformed",
            "store-damaged",
            "the database is damaged",
            "restore it from a backup; nothing was changed",
        ),
        (
            "readonly database",
            "store-unusable",
            "the store cannot be written to",
            "SQLite writes beside the file as well: its folder must be writable",
        ),
        (
            "unable to open",
            "store-unusable",
            "the store cannot be opened",
            "SQLite writes beside the file as well: its folder must be writable",
        ),
        (
            "database is locked",
            "store-busy",
            f"another process held the store for more than {BUSY_TIMEOUT_S:.0f} s",
            "try again; nothing was recorded",
        ),
        ("is full", "store-full", "the disk is full", "nothing was recorded"),
    )
    for sign, code, message, hint in signs:
        if sign in text:
            return bad_input(code, message, where=where, hint=hint)
    if error.connection_invalidated or "connection" in text.lower():
        return bad_input("store-unreachable", f"the server cannot be reached: {text}", where=where)
    return None
