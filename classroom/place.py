"""Where a class's data lie."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from classroom.tables import CLASSROOM
from leaderboard.database import connect, data_folder, database_url, describe
from leaderboard.store import Store
from leaderboard.tables import Group
from question_bank.diagnostics import Where, bad_input
from web.secret import kept_secret

SECRET = "class.secret"  # noqa: S105 - the name of a file


def data_at(folder: Path | None) -> Path:
    """The folder of the class's data: the one that is named, else MOCKEXAM_HOME, else the user's data folder."""
    return data_folder() if folder is None else folder.expanduser()


def open_class(
    folder: Path,
    groups: Sequence[Group] = (),
    *,
    must_exist: bool = False,
    lasting: bool = False,
) -> Store:
    """The store with the tables of a class and of these groups: DATABASE_URL, else mockexam.db of the folder.

    lasting: for a server, which keeps its connections. Raises InputError.
    """
    own = f"sqlite:///{(folder / 'mockexam.db').absolute()}"
    address = database_url(None if os.environ.get("DATABASE_URL") else own)
    engine = connect(address, must_exist=must_exist, group=CLASSROOM, lasting=lasting)
    for group in groups:
        connect(address, must_exist=must_exist, group=group).dispose()
    return Store(engine, describe(address))


def class_secret(folder: Path) -> bytes:
    """What links and cookies are signed with. Raises InputError."""
    file = folder / SECRET
    try:
        return kept_secret(file)
    except OSError as error:
        raise bad_input(
            "cannot-write",
            f"the server's secret cannot be kept: {error.strerror}",
            where=Where(str(file)),
            hint="--data names another folder",
        ) from None
