"""Equations over the question's symbols: y = 2*x + 1, right where both sides agree just where the key's do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Unreadable,
)
from question_bank.answers.expression import (
    ELSEWHERE,
    OPEN_TO_A_PERSON,
    ROUNDED,
)
from question_bank.answers.formula_reading import readings_of
from question_bank.answers.symbols import ListedSymbols, Ranges
from question_bank.grammar.answer_tokens import canonical_name
from question_bank.grammar.exact import Value
from question_bank.grammar.formula import Domain, Formula
from question_bank.grammar.nodes import Binary, Name, Node
from question_bank.grammar.shown import echo, latex
from question_bank.text import check_template, fill

MOST_READINGS = 4

_SYMBOL = re.compile(r"[^\W\d](?:[^\W_]|_(?!\{))*(?:_\{\w{1,8}\})?")
# y(x), and x_2(x_1, t)
_CALLED = re.compile(
    rf"(?<!\w)({_SYMBOL.pattern})\s*\(\s*{_SYMBOL.pattern}(?:\s*,\s*{_SYMBOL.pattern})*\s*\)"
)
# What an equation is called: g: y = 2x, and z = w x + b = 0.
_LABEL = re.compile(r"\A\s*([^\W\d]\w*)\s*(?::\s+|=(?=[^=]+=[^=]+\Z))")


class EquationSpec(ListedSymbols):
    """`value` is an equation as a template; `symbols` as for expressions."""

    type: Literal["equation"]
    value: str = Field(description="an equation, as a student would type it; may hold {{ values }}")
    symbols: Ranges


class EquationKey(Key):
    """The equation, and the box in which it is compared."""

    type: Literal["equation"] = "equation"
    value: str
    symbols: dict[str, Domain]


class Equation(AnswerType[EquationSpec, EquationKey]):
    """Equations, compared by the points that satisfy them."""

    kind = "equation"
    Spec = EquationSpec
    Key = EquationKey

    def names(self, spec: EquationSpec) -> frozenset[str]:
        return check_template(spec.value)

    def bind(self, spec: EquationSpec, values: Mapping[str, Value]) -> EquationKey:
        key = EquationKey(value=fill(spec.value, values), symbols=spec.symbols)
        try:
            _sides(key.value, tuple(key.symbols))
        except Unreadable as fault:
            raise NoKey(f'the key "{key.value}": {fault.message}') from None
        return key

    def parse(self, text: str, key: EquationKey) -> tuple[Reading, ...]:
        called = _LABEL.match(text)
        if called and canonical_name(called[1]) not in map(canonical_name, key.symbols):
            text = text[called.end() :].rjust(len(text))
        return _read(text, tuple(key.symbols), _solved_for(key))

    def compare(self, reading: Reading, key: EquationKey) -> Comparison:
        from question_bank.grammar.equivalence import Pair, agreement
        from question_bank.grammar.roots import same_roots
        from question_bank.grammar.sampling import box_of

        found, expected = reading.value, _read(key.value, tuple(key.symbols), "")[0].value
        box = box_of(key.symbols)
        agreed = agreement(Pair(found, expected, box, factor=True))
        if agreed in ("different", "unknown"):
            agreed = same_roots(found, expected, box)
        match agreed:
            case "equal":
                return Comparison(Fraction(1), "right")
            case "different":
                return Comparison(Fraction(0), "not the same equation")
            case "rounded":
                return Comparison(None, ROUNDED)
            case "elsewhere":
                return Comparison(None, ELSEWHERE)
        return Comparison(None, OPEN_TO_A_PERSON)

    def render(self, key: EquationKey) -> str:
        left, right = _sides(key.value, tuple(key.symbols))
        return f"${latex(left)} = {latex(right)}$"

    def instruction(self, key: EquationKey) -> str:
        return f"an equation in {', '.join(key.symbols)}, with one ="

    def written(self, key: EquationKey) -> str:
        return key.value

    def typed(self, value: Value, key: EquationKey) -> str:
        return str(value)

    def samples(self, key: EquationKey) -> Samples:
        left, right = key.value.split("=")
        turned = f"{right} = {left}"
        doubled = f"2*({left}) = 2*({right})"
        return Samples(
            (key.value, turned, doubled), (f"{left} = ({right}) + 1",), (left, "= 1 =", "x == = 2")
        )


def _sides(text: str, symbols: tuple[str, ...]) -> tuple[Node, Node]:
    """Both sides of an equation, as they are usually read."""
    left, right = _split(text)
    return readings_of(left, symbols, False)[0].node, readings_of(right, symbols, False)[0].node


def _split(text: str) -> list[str]:
    sides = text.strip().strip("$").replace("==", "=").split("=")
    if len(sides) != 2:
        raise Unreadable('needs exactly one "="')
    return sides


def _solved_for(key: EquationKey) -> str:
    """The symbol that stands alone on a side of the key, and so is a function of the others; empty where none does."""
    sides = _sides(key.value, tuple(key.symbols))
    return next((side.name for side in sides if isinstance(side, Name)), "")


def _without_arguments(text: str, symbols: tuple[str, ...], function: str) -> str:
    """y(x) as y: anywhere for what the key is solved for, and for any symbol that has a side to itself."""
    known = {canonical_name(symbol) for symbol in symbols}

    def named(found: re.Match[str]) -> str:
        name, *others = (canonical_name(word) for word in _SYMBOL.findall(found[0]))
        aside = (
            found.string[: found.start()].rstrip()[-1:],
            found.string[found.end() :].lstrip()[:1],
        )
        alone = aside[0] in ("", "=") and aside[1] in ("", "=")
        called = name in known and name not in others and known.issuperset(others)
        if called and (alone or name == canonical_name(function)):
            return found[1].ljust(len(found[0]))
        return found[0]

    return _CALLED.sub(named, text)


# The formulas of one answer are kept while it is compared with the key and with what mistakes lead to.
@lru_cache(maxsize=256)
def _read(text: str, symbols: tuple[str, ...], function: str) -> tuple[Reading, ...]:
    named = _without_arguments(text, symbols, function)
    if named == text:
        return _readings(text, symbols)
    found = _readings(named, symbols)
    try:
        products = _readings(text, symbols)
    except Unreadable:
        return found  # y(x, z) is no product
    return (*found, *(replace(reading, remote=True) for reading in products))


def _readings(text: str, symbols: tuple[str, ...]) -> tuple[Reading, ...]:
    ways = list(product(*(readings_of(side, symbols, False) for side in _split(text))))
    ways.sort(key=lambda way: way[0].remote or way[1].remote)
    return tuple(
        Reading(
            Formula(Binary("-", left.node, right.node)),
            f"{echo(left.node)} = {echo(right.node)}",
            left.remote or right.remote,
        )
        for left, right in ways[:MOST_READINGS]
    )


TYPE = Equation()
