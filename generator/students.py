"""The students of an exam, from a table that the instructor keeps.

    id;name;seat;room;large_print;extra_minutes;extra_space
    03712345;Ada Lovelace;12;MI HS 1;;;
    03712346;"Hopper, Grace";13;MI HS 1;yes;30;1.5

``id`` and ``name`` have to be there; the other columns may. Every mistake is told with its line and column,
all of them together, before anything is made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from generator.exam_folder import FILES_OF_AN_EXAM
from generator.paper import Paper
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.table import MOST_CELL, Cell, Table, read_table

MAX_STUDENTS = 5_000
MOST_EXTRA_MINUTES = 600
MOST_EXTRA_SPACE = 4.0
MOST_TOLD = 50
PRINTED_NAME = 80
"""Characters of a name that stand on paper; of a longer one the beginning."""
ID = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,46}[A-Za-z0-9_-])?$"
"""An id names a folder on every system, and is typed as `form:` in answers.yaml."""
# Names that are devices on Windows, and those of the exam's own files.
NOT_AN_ID = frozenset(
    {"con", "prn", "aux", "nul", *FILES_OF_AN_EXAM}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)
Unprintable = Callable[[str], Collection[str]]
"""Gives the characters of a text that no font of the paper has."""
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "id": "student number or login",
        "name": "name",
        "seat": "seat",
        "room": "room",
        "group": "group, for the seat list",
        "form": "students with the same word here get the same questions in the same order",
        "large_print": "yes or no",
        "extra_minutes": "minutes on top",
        "extra_space": "room for answers, as a multiple",
    }
)
_REQUIRED = ("id", "name")
_YES = frozenset({"yes", "y", "true", "1", "x", "ja"})
_NO = frozenset({"", "no", "n", "false", "0", "nein"})
_ID = re.compile(ID)
_NUMBER_OF_A_SPREADSHEET = re.compile(r"\d[.,]\d+[eE]\+\d+")


class Student(BaseModel):
    """A student and what their paper has to do for them; part of exam.json, so it is personal data.

    ``form`` is a word that students share who get the same paper; without it, a student has a paper of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=ID)]
    name: Annotated[str, Field(min_length=1, max_length=MOST_CELL)]
    seat: str = ""
    room: str = ""
    group: str = ""
    form: str = ""
    large_print: bool = False
    extra_minutes: Annotated[int, Field(ge=0, le=MOST_EXTRA_MINUTES)] = 0
    extra_space: Annotated[float, Field(ge=1, le=MOST_EXTRA_SPACE)] = 1.0

    @property
    def drawn_from(self) -> str:
        """Return what a student's numbers and order are drawn from."""
        # A form's word never meets a student's id: no id holds a colon.
        return f"form:{self.form}" if self.form else f"student:{self.id}"

    @property
    def printed_name(self) -> str:
        """Return the name as it stands on paper: its beginning and an ellipsis, where it is very long."""
        if len(self.name) <= PRINTED_NAME:
            return self.name
        end = PRINTED_NAME - 1
        while unicodedata.combining(self.name[end]):  # an accent stays with its letter
            end -= 1
        return self.name[:end].rstrip() + "…"

    def kind_of_paper(self, form: str) -> Paper:
        """Return a nameless paper of a form that has the sizes which this student's order is chosen for.

        Who shares a form shares its order, whatever each one's print: then it is the usual paper.
        """
        if self.form:
            return Paper(form)
        return Paper(form, large_print=self.large_print, extra_space=self.extra_space)

    def paper(self, unprintable: Unprintable) -> Paper:
        """Return what the renderer needs to know.

        Where the fonts lack a letter of the name, there is a line to write it on: no half of a name.
        """
        return Paper(
            form=self.id,
            name=None if unprintable(self.printed_name) else self.printed_name,
            student_id=self.id,
            seat=" · ".join(filter(None, (self.room, self.seat))) if self.seat else None,
            large_print=self.large_print,
            extra_minutes=self.extra_minutes,
            extra_space=self.extra_space,
        )


@dataclass(frozen=True)
class _Columns:
    """Where a column stands in a row."""

    table: Table
    places: Mapping[str, int]

    def cell(self, row: tuple[Cell, ...], name: str) -> Cell:
        place = self.places.get(name)
        return Cell("", row[0].line, row[0].column) if place is None else row[place]


def _prints(_text: str) -> Collection[str]:
    return ()


def load_students(path: Path, *, unprintable: Unprintable = _prints) -> tuple[Student, ...]:
    """Read the students of a file.

    Args:
        path: the table.
        unprintable: gives the characters of a text that no font of the paper has.

    Raises:
        InputError: the file cannot be read, or with every mistake in it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise bad_input(
            "cannot-read", f"cannot be read: {error.strerror}", where=Where(str(path))
        ) from None
    return read_students(content, str(path), unprintable=unprintable)


def read_students(
    content: bytes, file: str, *, unprintable: Unprintable = _prints
) -> tuple[Student, ...]:
    """Read the students of a table; ``file`` names it in messages. Raises InputError."""
    table = read_table(content, file)
    columns, findings = _columns(table)
    if not table.rows:
        raise bad_input("no-students", "names no students", where=Where(file))
    if len(table.rows) > MAX_STUDENTS:
        raise bad_input(
            "too-many-students",
            f"names {len(table.rows)} students; {MAX_STUDENTS} is the most",
            where=Where(file),
        )
    found: list[Student] = []
    for row in table.rows:
        if len(row) != len(table.header):
            findings.append(_other_length(table, row))
            continue
        wrong = list(_faults(columns, row, unprintable))
        findings += wrong
        if not wrong:
            found.append(_student(columns, row))
    complete = [row for row in table.rows if len(row) == len(table.header)]
    findings += _twice(columns, complete, ("id",), "the student")
    if "seat" in columns.places:
        findings += _twice(columns, complete, ("room", "seat"), "the seat")
    if findings:
        raise InputError(*_first(sorted(findings, key=_place), file))
    return tuple(found)


def _columns(table: Table) -> tuple[_Columns, list[Diagnostic]]:
    """Find the columns; what is wrong with the others is told with what is wrong below them."""
    places: dict[str, int] = {}
    findings: list[Diagnostic] = []
    for place, cell in enumerate(table.header):
        name = re.sub(r"[\s-]+", "_", cell.text.lower())
        if name in places:
            findings.append(
                Diagnostic("same-column", f'names the column "{name}" twice', table.where(cell))
            )
        elif name in COLUMNS:
            places[name] = place
        else:
            hint = did_you_mean(name, COLUMNS) or f"columns: {', '.join(COLUMNS)}"
            said = (
                f'names the unknown column "{cell.text}"'
                if cell.text
                else "has a column without a name"
            )
            findings.append(Diagnostic("unknown-column", said, table.where(cell), hint))
    missing = [name for name in _REQUIRED if name not in places]
    if missing:
        first = table.header[0]
        findings.append(
            Diagnostic(
                "missing-column",
                f"has no column {' and no column '.join(missing)}",
                table.where(first),
                "the first line names the columns, as in: id,name",
            )
        )
        raise InputError(*_first(findings, table.file))
    return _Columns(table, places), findings


def _other_length(table: Table, row: tuple[Cell, ...]) -> Diagnostic:
    return Diagnostic(
        "bad-row",
        f"has {len(row)} {'cell' if len(row) == 1 else 'cells'}; the header has {len(table.header)}",
        table.where(row[-1]),
        f'a cell that holds "{table.separator}" stands in quotes',
    )


def _faults(
    columns: _Columns, row: tuple[Cell, ...], unprintable: Unprintable
) -> Iterator[Diagnostic]:
    where = columns.table.where

    def text(name: str) -> str:
        return columns.cell(row, name).text

    def fault(name: str, code: str, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, where(columns.cell(row, name)), hint)

    yield from _id_faults(text("id"), fault)
    if not text("name"):
        yield fault("name", "no-name", "has no name")
    # A name is whose it is: what of it cannot be printed is left to `Student.paper`.
    for column in ("seat", "room", "group", "form"):
        missing = unprintable(text(column))
        if missing:
            yield fault(
                column,
                "no-glyph",
                f"holds {' '.join(sorted(missing))}, which no font of the paper has",
                "write it in Latin, Greek or Cyrillic letters",
            )
    if text("large_print").lower() not in _YES | _NO:
        yield fault(
            "large_print", "bad-value", f'large_print is yes or no, not "{text("large_print")}"'
        )
    if _minutes(text("extra_minutes")) is None:
        yield fault(
            "extra_minutes",
            "bad-value",
            f"extra_minutes is a whole number from 0 to {MOST_EXTRA_MINUTES},"
            f' not "{text("extra_minutes")}"',
        )
    if _space(text("extra_space")) is None:
        yield fault(
            "extra_space",
            "bad-value",
            f'extra_space is a number from 1 to {MOST_EXTRA_SPACE:g}, not "{text("extra_space")}"',
            "1.5 is half as much room again",
        )


def _id_faults(found: str, fault: Callable[..., Diagnostic]) -> Iterator[Diagnostic]:
    if not found:
        yield fault("id", "no-id", "has no id")
    elif _NUMBER_OF_A_SPREADSHEET.fullmatch(found):
        yield fault(
            "id",
            "bad-id",
            f'"{found}" is a number that a spreadsheet shortened',
            "make the column text, and enter the ids again",
        )
    elif not _ID.fullmatch(found):
        yield fault(
            "id",
            "bad-id",
            f'"{found}" cannot name a folder',
            "an id has letters without accents, digits, dots, hyphens, underscores; at most 48",
        )
    elif found.lower() in NOT_AN_ID or found.lower().partition(".")[0] in NOT_AN_ID:
        yield fault("id", "bad-id", f'"{found}" is the name of something else', "choose another id")


def _student(columns: _Columns, row: tuple[Cell, ...]) -> Student:
    texts = {name: columns.cell(row, name).text for name in COLUMNS}
    values: dict[str, Any] = {
        **texts,
        "large_print": texts["large_print"].lower() in _YES,
        "extra_minutes": _minutes(texts["extra_minutes"]),
        "extra_space": _space(texts["extra_space"]),
    }
    return Student(**values)


def _minutes(text: str) -> int | None:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        return None
    return int(text) if int(text) <= MOST_EXTRA_MINUTES else None


def _space(text: str) -> float | None:
    if not text:
        return 1.0
    if not re.fullmatch(r"[0-9]{1,2}([.,][0-9]{1,3})?", text):
        return None
    value = float(text.replace(",", "."))
    return value if 1 <= value <= MOST_EXTRA_SPACE else None


def _twice(
    columns: _Columns, rows: Iterable[tuple[Cell, ...]], names: tuple[str, ...], what: str
) -> Iterator[Diagnostic]:
    """What two students share that only one can have; case does not count, as on some disks."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        cells = [columns.cell(row, name) for name in names]
        if not cells[-1].text:
            continue
        key = tuple(cell.text.casefold() for cell in cells)
        if key in seen:
            shown = " ".join(cell.text for cell in cells if cell.text)
            yield Diagnostic(
                f"same-{names[-1]}",
                f'has {what} "{shown}" again; line {seen[key]} has it already',
                columns.table.where(cells[-1]),
                "each has one line" if names[-1] == "id" else "each seat is for one",
            )
        else:
            seen[key] = cells[-1].line


def _place(finding: Diagnostic) -> tuple[int, int]:
    return (finding.where.line or 0, finding.where.column or 0) if finding.where else (0, 0)


def _first(findings: list[Diagnostic], file: str) -> list[Diagnostic]:
    if len(findings) <= MOST_TOLD:
        return findings
    more = Diagnostic("more", f"{len(findings) - MOST_TOLD} more of the kind", Where(file))
    return [*findings[:MOST_TOLD], more]
