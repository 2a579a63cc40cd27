"""A table that a spreadsheet saved: comma or semicolon, quotes, UTF-8; each cell with its place in the file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input

MOST_BYTES = 5_000_000
MOST_CELL = 300
"""Characters of one cell. A name has a few dozen."""


@dataclass(frozen=True)
class Cell:
    """A cell's text, without blanks around it, and where it begins (line and column from 1)."""

    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Table:
    """The header's cells and the rows below it; empty lines are left out."""

    file: str
    separator: str
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def where(self, cell: Cell) -> Where:
        """Return the place of a cell."""
        return Where(self.file, cell.line, cell.column)


def read_table(content: bytes, file: str) -> Table:
    """Read a table.

    Raises:
        InputError: with all places where the file is no UTF-8, holds control characters, or leaves a quote open.
    """
    if len(content) > MOST_BYTES:
        raise bad_input(
            "too-large", f"is larger than {MOST_BYTES // 1_000_000} MB", where=Where(file)
        )
    text = _decoded(content, file)
    findings = list(_control_characters(text, file))
    if findings:
        raise InputError(*findings)
    separator = _separator(text)
    rows = [row for row in _rows(text, separator, file) if any(cell.text for cell in row)]
    findings += [
        Diagnostic(
            "too-long",
            f"holds a cell of {len(cell.text)} characters; {MOST_CELL} is the most",
            Where(file, cell.line, cell.column),
            "is a quote missing?",
        )
        for row in rows
        for cell in row
        if len(cell.text) > MOST_CELL
    ]
    if findings:
        raise InputError(*findings)
    if not rows:
        raise bad_input(
            "empty-table",
            "holds no table",
            where=Where(file),
            hint="its first line names the columns",
        )
    return Table(file, separator, rows[0], tuple(rows[1:]))


def _decoded(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise bad_input(
                "bad-encoding",
                "is UTF-16",
                where=Where(file),
                hint='save it as "CSV UTF-8"',
            ) from None
        before = content[: error.start].decode("utf-8-sig", "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise bad_input(
            "bad-encoding",
            f"is not UTF-8: byte 0x{content[error.start]:02x}",
            where=Where(file, line, column),
            hint='save it as "CSV UTF-8"',
        ) from None
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _control_characters(text: str, file: str) -> Iterator[Diagnostic]:
    for number, line in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(line, start=1):
            # Bidirectional marks and other invisible ones would print a name that nobody typed.
            if character != "\t" and unicodedata.category(character) in {
                "Cc",
                "Cf",
                "Cs",
                "Co",
                "Zl",
                "Zp",
            }:
                yield Diagnostic(
                    "control-character",
                    f"holds the invisible character U+{ord(character):04X}",
                    Where(file, number, column),
                    "take it out",
                )
                break


def _separator(text: str) -> str:
    """Semicolon where the first line with anything on it has more of them outside quotes."""
    first = next((line for line in text.split("\n") if line.strip(" \t,;")), "")
    bare = "".join(first.split('"')[::2])
    return ";" if bare.count(";") > bare.count(",") else ","


def _rows(text: str, separator: str, file: str) -> Iterator[tuple[Cell, ...]]:
    line, line_start, at, row = 1, 0, 0, list[Cell]()
    while at <= len(text):
        while text[at : at + 1] in (" ", "\t"):
            at += 1
        start_line, start_column = line, at - line_start + 1
        if text[at : at + 1] == '"':
            content, at, line, line_start = _quoted(text, at, line, line_start, file)
            end = _end(text, at, separator)
            if text[at:end].strip():
                raise bad_input(
                    "bad-quote",
                    f"holds {text[at:end].strip()[:20]!r} after a closing quote",
                    where=Where(file, line, at - line_start + 1),
                    hint='a quote inside quotes is written twice: ""',
                )
        else:
            end = _end(text, at, separator)
            content = text[at:end]
        row.append(Cell(content.strip(), start_line, start_column))
        at = end
        if text[at : at + 1] != separator:
            yield tuple(row)
            row = []
            line, line_start = line + 1, at + 1
        at += 1


def _end(text: str, at: int, separator: str) -> int:
    """Where a cell without quotes ends."""
    ends = [found for mark in (separator, "\n") if (found := text.find(mark, at)) >= 0]
    return min(ends, default=len(text))


def _quoted(text: str, at: int, line: int, line_start: int, file: str) -> tuple[str, int, int, int]:
    opened = Where(file, line, at - line_start + 1)
    pieces = []
    at += 1
    while True:
        close = text.find('"', at)
        if close < 0:
            raise bad_input(
                "bad-quote",
                "opens a quote that is never closed",
                where=opened,
                hint="close it, or take it out",
            )
        piece = text[at:close]
        pieces.append(piece.replace("\n", " "))
        if "\n" in piece:
            line += piece.count("\n")
            line_start = at + piece.rfind("\n") + 1
        at = close + 1
        if text[at : at + 1] != '"':
            return "".join(pieces), at, line, line_start
        pieces.append('"')
        at += 1
