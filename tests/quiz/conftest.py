"""A small bank whose questions are quick to make, a clock that stands where it is put, and students who answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from question_bank.loader import Bank, parse_question
from quiz.material import Material
from quiz.store import Progress, open_progress
from tests.leaderboard.conftest import postgres_server, url
from tests.support import CHAIN

__all__ = ["postgres_server", "url"]

SUM = """\
id: plain_sum
title: A sum
lecture: 9
topic: sums
type: short
points: 2
difficulty: 1
objectives: [add two numbers]
source: Lecture 9, made for the tests
parameters: {a: {range: [2, 60]}, b: {range: [61, 90]}}
let: {total: a + b}
text: "What is ${{ a }} + {{ b }}$?"
answer: {type: numeric, value: total}
mistakes:
  - {name: subtracted, set: {total: b - a}, why: The numbers are added.}
solution: |
  Take both numbers. $${{ a }} + {{ b }} = {{ total }}$$
verify: torch_linear_weights(a, b)
"""

BOXES = """\
id: boxes
title: Boxes
lecture: 9
topic: boxes
type: multiple_choice
points: 2
difficulty: 1
objectives: [tell right from wrong]
source: made for the tests
text: Which are right?
options:
  - {text: This one., correct: true, why: It is.}
  - {text: That one., correct: true, why: It is too.}
  - {text: Not this one., correct: false, why: It never was.}
  - {text: Nor that., correct: false, why: Neither was it.}
solution: The first two.
"""

WORDS = """\
id: words
title: In words
lecture: 2
topic: explaining
type: short
points: 3
difficulty: 1
objectives: [explain]
source: made for the tests
text: Why?
answer: {type: text, lines: 3}
rubric:
  - {points: 2, earns: a reason}
  - {points: 1, earns: another reason}
solution: Because.
"""

KEPT = SUM.replace("id: plain_sum", "id: kept_for_exams") + "use: exam\n"

AMBIGUOUS = """\
id: thousand
title: A large number
lecture: 2
topic: large numbers
type: short
points: 1
difficulty: 1
objectives: [read a number]
source: made for the tests
text: How many?
answer: {type: numeric, value: 98816}
solution: "98816."
verify: {source: made for the tests}
"""

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def bank_of(*texts: str) -> Bank:
    questions = [parse_question(text, "made.yaml") for text in texts]
    return Bank({q.id: q for q in questions}, {}, "0")


@pytest.fixture
def bank() -> Bank:
    return bank_of(CHAIN, SUM, BOXES, WORDS, KEPT, AMBIGUOUS)


@pytest.fixture
def material(bank: Bank) -> Material:
    return Material(bank)


class Clock:
    """Stands still; `pass_by` moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(url: str) -> Iterator[Progress]:
    """Nothing yet, on either database."""
    opened = open_progress("mia", url)
    yield opened
    opened.close()


@pytest.fixture
def bank_folder(tmp_path: Path) -> Callable[..., Path]:
    """The small bank as files, for the command."""

    def write(*texts: str) -> Path:
        folder = tmp_path / "bank"
        folder.mkdir()
        for text in texts or (CHAIN, SUM, BOXES, WORDS, KEPT):
            name = text.partition("\n")[0].removeprefix("id: ")
            (folder / f"{name}.yaml").write_text(text)
        return folder

    return write
