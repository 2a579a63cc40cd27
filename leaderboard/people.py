"""Who is behind a pseudonym: kept in one table, apart from submissions and results.

A board shows users as they handed in (w0256). Names, addresses and the ids of learning platforms
stand here alone; gradebooks need them, boards do not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from sqlalchemy import delete, insert, select

from leaderboard.database import explained, writing
from leaderboard.store import Store, stored_name
from leaderboard.tables import people
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.strict_yaml import read_text

LONGEST = 300  # characters of a field


@dataclass(frozen=True)
class Person:
    """A user and what is known of the person; what is not known is empty.

    id_number: a matriculation number. canvas_id, sis_user_id, sis_login_id, section: Canvas's own
    columns. lti_user_id: the platform's id of the person, as in an LTI launch.
    """

    user: str
    name: str = ""
    email: str = ""
    id_number: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    section: str = ""
    lti_user_id: str = ""


COLUMNS = tuple(each.name for each in fields(Person))


def read_roster(path: Path) -> tuple[Person, ...]:
    """The people of a CSV file with a header. InputError with everything that is wrong in it.

    `user` has to be among the columns; the others are those of `Person`, in any order. Commas,
    semicolons or tabs divide them.
    """
    file = str(path)
    text = read_text(path)
    reader = csv.reader(io.StringIO(text), delimiter=_divider(text), strict=True)
    faults: list[Diagnostic] = []
    found: dict[str, tuple[int, Person]] = {}
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        faults += _header_faults(file, header)
        if faults:
            raise InputError(*faults)
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            fault, person = _person(file, line, header, cells)
            if fault is None and person is not None and person.user in found:
                first = found[person.user][0]
                fault = Diagnostic(
                    "user-twice", f'"{person.user}" stands here a second time (first in line {first})',
                    Where(file, line), "keep one of the two",
                )  # fmt: skip
            if fault is not None:
                faults.append(fault)
            elif person is not None:
                found[person.user] = (line, person)
    except csv.Error as error:
        raise bad_input(
            "not-csv", f"is no CSV: {error}", where=Where(file, reader.line_num),
            hint="save the table as CSV UTF-8",
        ) from None  # fmt: skip
    if not found and not faults:
        faults.append(
            Diagnostic("empty-roster", "names nobody", Where(file), "a line for each user")
        )
    if faults:
        raise InputError(*faults)
    return tuple(person for _, person in found.values())


def keep_people(store: Store, given: Iterable[Person]) -> int:
    """Keep people, in place of what was known of the same users; returns how many."""
    rows = [{"username" if k == "user" else k: getattr(p, k) for k in COLUMNS} for p in given]
    with explained(store.label), writing(store.engine).begin() as connection:
        for row in rows:
            connection.execute(delete(people).where(people.c.username == row["username"]))
        if rows:
            connection.execute(insert(people), rows)
    return len(rows)


def known_people(store: Store) -> Mapping[str, Person]:
    """Everybody that is known, by user."""
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(select(people)).mappings().all()
    return {
        row["username"]: Person(row["username"], **{k: row[k] for k in COLUMNS if k != "user"})
        for row in rows
    }


def _divider(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _header_faults(file: str, header: list[str]) -> list[Diagnostic]:
    faults = [
        Diagnostic(
            "unknown-column", f'"{name}"', Where(file, 1),
            did_you_mean(name, COLUMNS) or f"known: {', '.join(COLUMNS)}",
        )
        for name in header
        if name not in COLUMNS
    ]  # fmt: skip
    twice = sorted({name for name in header if header.count(name) > 1})
    faults += [
        Diagnostic("column-twice", f'"{name}" is there more than once', Where(file, 1), "keep one")
        for name in twice
    ]
    if "user" not in header:
        hint = f"the first line names the columns: {', '.join(COLUMNS)}"
        faults.append(
            Diagnostic("no-user-column", 'there is no column "user"', Where(file, 1), hint)
        )
    return faults


def _person(
    file: str, line: int, header: list[str], cells: list[str]
) -> tuple[Diagnostic | None, Person | None]:
    if len(cells) != len(header):
        message = f"has {len(cells)} cells; the first line has {len(header)}"
        return Diagnostic(
            "ragged", message, Where(file, line), "quote cells that hold the divider"
        ), None
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    long = next((name for name, value in values.items() if len(value) > LONGEST), None)
    if long is not None:
        message = f"{long} has more than {LONGEST} characters"
        return Diagnostic("too-long", message, Where(file, line)), None
    if any("\0" in value for value in values.values()):
        return Diagnostic("bad-character", "holds a NUL", Where(file, line)), None
    try:
        values["user"] = stored_name(values["user"], "user")
    except InputError as error:
        return Diagnostic("bad-user", error.diagnostics[0].message, Where(file, line)), None
    return None, Person(**values)
