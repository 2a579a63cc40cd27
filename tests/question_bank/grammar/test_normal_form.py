"""Proofs by normal forms: what they prove, and that they end."""

from __future__ import annotations

import pytest

from question_bank.grammar.answer_syntax import parse_answer
from question_bank.grammar.answer_words import FUNCTIONS
from question_bank.grammar.normal_form import TooMuch, _Proof, _quotient, proved_equal


def proved(a, b):
    return proved_equal(*(parse_answer(text, ["x", "y", "n"], FUNCTIONS) for text in (a, b)))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("(x+y)^2", "x^2 + 2x*y + y^2"),
        ("1/x + 1/y", "(x+y)/(x*y)"),
        ("x^-2", "1/(x*x)"),
        ("(x^2-y^2)/(x-y)", "x+y"),
        ("tanh(2x)*y", "y*tanh(x+x)"),
        ("tanh(x/y)", "tanh((2x)/(2y))"),
        ("exp(10^9*x)/exp(10^9*x)", "1"),
        ("256^n*256^n", "(256^n)^2"),
        ("-(-x)", "x"),
        ("max(x+y, 1)", "max(y+x, 1)"),
        ("0*tanh(x)", "0"),
    ],
)
def test_equal_normal_forms_are_a_proof(a, b):
    assert proved(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("tanh(x)", "tanh(y)"),
        ("tanh(x)", "exp(x)"),
        ("tanh(tanh(x))", "tanh(x)"),
        ("x^n", "n^x"),
        ("max(x, 1)", "max(1, y)"),
        ("x/0", "x/0"),
        ("0^-1", "0^-1"),
        ("tanh(x)^2 + 1/cosh(x)^2", "1"),
        ("x^13", "x^13"),
    ],
)
def test_what_is_not_proved_is_left_open(a, b):
    assert not proved(a, b)


def test_the_form_of_nested_functions_does_not_grow_with_each_level():
    nested = "tanh(" * 36 + "x" + ")" * 36
    assert proved(nested + "+y", "y+" + nested)


def test_a_proof_of_too_many_products_is_given_up():
    few = "*".join(f"(x+y+{i})^2" for i in range(2, 4))
    many = "*".join(f"(x+y*{i})^2/(x+{i})" for i in range(2, 12))
    assert proved(few, few)
    assert not proved(many, many)


def test_the_work_of_a_proof_is_bounded():
    product = parse_answer("(x+y+1)^6", ["x", "y"], FUNCTIONS)
    with pytest.raises(TooMuch):
        _quotient(product, _Proof(left=100))
    assert len(_quotient(product, _Proof(left=1000))[0]) == 28
