"""Matrices and vectors of numbers: [[1, 2], [3, 4]], or rows divided by ; or line breaks: 1 2; 3 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

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
from question_bank.answers.numeric import TYPE as NUMERIC
from question_bank.answers.numeric import NumericKey, close, number_of
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import names_in
from question_bank.text import tex

MAX_ENTRIES = 144

_ASSIGNED = re.compile(r"\A[^=]{0,30}=\s*(?=\S)")


class MatrixSpec(Spec):
    """`value` is an expression that gives a list of rows, or a list of numbers for a vector."""

    type: Literal["matrix"]
    value: str
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    by_entry: bool = Field(False, description="credit for the share of right entries")


class MatrixKey(Key):
    """Rows of numbers as text; a vector is one row with `vector` set."""

    type: Literal["matrix"] = "matrix"
    value: tuple[tuple[str, ...], ...]
    vector: bool = False
    tolerance: float = 0.0
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
            value=text, vector=vector, tolerance=spec.tolerance, by_entry=spec.by_entry
        )

    def parse(self, text: str, key: MatrixKey) -> tuple[Reading, ...]:
        rows = _rows(_ASSIGNED.sub("", text, count=1).strip())
        if key.vector and len(rows) > 1 and all(len(row) == 1 for row in rows):
            rows = [[row[0] for row in rows]]
        if len({len(row) for row in rows}) != 1:
            raise Unreadable("the rows have different lengths")
        if sum(map(len, rows)) > MAX_ENTRIES:
            raise Unreadable(f"has more than {MAX_ENTRIES} entries")
        value = tuple(tuple(_entry(entry) for entry in row) for row in rows)
        rows_echoed = [_echo_row(row) for row in value]
        echo = rows_echoed[0] if len(value) == 1 else "[" + ", ".join(rows_echoed) + "]"
        return (Reading(value, echo),)

    def compare(self, reading: Reading, key: MatrixKey) -> Comparison:
        found, expected = reading.value, entries(key)
        if (len(found), len(found[0])) != (len(expected), len(expected[0])):
            if not key.vector and tuple(zip(*found, strict=True)) == expected:
                return Comparison(Fraction(0), "transposed: rows and columns are swapped")
            if key.vector:
                sizes = f"{_size(found)} where {_size(expected)}"
            else:
                sizes = f"{len(found)}x{len(found[0])} where {len(expected)}x{len(expected[0])}"
            return Comparison(Fraction(0), f"{sizes} entries are asked for")
        wrong = [
            (i, j)
            for i, row in enumerate(expected)
            for j, entry in enumerate(row)
            if not close(found[i][j], entry, key.tolerance)
        ]
        if not wrong:
            return Comparison(Fraction(1), "right")
        total = len(expected) * len(expected[0])
        share = Fraction(total - len(wrong), total) if key.by_entry else Fraction(0)
        if tuple(zip(*found, strict=True)) == expected:
            return Comparison(share, "transposed: rows and columns are swapped")
        row, column = wrong[0]
        place = f"entry {column + 1}" if key.vector else f"row {row + 1}, column {column + 1}"
        return Comparison(share, f"{len(wrong)} of {total} entries are not right, first {place}")

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
        changed = [[str(entry + 1 + 2 * key.tolerance) for entry in row] for row in entries(key)]
        wrong = "; ".join(" ".join(row) for row in changed)
        return Samples((self.written(key), flat), (wrong,), ("[[1, 2], [3]]", "none at all", "[["))

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value
        return value[0] if len(value) == 1 else value


def entries(key: MatrixKey) -> tuple[tuple[int | Fraction | float, ...], ...]:
    """The key's numbers by rows."""
    return tuple(tuple(number_of(NumericKey(value=entry)) for entry in row) for row in key.value)


def _size(rows: tuple[tuple[int | Fraction | float, ...], ...]) -> int:
    return sum(map(len, rows))


def _numbers(row: Value) -> bool:
    return isinstance(row, tuple) and all(
        isinstance(entry, (int, Fraction, float)) and not isinstance(entry, bool) for entry in row
    )


def _entry(text: str) -> int | Fraction | float:
    value: int | Fraction | float = NUMERIC.parse(text, NumericKey(value="0"))[0].value
    return value


def _echo_row(row: tuple[int | Fraction | float, ...]) -> str:
    from question_bank.answers.numeric import plain_echo

    return "[" + ", ".join(plain_echo(entry) for entry in row) + "]"


def _rows(text: str) -> list[list[str]]:
    if "[" in text or text.startswith("("):
        return _bracketed(text.replace("(", "[").replace(")", "]"))
    lines = [line for line in re.split(r"[;\n]", text) if line.strip()]
    rows = [[e for e in re.split(r"[,\s]+", line.strip()) if e] for line in lines]
    if not rows:
        raise Unreadable("holds no numbers")
    return rows


def _bracketed(text: str) -> list[list[str]]:
    inner = text.strip()
    if not (inner.startswith("[") and inner.endswith("]")):
        raise Unreadable("the brackets do not match")
    if inner.count("[") == 1 and inner.count("]") == 1:
        return [[entry for entry in re.split(r"[,;\s]+", inner[1:-1].strip()) if entry]]
    body = inner[1:-1].strip()
    pieces = re.findall(r"\[([^\[\]]*)\]", body)
    if not pieces or re.sub(r"\[[^\[\]]*\]|[,;\s]", "", body):
        raise Unreadable("the brackets do not match")
    return [[entry for entry in re.split(r"[,;\s]+", piece.strip()) if entry] for piece in pieces]


TYPE = Matrix()
