"""Numbers in rows as people type them: [[1, 2], [3, 4]], 1 2; 3 4, (1, 2)^T, numpy's and LaTeX's.

What is typed with commas can hold decimal commas: `0,5; 0,25` is two numbers or four. Each way is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product
from typing import TypeVar

from question_bank.answers.base import Reading, Unreadable

MAX_ENTRIES = 144
_OPENING, _CLOSING = "([{", ")]}"

T = TypeVar("T")
Rows = tuple[tuple[str, ...], ...]

_ASSIGNED = re.compile(r"\A[^=<>≤≥≠!]{0,60}=\s*(?=\S)")
_WRAPPED = re.compile(
    r"\A(?:(?:np|numpy|torch)\.)?(?:array|tensor|matrix|vec)\s*(\(.*\))\Z", re.DOTALL
)
_LATEX = re.compile(r"\A\\begin\s*\{[pbBv]?matrix\}(.*)\\end\s*\{[pbBv]?matrix\}\Z", re.DOTALL)
_TRANSPOSED = re.compile(r"(?<=[\])}])\s*(?:\^\s*\{?\s*(?:T|\\top)\s*\}?|ᵀ|\.T)\Z")
_GLUE = (
    (re.compile(r"\s+([-+])\s+"), r"\1"),
    (re.compile(r"\s*([*/^·])\s*"), r"\1"),
    (re.compile(r"(?<![0-9)\]])([-+−])\s+"), r"\1"),
)
_AND = re.compile(r",?\s+(?:and|und)\s+")
_COLON = re.compile(r"\A[^\W\d]\w{0,20}:\s*(?=[\[({])")
# Brackets as in <1, 2> and | 1 2 |.
_ANGLES = re.compile(r"\A(?:[<⟨]|\\langle(?![A-Za-z]))([^<>⟨⟩]*)(?:[>⟩]|\\rangle)\Z")
_BARS = re.compile(r"^\s*\|([^|\n]*)\|\s*$", re.MULTILINE)
_SPACED_SIGN = re.compile(r"\s+([-+−])\s+")
# As many spaced signs, and numbers with commas, are read in every way; of more, the extremes are.
_MAX_SIGNS, _MAX_PIECES = 4, 8
_LISTED = re.compile(r"\A(?:[\[({]|\\begin|(?:np|numpy|torch)\.|array|tensor|matrix)")
_COMMAS_ONLY = re.compile(r"[-+−]?[0-9]+(?:,[-+−]?[0-9]+)+")
_COMMA_INSIDE = re.compile(r"(?<=[0-9]),(?=[0-9])")


def ways(text: str) -> list[Rows]:
    """The rows, in each way in which they can be meant, the usual one first. Raises Unreadable."""
    text = _AND.sub(", ", _COLON.sub("", text.strip()))
    if text.count("=") == 1:
        text = _ASSIGNED.sub("", text, count=1)
    text = re.sub(r"\\(?:left|right)(?![A-Za-z])", "", text)
    text = text.strip().strip("$").strip()
    transposed = _TRANSPOSED.search(text)
    if transposed:
        text = text[: transposed.start()].rstrip()
    if wrapped := _WRAPPED.match(text):
        text = unwrapped(wrapped[1])
    text = _BARS.sub(_without_bars, _ANGLES.sub(r"(\1)", text)).strip()
    if latex := _LATEX.match(text):
        text = latex[1].replace("\\\\", ";").replace("&", ",")
    lines = _lines(text)
    usual = _table([_entries(line) for line in lines])
    found = [usual]
    german = [entries for line in lines if (entries := _with_decimal_commas(line)) is not None]
    if len(german) == len(lines) and _table(german) != usual:
        # 0,5 -1,5: where blanks divide the numbers, the commas do not.
        found = [_table(german)] if _holds_blanks(usual) else [usual, _table(german)]
    found = list(dict.fromkeys([*found, *_unusual_tables(lines)]))
    return [_turned(rows) for rows in found] if transposed else found


def chain(text: str) -> list[str]:
    """The terms of `y = W x = [1, 2]`, of which the last is the answer; else all of it: `mean = 2, variance = 4`."""
    terms = [text] if re.search("[<>≤≥≠!]", text) else split(text, "=")
    lists = _LISTED.match(terms[-1]) and all(len(split(term, ",;\n")) == 1 for term in terms)
    return terms if lists else [text]


def readable(read: Callable[[T], list[Reading]], found: Iterable[T]) -> list[Reading]:
    """The readings of the ways that can be read. Raises the first fault where none can."""
    readings: list[Reading] = []
    fault: Unreadable | None = None
    for way in found:
        try:
            readings += read(way)
        except Unreadable as error:
            fault = fault or error
    if fault is not None and not readings:
        raise fault
    return readings


def row_ways(text: str) -> list[list[str]]:
    """One row of numbers without brackets, in each way in which its commas can be meant."""
    text = _AND.sub(", ", text)
    usual, german = _entries(text), _with_decimal_commas(text)
    found = [usual] if german is None or len(german) < 2 else [usual, german]
    found += [*_with_signs(text), *_in_pairs(text)]
    return [list(row) for row in dict.fromkeys(map(tuple, found))]


def unwrapped(text: str) -> str:
    """Without the one pair of brackets that holds everything."""
    if len(text) < 2 or text[0] not in _OPENING or text[-1] not in _CLOSING:
        return text
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if depth == 0 and position < len(text) - 1:
            return text
    if _OPENING.index(text[0]) != _CLOSING.index(text[-1]):
        raise Unreadable("the brackets do not match")
    return text[1:-1].strip()


def split(text: str, separators: str) -> list[str]:
    """The pieces between separators that stand in no brackets. Raises Unreadable for brackets that do not match."""
    found, open_, start = [], "", 0
    for position, sign in enumerate(text):
        if sign in _OPENING:
            open_ += _CLOSING[_OPENING.index(sign)]
        elif sign in _CLOSING:
            if not open_.endswith(sign):
                raise Unreadable("the brackets do not match")
            open_ = open_[:-1]
        elif not open_ and sign in separators:
            found.append(text[start:position].strip())
            start = position + 1
    if open_:
        raise Unreadable("the brackets do not match")
    return [*found, text[start:].strip()]


def _lines(text: str) -> list[str]:
    """The rows of a table, without their brackets."""
    inner = unwrapped(text)
    groups = [piece for piece in split(_parted(inner), ",;\n\t ") if piece]
    if _are_rows(groups, inner):
        return [unwrapped(group) for group in groups]
    lines = [line.rstrip(";").rstrip() for line in split(inner, "\n") if line.strip("; \t")]
    if len(lines) == 1:
        lines = [piece for piece in split(lines[0], ";") if piece]
    if not lines:
        raise Unreadable("holds no numbers")
    return lines


def _parted(text: str) -> str:
    """With a comma where one bracket follows another: [1, 2][3, 4]."""
    parts, depth, before = [], 0, ""
    for sign in text:
        if sign in _OPENING and depth == 0 and before in tuple(_CLOSING):
            parts.append(",")
        depth += (sign in _OPENING) - (sign in _CLOSING)
        before = before if sign.isspace() else sign
        parts.append(sign)
    return "".join(parts)


def _are_rows(groups: list[str], typed: str) -> bool:
    """Whether brackets side by side are rows; of (1 + 2)(3), nothing says so."""
    if not groups or any(unwrapped(group) == group for group in groups):
        return False
    divided = len(groups) == len([piece for piece in split(typed, ",;\n\t ") if piece])
    return divided or any(re.search(r"[,;\s]", _glued(unwrapped(group))) for group in groups)


def _entries(line: str) -> list[str]:
    """The numbers of a row, with a point as the decimal sign."""
    separator = next((s for s in ";," if len(split(line, s)) > 1), None)
    if separator is not None:
        found = split(line, separator)
        return found[:-1] if not found[-1] else found
    return [entry for entry in split(_glued(line), " \t") if entry]


def _glued(line: str) -> str:
    """Without the blanks inside of terms: 1 + 2 is one number, 1 +2 are two."""
    for pattern, glued in _GLUE:
        line = pattern.sub(glued, line)
    return line


def _holds_blanks(rows: Rows) -> bool:
    return any(len(split(_glued(entry), " \t")) > 1 for row in rows for entry in row)


def _with_decimal_commas(line: str) -> list[str] | None:
    """The numbers of a row whose commas between digits belong to them; None where there are none."""
    if not _COMMA_INSIDE.search(line):
        return None if "," in line else _entries(line)
    return _entries(_COMMA_INSIDE.sub(".", line))


def _unusual_tables(lines: list[str]) -> list[Rows]:
    """`1 - 2 3` as 1, -2, 3 and `1,5,2,5` as 1.5, 2.5: rows in which signs and commas belong to the numbers.

    One row is read in every way, several are all read in the same way.
    """
    if len(lines) == 1:
        return [_table([row]) for row in (*_with_signs(lines[0]), *_in_pairs(lines[0]))]
    signed = [(_with_signs(line) or [_entries(line)])[-1] for line in lines]
    paired = [_in_pairs(line)[-1:] for line in lines]
    found = [_table(signed)] if any(map(_with_signs, lines)) else []
    return [*found, _table([row for (row,) in paired])] if all(paired) else found


def _with_signs(line: str) -> list[list[str]]:
    """The numbers between blanks, where signs between blanks may begin numbers; in the last way, all do."""
    if len(split(_COMMA_INSIDE.sub(".", line), ",;")) > 1:
        return []
    first, *rest = _SPACED_SIGN.split(_COMMA_INSIDE.sub(".", line))
    signs, terms = rest[::2], rest[1::2]
    if not signs:
        return []
    ways: list[tuple[str, ...]] = [(" ",) * len(signs)]
    if len(signs) <= _MAX_SIGNS:
        ways = list(product(("", " "), repeat=len(signs)))[1:]
    return [
        _entries(first + "".join(g + s + t for g, s, t in zip(way, signs, terms, strict=True)))
        for way in ways
    ]


def _in_pairs(line: str) -> list[list[str]]:
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


def _without_bars(found: re.Match[str]) -> str:
    """A row between bars; |-3| is the absolute value of one number."""
    inner = found[1].strip()
    several = len([piece for piece in split(_glued(inner), ",;& \t") if piece]) > 1
    return inner if several else found[0]


def _table(rows: list[list[str]]) -> Rows:
    if sum(map(len, rows)) > MAX_ENTRIES:
        raise Unreadable(f"has more than {MAX_ENTRIES} entries")
    if not all(rows):
        raise Unreadable("holds no numbers")
    if any(not entry for row in rows for entry in row):
        raise Unreadable("an entry is missing", "write numbers with a comma between them")
    return tuple(tuple(row) for row in rows)


def _turned(rows: Rows) -> Rows:
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("the rows have different lengths")
    return tuple(zip(*rows, strict=True))
