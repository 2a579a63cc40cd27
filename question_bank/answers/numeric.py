"""Numbers: 32, -3/4, 0,25, 2.5e-3, 50 %, sqrt(2), ln(10), e^-1, with a unit where the question names one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from question_bank.answers.decimals import (
    Group,
    chain,
    last_place,
    spellings,
    with_times,
    without_percent,
)
from question_bank.answers.layout import plain
from question_bank.answers.left_side import check_left_side
from question_bank.answers.number_value import exact_value, real_value
from question_bank.answers.typed import check_formula
from question_bank.answers.units import split_unit
from question_bank.derive import parsed, value_of
from question_bank.grammar.answer_readings import readings as readings_of
from question_bank.grammar.answer_tokens import canonical_name
from question_bank.grammar.answer_words import CONSTANTS, NUMBER_FUNCTIONS
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import (
    Node,
    holds_decimals,
    names_in,
)
from question_bank.grammar.syntax import GrammarError
from question_bank.text import tex

Real = int | Fraction | float

# Irrational values and fractions without a short decimal form may be given rounded to about three digits.
ROUNDING = 0.005
# What exact arithmetic in floats may lose.
NOISE = 1e-9
# An exact value that was typed in decimals all the same.
FULL = 1e-12
# Brackets around all of it, with a comma inside that stands in no others.
_HELD = re.compile(r"\A([\[({\]])[^()\[\]{},;]*[,;][^()\[\]{}]*([\])}\[])\Z")
_FUNCTIONS = (
    "exp", "ln", "log", "log2", "log10", "sqrt", "sigmoid", "tanh", "abs", "max", "min", *NUMBER_FUNCTIONS,
)  # fmt: skip
# What stands left of a sign of equality and is no term, whatever its letters could mean: W_out, e.
_NAME = re.compile(r"\A(?!.*[²³])[^\W\d]\w*\Z")
# A value with itself, or its rounding, in brackets behind a blank: 8/27 (0.296), 10 (2*5).
_NOTED = re.compile(r"\A(.*\S)(?:\s|\\[,;:! ])+[(\[](.+)[)\]]\Z", re.DOTALL)

# 10 (= 2*5): no product is meant.
_EQUAL_NOTE = re.compile(r"\A(.*\S)\s+\(\s*(?:≈|=|~|\\approx(?![A-Za-z]))\s*(.+)\)\Z", re.DOTALL)
# 240000 (400x200x3)
_BETWEEN_FACTORS = re.compile(r"(?<=[0-9)])\s*[xX]\s*(?=[0-9(])")


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
    """The number as text: a whole number, a fraction p/q, or a float in full."""

    omitted_when_default = frozenset({"digits", "between", "exact"})

    type: Literal["numeric"] = "numeric"
    value: str
    tolerance: float = 0.0
    unit: str | None = None
    digits: int | None = None
    between: tuple[float, float] | None = None
    exact: bool = False


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
        )

    def parse(self, text: str, key: NumericKey) -> tuple[Reading, ...]:
        _check_note(text, key)
        groups = _result_last(chain(text))
        _refuse_list(groups[-1].terms[-1], key)
        found = _holding(groups[-1].terms, key)
        for group in groups:
            _check_equal([part for part in group.terms if not _NAME.match(part)], key)
        answer = groups[-1:]
        for before, after in reversed(list(pairwise(groups))):
            if not after.rounds:
                break
            answer.insert(0, before)
            found = _with_what_was_rounded(before.terms[-1], found, key)
        _check_first([term for group in answer for term in group.terms], key)
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
        elif close(value, expected, _tolerance(key, expected, reading.value.last_place)):
            return Comparison(Fraction(1), "right")
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
        return Reading(Typed(_whole(value), rounded, place), plain_echo(value))

    def of_key(self, key: NumericKey) -> Reading:
        return self.of_value(number_of(key), key)

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value.value
        return value


def _readings(text: str, key: NumericKey) -> tuple[Reading, ...]:
    """One term in each way in which it can be read; the note behind it says nothing more. Raises Unreadable."""
    noted = _NOTED.match(text.strip())
    if noted is None:
        return _term(text, key)
    try:
        values, notes = _term(noted[1], key), _term(_BETWEEN_FACTORS.sub("*", noted[2]), key)
    except Unreadable:
        return _term(text, key)
    held = [one for one in values if any(_is_noted(one, note) for note in notes)]
    if not held:
        return _term(text, key)
    try:
        product = _term(text, key)
    except Unreadable:
        product = ()
    exactly = any(one.value.value == note.value.value for one in held for note in notes)
    if product and not exactly and all(isinstance(note.value.value, int) for note in notes):
        # 1.5 (2) is a product, or one and a half and its rounding.
        return _once((*product, *held))
    return _once((*held, *(replace(one, remote=True) for one in (*notes, *product))))


def _is_noted(exact: Reading, note: Reading) -> bool:
    """Whether a note is the number before it, or that one rounded: to a whole number, no further than that."""
    value, place = note.value.value, note.value.last_place
    if not isinstance(value, int) and place is not None and place < 1:
        return _rounds_to(exact, note)
    apart = abs(float(exact.value.value) - float(value))
    return apart <= (ROUNDING * abs(float(value)) if not isinstance(value, int) else 1 / 2)


def _once(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings without those that are shown alike."""
    return tuple({one.echo: one for one in reversed(readings)}.values())[::-1]


def _term(text: str, key: NumericKey) -> tuple[Reading, ...]:
    """One term with its unit, in each way in which it can be read. Raises Unreadable."""
    readings: dict[str, Reading] = {}
    for number, unit in split_unit(with_times(text), key.unit):
        bare, percent = without_percent(number)
        scale = unit.factor / 100 if percent else unit.factor
        for typed in _typed(bare):
            reading = _scaled(typed, scale)
            echo = f"{reading.echo} {unit.noun}" if unit.noun else reading.echo
            remote = unit.remote or reading.remote
            readings.setdefault(echo, replace(reading, echo=echo, remote=remote))
    return tuple(readings.values())


def _refuse_list(term: str, key: NumericKey) -> None:
    """Raises Unreadable for brackets around numbers with a comma: [4,6] is an interval or a list, and not 4.6.

    Parentheses may hold a decimal comma, but not where an interval is what is asked about.
    """
    held = _HELD.match(plain(term))
    if held and (key.between is not None or (held[1], held[2]) != ("(", ")")):
        raise Unreadable("brackets around several numbers", "write one number")


def _holding(terms: tuple[str, ...], key: NumericKey) -> tuple[Reading, ...]:
    """The readings of the last term: of 2,303 only those that are equal to the term before it. Raises Unreadable."""
    found = _readings(terms[-1], key)
    for term in reversed(terms[:-1]) if len(found) > 1 else ():
        if _NAME.match(term):
            continue
        try:
            values = [reading.value.value for reading in _readings(term, key)]
        except Unreadable:
            continue
        equal = [one for one in found if any(_near(value, one.value.value) for value in values)]
        return tuple(equal) or found
    return found


def _near(value: Real, other: Real) -> bool:
    return close(value, other, ROUNDING * abs(float(other)))


def _check_equal(parts: list[str], key: NumericKey) -> None:
    """Raises Unreadable where terms of a chain have values that differ by more than rounding; names have none."""
    before: list[Real] = []
    for part in parts:
        try:
            values = [reading.value.value for reading in _readings(part, key)]
        except Unreadable:
            check_formula(part)
            continue
        if before and not any(_near(a, b) for a in before for b in values):
            shown = f"{plain_echo(before[0])} = {plain_echo(values[0])}"
            raise Unreadable(f"{shown} does not hold", "write the result alone")
        before = values


def _check_note(text: str, key: NumericKey) -> None:
    """Raises Unreadable where brackets say what the value before them is equal to, and it is not: 5 (= 4)."""
    noted = _EQUAL_NOTE.match(text.strip())
    if noted is None:
        return
    try:
        values, notes = _term(chain(noted[1])[-1].terms[-1], key), _term(noted[2], key)
    except Unreadable:
        return
    if not any(_is_noted(one, note) for one in values for note in notes):
        shown = f"{values[0].echo} = {notes[0].echo}"
        raise Unreadable(f"{shown} does not hold", "write the result alone")


def _result_last(groups: list[Group]) -> list[Group]:
    """The chain without a name at its end: 32 = W_out."""
    terms = groups[-1].terms
    named = len(terms) > 1 and _NAME.match(terms[-1]) and canonical_name(terms[-1]) not in CONSTANTS
    return [*groups[:-1], replace(groups[-1], terms=terms[:-1])] if named else groups


def _check_first(terms: list[str], key: NumericKey) -> None:
    """Raises Unreadable where the first of several terms has no value and is more than a name: 2x = 4."""
    if len(terms) < 2 or _NAME.match(terms[0]):
        return
    try:
        _readings(terms[0], key)
    except Unreadable:
        check_left_side(terms[0], terms[1])


def _with_what_was_rounded(
    term: str, rounded: tuple[Reading, ...], key: NumericKey
) -> tuple[Reading, ...]:
    """The term left of ≈ is the answer too: 2/3 ≈ 0.7, as long as it rounds to what stands right of it.

    Rounded to a whole number, that one is meant first: 63/2 ≈ 32. Raises Unreadable where the two are apart.
    """
    try:
        exact = _readings(term, key)
    except Unreadable:
        return rounded  # a formula or a name
    holding = [one for one in exact if any(_rounds_to(one, other) for other in rounded)]
    if not holding:
        # A name that is a constant elsewhere, or a unit that is left out on one side.
        if _NAME.match(term) or key.unit is not None:
            return rounded
        shown = f"{exact[0].echo} ≈ {rounded[0].echo}"
        raise Unreadable(f"{shown} does not hold", "write the result alone")
    rounded = tuple(one for one in rounded if any(_rounds_to(e, one) for e in holding))
    if isinstance(rounded[0].value.value, int) and not isinstance(holding[0].value.value, int):
        return _once((*rounded, *(replace(one, remote=True) for one in holding)))
    return _once((*holding, *(replace(one, remote=True) for one in rounded)))


def _rounds_to(exact: Reading, rounded: Reading) -> bool:
    """Whether a number is another one rounded, or cut off, at its last digit."""
    value, place = rounded.value.value, rounded.value.last_place
    if place is None:
        place = Fraction(1, 2) if value == 0 else Fraction(0)
    apart = abs(float(exact.value.value) - float(value))
    return apart < float(place) or close(exact.value.value, value, ROUNDING * abs(float(value)))


@dataclass(frozen=True)
class _Found:
    """A term that was read, and how it was spelled, where that may be a number written out."""

    node: Node
    text: str
    remote: bool


# The same few numbers are read again and again: by every form that is marked, by every draw that is checked.
@lru_cache(maxsize=4096)
def _typed(text: str) -> tuple[_Found, ...]:
    """The number in each way in which it can be read. Raises Unreadable."""
    found: dict[Node, _Found] = {}
    fault: GrammarError | None = None
    for way in spellings(text):
        try:
            for read in readings_of(way.text, ("e", "pi"), _FUNCTIONS):
                literal = "" if read.remote else way.text
                found.setdefault(read.node, _Found(read.node, literal, way.remote or read.remote))
        except GrammarError as error:
            fault = fault or error
    if fault is not None and not found:
        raise Unreadable(str(fault), fault.hint) from None
    return tuple(found.values())


def _scaled(found: _Found, scale: Fraction) -> Reading:
    value: Real | None = exact_value(found.node)
    rounded = holds_decimals(found.node)
    if value is None:
        value = real_value(found.node)
    if scale != 1:
        value = value * float(scale) if isinstance(value, float) else Fraction(value) * scale
    place = last_place(found.text)
    echo = f"{float(value):.12g}" if rounded else plain_echo(value)  # decimals stay decimals
    typed = Typed(_whole(value), rounded, None if place is None else place * scale)
    return Reading(typed, echo, found.remote)


@dataclass(frozen=True)
class Typed:
    """A number as it was read; `rounded` when decimals were typed, `last_place` one unit of the last digit."""

    value: Real
    rounded: bool = False
    last_place: Fraction | None = None


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


def rounding(expected: Real) -> float:
    """How far a rounded answer may be off where the author says nothing."""
    return 0.0 if _short(expected) else ROUNDING * abs(float(expected))


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


TYPE = Numeric()
