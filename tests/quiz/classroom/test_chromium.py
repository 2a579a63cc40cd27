"""The pages of a class in a real browser: by keyboard, on a phone, light and dark, without barriers."""

from __future__ import annotations

import csv
import signal
from collections.abc import Iterator

import pytest

from tests.quiz.browser.practice_tab import PracticeTab as Tab
from tests.quiz.classroom.test_server import Server
from tests.quiz.conftest import BOXES, SUM
from tests.quiz.test_command import run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    home, bank = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("bank")
    for name, text in (("plain_sum", SUM), ("boxes", BOXES)):
        (bank / f"{name}.yaml").write_text(text, encoding="utf-8")
    (home / "class.csv").write_text("user,name,id\nw0256,Ada Lovelace,1\nw0257,,\n")
    made = Server(home, bank, "--processes", "1")
    line = ["serve", "links", "--data", home / "data", "--roster", home / "class.csv"]
    done = run(*line, "--instructor", "prof", "--port", made.port)
    made.passes = {row["user"]: row for row in csv.DictReader(done.stdout.decode().splitlines())}
    made.root = made.address
    yield made.start()
    made.stop(signal.SIGKILL)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_a_class_has_a_barrier_or_is_too_wide_for_a_phone(server, chromium, theme):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme=theme)
    tab = Tab(context, server)

    def look() -> None:
        assert tab.barriers() == []
        assert tab.wide() == 0

    def press() -> None:
        with tab.page.expect_navigation():
            tab.page.click("button.main")

    tab.page.goto(server.root)
    look()
    tab.page.goto(server.passes["w0256"]["link"])
    look()
    press()
    look()
    tab.page.click("text=Practice")
    tab.page.select_option("[name=topic]", "sums")
    tab.page.fill("[name=count]", "1")
    tab.page.click("button[name=mode][value=practice]")
    tab.page.wait_for_url("**/s/*/q/*")
    tab.page.fill("input[type=text]", "1")
    with tab.page.expect_navigation():
        tab.page.click("button[value=answer]")
    tab.page.goto(server.passes["prof"]["link"])
    look()
    press()
    look()
    for path in ("/class/", "/class/users", "/class/?still=1", "/class/users?still=1"):
        tab.page.goto(server.root + path)
        look()
        moves = tab.page.locator("text=The page reloads every 20 seconds").count()
        assert moves == ("still" not in path)
    assert tab.faults == []
    assert all(url.startswith(server.root) for url in tab.asked), "a request left the server"
    context.close()


def test_signing_in_by_keyboard(server, chromium):
    tab = Tab(chromium.new_context(), server)
    tab.page.goto(server.root)
    tab.reach("#user")
    tab.page.keyboard.type("w0256")
    tab.press("Tab")
    assert tab.focused() == "code"
    tab.page.keyboard.type(server.passes["w0256"]["code"].upper())
    with tab.page.expect_navigation():
        tab.press("Enter")
    assert tab.page.inner_text("h1") == "Hello Ada Lovelace"
    tab.reach(".rooms a")
    with tab.page.expect_navigation():
        tab.press("Enter")
    assert "/practice/" in tab.page.url


def test_the_instructors_page_keeps_up_to_date_unless_somebody_is_at_its_form(server, chromium):
    tab = Tab(chromium.new_context(), server)
    tab.page.goto(server.passes["prof"]["link"])
    tab.follow("button.main")
    tab.page.clock.install()
    tab.page.goto(server.root + "/class/")
    with tab.page.expect_navigation():
        tab.page.clock.run_for(20_500)
    tab.page.focus("select[name=span]")
    tab.page.evaluate("window.untouched = true")
    tab.page.clock.run_for(41_000)
    assert tab.page.evaluate("window.untouched")
    tab.page.goto(server.root + "/class/?still=1")
    tab.page.evaluate("window.untouched = true")
    tab.page.clock.run_for(41_000)
    assert tab.page.evaluate("window.untouched")
    assert tab.faults == []


def test_who_comes_in_next_finds_nothing_of_what_the_one_before_typed(server, chromium):
    tab = Tab(chromium.new_context(), server)

    def come_in(user: str) -> None:
        tab.page.goto(server.passes[user]["link"])
        tab.follow("button.main")

    def kept() -> list[str]:
        keys: list[str] = tab.page.evaluate("Object.keys(localStorage)")
        return [key for key in keys if key.startswith("mockexam-draft:")]

    code = f"{server.root}/practice/code/relu"
    come_in("w0256")
    tab.page.goto(code)
    empty = tab.page.input_value("textarea")
    tab.page.fill("textarea", "# of Ada")
    come_in("w0256")
    tab.page.goto(code)
    assert tab.page.input_value("textarea") == "# of Ada", "the same person again loses nothing"
    (own,) = kept()
    come_in("w0257")
    assert kept() == [], "nothing of hers lies there for the tools of the browser either"
    tab.page.goto(code)
    assert tab.page.input_value("textarea") == empty
    tab.page.fill("textarea", "# of the next one")
    assert own not in kept(), "the name of a draft is a person's own"
    tab.page.context.close()


def test_a_class_may_send_as_much_as_its_fields_take(server, chromium):
    tab = Tab(chromium.new_context(), server)
    tab.page.goto(server.passes["w0256"]["link"])
    tab.follow("button.main")
    tab.page.goto(f"{server.root}/practice/code/relu")
    area = tab.page.locator("textarea")
    area.fill("日" * int(area.get_attribute("maxlength")))
    tab.page.set_default_navigation_timeout(90_000)
    tab.follow("button.main")
    assert tab.page.locator("#tested").count() == 1
    tab.page.context.close()
