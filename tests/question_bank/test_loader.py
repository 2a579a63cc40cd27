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


def changed(*changes):
    text = GOOD
    for old, new in changes:
        assert old in text, "the table does not fit the example any more"
        text = text.replace(old, new, 1)
    return text


DOUBLED = ("lecture: 9", "lecture: 9\nlecture: 9")
TIME = ("topic: convolutions (dimensions)", "topic: 12:30")
TYPE = ("type: short", "type: shrt")
ARCHETYPE = ('archetype: "9.1"', "archetype: 9.10")
NAME = ("{out: out - 1}", "{ot: out - 1}")
ANSWER = "answer: {type: numeric, value: out}"
STRIDE = "stride: {choice: [1, 2, 3]}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([DOUBLED, TIME, TYPE, ARCHETYPE, NAME],
         ["4 duplicate-key", "5 ambiguous-number", "6 bad-value", "7 bad-value", "37 unknown-name"]),
        ([DOUBLED, ("id: conv_output_size", "id: conv")], ["1 file-name", "4 duplicate-key"]),
        # The names of misspelt, repeated and faulty sections are known to what uses them.
        ([("let:", "lett:"), ("mistakes:", "mistake:")], ["22 unknown-key", "31 unknown-key"]),
        ([("let:", "let:\n  other: 1\nlet:")], ["24 duplicate-key"]),
        ([(STRIDE, "stride: 5"), NAME], ["18 bad-value", "36 unknown-name"]),
        ([("out: conv_output_size(size, kernel, stride, padding)", "out: no")], ["23 ambiguous-word"]),
        # What is wrong at one place is said once; what is beside it still is looked at.
        ([(ANSWER, "answer: {type: numeric, value: max(out, 3)}"), NAME], ["30 cut-by-comma", "36 unknown-name"]),
        ([(ANSWER, "answer: {type: numerc, value: out}"), NAME], ["30 unknown-answer-type", "36 unknown-name"]),
        ([("name: plus_one_forgotten", "name: Plus"), NAME], ["35 bad-value", "36 unknown-name"]),
        ([("points: 2\nminutes: 2", "points: two")], ["7 bad-value"]),
        ([TYPE, ("solution: |", "convention2: |")], ["6 bad-value", "41 unknown-key", "1 bad-question"]),
        ([("difficulty: 2", "difficulty: 9"), (ANSWER + "\n", "")], ["9 bad-value", "1 bad-question"]),
        # Whatever cannot be read leaves the rest readable.
        ([("  - name: padding_on_one_side", "  - 5\n  - name: padding_on_one_side"), NAME],
         ["32 bad-value", "37 unknown-name"]),
        ([(STRIDE, "stride: {vector: {length: x, of: {range: 5}}}")], ["18 bad-value", "18 bad-value"]),
        ([("let:", "let: 5\nconvention2:")], ["22 bad-value", "23 unknown-key"]),
        ([("verify: torch_conv2d_size(size, kernel, stride, padding)", "verify: {source: 5}")], ["45 bad-value"]),
        ([("type: short", "type: long"), ("difficulty: 2", "difficulty: 9")], ["6 bad-question", "9 bad-value"]),
    ],
)  # fmt: skip
def test_faults_of_every_kind_come_together_and_bring_no_others(changes, expected):
    found = [f"{d.where.line} {d.code}" for d in findings_of(changed(*changes))]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        (ARCHETYPE, "archetype: expected a list, found 9.10", 'write it in quotes, as a list: ["9.10"]'),
        (TYPE, "type: expected one of multiple_choice, short, long, found shrt", 'did you mean "short"?'),
        (("type: short", "type: 1e0"), "found 1e0", "known: multiple_choice, short, long"),
        (("id: conv_output_size", "id: 12"), "id: expected text, found 12", "a letter first"),
        (("title: Output size of a convolution", "title: 0.50"), "title: expected text, found 0.50",
         'write it in quotes: "0.50"'),
        (("points: 2", "points: two"), "points: expected a number, found two", "a number above 0 up to 30"),
        (("points: 2", 'points: "2"'), 'expected a number, found "2"', "write it without quotes: 2"),
        (("difficulty: 2", "difficulty: 9"), "a number of at most 5, found 9", "a whole number from 1 up to 5"),
        (("difficulty: 2", "difficulty: 2.50"), "a whole number, found 2.50", "a whole number from 1 up to 5"),
        (("difficulty: 2", "difficulty:"), "found nothing", "write a value here"),
        (("difficulty: 2\n", ""), '"difficulty" is missing here', 'add "difficulty: ..."'),
        (("enemies: [conv_size]", "enemies: 3"), "expected a list, found 3", '["3"]'),
        ((STRIDE, "stride: {range: 5}"), "parameters.stride.range: expected a list, found 5", "[first, last]"),
        ((STRIDE, "stride: 5"), "parameters.stride: expected keys with values", "known here: choice, range"),
        (("source: Lecture 9", "zzz: 1\nsource: Lecture 9"), '"zzz"', "known here: id, title"),
        ((ANSWER, "answer: {value: out}"), '"type" is missing', "numeric"),
        ((ANSWER, "answer: {type: numeric, value: out, tolerance: x}"), "answer.tolerance: expected a number, found x",
         "write a number"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_plain_words_with_a_cure(change, message, hint):
    found = findings_of(changed(change))
    assert len(found) == 1, [d.render() for d in found]
    assert message in found[0].message
    assert "nput should" not in found[0].message
    assert hint in (found[0].hint or "")


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


def test_an_unknown_key_of_an_answer_is_the_only_finding():
    text = changed((ANSWER, ANSWER.replace("out}", "out, tolerence: 0.1}")))
    (found,) = findings_of(text)
    assert (found.code, found.hint) == ("unknown-key", 'did you mean "tolerance"?')
