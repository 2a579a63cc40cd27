"""From a key to the fields that another system can mark by itself."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from generator.export.numbers import Range, accepted, accepted_entry
from generator.export.responses import Fields, MenuField, NumberField
from question_bank.answers.base import Key
from question_bank.answers.matching import MatchingKey
from question_bank.answers.matrix import MatrixKey
from question_bank.answers.numeric import NumericKey
from question_bank.answers.ordering import OrderingKey
from question_bank.answers.shape import ShapeKey
from question_bank.answers.tuple import TupleKey
from question_bank.answers.vector import VectorKey


def fields_for(key: Key) -> Fields | None:
    """Return the fields for a key; None where a person has to mark the answer.

    Students see which it is: it follows from what kind of answer is asked for, never from the right one.
    """
    make = _MAKERS.get(key.type)
    return None if make is None else make(key)


def _numeric(key: NumericKey) -> Fields | None:
    found = accepted(key)
    if found is None:
        return None
    return Fields((NumberField(found),), 1, by_entry=False, unit=key.unit or "", digits=key.digits)


def _matrix(key: MatrixKey) -> Fields:
    return _list(key.value, key.tolerance, by_entry=key.by_entry)


def _vector(key: VectorKey) -> Fields:
    return _list((key.value,), key.tolerance, by_entry=key.by_entry)


def _tuple(key: TupleKey) -> Fields:
    return _list((key.value,), key.tolerance, by_entry=key.by_entry, entries=key.entries or "")


def _list(
    rows: Sequence[Sequence[str]], tolerance: float | None, *, by_entry: bool, entries: str = ""
) -> Fields:
    found = [NumberField(accepted_entry(entry, tolerance)) for row in rows for entry in row]
    return Fields(tuple(found), len(rows[0]), by_entry=by_entry, entries=entries)


def _shape(key: ShapeKey) -> Fields:
    fields = tuple(NumberField(Range(Fraction(axis))) for axis in key.value)
    return Fields(fields, len(fields), by_entry=False, entries=key.axes or "", shape=True)


def _ordering(key: OrderingKey) -> Fields:
    letters = tuple(sorted(key.order))
    fields = tuple(MenuField(letters, letter) for letter in key.order)
    by_entry = key.credit == "by_entry"
    return Fields(fields, 1, by_entry=by_entry, neighbours=by_entry)


def _matching(key: MatchingKey) -> Fields:
    letters = tuple(string.ascii_lowercase[: len(key.right)])
    fields = tuple(
        MenuField(letters, letter, str(number)) for number, letter in enumerate(key.pairs, 1)
    )
    return Fields(fields, 1, by_entry=key.credit == "by_entry")


_MAKERS: Mapping[str, Callable[[Any], Fields | None]] = MappingProxyType(
    {
        "numeric": _numeric,
        "matrix": _matrix,
        "vector": _vector,
        "tuple": _tuple,
        "shape": _shape,
        "ordering": _ordering,
        "matching": _matching,
    }
)
