"""The hand-work of a draw: what counts as an operation, and that closed forms are seen through."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.derive import derive
from question_bank.effort import Work, cost_of, digits_of, hand_work, question_work
from question_bank.grammar.exact import EvaluationError
from question_bank.loader import load_bank
from question_bank.schema import Question
from question_bank.variant import usable_parameters

BANK = load_bank()


@pytest.mark.parametrize(
    ("operator", "left", "right", "digits"),
    [
        ("+", 3, 4, 1),
        ("+", 128, 4, 3),
        ("+", 5, 0, 0),
        ("-", 0, 5, 0),
        ("*", 7, 8, 1),
        ("*", 12, 34, 4),
        ("*", 12, 0, 0),
        ("*", -1, 12, 0),
        ("*", 12, 1000, 2),  # the zeros are only written behind
        ("/", 84, 7, 2),
        ("//", 31, 2, 2),
        ("/", 84, 1, 0),
        ("**", 3, 2, 2),
        ("**", 3, 1, 0),
        ("**", 1, 9, 0),
        ("+", Fraction(1, 3), Fraction(1, 3), 2),
        ("+", Fraction(1, 3), Fraction(1, 4), 6),
        ("*", Fraction(1, 3), 2, 2),
        ("*", 0.5, 2, 3),
        ("+", (1, 2), (3,), 0),
        ("+", "a", "b", 0),
    ],
)
def test_what_an_operation_costs(operator, left, right, digits):
    assert cost_of(operator, left, right) == digits


@pytest.mark.parametrize(
    ("value", "digits"), [(0, 1), (7, 1), (-12, 2), (1000, 1), (1050, 3), (Fraction(2, 31), 3)]
)
def test_digits(value, digits):
    assert digits_of(value) == digits


@pytest.mark.parametrize(
    ("let", "work"),
    [
        ({"y": "a + b"}, Work(1, 1)),
        ({"y": "a * b + 1"}, Work(2, 3)),
        ({"y": "[a, b][7 - 6]"}, Work(0, 0)),
        ({"y": "a > b"}, Work(0, 0)),
        ({"y": "dot([2, 3], [4, 5])"}, Work(3, 4)),
        ({"y": "conv_output_size(31, 3, 2)"}, None),
        ({"x": "a + b", "y": "x + x"}, Work(2, 3)),
    ],
)
def test_the_work_of_let_lines(let, work):
    found = hand_work({"a": 7, "b": 8}, let)
    if work is None:
        assert found.operations >= 2
    else:
        assert found == work


def test_larger_numbers_are_more_work():
    let = {"y": "matmul([[a, b], [b, a]], [[a, b], [b, a]])"}
    small, large = hand_work({"a": 2, "b": 3}, let), hand_work({"a": 23, "b": 31}, let)
    assert small.operations == large.operations == 12
    assert small.digits < large.digits


COMMON = {
    "id": "question", "title": "Some things", "lecture": 1, "topic": "testing", "points": 2,
    "difficulty": 1, "objectives": ["test"], "source": "made for the tests", "text": "What follows?",
    "solution": "This.", "parameters": {"a": {"choice": [7]}, "b": {"choice": [8]}},
    "let": {"sum": "a + b", "product": "a * b", "more": "product + 1"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("over", "work"),
    [
        ({"answer": {"type": "numeric", "value": "more"}}, Work(2, 3)),
        ({"answer": {"type": "numeric", "value": "a"}}, Work(0, 0)),
        # What only the figure and the second route read is no work.
        (
            {
                "answer": {"type": "numeric", "value": "sum"},
                "figure": {
                    "name": "scatter",
                    "args": {"at": "more"},
                    "alt": "a point at {{ more }}",
                },
                "verify": "torch_more(product)",
            },
            Work(1, 1),
        ),
        # What is shown is given, however it was made, but not what is asked for.
        (
            {"answer": {"type": "numeric", "value": "more"}, "text": "It is {{ product }}."},
            Work(1, 2),
        ),
        ({"answer": {"type": "numeric", "value": "more"}, "text": "Not {{ more }}."}, Work(2, 3)),
        (
            {
                "answer": {"type": "numeric", "value": "more"},
                "figure": {
                    "name": "scatter",
                    "args": {"at": ["product"]},
                    "alt": "a point somewhere",
                },
            },
            Work(1, 2),
        ),
        # Of a multiple choice: what its options say, and what decides whether they are right.
        ({"options": [{"text": "It is $\\{{ sum }}$.", "correct": "sum > 3"}]}, Work(1, 1)),
        ({"options": [{"text": "It is even.", "correct": "more > 3"}]}, Work(2, 3)),
        ({"options": [{"text": "It is even.", "correct": "a > b"}]}, Work(0, 0)),
        ({"options": [{"value": "product", "correct": True}]}, Work(1, 1)),
    ],
)
def test_lines_that_lead_to_no_answer_are_no_work(over, work):
    kind = "multiple_choice" if "options" in over else "short"
    if "options" in over:
        over = over | {"options": [*over["options"], {"text": "It is odd.", "correct": False}]}
    question = Question.model_validate({**COMMON, "type": kind, **over})
    assert question_work(question, {"a": 7, "b": 8}) == work


def test_reading_curves_is_no_work():
    question = BANK.question("faults_behind_curves")
    assert question_work(question, usable_parameters(question, 0)) == Work(0, 0)


def test_a_value_that_is_none_is_named():
    with pytest.raises(EvaluationError):
        hand_work({"a": 0}, {"y": "1 / a"})


@given(st.sampled_from(sorted(BANK.questions)), st.integers(0, 50))
def test_counting_changes_no_value_of_the_bank(name, seed):
    question = BANK.question(name)
    parameters = usable_parameters(question, seed)
    before = derive(parameters, question.let)
    work = hand_work(parameters, question.let)
    assert derive(parameters, question.let) == before
    assert 0 <= work.operations <= work.digits
    assert hand_work(parameters, question.let) == work
