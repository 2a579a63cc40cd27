"""Matrices of numbers: [[1, 2], [3, 4]], or rows divided by ; or line breaks: 1 2; 3 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Printed,
    Reading,
    Samples,
    Tolerance,
    Unreadable,
)
from question_bank.answers.closeness import ROUNDING, agrees, close, in_three_digits
from question_bank.answers.layout import digits_apart, out_of_order, plain, side_by_side
from question_bank.answers.left_out import holds_some, in_part
from question_bank.answers.left_side import check_left_side
from question_bank.answers.naming import names_of
from question_bank.answers.number_term import rounded_in_another_unit
from question_bank.answers.numeric import (
    IN_ANOTHER_UNIT,
    IN_THREE_DIGITS,
    NO_ROUNDING,
    allowed,
    number_in,
)
from question_bank.answers.pieces import ByEntry
from question_bank.answers.rows import Rows, Way, chain, flattened, readable, ways
from question_bank.answers.shared_names import with_shared_names
from question_bank.answers.table_readings import (
    Numbers,
    Real,
    numbers_by_names,
    readings_of,
)
from question_bank.answers.typed import check_formula
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import names_in
from question_bank.text import tex
from question_bank.wording import instead_of, not_right

TRANSPOSED_BY_NAME = "transposed, with names of its own for the rows; a person decides"


class MatrixSpec(ByEntry):
    """`value` is an expression that gives a list of rows, or a list of numbers for a vector.

    `units` says in which unit each number of a list is, as in [ms, ""].
    """

    type: Literal["matrix"]
    value: str = Field(
        description="an expression that gives a list of rows, or of numbers for a vector"
    )
    tolerance: Tolerance | None = None
    units: tuple[str, ...] = Field(
        default=(), description='the unit of each number of a list, empty for none: [ms, ""]'
    )


class MatrixKey(Key):
    """Rows of numbers as text; a vector is one row with `vector` set.

    Without a tolerance, entries that have no short decimal form may be rounded to about three digits.
    """

    omitted_when_default = frozenset({"tolerance", "units"})

    type: Literal["matrix"] = "matrix"
    value: tuple[tuple[str, ...], ...]
    vector: bool = False
    tolerance: float | None = None
    by_entry: bool = False
    units: tuple[str, ...] = ()


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
        if spec.units and not (vector and len(spec.units) == len(value)):
            raise NoKey(
                f"{len(spec.units)} units where {len(value)} numbers of a list need one each"
            )
        text = tuple(tuple(str(entry) for entry in row) for row in rows)
        return MatrixKey(
            value=text,
            vector=vector,
            tolerance=spec.tolerance,
            by_entry=spec.earns_by_entry,
            units=spec.units,
        )

    def parse(self, text: str, key: MatrixKey) -> tuple[Reading, ...]:
        return self.parse_entries(text, key, None)

    def parse_entries(self, text: str, key: MatrixKey, said: str | None) -> tuple[Reading, ...]:
        """`parse`, where what is `said` of the entries may name those that are given. Raises Unreadable."""
        fault: Unreadable | None = None
        found: tuple[Reading, ...] = ()
        try:
            found = self._parse(text, key)
        except Unreadable as unreadable:
            fault = unreadable
        count = len(key.value[0])
        if key.by_entry and key.vector and all(r.remote or len(r.value[0]) != count for r in found):
            some = in_part(plain(text), count, said, partial(self._of_places, key))
            if some:
                return some
        if fault is not None:
            raise fault
        return found

    def _of_places(self, key: MatrixKey, text: str, places: tuple[int, ...]) -> tuple[Reading, ...]:
        """The readings of a list of the entries at these places."""
        value = (tuple(key.value[0][i] for i in places),)
        units = tuple(key.units[i] for i in places) if key.units else ()
        return self._parse(text, key.model_copy(update={"value": value, "units": units}))

    def _parse(self, text: str, key: MatrixKey) -> tuple[Reading, ...]:
        *before, last = chain(plain(text))
        for first in before[:1]:
            check_left_side(first)
        found = _read(last, key)
        for term in before:
            _check_equal(term, found, key)
        called = next((names for term in before if (names := names_of(term))), ())
        found = tuple(replace(one, names=called or one.names) for one in found)
        if any(map(out_of_order, before)):
            return tuple(replace(reading, named=True) for reading in found)
        return found

    def compare(self, reading: Reading, key: MatrixKey) -> Comparison:
        found, expected = reading.value, entries(key)
        if (len(found), len(found[0])) != (len(expected), len(expected[0])):
            return self._of_another_size(reading, key)
        same = {
            (i, j): _agrees(found[i][j], entry, key)
            for i, row in enumerate(expected)
            for j, entry in enumerate(row)
        }
        wrong = [place for place, holds in same.items() if holds is False]
        if None in same.values() and not wrong:
            return Comparison(None, NO_ROUNDING)
        if not wrong:
            return Comparison(Fraction(1), "right")
        given = [entry for entry in flattened(found) if entry is not None]
        short = [
            (i, j)
            for i, j in wrong
            if (typed := found[i][j]) is not None and in_three_digits(typed, expected[i][j])
        ]
        if key.tolerance is None and short and (key.by_entry or len(short) == len(wrong)):
            return Comparison(None, IN_THREE_DIGITS)
        typed = reading.converted
        elsewhere = [
            typed and typed[i][j] and rounded_in_another_unit(typed[i][j], expected[i][j])
            for i, j in wrong
        ]
        if any(elsewhere) and (key.by_entry or all(elsewhere)):
            return Comparison(None, IN_ANOTHER_UNIT)
        if reading.named and sorted(given) == sorted(flattened(expected)):
            return Comparison(None, "the right numbers in another order, with names")
        total = len(same)
        # One number for all entries is no part of the way: it hits what the key holds by chance.
        guessed = len(given) > 1 and len(set(given)) == 1
        share = Fraction(total - len(wrong), total) if key.by_entry and not guessed else Fraction(0)
        if tuple(zip(*found, strict=True)) == expected:
            if any(reading.names):
                return Comparison(None, TRANSPOSED_BY_NAME)
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
        some_right = key.by_entry and holds_some(found, expected, partial(_agrees, key=key))
        if key.vector and len(found) == 1:
            said = instead_of(len(found[0]), len(expected[0]), "number")
            if some_right:
                return Comparison(None, f"{said}: a person looks which are there")
            return Comparison(Fraction(0), said)
        said = f"{sizes[0]} where {sizes[1]} entries are asked for"
        if some_right:
            return Comparison(None, f"{said}: a person looks which are there")
        if key.vector:
            return Comparison(Fraction(0), said)
        if tuple(zip(*found, strict=True)) == expected:
            if any(reading.names):
                return Comparison(None, TRANSPOSED_BY_NAME)
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
        if any(key.units):
            return f"numbers in order, in {', '.join(unit or 'no unit' for unit in key.units)}"
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

    def by_names(self, reading: Reading, key: MatrixKey, printed: Printed) -> Reading | None:
        return numbers_by_names(reading, printed)

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value
        if None in flattened(reading.value):
            return None
        return value[0] if len(value) == 1 else value


def entries(key: MatrixKey) -> Numbers:
    """The key's numbers by rows."""
    return tuple(tuple(number_in(entry) for entry in row) for row in key.value)


def _numbers(row: Value) -> bool:
    return isinstance(row, tuple) and all(
        isinstance(entry, (int, Fraction, float)) and not isinstance(entry, bool) for entry in row
    )


def _agrees(typed: Real | None, entry: Real, key: MatrixKey) -> bool | None:
    """Whether an entry is the right one; one that is left out is not."""
    return typed is not None and agrees(typed, entry, key.tolerance)


def _lying(rows: Rows) -> Rows:
    """A column as a row; anything else as it is."""
    return (tuple(row[0] for row in rows),) if all(len(row) == 1 for row in rows) else rows


def _in_rows_of(found: Numbers, expected: Numbers) -> list[Numbers]:
    """As many numbers laid out in the rows that are asked for; where they have no rows of their own, by columns too."""
    height, width = len(expected), len(expected[0])
    flat = flattened(found)
    if len(flat) != height * width or (len(found), len(found[0])) == (width, height):
        return []
    by_rows = tuple(flat[start : start + width] for start in range(0, len(flat), width))
    by_columns = tuple(flat[start::height] for start in range(height))
    return [by_rows] if min(len(found), len(found[0])) > 1 else [by_rows, by_columns]


def _read(text: str, key: MatrixKey) -> tuple[Reading, ...]:
    size, read = [len(row) for row in key.value], partial(readings_of, key.units)
    found = ways(text)
    if key.vector:
        found = [vector for way in found for vector in _as_vectors(way, size[0])]
    # How many numbers are asked for decides whether commas divide them or stand for points.
    fitting = [way for way in found if [len(row) for row in way.rows] == size]
    usual = [way for way in fitting if not way.remote]
    if key.vector and not usual and (shared := with_shared_names(text)):
        if shared[1] != size[0]:
            raise Unreadable("several names for one number", "write each number with its name")
        apart = [vector for way in ways(shared[0]) for vector in _as_vectors(way, size[0])]
        fitting = [way for way in apart if [len(row) for row in way.rows] == size]
    if not key.vector and not fitting and (table := digits_apart(found[0].rows, size)):
        fitting = [*found[:1], Way(table, remote=True)]
    if key.vector and not fitting and (digits := side_by_side(text, size[0])):
        fitting = [*found[:1], Way((tuple(digits),), remote=True)]
    # (64, 8) as 64 (8), or (3, -1) as 3 - 1: one number may be meant as well.
    fitting += [way for way in found if way.whole and fitting and way not in fitting]
    if fitting and all(way.mixed for way in fitting):  # 4, 9 -2 may be 4, 7
        fitting.append(found[0])
    try:
        readings = readable(read, fitting or found[:1])
    except Unreadable:
        if not fitting:
            raise
        readings = readable(read, [*found[:1], *fitting])
    return tuple({reading.echo: reading for reading in reversed(readings)}.values())[::-1]


def _as_vectors(way: Way, count: int) -> list[Way]:
    """The way as one row: a column, and lines or groups of as many numbers in all, by rows, or by columns where no entry has a name."""
    if len(flattened(way.rows)) != count or len(way.rows) == 1:
        return [replace(way, rows=_lying(way.rows))]
    by_rows = replace(way, rows=(flattened(way.rows),))
    lengths = {len(row) for row in way.rows}
    if len(lengths) > 1 or lengths == {1} or any("=" in entry for entry in flattened(way.rows)):
        return [by_rows]
    by_columns = (flattened(tuple(zip(*way.rows, strict=True))),)
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
    flat, expected = flattened(one), flattened(other)
    return len(flat) == len(expected) and all(
        close(a, b, ROUNDING * abs(float(b))) for a, b in zip(flat, expected, strict=True)
    )


TYPE = Matrix()
