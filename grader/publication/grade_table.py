"""Who has how many points and which grade: as a table, and as gradebooks of Moodle and Canvas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Literal

from grader.publication.grade_key import GradeKey, graded, passed_by_user
from leaderboard.boards import board
from leaderboard.gradebooks import CANVAS, MOODLE, POINTS_POSSIBLE
from leaderboard.people import Person, known_people
from leaderboard.points import from_millionths, shortest
from leaderboard.ranking import Row
from leaderboard.store import Store
from leaderboard.untrusted import csv_text

State = Literal["final", "open", "absent"]
FIELDS = (
    "user", "name", "id_number", "points", "full_points", "percent", "bonus", "total", "grade", "passed", "state",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One student. Without a final result (`open`: points are pending, or held back; `absent`: nothing was handed in) there is no grade."""

    user: str
    name: str
    id_number: str
    points: str
    full_points: str
    percent: str
    bonus: str
    total: str
    grade: str
    passed: bool | None
    state: State


@dataclass(frozen=True)
class GradeTable:
    """All students of an assignment, by user; `graded` says whether a key gave grades."""

    assignment: str
    full: Decimal
    lines: tuple[Line, ...]
    graded: bool

    def of(self, user: str) -> Line | None:
        """A student's line."""
        return next((line for line in self.lines if line.user == user), None)


def grade_table(
    store: Store,
    assignment: str,
    full: float,
    key: GradeKey | None,
    students: Mapping[str, str],
    held: Collection[str] = (),
) -> GradeTable:
    """The results that count on the assignment's board, and (absent) the `students`, id to name, without one.

    What is `held` back is open, whatever the board says: somebody has to look first.
    """
    rows = {entry.row.user: entry.row for entry in board(store, assignment).entries}
    names = () if key is None or key.bonus is None else tuple(key.bonus.assignments)
    others = {
        name: {e.row.user: e.row.passed for e in board(store, name).entries} for name in names
    }
    bonus = passed_by_user(others)
    people = known_people(store)
    lines = []
    for user in sorted({*rows, *students, *held}):
        person = people.get(user, Person(user))
        known = person.name or students.get(user, "")
        row = rows.get(user)
        line = _line(user, known, person.id_number, row, key, bonus.get(user, frozenset()))
        lines.append(_opened(line) if user in held else line)
    return GradeTable(assignment, Decimal(str(full)), tuple(lines), key is not None)


def _opened(line: Line) -> Line:
    """A line without what would be final."""
    return replace(line, bonus="", total="", grade="", passed=None, state="open")


def _line(
    user: str,
    name: str,
    id_number: str,
    row: Row | None,
    key: GradeKey | None,
    passed: frozenset[str],
) -> Line:
    if row is None:
        return Line(user, name, id_number, "", "", "", "", "", "", None, "absent")
    points, full = from_millionths(row.points), from_millionths(row.full)
    percent = f"{100 * points / full:.2f}" if full else ""
    shown = shortest(points), shortest(full), percent
    if row.pending:
        return Line(user, name, id_number, *shown, "", "", "", None, "open")
    if key is None:
        return Line(user, name, id_number, *shown, "", shortest(points), "", row.passed, "final")
    found = graded(key, points, full, passed, passed=bool(row.passed))
    mark = row.passed if found.passed is None else found.passed
    return Line(
        user, name, id_number, *shown, shortest(found.bonus), shortest(found.total), found.grade, mark, "final"
    )  # fmt: skip


def table_csv(table: GradeTable) -> str:
    """grades.csv: FIELDS; passed is yes, no or empty; no cell of it is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for line in table.lines:
        cells = asdict(line) | {"passed": {True: "yes", False: "no", None: ""}[line.passed]}
        writer.writerow([csv_text(str(cells[name])) for name in FIELDS])
    return out.getvalue()


def table_json(table: GradeTable) -> str:
    """The same for machines."""
    data = {
        "schema_version": 1,
        "assignment": table.assignment,
        "full_points": float(table.full),
        "students": [asdict(line) for line in table.lines],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def moodle_csv(table: GradeTable, people: Mapping[str, Person]) -> str:
    """Moodle's gradebook import: a column of points, bonus included, and one of the grade where there is a key.

    Without a final result cells are empty: no grade is not 0.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    name = csv_text(table.assignment)
    writer.writerow([*MOODLE, name, *([f"{name} (grade)"] if table.graded else [])])
    for line in table.lines:
        person = people.get(line.user, Person(line.user))
        cells = (line.user, line.name, person.id_number or line.user, person.email)
        final = [line.total, *([line.grade] if table.graded else [])]
        writer.writerow([*map(csv_text, cells), *_only_final(line, final)])
    return out.getvalue()


def canvas_csv(table: GradeTable, people: Mapping[str, Person]) -> str:
    """Canvas's gradebook import: points, bonus included, of the points that are possible.

    Canvas takes no grades beside points: its grading scheme makes them.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*CANVAS, csv_text(table.assignment)])
    writer.writerow([POINTS_POSSIBLE, "", "", "", "", shortest(table.full)])
    for line in table.lines:
        person = people.get(line.user, Person(line.user))
        cells = (
            line.name or line.user,
            person.canvas_id,
            person.sis_user_id,
            person.sis_login_id or line.user,
            person.section,
        )
        writer.writerow([*map(csv_text, cells), *_only_final(line, [line.total])])
    return out.getvalue()


def _only_final(line: Line, cells: Sequence[str]) -> list[str]:
    return [csv_text(cell) if line.state == "final" else "" for cell in cells]


def tables(table: GradeTable, people: Mapping[str, Person]) -> dict[str, str]:
    """The files of a table by name."""
    return {
        "grades.csv": table_csv(table),
        "grades.json": table_json(table),
        "moodle.csv": moodle_csv(table, people),
        "canvas.csv": canvas_csv(table, people),
    }
