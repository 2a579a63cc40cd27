"""A small bank of real question files, and a place to make exams in."""

from __future__ import annotations

from pathlib import Path

import pytest

CHOICE = """\
id: {id}
title: Choice question {lecture} {number}
lecture: {lecture}
topic: topic {lecture}
type: multiple_choice
points: 2
difficulty: 2
objectives: [choose]
source: Lecture {lecture}
text: Which of these statements about item {number} of lecture {lecture} hold?
options:
  - {{text: alpha is first, correct: true}}
  - {{text: beta is second, correct: {second}, why: because}}
  - {{text: gamma is third, correct: false, why: because}}
  - {{text: delta is fourth, correct: false, why: because}}
solution: Lecture {lecture} says so.
"""

SHORT = """\
id: {id}
title: Short question {lecture} {number}
lecture: {lecture}
topic: topic {lecture}
type: short
points: {points}
difficulty: {difficulty}
objectives: [multiply]
source: Lecture {lecture}
use: {use}
enemies: [{enemies}]
parameters:
  left: {{range: [12, 98]}}
  right: {{range: [12, 98]}}
let:
  product: left * right
text: What is ${{{{ left }}}} \\cdot {{{{ right }}}}$?
answer: {{type: numeric, value: product}}
solution: It is the marker {{{{ product }}}}.
"""

LONG = """\
id: {id}
title: Long question {lecture} {number}
lecture: {lecture}
topic: topic {lecture}
type: long
difficulty: {difficulty}
objectives: [add]
source: Lecture {lecture}
parameters:
  start: {{range: [100, 900]}}
let:
  more: start + 7
  less: more - 20
text: A number ${{{{ start }}}}$ is given.
parts:
  - text: Add seven.
    points: {first}
    answer: {{type: numeric, value: more}}
    solution: It is {{{{ more }}}}.
  - text: Take twenty away from that.
    points: {second}
    answer: {{type: numeric, value: less}}
    carry: {{more: a}}
    solution: It is {{{{ less }}}}.
"""


def write_bank(folder: Path) -> Path:
    """Three questions or more of each of the twelve lectures, 60 in all."""
    folder.mkdir(parents=True, exist_ok=True)

    def save(template: str, kind: str, lecture: int, number: int, **values: object) -> None:
        name = f"{kind}_{lecture:02}_{number}"
        text = template.format(id=name, lecture=lecture, number=number, **values)
        (folder / f"{name}.yaml").write_text(text)

    for lecture in range(1, 13):
        for number in (1, 2):
            second = "true" if number == 1 else "false"
            save(CHOICE, "choice", lecture, number, second=second)
            save(
                SHORT,
                "short",
                lecture,
                number,
                points=number + lecture % 3,
                difficulty=1 + (lecture + number) % 5,
                use="exam" if (lecture, number) == (3, 2) else "both",
                enemies="sums" if lecture in (5, 6) else "",
            )
        first = 4 + lecture % 4
        save(LONG, "long", lecture, 1, first=first, second=5, difficulty=1 + lecture % 5)
    return folder


@pytest.fixture(scope="session")
def bank_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 question files."""
    return write_bank(tmp_path_factory.mktemp("bank") / "questions")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the test runs in."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
