"""Who sits where: seats.csv for a spreadsheet, seats.pdf to print, by seat and by name, with room to sign."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from generator.students import Student, Unprintable

# What a spreadsheet takes for a formula; a name that begins so must not be run.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class SeatWords:
    """The words of a seat list in one language."""

    seats: str
    by_seat: str
    by_name: str
    in_room: str
    columns: Mapping[str, str]
    students: str
    one_student: str
    large_print: str
    minutes: str
    space: str


WORDS: Mapping[str, SeatWords] = MappingProxyType(
    {
        "en": SeatWords(
            seats="seats",
            by_seat="by seat",
            by_name="by name",
            in_room="room {room}, by seat",
            columns=MappingProxyType(
                {
                    "seat": "Seat",
                    "room": "Room",
                    "name": "Name",
                    "id": "Student number",
                    "group": "Group",
                    "needs": "To note",
                    "signature": "Signature",
                }
            ),
            students="{count} students",
            one_student="1 student",
            large_print="large print",
            minutes="+{minutes} min",
            space="more space",
        ),
        "de": SeatWords(
            seats="Sitzplätze",
            by_seat="nach Platz",
            by_name="nach Namen",
            in_room="Raum {room}, nach Platz",
            columns=MappingProxyType(
                {
                    "seat": "Platz",
                    "room": "Raum",
                    "name": "Name",
                    "id": "Matrikelnummer",
                    "group": "Gruppe",
                    "needs": "Zu beachten",
                    "signature": "Unterschrift",
                }
            ),
            students="{count} Studierende",
            one_student="1 Person",
            large_print="Großdruck",
            minutes="+{minutes} min",
            space="mehr Platz",
        ),
    }
)


@dataclass(frozen=True)
class Column:
    """A column of a printed list."""

    name: str
    heading: str


@dataclass(frozen=True)
class SeatList:
    """A printed list."""

    heading: str
    count: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def seated(students: Sequence[Student]) -> tuple[Student, ...]:
    """Return the students with their seats, in the order of the seats.

    Where nobody has a seat, seats are numbered in the order given, in each room from 1.
    """
    if any(student.seat for student in students):
        return tuple(sorted(students, key=_by_seat))
    taken: dict[str, int] = {}
    found = []
    for student in students:
        taken[student.room] = taken.get(student.room, 0) + 1
        found.append(student.model_copy(update={"seat": str(taken[student.room])}))
    return tuple(sorted(found, key=_by_seat))


def seats_csv(students: Sequence[Student]) -> bytes:
    """Write seats.csv: by seat; a text that a spreadsheet would run as a formula begins with an apostrophe."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(
        [
            "room",
            "seat",
            "name",
            "id",
            "group",
            "form",
            "large_print",
            "extra_minutes",
            "extra_space",
        ]
    )
    for student in seated(students):
        texts = (student.room, student.seat, student.name, student.id, student.group, student.form)
        writer.writerow(
            [
                *map(_harmless, texts),
                "yes" if student.large_print else "",
                student.extra_minutes or "",
                f"{student.extra_space:g}" if student.extra_space != 1 else "",
            ]
        )
    # With the mark that spreadsheets recognise UTF-8 by.
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def seats_pdf(
    students: Sequence[Student],
    *,
    title: str,
    course: str,
    language: str,
    unprintable: Unprintable,
) -> bytes:
    """Print the lists: one by seat for each room, and one of all by name.

    ``unprintable`` gives the characters of a name that no font has; then there is a line to write it on.
    """
    from templates.environment import environment
    from templates.pdf import render_pdf

    words = WORDS[language]
    html = (
        environment()
        .get_template("seats/seats.html")
        .render(
            language=language,
            title=title,
            course=course,
            words=words,
            lists=seat_lists(seated(students), words, unprintable),
        )
    )
    return render_pdf(html, styles=("seats/seats.css",))


def seat_lists(
    students: Sequence[Student], words: SeatWords, unprintable: Unprintable = lambda _text: ()
) -> tuple[SeatList, ...]:
    """Arrange the printed lists of seated students."""
    unwritten = frozenset(student.id for student in students if unprintable(student.printed_name))

    def by_name(student: Student) -> tuple[object, ...]:
        # Names that are yet to be written come last, by number.
        written = student.id not in unwritten
        return (not written, _by_name(student) if written else student.id)

    rooms = list(dict.fromkeys(student.room for student in students))
    several = len(rooms) > 1
    lists = []
    for room in rooms:
        inside = [student for student in students if student.room == room]
        heading = words.in_room.format(room=room) if room else words.by_seat
        lists.append(_list(heading, inside, ("seat", "name", "id"), words, unwritten))
    first = ("name", "id", "room", "seat") if several else ("name", "id", "seat")
    lists.append(_list(words.by_name, sorted(students, key=by_name), first, words, unwritten))
    return tuple(lists)


def _list(
    heading: str,
    students: Sequence[Student],
    names: tuple[str, ...],
    words: SeatWords,
    unwritten: AbstractSet[str],
) -> SeatList:
    group = ("group",) if any(student.group for student in students) else ()
    needs = ("needs",) if any(_needs(student, words) for student in students) else ()
    columns = (*names, *group, *needs, "signature")
    count = len(students)
    return SeatList(
        heading=heading,
        count=words.one_student if count == 1 else words.students.format(count=count),
        columns=tuple(Column(name, words.columns[name]) for name in columns),
        rows=tuple(
            tuple(_text(student, name, words, unwritten) for name in columns)
            for student in students
        ),
    )


def _text(student: Student, name: str, words: SeatWords, unwritten: AbstractSet[str]) -> str:
    if name == "signature":
        return ""
    if name == "name":
        # Nothing stands for a line to write it on.
        return "" if student.id in unwritten else student.printed_name
    return _needs(student, words) if name == "needs" else str(getattr(student, name))


def _needs(student: Student, words: SeatWords) -> str:
    found = []
    if student.large_print:
        found.append(words.large_print)
    if student.extra_minutes:
        found.append(words.minutes.format(minutes=student.extra_minutes))
    if student.extra_space > 1:
        found.append(words.space)
    return ", ".join(found)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _by_seat(student: Student) -> tuple[object, ...]:
    return (_natural(student.room), not student.seat, _natural(student.seat), _by_name(student))


def _by_name(student: Student) -> tuple[object, ...]:
    # By the last word of the name: lists on doors are read so. "Lovelace, Ada" is sorted as it stands.
    name = student.name
    last = name if "," in name else f"{name.split()[-1]}, {name}"
    return (_plain(last), student.id)


def _natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """9 before 10, A2 before A10."""
    pieces = [piece for piece in _DIGITS.split(_plain(text)) if piece]
    return tuple((piece.isdigit(), int(piece) if piece.isdigit() else 0, piece) for piece in pieces)


def _plain(text: str) -> str:
    """Letters without accents, as a list is sorted."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in split if not unicodedata.combining(character))
