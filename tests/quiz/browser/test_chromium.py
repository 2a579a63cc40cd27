"""Practice in a real browser: by keyboard, on a phone, through reloads, killed servers and second windows."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quiz.browser.conftest import ANSWERS, topic_of
from tests.quiz.browser.practice_tab import PracticeTab as Tab
from tests.quiz.browser.practice_tab import practice_server
from tests.quiz.browser.real_browser import (
    another_browser,
    fill,
    forget_what_was_away,
    server,
    start_exam,
    tab,
    verdict,
)
from tests.web.chromium import ROOT

__all__ = ["server", "tab"]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_wrong_and_a_right_answer_of_every_type(tab, kind):
    tab.begin(topic_of(kind), lecture="3")
    fill(tab, kind, "wrong")
    tab.follow("button[value=answer]")
    assert verdict(tab).startswith(ANSWERS[kind].get("wrong_is", "Wrong"))
    assert tab.focused() == "said-1"
    assert tab.barriers() == []
    if tab.page.locator("button[value=answer]").count():
        fill(tab, kind, "right")
        tab.follow("button[value=answer]")
    else:
        tab.begin(topic_of(kind), lecture="3")
        fill(tab, kind, "right")
        tab.follow("button[value=answer]")
    assert verdict(tab).startswith(ANSWERS[kind].get("right_is", "Right"))


def test_a_formula_is_read_back_while_it_is_typed(tab):
    tab.begin(topic_of("expression"), lecture="3")
    tab.page.type("[data-echo]", "q^2/s")
    tab.page.wait_for_selector(".echo math mfrac")
    assert tab.barriers() == []
    tab.page.type("[data-echo]", "+*")
    tab.page.wait_for_selector(".echo .fault")
    assert "cannot be read yet" in tab.page.locator(".echo").inner_text()
    tab.page.fill("[data-echo]", "")
    tab.page.wait_for_selector(".echo", state="hidden")


def test_a_whole_session_by_keyboard(tab):
    tab.page.goto(tab.server.root + "/")
    tab.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    tab.press("Enter")
    assert tab.focused() == "content"
    tab.reach("select[name=lecture]")
    tab.page.keyboard.type("Lecture 4")
    tab.reach("[name=count]")
    tab.press("Control+a")
    tab.page.keyboard.type("1")
    tab.reach("button[value=practice]")
    tab.press("Enter")
    tab.page.wait_for_url("**/s/*/q/1#question")
    assert tab.focused() == "question"
    tab.reach('[name="answer-1a"]')
    tab.page.keyboard.type("5")
    tab.press("Enter")
    tab.page.wait_for_selector("#said-1a")
    assert tab.focused() == "said-1a"
    tab.reach("button[value=hint]")
    tab.press("Enter")
    tab.page.wait_for_selector(".hint")
    tab.reach('[name="answer-1a"]')
    tab.press("Control+a")
    tab.page.keyboard.type("6")
    tab.reach("input[name=sure][value=yes]")
    tab.press("Space", "Enter")
    tab.page.wait_for_selector('[name="answer-1b"]')
    assert tab.focused() == "said-1a"
    assert verdict(tab).startswith("Right")
    tab.reach("button[value=solution]")
    tab.press("Enter")
    tab.page.wait_for_selector('[name="answer-1c"]')
    tab.reach("button[value=skip]")
    tab.press("Enter")
    tab.page.wait_for_url("**/result*")
    tab.reach("form button")
    tab.press("Enter")
    tab.page.wait_for_selector("h1:text('Result')")
    assert "of 8 points" in tab.page.locator(".sum").inner_text()


@pytest.mark.parametrize(("mode", "lecture"), [("practice", "9"), ("due", "2"), ("weakest", "9")])
def test_a_session_in_each_mode_to_its_end(tab, mode, lecture):
    tab.begin(mode=mode, count=3, lecture=lecture)
    for _ in range(12):
        if tab.page.locator("button[value=solution]").count():
            tab.follow("button[value=solution]")
        elif tab.page.locator("a:text('Next question')").count():
            tab.follow("a:text('Next question')")
        else:
            break
    tab.follow("button:text('Finish and see the result')")
    assert tab.page.locator("h1").inner_text() == "Result"
    assert tab.barriers() == []


def test_a_mock_exam_is_saved_while_it_is_written_and_survives_everything(tab, server):
    exam = start_exam(tab, server)
    page = tab.page
    assert page.locator("[role=timer]").inner_text().startswith("30 min left")
    page.get_by_label("None of them").check()
    tab.follow("button:text('Next question')")
    page.fill('[name="answer-2"]', "12")
    page.wait_for_selector(".saved:has-text('Saved at')")
    page.reload()
    assert page.input_value('[name="answer-2"]') == "12"
    # The server is gone while something is typed; the page keeps it, and saves it once there is a server again.
    server.kill()
    page.fill('[name="answer-2"]', "123")
    page.wait_for_selector(".saved:has-text('Not saved yet')")
    server.start()
    page.wait_for_selector(".saved:has-text('Saved at')")
    page.reload()
    forget_what_was_away(tab)
    assert page.input_value('[name="answer-2"]') == "123"
    tab.follow("button:text('Next question')")
    page.fill("textarea", "Because.")
    tab.follow("button:text('Overview')")
    assert tab.barriers() == []
    tab.follow("button:text('Hand in')")
    tab.follow("a:text('Go on marking')")
    assert tab.barriers() == []
    page.fill("[name=points]", "2")
    tab.follow("button:text('Mark')")
    page.wait_for_url(f"**/s/{exam}/result*")
    assert "of 17 points" in page.locator(".sum").inner_text()


@pytest.mark.parametrize("sign", ["ä", "日"])
def test_the_longest_answer_that_a_field_takes_is_saved_and_sent(tab, server, sign):
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/3")
    area = tab.page.locator("textarea")
    whole = sign * int(area.get_attribute("maxlength"))
    area.fill(whole)
    tab.page.wait_for_selector(".saved:has-text('Saved at')")
    tab.page.reload()
    assert area.input_value() == whole
    area.fill(f"!{whole[1:]}")
    tab.follow("button:text('Next question')")
    tab.page.wait_for_url("**/q/4*")
    tab.follow("button:text('Back')")
    assert area.input_value() == f"!{whole[1:]}"


@pytest.mark.parametrize(
    ("status", "body", "said", "again"),
    [
        (413, '{"error": "That is too large", "message": "", "cure": "Send less at once."}', "Not saved: That is too large. Send less at once.", False),
        (401, '{"error": "Please sign in", "message": "You are not.", "cure": "Do."}', "Not saved: Please sign in. You are not. Do.", False),
        (413, "<h1>a proxy</h1>", "Not saved: the server answered with error 413.", False),
        (502, "<h1>a proxy</h1>", "Not saved yet: the server answered with error 502.", True),
        (429, '{"error": "That was a lot at once", "message": "", "cure": ""}', "Not saved yet: That was a lot at once.", True),
    ],
)  # fmt: skip
def test_why_an_exam_is_not_saved_is_said_as_it_is(tab, server, status, body, said, again):
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    sent = []

    def refuse(route) -> None:
        sent.append(route.request.url)
        route.fulfill(status=status, body=body)

    tab.page.route("**/write", refuse)
    tab.page.fill('[name="answer-2"]', "12")
    tab.page.wait_for_selector(".saved.unsaved:has-text('Not saved')")
    assert tab.barriers() == []
    assert " ".join(tab.page.locator(".saved").inner_text().split()).startswith(said)
    tab.page.unroute("**/write")
    if again:
        tab.page.wait_for_selector(".saved:not(.unsaved):has-text('Saved at')")
    else:
        tab.page.wait_for_timeout(6_000)
        assert "Not saved" in tab.page.locator(".saved").inner_text()
        tab.page.type('[name="answer-2"]', "3")
        tab.page.wait_for_selector(".saved:has-text('Saved at')")
    assert len(sent) == 1
    tab.faults = [fault for fault in tab.faults if str(status) not in fault]


def test_what_was_typed_last_is_saved_when_the_page_is_left(tab, server):
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    tab.page.fill('[name="answer-2"]', "12")
    tab.page.goto(f"{server.root}/progress")
    other = another_browser(tab)
    other.page.goto(f"{server.root}/s/{exam}/q/2")
    assert other.page.input_value('[name="answer-2"]') == "12"
    other.page.context.close()


def test_the_time_of_an_exam_can_be_hidden(tab, server):
    start_exam(tab, server)
    clock = tab.page.locator("[role=timer]")
    clock.get_by_role("button").click()
    assert clock.inner_text() == "show the time"
    tab.page.reload()
    assert clock.inner_text() == "show the time"
    clock.get_by_role("button").click()
    assert "min left" in clock.inner_text()


def test_the_back_button_and_a_second_window_answer_no_other_question(tab, server):
    tab.begin(lecture="9", count=2)
    first = tab.page.url
    other = tab.page.context.new_page()
    other.goto(first)
    tab.follow("button[value=solution]")
    tab.follow("a:text('Next question')")
    tab.page.go_back()
    tab.page.go_back()
    # Pages are asked for anew: the first question is settled, and has no field any more.
    assert tab.page.locator("form.answer").count() == 0
    other.locator("form.answer [name^=answer-]").first.evaluate(
        "e => { if (e.type === 'checkbox') e.checked = true; else e.value = '7'; }"
    )
    with other.expect_navigation():
        other.click("button[value=answer]")
    assert "settled meanwhile" in other.locator("[role=alert]").inner_text()
    tab.page.goto(first.replace("/q/1", "/q/2"))
    assert tab.page.locator("form.answer").count() == 1
    assert tab.page.locator(".said").count() == 0


def test_code_has_an_editor_that_lets_the_keyboard_leave(tab):
    tab.begin(topic_of("code"), lecture="3")
    tab.page.focus("textarea")
    tab.page.keyboard.type("if x:")
    tab.press("Enter")
    tab.page.keyboard.type("y = 1")
    assert tab.page.input_value("textarea") == "if x:\n    y = 1"
    tab.press("Shift+Tab")
    assert tab.page.input_value("textarea") == "if x:\ny = 1"
    tab.press("Home", "Tab")
    assert tab.page.input_value("textarea") == "if x:\n    y = 1"
    assert tab.page.locator(".numbers").inner_text().startswith("1\n2\n3")
    assert tab.barriers() == []
    tab.press("Escape", "Tab")
    assert tab.page.evaluate("document.activeElement.name") == "sure"


def back_to(tab: Tab, address: str) -> None:
    """Press Back; a page that was the answer to a form would not come: Chromium asks whether to send it again."""
    tab.page.go_back()
    assert tab.page.url.startswith(address)
    assert tab.page.locator("h1").count() == 1, tab.page.content()[:300]
    kind = tab.page.evaluate("performance.getEntriesByType('navigation')[0].type")
    assert kind == "back_forward"


def test_back_and_reload_never_ask_whether_to_send_again(tab, server):
    tab.begin(lecture="9", count=2)
    root = tab.page.url.partition("/q/")[0]
    if not tab.page.locator('[name="answer-1"][type=text]').count():
        tab.page.goto(f"{root}/q/2")
    here = tab.page.url.partition("#")[0]
    label = here[-1]
    tab.page.fill(f'[name="answer-{label}"]', "4+")
    stale = another_browser(tab)
    stale.page.goto(here)
    tab.follow("button[value=hint]")
    tab.page.reload()
    assert tab.page.locator("[role=alert]").count() == 0
    assert tab.page.input_value(f'[name="answer-{label}"]') == "4+"
    tab.follow("nav.turn a:has-text('Question')")
    back_to(tab, here)
    assert tab.page.input_value(f'[name="answer-{label}"]') == "4+"
    # A form that is out of date, and its page:
    stale.page.fill(f'[name="answer-{label}"]', "1")
    stale.follow("button[value=answer]")
    assert "answered meanwhile" in stale.page.locator("[role=alert]").inner_text()
    stale.follow("button[value=answer]")
    assert verdict(stale) == "Wrong"
    back_to(stale, here)
    stale.page.context.close()


def test_code_that_was_run_is_there_again_after_back(tab, server):
    tab.page.goto(server.root + "/code/relu")
    tab.page.fill("textarea", "def relu_forward(x: oh")
    tab.page.set_default_timeout(90_000)
    tab.page.set_default_navigation_timeout(90_000)
    tab.follow("button.main")
    assert tab.page.locator(".tested .said, .said.bad").count()
    tab.follow("a:text('All tasks')")
    back_to(tab, server.root + "/code/relu")
    assert tab.page.input_value("textarea") == "def relu_forward(x: oh"
    assert tab.page.locator(".tested .said, .said.bad").count()


def test_numbers_of_lists_are_seen_and_what_is_wide_fades_and_scrolls_by_keyboard(chromium, server):
    context = chromium.new_context(viewport={"width": 360, "height": 640})
    tab = Tab(context, server)
    tab.enter()
    tab.begin("lists", lecture="6")
    item = tab.page.locator(".prose li").first
    assert item.evaluate("e => getComputedStyle(e).overflowX") == "visible", (
        "its number is beside it"
    )
    assert item.evaluate("e => getComputedStyle(e).listStyleType") == "decimal"
    line = item.locator(".line")
    assert line.evaluate("e => e.scrollWidth > e.clientWidth")
    assert line.get_attribute("data-more") == "after"
    assert line.evaluate("e => getComputedStyle(e).maskImage").startswith("linear-gradient")
    assert line.get_attribute("tabindex") == "0"
    assert tab.page.locator(".prose li .line").nth(1).get_attribute("data-more") is None
    line.evaluate("e => { e.scrollLeft = 40; }")
    tab.page.wait_for_selector(".line[data-more=both]")
    line.evaluate("e => { e.scrollLeft = 9999; }")
    tab.page.wait_for_selector(".line[data-more=before]")
    assert tab.barriers() == []
    assert tab.wide() <= 0
    tab.page.goto(tab.page.url.partition("/q/")[0] + "/review/1")
    assert tab.page.locator(".prose li .line").first.get_attribute("data-more") == "after"
    context.close()


def test_a_session_that_was_ended_in_a_second_tab_says_so(tab, server):
    tab.begin("sums", lecture="9")
    first = tab.page.url
    other = Tab(tab.page.context, server)
    other.begin("chain rule", lecture="4")
    tab.page.fill('[name="answer-1"]', "1")
    tab.follow("button[value=answer]")
    alert = tab.page.locator("[role=alert]")
    assert "This session is over" in alert.inner_text()
    assert alert.locator("pre").inner_text() == "1"
    assert tab.page.locator(".said.open, .said.bad").count() == 2, (
        "this, and that it is not answered"
    )
    assert tab.page.locator("form.answer").count() == 0
    assert tab.barriers() == []
    tab.page.goto(first)
    tab.follow("a:text('See its result')")
    assert tab.page.locator("h1").inner_text() == "Result"


def test_times_are_told_in_one_form(chromium, server):
    """Hours of 24, where the reader is; a browser that would say 07:17 PM is told the same."""
    context = chromium.new_context(locale="en-US", timezone_id="America/New_York")
    tab = Tab(context, server)
    tab.enter()
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    tab.page.fill('[name="answer-2"]', "7")
    tab.page.wait_for_selector(".saved:has-text('Saved at')")
    saved = tab.page.locator(".saved").inner_text()
    tab.page.goto(server.root + "/")
    until = tab.page.locator("time").first
    moment = until.get_attribute("datetime")
    assert re.fullmatch(r"Saved at \d\d:\d\d\.", saved)
    assert re.fullmatch(r"\d\d:\d\d", until.inner_text())
    hour = (
        int(moment[11:13]) - until.evaluate("e => new Date(e.dateTime).getTimezoneOffset() / 60")
    ) % 24
    assert int(until.inner_text()[:2]) == hour
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier_or_is_wider_than_a_phone(chromium, server, theme):
    context = chromium.new_context(
        viewport={"width": 360, "height": 640}, color_scheme=theme, has_touch=True
    )
    tab = Tab(context, server)
    tab.enter()

    def good(place: str) -> None:
        assert tab.barriers() == [], place
        assert tab.wide() <= 0, place

    good("first page")
    for path in ("/exams", "/progress", "/code", "/code/relu", "/nowhere"):
        tab.page.goto(server.root + path)
        good(path)
    tab.begin("figures", lecture="5")
    assert tab.page.locator("figure .scroll").evaluate("e => e.scrollWidth > e.clientWidth")
    good("figure")
    tab.begin("tables", lecture="8")
    good("a table with an empty corner")
    sides = tab.page.locator(".prose tbody td").all()
    aligned = [cell.evaluate("e => getComputedStyle(e).textAlign") for cell in sides]
    assert aligned == ["left", "right", "right"]
    for kind in ("multiple_choice", "matching", "ordering", "matrix", "text"):
        tab.begin(topic_of(kind), lecture="3")
        good(kind)
    tab.page.fill("textarea", "Because " * 40)
    tab.follow("button[value=answer]")
    good("marking oneself")
    tab.begin("chain rule", lecture="4")
    while tab.page.locator("button[value=hint]").count():
        tab.follow("button[value=hint]")
    tab.follow("button[value=solution]")
    good("hints and solution")
    session = tab.page.url.partition("/q/")[0]
    for path in ("/result", "/review/1"):
        tab.page.goto(session + path)
        good(path)
    start_exam(tab, server)
    good("exam")
    tab.follow("button:text('Overview')")
    good("overview")
    context.close()
    tab.faults = [fault for fault in tab.faults if "404" not in fault]
    assert not tab.faults
    assert not [url for url in tab.asked if not url.startswith(server.root)]


def test_several_solutions_on_one_page_have_a_name_each(tab, server):
    def solutions() -> list[str]:
        found = tab.page.locator("section.solution, section.rubric")
        return [each.get_attribute("aria-label") for each in found.all()]

    tab.begin("several parts", lecture="7")
    tab.follow("button[value=solution]")
    tab.follow("button[value=solution]")
    words = ["What earns points in a", "Solution to b", "Solution", "What earns points in b"]
    assert solutions() == ["Solution to a", *words]
    assert tab.barriers() == []
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/overview")
    tab.follow("button:text('Hand in')")
    tab.page.goto(f"{server.root}/s/{exam}/review/4")
    assert solutions() == ["Solution to a", "Solution to b", "Solution to c"]
    assert tab.barriers() == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("words", [(), ("--no-record",)])
def test_it_stops_in_order_when_it_is_told_to(tmp_path, server, how, words):
    own = practice_server(Path(server.command[-1]), tmp_path, *words)
    try:
        own.process.send_signal(how)
        assert own.process.wait(timeout=60) == 0
        assert own.said().count("\n") == 2
    finally:
        own.close()
    kept = tmp_path / "web.secret"
    assert kept.exists() != bool(words)
    assert not words or list(tmp_path.iterdir()) == []
    assert words or kept.stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_said(tmp_path, server):
    done = subprocess.run(
        [sys.executable, "-m", "quiz.cli", "--web", "--no-browser", "--port", str(server.port)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MOCKEXAM_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"port {server.port} cannot be used" in done.stderr
    assert done.stderr.count("\n") == 1
