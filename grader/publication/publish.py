"""`grade ... --publish DIR`: grades, gradebooks, and marked copies of scanned papers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.keys import read_json_text
from grader.publication.grade_key import GradeKey
from grader.publication.grade_table import GradeTable, grade_table, tables
from leaderboard.boards import assignments
from leaderboard.people import known_people
from leaderboard.store import Store, graded_submissions, open_store
from question_bank.diagnostics import Where, bad_input
from question_bank.files import write_whole
from question_bank.wording import counted

if TYPE_CHECKING:
    from grader.publication.copies import Made
    from grader.scans.scanned import Scanned, Source
    from question_bank.key import FormKey

SOLUTIONS = "solutions.pdf"


@dataclass(frozen=True)
class Publication:
    """What is wanted: into which folder, by which key of grades, with the forms' solutions or not."""

    target: Path
    grades: GradeKey | None = None
    solutions: bool = False


def publish_tables(
    store: Store,
    keys: tuple[FormKey, ...],
    exam: Path | None,
    wanted: Publication,
    tell: Callable[[str], None],
    held: Mapping[str, str],
) -> GradeTable:
    """Write the tables of an exam's results into the folder. Raises InputError, with nothing written.

    held: users whose results are not final, with the reason.
    """
    assignment = keys[0].assignment
    full = max(key.total_points for key in keys)
    if not graded_submissions(store, assignment):
        raise bad_input(
            "nothing-graded",
            f'the store has no result of "{assignment}"',
            hint="grade with --record keeps results",
        )
    table = grade_table(store, assignment, full, wanted.grades, _students(exam), held)
    make_folder(wanted.target)
    for name, text in tables(table, known_people(store)).items():
        write_whole(wanted.target / name, text)
    tell(_in_words(table))
    for name in _without_results(store, wanted.grades):
        tell(f"warning: nobody has a bonus from {name}: the store has no result of it")
    for user, why in sorted(held.items()):
        tell(f"not final: {user}: {why}")
    return table


def bonus_assignments(*, must_exist: bool) -> set[str]:
    """What can give a bonus: the assignments of the store, and those that are shipped. Raises InputError."""
    from grader.code import list_assignments

    store = open_store(must_exist=must_exist)
    try:
        return {*assignments(store), *list_assignments()}
    finally:
        store.close()


def _without_results(store: Store, key: GradeKey | None) -> list[str]:
    """The assignments of a key's bonus of which nobody has a result."""
    names = () if key is None or key.bonus is None else tuple(key.bonus.assignments)
    return [name for name in names if not graded_submissions(store, name)]


def publish_copies(
    found: Scanned,
    source: Source,
    store: Store,
    table: GradeTable,
    wanted: Publication,
    tell: Callable[[str], None],
    held: Mapping[str, str],
) -> Made:
    """Write the marked copies of scanned papers. Raises InputError."""
    from grader.publication.copies import write_copies
    from grader.publication.copy_pages import Wanted

    solutions = _solutions(source.prints) if wanted.solutions else {}
    order = Wanted(store, table.assignment, table, solutions, held)
    made = write_copies(found, source, order, wanted.target, tell)
    tell(
        f"{counted(len(made.written), 'marked copy').replace('copys', 'copies')} written"
        + (f", {len(made.stood)} stood already" if made.stood else "")
    )
    for student, why in made.without:
        tell(f"no copy for {student}: {why}")
    return made


def make_folder(folder: Path) -> None:
    """Make the folder where there is none. Raises InputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise bad_input(
            "cannot-write", f"cannot be made: {error.strerror}", where=Where(str(folder))
        ) from None


def _solutions(prints: Mapping[str, Path]) -> dict[str, Path]:
    """The solutions beside each form's exam. Raises InputError where one is missing."""
    found = {form: path.with_name(SOLUTIONS) for form, path in prints.items()}
    for path in found.values():
        if not path.is_file():
            raise bad_input(
                "no-solutions", "is missing", where=Where(str(path)),
                hint="`mockexam regenerate EXAM.json` makes it; or leave --with-solutions out",
            )  # fmt: skip
    return found


def _students(exam: Path | None) -> dict[str, str]:
    """Id to name of those who have a paper of their own, by exam.json."""
    if exam is None:
        return {}
    try:
        forms = json.loads(read_json_text(exam))["forms"]
        named = [form.get("student") for form in forms]
        return {str(each["id"]): str(each["name"]) for each in named if each}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _in_words(table: GradeTable) -> str:
    """`20 students: 18 final, 1 with open answers, 1 absent; 16 passed, 2 not`."""
    states = [line.state for line in table.lines]
    pieces = [f"{states.count('final')} final"]
    if states.count("open"):
        pieces.append(f"{states.count('open')} with open answers")
    if states.count("absent"):
        pieces.append(f"{states.count('absent')} absent")
    passed = [line.passed for line in table.lines if line.state == "final"]
    marks = f"; {passed.count(True)} passed, {passed.count(False)} not" if any(p is not None for p in passed) else ""  # fmt: skip
    return f"{counted(len(states), 'student')}: {', '.join(pieces)}{marks}"
