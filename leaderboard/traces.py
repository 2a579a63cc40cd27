"""The database's own copies of what was erased: journals, and rows that are only marked as gone.

What a program can reach is overwritten. What it cannot is said, since whoever erases a person answers for it. Sources:
SQLite's documentation of `wal_checkpoint` and `secure_delete`, PostgreSQL's of VACUUM and of the write-ahead log.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from leaderboard.database import explained
from leaderboard.store import Store

LOCK_S = 60
READERS = (
    "somebody reads the store at this moment, so that its journal (FILE-wal) still holds what was erased: it is gone "
    "once everything that uses the store has been stopped for a moment"
)
SERVERS_LOG = (
    "the server's log of changes (pg_wal, and its archive where there is one) holds the old rows until the server has "
    "written over it"
)
HELD = (
    "the freed pages of {tables} still hold what was erased, because somebody uses them: VACUUM FULL on the server "
    "clears them"
)


def wipe_traces(store: Store, tables: Iterable[str]) -> tuple[str, ...]:
    """Overwrite the copies of erased rows in these tables; returns sentences about those that are left."""
    with explained(store.label):
        if store.engine.dialect.name == "sqlite":
            return _emptied_journal(store)
        return _written_anew(store, tables)


def _emptied_journal(store: Store) -> tuple[str, ...]:
    # Freed pages were overwritten as they were freed (secure_delete). This waits for those who read, but not for ever.
    raw = store.engine.raw_connection()
    try:
        (row,) = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()
    return (READERS,) if row[0] else ()


def _written_anew(store: Store, tables: Iterable[str]) -> tuple[str, ...]:
    """Plain VACUUM leaves the bytes of dead rows in their pages and indexes; FULL writes both anew."""
    held = []
    engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_S}s'")
        there = set(inspect(connection).get_table_names())
        for table in sorted(there.intersection(tables)):
            try:
                # The statistics hold samples of rows, too.
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") != "55P03":  # lock_not_available
                    raise
                held.append(table)
        connection.exec_driver_sql("SET lock_timeout = DEFAULT")
    return (*((HELD.format(tables=", ".join(held)),) if held else ()), SERVERS_LOG)
