"""Measured difficulty: kept apart from the questions, by version, and no class counted twice."""

from __future__ import annotations

import json

import pytest

from question_bank.diagnostics import InputError
from question_bank.loader import parse_question
from question_bank.measured import (
    MeasuredAnswer,
    Sitting,
    keep_sitting,
    measured,
    sittings,
    version_of,
)
from tests.support import CHAIN

QUESTION = parse_question(CHAIN, "chain.yaml")
BANK = {"chain": QUESTION}


def answer(solved, *, part="a", students=50, points=5.0, version=None, discrimination=0.3):
    return MeasuredAnswer(
        question="chain",
        part=part,
        version=version_of(QUESTION) if version is None else version,
        students=students,
        solved=solved,
        discrimination=discrimination,
        points=points,
    )


def sitting(*answers, papers="abcdef", assignment="exam-7"):
    return Sitting(
        assignment=assignment, bank_version="0", papers=tuple(papers), answers=tuple(answers)
    )


@pytest.mark.parametrize(
    ("first", "second", "files", "students", "solved"),
    [
        ("abcdef", "abcdef", 1, 50, 0.5),
        ("abcdef", "abcxyz", 1, 50, 0.5),
        ("abcdef", "ab", 1, 50, 0.5),
        ("abcdef", "abuvwxyz", 2, 100, 0.6),
        ("abcdef", "uvwxyz", 2, 100, 0.6),
    ],
    ids=[
        "the same papers",
        "half of them new",
        "fewer of them",
        "a third the same",
        "another class",
    ],
)
def test_a_class_is_counted_once(first, second, files, students, solved, tmp_path):
    keep_sitting(tmp_path, sitting(answer(0.7), papers=first))
    keep_sitting(tmp_path, sitting(answer(0.5), papers=second))
    assert len(list(tmp_path.iterdir())) == files
    found = measured(sittings(tmp_path), BANK)["chain"]
    assert (found.students, found.sittings) == (students, files)
    assert found.solved == pytest.approx(solved)


def test_another_exam_is_another_sitting(tmp_path):
    keep_sitting(tmp_path, sitting(answer(0.7)))
    keep_sitting(tmp_path, sitting(answer(0.1), assignment="exam-8"))
    assert measured(sittings(tmp_path), BANK)["chain"].solved == pytest.approx(0.4)


def test_a_question_is_its_parts_by_their_points(tmp_path):
    keep_sitting(
        tmp_path, sitting(answer(1.0, points=3), answer(0.0, part="b", points=1, students=40))
    )
    found = measured(sittings(tmp_path), BANK)["chain"]
    assert found.students == 50
    assert found.solved == pytest.approx(150 / 190)
    assert str(found) == "solved 79 % by 50 students in 1 exam, discrimination 0.30"


def test_an_earlier_version_counts_for_itself(tmp_path):
    keep_sitting(tmp_path, sitting(answer(0.9, version="another")))
    found = measured(sittings(tmp_path), BANK)["chain"]
    assert (found.solved, found.earlier) == (None, 50)
    assert str(found) == "not measured in this version (50 students had an earlier one)"
    keep_sitting(tmp_path, sitting(answer(0.2, discrimination=None), papers="xyz"))
    found = measured(sittings(tmp_path), BANK)["chain"]
    assert str(found) == "solved 20 % by 50 students in 1 exam (50 more had an earlier version)"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("difficulty: 1", "difficulty: 4", True),
        ("objectives: [multiply, then add]", "objectives: [multiply]", True),
        ("topic: chain rule", "topic: backpropagation", True),
        ("What is $ab$?", "What is $a b$?", False),
        ("a: {choice: [2]}", "a: {choice: [2, 5]}", False),
        ("points: 5", "points: 4", False),
    ],
)  # fmt: skip
def test_a_version_is_what_students_see(before, after, same):
    assert before in CHAIN
    other = parse_question(CHAIN.replace(before, after), "chain.yaml")
    assert (version_of(other) == version_of(QUESTION)) is same


def test_a_question_that_is_no_longer_in_the_bank_is_not_told(tmp_path):
    keep_sitting(tmp_path, sitting(answer(0.9)))
    assert measured(sittings(tmp_path), {}) == {}


def test_no_folder_is_no_measurement(tmp_path):
    assert sittings(tmp_path / "absent") == ()


@pytest.mark.parametrize("content", ["", "{}", '{"schema_version": 1}', "[" * 10_000])
def test_a_file_that_is_none_is_said(content, tmp_path):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InputError, match="holds no results of an exam"):
        sittings(tmp_path)


def test_nothing_of_a_student_is_kept(tmp_path):
    path = keep_sitting(tmp_path, sitting(answer(0.9)))
    assert set(json.loads(path.read_text())) == {
        "schema_version", "assignment", "bank_version", "papers", "answers",
    }  # fmt: skip
