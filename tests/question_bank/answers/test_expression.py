"""Formulas: domains, readings, and what an author is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from question_bank.answers import mark
from question_bank.answers.base import NoKey
from question_bank.answers.expression import TYPE
from question_bank.answers.formula_key import ExpressionSpec
from question_bank.grammar.formula import SIGNED, USUAL


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


@pytest.mark.parametrize(
    ("relations", "part"),
    [
        ({"y": "tanh(z)"}, "has a relation but is no symbol"),
        ({"h": "tanh(y)"}, "not a symbol of this question"),
        ({"h": "tanh(h)"}, 'holds "h", which does not stand above it'),
        ({"h": "tanh(z)", "z": "2*h"}, 'holds "z", which does not stand above it'),
        ({"sigma": "cube"}, "no function with a derivative"),
    ],
)
def test_a_relation_that_says_nothing_is_refused(relations, part):
    spec = {"type": "expression", "value": "1-h^2", "symbols": ["h", "z"], "relations": relations}
    with pytest.raises((NoKey, ValueError), match=part):
        TYPE.bind(TYPE.Spec.model_validate(spec), {})


def test_a_relation_has_the_shape_of_its_symbol():
    spec = {
        "type": "expression", "value": "W h", "symbols": ["W", "h", "x"],
        "shapes": {"W": ["n", "n"], "h": ["n"], "x": ["m"]}, "relations": {"h": "tanh(x)"},
    }  # fmt: skip
    with pytest.raises(NoKey, match="the relation of h gives a column"):
        TYPE.bind(TYPE.Spec.model_validate(spec), {})


def test_an_answer_with_two_readings_says_what_to_do():
    key = TYPE.bind(ExpressionSpec(type="expression", value="x/2", symbols={"x": (1, 2)}), {})
    found = mark(key, "1/2x")
    assert found.verdict == "needs_person"
    assert found.message == (
        "can be read as 1/2*x or 1/(2*x); a person decides: tell them which you meant, "
        "and write it as one of these next time"
    )
    for reading in found.ask:
        assert mark(key, reading).verdict in ("right", "wrong"), reading


@pytest.mark.parametrize(
    ("symbols", "why"),
    [
        ({"x": {"choice": []}}, "at least 1 item"),
        ({"x": {"choice": [0, "a"]}}, "valid number"),
        ({"x": {"choice": [0, float("inf")]}}, "finite number"),
        ({"x": {"values": [0, 1]}}, "Field required"),
        ({"x": {"choice": [0, 1, 2]}, "y": {"choice": [0, 1, 2]}}, "9 ways to choose values"),
    ],
)
def test_values_of_a_symbol_that_make_no_choice_are_refused(symbols, why):
    with pytest.raises(ValidationError, match=why):
        key("x", symbols=symbols)


def test_a_symbol_of_a_few_values_has_no_shape_and_stands_for_nothing():
    symbols = {"x": {"choice": [0, 1]}, "z": [0, 1]}
    for more in ({"shapes": {"x": ("n",)}}, {"relations": {"x": "z^2"}}):
        with pytest.raises(ValidationError, match="takes a few values"):
            key("x*z", symbols=symbols, **more)


def test_a_function_with_a_kink_is_looked_at_for_every_value():
    assert key("relu(t*z)", symbols={"t": {"choice": [-1, 1]}, "z": (0.3, 1.7)})
    with pytest.raises(NoKey, match="changes nothing"):
        key("relu(t*z)", symbols={"t": {"choice": [1, 2]}, "z": (0.3, 1.7)})


def test_a_key_with_a_choice_is_the_same_from_its_text():
    made = key("y*z", symbols={"y": {"choice": [0, 1]}, "z": (0.3, 1.7)})
    assert TYPE.Key.model_validate_json(made.model_dump_json()) == made
