"""The review on pages: the same marks as in the terminal, by forms that need no script."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from grader.browser.review_room import ReviewDesk, name_of, review_room
from grader.browser.serving import room_site
from grader.review.command import Walk
from leaderboard.marks import mark_log, record_opinions
from leaderboard.store import open_store
from tests.grader.test_review import cohort, standing
from tests.grader.test_twice import mark
from tests.web.forms import forms_of
from web.own import Passes, own_app

assert cohort  # a fixture
EXAM, PORT = "mock-exam", 8777


class Person:
    """A browser without a script, signed in."""

    def __init__(self, app, word: str) -> None:
        self.http = TestClient(app, base_url=f"http://127.0.0.1:{PORT}")
        self.page = self.http.get(f"/enter?pass={word}")

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def path(self) -> str:
        return self.page.url.path

    def see(self, path: str) -> str:
        self.page = self.http.get(path)
        return self.text

    def send(self, do: str, **fields) -> str:
        """The form of the answer on the page; what is filled in takes the place of what stands there."""
        shown = {k: v for k, v in forms_of(self.text)[self.path].items() if k not in fields}
        shown.pop("do", None)
        self.page = self.http.post(self.path, data={**shown, **fields, "do": do})
        return self.text

    def post(self, action: str) -> str:
        token = next(iter(forms_of(self.text).values()))["form_token"]
        self.page = self.http.post(action, data={"form_token": token})
        return self.text


@pytest.fixture
def review(cohort):
    """Open the review on pages: (person, desk)."""
    stores = []

    def start(by: str = "ann", walk: Walk | None = None):
        stores.append(open_store())
        desk = ReviewDesk(stores[-1], EXAM, by, walk or Walk())
        site = room_site(b"s" * 32, PORT)
        passes = Passes()
        return Person(own_app(site, review_room(site, desk), passes, by), passes.lasting), desk

    yield start
    for store in stores:
        store.close()


def marks() -> list:
    store = open_store()
    found = [(m.submission, m.by, None if m.points is None else float(m.points), m.earned, m.note) for m in mark_log(store, EXAM)]  # fmt: skip
    store.close()
    return found


def test_a_cohort_is_marked(review) -> None:
    person, desk = review()
    assert person.path == f"/answer/{name_of(desk.session.groups[0])}"
    assert "In words" in person.text
    assert "answer 1 of 3 to this question" in person.text
    assert "1 of 3" in person.text
    assert "Why?" in person.text
    assert "Because." in person.text  # the solution, behind a fold
    person.send("keep")
    assert person.page.status_code == 409
    assert "Choose points first" in person.text
    person.send("keep", line="0", note="Well said.")
    assert "Kept: " in person.text
    assert "answer 2 of 3 to this question" in person.text
    person.send("keep", points="1,5")
    person.send("none")
    assert person.path == "/end"
    assert "4 answers marked since the last look; nothing waits any more" in person.text
    given = marks()
    assert {each[1] for each in given} == {"ann"}
    assert sorted({each[2] for each in given}) == [0, 1.5, 3]
    assert ("says because",) in {each[3] for each in given}
    assert {pending for _, _, pending in standing().values()} == {0}


def test_undo_brings_back_the_answer_and_its_points(review) -> None:
    person, _ = review()
    first = person.path
    person.send("full")
    person.post("/undo")
    assert person.path == first
    assert "Taken back." in person.text
    assert {pending for _, _, pending in standing().values()} == {3}
    assert person.http.post("/undo", data={"form_token": "x"}).status_code == 403
    person.post("/undo")
    assert person.page.status_code == 409
    assert "Nothing was kept in this sitting" in person.text


@pytest.mark.parametrize("typed", ["4", "-1", "two", "1/0", "9" * 400])
def test_points_that_are_none_are_refused_and_what_was_typed_stays(review, typed) -> None:
    person, _ = review()
    person.send("keep", points=typed, note="kept?")
    assert person.page.status_code == 409
    assert "Points are a number from 0 to 3" in person.text
    assert f'value="{typed}"' in person.text
    assert "kept?</textarea>" in person.text
    assert marks() == []


def test_later_and_back_and_as_before(review) -> None:
    person, desk = review()
    names = [f"/answer/{name_of(group)}" for group in desk.session.groups]
    person.send("later")
    assert person.path == names[1]
    person.send("before")
    assert person.path == names[0]
    person.send("keep", points="2", note="half")
    person.send("same")
    assert person.path == names[2]
    given = {(each[0], each[2], each[4]) for each in marks()}
    assert {(points, note) for _, points, note in given} == {(2.0, "half")}
    person.see(names[0])
    assert "Kept: 2 points (half)" in person.text
    assert person.see("/").count("answer 3 of 3") == 1


def test_what_others_marked_meanwhile_stands(review) -> None:
    ann, _ = review("ann")
    bob, _ = review("bob")
    ann.send("full")
    bob.send("none")
    assert "Not kept: somebody else marked" in bob.text
    assert "Kept:" not in bob.text
    assert {each[1] for each in marks()} == {"ann"}


def test_two_persons_and_a_third(review) -> None:
    store = open_store()
    record_opinions(store, [mark(n, 2, "bob", 0) for n in (1, 2, 3, 4)])
    store.close()
    ann, _ = review("ann")
    for _ in range(3):
        ann.send("full")
    person, desk = review("carl", Walk(settle=True))
    assert len(desk.session.groups) == 4
    assert "Two persons differ" in person.text
    assert "ann: 3 of 3 points" in person.text
    assert "bob: 2 of 3 points" in person.text
    person.send("as-7")
    assert "That is not among what was given." in person.text
    person.send("as-1")
    person.send("as-0")
    points = [each[2] for each in marks() if each[1] == "carl"]
    assert points == [2, 3]
    blind, desk = review("dora", Walk(second=True))
    assert "ann" not in blind.text
    before = len(marks())
    blind.send("full")
    assert len(marks()) == before


def test_overruling_asks_for_a_reason(review) -> None:
    person, _ = review("ann", Walk(overrule=True, question="chain"))
    person.send("full")
    assert person.page.status_code == 409
    assert "say in the note why" in person.text
    person.send("full", note="it was meant so")
    assert marks()[-1][4] == "it was meant so"


def test_what_students_write_cannot_make_a_page(review, hand_in, key_file, grade) -> None:
    answers = 'form: A\nanswers: {3: "<script>alert(1)</script>"}\n'
    path = hand_in(answers, name="w0666.zip")
    grade(path, "--key", key_file, "--user", "<b>w0666", "--record")
    person, desk = review()
    names = {g.answers[0].user: f"/answer/{name_of(g)}" for g in desk.session.groups}
    page = person.see(names["<b>w0666"])
    assert "<script>alert" not in page
    assert "<b>w0666" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nobody_else_comes_in(review) -> None:
    person, _ = review()
    inside = person.path
    outside = TestClient(person.http.app, base_url=f"http://127.0.0.1:{PORT}")
    for path in ("/", inside, "/end"):
        assert outside.get(path).status_code == 401
    assert outside.post(inside, data={"do": "full"}).status_code == 403
    assert outside.get("/enter?pass=guess").status_code == 403
    foreign = TestClient(person.http.app, base_url="http://evil.example")
    assert foreign.get("/").status_code == 421
    assert marks() == []


def test_an_address_of_another_start_is_told(review) -> None:
    person, _ = review()
    person.see("/answer/99-3")
    assert person.page.status_code == 404
    assert "marked meanwhile" in person.text
