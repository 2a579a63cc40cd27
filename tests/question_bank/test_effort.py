"""The hand-work of a draw: what counts as an operation, and that closed forms are seen through."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.derive import derive
from question_bank.effort import Work, cost_of, digits_of, hand_work
from question_bank.grammar.exact import EvaluationError
from question_bank.loader import load_bank
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
