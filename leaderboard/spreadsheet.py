"""Boards as a workbook (XLSX), a sheet for each. Text is written by `write_string` alone, which makes neither formulas nor links."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from leaderboard.exports import BEHIND, COLUMNS, pass_word, penalty, summary
from leaderboard.points import from_millionths
from leaderboard.ranking import Board, Row
from leaderboard.times import from_microseconds
from leaderboard.untrusted import visible

# Of no run of this program: equal boards are equal bytes.
CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 - a workbook knows no zone
LONGEST_SHEET_NAME = 31  # what spreadsheets allow
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
WIDTHS = (7, 24, 20, 10, 9, 15, 12, 13, 24)
FIRST_ROW = 3  # a title, the line about it, and the header stand above


def xlsx_boards(boards: Sequence[Board]) -> bytes:
    """The workbook's bytes. Rank and Score are numbers, dates are dates (UTC), Pass is yes, no, pending or a dash."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": CREATED, "title": "Leaderboard"})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "soft": book.add_format({"font_color": "#5c646e"}),
        "head": book.add_format({"bold": True, "bottom": 1}),
        "rank": book.add_format({"num_format": '"#"0'}),
        "date": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
        "points": book.add_format({"num_format": "0.00"}),
    }
    taken: set[str] = set()
    for board in boards:
        _sheet(book.add_worksheet(_sheet_name(board.name, taken)), board, formats)
    if not boards:
        book.add_worksheet("Leaderboard")
    book.close()
    return out.getvalue()


def _sheet(sheet: Any, board: Board, formats: dict[str, Any]) -> None:
    columns = [*COLUMNS, *BEHIND, *(visible(name) for name in board.part_names)]
    sheet.write_string(0, 0, visible(board.name), formats["title"])
    sheet.write_string(1, 0, summary(board), formats["soft"])
    for column, name in enumerate(columns):
        sheet.write_string(FIRST_ROW - 1, column, name, formats["head"])
        sheet.set_column(column, column, WIDTHS[column] if column < len(WIDTHS) else 14)
    sheet.freeze_panes(FIRST_ROW, 2)
    for line, (rank, row) in enumerate(board.entries, start=FIRST_ROW):
        sheet.write_number(line, 0, rank, formats["rank"])
        sheet.write_string(line, 1, visible(row.user))
        moment = from_microseconds(row.received).replace(tzinfo=None, microsecond=0)
        sheet.write_datetime(line, 2, moment, formats["date"])
        _points(sheet, line, 3, row.points, formats)
        sheet.write_string(line, 4, pass_word(row))
        _points(sheet, line, 5, row.pending, formats)
        _points(sheet, line, 6, row.full, formats)
        _points(sheet, line, 7, penalty(row), formats)
        sheet.write_string(line, 8, visible(board.name))
        for column, part in enumerate(_parts(board, row), start=len(COLUMNS) + len(BEHIND)):
            if part is not None:
                _points(sheet, line, column, part.points, formats)
    if board.entries:
        last = FIRST_ROW + len(board.entries) - 1
        sheet.autofilter(FIRST_ROW - 1, 0, last, len(columns) - 1)


def _parts(board: Board, row: Row) -> tuple[Row | None, ...]:
    return board.parts.get(row.user, ())


def _points(sheet: Any, line: int, column: int, millionths: int, formats: dict[str, Any]) -> None:
    sheet.write_number(line, column, float(from_millionths(millionths)), formats["points"])


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that spreadsheets take: short, without their own signs, not given twice in any case."""
    base = FORBIDDEN.sub("_", visible(name)).strip("'")[:LONGEST_SHEET_NAME] or "Board"
    if base.lower() == "history":  # theirs
        base += "_"
    found, number = base, 2
    while found.lower() in taken:
        tail = f" ({number})"
        found = base[: LONGEST_SHEET_NAME - len(tail)] + tail
        number += 1
    taken.add(found.lower())
    return found
