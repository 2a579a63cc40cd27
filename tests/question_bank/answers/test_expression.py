"""Formulas: domains, readings, and what an author is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from question_bank.answers import mark
from question_bank.answers.base import NoKey
from question_bank.answers.expression import SIGNED, TYPE, USUAL, ExpressionSpec


def key(value, **spec):
    return TYPE.bind(ExpressionSpec(type="expression", value=value, **spec), {})


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        ("2*x", USUAL),
        ("relu(x)", SIGNED),
        ("ReLU(x)", SIGNED),
        ("|x|", SIGNED),
        ("max(0, x)", SIGNED),
        ("tanh(x)", USUAL),
    ],
)
def test_symbols_without_a_domain_take_both_signs_where_these_matter(value, domain):
    assert key(value, symbols=["x"]).symbols == {"x": domain}


@pytest.mark.parametrize(
    "value", ["relu(x)", "relu'(x)*x", "|x|", "sign(x)", "max(x, 0)", "min(x, 2)", "relu(-x)+x"]
)
def test_a_function_that_never_leaves_one_branch_is_no_key(value):
    with pytest.raises(NoKey, match="changes nothing"):
        key(value, symbols={"x": (0.3, 1.7)})


def test_a_branch_that_never_changes_is_found_in_arrays_too():
    shapes = {"W": ("n", "n"), "z": ("n",)}
    assert key("relu'(z) .* (W z)", symbols=["W", "z"], shapes=shapes)
    with pytest.raises(NoKey, match="relu' changes nothing"):
        key("relu'(z) .* (W z)", symbols={"W": (-1, 1), "z": (0.1, 1)}, shapes=shapes)


@pytest.mark.parametrize("value", ["relu'(W) W z", "max(0, z) + z", "max(0, W) z", "sign(z)^T W"])
def test_a_branch_keeps_the_shape(value):
    shapes = {"W": ("n", "n"), "z": ("n",)}
    assert mark(key(value, symbols=["W", "z"], shapes=shapes), value).verdict == "right"


@pytest.mark.parametrize(
    ("value", "why"), [("x +", "ends too early"), ("y", "no symbol|not a symbol")]
)
def test_a_key_that_cannot_be_read_is_refused(value, why):
    with pytest.raises(NoKey, match=why):
        key(value, symbols=["x"])


def test_a_shape_of_no_symbol_is_refused():
    with pytest.raises(ValidationError, match="has a shape but is no symbol"):
        key("x", symbols=["x"], shapes={"W": ("n",)})


def test_an_index_without_braces_is_asked_about():
    found = mark(key("W*h_{t-1}", symbols=["W", "h_{t-1}", "h_t"]), "W*h_t-1")
    assert found.verdict == "needs_person"
    assert found.ask == ("W*h_t - 1", "W*h_{t-1}")


@pytest.mark.parametrize("answer", ["W*h_{t-1}", "W hₜ₋₁", "W*ht-1", "W*h_{t−1}", "W h_t - 1"])
def test_the_state_before_where_no_other_reading_is_possible(answer):
    assert mark(key("W*h_{t-1}", symbols=["W", "h_{t-1}"]), answer).verdict == "right"


@pytest.mark.parametrize("answer", ["W*h_t - 10", "W*h_t-1.5", "W*h_t-12", "W*h_t-2", "W*Wh_t"])
def test_other_numbers_are_no_index(answer):
    readings = TYPE.parse(answer, key("h_t", symbols=["W", "h_t", "h_{t-1}"]))
    assert len(readings) == 1
