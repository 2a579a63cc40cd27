"""The tables of a group in a database: made, brought up from an older version, or refused."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from leaderboard.tables import Group
from question_bank.diagnostics import Where, bad_input


def prepare_schema(engine: Engine, group: Group, label: str) -> None:
    """See to a group's tables: made where there are none, brought up where they are older.

    InputError for a store of a newer version, and for another program's tables.
    """
    version = _version(engine, group, label)
    if version is None:
        try:
            with engine.execution_options(writes=True).begin() as connection:
                # Inside the lock: another process may have made the tables since.
                if not inspect(connection).has_table(group.schema.name):
                    group.metadata.create_all(connection)
                    if group.bring_up is not None:
                        group.bring_up(connection, 0)
                    row = {"version": group.version, "since": datetime.now(UTC)}
                    connection.execute(insert(group.schema), row)
        except DBAPIError:
            # PostgreSQL lets two processes start on the same tables; the slower one fails.
            if _version(engine, group, label) is None:
                raise
        version = _version(engine, group, label)
    if version is not None and version < group.version:
        version = _brought_up(engine, group)
    if version is None or version > group.version:
        raise bad_input(
            "store-too-new",
            f"the store has schema {version}; this mockexam knows schemas up to {group.version}",
            where=Where(label),
            hint="update mockexam; nothing was changed",
        )


def _brought_up(engine: Engine, group: Group) -> int:
    """Give a store of an older version what came since: all of it or, where that fails, nothing."""
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that find the old version take turns.
            connection.exec_driver_sql(f"LOCK TABLE {group.schema.name} IN EXCLUSIVE MODE")
        known = connection.execute(select(group.schema.c.version)).scalars().all()
        if group.version not in known:
            group.metadata.create_all(connection)
            if group.bring_up is not None:
                group.bring_up(connection, max(known))
            row = {"version": group.version, "since": datetime.now(UTC)}
            connection.execute(insert(group.schema), row)
    return group.version


def _version(engine: Engine, group: Group, label: str) -> int | None:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if group.schema.name in names:
            found = connection.execute(
                select(group.schema.c.version).order_by(group.schema.c.version.desc())
            )
            return found.scalars().first()
    clash = sorted(names & set(group.metadata.tables))
    if clash:
        raise bad_input(
            "not-a-store",
            f"the database is no store of mockexam, but has a table {clash[0]}",
            where=Where(label),
        )
    return None
