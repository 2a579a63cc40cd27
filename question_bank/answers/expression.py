"""Formulas over the question's symbols: W^2*V*(1-h2^2), W²V(1 − h₂²), W^T (p - y), f ⊙ c + i ⊙ tanh(g).

Equivalence is decided by values at points of the declared domain and beyond it, in high precision; what these leave open,
by exact normal forms; what is still open then, by a person. Where symbols have shapes, the order of products matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    NoKey,
    Printed,
    Reading,
    Samples,
    Unreadable,
)
from question_bank.answers.formula_agreement import agreement_of, are_opposite, idle
from question_bank.answers.formula_key import ExpressionKey, ExpressionSpec
from question_bank.answers.formula_names import names_another_formula
from question_bank.answers.formula_reading import Unfit, key_formula, parse, read
from question_bank.answers.formula_side import not_equal, symbol_in, terms_of
from question_bank.answers.symbols import ranges
from question_bank.grammar.exact import Value
from question_bank.grammar.formula import Formula
from question_bank.grammar.nodes import Call
from question_bank.grammar.shapes import ShapeFault, shown
from question_bank.grammar.shown import latex
from question_bank.text import check_template, fill

ROUNDED = "the same formula but for rounding; a person decides (fractions stay exact: 1/3)"
ELSEWHERE = (
    "the same at the values that are usual here, another one at negative or large values; "
    "a person decides"
)
OPEN_TO_A_PERSON = "could not be compared by values; a person decides"
TRANSPOSED = "the right formula, as a row where a column is asked for or the other way round; a person decides"


class Expression(AnswerType[ExpressionSpec, ExpressionKey]):
    """Formulas, compared by their values."""

    kind = "expression"
    Spec = ExpressionSpec
    Key = ExpressionKey

    def names(self, spec: ExpressionSpec) -> frozenset[str]:
        return check_template(spec.value).union(*map(check_template, spec.relations.values()))

    def bind(self, spec: ExpressionSpec, values: Mapping[str, Value]) -> ExpressionKey:
        key = ExpressionKey(
            value=fill(spec.value, values),
            symbols=spec.symbols,
            shapes=spec.shapes,
            relations={name: fill(text, values) for name, text in spec.relations.items()},
        )
        try:
            formula = key_formula(key)
        except Unreadable as fault:
            raise NoKey(f'the key "{key.value}": {fault.message}') from None
        except ShapeFault as fault:
            raise NoKey(f'the key "{key.value}": {fault}') from None
        unused = idle(formula, key)
        if unused is not None:
            raise NoKey(
                f'the key "{key.value}": {unused.function} changes nothing; give the symbols another [low, high]'
            )
        return key

    def parse(self, text: str, key: ExpressionKey) -> tuple[Reading, ...]:
        names, (*before, last) = terms_of(text)
        found = read(last, key.asked, key_formula(key).shape)
        for term in before:
            _check_equal(term, found, key)
        return tuple(replace(one, names=names) for one in found) if names else found

    def compare(self, reading: Reading, key: ExpressionKey) -> Comparison:
        found: Formula | Unfit = reading.value
        expected = key_formula(key)
        if isinstance(found, Unfit):
            if any(agreement_of(meant, expected, key) == "equal" for meant in found.meant):
                return Comparison(
                    None, f"the shapes do not fit as written: {found.why}; a person decides"
                )
            return Comparison(Fraction(0), f"the shapes do not fit: {found.why}")
        if found.shape is not None and found.shape != expected.shape:
            if _is_transposed(found, expected, key):
                return Comparison(None, TRANSPOSED)
            given, wanted = shown(found.shape), shown(expected.shape or found.shape)
            return Comparison(Fraction(0), f"gives {given} where {wanted} is asked for")
        match agreement_of(found, expected, key):
            case "equal":
                return Comparison(Fraction(1), "right")
            case "rounded":
                return Comparison(None, ROUNDED)
            case "elsewhere":
                return Comparison(None, ELSEWHERE)
            case "unknown":
                return Comparison(None, OPEN_TO_A_PERSON)
        return Comparison(
            Fraction(0),
            "the sign is the other way round"
            if are_opposite(found, expected, key)
            else "not the same formula",
        )

    def names_another(self, reading: Reading, key: ExpressionKey, printed: Printed) -> bool:
        for name in reading.names:
            # A symbol of the formula is no name of it: theta = 2 X^T (X theta - y). What it stands for may be.
            if symbol_in(name) in key.symbols:
                try:
                    _check_equal(symbol_in(name), (reading,), key)
                except Unreadable:
                    return True
        return names_another_formula(reading.names, tuple(key.symbols), printed)

    def render(self, key: ExpressionKey) -> str:
        return f"${latex(parse(key.value, key))}$"

    def instruction(self, key: ExpressionKey) -> str:
        names = ", ".join(key.symbols)
        if key.shapes:
            return f"a formula in {names}; W h is the product of matrices, .* the one by entry, W^T transposed"
        return f"a formula in {names}, such as 2*{next(iter(key.symbols))}^2"

    def written(self, key: ExpressionKey) -> str:
        return key.value

    def typed(self, value: Value, key: ExpressionKey) -> str:
        return str(value)

    def samples(self, key: ExpressionKey) -> Samples:
        value, symbol = key.value, next(iter(ranges(key.symbols) or key.symbols))
        unreadable = (f"{symbol} +* 2", f"(({symbol}", "os.system('id')", f"{symbol}..")
        if key.shapes:
            right: tuple[str, ...] = (value, f"({value})", f"1*({value}) + 0")
            return Samples(right, (f"({value}) + 1", f"2*({value})"), unreadable)
        return Samples(
            (value, f"({value})", f"1*({value}) + 0", f"({value})*{symbol}/{symbol}"),
            (f"({value}) + 1", f"({value}) + {symbol}"),
            unreadable,
        )


def _check_equal(term: str, found: tuple[Reading, ...], key: ExpressionKey) -> None:
    """Raises Unreadable where a term left of a sign of equality is not the formula behind it."""
    try:
        earlier = read(term, key.asked, key_formula(key).shape)
    except Unreadable:
        raise not_equal(term) from None
    formulas = [one.value for one in earlier if isinstance(one.value, Formula)]
    answers = [one.value for one in found if isinstance(one.value, Formula)]
    if not any(
        a.shape == b.shape and agreement_of(a, b, key) == "equal" for a in formulas for b in answers
    ):
        raise not_equal(term)


def _is_transposed(found: Formula, expected: Formula, key: ExpressionKey) -> bool:
    """Whether it is the right vector, lying where it should stand."""
    if found.shape is None or expected.shape is None or 1 not in expected.shape:
        return False
    if found.shape != expected.shape[::-1]:
        return False
    turned = Formula(Call("transpose", (found.node,)), expected.shape)
    return agreement_of(turned, expected, key) == "equal"


TYPE = Expression()
