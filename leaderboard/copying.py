"""A whole store from one database to another, SQLite or PostgreSQL: for backups, and for a move."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
)

from leaderboard.tables import Id, UtcTime, contents, metadata, schema

ROWS_AT_ONCE = 1_000
CONTENTS_AT_ONCE = 8  # each may have hundreds of megabytes


def copy_store(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every table, those of practice too; returns the rows of each. The target is to be empty.

    The target has the tables of results already, at the version of this program.
    """
    counts: dict[str, int] = {}
    for table in [*metadata.sorted_tables, *_others(source)]:
        if table is schema:
            continue
        if table.metadata is not metadata:
            table.create(target, checkfirst=True)
        target.execute(delete(table))
        at_once = CONTENTS_AT_ONCE if table is contents else ROWS_AT_ONCE
        rows = source.execute(select(table).execution_options(yield_per=at_once))
        counts[table.name] = 0
        for block in rows.mappings().partitions(at_once):
            target.execute(insert(table), [dict(row) for row in block])
            counts[table.name] += len(block)
        _go_on_counting(target, table)
    return counts


def is_empty(connection: Connection) -> bool:
    """Say whether nobody handed in anything, and nobody is known."""
    names = [table.name for table in metadata.sorted_tables if table.name in ("people", "contents")]
    tables = [metadata.tables[name] for name in names]
    return not any(connection.execute(select(table).limit(1)).first() for table in tables)


def _others(source: Connection) -> Iterator[Table]:
    """The tables of the rooms above, which are not known here: as they are, in types that both databases have."""
    look = inspect(source)
    names = [name for name in look.get_table_names() if name not in metadata.tables]
    found = MetaData()
    found.reflect(source, only=names)
    portable = MetaData()
    for table in found.sorted_tables:
        keys = list(table.primary_key.columns)
        columns = [_portable(column, alone=keys == [column]) for column in table.columns]
        yield Table(table.name, portable, *columns)


def _portable(column: Column[object], *, alone: bool) -> Column[object]:
    kind = column.type.as_generic()
    if isinstance(kind, DateTime):
        wanted: object = UtcTime()
    elif isinstance(kind, Integer | BigInteger) and not isinstance(kind, Boolean):
        wanted = Id if alone else BigInteger()
    elif isinstance(kind, LargeBinary):
        wanted = LargeBinary()
    else:
        wanted = kind
    foreign = [ForeignKey(key.target_fullname) for key in column.foreign_keys]
    return Column(
        column.name,
        wanted,  # type: ignore[arg-type]
        *foreign,
        primary_key=column.primary_key,
        nullable=column.nullable,
        autoincrement="auto" if alone else False,
    )


def _go_on_counting(target: Connection, table: Table) -> None:
    """New rows of PostgreSQL are numbered after those that were copied."""
    keys = list(table.primary_key.columns)
    if target.dialect.name != "postgresql" or len(keys) != 1:
        return
    place = target.execute(select(func.pg_get_serial_sequence(table.name, keys[0].name))).scalar()
    last = target.execute(select(func.max(keys[0]))).scalar()
    if place is not None and last is not None:
        target.execute(select(func.setval(place, last)))
