"""A small exam with every way to be marked, and submissions to it."""

from __future__ import annotations

import codecs
import json
import os
import pty
import select
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.cli import main
from question_bank.key import FormKey, KeyQuestion, dumps, key_question
from question_bank.loader import parse_question
from question_bank.variant import instantiate
from tests.support import CHAIN, form_key

CHOICE = """\
id: choice
title: A choice
lecture: 2
topic: classifiers
type: multiple_choice
points: 2
difficulty: 1
objectives: [choose]
source: made for the tests
text: Which hold?
options:
  - {text: the first, correct: true}
  - {text: the second, correct: false, why: "It is $x < 2$."}
  - {text: the third, correct: false, why: "No."}
  - {text: the fourth, correct: true}
solution: See the options.
"""

TABLE = """\
id: table
title: A table
lecture: 9
topic: pooling
type: short
points: 1
difficulty: 1
objectives: [compute]
source: made for the tests
parameters: {a: {choice: [1]}}
let: {rows: "[[a, 2, 3]]"}
text: Give the row.
answer: {type: matrix, value: rows, by_entry: true}
solution: It is 1, 2, 3.
"""

WORDS = """\
id: words
title: In words
lecture: 6
topic: overfitting
type: short
points: 3
difficulty: 1
objectives: [explain]
source: made for the tests
text: Why?
answer: {type: text, lines: 3}
solution: Because.
rubric: [{points: 3, earns: says because}]
"""

ROOT = Path(__file__).resolve().parents[2]

# Printed as 1 (choice), 2 (table), 3 (words), 4a to 4c (chain): 2 + 1 + 3 + 10 points.
QUESTIONS = (CHOICE, TABLE, WORDS, CHAIN)
RIGHT = "form: A\nanswers: {1: [A, D], 2: [1 2 3], 4a: 6, 4b: 7, 4c: 14}\n"


def questions() -> list[KeyQuestion]:
    found = []
    for number, text in enumerate(QUESTIONS, start=1):
        name = text.split("\n", 1)[0].removeprefix("id: ")
        variant = instantiate(parse_question(text, f"{name}.yaml"), 1)
        found.append(key_question(number, variant))
    return found


def choice_letters(key: FormKey, *, right: bool) -> str:
    """The letters of the right (or the wrong) options, as this form prints them."""
    options = key.questions[0].parts[0].key.model_dump()["options"]
    return ", ".join(
        letter for letter, option in zip("abcd", options, strict=True) if option["correct"] is right
    )


@pytest.fixture(scope="session")
def key() -> FormKey:
    return form_key(questions())


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the test runs in."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def key_file(work: Path, key: FormKey) -> Path:
    """key.json, and exam.json with the keys of forms A and B beside it."""
    for label in "AB":
        (work / "exam" / label).mkdir(parents=True)
        form = key.model_copy(update={"form": label})
        (work / "exam" / label / "key.json").write_text(dumps(form))
    (work / "exam" / "exam.json").write_text(
        json.dumps({"forms": [{"label": "A"}, {"label": "B"}]})
    )
    (work / "key.json").write_text(dumps(key))
    return Path("key.json")


@pytest.fixture
def hand_in(work: Path) -> Callable[..., Path]:
    """Write a zip of the given members; answers alone are answers.yaml."""

    def write(
        answers: str | bytes | None = RIGHT, *, name: str = "w0256.zip", **members: str
    ) -> Path:
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            if answers is not None:
                archive.writestr("answers.yaml", answers)
            for member, content in members.items():
                archive.writestr(member.replace("__", "."), content)
        return Path(name)

    return write


@dataclass(frozen=True)
class Ran:
    """What a command left: exit status, and what it said."""

    status: int
    out: str
    err: str


@pytest.fixture
def grade(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """The command, in this process."""

    def run(*words: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["grade", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    return run


class Terminal:
    """The command in a terminal of its own: keys go in, and what the screen showed comes out."""

    def __init__(self, *words: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from grader.cli import main; main()", *words],
            stdin=slave, stdout=slave, stderr=slave, close_fds=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "90"},
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()  # a sign may come in pieces

    def until(self, text: str) -> str:
        """What came on the screen up to and with `text`; removes it."""
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.seen += self.decoder.decode(os.read(self.master, 65536))
                except OSError:  # the command has ended
                    assert text in self.seen, self.seen
        head, _, self.seen = self.seen.partition(text)
        return head + text

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self) -> int:
        status = self.process.wait(60)
        os.close(self.master)
        return status


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Start the command in a terminal; whatever becomes of the test, none is left running."""
    started: list[Terminal] = []

    def start(*words: str) -> Terminal:
        started.append(Terminal(*words))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
