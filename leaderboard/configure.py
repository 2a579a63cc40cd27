"""Keeping another file of boards: every board is built anew from the log, in the same step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from leaderboard.configuration import read_configuration
from leaderboard.database import explained, writing
from leaderboard.standings import hold_configuration, rebuild
from leaderboard.store import Store, stored_name
from leaderboard.tables import boards


def keep_boards(store: Store, text: str, *, file: str, by: str, at: datetime) -> None:
    """Keep a file of boards and rebuild every board under it; the earlier files stay in the store.

    `file` names it in messages. InputError with everything that is wrong in it.
    """
    read_configuration(text, file)
    row = {"kept_at": at, "kept_by": stored_name(by, "person who decides"), "file": text}
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection, to_change=True)
        connection.execute(insert(boards), row)
        rebuild(connection)


def kept_text(store: Store) -> str:
    """The file of boards that is kept, as it was given."""
    query = select(boards.c.file).order_by(boards.c.id.desc()).limit(1)
    with explained(store.label), store.engine.connect() as connection:
        return str(connection.execute(query).scalar_one())


def rebuild_boards(store: Store) -> None:
    """Build everything anew that follows from the log."""
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection, to_change=True)
        rebuild(connection)
