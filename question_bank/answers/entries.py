"""The numbers of one row as people type them: divided by commas, semicolons or blanks, with decimal points or commas.

What is typed with commas can hold decimal commas: `0,5, 0,25` is two numbers or four. Each way is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from question_bank.answers.brackets import split, unwrapped
from question_bank.answers.layout import labelled, names_joined

_GLUE = (
    (re.compile(r"\s+([-+−–])\s+"), r"\1"),
    (re.compile(r"\s*([*/^·≈])\s*"), r"\1"),
    (re.compile(r"(?<![0-9)\]])([-+−–])\s+"), r"\1"),
    (re.compile(r"\s+(?=\\?%)"), ""),
)
AND = re.compile(r",?\s+(?:and|und)\s+")
# A plus between blanks is a sum: no number of a list begins with it.
_SPACED_MINUS = re.compile(r"\s+([-−–])\s+")
# As many spaced signs, and numbers with commas, are read in every way; of more, the extremes are.
_MAX_SIGNS, _MAX_PIECES = 4, 8
_COMMAS_ONLY = re.compile(r"[-+−]?[0-9]+(?:,[-+−]?[0-9]+)+")
_DASHED = re.compile(
    r"[-–−]?[0-9]+(?:[.,/][0-9]+)?(?:(?:[-–−]|\s+[-–−]\s+)[0-9]+(?:[.,/][0-9]+)?)+"
)
_COMMA_INSIDE = re.compile(r"(?<=[0-9]),(?=[0-9])")
# A minus behind a number, which may begin the next one.
SIGN_BEHIND = re.compile(r"(?<=[0-9)}])\s*([-−–])\s*(?=[0-9.(\\√])")


def row_ways(text: str) -> list[list[str]]:
    """One row of numbers without brackets, in each way in which its commas can be meant. Raises Unreadable."""
    text = AND.sub(", ", re.sub(r"[,;]?[ \t]*\n\s*", ";", text.strip()))
    usual, german = entries(text), with_decimal_commas(text)
    found = [usual] if german is None or len(german) < 2 else [usual, german]
    found += [*with_signs(text), *in_pairs(text)]
    found += dashed(text)
    if noted := with_notes(text):
        found.insert(0, noted)
    if signed := with_signs_behind_commas(text):
        found.append(signed)
    return [list(row) for row in dict.fromkeys(tuple(map(labelled, row)) for row in found)]


def entries(line: str) -> list[str]:
    """The numbers of a row, with a point as the decimal sign."""
    separator = next((s for s in ";," if len(split(line, s)) > 1), None)
    if separator is not None:
        found = split(line, separator)
        return found[:-1] if not found[-1] else found
    return divided(line)


def divided(line: str) -> list[str]:
    """The terms between blanks: 1 + 2 is one number, 1 +2 are two."""
    return [entry for entry in split(glued(line), " \t") if entry]


def glued(line: str) -> str:
    """Without the blanks inside of terms and names."""
    line = names_joined(line)
    for pattern, without in _GLUE:
        line = pattern.sub(without, line)
    return line


def with_notes(line: str) -> list[str] | None:
    """The terms between blanks, each with what stands behind it in brackets: 64 (8*8) 8 (2^3). None without such."""
    if len(split(line, ",;")) > 1:
        return None
    found: list[str] = []
    for term in divided(line):
        if _is_note(term) and found and not _is_note(found[-1]):
            found[-1] += f" {term}"
        else:
            found.append(term)
    return found if any(" " in term for term in found) else None


def _is_note(term: str) -> bool:
    return term[0] in "([" and unwrapped(term) != term


def with_decimal_commas(line: str) -> list[str] | None:
    """The numbers of a row whose commas between digits belong to them; None where there are none."""
    if not _COMMA_INSIDE.search(line):
        return None if "," in line else entries(line)
    return entries(_COMMA_INSIDE.sub(".", line))


def with_signs(line: str) -> list[list[str]]:
    """The numbers between blanks, where a minus between blanks may begin a number; in the last way, each does."""
    if len(split(_COMMA_INSIDE.sub(".", line), ",;")) > 1:
        return []
    first, *rest = _SPACED_MINUS.split(_COMMA_INSIDE.sub(".", line))
    signs, terms = rest[::2], rest[1::2]
    if not signs:
        return []
    ways: Iterable[tuple[str, ...]] = [(" ",) * len(signs)]
    if len(signs) <= _MAX_SIGNS:
        ways = list(product(("", " "), repeat=len(signs)))[1:]
    return [
        entries(first + "".join(g + s + t for g, s, t in zip(way, signs, terms, strict=True)))
        for way in ways
    ]


def with_signs_behind_commas(line: str) -> list[str] | None:
    """The numbers where commas divide some and a minus begins others: 4, 9 -2. None for anything else."""
    if "," not in line or not SIGN_BEHIND.search(line):
        return None
    return entries(SIGN_BEHIND.sub(r", \1", line))


def whole_line(line: str) -> str:
    """A line that is one number, with a point as the decimal sign."""
    return _COMMA_INSIDE.sub(".", line.strip())


def dashed(line: str) -> list[list[str]]:
    """Numbers with dashes alone, which may be between them or may be signs: 3-2-3, -3-2-0. No way for anything else."""
    if not _DASHED.fullmatch(line.strip()):
        return []
    first, *others = re.split(r"(?<=[0-9])\s*[-–−]\s*", whole_line(line))
    return [[first, *others], [first, *(f"-{number}" for number in others)]]


def in_pairs(line: str) -> list[list[str]]:
    """The numbers where some commas divide them and others are decimal ones; in the last way, every second divides."""
    pieces = line.split(",")
    if len(pieces) < 3 or not _COMMAS_ONLY.fullmatch(line):
        return []
    halves = [f"{a}.{b}" for a, b in zip(pieces[::2], pieces[1::2], strict=False)]
    last = [halves] if len(pieces) % 2 == 0 else []
    return [*_paired(pieces)[1:], *last] if len(pieces) <= _MAX_PIECES else last


def _paired(pieces: list[str]) -> list[list[str]]:
    """Every way to join neighbours as the two sides of a decimal comma, the one without any first."""
    if len(pieces) < 2:
        return [pieces]
    one, two, *rest = pieces
    found = [[one, *others] for others in _paired(pieces[1:])]
    if two.isdigit():
        found += [[f"{one}.{two}", *others] for others in _paired(rest)]
    return found
