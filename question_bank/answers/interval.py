"""Intervals of numbers: [0, 1), ]0, 1], 0 <= x < 1, x > 2, (-inf, 3]."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Spec,
    Tolerance,
    Unreadable,
)  # fmt: skip
from question_bank.answers.closeness import Real, agrees, in_three_digits, plain_echo
from question_bank.answers.entries import row_ways
from question_bank.answers.layout import plain, without_name
from question_bank.answers.numeric import IN_THREE_DIGITS, NumericKey
from question_bank.answers.numeric import TYPE as NUMERIC
from question_bank.answers.rows import readable
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import names_in
from question_bank.text import tex

_INFINITE = re.compile(
    r"\A([-+−]?)\s*(?:inf|infinity|infty|\\infty|∞|oo|unendlich)\Z", re.IGNORECASE
)
_BRACKETED = re.compile(r"\A([\[\](])(.*)([\[\])])\Z", re.DOTALL)
_SIGN = re.compile(r"(<=|>=|<|>|≤|≥|⩽|⩾|\\(?:leqslant|geqslant|leq?|geq?|lt|gt)(?![A-Za-z]))")
# {b ∈ ℝ | 0 < b ≤ 2}
_DESCRIBED = re.compile(
    r"\A\{\s*[A-Za-zα-ω]\w{0,12}\s*(?:(?:∈|\\in(?![A-Za-z]))\s*(?:ℝ|R|\\mathbb\s*\{?R\}?)\s*)?[|:]([^{}]*)\}\Z"
)
_APART_SIGN = re.compile(r"([<>])\s+=")
_AND = re.compile(
    r"\s+(?:and|und)\s+|\s*(?:∧|&|\\(?:land|wedge)(?![A-Za-z]))\s*|[,;]\s+|[,;](?=[A-Za-zα-ω])"
)
_NAME = re.compile(r"\A[A-Za-zα-ω][A-Za-z0-9_]{0,12}\Z")
_EVERYTHING = {"r", "ℝ", "all real numbers", "alle reellen zahlen"}
_LESS = {
    "<": False, "\\lt": False, "<=": True, "≤": True, "⩽": True, "\\le": True, "\\leq": True, "\\leqslant": True,
}  # fmt: skip
_MORE = {
    ">": False, "\\gt": False, ">=": True, "≥": True, "⩾": True, "\\ge": True, "\\geq": True, "\\geqslant": True,
}  # fmt: skip


class IntervalSpec(Spec):
    """`low` and `high` are expressions, or -inf and inf; `closed` says which ends belong to it."""

    type: Literal["interval"]
    low: str = Field(description="the lower end: an expression, or -inf")
    high: str = Field(description="the upper end: an expression, or inf")
    closed: Literal["both", "neither", "low", "high"] = Field(
        "neither", description="which ends belong to it"
    )
    tolerance: Tolerance | None = None


class IntervalKey(Key):
    """Both ends as text, and which belong to it."""

    omitted_when_default = frozenset({"tolerance"})

    type: Literal["interval"] = "interval"
    low: str
    high: str
    closed: Literal["both", "neither", "low", "high"]
    tolerance: float | None = None


class Interval(AnswerType[IntervalSpec, IntervalKey]):
    """Intervals, compared end by end."""

    kind = "interval"
    Spec = IntervalSpec
    Key = IntervalKey

    def names(self, spec: IntervalSpec) -> frozenset[str]:
        ends = [end for end in (spec.low, spec.high) if not _INFINITE.match(end.strip())]
        return frozenset().union(*(names_in(parsed(end)) for end in ends))

    def bind(self, spec: IntervalSpec, values: Mapping[str, Value]) -> IntervalKey:
        low, high = _bound(spec.low, values), _bound(spec.high, values)
        if float(low) >= float(high):
            raise NoKey(f"{low} to {high} is no interval")
        return IntervalKey(
            low=str(low), high=str(high), closed=spec.closed, tolerance=spec.tolerance
        )

    def parse(self, text: str, key: IntervalKey) -> tuple[Reading, ...]:
        text = plain(text)
        text = _APART_SIGN.sub(r"\1=", text)
        if described := _DESCRIBED.match(text):
            text = described[1]
        if both := _of_two_bounds(text):
            return (_reading(both),)
        signs = _SIGN.findall(text)
        if text.strip().lower().removeprefix("\\mathbb").strip("{} ") in _EVERYTHING:
            return (_reading((-math.inf, math.inf, False, False)),)
        if signs:
            return (_reading(_from_signs(text, signs)),)
        return tuple(readable(lambda ends: [_reading(_from_brackets(*ends))], _bracketed(text)))

    def compare(self, reading: Reading, key: IntervalKey) -> Comparison:
        low, high, with_low, with_high = reading.value
        wanted_low, wanted_high = _number(key.low), _number(key.high)
        ends = ((low, wanted_low), (high, wanted_high))
        wrong = [end for end in ends if not _same(*end, key)]
        if wrong and key.tolerance is None and all(in_three_digits(*end) for end in wrong):
            return Comparison(None, IN_THREE_DIGITS)
        if wrong:
            return Comparison(Fraction(0), "not the right ends")
        closed_low = key.closed in ("both", "low") and math.isfinite(wanted_low)
        closed_high = key.closed in ("both", "high") and math.isfinite(wanted_high)
        if (with_low, with_high) != (closed_low, closed_high):
            return Comparison(
                Fraction(0), "the right ends, but which of them belong to it is not right"
            )
        return Comparison(Fraction(1), "right")

    def typed(self, value: Value, key: IntervalKey) -> str:
        low, high = value
        found = key.model_copy(update={"low": str(low), "high": str(high)})
        return self.written(found)

    def render(self, key: IntervalKey) -> str:
        written = self.written(key)
        low, high = (_tex(_number(end)) for end in (key.low, key.high))
        return rf"${written[0]}{low},\; {high}{written[-1]}$"

    def instruction(self, key: IntervalKey) -> str:
        return "an interval such as [0, 1), or 0 <= x < 1; inf for no bound"

    def written(self, key: IntervalKey) -> str:
        left = "[" if key.closed in ("both", "low") and "inf" not in key.low else "("
        right = "]" if key.closed in ("both", "high") and "inf" not in key.high else ")"
        return f"{left}{key.low}, {key.high}{right}"

    def samples(self, key: IntervalKey) -> Samples:
        ends = f"{key.low}; {key.high}"
        right = self.written(key)
        other = "[" + ends + "]" if key.closed != "both" else "(" + ends + ")"
        wrong = ("(123456, 123457)",) if "inf" in key.low or "inf" in key.high else (other,)
        return Samples((right, f" {right} "), wrong, ("[1", "between", "[2, 1]", "1 < x > 2"))


Ends = tuple[Real, Real, bool, bool]


def _reading(ends: Ends) -> Reading:
    low, high, with_low, with_high = ends
    if float(low) > float(high):
        raise Unreadable("the lower end is above the upper one")
    shown = f"{'[' if with_low else '('}{plain_echo(low)}, {plain_echo(high)}{']' if with_high else ')'}"
    return Reading(ends, shown)


def _of_two_bounds(text: str) -> Ends | None:
    """What two bounds of one variable leave: b > 0 and b <= 2. None for anything else."""
    pieces = [piece.strip() for piece in _AND.split(text)]
    signs = [_SIGN.findall(piece) for piece in pieces]
    if len(pieces) != 2 or any(len(found) != 1 for found in signs):
        return None
    names = {
        part.strip()
        for piece in pieces
        for part in _SIGN.split(piece)[::2]
        if _is_name(part.strip())
    }
    one, two = (_from_signs(piece, found) for piece, found in zip(pieces, signs, strict=True))
    below, above = (one, two) if math.isinf(two[0]) else (two, one)
    if len(names) != 1 or math.isinf(below[0]) or math.isinf(above[1]):
        return None
    return below[0], above[1], below[2], above[3]


def _bracketed(text: str) -> list[tuple[str, str, str, str]]:
    """The bracket, both ends and the other bracket, in each way in which commas can be meant."""
    text = without_name(text)
    found = _BRACKETED.match(text.replace("|", ";") if text.count("|") == 1 else text)
    if found is None:
        raise Unreadable("is no interval")
    two = [ends for ends in row_ways(found[2]) if len(ends) == 2 and all(ends)]
    if not two:
        raise Unreadable("needs two ends", "write [0, 1], and inf where there is no bound")
    return [(found[1], low, high, found[3]) for low, high in two]


def _from_brackets(opening: str, first: str, second: str, closing: str) -> Ends:
    low, high = _number(first), _number(second)
    return (
        low,
        high,
        opening == "[" and math.isfinite(low),
        closing == "]" and math.isfinite(high),
    )


def _from_signs(text: str, signs: list[str]) -> Ends:
    parts = [part.strip() for part in _SIGN.split(text)[::2]]
    if len(signs) > 2 or any(not part for part in parts):
        raise Unreadable("is no interval")
    if len(signs) == 2:
        return _between(parts, signs)
    left_is_name, right_is_name = map(_is_name, parts)
    if left_is_name == right_is_name:
        raise Unreadable("a variable stands on one side, and a number on the other")
    value = _number(parts[1 if left_is_name else 0])
    below = (signs[0] in _LESS) == left_is_name
    closed = {**_LESS, **_MORE}[signs[0]]
    return (-math.inf, value, False, closed) if below else (value, math.inf, closed, False)


def _between(parts: list[str], signs: list[str]) -> Ends:
    if not _is_name(parts[1]):
        raise Unreadable("the variable stands in the middle")
    first, second = _number(parts[0]), _number(parts[2])
    if signs[0] in _LESS and signs[1] in _LESS:
        return first, second, _LESS[signs[0]], _LESS[signs[1]]
    if signs[0] in _MORE and signs[1] in _MORE:
        return second, first, _MORE[signs[1]], _MORE[signs[0]]
    raise Unreadable("the signs point in two directions")


def _is_name(text: str) -> bool:
    return bool(_NAME.match(text)) and not _INFINITE.match(text) and text not in ("e", "pi")


def _number(text: str) -> Real:
    infinite = _INFINITE.match(text.strip())
    if infinite:
        return -math.inf if infinite[1] in ("-", "−") else math.inf
    value: Real = NUMERIC.parse(text, NumericKey(value="0"))[0].value.value
    return value


def _tex(value: Real) -> str:
    if math.isinf(value):
        return r"-\infty" if value < 0 else r"\infty"
    return tex(value)


def _bound(text: str, values: Mapping[str, Value]) -> Real:
    if _INFINITE.match(text.strip()):
        return _number(text)
    value = value_of(text, values)
    if isinstance(value, bool) or not isinstance(value, (int, Fraction, float)):
        raise NoKey(f'"{text}" is no number but {value!r}')
    return value


def _same(value: Real, wanted: Real, key: IntervalKey) -> bool:
    if math.isinf(value) or math.isinf(wanted):
        return value == wanted
    return agrees(value, wanted, key.tolerance) is not False


TYPE = Interval()
