"""Numbers in rows as people type them: [[1, 2], [3, 4]], 1 2; 3 4, (1, 2)^T, numpy's and LaTeX's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from question_bank.answers.base import Reading, Unreadable
from question_bank.answers.brackets import CLOSING, OPENING, split, unwrapped
from question_bank.answers.entries import (
    AND,
    SIGN_BEHIND,
    dashed,
    divided,
    entries,
    glued,
    in_pairs,
    whole_line,
    with_decimal_commas,
    with_notes,
    with_signs,
    with_signs_behind_commas,
)
from question_bank.answers.layout import (
    labelled,
    layouts,
    names_and_list,
    names_inside,
    out_of_order,
)
from question_bank.answers.naming import names_of

MAX_ENTRIES = 144

T = TypeVar("T")
Rows = tuple[tuple[str, ...], ...]

_WRAPPED = re.compile(
    r"\A(?:(?:np|numpy|torch)\.)?(?:array|tensor|matrix|vec)\s*(\(.*\))\Z", re.DOTALL
)
_MATRIX = r"(?:[pbBvV]?matrix\*?|smallmatrix|array|cases|aligned|align\*?)\}"
_LATEX = re.compile(
    rf"\A[\[({{|]?\s*\\begin\s*\{{{_MATRIX}(?:\{{[^{{}}]*\}})?(.*)\\end\s*\{{{_MATRIX}\s*[\])}}|]?\Z",
    re.DOTALL,
)
_TRANSPOSED = re.compile(
    r"(?<=[\])}])\s*(?:\^\s*\{?\s*(?:[Tt⊤]|\\top|\\intercal)\s*\}?|[ᵀᵗ⊤'’′]|\.?T)\Z"
)
# A number times a list. Without a sign of product, a blank may divide two answers: 5 (3, 2).
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?(?:\s*/\s*[0-9]+)?|\\[dt]?frac\s*(?:\{[0-9]+\}|[0-9])\s*(?:\{[0-9]+\}|[0-9])|[½⅓⅔¼¾⅕⅙⅛]"
_FACTOR = re.compile(
    rf"\A([-−–+]?)\(?({_NUMBER}|)\)?(\s*(?:[*·⋅×∙]|\\cdot(?![A-Za-z]))?\s*)(?=[(\[]|\\begin)"
)
_DIVISOR = re.compile(r"(?<=[)\]])\s*/\s*([0-9]+)\Z")
# Brackets as in <1, 2> and | 1 2 |.
_ANGLES = re.compile(r"\A(?:[<⟨]|\\langle(?![A-Za-z]))([^<>⟨⟩]*)(?:[>⟩]|\\rangle)\Z")
_BARRED = re.compile(r"\s*(?:[|‖][^|‖]*[|‖]\s*)+")
_BETWEEN_BARS = re.compile(r"[|‖]([^|‖]*)[|‖]")
_LISTED = re.compile(r"\A(?:[\[({]|\\begin|(?:np|numpy|torch)\.|array|tensor|matrix)")


@dataclass(frozen=True)
class Way:
    """One way to read rows; `remote` where it is not the usual one, `named` where names say another order.

    `names` are those in front of a list, one for each entry. `whole` says that it takes for one number what may be two, as the difference 3 - 1, so that it is looked at however many are asked for. `mixed` where commas divide some numbers and signs begin others.
    """

    rows: Rows
    remote: bool = False
    named: bool = False
    whole: bool = False
    names: tuple[str, ...] = ()
    mixed: bool = False


def ways(text: str) -> list[Way]:
    """The rows in each way in which plain text (see layout.plain) can be meant, the usual one first. Raises Unreadable."""
    names, text = names_and_list(AND.sub(", ", text.strip()))
    text, named, called = text.strip(), out_of_order(names), names_of(names)
    transposed = _TRANSPOSED.search(text)
    if transposed:
        text = text[: transposed.start()].rstrip()
    if wrapped := _WRAPPED.match(text):
        text = unwrapped(wrapped[1])
    text = _without_bars(_ANGLES.sub(r"(\1)", text)).strip()
    scale, text = _factor(text)
    if latex := _LATEX.match(text):
        text = latex[1].strip()
    found: dict[Rows, Way] = {}
    fault: Unreadable | None = None
    for layout in layouts(text):
        try:
            for rows, whole in _tables(layout.text).items():
                turned = _times(scale, _turned(rows) if transposed else rows)
                found.setdefault(turned, Way(turned, layout.remote, named, whole, called))
            if mixed := _mixed(layout.text):
                turned = _times(scale, _turned(mixed) if transposed else mixed)
                found.setdefault(
                    turned, Way(turned, layout.remote, named, names=called, mixed=True)
                )
        except Unreadable as error:
            fault = fault or error
    if fault is not None and not found:
        raise fault
    return list(found.values())


def chain(text: str) -> list[str]:
    """The terms of `y = W x = [1, 2]`, of which the last is the answer; else all of it: `mean = 2, variance = 4`."""
    if re.search("[<>≤≥≠!]", text) or "=" not in text:
        return [text]
    try:
        terms = split(text, "=")
    except Unreadable:
        return [text]  # 1) a = 2
    lists = _LISTED.match(terms[-1]) and all(len(split(term, ",;\n")) == 1 for term in terms)
    return terms if lists else [text]


def flattened(rows: tuple[tuple[T, ...], ...]) -> tuple[T, ...]:
    """The entries of all rows, one after the other."""
    return tuple(entry for row in rows for entry in row)


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


def _tables(text: str) -> dict[Rows, bool]:
    """The rows of one layout, in each way in which commas, signs and blanks can be meant, and whether a way is `whole`."""
    lines = _lines(text)
    usual = _table(map(entries, lines))
    found = [usual]
    german = [row for line in lines if (row := with_decimal_commas(line)) is not None]
    if len(german) == len(lines) and (other := _table(german)) != usual:
        # 0,5 -1,5: where blanks divide the numbers, the commas do not.
        found = [other] if _holds_blanks(usual) else [usual, other]
    alone = not any("," in (line if ":" in line else whole_line(line)) for line in lines)
    if len(lines) > 1 and alone:
        # 66.7 %; ln 0,5: where blanks do not divide anything, each line is a number.
        found.append(_table([whole_line(line)] for line in lines))
    found += _unusual_tables(lines)
    differences = all(map(with_signs, lines)) or (len(lines) == 1 and bool(dashed(lines[0])))
    tables = {rows: differences and all(len(row) == 1 for row in rows) for rows in found}
    noted = [with_notes(line) for line in lines]
    if any(noted):
        rows = _table(row or entries(line) for row, line in zip(noted, lines, strict=True))
        tables.setdefault(rows, True)
    return tables


def _mixed(text: str) -> Rows | None:
    """The rows where a minus may begin a number between two commas: 4, 9 -2. None where there is none."""
    if "," not in text or not SIGN_BEHIND.search(text):
        return None
    lines = _lines(text)
    signed = [with_signs_behind_commas(line) for line in lines]
    if not any(signed):
        return None
    return _table(row or entries(line) for row, line in zip(signed, lines, strict=True))


def _lines(text: str) -> list[str]:
    """The rows of a table, without their brackets."""
    inner = unwrapped(text)
    named = names_inside(inner)
    groups = [piece for piece in split(_parted(named), ",;\n\t ") if piece]
    if _are_rows(groups, named):
        return [unwrapped(group) for group in groups]
    parts = [part for part in split(named, ",;\n") if part]
    lists = [part if _is_list(part) else part.rpartition("=")[2].strip() for part in parts]
    if len(parts) > 1 and any(map(_is_list, lists)):
        both = zip(parts, lists, strict=True)
        return [unwrapped(held) if _is_list(held) else part for part, held in both]
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
        if sign in OPENING and depth == 0 and before in tuple(CLOSING):
            parts.append(",")
        depth += (sign in OPENING) - (sign in CLOSING)
        before = before if sign.isspace() else sign
        parts.append(sign)
    return "".join(parts)


def _are_rows(groups: list[str], typed: str) -> bool:
    """Whether brackets side by side are rows; of (1 + 2)(3), nothing says so."""
    if not groups or any(unwrapped(group) == group for group in groups):
        return False
    separated = len(groups) == len([piece for piece in split(typed, ",;\n\t ") if piece])
    return separated or any(re.search(r"[,;\s]", glued(unwrapped(group))) for group in groups)


def _holds_blanks(rows: Rows) -> bool:
    return any(len(divided(entry)) > 1 for row in rows for entry in row)


def _unusual_tables(lines: list[str]) -> Iterator[Rows]:
    """`1 - 2 3` as 1, -2, 3 and `1,5,2,5` as 1.5, 2.5: rows in which signs and commas belong to the numbers.

    One row is read in every way, several are all read in the same way.
    """
    if len(lines) == 1:
        yield from (_table([row]) for row in (*with_signs(lines[0]), *in_pairs(lines[0])))
        yield from (_table([row]) for row in dashed(lines[0]))
        return
    if any(map(with_signs, lines)):
        yield _table((with_signs(line) or [entries(line)])[-1] for line in lines)
    paired = [in_pairs(line)[-1:] for line in lines]
    if all(paired):
        yield _table(row for (row,) in paired)


def _factor(text: str) -> tuple[str, str]:
    """The factor of a list, empty where it has none, and the list: 1/8 (-3, 1, 2), -(1, 2), (2, 4)/3."""
    before = _FACTOR.match(text)
    if before and any(before.group(1, 2)) and _is_list(inner := text[before.end() :].strip()):
        sign, number, between = before.groups()
        blank = between and not between.strip() and re.fullmatch("[0-9.,]+", number)
        if not blank:
            return f"{'-' if sign in ('-', '−', '–') else ''}({number or 1})", inner
    behind = _DIVISOR.search(text)
    if behind and _is_list(inner := text[: behind.start()].strip()):
        return f"(1/{behind[1]})", inner
    return "", text


def _is_list(text: str) -> bool:
    return bool(_LATEX.match(text)) or (
        unwrapped(text) != text and len(split(unwrapped(text), ",;&|\n")) > 1
    )


def _times(factor: str, rows: Rows) -> Rows:
    if not factor:
        return rows
    if any("=" in entry for row in rows for entry in row):
        raise Unreadable("a list with a factor and names", "write the numbers alone")
    return tuple(tuple(f"{factor}*({entry})" for entry in row) for row in rows)


def _without_bars(text: str) -> str:
    """Rows between bars, of which one pair may hold all; |-3| is the absolute value of one number."""
    doubled = text.replace("\\|", "‖").replace("||", "‖")
    if not _BARRED.fullmatch(doubled):
        return text
    inside = _BETWEEN_BARS.findall(doubled)
    several = (
        len([piece for piece in split(glued(row), ",;\n\t ") if piece]) > 1 for row in inside
    )
    return "\n".join(inside) if all(several) else text


def _table(rows: Iterable[list[str]]) -> Rows:
    found = tuple(tuple(map(labelled, row)) for row in rows)
    if sum(map(len, found)) > MAX_ENTRIES:
        raise Unreadable(f"has more than {MAX_ENTRIES} entries")
    if not all(found):
        raise Unreadable("holds no numbers")
    if any(not entry for row in found for entry in row):
        raise Unreadable("an entry is missing", "write numbers with a comma between them")
    return found


def _turned(rows: Rows) -> Rows:
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("the rows have different lengths")
    return tuple(zip(*rows, strict=True))
