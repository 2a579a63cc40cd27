"""Question files: every fault is named with its place and a cure, all at once."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.diagnostics import InputError
from question_bank.loader import COURSE_BANK, load_bank, parse_question

GOOD = (COURSE_BANK / "09_cnns/conv_output_size.yaml").read_text()
BAD = yaml.safe_load((Path(__file__).parent / "data/bad_questions.yaml").read_text())


def findings_of(text):
    with pytest.raises(InputError) as caught:
        parse_question(text, "q.yaml", "conv_output_size")
    return caught.value.diagnostics


def test_the_example_itself_is_good():
    assert parse_question(GOOD, "q.yaml", "conv_output_size").id == "conv_output_size"


@pytest.mark.parametrize("name", BAD)
def test_a_fault_is_named_with_its_place(name):
    old, new, code, line, message, *also = BAD[name]
    assert old in GOOD, "the table does not fit the example any more"
    text = GOOD.replace(old, new, 1)
    for more in also:
        text = text.replace(more, "", 1)
    found = [d for d in findings_of(text) if d.code == code]
    assert found, findings_of(text)
    if name != "missing key":
        assert any(message in d.message and d.where.line == line for d in found), [
            d.render() for d in found
        ]


def test_all_faults_come_together_with_hints():
    text = GOOD.replace("points: 2", "point: 2").replace("difficulty: 2", "difficulty: 9")
    rendered = "\n".join(d.render() for d in findings_of(text))
    assert 'did you mean "points"' in rendered
    assert "difficulty" in rendered


def test_an_expression_cut_by_a_comma_gets_its_own_hint():
    text = GOOD.replace(
        '"conv_output_size(size, kernel, stride)"', "conv_output_size(size, kernel, stride)"
    )
    assert any(d.code == "cut-by-comma" for d in findings_of(text))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 40), st.text(max_size=12))
def test_any_damage_is_a_question_or_an_input_error(start, length, patch):
    with contextlib.suppress(InputError):
        assert parse_question(GOOD[:start] + patch + GOOD[start + length :], "q.yaml").text


@pytest.mark.parametrize(
    "text", ["", "- 1", "a: " * 100, "[" * 500, "\x00", "x: !!python/object:os.system {}"]
)
def test_what_is_no_question_file_is_refused(text):
    assert findings_of(text)


def test_two_files_with_one_id_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "conv_output_size.yaml").write_text(GOOD)
    with pytest.raises(InputError) as caught:
        load_bank([tmp_path])
    assert [d.code for d in caught.value.diagnostics] == ["duplicate-id"]


def test_a_folder_without_questions_is_refused(tmp_path):
    with pytest.raises(InputError, match="no-bank"):
        load_bank([tmp_path])
    with pytest.raises(InputError, match="no-bank"):
        load_bank([tmp_path / "absent"])


def test_the_bank_is_ordered_and_its_version_follows_its_content(tmp_path):
    (tmp_path / "conv_output_size.yaml").write_text(GOOD)
    first = load_bank([tmp_path]).version
    assert load_bank([tmp_path]).version == first
    (tmp_path / "conv_output_size.yaml").write_text(GOOD.replace("(one number)", "(a number)"))
    assert load_bank([tmp_path]).version != first
    course = load_bank()
    order = [(q.lecture, q.id) for q in course.questions.values()]
    assert order == sorted(order)
