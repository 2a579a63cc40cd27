"""Lists of which an entry is left out, where an empty place or the names of the others say which: 4; ; -2, or s1 = 4, s3 = -2."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from question_bank.answers.base import Reading, Unreadable
from question_bank.answers.brackets import split, unwrapped
from question_bank.answers.entries import AND
from question_bank.answers.rows import flattened
from question_bank.answers.table_readings import Numbers, Real

# No list of a question is longer.
_LONGEST = 300
_EMPTY = re.compile(r"(?:[^\W\d][^=:]{0,30}[=:])?\s*(?:\?+|[-−–—_]+|\.\.\.|…)?\s*")
_NAMED = re.compile(r"\A([^\W\d][^=:]{0,30}?)\s*[=:]")
_SILENT = re.compile(r"[\s_{}$\\]")


def in_part(
    text: str,
    count: int,
    entries: str | None,
    read: Callable[[str, tuple[int, ...]], tuple[Reading, ...]],
) -> tuple[Reading, ...]:
    """The readings of such a list, with None where an entry is left out; none where nothing says which that are.

    `entries` says what each number is; `read` gives the readings of the others, which have these places.
    """
    if len(text) > _LONGEST or (found := _filled(text, count, entries)) is None:
        return ()
    rest, places = found
    try:
        readings = read(rest, places)
    except Unreadable:
        return ()
    return tuple(
        _spread(one, places, count)
        for one in readings
        if len(one.value) == 1 and len(one.value[0]) == len(places)
    )


def _filled(text: str, count: int, entries: str | None) -> tuple[str, tuple[int, ...]] | None:
    """The list of what is there, and the places of that."""
    try:
        inner = unwrapped(AND.sub(", ", text.strip()))
        pieces = split(inner, ";" if len(split(inner, ";")) > 1 else ",\n")
    except Unreadable:
        return None
    there = tuple(i for i, piece in enumerate(pieces) if not _EMPTY.fullmatch(piece))
    filled = [pieces[i] for i in there]
    places: tuple[int, ...] | None = there
    if len(pieces) != count or (entries and all(map(_NAMED.match, filled))):
        places = _by_names(filled, count, entries)
    if (len(pieces) == count and places != there) or _are_out_of_order(filled):
        return None
    if not places or len(places) == count or len(filled) != len(places):
        return None
    return "; ".join(_NAMED.sub("", piece) for piece in filled), places


def _by_names(pieces: list[str], count: int, entries: str | None) -> tuple[int, ...] | None:
    """The places of the names, where each is that of one entry, and they are in order."""
    asked = [_plain(entry) for entry in entries.split(",")] if entries else []
    typed = [found[1] for piece in pieces if (found := _NAMED.match(piece))]
    if len(asked) != count or len(typed) != len(pieces):
        return None
    where = [[i for i, entry in enumerate(asked) if name in entry] for name in map(_name, typed)]
    places = tuple(one[0] for one in where if len(one) == 1)
    in_order = len(places) == len(pieces) and all(a < b for a, b in pairwise(places))
    return places if in_order else None


def _are_out_of_order(pieces: list[str]) -> bool:
    """Whether names do not follow one another, so that another order may be meant."""
    names = [found[1] for piece in pieces if (found := _NAMED.match(piece))]
    return names != sorted(names)


def _plain(entry: str) -> frozenset[str]:
    """What an entry can be called: all of it, or its last word."""
    return frozenset({_name(entry), *map(_name, entry.split()[-1:])})


def _name(typed: str) -> str:
    return _SILENT.sub("", typed).lower()


def _spread(reading: Reading, places: tuple[int, ...], count: int) -> Reading:
    """The reading with its numbers at their places."""
    row = dict(zip(places, reading.value[0], strict=True))
    typed = [dict(zip(places, line, strict=True)) for line in reading.converted]
    shown = dict(zip(places, reading.echo[1:-1].split(", "), strict=True))
    return replace(
        reading,
        value=(tuple(row.get(i) for i in range(count)),),
        echo=f"[{', '.join(shown.get(i, '?') for i in range(count))}]",
        names=(),
        converted=tuple(tuple(line.get(i) for i in range(count)) for line in typed),
        named=False,
    )


def holds_some(
    found: Numbers, expected: Numbers, agree: Callable[[Real, Real], bool | None]
) -> bool:
    """Whether fewer numbers of one row, or fewer rows of one length, hold some of the right ones in their order.

    One number throughout does not.
    """
    by_numbers = len(found) == len(expected) == 1
    rows, asked = [_single(one) if by_numbers else list(one) for one in (found, expected)]
    given = flattened(found)
    if len(rows[0]) != len(asked[0]) or len(given) > len(set(given)) == 1:
        return False
    fewer = len(asked) - len(rows)
    return fewer > 0 and any(
        agree(typed, entry) is not False
        for i, row in enumerate(rows)
        for other in asked[i : i + fewer + 1]
        for typed, entry in zip(row, other, strict=True)
    )


def _single(rows: Numbers) -> list[tuple[Real, ...]]:
    """The numbers of one row, each as a row of its own."""
    return [(number,) for number in rows[0]]
