"""`question-bank lint-exam` on an exam that was made, and on one that somebody changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from authoring.lint.exam_file import lint_exam_file
from generator.blueprint import load_blueprint
from generator.make import make_exam
from generator.record import dumps, record_of
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank
from tests.authoring.test_commands import run

BANK = load_bank()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    exam = make_exam(load_blueprint("mock_exam"), BANK, seed=1, forms=2)
    file = tmp_path_factory.mktemp("exam") / "exam.json"
    file.write_text(dumps(record_of(exam)))
    return file


def test_the_command_finds_nothing_in_a_generated_exam(made):
    done = run("lint-exam", str(made))
    assert (done.returncode, done.stdout) == (0, "no findings\n")


def with_order(file: Path, target: Path, order):
    """The exam with its multiple-choice questions sorted so that keys repeat."""
    data = json.loads(file.read_text())
    for form in data["forms"]:
        order(form["sections"][0]["questions"])
    target.write_text(json.dumps(data))
    return target


def test_a_run_of_one_key_is_found_form_by_form(made, tmp_path):
    def repeated(questions):
        # The same boxes everywhere: each question gets a seed under which only option a is right.
        from question_bank.variant import instantiate

        for question in questions:
            for seed in range(400):
                variant = instantiate(BANK.questions[question["id"]], seed)
                if sorted(variant.parts[0].answer.right) == ["a"]:
                    question["seed"] = seed
                    break
        questions.sort(
            key=lambda q: (
                sorted(instantiate(BANK.questions[q["id"]], q["seed"]).parts[0].answer.right)
                != ["a"]
            )
        )
        for number, question in enumerate(questions, 1):
            question["number"] = number

    changed = with_order(made, tmp_path / "exam.json", repeated)
    done = run("lint-exam", "--strict", "--json", str(changed))
    found = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert {"form A", "form B"} >= {f["question"] for f in found}
    assert "key-run" in {f["code"] for f in found}
    assert run("lint-exam", str(changed)).returncode == 0  # a warning, no error


def test_what_is_no_exam_is_refused(tmp_path):
    (tmp_path / "exam.json").write_text("{}")
    with pytest.raises(InputError, match=r"is no exam\.json"):
        list(lint_exam_file(tmp_path / "exam.json", BANK))
