"""Matrices of numbers: [[1, 2], [3, 4]], or rows divided by ; or line breaks: 1 2; 3 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeVar

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Tolerance,
    Unreadable,
)
from question_bank.answers.closeness import ROUNDING, agrees, close
from question_bank.answers.layout import out_of_order, plain
from question_bank.answers.left_side import check_left_side
from question_bank.answers.numeric import NO_ROUNDING, NumericKey, allowed, number_in
from question_bank.answers.numeric import TYPE as NUMERIC
from question_bank.answers.pieces import ByEntry
from question_bank.answers.rows import Rows, Way, chain, readable, ways
from question_bank.answers.typed import check_formula
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import names_in
from question_bank.text import tex
from question_bank.wording import instead_of, not_right

T = TypeVar("T")
Real = int | Fraction | float
Numbers = tuple[tuple[Real, ...], ...]

_NAMED = re.compile(r"\A([^\W\d][^=:]{0,30})[=:]")


class MatrixSpec(ByEntry):
    """`value` is an expression that gives a list of rows, or a list of numbers for a vector."""

    type: Literal["matrix"]
    value: str = Field(
        description="an expression that gives a list of rows, or of numbers for a vector"
    )
    tolerance: Tolerance | None = None


class MatrixKey(Key):
    """Rows of numbers as text; a vector is one row with `vector` set.

    Without a tolerance, entries that have no short decimal form may be rounded to about three digits.
    """

    omitted_when_default = frozenset({"tolerance"})

    type: Literal["matrix"] = "matrix"
    value: tuple[tuple[str, ...], ...]
    vector: bool = False
    tolerance: float | None = None
    by_entry: bool = False


class Matrix(AnswerType[MatrixSpec, MatrixKey]):
    """Matrices and vectors, compared entry by entry."""

    kind = "matrix"
    Spec = MatrixSpec
    Key = MatrixKey

    def names(self, spec: MatrixSpec) -> frozenset[str]:
        return names_in(parsed(spec.value))

    def bind(self, spec: MatrixSpec, values: Mapping[str, Value]) -> MatrixKey:
        value = value_of(spec.value, values)
        vector = isinstance(value, tuple) and not any(isinstance(row, tuple) for row in value)
        rows = (value,) if vector else value
        if not isinstance(rows, tuple) or not all(_numbers(row) for row in rows):
            raise NoKey(f'"{spec.value}" is no matrix of numbers but {value!r}')
        if not rows or not rows[0] or len({len(row) for row in rows}) != 1:
            raise NoKey(f'"{spec.value}" has rows of different lengths')
        text = tuple(tuple(str(entry) for entry in row) for row in rows)
        return MatrixKey(
            value=text, vector=vector, tolerance=spec.tolerance, by_entry=spec.earns_by_entry
        )

    def parse(self, text: str, key: MatrixKey) -> tuple[Reading, ...]:
        *before, last = chain(plain(text))
        for first in before[:1]:
            check_left_side(first)
        found = _read(last, key)
        for term in before:
            _check_equal(term, found, key)
        if any(map(out_of_order, before)):
            return tuple(replace(reading, named=True) for reading in found)
        return found

    def compare(self, reading: Reading, key: MatrixKey) -> Comparison:
        found, expected = reading.value, entries(key)
        if (len(found), len(found[0])) != (len(expected), len(expected[0])):
            return self._of_another_size(reading, key)
        same = {
            (i, j): agrees(found[i][j], entry, key.tolerance)
            for i, row in enumerate(expected)
            for j, entry in enumerate(row)
        }
        wrong = [place for place, holds in same.items() if holds is False]
        if None in same.values() and (key.by_entry or not wrong):
            return Comparison(None, NO_ROUNDING)
        if not wrong:
            return Comparison(Fraction(1), "right")
        if reading.named and sorted(_flat(found)) == sorted(_flat(expected)):
            return Comparison(None, "the right numbers in another order, with names")
        total = len(expected) * len(expected[0])
        # One number for all entries is no part of the way: it hits what the key holds by chance.
        guessed = len({entry for row in found for entry in row}) == 1
        share = Fraction(total - len(wrong), total) if key.by_entry and not guessed else Fraction(0)
        if tuple(zip(*found, strict=True)) == expected:
            return Comparison(share, "transposed: rows and columns are swapped")
        row, column = wrong[0]
        place = f"entry {column + 1}" if key.vector else f"row {row + 1}, column {column + 1}"
        said = f"{not_right(len(wrong), total, 'entries')}, first {place}"
        if guessed and key.by_entry and len(wrong) < total:
            said += "; one number for all entries earns nothing by entry"
        return Comparison(share, said)

    def _of_another_size(self, reading: Reading, key: MatrixKey) -> Comparison:
        """Nothing, or what a person looks at: as many entries in other rows, of which some are right."""
        found, expected = reading.value, entries(key)
        sizes = [f"{len(rows)}x{len(rows[0])}" for rows in (found, expected)]
        if key.vector and len(found) == 1:
            return Comparison(Fraction(0), instead_of(len(found[0]), len(expected[0]), "number"))
        said = f"{sizes[0]} where {sizes[1]} entries are asked for"
        if key.vector:
            return Comparison(Fraction(0), said)
        if tuple(zip(*found, strict=True)) == expected:
            return Comparison(Fraction(0), "transposed: rows and columns are swapped")
        if any(
            self.compare(replace(reading, value=rows), key).fraction != 0
            for rows in _in_rows_of(found, expected)
        ):
            return Comparison(None, f"{said}: a person looks at their layout")
        return Comparison(Fraction(0), said)

    def render(self, key: MatrixKey) -> str:
        rows = entries(key)
        if key.vector:
            return r"$\left(" + r",\; ".join(tex(entry) for entry in rows[0]) + r"\right)$"
        return f"${tex(rows)}$"

    def instruction(self, key: MatrixKey) -> str:
        if key.vector:
            return "numbers in order, such as [1, 2, 3]"
        return "rows of numbers, such as [[1, 2], [3, 4]]"

    def written(self, key: MatrixKey) -> str:
        rows = ["[" + ", ".join(row) + "]" for row in key.value]
        return rows[0] if key.vector else "[" + ", ".join(rows) + "]"

    def samples(self, key: MatrixKey) -> Samples:
        flat = "; ".join(" ".join(row) for row in key.value)
        # Every entry is changed: with credit by entry, one wrong entry alone is partly right.
        changed = [
            [str(entry + 1 + 2 * allowed(entry, key.tolerance)) for entry in row]
            for row in entries(key)
        ]
        wrong = "; ".join(" ".join(row) for row in changed)
        unreadable = ("[1, c]" if key.vector else "[[1, 2], [3]]", "none at all", "[[1")
        return Samples((self.written(key), flat), (wrong,), unreadable)

    def of_value(self, value: Value, key: MatrixKey) -> Reading:
        vector = isinstance(value, tuple) and not any(isinstance(row, tuple) for row in value)
        rows = (value,) if vector else value
        if not isinstance(rows, tuple) or not rows or not all(_numbers(row) for row in rows):
            raise NoKey(f"{value!r} is no matrix of numbers")
        if len({len(row) for row in rows}) != 1:
            raise NoKey(f"{value!r} has rows of different lengths")
        return Reading(_lying(rows) if key.vector else rows, str(value))

    def of_key(self, key: MatrixKey) -> Reading:
        return self.of_value(entries(key), key)

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value
        return value[0] if len(value) == 1 else value


def entries(key: MatrixKey) -> Numbers:
    """The key's numbers by rows."""
    return tuple(tuple(number_in(entry) for entry in row) for row in key.value)


def _numbers(row: Value) -> bool:
    return isinstance(row, tuple) and all(
        isinstance(entry, (int, Fraction, float)) and not isinstance(entry, bool) for entry in row
    )


def _lying(rows: Rows) -> Rows:
    """A column as a row; anything else as it is."""
    return (tuple(row[0] for row in rows),) if all(len(row) == 1 for row in rows) else rows


def _flat(rows: tuple[tuple[T, ...], ...]) -> tuple[T, ...]:
    return tuple(entry for row in rows for entry in row)


def _in_rows_of(found: Numbers, expected: Numbers) -> list[Numbers]:
    """As many numbers laid out in the rows that are asked for; where they have no rows of their own, by columns too."""
    height, width = len(expected), len(expected[0])
    flat = _flat(found)
    if len(flat) != height * width or (len(found), len(found[0])) == (width, height):
        return []
    by_rows = tuple(flat[start : start + width] for start in range(0, len(flat), width))
    by_columns = tuple(flat[start::height] for start in range(height))
    return [by_rows] if min(len(found), len(found[0])) > 1 else [by_rows, by_columns]


def _read(text: str, key: MatrixKey) -> tuple[Reading, ...]:
    size = [len(row) for row in key.value]
    found = ways(text)
    if key.vector:
        found = [vector for way in found for vector in _as_vectors(way, size[0])]
    # How many numbers are asked for decides whether commas divide them or stand for points.
    fitting = [way for way in found if [len(row) for row in way.rows] == size]
    # (64, 8) as 64 (8), or (3, -1) as 3 - 1: one number may be meant as well.
    fitting += [way for way in found if way.whole and fitting and way not in fitting]
    try:
        readings = readable(_readings, fitting or found[:1])
    except Unreadable:
        if not fitting:
            raise
        readings = readable(_readings, [*found[:1], *fitting])
    return tuple({reading.echo: reading for reading in reversed(readings)}.values())[::-1]


def _as_vectors(way: Way, count: int) -> list[Way]:
    """The way as one row: a column, and lines or groups of as many numbers in all, by rows, or by columns where no entry has a name."""
    if len(_flat(way.rows)) != count or len(way.rows) == 1:
        return [replace(way, rows=_lying(way.rows))]
    by_rows = replace(way, rows=(_flat(way.rows),))
    lengths = {len(row) for row in way.rows}
    if len(lengths) > 1 or lengths == {1} or any("=" in entry for entry in _flat(way.rows)):
        return [by_rows]
    by_columns = (_flat(tuple(zip(*way.rows, strict=True))),)
    return [by_rows, replace(way, rows=by_columns, remote=True)]


def _check_equal(term: str, found: tuple[Reading, ...], key: MatrixKey) -> None:
    """Raises Unreadable where an earlier term of a chain is a list of other numbers; a formula is none."""
    try:
        earlier = _read(term, key)
    except Unreadable:
        check_formula(term)
        return
    if not any(_same(one.value, other.value) for one in earlier for other in found):
        shown = f"{earlier[0].echo} = {found[0].echo}"
        raise Unreadable(f"{shown} does not hold", "write the result alone")


def _same(one: Numbers, other: Numbers) -> bool:
    flat, expected = _flat(one), _flat(other)
    return len(flat) == len(expected) and all(
        close(a, b, ROUNDING * abs(float(b))) for a, b in zip(flat, expected, strict=True)
    )


# As of single numbers, the same few are read again and again.
@lru_cache(maxsize=4096)
def _entry(text: str) -> tuple[Reading, ...]:
    """A number of a table in each way in which it can be read. Raises Unreadable."""
    return NUMERIC.parse(text, NumericKey(value="0"))


def _readings(way: Way) -> list[Reading]:
    """The table as numbers; a second time where entries can be read in another way."""
    rows = way.rows
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("the rows have different lengths")
    read = [[_entry(entry) for entry in row] for row in rows]
    found = [_reading(tuple(tuple(entry[0] for entry in row) for row in read))]
    if any(len(entry) > 1 for row in read for entry in row):
        found.append(_reading(tuple(tuple(entry[-1] for entry in row) for row in read)))
    named = way.named or _are_named(rows)
    return [replace(r, named=named, remote=r.remote or way.remote) for r in found]


def _reading(rows: tuple[tuple[Reading, ...], ...]) -> Reading:
    lines = ["[" + ", ".join(entry.echo for entry in row) + "]" for row in rows]
    echo = lines[0] if len(rows) == 1 else "[" + ", ".join(lines) + "]"
    value = tuple(tuple(entry.value.value for entry in row) for row in rows)
    return Reading(value, echo, any(entry.remote for row in rows for entry in row))


def _are_named(rows: Rows) -> bool:
    """Whether entries or rows have names, and these do not follow one another: y = 1, x = 2."""
    found = [match[1].strip() for entry in _flat(rows) if (match := _NAMED.match(entry))]
    return found != sorted(found)


TYPE = Matrix()
