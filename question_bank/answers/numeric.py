"""Numbers: 32, -3/4, 0,25, 2.5e-3, 50 %, sqrt(2), ln(10), e^-1, with a unit where the question names one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

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
)
from question_bank.answers.closeness import (
    ROUNDING,
    Real,
    close,
    in_three_digits,
    plain_echo,
    rounding,
    rounds_off,
    whole,
)
from question_bank.answers.decimals import (
    chain,
    last_place,
)
from question_bank.answers.layout import plain
from question_bank.answers.number_chain import (
    NAME,
    check_equal,
    check_first,
    check_note,
    holding_readings,
    result_last,
    with_exact_terms,
    with_what_was_rounded,
)
from question_bank.answers.number_term import Typed, rounded_in_another_unit
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import (
    names_in,
)
from question_bank.text import tex

NO_ROUNDING = "close to the right value, but not rounded from it; a person decides"
IN_THREE_DIGITS = "the right value rounded to three digits, where it has an end; a person decides"
IN_ANOTHER_UNIT = "the right value rounded in another unit; a person decides"
# An exact value that was typed in decimals all the same.
FULL = 1e-12
# What says no more than a sign of rounding does: 880 (rounded).
_ROUNDED_NOTE = re.compile(
    r"(?<=\S)\s*\((?:rounded|gerundet)(?:\s+(?:up|down))?\)\s*\Z", re.IGNORECASE
)
# Brackets around all of it, with a comma inside that stands in no others.
_HELD = re.compile(r"\A([\[({\]])[^()\[\]{},;]*[,;][^()\[\]{}]*([\])}\[])\Z")


class NumericSpec(Spec):
    """A number. The tolerance is absolute; `relative` is a share of the key.

    `digits` asks for so many significant digits, `between` accepts every number of [low, high], and `exact` refuses
    rounded decimals where the value has none.
    """

    type: Literal["numeric"]
    value: str | StrictInt | StrictFloat = Field(description="the right number: an expression")
    tolerance: Tolerance | None = None
    relative: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        None, description="how far off it may be, as a share of the key"
    )
    unit: str | None = Field(None, description="the unit that the key is in, such as ms")
    digits: Annotated[int, Field(ge=1, le=15)] | None = Field(
        None, description="so many significant digits are asked for"
    )
    between: tuple[float, float] | None = Field(
        None, description="[low, high]: every number of it is right"
    )
    exact: bool = Field(False, description="true where rounded decimals are wrong")


class NumericKey(Key):
    """The number as text: a whole number, a fraction p/q, or a float in full.

    `rounding`: the tolerance is what rounding takes, and exact terms have none.
    """

    omitted_when_default = frozenset({"digits", "between", "exact", "rounding"})

    type: Literal["numeric"] = "numeric"
    value: str
    tolerance: float = 0.0
    unit: str | None = None
    digits: int | None = None
    between: tuple[float, float] | None = None
    exact: bool = False
    rounding: bool = False


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
            tolerance = 0.0 if spec.exact else rounding(number)
        low, high = spec.between or (float(number), float(number))
        if not low <= float(number) <= high:
            raise NoKey(f"the value {number} is not in the interval {spec.between}")
        return NumericKey(
            value=str(number),
            tolerance=tolerance,
            unit=spec.unit,
            digits=spec.digits,
            between=spec.between,
            exact=spec.exact,
            rounding=tolerance > 0 and _is_left_open(spec),
        )

    def parse(self, text: str, key: NumericKey) -> tuple[Reading, ...]:
        text = _ROUNDED_NOTE.sub("", text)
        check_note(text, key.unit)
        groups = result_last(chain(text))
        _refuse_list(groups[-1].terms[-1], key)
        found = holding_readings(groups[-1].terms, key.unit)
        for group in groups:
            check_equal([part for part in group.terms if not NAME.match(part)], key.unit)
        if not key.exact:  # where that is asked for, 2/3 = 0.667 says what is not so
            found = with_exact_terms(groups[-1].terms, found, key.unit, number_of(key))
        answer = groups[-1:]
        for before, after in reversed(list(pairwise(groups))):
            if not after.rounds:
                break
            answer.insert(0, before)
            found = with_what_was_rounded(before.terms[-1], found, key.unit)
        check_first([term for group in answer for term in group.terms], key.unit)
        return found

    def compare(self, reading: Reading, key: NumericKey) -> Comparison:
        value, expected = reading.value.value, number_of(key)
        if key.between is not None:
            low, high = key.between
            inside = low <= float(value) <= high
            return Comparison(Fraction(inside), "right" if inside else "not in the right interval")
        if key.exact and reading.value.rounded and value != expected:
            # Twelve right digits are nobody's rounding.
            within = [abs(float(expected)) * share for share in (FULL, ROUNDING)]
            if abs(float(value) - float(expected)) <= within[0]:
                return Comparison(Fraction(1), "right")
            if abs(float(value) - float(expected)) <= within[1]:
                return Comparison(Fraction(0), "rounded, where the exact value is asked for")
        elif (same := _same(reading.value, expected, key)) is None:
            return Comparison(None, NO_ROUNDING)
        elif same:
            return Comparison(Fraction(1), "right")
        if why := _nearly(reading.value, expected, key):
            return Comparison(None, why)
        if value == -expected:
            return Comparison(Fraction(0), "the sign is the other way round")
        return Comparison(Fraction(0), "not the right value")

    def render(self, key: NumericKey) -> str:
        unit = rf"\,\text{{{key.unit}}}" if key.unit else ""
        return f"${tex(number_of(key))}{unit}$"

    def instruction(self, key: NumericKey) -> str:
        unit = f" in {key.unit}" if key.unit else ""
        if key.exact:
            return f"the exact number{unit}, such as 2/3 or ln(2), not rounded"
        if key.digits is not None:
            return f"a number{unit} with {key.digits} significant {'digit' if key.digits == 1 else 'digits'}"
        return f"a number{unit}; fractions such as 2/3 and terms such as ln(2) are fine"

    def written(self, key: NumericKey) -> str:
        return key.value

    def samples(self, key: NumericKey) -> Samples:
        value = number_of(key)
        ends = key.between or (value, value)
        furthest = max(abs(float(end)) for end in (value, *ends))
        beyond = math.ceil(furthest) + 1 + math.ceil(2 * _tolerance(key, value))
        right = [key.value, f"  {key.value} ", f"= {key.value}", f"({key.value})"]
        if isinstance(value, Fraction):
            right.append(f"{2 * value.numerator}/{2 * value.denominator}")
        return Samples(
            tuple(right),
            (str(beyond), str(-beyond)),
            ("about three", "1+", "nan", "2 3 4"),
        )

    def of_value(self, value: Value, key: NumericKey) -> Reading:
        if isinstance(value, bool) or not isinstance(value, (int, Fraction, float)):
            raise NoKey(f"{value!r} is no number")
        rounded = isinstance(value, float)
        place = last_place(str(value)) if rounded and key.digits is not None else None
        return Reading(Typed(whole(value), rounded, place), plain_echo(value))

    def of_key(self, key: NumericKey) -> Reading:
        return self.of_value(number_of(key), key)

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value.value
        return value


def _refuse_list(term: str, key: NumericKey) -> None:
    """Raises Unreadable for brackets around numbers with a comma: [4,6] is an interval or a list, and not 4.6.

    Parentheses may hold a decimal comma, but not where an interval is what is asked about.
    """
    held = _HELD.match(plain(term))
    if held and (key.between is not None or (held[1], held[2]) != ("(", ")")):
        raise Unreadable("brackets around several numbers", "write one number")


def _is_left_open(spec: NumericSpec) -> bool:
    """Whether the author says nothing on how far an answer may be off."""
    said = (spec.tolerance, spec.relative, spec.digits, spec.between)
    return not spec.exact and all(one is None for one in said)


def _same(typed: Typed, expected: Real, key: NumericKey) -> bool | None:
    """Whether it is the right number; None where a person decides."""
    if not key.rounding:
        return close(typed.value, expected, _tolerance(key, expected, typed.last_place))
    exact = not typed.rounded and typed.last_place is None
    return rounds_off(typed.value, expected, exact=exact, place=typed.last_place)


def _nearly(typed: Typed, expected: Real, key: NumericKey) -> str | None:
    """Why a person looks at a number that is not right: rounding that nobody asked for; None where it is something else."""
    if rounded_in_another_unit(typed, expected):
        return IN_ANOTHER_UNIT
    left_open = key.tolerance == 0 and key.digits is None
    written_out = typed.rounded or typed.last_place is not None  # 238 % has no point
    if written_out and left_open and in_three_digits(typed.value, expected):
        return IN_THREE_DIGITS
    return None


def of_rounded(key: NumericKey) -> NumericKey:
    """The key where its number follows from one that may be rounded: whatever is as close as rounding takes is right."""
    expected = number_of(key)
    if not key.rounding and not (key.tolerance == 0 and not key.exact and key.digits is None):
        return key
    tolerance = ROUNDING * abs(float(expected))
    return key.model_copy(update={"tolerance": tolerance, "rounding": False})


def _tolerance(key: NumericKey, expected: Real, last_place: Fraction | None = None) -> float:
    """With `digits`, half a unit of the last digit asked for.

    Who gives more digits means them: the last one may be off by one, and what comes after three more is not looked at.
    """
    if key.digits is None or expected == 0:
        return key.tolerance
    unit: float = 10.0 ** (math.floor(math.log10(abs(float(expected)))) + 1 - key.digits)
    if last_place is None:
        return unit / 2
    return min(unit / 2, max(float(last_place), unit / 1000))


def tolerance_of(key: NumericKey) -> float:
    """How far an answer may be off that is given in as many digits as are asked for, or in fewer."""
    return _tolerance(key, number_of(key))


def allowed(expected: Real, tolerance: float | None) -> float:
    """The tolerance for one entry of several: the author's, else what rounding needs."""
    return rounding(expected) if tolerance is None else tolerance


def number_of(key: NumericKey) -> Real:
    """The key's number, exact where it is a whole number or a fraction."""
    return number_in(key.value)


@lru_cache(maxsize=4096)
def number_in(text: str) -> Real:
    """The number that a key's text holds: a whole number, p/q, or a float in full."""
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    return Fraction(text) if "/" in text else float(text)


TYPE = Numeric()
