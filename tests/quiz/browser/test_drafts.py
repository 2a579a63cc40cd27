"""What is typed and not sent, in a real browser: it is back, in its own place alone, and never saved unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from quiz.store import erase, open_progress
from tests.quiz.browser.practice_tab import PracticeTab as Tab
from tests.quiz.browser.practice_tab import practice_server
from tests.quiz.browser.real_browser import (
    another_browser,
    forget_what_was_away,
    server,
    start_exam,
    tab,
    verdict,
)
from tests.web.chromium import Server

__all__ = ["server", "tab"]

pytestmark = pytest.mark.browser


def test_what_was_typed_is_back_after_a_reload_and_a_killed_server(tab, server):
    tab.begin("sums", lecture="9")
    tab.page.fill('[name="answer-1"]', "half an ans")
    tab.page.reload()
    assert tab.page.input_value('[name="answer-1"]') == "half an ans"
    assert "is back" in tab.page.locator("form.answer").inner_text()
    tab.follow("button[value=hint]")
    assert tab.page.input_value('[name="answer-1"]') == "half an ans"
    server.kill()
    server.start()
    tab.page.goto(tab.page.url.partition("#")[0])  # the address that was open, and no new pass
    assert tab.page.input_value('[name="answer-1"]') == "half an ans"
    tab.page.fill('[name="answer-1"]', "1")
    tab.follow("button[value=answer]")
    assert verdict(tab) == "Wrong"
    tab.page.reload()
    assert "is back" not in tab.page.locator("form.answer").inner_text()
    forget_what_was_away(tab)


def write_elsewhere(tab: Tab, exam: int, text: str) -> None:
    """Save an answer to question 2 in another browser."""
    other = another_browser(tab)
    other.page.goto(f"{tab.server.root}/s/{exam}/q/2")
    other.page.fill('[name="answer-2"]', text)
    other.page.wait_for_selector(".saved:has-text('Saved at')")
    other.page.context.close()


def answer_that_was_left_behind(tab: Tab, server: Server) -> int:
    """An exam in which OLD was typed here without a connection, and NEWER was saved elsewhere since."""
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    tab.page.context.set_offline(True)
    tab.page.fill('[name="answer-2"]', "OLD")
    tab.page.wait_for_selector(".saved:has-text('Not saved yet')")
    tab.page.close()
    tab.page = tab.page.context.new_page()
    tab.page.context.set_offline(False)
    write_elsewhere(tab, exam, "NEWER")
    forget_what_was_away(tab)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    return exam


def test_what_was_typed_long_ago_takes_no_newer_answers_place_unasked(tab, server):
    exam = answer_that_was_left_behind(tab, server)
    assert tab.page.input_value('[name="answer-2"]') == "NEWER"
    assert tab.page.locator(".which pre").inner_text() == "OLD"
    assert tab.barriers() == []
    tab.page.wait_for_timeout(1_500)
    tab.page.reload()
    assert tab.page.input_value('[name="answer-2"]') == "NEWER"
    tab.page.get_by_role("button", name="Take what I had typed").click()
    assert tab.page.input_value('[name="answer-2"]') == "OLD"
    tab.page.wait_for_selector(".saved:has-text('Saved at')")
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    assert tab.page.input_value('[name="answer-2"]') == "OLD"
    assert tab.page.locator(".which").count() == 0


def test_what_was_typed_long_ago_can_be_let_go(tab, server):
    answer_that_was_left_behind(tab, server)
    tab.page.get_by_role("button", name="Keep what is saved").click()
    tab.page.reload()
    assert tab.page.input_value('[name="answer-2"]') == "NEWER"
    assert tab.page.locator(".which").count() == 0


def test_two_tabs_of_one_browser_do_not_write_over_one_another(tab, server):
    exam = start_exam(tab, server)
    address = f"{server.root}/s/{exam}/q/2"
    other = tab.page.context.new_page()
    tab.page.goto(address)
    other.goto(address)
    tab.page.fill('[name="answer-2"]', "first")
    tab.page.wait_for_selector(".saved:has-text('Saved at')")
    other.fill('[name="answer-2"]', "second")
    other.wait_for_selector(".saved:has-text('another window')")
    other.reload()
    assert other.input_value('[name="answer-2"]') == "first"
    assert other.locator(".which pre").inner_text() == "second"
    other.wait_for_timeout(1_500)
    tab.page.reload()
    assert tab.page.input_value('[name="answer-2"]') == "first"


def test_on_a_slow_connection_an_exam_does_not_disagree_with_itself(tab, server):
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")

    tab.page.evaluate(
        """() => {
          const real = window.fetch;
          window.fetch = async (...words) => {
            const answer = await real(...words);
            await new Promise((done) => setTimeout(done, 1500));
            return answer;
          };
        }"""
    )
    # The save has come to the server, and its answer is still on the way, when the next key is pressed.
    with tab.page.expect_response("**/write"):
        tab.page.type('[name="answer-2"]', "12")
    tab.page.type('[name="answer-2"]', "3")
    tab.follow("button:text('Next question')")
    tab.page.wait_for_url("**/q/3*")
    assert tab.page.locator("[role=alert]").count() == 0
    tab.follow("button:text('Back')")
    assert tab.page.input_value('[name="answer-2"]') == "123"
    assert tab.page.locator(".which").count() == 0


def leave_typed(tab: Tab, server: Server, exam: int, text: str) -> None:
    """Type an answer to question 2 where no connection saves it, and close the page."""
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    tab.page.context.set_offline(True)
    tab.page.fill('[name="answer-2"]', text)
    tab.page.wait_for_selector(".saved:has-text('Not saved yet')")
    tab.page.close()
    tab.page = tab.page.context.new_page()
    tab.page.context.set_offline(False)
    forget_what_was_away(tab)


def seen_elsewhere(tab: Tab, exam: int) -> str:
    """What is saved as the answer to question 2."""
    other = another_browser(tab)
    other.page.goto(f"{tab.server.root}/s/{exam}/q/2")
    found: str = other.page.input_value('[name="answer-2"]')
    other.page.context.close()
    return found


def drafts_in(tab: Tab, shelf: str = "localStorage") -> list[str]:
    """The names of the drafts that the browser keeps."""
    keys: list[str] = tab.page.evaluate(f"Object.keys({shelf})")
    return [key for key in keys if key.startswith("mockexam-draft:")]


def delete_all(server: Server) -> None:
    """As `quiz --delete-data` does, beside the server."""
    progress = open_progress("mia", f"sqlite:///{server.home / 'mockexam.db'}")
    erase(progress)
    progress.close()


def test_what_came_back_in_an_exam_is_saved_once_the_student_goes_on_and_not_before(tab, server):
    exam = start_exam(tab, server)
    leave_typed(tab, server, exam, "OLD")
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    assert tab.page.input_value('[name="answer-2"]') == "OLD"
    assert "is back" in tab.page.locator("form.answer").inner_text()
    assert tab.page.locator(".saved").inner_text().startswith("Not saved yet")
    tab.page.wait_for_timeout(1_600)
    tab.page.goto(f"{server.root}/s/{exam}/overview")
    assert seen_elsewhere(tab, exam) == ""
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    tab.follow("button:text('Next question')")
    assert seen_elsewhere(tab, exam) == "OLD"


def test_a_new_exam_of_the_same_number_holds_nothing_of_the_one_that_was_deleted(tab, server):
    delete_all(server)
    before = start_exam(tab, server)
    leave_typed(tab, server, before, "OLD")
    delete_all(server)
    exam = start_exam(tab, server)
    assert exam == before
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    assert tab.page.input_value('[name="answer-2"]') == ""
    assert "is back" not in tab.page.locator("form.answer").inner_text()
    tab.page.wait_for_timeout(1_600)
    assert seen_elsewhere(tab, exam) == ""


def test_deleting_ones_data_takes_what_the_browser_kept_along(tab, server):
    tab.begin("sums", lecture="9")
    tab.page.fill('[name="answer-1"]', "half an ans")
    tab.page.goto(server.root + "/code/relu")
    tab.page.fill("textarea", "def")
    assert len(drafts_in(tab)) == 2
    tab.page.goto(server.root + "/progress")
    tab.page.check("[name=sure]")
    tab.follow("form[action$=delete] button")
    assert tab.page.locator("h1").inner_text() == "Deleted"
    assert drafts_in(tab) == []


def test_without_a_record_nothing_that_was_typed_outlives_the_run(tmp_path, chromium, server):
    own = practice_server(Path(server.command[-1]), tmp_path, "--no-record")
    context = chromium.new_context()
    try:
        tab = Tab(context, own)
        tab.enter()
        tab.begin("sums", lecture="9")
        first = tab.page.url
        tab.page.fill('[name="answer-1"]', "secret")
        tab.page.reload()
        assert tab.page.input_value('[name="answer-1"]') == "secret", "within the run it is back"
        assert drafts_in(tab) == []
        own.kill()
        own.start()
        tab.enter()
        tab.begin("sums", lecture="9")
        assert tab.page.url == first
        assert tab.page.input_value('[name="answer-1"]') == ""
        assert drafts_in(tab, "sessionStorage") == []
    finally:
        context.close()
        own.close()
