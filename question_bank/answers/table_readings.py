"""The readings of a table of numbers: entry by entry, and in the order in which the question asks for their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
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
# None where an entry is left out.
Partly = tuple[tuple[Real | None, ...], ...]

_NAMED = re.compile(r"\A([^\W\d][^=:]{0,30})[=:]")

_PERCENT = re.compile(r"\\?%\Z|(?:per ?cent|prozent)\Z", re.IGNORECASE)
_UNIT = re.compile(r"(?<=[0-9)}\s])[A-Za-zµμ]+\Z")


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
    read = _read(rows, unit_of)
    found = _first_and_last(read)
    if shared := _with_shared_unit(rows, units):
        # 19/8 = 2.38, 50 %: behind the first number, the sign may make no sense.
        with suppress(Unreadable):
            found += [replace(one, remote=True) for one in _first_and_last(_read(shared, unit_of))]
    named = way.named or _are_named(rows)
    first = rows[0] if len(rows) == 1 else [row[0] for row in rows]
    names = way.names or tuple(map(name_of, first))
    return [replace(r, named=named, names=names, remote=r.remote or way.remote) for r in found]


def _read(rows: Rows, units: Sequence[str]) -> list[list[tuple[Reading, ...]]]:
    return [
        [_entry(one, unit or None) for one, unit in zip(row, units, strict=True)] for row in rows
    ]


def _first_and_last(read: list[list[tuple[Reading, ...]]]) -> list[Reading]:
    found = [_reading(tuple(tuple(entry[0] for entry in row) for row in read))]
    if any(len(entry) > 1 for row in read for entry in row):
        found.append(_reading(tuple(tuple(entry[-1] for entry in row) for row in read)))
    return found


def _with_shared_unit(rows: Rows, units: Sequence[str]) -> Rows | None:
    """The table with the sign of per cent, or the unit, that stands behind its last number alone, behind each: 60, 40 %."""
    *before, last = flattened(rows)
    tail = _PERCENT.search(last) or (_UNIT.search(last) if any(units) else None)
    if tail is None or not before or any(_PERCENT.search(e) or _UNIT.search(e) for e in before):
        return None
    every = iter([*(f"{entry} {tail[0].strip()}" for entry in before), last])
    return tuple(tuple(next(every) for _ in row) for row in rows)


def _reading(rows: tuple[tuple[Reading, ...], ...]) -> Reading:
    value = tuple(tuple(entry.value.value for entry in row) for row in rows)
    remote = any(entry.remote for row in rows for entry in row)
    converted = any(entry.value.converted for row in rows for entry in row)
    typed = tuple(tuple(entry.value for entry in row) for row in rows) if converted else ()
    echo = _echo([[entry.echo for entry in row] for row in rows])
    return Reading(value, echo, remote, converted=typed)


def _echo(rows: Sequence[Sequence[str]]) -> str:
    lines = ["[" + ", ".join(row) + "]" for row in rows]
    return lines[0] if len(rows) == 1 else "[" + ", ".join(lines) + "]"


def numbers_by_names(reading: Reading, printed: Printed, axes: str | None = None) -> Reading | None:
    """The numbers of one row, or the rows, in the order in which the question asks for their names."""
    rows: Numbers = reading.value
    found: Numbers | None
    if None in rows[0]:
        return None
    if len(rows) == 1:
        row = put_in_order(reading.names, rows[0], printed, axes)
        found = None if row is None else (row,)
    else:
        found = put_in_order(reading.names, rows, printed, axes)
    if found is None:
        return None
    echo = _echo([[plain_echo(number) for number in row] for row in found])
    return replace(reading, value=found, echo=echo, names=(), named=False, converted=())


def _are_named(rows: Rows) -> bool:
    """Whether entries or rows have names, and these do not follow one another: y = 1, x = 2."""
    found = [match[1].strip() for entry in flattened(rows) if (match := _NAMED.match(entry))]
    return found != sorted(found)
