"""What scans leave open, on pages: the same decisions as in the terminal, by forms that need no script."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from grader.browser.serving import room_site
from grader.browser.unsure_room import UnsureDesk, unsure_room
from grader.scans.decisions import load_decisions
from grader.scans.reading import papers_of
from grader.scans.scanned import Source, scanned
from tests.grader.scans.printed import layout_of
from tests.web.forms import forms_of
from web.own import Passes, own_app

PORT = 8778


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

    def send(self, do: str, action: str = "", **fields) -> str:
        token = next(iter(forms_of(self.text).values()))["form_token"]
        self.page = self.http.post(
            action or self.path, data={"form_token": token, "do": do, **fields}
        )
        return self.text


@pytest.fixture
def unsure(exam, own, key, scans):
    """Read pictures as a pile of papers, and open the room: (person, desk)."""

    def start(*pictures, layouts=None):
        layouts = layouts or [own, layout_of("w0300", 6, student="w0300")]
        keys = tuple(key.model_copy(update={"form": layout.form}) for layout in layouts)
        file = scans(*pictures)
        source = Source(((file, file.name),), papers_of(layouts), keys, Path("out/scans"))
        desk = UnsureDesk(source, scanned(source, lambda _: None), "ann", lambda _: None)
        site = room_site(b"s" * 32, PORT)
        passes = Passes()
        return Person(own_app(site, unsure_room(site, desk), passes, "ann"), passes.lasting), desk

    return start


def said() -> list[tuple[str, str, str]]:
    return [(each.about, each.box, each.said) for each in load_decisions(Path("out/scans"))]


def test_a_box_is_decided_and_taken_back(unsure, own, marked) -> None:
    person, desk = unsure(marked(own, {"1a": "cross"}, struck="2b"))
    assert "box 2b is not clear. Is it checked?" in person.text
    assert "1 of 1" in person.text
    (name,) = {thing.file_name for thing in desk.things}
    picture = person.http.get(f"/picture/{name}")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content[:4] == b"\x89PNG"
    assert 'alt="The boxes of question 2 as scanned; box 2b is framed"' in person.text
    first = person.path
    person.send("checked")
    assert person.path == "/end"
    assert "Kept: box 2b: checked." in person.text
    person.see(first)
    assert "Decided: box 2b: checked" in person.text
    person.send("undo", action="/undo")
    assert "Taken back: box 2b: checked." in person.text
    person.send("empty")
    assert said() == [("box", "2b", "checked"), ("box", "2b", ""), ("box", "2b", "empty")]
    person.send("again", action="/again")
    assert "Nothing is left" in person.text
    assert {each.by for each in load_decisions(Path("out/scans"))} == {"ann"}


def test_a_number_is_typed_and_its_pages_go_along(unsure, shared, marked, other_page) -> None:
    pages = [marked(shared, {"1a": "cross"}, number="12"), other_page(shared, 3, lines=3)]
    person, desk = unsure(*pages, layouts=[shared])
    assert "Whose is it?" in person.text
    person.send("type", said="w 0/../1")
    assert person.page.status_code == 409
    assert "A student&#39;s number has letters, digits, . - _." in person.text
    assert 'value="w 0/../1"' in person.text
    assert said() == []
    person.send("type", said="127")
    person.send("again", action="/again")
    (paper,) = desk.found.papers
    assert paper.student == "127"
    assert set(paper.scans) == {2, 3}
    assert "Nothing is left" in person.text


def test_a_number_that_was_read_is_corrected(unsure, shared, marked, other_page) -> None:
    person, desk = unsure(marked(shared, {}, number="123"), other_page(shared, 3), layouts=[shared])
    page = person.see("/papers")
    assert '<th scope="row">123' in page
    (sheet,) = forms_of(page)["/papers"]["sheet"]
    person.send("", action="/papers", sheet=sheet, number="")
    assert person.page.status_code == 409
    person.send("", action="/papers", sheet="guess", number="5")
    assert person.page.status_code == 404
    person.see("/papers")
    person.send("", action="/papers", sheet=sheet, number="124")
    assert "the paper of 123 is 124" in person.text
    assert '<th scope="row">124' in person.text
    assert [paper.student for paper in desk.found.papers] == ["124"]
    assert said() == [("student", "", "124")]


def test_a_page_is_named_and_what_follows_is_asked(unsure, own, marked) -> None:
    page = marked(own, {}, struck="3c").copy()
    page[-int(33 / 25.4 * 200) :, page.shape[1] // 2 : int(page.shape[1] * 0.88)] = 255
    person, _ = unsure(page)
    assert "Which page is it?" in person.text
    person.send("type", said="Z 9")
    assert "Type the form, a blank and the page: A 2." in person.text
    person.send("type", said="w0256 2")
    person.send("again", action="/again")
    assert "box 3c is not clear" in person.text


def test_of_two_scans_one_counts(unsure, own, marked) -> None:
    person, desk = unsure(marked(own, {"2a": "cross"}), marked(own, {"1a": "cross"}))
    assert "1 of 2" in person.text
    person.send("later")
    assert "2 of 2" in person.text
    person.send("before")
    person.send("aside")
    person.send("counts")
    person.send("again", action="/again")
    assert desk.found.open == ()
    assert [s for _, _, s in said()] == ["aside", "counts"]


def test_what_is_not_offered_is_not_taken(unsure, own, marked) -> None:
    person, _ = unsure(marked(own, {"1a": "cross"}, struck="2b"))
    inside = person.path
    for wish in ("counts", "type", "", "2b"):
        person.see(inside)
        person.send(wish)
        assert person.page.status_code == 400
    assert said() == []
    for file in ("../../exam/exam.json", "..%2f..%2fkey.json", "x.png"):
        assert person.http.get(f"/picture/{file}").status_code == 404
    person.see("/open/none")
    assert person.page.status_code == 404
    outside = TestClient(person.http.app, base_url=f"http://127.0.0.1:{PORT}")
    for path in ("/", inside, "/papers", "/end", "/picture/x.png"):
        assert outside.get(path).status_code == 401
    assert outside.post(inside, data={"do": "checked"}).status_code == 403
