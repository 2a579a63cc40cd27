"""How often codes were tried for a user: counted in the store, so that several processes and machines count as one."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from classroom.tables import tries
from leaderboard.database import explained, writing
from leaderboard.store import Store

AT_ONCE = 8
EACH = timedelta(seconds=20)
"""After so long there is another try, up to those at once."""


def take_one(store: Store, user: str, now: datetime) -> bool:
    """Take one of the tries of a user, whether or not there is such a user; whether one was left."""
    name = _hashed(user)
    with explained(store.label):
        try:
            return _taken(store, name, now)
        except IntegrityError:
            return _taken(store, name, now)  # another process had the first try at the same moment


def is_left(store: Store, user: str, now: datetime) -> bool:
    """Whether a user has a try left. Writes nothing, so that it waits for nobody who does."""
    query = select(tries.c.free_at).where(tries.c.name == _hashed(user))
    with explained(store.label), store.engine.connect() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return found is None or found - now <= (AT_ONCE - 1) * EACH


def _hashed(user: str) -> str:
    # A row is there for whatever name was typed, and that may be a code in the wrong field.
    return hashlib.sha256(user.strip().casefold().encode("utf-8", "replace")).hexdigest()


def _taken(store: Store, name: str, now: datetime) -> bool:
    mine = tries.c.name == name
    with writing(store.engine).begin() as connection:
        connection.execute(delete(tries).where(tries.c.free_at <= now))
        query = select(tries.c.free_at).where(mine).with_for_update()
        found = connection.execute(query).scalar_one_or_none()
        # The moment from which all are to be had again; each try moves it on.
        free_at = (now if found is None else found) + EACH
        if free_at - now > AT_ONCE * EACH:
            return False
        if found is None:
            connection.execute(insert(tries).values(name=name, free_at=free_at))
        else:
            connection.execute(update(tries).where(mine).values(free_at=free_at))
    return True
