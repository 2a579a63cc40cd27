"""Questions on paper without keys, and the table of what a blind solver made of them."""

from __future__ import annotations

import re

import pikepdf
import pytest

from authoring.blind import as_table, blind_form, record_rows, write_blind
from question_bank.answers.marking import mark
from question_bank.diagnostics import InputError
from question_bank.key import loads
from question_bank.loader import COURSE_BANK, load_bank, load_question
from question_bank.strict_yaml import read_text
from question_bank.variant import instantiate

IDS = (
    "12_generative/vae_by_hand",
    "09_cnns/conv_output_size",
    "05_optimisation/loss_scaled",
)


@pytest.fixture
def questions():
    return [load_question(COURSE_BANK / f"{name}.yaml") for name in IDS]


@pytest.fixture
def folder(tmp_path, questions):
    write_blind(blind_form(questions, 7, "v"), tmp_path / "blind")
    return tmp_path / "blind"


def test_the_paper_holds_every_question_by_type_and_no_key(folder, questions):
    with pikepdf.open(folder / "paper.pdf") as paper:
        assert len(paper.pages) > 1
    key = loads(read_text(folder / "key.json"), "key.json")
    assert [q.id for q in key.questions] == ["loss_scaled", "conv_output_size", "vae_by_hand"]
    assert {q.seed for q in key.questions} == {7}
    sheet = read_text(folder / "answers.yaml")
    labels = [line.split(":")[0].strip() for line in sheet.splitlines()[2:]]
    parts = [part.label for part in instantiate(questions[0], 7).parts]
    assert labels == ["1", "2", *(f"3{label}" for label in parts)]


def test_what_was_answered_is_marked_and_told_in_a_table(folder):
    assert {row[3] for row in record_rows(folder)} == {"not_answered"}
    key = loads(read_text(folder / "key.json"), "key.json")
    size = key.questions[1].parts[0].key.value
    (folder / "answers.yaml").write_text(
        f"form: A\nanswers:\n  1: [a]\n  2: {size}\n  3a: 'a | b'\n"
    )
    rows = {row[0]: row for row in record_rows(folder)}
    assert rows["conv_output_size"] == ("conv_output_size", "7", size, "right")
    assert rows["vae_by_hand a"][3] in ("wrong", "unreadable")
    table = as_table(list(rows.values())).splitlines()
    assert f"| conv_output_size | 7 | `{size}` | right |" in table
    assert all(line.replace(r"\|", "").count("|") == 5 for line in table)


def test_solved_answers_are_never_replaced(folder, questions):
    with pytest.raises(InputError, match="is there already"):
        write_blind(blind_form(questions, 8, "v"), folder)


def test_a_long_answer_is_cut():
    (_, _, row) = as_table([("q", "1", "word " * 80, "needs_person")]).splitlines()
    assert row.endswith(" ...` | needs_person |")
    assert len(row) < 170


def test_what_is_recorded_as_right_is_right_on_todays_draw():
    """A question whose numbers changed since has lost its row, or was solved anew."""
    bank = load_bank().questions
    table = (COURSE_BANK.parents[1] / "docs" / "blind_solving.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+)(?: (\w))? \| (\d+) \| `(.*)` \| right \|$", table, re.MULTILINE)
    assert len(rows) > 400
    variants = {
        (name, seed): instantiate(bank[name], int(seed))
        for name, _, seed, _ in rows
        if name in bank
    }
    for name, label, seed, answer in rows:
        (part,) = [p for p in variants[name, seed].parts if p.label == label]
        ticked = answer.strip("[]") or "none"
        given = ticked if part.answer.type == "multiple_choice" else answer.replace(r"\|", "|")
        assert mark(part.answer, given).verdict == "right", (name, label, answer)
