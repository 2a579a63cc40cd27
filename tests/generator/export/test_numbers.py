"""Numbers in decimals, and the spellings that are listed: all of them are right by the bank's own reading."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.export.numbers import accepted, accepted_entry, decimal, significant
from generator.export.responses import Choice, Option
from generator.export.spelling import of_line, of_number
from generator.export.weights import LEGAL, option_weights, weight
from question_bank.answers.marking import mark
from question_bank.answers.numeric import NumericKey
from question_bank.answers.shape import ShapeKey
from question_bank.answers.vector import VectorKey
from tests.generator.export.reading_moodle import legal

fractions = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=500)
shares = st.fractions(min_value=-1, max_value=1, max_denominator=40)


@given(fractions)
def test_a_decimal_is_the_number_to_fifteen_digits(value):
    written = decimal(value)
    assert "e" not in written.lower()
    assert abs(Fraction(written) - value) <= abs(value) / 10**14


@given(st.decimals(min_value=-10_000, max_value=10_000, places=4, allow_nan=False))
def test_a_short_decimal_is_exact(value):
    assert Fraction(decimal(Fraction(value))) == Fraction(value)


@given(fractions, st.integers(1, 7))
def test_significant_digits_are_what_rounding_leaves(value, digits):
    rounded = Fraction(significant(value, digits))
    assert abs(rounded - value) * 2 * 10 ** (digits - 1) <= abs(value) * Fraction(10) or value == 0


@given(fractions)
def test_what_a_range_accepts_the_bank_accepts_and_nothing_beyond(value):
    key = NumericKey(value=str(value), tolerance=0.01)
    found = accepted(key)
    inside, outside = found.margin * Fraction(999, 1000), found.margin * Fraction(1001, 1000)
    for sign in (1, -1):
        assert mark(key, decimal(value + sign * inside)).verdict == "right"
        assert mark(key, decimal(value + sign * outside)).verdict == "wrong"


@given(fractions)
def test_every_listed_spelling_of_a_number_is_right(value):
    found = accepted_entry(str(value), None)
    key = VectorKey(value=(str(value), "1"))
    for text in of_number(found):
        if "," not in text:
            assert mark(key, f"({text.lstrip('+')}; 1)").verdict == "right", text
            assert (
                mark(NumericKey(value=str(value), tolerance=float(found.margin)), text).verdict
                == "right"
            )


@given(st.lists(st.integers(1, 4096), min_size=1, max_size=4))
def test_every_listed_spelling_of_a_shape_is_right(axes):
    for text in of_line(axes):
        assert mark(ShapeKey(value=tuple(axes)), text).verdict == "right", text


@pytest.mark.parametrize("value", ["2/3", "3/4", "5", "0.6931471805599453"])
def test_an_exact_value_has_no_range_whether_or_not_it_has_a_short_decimal(value):
    assert accepted(NumericKey(value=value, exact=True)) is None


@pytest.mark.parametrize("value", ["2/3", "0.6931471805599453"])
def test_without_a_tolerance_all_that_floats_may_lose_is_let_go(value):
    found = accepted(NumericKey(value=value, tolerance=0.0))
    assert found == accepted_entry(value, 0.0)
    assert found.unrounded
    assert found.holds(Fraction(decimal(found.value)))
    assert not found.holds(Fraction(decimal(found.value, 6)))
    assert decimal(found.value) in of_number(found)


@pytest.mark.parametrize("key", [{"value": "3/4"}, {"value": "2/3", "tolerance": 0.003}])
def test_what_can_be_typed_is_no_unrounded_value(key):
    assert not accepted(NumericKey(**key)).unrounded


def test_what_the_bank_lets_go_at_the_very_edge_is_let_go_here_too():
    key = NumericKey(value="2/3", tolerance=0.005 * 2 / 3)
    assert mark(key, "0.67").verdict == "right"
    assert accepted(key).holds(Fraction("0.67"))


@given(shares)
def test_a_weight_is_legal_and_says_whether_it_is_the_share(share):
    text, exact = weight(share)
    assert abs(legal(text) - float(share)) < (1e-6 if exact else 0.06)
    assert exact == any(abs(share) == known for known, _ in LEGAL)


def test_the_weights_of_every_choice_are_legal_and_add_up():
    for scheme in ("all_or_nothing", "per_box", "partial", "negative"):
        for count in range(3, 9):
            for right in range(count + 1):
                options = [Option("abcdefgh"[n], "", n < right, "") for n in range(count)]
                choice = Choice((*options, Option("none", "", right == 0, "")), scheme, "")
                weights = [legal(text) for text in option_weights(choice)[0]]
                assert abs(sum(w for w in weights if w > 0) - 1) < 1e-5
