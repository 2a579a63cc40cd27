"""Practice in a real browser: the server, windows that are signed in, and what a person does in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.quiz.browser.conftest import ALL, ANSWERS
from tests.quiz.browser.practice_tab import PracticeTab as Tab
from tests.quiz.browser.practice_tab import practice_server
from tests.web.chromium import Server

FIGURE = """\
id: wide_figure
title: A wide figure
lecture: 5
topic: figures
type: short
points: 1
difficulty: 1
objectives: [look]
source: made for the tests
text: "What is $W = \\\\begin{pmatrix} {{ r }} \\\\end{pmatrix}$ times zero?"
parameters: {r: {choice: ["1 & 2 & 3 & 4 & 5 & 6 & 7 & 8 & 9 & 10 & 11 & 12 & 13 & 14 & 15 & 16 & 17"]}}
figure:
  name: loss_curves
  alt: Four panels of curves.
  args: {panels: [{training: [3, 2, 1], validation: [3, 2, 2]}, {training: [3, 2, 1], validation: [3, 2, 2]}]}
answer: {type: numeric, value: 0}
solution: Nothing.
verify: {source: made for the tests}
"""

SEVERAL = """\
id: several
title: Several
lecture: 7
topic: several parts
type: long
difficulty: 1
objectives: [explain]
source: made for the tests
text: Two things are asked.
parts:
  - {text: Why?, points: 2, answer: {type: text, lines: 2}, solution: Because., rubric: [{points: 2, earns: A reason}]}
  - {text: How?, points: 2, answer: {type: text, lines: 2}, solution: So., rubric: [{points: 2, earns: A way}]}
solution: And both together.
"""

TABLE = """\
id: cornered
title: A table with an empty corner
lecture: 8
topic: tables
type: short
points: 1
difficulty: 1
objectives: [look]
source: made for the tests
text: |
  |      | $x_1$ | $x_2$ |
  |:-----|------:|------:|
  | mean | 1     | 2     |

  $$\\begin{aligned} \\bar x_1 &= 1 \\\\ \\bar x_2 &= 2 \\end{aligned}$$

  What is the mean of $x_1$ minus one?
answer: {type: numeric, value: 0}
solution: Nothing.
verify: {source: made for the tests}
"""

LISTED = """\
id: listed
title: Listed
lecture: 6
topic: lists
type: short
points: 1
difficulty: 1
objectives: [look]
source: made for the tests
text: |
  Two things:

  1. the first, where $x = \\begin{pmatrix} 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8 & 9 & 10 & 11 & 12 & 13 & 14 & 15 & 16 & 17 \\end{pmatrix}$
  2. the second
answer: {type: numeric, value: 0}
solution: Nothing.
verify: {source: made for the tests}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    bank = tmp_path_factory.mktemp("bank")
    for text in (*ALL, FIGURE, LISTED, SEVERAL, TABLE):
        name = re.search(r"^id: (\w+)", text, re.MULTILINE)[1]
        (bank / f"{name}.yaml").write_text(text, encoding="utf-8")
    started = practice_server(bank, tmp_path_factory.mktemp("home"))
    yield started
    started.close()


@pytest.fixture
def tab(chromium, server) -> Iterator[Tab]:
    """A window that is signed in. Afterwards: nothing was asked of anyone else, and no script failed."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    found = Tab(context, server)
    found.enter()
    yield found
    context.close()
    assert not [url for url in found.asked if not url.startswith((server.root, "data:"))]
    assert not found.faults


def fill(tab: Tab, kind: str, which: str) -> None:
    """Fill in an answer as a person would."""
    answer = ANSWERS[kind][which]
    if answer == "letters":
        tab.page.get_by_role("checkbox", name="a²").check()
        return
    for select in tab.page.locator("fieldset.places select").all():
        select.select_option("")
    for name, value in answer.items():
        field = tab.page.locator(f'[name="{name.format(label="1")}"]')
        if isinstance(value, list):
            tab.page.locator(f'input[value="{value[0]}"]').check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def verdict(tab: Tab) -> str:
    return tab.page.locator(".said :is(h2, h3)").first.inner_text()


def start_exam(tab: Tab, server: Server, minutes: float = 30) -> int:
    """A mock exam of a few questions, put into the store beside the server."""
    from quiz.desk import Desk, start
    from quiz.engine import Plan
    from quiz.events import Terms
    from quiz.material import Material, item_of
    from quiz.store import open_progress
    from quiz.surroundings import now
    from tests.quiz.conftest import bank_of

    material = Material(bank_of(*ALL))
    sections = {"boxes": "Choices", "plain_sum": "Short", "words": "Short", "chain": "Long"}
    items = tuple(
        item_of(number, material.variant(question, 1), section)
        for number, (question, section) in enumerate(sections.items(), start=1)
    )
    terms = Terms(title="Short mock exam", minutes=minutes, points=17, pass_mark=8)
    progress = open_progress("mia", f"sqlite:///{server.home / 'mockexam.db'}")
    session = start(Desk(material, now, progress), Plan("exam", 1, "0", items, terms))
    progress.close()
    tab.page.goto(f"{server.root}/s/{session.kept.number}")
    return session.kept.number


def forget_what_was_away(tab):
    """Without the browser's own words on a server that did not answer."""
    tab.faults = [fault for fault in tab.faults if "net::ERR_" not in fault]


def another_browser(tab: Tab) -> Tab:
    """The same student in a browser of its own: with other drafts."""
    found = Tab(tab.page.context.browser.new_context(), tab.server)
    found.enter()
    return found
