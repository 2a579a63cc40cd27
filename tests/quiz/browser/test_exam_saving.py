"""A mock exam's saving in a real browser: no reload and no lost answer of the server makes a page a second window."""

from __future__ import annotations

import pytest

from tests.quiz.browser.practice_tab import PracticeTab as Tab
from tests.quiz.browser.real_browser import (
    another_browser,
    forget_what_was_away,
    server,
    start_exam,
    tab,
)

__all__ = ["server", "tab"]

pytestmark = pytest.mark.browser

FIELD = '[name="answer-2"]'
SAVED = ".saved:has-text('Saved at')"


def saved_of(tab: Tab, exam: int) -> str:
    """What is saved as the answer to question 2."""
    other = another_browser(tab)
    other.page.goto(f"{tab.server.root}/s/{exam}/q/2")
    found: str = other.page.input_value(FIELD)
    other.page.context.close()
    return found


def write_on(tab: Tab, text: str) -> None:
    """Type at the end of what stands in the field."""
    tab.page.locator(FIELD).press("End")
    tab.page.keyboard.type(text)


def typed_and_reloaded(tab: Tab, server, wait: int = 100, minutes: float = 30) -> int:
    """An exam in which 12 was typed, and the page reloaded so many milliseconds after the last key."""
    exam = start_exam(tab, server, minutes)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    tab.page.type(FIELD, "12")
    tab.page.wait_for_timeout(wait)
    tab.page.reload()
    assert tab.page.input_value(FIELD) == "12"
    return exam


@pytest.mark.parametrize("wait", [0, 100, 900, 2_500])
def test_after_a_reload_it_is_written_on(tab, server, wait):
    exam = typed_and_reloaded(tab, server, wait)
    tab.page.wait_for_timeout(500)
    write_on(tab, "345")
    tab.page.wait_for_selector(SAVED)
    write_on(tab, "6")
    tab.follow("button:text('Next question')")
    assert tab.page.url.endswith("/q/3#question")
    assert saved_of(tab, exam) == "123456"


def test_after_a_reload_one_can_go_on_before_anything_is_saved(tab, server):
    exam = typed_and_reloaded(tab, server)
    tab.page.wait_for_timeout(500)
    write_on(tab, "345")
    tab.follow("button:text('Next question')")
    tab.page.wait_for_url("**/q/3*")
    assert saved_of(tab, exam) == "12345"


def test_what_was_typed_after_a_reload_is_there_when_the_time_is_over(tab, server):
    exam = typed_and_reloaded(tab, server, minutes=0.25)
    tab.page.wait_for_timeout(500)
    write_on(tab, "345")
    tab.page.wait_for_selector(SAVED)
    tab.page.wait_for_url("**/result*")
    tab.page.goto(f"{server.root}/s/{exam}/review/2")
    assert tab.page.locator(".yours code").inner_text() == "12345"


def test_a_second_window_is_told_of_after_a_reload_too(tab, server):
    exam = typed_and_reloaded(tab, server)
    tab.page.wait_for_timeout(500)
    other = another_browser(tab)
    other.page.goto(f"{server.root}/s/{exam}/q/2")
    other.page.fill(FIELD, "NEWER")
    other.page.wait_for_selector(SAVED)
    other.page.context.close()
    write_on(tab, "345")
    tab.page.wait_for_selector(".saved:has-text('another window')")
    assert saved_of(tab, exam) == "NEWER"
    tab.page.reload()
    assert tab.page.locator(".which pre").inner_text() == "12345"


def lose_answers(tab: Tab, many: int) -> list[str]:
    """So many saves come to the server, and its answers do not come back."""
    lost: list[str] = []

    def lose(route) -> None:
        if len(lost) < many:
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    tab.page.route("**/write", lose)
    return lost


@pytest.mark.parametrize("many", [1, 2])
def test_an_answer_of_the_server_that_is_lost_makes_no_second_window(tab, server, many):
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    lost = lose_answers(tab, many)
    tab.page.type(FIELD, "12")
    tab.page.wait_for_selector(".saved:has-text('Not saved yet')")
    write_on(tab, "3")
    tab.page.wait_for_selector(SAVED)
    assert len(lost) == many
    assert saved_of(tab, exam) == "123"
    forget_what_was_away(tab)


def test_what_was_typed_over_a_save_on_its_way_is_back_unasked(tab, server):
    exam = start_exam(tab, server)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    lose_answers(tab, 1)
    tab.page.type(FIELD, "12 ")
    tab.page.wait_for_selector(".saved:has-text('Not saved yet')")
    write_on(tab, "3")
    tab.page.unroute("**/write")
    tab.page.context.set_offline(True)
    tab.page.close()
    tab.page = tab.page.context.new_page()
    tab.page.context.set_offline(False)
    tab.page.goto(f"{server.root}/s/{exam}/q/2")
    assert tab.page.locator(".which").count() == 0
    assert tab.page.input_value(FIELD) == "12 3"
    write_on(tab, "4")
    tab.page.wait_for_selector(SAVED)
    assert saved_of(tab, exam) == "12 34"
    forget_what_was_away(tab)
