"""answers.yaml as students write it: the table beside this file, and whatever else can be typed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grader.answer_sheet import astray, normal_label, read_answer_sheet
from question_bank.diagnostics import InputError

TABLE = yaml.safe_load(Path(__file__).with_name("answer_sheets.yaml").read_text("utf-8"))


def refused(content: bytes, asks=()) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_answer_sheet(content, "answers.yaml").answers_to(asks)
    return [diagnostic.render() for diagnostic in caught.value.diagnostics]


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_what_is_typed_and_what_is_read(row):
    content = row["text"].encode()
    if "errors" in row:
        said = refused(content, row.get("asks", ()))
        assert len(said) == len(row["errors"]), said
        for line, expected in zip(said, row["errors"], strict=True):
            assert line.startswith(expected)
        return
    sheet = read_answer_sheet(content, "answers.yaml")
    assert sheet.form == row.get("form")
    assert sheet.answers_to(row.get("asks", ())) == row["answers"]
    assert sheet.not_used == tuple(row.get("not_used", ()))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"answers: {1: \xff}", "answers.yaml:1: error[not-utf-8]"),
        ("answers: {1: ä}".encode("latin-1"), "answers.yaml:1: error[not-utf-8]"),
        ("answers: {1: a}".encode("utf-16"), "answers.yaml:1: error[not-utf-8]"),
        (b"answers: {1: \x00}", "answers.yaml:1: error[yaml-syntax]"),
        (b"answers: {1: " + b"[" * 50_000, "answers.yaml:1:"),
        (b"answers: {1: '" + b"x" * 300_000 + b"'}", "answers.yaml: error[too-large]"),
        (b"answers:\n" + b" 1: a\n" * 100_000, "answers.yaml: error[too-large]"),
        (b"answers:\n" + b" 1: a\n" * 5001, "answers.yaml: error[too-many]"),
        (b"answers: [" + b"a," * 10_000 + b"]", "answers.yaml: error[too-many]"),
    ],
    ids=["bytes", "latin-1", "utf-16", "nul", "deep", "long", "flood", "lines", "list"],
)
def test_files_that_are_no_text_or_too_much_of_it(content, code):
    said = refused(content)
    assert len(said) == 1
    assert said[0].startswith(code)


def test_of_many_faults_the_first_are_told():
    said = refused(b"answers:\n" + b" 1: a\n" * 4000)
    assert len(said) == 21
    assert said[0].startswith("answers.yaml:3:2: error[duplicate-key]")
    assert said[-1] == "answers.yaml: error[more]: 3979 more of the kind"


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_a_sheet_or_an_input_error(content):
    try:
        answers = read_answer_sheet(content, "answers.yaml").answers_to(("1", "2a", "2b"))
    except InputError:
        return
    assert all(isinstance(answer, str) for answer in answers.values())


@given(
    st.integers(1, 9999),
    st.sampled_from(["", *"abcdefgh"]),
    st.sampled_from(["", " ", ".", ")", "-", ": "]),
)
def test_a_printed_label_is_found_again(number, part, between):
    assert normal_label(f" {number}{between if part else ''}{part.upper()} ") == f"{number}{part}"


@given(st.text(max_size=12))
def test_a_label_never_becomes_another_by_reading_it_twice(label):
    assert normal_label(normal_label(label)) == normal_label(label)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"4": "6 1"}, {"4a": "4: 6 1", "4b": "4: 6 1"}),
        ({"4": "6", "4a": "6"}, {"4b": "4: 6"}),
        ({"4 w1": "2", "Question 4 x": "3"}, {"4a": "4 w1: 2\nQuestion 4 x: 3", "4b": "4 w1: 2\nQuestion 4 x: 3"}),
        ({"3a": "b"}, {"3": "3a: b"}),
        ({"4": " ", "4aa": "?"}, {}),
        ({"4.5": "x", "40": "y", "total": "z", "7": "w"}, {}),
        ({"4a": "1", "4b": "2", "4": "x"}, {}),
    ],
)  # fmt: skip
def test_what_stands_under_no_label_may_be_meant_for_a_part_without_an_answer(answers, found):
    assert astray(answers, ("3", "4a", "4b")) == found
