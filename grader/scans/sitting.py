"""A person at a terminal decides what the scans leave open: a key for a box, a line for a number or a page."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.review.keyboard import CLEAR, END, key_pressed, line_typed, single_keys
from grader.scans.cutouts import about
from grader.scans.decisions import (
    ASIDE,
    CHECKED,
    COUNTS,
    EMPTY,
    TAKEN_BACK,
    About,
    decide,
    load_decisions,
    standing,
)
from grader.scans.open_things import Open
from grader.scans.papers import Paper
from grader.scans.reading import Papers
from grader.scans.typed import doubts, page_typed, student_typed
from grader.terminal_picture import half_blocks
from question_bank.diagnostics import printable

_YES_NO = {
    "box": ({"y": CHECKED, "n": EMPTY}, "y checked   n not checked"),
    "double": ({"y": COUNTS, "n": ASIDE}, "y this one counts   n it is put aside"),
}
_TYPED = {"student": "t type the student's number", "page": "t type form and page, such as A 2"}
_SOMEBODY_ELSES = "t it is somebody else's: type the number"
_TERMINAL_AROUND = 4.0  # millimetres about a box: a terminal has few dots


class Sitting:
    """Walks through what is open; each decision is kept as soon as it is made."""

    def __init__(
        self, things: Sequence[Open], found: Sequence[Paper], papers: Papers, folder: Path, by: str
    ) -> None:
        self.things, self.found, self.papers, self.folder, self.by = (
            things,
            found,
            papers,
            folder,
            by,
        )
        # Where each decision was made, what it was filed under, and what stood there before.
        self.made: list[tuple[int, tuple[str, About, str], str]] = []
        self.at = 0
        self.said = ""

    def run(self) -> bool:
        """Until all is decided or passed over (True), or the person leaves (False)."""
        with single_keys():
            while self.at < len(self.things):
                thing = self.things[self.at]
                sys.stdout.write(CLEAR + self._screen(thing))
                sys.stdout.flush()
                self.said = ""
                key = key_pressed()
                if key in ("q", END, ""):
                    sys.stdout.write(CLEAR)
                    return False
                self._press(thing, key)
            sys.stdout.write(CLEAR)
            return True

    def _screen(self, thing: Open) -> str:
        picture = self.folder / "open" / thing.file_name
        columns, rows = shutil.get_terminal_size()
        keys = _YES_NO[thing.about][1] if thing.about in _YES_NO else _TYPED[thing.about]
        if thing.about == "double" and thing.places:
            keys += f"   {_SOMEBODY_ELSES}"
        part = (
            about(thing, _TERMINAL_AROUND)
            if thing.at is not None and thing.beside is None
            else None
        )
        room = max(10, columns - 2), max(8, 2 * (rows - 9))
        shown = half_blocks(picture, *room, part) if picture.exists() else ""
        lines = [
            f"{self.at + 1} of {len(self.things)}",
            printable(thing.asks),
            "",
            shown,
            f"picture: {printable(str(picture))}",
            f"{keys}   - later   u undo   q leave",
            self.said,
        ]
        return "\n".join(lines) + "\n"

    def _press(self, thing: Open, key: str) -> None:
        choices = _YES_NO[thing.about][0] if thing.about in _YES_NO else {}
        if key in choices:
            self._decide(thing, thing.about, choices[key])
        elif key == "t" and thing.about == "page":
            self._type_page(thing)
        elif key == "t" and (thing.about == "student" or thing.places):
            self._type_student(thing)
        elif key == "-":
            self.at += 1
        elif key == "u":
            self._undo()
        else:
            self.said = f"{key!r} means nothing here"

    def _type_page(self, thing: Open) -> None:
        try:
            page = page_typed(line_typed("form and page: "), self.papers)
        except ValueError as error:
            self.said = str(error)
        else:
            self._decide(thing, "page", page)

    def _type_student(self, thing: Open) -> None:
        try:
            number = student_typed(line_typed("student's number: "), thing.places)
        except ValueError as error:
            self.said = str(error)
            return
        said = standing(load_decisions(self.folder))
        if doubt := doubts(self.found, self.papers, said, thing.seen, number):
            again = line_typed(f"{doubt}, type the number again: ")
            if again != number:
                self.said = f"{doubt.partition('. ')[0]}: nothing was decided"
                return
        self._decide(thing, "student", number)

    def _decide(self, thing: Open, what: About, said: str) -> None:
        sha256, _, box = thing.place
        before = standing(load_decisions(self.folder)).get((sha256, what, box), TAKEN_BACK)
        decide(self.folder, self.by, sha256, what, said, box)
        self.made.append((self.at, (sha256, what, box), before))
        self.at += 1

    def _undo(self) -> None:
        if not self.made:
            self.said = "nothing was decided in this sitting"
            return
        self.at, (sha256, what, box), before = self.made.pop()
        decide(self.folder, self.by, sha256, what, before, box)
        self.said = "taken back"
