"""A bank with a question of each answer type, the app behind its guard, and students' browsers without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from quiz.browser.app import practice_app
from quiz.browser.run_web import practice_site
from quiz.desk import Desk
from quiz.material import Material
from quiz.store import open_progress
from tests.quiz.conftest import AMBIGUOUS, BOXES, KEPT, SUM, WORDS, Clock, bank_of
from tests.support import CHAIN
from tests.web.forms import forms_of
from web.own import Passes, own_app

PORT = 8734
ANSWERS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "answers.yaml").read_text("utf-8")
)


def topic_of(kind: str) -> str:
    """Its own: no topic holds another one."""
    return f"the {kind.replace('_', ' ')} type"


def question_of(kind: str) -> str:
    """The question of an answer type, as its file."""
    data = {
        "id": f"made_{kind}",
        "title": f"About {kind}",
        "lecture": 3,
        "topic": topic_of(kind),
        "type": "short",
        "points": 2,
        "difficulty": 1,
        "objectives": [f"answer with {kind}"],
        "source": "made for the tests",
        "text": "What is it, where $a > 0$?",
        "solution": "Betrayal by a solution.",
        "verify": {"source": "made for the tests"},
        **ANSWERS[kind]["question"],
    }
    if data["type"] == "multiple_choice" or "rubric" in data:
        del data["verify"]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


ALL = (CHAIN, SUM, BOXES, WORDS, KEPT, AMBIGUOUS, *map(question_of, ANSWERS))


class Student:
    """A browser without a script, signed in: pages by GET, forms as they stand on the last page."""

    def __init__(self, app: Any, address: str) -> None:
        self.http = TestClient(app, base_url=f"http://127.0.0.1:{PORT}")
        self.page = self.http.get(address)

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def status(self) -> int:
        return self.page.status_code

    @property
    def refused(self) -> bool:
        """Whether the page says why a form was not taken."""
        return bool(re.search(r'<div class="said bad" id="\w+" role="alert"', self.text))

    @property
    def path(self) -> str:
        return self.page.url.path

    def see(self, path: str) -> str:
        self.page = self.http.get(path)
        return self.text

    def shown(self, action: str) -> dict[str, list[str]]:
        """The fields of the form with this action, as the page shows them."""
        return forms_of(self.text)[action]

    def hidden(self, action: str) -> dict[str, list[str]]:
        """Those of them that hold what the server put there: its token, steps, bases."""
        kept = ("form_token", "step", "base-", "mode", "exam")
        return {n: v for n, v in self.shown(action).items() if n.startswith(kept)}

    def send(self, action: str, **fields: Any) -> str:
        """The form as it stands on the page, with these fields filled in anew."""
        self.page = self.http.post(action, data={**self.shown(action), **fields})
        return self.text

    def echo(self, path: str, text: str) -> Any:
        """How a text is read, asked for as the page's script does."""
        token = re.search(r'name="form_token" value="(\w+)"', self.http.get("/").text)[1]
        return self.http.post(path, data={"form_token": token, "text": text})

    def begin(self, **fields: Any) -> int:
        """Begin a session from the first page; its number."""
        if self.path != "/":
            self.see("/")
        self.send("/begin", **{"mode": "practice", "count": "10", **fields})
        found = re.match(r"/s/(\d+)/", self.path)
        assert found, self.text
        return int(found[1])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def material() -> Material:
    return Material(bank_of(*ALL))


@pytest.fixture
def server(tmp_path, clock, material) -> Any:
    """What a class would share: one bank, one store, a desk for each name."""
    opened: dict[str, Any] = {}

    def desk_of(user: str) -> Desk:
        if user not in opened:
            opened[user] = open_progress(user, f"sqlite:///{tmp_path / 'quiz.db'}")
        return Desk(material, clock, opened[user])

    site = practice_site(b"s" * 32, PORT)
    yield SimpleNamespace(site=site, desk_of=desk_of, material=material)
    for progress in opened.values():
        progress.close()


@pytest.fixture
def student(server) -> Callable[..., Student]:
    def sign_in(user: str = "mia") -> Student:
        passes = Passes()
        app = own_app(server.site, practice_app(server.site, server.desk_of), passes, user)
        return Student(app, f"/enter?pass={passes.lasting}")

    return sign_in


@pytest.fixture
def mia(student) -> Student:
    found: Student = student()
    return found
