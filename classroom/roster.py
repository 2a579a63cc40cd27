"""The roster: a table with the columns `user`, and where wanted `name` and `id`.

    user,name,id
    w0256,Ada Lovelace,03712345
    w0257,"Hopper, Grace",03712346

One file may serve `leaderboard roster` as well: its other columns (e-mail and the like) are passed over here.
`user` is what answers are kept under. Where it is a pseudonym, names stay in the roster's own table, and only the
instructor's page shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leaderboard import people
from leaderboard.store import stored_name
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.table import Cell, Table, read_table

COLUMNS = ("user", "name", "id")
FOR_GRADEBOOKS = frozenset(people.COLUMNS)
"""What `leaderboard roster` reads of the same file; of a class these are not kept."""
MOST_USERS = 5_000
MOST_TOLD = 50


@dataclass(frozen=True)
class Entry:
    """One line of the roster."""

    user: str
    name: str = ""
    number: str = ""


def load_roster(path: Path) -> tuple[Entry, ...]:
    """The entries of a file. Raises InputError with everything that is wrong in it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise bad_input(
            "cannot-read", f"the roster cannot be read: {error.strerror}", where=Where(str(path))
        ) from None
    return read_roster(content, str(path))


def read_roster(content: bytes, file: str) -> tuple[Entry, ...]:
    """The entries of a table; `file` names it in messages. Raises InputError."""
    table = read_table(content, file)
    places = _places(table)
    if not table.rows:
        raise bad_input("no-users", "the roster names nobody", where=Where(file))
    if len(table.rows) > MOST_USERS:
        raise bad_input(
            "too-many-users",
            f"the roster names {len(table.rows)} users; {MOST_USERS} is the most",
            where=Where(file),
        )
    found: dict[str, Entry] = {}
    faults: list[Diagnostic] = []
    for row in table.rows:
        wrong = list(_faults(table, places, row, found))
        faults += wrong
        if not wrong:
            entry = Entry(*(_text(places, row, name) for name in COLUMNS))
            found[entry.user.casefold()] = entry
    if faults:
        raise InputError(*faults[:MOST_TOLD])
    return tuple(found.values())


def _places(table: Table) -> dict[str, int]:
    places: dict[str, int] = {}
    faults = []
    for place, cell in enumerate(table.header):
        name = cell.text.lower()
        if name in places:
            said = f'the roster names the column "{name}" twice'
            faults.append(Diagnostic("same-column", said, table.where(cell)))
        elif name in COLUMNS or name in FOR_GRADEBOOKS:
            places[name] = place
        else:
            hint = did_you_mean(name, COLUMNS) or f"columns: {', '.join(COLUMNS)}"
            said = f'the roster has the unknown column "{cell.text}"'
            faults.append(Diagnostic("unknown-column", said, table.where(cell), hint))
    if "user" not in places:
        said = "the roster has no column user"
        hint = "the first line names the columns, as in: user,name,id"
        faults.append(Diagnostic("missing-column", said, table.where(table.header[0]), hint))
    if faults:
        raise InputError(*faults)
    return places


def _faults(
    table: Table, places: dict[str, int], row: tuple[Cell, ...], found: dict[str, Entry]
) -> Iterator[Diagnostic]:
    if len(row) != len(table.header):
        yield Diagnostic(
            "bad-row",
            f"the line has {len(row)} cells; the header has {len(table.header)}",
            table.where(row[-1]),
            f'a cell that holds "{table.separator}" stands in quotes',
        )
        return
    cell = row[places["user"]]
    if cell.text.casefold() in found:
        said = f'the roster has the user "{cell.text}" again'
        yield Diagnostic("same-user", said, table.where(cell), "letter case does not count")
        return
    try:
        stored_name(cell.text, "user")
    except InputError as error:
        first = error.diagnostics[0]
        yield Diagnostic(first.code, first.message, table.where(cell), first.hint)


def _text(places: dict[str, int], row: tuple[Cell, ...], name: str) -> str:
    return row[places[name]].text if name in places else ""
