"""What scans leave open, on pages: the same decisions as in the terminal, by forms that need no script."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from grader.browser.serving import room_site
from grader.browser.unsure_desk import UnsureDesk
from grader.browser.unsure_room import unsure_room
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


def test_a_paper_that_names_somebody_else_is_given_to_who_wrote_it(
    unsure, own, marked, other_page
) -> None:
    other = layout_of("w0300", 6, student="w0300")
    person, desk = unsure(
        marked(own, {"1a": "cross"}), other_page(own, 3, lines=2), marked(other, {"1b": "cross"})
    )
    sheets = [paper.sheets[2].reading.sha256 for paper in desk.found.papers]
    page = person.see("/papers")
    assert page.count("Number for the paper from") == 2
    assert "names its student" not in page.replace("A paper that names its student", "")
    for number, doubt in (
        ("w0300", "W0300 has a paper already (scans.pdf, page 3). If this one is theirs"),
        ("w0999", "No paper was printed for w0999. If they wrote this one, send the number again."),
    ):
        person.send("", action="/papers", sheet=sheets[0], number=number)
        assert person.page.status_code == 409
        assert doubt in person.text
    assert said() == []
    # Neighbours who swapped: until both are corrected, both wait.
    person.send("", action="/papers", sheet=sheets[0], number="w0300", join="w0300")
    assert "the paper of w0256 is w0300" in person.text
    assert "w0300 is on papers of the forms w0256 and w0300" in person.text
    assert [thing.about for thing in desk.found.open] == ["student", "student"]
    person.see("/papers")
    person.send("", action="/papers", sheet=sheets[1], number="w0256")
    assert papers_of_desk(desk) == {"w0300": [2, 3], "w0256": [2]}
    assert person.text.count("was printed for") == 2
    assert desk.found.open == ()
    assert {each.by for each in load_decisions(Path("out/scans"))} == {"ann"}


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


def papers_of_desk(desk) -> dict[str | None, list[int]]:
    return {paper.student: sorted(paper.scans) for paper in desk.found.papers}


def test_a_number_that_is_taken_is_confirmed_and_can_be_parted_again(
    unsure, shared, marked, other_page
) -> None:
    pages = [
        marked(shared, {"1a": "cross"}, number="123"), other_page(shared, 3, lines=2),
        marked(shared, {"1b": "cross"}, number="124"), other_page(shared, 3, lines=3),
    ]  # fmt: skip
    person, desk = unsure(*pages, layouts=[shared])
    page = person.see("/papers")
    assert page.count("Number for the paper from") == 2
    second = desk.found.papers[1].sheets[2].reading.sha256
    person.send("", action="/papers", sheet=second, number="123")
    assert person.page.status_code == 409
    assert "123 has a paper already (scans.pdf, page 1)." in person.text
    assert said() == []
    # The form holds the number now: sent once more, it is meant.
    assert 'name="join" value="123"' in person.text
    person.send("", action="/papers", sheet=second, number="123", join="123")
    assert papers_of_desk(desk) == {"123": [2, 3]}
    assert person.text.count("one of 2 answer sheets with this number") == 2
    for thing in list(desk.things):
        person.see(f"/open/{thing.file_name.removesuffix('.png')}")
        person.send("aside" if thing.seen.reading.sha256 == second else "counts")
    person.send("again", action="/again")
    (paper,) = desk.found.papers
    assert [seen.name for seen in paper.aside] == ["scans.pdf, page 4"]
    assert any("put aside with an answer sheet of 123" in each.message for each in desk.found.told)
    # Parted again, the second person's sheet counts for them, and so does what they wrote.
    person.see("/papers")
    person.send("", action="/papers", sheet=second, number="124")
    assert papers_of_desk(desk) == {"123": [2, 3], "124": [2, 3]}
    assert desk.found.open == ()
    assert not any(paper.aside for paper in desk.found.papers)


def test_of_two_sheets_with_one_number_one_is_somebody_elses(unsure, shared, marked) -> None:
    pages = [marked(shared, {f"1{letter}": "cross"}, number="123") for letter in "ab"]
    person, desk = unsure(*pages, layouts=[shared])
    assert "Or is it somebody else&#39;s?" in person.text
    person.send("type", said="12")
    assert "The student&#39;s number has 3 digits on this sheet." in person.text
    person.send("type", said="summary")
    assert person.page.status_code == 409
    person.send("type", said="125")
    person.send("again", action="/again")
    assert papers_of_desk(desk) == {"123": [2], "125": [2]}
    assert desk.found.open == ()


def test_what_was_decided_is_decided_otherwise(unsure, own, marked) -> None:
    person, desk = unsure(marked(own, {}, struck="2b"))
    person.send("checked")
    person.send("again", action="/again")
    assert "Nothing is left" in person.text
    page = person.see("/decided")
    assert "w0256: box 2b: &#34;checked&#34;, decided by ann, " in page
    (thing,) = desk.earlier
    inside = f"/open/{thing.file_name.removesuffix('.png')}"
    person.see(inside)
    assert person.http.get(f"/picture/{thing.file_name}").content[:4] == b"\x89PNG"
    person.send("empty")
    assert person.path == "/decided"
    assert "Decided anew: box 2b: not checked" in person.text
    person.see(inside)
    person.send("undo", action="/undo")
    assert [each for _, _, each in said()] == ["checked", "empty", "checked"]


def test_a_scan_that_shows_a_box_otherwise_is_shown_beside_the_first(unsure, own, marked) -> None:
    from grader.scans.decisions import decide

    pages = [marked(own, {}, struck="5a"), marked(own, {"5a": "cross"})]
    person, desk = unsure(*pages)
    first = desk.found.pages[0].reading.sha256
    decide(desk.source.folder, "ann", first, "box", "empty", "5a")
    desk.look_again()
    person.see("/")
    assert "box 5a was decided to be not checked on scans.pdf, page 1 (below)" in person.text
    assert "read as checked on scans.pdf, page 2 (above)" in person.text
    (thing,) = desk.things
    from PIL import Image

    with Image.open(desk.source.folder / "open" / thing.file_name) as both:
        assert both.height > 250
    person.send("empty")
    person.send("again", action="/again")
    assert "Nothing is left" in person.text
