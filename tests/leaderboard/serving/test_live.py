"""The live page: made again when something has changed and only then, and never more than everybody may see."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest

from leaderboard.configure import keep_boards
from leaderboard.decisions import Decision, decide
from leaderboard.erasure import erase
from leaderboard.people import Person, keep_people
from leaderboard.serving.live import LivePage, position
from leaderboard.serving.room import board_app, places
from leaderboard.store import record_submission


def later(live) -> bytes:
    """The page, once the rest after the last one is over."""
    live.seconds.__self__.at += 1000
    return live.page().plain


def test_the_page_is_that_of_the_store(live, add):
    add(user="w0256", score=80.0)
    page = live.page().plain.decode()
    assert "w0256" in page
    assert "80.00" in page


def test_who_looks_again_gets_the_same_page(live, add):
    add(user="w0256")
    assert live.page() is live.page()


@pytest.mark.parametrize(
    "change",
    [
        "submission",
        "result",
        "another result",
        "withdrawn",
        "rules",
        "erased",
        "erased with results",
    ],
)
def test_whatever_changes_a_board_makes_another_page(live, add, store, moment, change):
    number = add(user="w0256", score=80.0)
    before, at = live.page().plain, position(store)
    if change == "submission":
        record_submission(
            store,
            user="w0300",
            assignment="exercise_3",
            filename="x.zip",
            content=b"x",
            received_at=moment,
        )
    elif change == "result":
        add(user="w0300")
    elif change == "another result":
        add(user="w0256", score=90.0)
    elif change == "withdrawn":
        decide(store, Decision(number, "withdrawn", moment, "ada"))
    elif change == "rules":
        text = "title: Another course\n"
        keep_boards(store, text, file="boards.yaml", by="ada", at=moment)
    else:
        erase(store, "w0256", at=moment, with_results=change == "erased with results")
    assert position(store) != at
    assert later(live) != before


def test_erasing_one_after_the_other_is_seen_each_time(live, add, store, moment):
    for number in range(12):
        add(user=f"w{number:04}")
    seen = set()
    for number in range(12):
        erase(store, f"w{number:04}", at=moment)
        seen.add(later(live))
    assert len(seen) == 12


def test_a_thousand_who_look_at_once_cost_one_page(live, add, monkeypatch):
    add(user="w0256")
    made = []
    make = LivePage._make
    monkeypatch.setattr(LivePage, "_make", lambda self, at: made.append(at) or make(self, at))
    found = []
    threads = [threading.Thread(target=lambda: found.append(live.page())) for _ in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == 1
    assert len({id(each) for each in found}) == 1


def test_the_next_page_waits_as_long_as_the_last_one_took(live, add, hand, monkeypatch):
    add(user="w0256")
    make = LivePage._make

    def slowly(self, at):
        hand.at += 20
        return make(self, at)

    monkeypatch.setattr(LivePage, "_make", slowly)
    first = live.page()
    add(user="w0300")
    assert live.page() is first
    hand.at += 20
    assert b"w0300" in live.page().plain


def test_a_hidden_board_is_empty_until_its_day_and_full_from_then_on(
    live, add, store, hand, moment
):
    add(user="w0256")
    text = 'tabs:\n  - {name: Secret, assignment: exercise_3, hidden_until: "2020-02-01 08:00"}\n'
    keep_boards(store, text, file="boards.yaml", by="ada", at=moment)
    hidden = live.page().plain
    assert b"w0256" not in hidden
    assert b"2020-02-01 08:00:00" in hidden
    hand.day = datetime(2020, 2, 1, 8, tzinfo=UTC) - timedelta(microseconds=1)
    assert later(live) == hidden
    hand.day = datetime(2020, 2, 1, 8, tzinfo=UTC)
    assert b"w0256" in later(live)


def test_no_real_name_is_on_the_page(live, add, store):
    add(user="w0256")
    keep_people(
        store, [Person("w0256", name="Ada Lovelace", email="ada@example.org", id_number="0371")]
    )
    for word in (b"Lovelace", b"example.org", b"0371"):
        assert word not in live.page().plain


def test_a_browser_asks_whether_it_has_the_page_already(browser, add):
    add(user="w0256")
    first = browser.get("/", headers={"accept-encoding": "identity"})
    assert first.status_code == 200
    tag = first.headers["etag"]
    again = browser.get("/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    # What the page's script asks.
    look = browser.head("/")
    assert (look.status_code, look.headers["etag"]) == (200, tag)
    assert f'data-tag="{tag.strip(chr(34))}"' in first.text


def test_the_page_comes_packed_where_the_browser_reads_that(browser, live, add):
    add(user="w0256")
    with browser.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert gzip.decompress(packed) == live.page().plain


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("gzip; q=0.000, *", False),
        ("*;q=0", False), ("identity", False), ("x-gzipped", False), ("gzip;q=soon", False), ("", False),
    ],
)  # fmt: skip
def test_the_page_comes_packed_to_nobody_who_refuses_that(browser, add, accepted, packed):
    add(user="w0256")
    with browser.stream("GET", "/", headers={"accept-encoding": accepted}) as answer:
        assert ("content-encoding" in answer.headers) == packed


def test_the_policy_allows_the_scripts_of_the_page_and_questions_to_its_own_server(browser, add):
    add(user="w0256")
    answer = browser.get("/")
    policy = answer.headers["content-security-policy"]
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "connect-src 'self'" in policy
    assert "default-src 'none'" in policy


def test_it_reloads_without_script_too(browser, add):
    add(user="w0256")
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in browser.get("/").text


def test_it_answers_to_its_own_name_alone(browser, add):
    add(user="w0256")
    assert browser.get("/", headers={"host": "elsewhere.test"}).status_code == 421
    assert browser.post("/").status_code == 405


def test_an_empty_store_has_a_page_too(browser):
    assert browser.get("/").status_code == 200


def test_who_is_signed_in_reads_their_ranks_and_nobody_else_does(live, add):
    from starlette.testclient import TestClient

    from leaderboard.serving.command import board_site
    from tests.leaderboard.serving.conftest import ADDRESS

    hostile = "<script>alert(1)</script>"
    add(user="w0256", score=80.0)
    add(user=hostile, score=90.0)
    app = board_app(board_site(ADDRESS), live, lambda request: request.headers.get("x-user"))
    client = TestClient(app)
    pages = {user: client.get("/", headers={"x-user": user}) for user in ("w0256", hostile)}
    plain = client.get("/").text
    assert "#2</strong> of 2" in pages["w0256"].text
    assert "#1</strong> of 2" in pages[hostile].text
    assert hostile not in pages[hostile].text
    assert "You are" not in plain
    assert pages["w0256"].headers["etag"] != pages[hostile].headers["etag"]
    assert "private" in pages["w0256"].headers["cache-control"]
    # Both are pages of the same boards, which is what their script compares.
    assert all(live.page().tag in each.headers["etag"] for each in pages.values())
    assert places(live.page().boards, "nobody") == []
