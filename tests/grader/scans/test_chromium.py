"""Marking in a real browser: by keyboard alone, on a phone, light and dark, through killed servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.scans.decisions import load_decisions
from leaderboard.marks import mark_log
from leaderboard.store import open_store
from tests.grader.conftest import choice_letters
from tests.grader.scans.printed import layout_of
from tests.web.chromium import Server, Tab

pytestmark = pytest.mark.browser

REVIEW = ("grader.cli", "--review", "mock-exam", "--by", "ann", "--web")


@pytest.fixture
def serve(work, monkeypatch) -> Iterator:
    """Start a command that serves pages, in the test's folder and with its store."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(work / "home"))
    started: list[Server] = []

    def start(*command: str) -> Server:
        started.append(Server(work / "home", *command, folder=work))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def window(chromium) -> Iterator:
    """Open a window at a server. Afterwards: nothing was asked of anyone else, and no script failed."""
    opened: list[tuple] = []

    def at(server: Server, **settings) -> Tab:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        tab = Tab(context, server)
        opened.append((context, tab))
        tab.enter()
        return tab

    yield at
    for context, tab in opened:
        context.close()
        assert not [url for url in tab.asked if not url.startswith((tab.server.root, "data:"))]
        assert not tab.faults


@pytest.fixture
def pile(exam, scans, own, key, marked, other_page) -> Path:
    """Two papers with lines at question 7; on one a stroke at 2b that is no cross."""
    letters = choice_letters(key, right=True).split(", ")
    second = layout_of("w0300", 6, student="w0300")
    return scans(
        marked(own, {f"1{letter}": "cross" for letter in letters}),
        other_page(own, 3, lines=4),
        marked(second, {"1a": "cross"}, struck="2b"),
        other_page(second, 3, lines=2),
    )


def next_page(tab: Tab, key: str) -> None:
    """Press a key, and wait for the page that it leads to."""
    with tab.page.expect_navigation():
        tab.press(key)


def given() -> list[tuple[str, float | None, str]]:
    store = open_store()
    found = [
        (mark.by, None if mark.points is None else float(mark.points), mark.note)
        for mark in mark_log(store, "mock-exam")
    ]
    store.close()
    return found


def test_answers_on_paper_are_marked_by_keys_alone(pile, grade, serve, window) -> None:
    server_words = (pile, "--exam", "class/exam.json", "-o", "out", "--record")
    # What is unsure of w0300's sheet is settled first: else that paper is not recorded.
    unsure = serve("grader.cli", *map(str, server_words), "--unsure", "--web", "--by", "ann")
    tab = window(unsure)
    assert "box 2b is not clear" in tab.page.locator("h1").inner_text()
    assert (
        tab.page.locator(".cut img").evaluate("image => image.complete && image.naturalWidth") > 300
    )
    next_page(tab, "y")
    assert "Nothing is left" in tab.page.locator("h1").inner_text()
    tab.page.get_by_role("button", name="Done").click()
    tab.page.wait_for_selector("text=The command in the terminal goes on")
    assert unsure.ended() == 0
    assert [each.said for each in load_decisions(Path("out/scans"))] == ["checked"]

    server = serve(*REVIEW)
    tab = window(server)
    picture = tab.page.locator(".scan img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 800
    assert "wrote by hand at 7" in str(picture.get_attribute("alt"))
    tab.press("1")
    assert tab.page.locator("[name=line]").is_checked()
    next_page(tab, "Enter")
    assert "Kept: " in tab.page.locator("[role=status]").inner_text()
    assert given()[-1] == ("ann", 3, "")
    tab.press("p")
    assert tab.focused() == "points"
    tab.page.keyboard.type("1.5")
    tab.press("Escape", "n")
    tab.page.keyboard.type("0 f u q: only letters here")
    tab.press("Escape")
    next_page(tab, "Enter")
    assert tab.page.url.split("?")[0].endswith("/end")
    assert given()[-1] == ("ann", 1.5, "0 f u q: only letters here")
    next_page(tab, "u")
    assert given()[-1][1] is None
    next_page(tab, "0")
    assert given()[-1] == ("ann", 0, "")
    tab.page.get_by_role("button", name="Done").click()
    tab.page.wait_for_selector("text=This page can be closed")
    assert server.ended() == 0


def test_a_killed_server_loses_nothing_and_goes_on(pile, grade, serve, window) -> None:
    grade(pile, "--exam", "class/exam.json", "-o", "out", "--record")
    Path("out/scans/decisions.jsonl").unlink(missing_ok=True)
    server = serve(*REVIEW)
    tab = window(server)
    tab.page.fill("#points", "2")
    with tab.page.expect_navigation():
        tab.page.get_by_role("button", name="Keep and go on").click()
    server.kill()
    assert [points for _, points, _ in given()] == [2]
    server.close()
    again = grade("--review", "mock-exam", "--log")
    assert "ann  marked w0256 7" in again.out


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier_or_is_too_wide_for_a_phone(
    theme, pile, grade, serve, window
) -> None:
    words = (pile, "--exam", "class/exam.json", "-o", "out", "--record")
    grade(*words)
    phone = {"viewport": {"width": 360, "height": 740}, "color_scheme": theme}

    def look(tab: Tab) -> None:
        assert tab.barriers() == []
        assert tab.wide() <= 0

    unsure = window(serve("grader.cli", *map(str, words), "--unsure", "--web"), **phone)
    look(unsure)
    unsure.page.goto(unsure.server.root + "/papers")
    look(unsure)
    unsure.page.goto(unsure.server.root + "/end")
    look(unsure)
    review = window(serve(*REVIEW), **phone)
    look(review)
    review.page.locator("summary").click()
    look(review)
    with review.page.expect_navigation():
        review.page.get_by_role("button", name="Full points").click()
    look(review)


def test_single_keys_can_be_switched_off(pile, grade, serve, window) -> None:
    grade(pile, "--exam", "class/exam.json", "-o", "out", "--record")
    tab = window(serve(*REVIEW))
    tab.page.get_by_label("Single keys decide").uncheck()
    tab.page.locator("h1").focus()
    tab.press("f", "0", "1")
    assert not tab.page.locator("[name=line]").is_checked()
    assert given() == []
    tab.page.reload()
    assert not tab.page.get_by_label("Single keys decide").is_checked()
    # By Tab alone everything is reached all the same.
    tab.reach("button[value=none]")
    next_page(tab, "Enter")
    assert [points for _, points, _ in given()] == [0]


def test_pages_work_without_a_script(pile, grade, serve, window) -> None:
    grade(pile, "--exam", "class/exam.json", "-o", "out", "--record")
    tab = window(serve(*REVIEW), java_script_enabled=False)
    with tab.page.expect_navigation():
        tab.page.get_by_role("button", name="Full points").click()
    assert [points for _, points, _ in given()] == [3]
