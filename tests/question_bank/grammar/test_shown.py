"""Formulas as they are set: a minus before a term is one, and no bracket behind a plus."""

from __future__ import annotations

import pytest

from question_bank.grammar.answer_syntax import parse_answer
from question_bank.grammar.shown import latex


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("6*x + (-3)*y + 2", r"6\,x - 3\,y + 2"),
        ("6*x - (-3)*y", r"6\,x + 3\,y"),
        ("6*x + (-3)*y/2", r"6\,x - \frac{3\,y}{2}"),
        ("x + (-(x + y))", r"x - \left(x + y\right)"),
        ("x - (-3)", "x + 3"),
        ("x + (-y)^2", r"x + \left(-y\right)^{2}"),
        ("(-3)*x + y", None),
        ("x - y - (x - y)", r"x - y - \left(x - y\right)"),
    ],
)
def test_a_term_with_a_minus_is_taken_away(typed, shown):
    node = parse_answer(typed, ("x", "y"))
    if shown is None:
        assert latex(node).startswith(r"\left(-3\right)"), (
            "at the beginning nothing is taken away from"
        )
    else:
        assert latex(node) == shown
