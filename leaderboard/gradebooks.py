"""Boards as gradebooks: the CSV files that Moodle and Canvas import.

Moodle (Grades > Import > CSV file) lets its user map columns to grade items: people are found by id
number, e-mail address or username. Canvas (Gradebook > Import) wants its own five columns first and
a line "Points Possible". Sources: Moodle's documentation "Grade import", Canvas's "How do I import
grades in the Gradebook". A pending score and a user without a row are left empty: no grade is not 0.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from leaderboard.people import Person
from leaderboard.points import from_millionths, shortest
from leaderboard.ranking import Board, Row
from leaderboard.untrusted import csv_text

MOODLE = ("Username", "Name", "ID number", "Email address")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"  # with four blanks, as Canvas exports it


def moodle_csv(boards: Sequence[Board], people: Mapping[str, Person]) -> str:
    """A line for each user, a column for each board."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*MOODLE, *(csv_text(board.name) for board in boards)])
    for user, grades in _by_user(boards):
        person = people.get(user, Person(user))
        cells = (user, person.name, person.id_number, person.email)
        writer.writerow([*(csv_text(cell) for cell in cells), *grades])
    return out.getvalue()


def canvas_csv(boards: Sequence[Board], people: Mapping[str, Person]) -> str:
    """A line for each user, a column for each board, and the points that are possible.

    The login is the user where none is known.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*CANVAS, *(csv_text(board.name) for board in boards)])
    possible = [shortest(from_millionths(_full(board))) for board in boards]
    writer.writerow([POINTS_POSSIBLE, "", "", "", "", *possible])
    for user, grades in _by_user(boards):
        person = people.get(user, Person(user))
        cells = (
            person.name or user,
            person.canvas_id,
            person.sis_user_id,
            person.sis_login_id or user,
            person.section,
        )
        writer.writerow([*(csv_text(cell) for cell in cells), *grades])
    return out.getvalue()


def _by_user(boards: Sequence[Board]) -> list[tuple[str, list[str]]]:
    columns = [{entry.row.user: entry.row for entry in board.entries} for board in boards]
    users = sorted({user for rows in columns for user in rows})
    return [(user, [_grade(rows.get(user)) for rows in columns]) for user in users]


def _grade(row: Row | None) -> str:
    return "" if row is None or row.pending else shortest(from_millionths(row.points))


def _full(board: Board) -> int:
    return max((entry.row.full for entry in board.entries), default=0)
