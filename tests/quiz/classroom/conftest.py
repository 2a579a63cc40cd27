"""A class of three students and an instructor in a store of its own, and browsers that come in by their links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from leaderboard.database import connect, database_url, describe
from leaderboard.store import Store
from quiz.browser.app import practice_app
from quiz.classroom.command import class_site
from quiz.classroom.door import Door
from quiz.classroom.house import Room, class_app
from quiz.classroom.instructor import instructor_app
from quiz.classroom.place import Address
from quiz.classroom.roll import INSTRUCTOR, Pass, enrol, hand_out
from quiz.classroom.roster import Entry
from quiz.classroom.tables import CLASSROOM
from quiz.desk import Desk
from quiz.seen import Seen
from quiz.store import Progress
from quiz.tables import PRACTICE
from tests.quiz.conftest import bank, clock, material, postgres_server, url
from web.limits import Limits

__all__ = ["bank", "clock", "material", "postgres_server", "url"]

SECRET = b"s" * 32
STUDENTS = (
    Entry("w0256", "Ada <b>Lovelace</b>", "03712345"),
    Entry("w0257", "=HYPERLINK(1)", "@1"),
    Entry("w0258"),
)
TEACHER = "prof"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The class, on either database."""
    address = database_url(url)
    connect(address, must_exist=False, group=PRACTICE).dispose()
    opened = Store(connect(address, must_exist=False, group=CLASSROOM), describe(address))
    yield opened
    opened.close()


@pytest.fixture
def own_store(tmp_path) -> Iterator[Store]:
    """The class on SQLite, for what does not depend on the database."""
    address = database_url(f"sqlite:///{tmp_path / 'class.db'}")
    connect(address, must_exist=False, group=PRACTICE).dispose()
    opened = Store(connect(address, must_exist=False, group=CLASSROOM), describe(address))
    yield opened
    opened.close()


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


def token_in(page: str) -> str:
    return re.search(r'name="form_token" value="(\w+)"', page)[1]


@dataclass
class Browser:
    """A browser with its cookies; `home` is the address of the first page."""

    client: TestClient
    home: str = "/"

    def get(self, path: str, **more):
        return self.client.get(self.home + path, **more)

    def post(self, path: str, page: str = "", **fields):
        """Send a form with the token of a page (that of the front page, where none is given)."""
        token = token_in(page or self.get("").text)
        return self.client.post(self.home + path, data={"form_token": token, **fields})

    def enter(self, one: Pass):
        page = self.get(f"enter?pass={one.signed}").text
        return self.client.post(
            f"{self.home}enter", data={"form_token": token_in(page), "pass": one.signed}
        )

    def begin(self, **wish) -> str:
        """Start a session; the path of its first question."""
        page = self.get("practice/").text
        fields = {"mode": "practice", "count": "10", **wish}
        answer = self.post("practice/begin", page, **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.url.path).removeprefix(self.home)


@pytest.fixture
def browsers(own_store, material, clock, passes) -> Callable[..., Browser]:
    """Makes browsers of one server; `user` comes in at once."""
    return server_for(own_store, material, clock, passes)


def server_for(
    store, material, clock, passes, *, address=None, limits=None
) -> Callable[..., Browser]:
    place = address or Address("http://127.0.0.1:8734", "127.0.0.1:8734", https=False, prefix="")
    site = class_site(SECRET, place, clock)
    seen = Seen()
    practice = practice_app(site, lambda user: Desk(material, clock, Progress(store, user, seen)))
    rooms = [
        Room("practice", "Practice", "Questions", practice),
        Room(
            "class",
            "The class",
            "Figures",
            instructor_app(site, store, material),
            frozenset({INSTRUCTOR}),
        ),
    ]
    door = Door(site, store)
    app = class_app(door, rooms, limits or Limits(rate=1000, burst=1000))
    scheme = "https" if place.https else "http"

    def browser(user: str | None = None) -> Browser:
        client = TestClient(app, base_url=f"{scheme}://{place.host}")
        made = Browser(client, f"{place.prefix}/")
        if user is not None:
            assert made.enter(passes[user]).status_code == 200
        return made

    return browser
