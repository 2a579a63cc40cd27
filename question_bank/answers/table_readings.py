"""The readings of a table of numbers: entry by entry, and in the order in which the question asks for their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from question_bank.answers.base import Printed, Reading, Unreadable
from question_bank.answers.closeness import plain_echo
from question_bank.answers.naming import name_of, put_in_order
from question_bank.answers.numeric import TYPE as NUMERIC
from question_bank.answers.numeric import NumericKey
from question_bank.answers.rows import Rows, Way, flattened

Real = int | Fraction | float
Numbers = tuple[tuple[Real, ...], ...]

_NAMED = re.compile(r"\A([^\W\d][^=:]{0,30})[=:]")


# As of single numbers, the same few are read again and again.
@lru_cache(maxsize=4096)
def _entry(text: str, unit: str | None) -> tuple[Reading, ...]:
    """A number of a table in each way in which it can be read. Raises Unreadable."""
    return NUMERIC.parse(text, NumericKey(value="0", unit=unit))


def readings_of(units: tuple[str, ...], way: Way) -> list[Reading]:
    """The table as numbers; a second time where entries can be read in another way."""
    rows = way.rows
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("the rows have different lengths")
    # Units belong to the numbers of one row; with more or fewer of these, nothing says to which.
    unit_of = units if len(rows) == 1 and len(rows[0]) == len(units) else ("",) * len(rows[0])
    read = [
        [_entry(one, unit or None) for one, unit in zip(row, unit_of, strict=True)] for row in rows
    ]
    found = [_reading(tuple(tuple(entry[0] for entry in row) for row in read))]
    if any(len(entry) > 1 for row in read for entry in row):
        found.append(_reading(tuple(tuple(entry[-1] for entry in row) for row in read)))
    named = way.named or _are_named(rows)
    first = rows[0] if len(rows) == 1 else [row[0] for row in rows]
    names = way.names or tuple(map(name_of, first))
    return [replace(r, named=named, names=names, remote=r.remote or way.remote) for r in found]


def _reading(rows: tuple[tuple[Reading, ...], ...]) -> Reading:
    value = tuple(tuple(entry.value.value for entry in row) for row in rows)
    remote = any(entry.remote for row in rows for entry in row)
    return Reading(value, _echo([[entry.echo for entry in row] for row in rows]), remote)


def _echo(rows: Sequence[Sequence[str]]) -> str:
    lines = ["[" + ", ".join(row) + "]" for row in rows]
    return lines[0] if len(rows) == 1 else "[" + ", ".join(lines) + "]"


def numbers_by_names(reading: Reading, printed: Printed, axes: str | None = None) -> Reading | None:
    """The numbers of one row, or the rows, in the order in which the question asks for their names."""
    rows: Numbers = reading.value
    found: Numbers | None
    if len(rows) == 1:
        row = put_in_order(reading.names, rows[0], printed, axes)
        found = None if row is None else (row,)
    else:
        found = put_in_order(reading.names, rows, printed, axes)
    if found is None:
        return None
    echo = _echo([[plain_echo(number) for number in row] for row in found])
    return replace(reading, value=found, echo=echo, names=(), named=False)


def _are_named(rows: Rows) -> bool:
    """Whether entries or rows have names, and these do not follow one another: y = 1, x = 2."""
    found = [match[1].strip() for entry in flattened(rows) if (match := _NAMED.match(entry))]
    return found != sorted(found)
