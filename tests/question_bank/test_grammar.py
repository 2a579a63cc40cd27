"""The grammar: what it computes, and what it refuses."""

from __future__ import annotations

import contextlib
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.grammar.answer_syntax import parse_answer
from question_bank.grammar.answer_words import FUNCTIONS
from question_bank.grammar.equivalence import Pair, agreement
from question_bank.grammar.exact import EvaluationError, Expression
from question_bank.grammar.formula import Formula
from question_bank.grammar.functions import PLAIN
from question_bank.grammar.numeric import Undefined, value_at
from question_bank.grammar.sampling import box_of
from question_bank.grammar.syntax import GrammarError, parse_author


def value(text, **names):
    return Expression(parse_author(text)).value(names, PLAIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-2^2", -4),
        ("2^-1", Fraction(1, 2)),
        ("2^3^2", 512),
        ("6 / 4", Fraction(3, 2)),
        ("6 / 3", 2),
        ("7 // 2 + 7 % 2", 4),
        ("1e-3", Fraction(1, 1000)),
        ("0.1 + 0.2 == 0.3", True),
        ("1 < 2 <= 2 and not 3 < 2", True),
        ("5 if 1 > 2 else 6", 6),
        ("[x^2 for x in [1, 2, 3] if x != 2]", (1, 9)),
        ("[[1, 2], [3, 4]][1][0]", 3),
        ("max(3, 4) + min([1, 2])", 5),
        ("sqrt(4/9)", Fraction(2, 3)),
        ("'a' + 'b'", "ab"),
        ("2 in [1, 2]", True),
    ],
)
def test_values_are_exact(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "column"),
    [("1 +", 4), ("(1", 3), ("1 2", 3), ("a..b", 2), ("x = 3", 3), ("[1, 2", 6), ("", 1), ("§", 1), ("if", 1)],
)  # fmt: skip
def test_a_fault_names_its_column(text, column):
    with pytest.raises(GrammarError) as caught:
        parse_author(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    ["1/0", "nothing", "unknown(1)", "9^9^9", "2^5000", "sqrt(-1)", "[1][3]", "1 + [2]", "not 1", "ln(0)",
     "[[x for y in indices(10000)] for x in indices(10000)]", "exp(1000)", "abs(1, 2)"],
)  # fmt: skip
def test_what_has_no_value_is_a_fault_and_never_another_error(text):
    with pytest.raises(EvaluationError):
        value(text)


ATTACKS = [
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__",
    "eval('1')",
    "open('/etc/passwd')",
    "lambda: 1",
    "[i for i in x]",
    "x if x else x",
    "'a'*10",
    "x;import os",
    "f'{x}'",
    "9**9**9**9",
    "1" * 400,
    "(" * 500 + "x" + ")" * 500,
    "-" * 500 + "x",
    "x^" * 200 + "x",
    "factorial(10^9)",
    "1e99999999",
    "exp(exp(exp(exp(9))))",
    "x\u202e*2",
    "ｘ + 1",
    "x\x00",
    "x\n\nimport os",
    "`id`",
    "$(id)",
    "%s%s%s",
    "x@y",
    "1_000",
    "0x10",
]


@pytest.mark.parametrize("text", ATTACKS, ids=[a[:24] for a in ATTACKS])
def test_attacks_are_refused_or_have_no_value_within_milliseconds(text):
    started = time.perf_counter()
    try:
        node = parse_answer(text, ["x"], FUNCTIONS)
    except GrammarError:
        pass
    else:
        with pytest.raises(Undefined):
            value_at(node, {"x": 2})
    assert time.perf_counter() - started < 0.5


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="x0123456789+-*/^().,'[] ehln", max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for parse in (parse_author, lambda t: parse_answer(t, ["x", "h1"], FUNCTIONS)):
        with contextlib.suppress(GrammarError):
            assert parse(text).at >= 1


numbers = st.integers(-20, 20)


@given(numbers, numbers, numbers)
def test_equal_formulas_agree_and_a_term_more_differs(a, b, c):
    box = box_of({"x": (0.3, 1.7)})
    left = parse_answer(f"({a})*x^2 + ({b})*x + ({c})", ["x"], FUNCTIONS)
    right = parse_answer(f"({c}) + x*(({b}) + x*({a}))", ["x"], FUNCTIONS)
    more = parse_answer(f"({c}) + x*(({b}) + x*({a})) + x^3/1000000", ["x"], FUNCTIONS)
    assert agreement(Pair(Formula(left), Formula(right), box)) == "equal"
    assert agreement(Pair(Formula(left), Formula(more), box)) == "different"
