"""One term that is a number, with its unit and its note, in each way in which it can be read: 98 kB, 8/27 (0.296)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from question_bank.answers.base import Reading, Unreadable
from question_bank.answers.closeness import ROUNDING, Real, close, plain_echo, whole
from question_bank.answers.decimals import last_place, spellings, with_times, without_percent
from question_bank.answers.number_value import exact_value, real_value
from question_bank.answers.units import split_unit
from question_bank.grammar.answer_readings import readings as readings_of
from question_bank.grammar.answer_words import NUMBER_FUNCTIONS
from question_bank.grammar.nodes import Node, holds_decimals
from question_bank.grammar.syntax import GrammarError

_FUNCTIONS = (
    "exp", "ln", "log", "log2", "log10", "sqrt", "sigmoid", "tanh", "abs", "max", "min", *NUMBER_FUNCTIONS,
)  # fmt: skip
# A value with itself, or its rounding, in brackets behind a blank: 8/27 (0.296), 10 (2*5).
_NOTED = re.compile(r"\A(.*\S)(?:\s|\\[,;:! ])+[(\[](.+)[)\]]\Z", re.DOTALL)
# 240000 (400x200x3)
_BETWEEN_FACTORS = re.compile(r"(?<=[0-9)])\s*[xX]\s*(?=[0-9(])")


@dataclass(frozen=True)
class Typed:
    """A number as it was read; `rounded` when decimals were typed, `last_place` one unit of the last digit.

    `converted` is how many of the question's unit its own one is, where it was typed in another.
    """

    value: Real
    rounded: bool = False
    last_place: Fraction | None = None
    converted: Fraction | None = None


@dataclass(frozen=True)
class _Found:
    """A term that was read, and how it was spelled, where that may be a number written out."""

    node: Node
    text: str
    remote: bool


def term_readings(text: str, unit: str | None) -> tuple[Reading, ...]:
    """One term in each way in which it can be read; the note behind it says nothing more. Raises Unreadable."""
    noted = _NOTED.match(text.strip())
    if noted is None:
        return one_term(text, unit)
    try:
        values, notes = (
            one_term(noted[1], unit),
            one_term(_BETWEEN_FACTORS.sub("*", noted[2]), unit),
        )
    except Unreadable:
        return one_term(text, unit)
    held = [one for one in values if any(is_noted(one, note) for note in notes)]
    if not held:
        return one_term(text, unit)
    try:
        product = one_term(text, unit)
    except Unreadable:
        product = ()
    exactly = any(one.value.value == note.value.value for one in held for note in notes)
    if product and not exactly and all(isinstance(note.value.value, int) for note in notes):
        # 1.5 (2) is a product, or one and a half and its rounding.
        return once((*product, *held))
    return once((*held, *(replace(one, remote=True) for one in (*notes, *product))))


def is_noted(exact: Reading, note: Reading) -> bool:
    """Whether a note is the number before it, or that one rounded: to a whole number, no further than that."""
    value, place = note.value.value, note.value.last_place
    if not isinstance(value, int) and place is not None and place < 1:
        return rounds_to(exact, note)
    apart = abs(float(exact.value.value) - float(value))
    return apart <= (ROUNDING * abs(float(value)) if not isinstance(value, int) else 1 / 2)


def rounds_to(exact: Reading, rounded: Reading) -> bool:
    """Whether a number is another one rounded, or cut off, at its last digit."""
    value, place = rounded.value.value, rounded.value.last_place
    if place is None:
        place = Fraction(1, 2) if value == 0 else Fraction(0)
    apart = abs(float(exact.value.value) - float(value))
    return apart < float(place) or close(exact.value.value, value, ROUNDING * abs(float(value)))


def rounded_in_another_unit(typed: Typed, expected: Real) -> bool:
    """Whether it is the right number but for its last digit, of two or more, in another unit than the question's: 781 KiB."""
    if typed.converted is None or typed.last_place is None:
        return False
    # The zeros at the end of a whole number are digits as well.
    step, value = float(min(typed.last_place, typed.converted)), float(typed.value)
    return abs(value - float(expected)) < step and abs(value) >= 10 * step


def once(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings without those that are shown alike."""
    return tuple({one.echo: one for one in reversed(readings)}.values())[::-1]


# The same few numbers are read again and again: by every form that is marked, by every draw that is checked.
@lru_cache(maxsize=4096)
def one_term(text: str, unit: str | None) -> tuple[Reading, ...]:
    """One term with its unit, in each way in which it can be read. Raises Unreadable."""
    readings: dict[str, Reading] = {}
    for number, typed_in in split_unit(with_times(text), unit):
        bare, percent = without_percent(number)
        scale = typed_in.factor / 100 if percent else typed_in.factor
        for typed in _typed(bare):
            reading = _scaled(
                typed, scale, converted=None if typed_in.factor == 1 else typed_in.factor
            )
            echo = f"{reading.echo} {typed_in.noun}" if typed_in.noun else reading.echo
            remote = typed_in.remote or reading.remote
            readings.setdefault(echo, replace(reading, echo=echo, remote=remote))
    return tuple(readings.values())


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


def _scaled(found: _Found, scale: Fraction, *, converted: Fraction | None) -> Reading:
    value: Real | None = exact_value(found.node)
    rounded = holds_decimals(found.node)
    if value is None:
        value = real_value(found.node)
    if scale != 1:
        value = value * float(scale) if isinstance(value, float) else Fraction(value) * scale
    place = last_place(found.text)
    echo = f"{float(value):.12g}" if rounded else plain_echo(value)  # decimals stay decimals
    typed = Typed(whole(value), rounded, None if place is None else place * scale, converted)
    return Reading(typed, echo, found.remote)
