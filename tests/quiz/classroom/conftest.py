"""A class of three students and an instructor in a store of its own, and browsers that come in by their links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from classroom.boards import boards_room
from classroom.door import Door
from classroom.house import Room, class_app
from classroom.roll import INSTRUCTOR, Pass
from leaderboard.serving.address import Address
from quiz.browser.app import practice_app
from quiz.classroom.command import class_site
from quiz.classroom.instructor import instructor_app
from quiz.desk import Desk
from quiz.seen import Seen
from quiz.store import Progress
from tests.classroom.conftest import SECRET, STUDENTS, TEACHER, own_store, passes, passes_for, store
from tests.quiz.conftest import bank, clock, material, postgres_server, url
from web.limits import Limits

__all__ = [
    "STUDENTS",
    "TEACHER",
    "bank",
    "clock",
    "material",
    "own_store",
    "passes",
    "passes_for",
    "postgres_server",
    "store",
    "url",
]


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
        boards_room(site, store),
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
