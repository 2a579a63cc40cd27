"""`question-bank stats` and `show` beside what exams measured; `grade --analyse --record` writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from authoring.cli import main as question_bank
from authoring.measured import level_of
from generator.cli import main as mockexam
from grader.cli import main as grade
from grader.report import to_json
from question_bank.key import dumps, key_question, loads
from question_bank.loader import load_bank
from question_bank.variant import instantiate
from tests.grader.analysis.classes import form, report

EASY = """\
id: {id}
title: What is the sum
lecture: 2
topic: sums
type: short
points: 2
minutes: 2
difficulty: {difficulty}
objectives: [add]
source: made for the tests
parameters: {{a: {{range: [2, 90]}}}}
let: {{result: a + 1}}
text: "Add 1 to ${{{{ a }}}}$."
answer: {{type: numeric, value: result}}
solution: "It is ${{{{ result }}}}$."
verify: a + 1
"""


@pytest.fixture
def command(monkeypatch, capsys):
    def run(main, *words):
        monkeypatch.setattr("sys.argv", [main.__module__.split(".")[0], *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        # 1: a key looks wrong, as that of a question that nobody solves does.
        assert left.value.code in (None, 0, 1), said.err
        return said.out

    return run


@pytest.fixture
def exam(tmp_path, monkeypatch):
    """A bank of two questions, an exam of them, and the papers of 24 students: three quarters solve the first, nobody the second."""
    monkeypatch.chdir(tmp_path)
    bank = tmp_path / "bank"
    bank.mkdir()
    for name, difficulty in (("first_sum", 2), ("second_sum", 1)):
        (bank / f"{name}.yaml").write_text(EASY.format(id=name, difficulty=difficulty))
    questions = load_bank([bank]).questions
    key = form(
        "A", [key_question(n, instantiate(q, 5)) for n, q in enumerate(questions.values(), 1)]
    )
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "key.json").write_text(dumps(key))
    (tmp_path / "exam.json").write_text(json.dumps({"forms": [{"label": "A"}]}))
    (tmp_path / "reports").mkdir()
    right = str(key.questions[0].parts[0].answer["value"])
    for n in range(24):
        paper = report(key, {"1": right if n % 4 else "0", "2": "0"}, f"w{n}")
        (tmp_path / "reports" / f"{n}.json").write_text(to_json(paper))
    return bank


ANALYSE = ("reports", "--analyse", "--exam", "exam.json", "-o", "out", "--record", "--bank", "bank")


def test_what_was_measured_stands_beside_the_authors_difficulty(exam, command):
    before = {path: path.read_bytes() for path in exam.iterdir()}
    command(grade, *ANALYSE)
    shown = command(question_bank, "show", "first_sum", "--bank", "bank")
    assert "Difficulty: 2 of 5 by the author; solved 75 % by 24 students in 1 exam" in shown
    data = json.loads(command(question_bank, "show", "first_sum", "--bank", "bank", "--json"))
    assert data["measured"]["solved"] == 0.75
    assert data["measured"]["level"] == 2
    stats = command(question_bank, "stats", "--bank", "bank")
    assert "measured in exams: 2 questions" in stats
    assert "second_sum  difficulty 1, measured 5: solved 0 % by 24" in stats
    # Never written into the questions.
    assert {path: path.read_bytes() for path in exam.iterdir()} == before


def test_the_same_exam_counts_once(exam, command):
    command(grade, *ANALYSE)
    command(grade, *ANALYSE)
    stats = json.loads(command(question_bank, "stats", "--bank", "bank", "--json"))
    assert stats["measured"]["questions"]["first_sum"]["students"] == 24
    assert stats["measured"]["levels_apart"] == ["second_sum"]


def test_a_question_that_was_changed_since_is_not_measured(exam, command):
    command(grade, *ANALYSE)
    file = exam / "first_sum.yaml"
    file.write_text(file.read_text().replace("Add 1 to", "Add one to"))
    shown = command(question_bank, "show", "first_sum", "--bank", "bank")
    assert "not measured in this version (24 students had an earlier one)" in shown
    # Analysed anew, its papers still show the earlier text.
    command(grade, *ANALYSE)
    assert "24 students had an earlier one" in command(
        question_bank, "show", "first_sum", "--bank", "bank"
    )


def test_another_rating_leaves_what_was_measured(exam, command):
    command(grade, *ANALYSE)
    file = exam / "first_sum.yaml"
    file.write_text(file.read_text().replace("difficulty: 2", "difficulty: 3"))
    assert "3 of 5 by the author; solved 75 %" in command(
        question_bank, "show", "first_sum", "--bank", "bank"
    )


def test_without_exams_it_is_said(exam, command):
    assert "not measured in an exam" in command(
        question_bank, "show", "first_sum", "--bank", "bank"
    )
    assert "measured in exams: no question yet" in command(question_bank, "stats", "--bank", "bank")


def test_without_record_nothing_is_kept(exam, command, home_of_its_own):
    command(grade, *[word for word in ANALYSE if word != "--record"])
    assert not (home_of_its_own / "measured").exists()


@pytest.mark.parametrize(
    ("solved", "level"),
    [(1.0, 1), (0.85, 1), (0.84, 2), (0.7, 2), (0.69, 3), (0.5, 3), (0.49, 4), (0.3, 4), (0.29, 5), (0, 5)],
)  # fmt: skip
def test_levels_of_shares(solved, level):
    assert level_of(solved) == level


@pytest.mark.slow
def test_the_real_exam_is_measured_by_the_real_bank(tmp_path, command, monkeypatch):
    """A generated exam: each of its questions is known again in the bank."""
    monkeypatch.chdir(tmp_path)
    command(mockexam, "generate", "quiz_sheet", "--lecture", "9", "--seed", "3", "-o", "exam")
    key_file = Path("exam/A/key.json")
    key = loads(key_file.read_text(), "key")
    Path("reports").mkdir()
    for n in range(12):
        paper = report(key, {"1": "a"}, f"w{n}")
        Path(f"reports/{n}.json").write_text(to_json(paper))
    command(grade, "reports", "--analyse", "--exam", "exam/exam.json", "-o", "out", "--record")
    stats = json.loads(command(question_bank, "stats", "--json"))
    found = stats["measured"]["questions"]
    assert found
    assert all(one["solved"] is not None for one in found.values())
