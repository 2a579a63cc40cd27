"""Tuples of numbers in a fixed order, such as mean and variance: (2, 1/4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    Printed,
    Reading,
    Samples,
    Tolerance,
    Unreadable,
)
from question_bank.answers.matrix import TYPE as MATRIX
from question_bank.answers.matrix import MatrixKey, MatrixSpec
from question_bank.answers.naming import names_another, names_others
from question_bank.answers.pieces import ByEntry
from question_bank.answers.table_readings import numbers_by_names
from question_bank.answers.units import symbol_of
from question_bank.answers.vector import numbers_of
from question_bank.grammar.exact import Value
from question_bank.text import check_template, fill

_WORD = re.compile(r"[^\W\d_]{2,}")
# A number with a word behind it, between commas.
_COUNTED = re.compile(
    r"(?<![^\s,;(\[])(?P<number>[-+−]?[0-9]+(?:[.,/][0-9]+)*)\s*(?P<noun>[^\W\d_]+)(?=\s*(?:[,;\n)\]]|\Z|\b(?:and|und)\b))"
)


class TupleSpec(ByEntry):
    """`value` is an expression that gives a list of numbers; `entries` (a template) says what each is."""

    type: Literal["tuple"]
    value: str = Field(description="an expression that gives a list of numbers")
    tolerance: Tolerance | None = None
    entries: str | None = Field(None, description="what each entry is, for the student")


class TupleKey(Key):
    """The numbers as text."""

    omitted_when_default = frozenset({"tolerance", "entries"})

    type: Literal["tuple"] = "tuple"
    value: tuple[str, ...]
    tolerance: float | None = None
    by_entry: bool = False
    entries: str | None = None


class Tuple(AnswerType[TupleSpec, TupleKey]):
    """Numbers with their places; entries may be terms such as ln(2)."""

    kind = "tuple"
    Spec = TupleSpec
    Key = TupleKey

    def names(self, spec: TupleSpec) -> frozenset[str]:
        said = check_template(spec.entries) if spec.entries else frozenset()
        return said | MATRIX.names(MatrixSpec(type="matrix", value=spec.value))

    def bind(self, spec: TupleSpec, values: Mapping[str, Value]) -> TupleKey:
        return TupleKey(
            value=numbers_of(spec.value, values),
            tolerance=spec.tolerance,
            by_entry=spec.earns_by_entry,
            entries=fill(spec.entries, values) if spec.entries else None,
        )

    def parse(self, text: str, key: TupleKey) -> tuple[Reading, ...]:
        try:
            found = MATRIX.parse_entries(text, _matrix(key), key.entries)
        except Unreadable:
            named = _nouns_as_names(text, key.entries or "")
            if named == text:
                raise
            found = MATRIX.parse_entries(named, _matrix(key), key.entries)
        return tuple(map(_in_parentheses, found))

    def compare(self, reading: Reading, key: TupleKey) -> Comparison:
        found = MATRIX.compare(reading, _matrix(key))
        if key.entries and any(reading.names) and _misnamed(reading, found, key.entries):
            return Comparison(None, f"names something else than {key.entries}: a person decides")
        return found

    def render(self, key: TupleKey) -> str:
        return MATRIX.render(_matrix(key))

    def instruction(self, key: TupleKey) -> str:
        meaning = f" ({key.entries})" if key.entries else ""
        return f"numbers in order{meaning}, such as (1, 2/3)"

    def written(self, key: TupleKey) -> str:
        return "(" + ", ".join(key.value) + ")"

    def samples(self, key: TupleKey) -> Samples:
        right = (self.written(key), "; ".join(key.value))
        longer = self.written(key)[:-1] + ", 1)"
        return Samples(right, (longer,), ("(1", "one, two", "1,2+"))

    def of_value(self, value: Value, key: TupleKey) -> Reading:
        return MATRIX.of_value(value, _matrix(key))

    def of_key(self, key: TupleKey) -> Reading:
        return MATRIX.of_key(_matrix(key))

    def by_names(self, reading: Reading, key: TupleKey, printed: Printed) -> Reading | None:
        found = numbers_by_names(reading, printed, key.entries)
        return None if found is None else _in_parentheses(found)

    def carried(self, reading: Reading) -> Value | None:
        return MATRIX.carried(reading)


def _nouns_as_names(text: str, asked: str) -> str:
    """With the words that the question asks for as names in front: 4 hours is hours = 4 in `trainings, hours`."""
    words = {symbol_of(word) for word in _WORD.findall(asked)}

    def named(found: re.Match[str]) -> str:
        noun = found["noun"]
        return f"{noun} = {found['number']}" if symbol_of(noun) in words else found[0]

    return _COUNTED.sub(named, text) if words else text


def _misnamed(reading: Reading, found: Comparison, asked: str) -> bool:
    """Whether the numbers have names of something else, where that may cost points, or be what earned them."""
    if found.fraction != 1 and names_another(reading.names, asked):
        return True
    numbers = reading.value[0]
    return found.fraction != 0 and names_others(
        reading.names, asked, lambda one, other: numbers[one] == numbers[other]
    )


def _in_parentheses(reading: Reading) -> Reading:
    return replace(reading, echo=f"({reading.echo[1:-1]})")


def _matrix(key: TupleKey) -> MatrixKey:
    return MatrixKey(
        value=(key.value,), vector=True, tolerance=key.tolerance, by_entry=key.by_entry
    )


TYPE = Tuple()
