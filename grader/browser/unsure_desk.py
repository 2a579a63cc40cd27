"""One person's walk through what scans leave open, and what was decided of them: what is kept, and taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.scans.cutouts import write_pictures
from grader.scans.decided import decided_things
from grader.scans.decisions import TAKEN_BACK, About, decide, load_decisions, standing
from grader.scans.open_things import Open, number_places
from grader.scans.papers import Paper, Seen, number_sheets
from grader.scans.scanned import OPEN, Scanned, Source, scanned
from grader.scans.typed import doubts, page_typed, student_typed

Place = tuple[str, About, str]


class Doubtful(Exception):
    """A number that can be meant, and that a person must confirm; says why."""


@dataclass(frozen=True)
class Made:
    """A decision of this sitting: what it is filed under, what stood there before, in words, and of which thing."""

    place: Place
    before: str
    words: str
    thing: Open


class UnsureDesk:
    """One person's walk through what is open; requests come in threads, and one at a time goes on.

    `things` are open, `earlier` were decided before the last look.
    """

    def __init__(
        self, source: Source, found: Scanned, by: str, tell: Callable[[str], None]
    ) -> None:
        self.source, self.found, self.by, self.tell = source, found, by, tell
        self.lock = threading.Lock()
        self.things: list[Open] = []
        self.earlier: list[Open] = []
        self.decided: dict[Place, str] = {}
        self.made: list[Made] = []
        self.said = ""
        self._lay_out()

    def look_again(self) -> None:
        """Put the pages together anew, with what was decided. Raises InputError."""
        self.found = scanned(self.source, self.tell)
        self.decided.clear()
        self.made.clear()
        self._lay_out()

    def _lay_out(self) -> None:
        self.things = list(self.found.open)
        open_now = {thing.place for thing in self.things}
        log = load_decisions(self.source.folder)
        earlier = decided_things(self.found.papers, self.found.pages, log)
        self.earlier = [thing for thing in earlier if thing.place not in open_now]
        self._draw(self.things)

    def _draw(self, things: Sequence[Open]) -> None:
        files = {name: path for path, name in self.source.files}
        write_pictures(things, files, self.source.folder / OPEN)

    def thing(self, name: str) -> Open | None:
        """What is called so in addresses; None for nothing. Raises InputError where its picture cannot be made."""
        for thing in (*self.things, *self.earlier):
            if name_of(thing) == name:
                self._draw([thing])
                return thing
        return None

    def decide(self, thing: Open, said: str, words: str) -> None:
        """Keep a decision. Raises InputError."""
        self._keep(thing, thing.about, said, words)

    def type(self, thing: Open, typed: str, confirmed: str) -> None:
        """Keep a page or a student's number. ValueError in words; Doubtful where it is not `confirmed` and should be."""
        if thing.about == "page":
            page = page_typed(typed, self.source.papers)
            self._keep(thing, "page", page, f"{thing.seen.name} is {page}")
        else:
            number = self._number(thing.seen, typed, thing.places, confirmed)
            self._keep(thing, "student", number, f"{thing.seen.name} is {number}'s")

    def correct(self, sheet: str, typed: str, confirmed: str) -> str:
        """Say whose paper a sheet belongs to, whatever it was read as; who had it.

        LookupError where no such sheet was read; ValueError and Doubtful as in `type`.
        """
        for paper in self.found.papers:
            for seen in number_sheets(paper):
                page = (
                    None
                    if seen.reading.code is None
                    else paper.layout.sheet(seen.reading.code.page)
                )
                if seen.reading.sha256 == sheet and page is not None:
                    number = self._number(seen, typed, number_places(page), confirmed)
                    self._part(paper, seen, number)
                    return paper.student or "nobody"
        raise LookupError(sheet)

    def _part(self, paper: Paper, seen: Seen, number: str) -> None:
        """File a number; which of several sheets counts is no question any more where they are not one person's."""
        sha256 = seen.reading.sha256
        said = standing(load_decisions(self.source.folder))
        decide(self.source.folder, self.by, sha256, "student", number)
        if number != paper.student and paper.layout.student_id is None:
            for each in number_sheets(paper):
                if (each.reading.sha256, "double", "") in said:
                    decide(self.source.folder, self.by, each.reading.sha256, "double", TAKEN_BACK)

    def _number(self, seen: Seen, typed: str, places: int, confirmed: str) -> str:
        number = student_typed(typed, places)
        said = standing(load_decisions(self.source.folder))
        doubt = doubts(self.found.papers, self.source.papers, said, seen, number)
        if doubt and confirmed != number:
            raise Doubtful(f"{doubt[:1].upper()}{doubt[1:]}, send the number again.")
        return number

    def _keep(self, thing: Open, what: About, said: str, words: str) -> None:
        sha256, _, box = thing.place
        before = standing(load_decisions(self.source.folder)).get((sha256, what, box), TAKEN_BACK)
        decide(self.source.folder, self.by, sha256, what, said, box)
        self.decided[thing.place] = words
        self.made.append(Made((sha256, what, box), before, words, thing))
        self.said = f"Kept: {words}."

    def undo(self) -> Open | None:
        """Take the last decision back: what stood before stands again. Of which thing, or None for nothing."""
        if not self.made:
            return None
        last = self.made.pop()
        sha256, what, box = last.place
        decide(self.source.folder, self.by, sha256, what, last.before, box)
        self.decided.pop(last.thing.place, None)
        self.said = f"Taken back: {last.words}."
        return last.thing

    def next_open(self, start: int) -> int | None:
        """The next thing without a decision, from `start` (0) on, then from the first; None for none."""
        count = len(self.things)
        order = [*range(start, count), *range(min(start, count))]
        return next((n for n in order if self.things[n].place not in self.decided), None)


def name_of(thing: Open) -> str:
    """What a thing is called in addresses."""
    return thing.file_name.removesuffix(".png")
