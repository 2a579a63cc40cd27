"""A class of three students and an instructor, in a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from classroom.roll import INSTRUCTOR, Pass, enrol, hand_out
from classroom.roster import Entry
from classroom.tables import CLASSROOM
from leaderboard.database import connect, database_url, describe
from leaderboard.migrations import RESULTS
from leaderboard.store import Store
from quiz.tables import PRACTICE
from tests.leaderboard.conftest import postgres_server, url
from tests.quiz.conftest import clock

__all__ = ["clock", "postgres_server", "url"]

SECRET = b"s" * 32
STUDENTS = (
    Entry("w0256", "Ada <b>Lovelace</b>", "03712345"),
    Entry("w0257", "=HYPERLINK(1)", "@1"),
    Entry("w0258"),
)
TEACHER = "prof"


def opened(url: str) -> Store:
    """A store with the tables of results, practice and class."""
    address = database_url(url)
    for group in (RESULTS, PRACTICE):
        connect(address, must_exist=False, group=group).dispose()
    return Store(connect(address, must_exist=False, group=CLASSROOM), describe(address))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The class, on either database."""
    found = opened(url)
    yield found
    found.close()


@pytest.fixture
def own_store(tmp_path) -> Iterator[Store]:
    """The class on SQLite, for what does not depend on the database."""
    found = opened(f"sqlite:///{tmp_path / 'class.db'}")
    yield found
    found.close()


def passes_for(store: Store, users, now, days: float = 30) -> dict[str, Pass]:
    found: list[Pass] = []
    hand_out(store, SECRET, users, now + timedelta(days=days), now, found.extend)
    return {each.member.user: each for each in found}


@pytest.fixture
def passes(own_store, clock) -> dict[str, Pass]:
    enrol(own_store, STUDENTS, clock())
    enrol(own_store, [Entry(TEACHER)], clock(), role=INSTRUCTOR)
    users = [*(entry.user for entry in STUDENTS), TEACHER]
    return passes_for(own_store, users, clock())
