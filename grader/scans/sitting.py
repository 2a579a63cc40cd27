"""A person at a terminal decides what the scans leave open: a key for a box, a line for a number or a page."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.review.keyboard import CLEAR, END, key_pressed, line_typed, single_keys
from grader.scans.cutouts import about
from grader.scans.decisions import ASIDE, CHECKED, COUNTS, EMPTY, TAKEN_BACK, decide
from grader.scans.open_things import Open
from grader.scans.reading import Papers
from grader.terminal_picture import half_blocks
from question_bank.diagnostics import printable

_YES_NO = {
    "box": ({"y": CHECKED, "n": EMPTY}, "y checked   n not checked"),
    "double": ({"y": COUNTS, "n": ASIDE}, "y this one counts   n it is put aside"),
}
_TYPED = {"student": "t type the student's number", "page": "t type form and page, such as A 2"}
_TERMINAL_AROUND = 4.0  # millimetres about a box: a terminal has few dots
_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


class Sitting:
    """Walks through what is open; each decision is kept as soon as it is made."""

    def __init__(self, things: Sequence[Open], papers: Papers, folder: Path, by: str) -> None:
        self.things, self.papers, self.folder, self.by = things, papers, folder, by
        self.made: list[int] = []
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
        part = about(thing, _TERMINAL_AROUND) if thing.at is not None and thing.beside is None else None
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
            self._decide(thing, choices[key])
        elif key == "t" and thing.about in _TYPED:
            self._type(thing)
        elif key == "-":
            self.at += 1
        elif key == "u":
            self._undo()
        else:
            self.said = f"{key!r} means nothing here"

    def _type(self, thing: Open) -> None:
        ask, read = READ[thing.about]
        typed = line_typed(ask)
        try:
            found = read(typed, self.papers)
        except ValueError as error:
            self.said = str(error)
        else:
            self._decide(thing, found)

    def _decide(self, thing: Open, said: str) -> None:
        decide(self.folder, self.by, thing.seen.reading.sha256, thing.about, said, thing.box)
        self.made.append(self.at)
        self.at += 1

    def _undo(self) -> None:
        if not self.made:
            self.said = "nothing was decided in this sitting"
            return
        self.at = self.made.pop()
        thing = self.things[self.at]
        decide(self.folder, self.by, thing.seen.reading.sha256, thing.about, TAKEN_BACK, thing.box)
        self.said = "taken back"


def _student(typed: str, _papers: Papers) -> str:
    if not _STUDENT.fullmatch(typed):
        raise ValueError("a student's number has letters, digits, . - _")
    return typed


def _page(typed: str, papers: Papers) -> str:
    form, _, page = typed.rpartition(" ")
    layout = papers.layouts.get(form.strip())
    if layout is None or not (page.isascii() and page.isdigit()):
        raise ValueError("type the form, a blank and the page: A 2")
    if not 1 <= int(page) <= layout.page_count:
        raise ValueError(f"form {layout.form} has the pages 1 to {layout.page_count}")
    return f"{layout.form} {int(page)}"


# What is asked for, and what reads it: a decision, or a ValueError in words for people.
READ: dict[str, tuple[str, Callable[[str, Papers], str]]] = {
    "student": ("student's number: ", _student),
    "page": ("form and page: ", _page),
}
