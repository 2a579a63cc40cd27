"""Numbers: 32, -3/4, 0,25, 2.5e-3, 50 %, sqrt(2), ln(10), e^-1, with a unit where the question names one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Spec,
    Unreadable,
)
from question_bank.derive import parsed, value_of
from question_bank.grammar.answer_syntax import parse_answer
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import Binary, Name, Negated, Node, Number, names_in
from question_bank.grammar.syntax import GrammarError
from question_bank.text import tex

Real = int | Fraction | float

# Irrational values and fractions without a short decimal form may be given rounded to about three digits.
ROUNDING = 0.005
# A number beyond this is no answer to any question of the course (about 300 digits: still a float).
MAX_BITS = 1000
# What exact arithmetic in floats may lose.
NOISE = 1e-9

_ASSIGNED = re.compile(r"\A[^=]{0,30}=\s*(?=\S)")
_GROUPED = re.compile(r"\A[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\Z")
_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")


class NumericSpec(Spec):
    """A number. The tolerance is absolute; `relative` is a share of the key."""

    type: Literal["numeric"]
    value: str | StrictInt | StrictFloat
    tolerance: Annotated[float, Field(ge=0)] | None = None
    relative: Annotated[float, Field(ge=0, lt=1)] | None = None
    unit: str | None = None


class NumericKey(Key):
    """The number as text: a whole number, a fraction p/q, or a float in full."""

    type: Literal["numeric"] = "numeric"
    value: str
    tolerance: float = 0.0
    unit: str | None = None


class Numeric(AnswerType[NumericSpec, NumericKey]):
    """Numbers, exact or within a tolerance."""

    kind = "numeric"
    Spec = NumericSpec
    Key = NumericKey

    def names(self, spec: NumericSpec) -> frozenset[str]:
        return names_in(parsed(str(spec.value)))

    def bind(self, spec: NumericSpec, values: Mapping[str, Value]) -> NumericKey:
        number = value_of(str(spec.value), values)
        if isinstance(number, bool) or not isinstance(number, (int, Fraction, float)):
            raise NoKey(f'"{spec.value}" is no number but {number!r}')
        if spec.tolerance is not None:
            tolerance = spec.tolerance
        elif spec.relative is not None:
            tolerance = spec.relative * abs(float(number))
        else:
            tolerance = 0.0 if _short(number) else ROUNDING * abs(float(number))
        return NumericKey(value=str(number), tolerance=tolerance, unit=spec.unit)

    def parse(self, text: str, key: NumericKey) -> tuple[Reading, ...]:
        text = _ASSIGNED.sub("", text, count=1)
        text = _without_unit(text, key.unit)
        return tuple(self._read(way) for way in _ways(text))

    def _read(self, text: str) -> Reading:
        percent = text.endswith("%")
        try:
            node = parse_answer(text.rstrip("% "), symbols=("e", "pi"), functions=_FUNCTIONS)
        except GrammarError as error:
            raise Unreadable(str(error), error.hint) from None
        value = _exact(node)
        if value is None:
            value = _real(node)
        if percent:
            value = value / 100 if isinstance(value, float) else Fraction(value) / 100
        return Reading(_whole(value), plain_echo(value))

    def compare(self, reading: Reading, key: NumericKey) -> Comparison:
        expected = number_of(key)
        if close(reading.value, expected, key.tolerance):
            return Comparison(Fraction(1), "right")
        if reading.value == -expected:
            return Comparison(Fraction(0), "the sign is the other way round")
        return Comparison(Fraction(0), "not the right value")

    def render(self, key: NumericKey) -> str:
        unit = rf"\,\text{{{key.unit}}}" if key.unit else ""
        return f"${tex(number_of(key))}{unit}$"

    def instruction(self, key: NumericKey) -> str:
        unit = f" in {key.unit}" if key.unit else ""
        return f"a number{unit}; fractions such as 2/3 and terms such as ln(2) are fine"

    def written(self, key: NumericKey) -> str:
        return key.value

    def samples(self, key: NumericKey) -> Samples:
        value = number_of(key)
        beyond: Real = max(value, -value) + 1 + math.ceil(2 * key.tolerance)
        right = [key.value, f"  {key.value} ", f"= {key.value}", f"({key.value})"]
        if isinstance(value, Fraction):
            right.append(f"{2 * value.numerator}/{2 * value.denominator}")
        return Samples(
            tuple(right),
            (str(beyond), str(-beyond)),
            ("about three", "1+", "nan", "2 3"),
        )

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value
        return value


def number_of(key: NumericKey) -> Real:
    """The key's number, exact where it is a whole number or a fraction."""
    text = key.value
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    return Fraction(text) if "/" in text else float(text)


def close(value: Real, expected: Real, tolerance: float) -> bool:
    """Exactly equal, or within the tolerance; floats may differ by rounding noise."""
    if value == expected:
        return True
    exact = not isinstance(value, float) and not isinstance(expected, float)
    if exact and tolerance == 0:
        return False
    difference = abs(float(value) - float(expected))
    return difference <= tolerance * (1 + NOISE) + NOISE * max(abs(float(expected)), 1e-12)


def plain_echo(value: Real) -> str:
    """A number as it is shown back to the one who typed it."""
    value = _whole(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _whole(value: Real) -> Real:
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def _short(number: Real) -> bool:
    """Whether the number can be written out in a few decimals."""
    if isinstance(number, float):
        return False
    denominator = Fraction(number).denominator
    return any(10**digits % denominator == 0 for digits in range(7))


_FUNCTIONS = ("exp", "ln", "log", "log2", "sqrt", "sigmoid", "tanh", "abs", "max", "min")


def _ways(text: str) -> list[str]:
    """98,816 can be a grouped whole number or a decimal comma: both are looked at."""
    grouped = _GROUPED.match(text.strip())
    if grouped:
        joined = text.replace(",", "")
        return [joined, text.replace(",", ".")] if text.count(",") == 1 else [joined]
    if re.search(r"[A-Za-z(]", text):
        return [text]
    return [_DECIMAL_COMMA.sub(".", text)]


def _without_unit(text: str, unit: str | None) -> str:
    if unit and text.lower().rstrip().endswith(unit.lower()):
        return text.rstrip()[: -len(unit)].rstrip()
    return text.strip()


def _exact(node: Node) -> Real | None:
    """The value by exact arithmetic, or None where that is not possible."""
    match node:
        case Number():
            return node.value
        case Negated():
            inner = _exact(node.operand)
            return None if inner is None else -inner
        case Binary():
            left, right = _exact(node.left), _exact(node.right)
            if left is None or right is None:
                return None
            return _bounded(_exact_operation(node.operator, Fraction(left), Fraction(right)))
    return None


def _bounded(value: Fraction | None) -> Fraction | None:
    if value is not None and max(abs(value.numerator), value.denominator).bit_length() > MAX_BITS:
        raise Unreadable("a number with too many digits")
    return value


def _exact_operation(operator: str, left: Fraction, right: Fraction) -> Fraction | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise Unreadable("a division by zero")
            return left / right
    size = max(abs(left.numerator), left.denominator).bit_length()
    if right.denominator != 1 or size * abs(right.numerator) > MAX_BITS:
        raise Unreadable("a number with too many digits")
    if left == 0 and right < 0:
        raise Unreadable("a division by zero")
    return left**right.numerator


def _real(node: Node) -> float:
    from question_bank.grammar.numeric import Undefined, value_at

    _arity(node)
    try:
        value: Any = float(value_at(node, {}))
    except Undefined as error:
        raise Unreadable(f"has no value ({error})") from None
    if not math.isfinite(value):
        raise Unreadable("is not a finite number")
    return float(value)


def _arity(node: Node) -> None:
    """Raises Unreadable where a function gets the wrong number of arguments."""
    from question_bank.grammar.answer_syntax import check_arity

    try:
        check_arity(node)
    except GrammarError as error:
        raise Unreadable(str(error), error.hint) from None


def is_constant(node: Node) -> bool:
    """Whether the formula reads nothing but e and pi."""
    return all(name in ("e", "pi") for name in names_in(node)) and not isinstance(node, Name)


TYPE = Numeric()
