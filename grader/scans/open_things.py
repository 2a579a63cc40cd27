"""What is open after reading: what a person decides, and what else a person must be told. Nothing is dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.scans.answers import contradicts
from grader.scans.boxes import Contrary, boxes_on
from grader.scans.decisions import CHECKED, About, Standing
from grader.scans.layout import Box, Digit, SheetPage
from grader.scans.papers import Paper, Seen
from grader.scans.reading import Papers
from question_bank.wording import counted


@dataclass(frozen=True)
class Open:
    """Something that a person decides; `boxes` are shown as they were scanned (none: the whole page), `at` is the one
    that it is about. `beside` is another scan of the page that shows it otherwise. Where a student number
    can be typed, `places` says how many digits the sheet has for it.
    """

    about: About
    seen: Seen
    asks: str
    box: str = ""
    boxes: tuple[Box | Digit, ...] = ()
    at: Box | Digit | None = None
    beside: Seen | None = None
    places: int = 0

    @property
    def place(self) -> tuple[str, About, str]:
        """What a decision on it is filed under."""
        return self.seen.reading.sha256, self.about, self.box

    @property
    def file_name(self) -> str:
        """The name of its picture."""
        box = f"-{self.box.replace(' ', '-')}" if self.box else ""
        both = "" if self.beside is None else f"-{self.beside.reading.sha256[:8]}"
        return f"{self.seen.reading.sha256[:16]}-{self.about}{box}{both}.png"


@dataclass(frozen=True)
class Told:
    """Something that a person must know; a `fault` is one that leaves the scans incomplete."""

    code: Literal[
        "damaged",
        "foreign",
        "doubled",
        "aside",
        "missing",
        "nobody",
        "absent",
        "blank",
        "number",
        "unread",
        "stray",
        "crooked",
    ]
    message: str
    fault: bool = True


def open_things(found: Sequence[Paper], pages: Sequence[Seen], said: Standing) -> list[Open]:
    """What waits for a decision, in the order of the scans."""
    things = [
        Open("page", seen, f"{seen.name} {seen.reading.reason}. Which page is it?")
        for seen in pages
        if seen.reading.kind == "damaged" and seen.reading.code is None and seen.reading.sha256
    ]
    for paper in found:
        things += _of_paper(paper, said)
    order = {(seen.file, seen.number): place for place, seen in enumerate(pages)}
    unique = {thing.place: thing for thing in things}
    return sorted(unique.values(), key=lambda thing: order[thing.seen.file, thing.seen.number])


def _of_paper(paper: Paper, said: Standing) -> Iterator[Open]:
    for sheet in paper.layout.pages:
        seen = paper.sheets.get(sheet.page)
        if seen is None:
            yield from _doubles(paper, sheet)
            continue
        if paper.student is None and (sheet.digits or paper.layout.student_id is not None):
            asks = f"{seen.name}, form {paper.layout.form}: {paper.number_open}. Whose is it?"
            yield Open("student", seen, asks, boxes=sheet.digits, places=number_places(sheet))
        yield from _boxes(paper, seen, sheet, said)


def _doubles(paper: Paper, sheet: SheetPage) -> Iterator[Open]:
    scans = {
        s.reading.sha256: s for s in paper.scans.get(sheet.page, ()) if s.reading.kind == "sheet"
    }
    for seen in scans.values():
        others = ", ".join(other.name for other in scans.values() if other is not seen)
        what = f"{seen.name} is the answer sheet of {_whose(paper)}"
        what += f", and so is {others}: they do not agree" if others else ", and was put aside"
        asks = f"{what}. Does this one count?"
        if sheet.digits and paper.student is not None:
            asks += " Or is it somebody else's?"
        yield Open("double", seen, asks, places=number_places(sheet))


def number_places(sheet: SheetPage) -> int:
    """How many digits the student number has on a sheet; 0 where it has no room for one."""
    return len({digit.place for digit in sheet.digits})


def _boxes(paper: Paper, seen: Seen, sheet: SheetPage, said: Standing) -> Iterator[Open]:
    boxes = boxes_on(paper, sheet, said)
    for number in dict.fromkeys(box.question for box in sheet.boxes):
        row = tuple(box for box in sheet.boxes if box.question == number)
        checked = tuple(box.option for box in row if boxes[box.name].checked)
        both = contradicts(checked)
        for box in row:
            shown = boxes[box.name]
            if shown.contrary is not None:
                yield _contrary(paper, shown.contrary, box, row)
            elif shown.checked is None or (both and shown.checked and not shown.decided):
                unclear = shown.checked is None
                why = "is not clear" if unclear else f"is checked, and so {_others(checked, box)}"
                asks = f"{seen.name}, {_whose(paper)}: box {box.name} {why}. Is it checked?"
                yield Open("box", seen, asks, box.name, row, box)


def _contrary(paper: Paper, found: Contrary, box: Box, row: tuple[Box, ...]) -> Open:
    was, now = ("checked", "empty") if found.said == CHECKED else ("not checked", "checked")
    asks = (
        f"{_whose(paper)}: box {box.name} was decided to be {was} on {found.decided_on.name} (below), and is read as"
        f" {now} on {found.scan.name} (above). Is it checked?"
    )
    return Open("box", found.scan, asks, box.name, row, box, beside=found.decided_on)


def _others(checked: tuple[str, ...], box: Box) -> str:
    others = [option for option in checked if option != box.option]
    return f"{'is' if len(others) == 1 else 'are'} {' and '.join(others)}"


def _whose(paper: Paper) -> str:
    return paper.student or f"somebody with form {paper.layout.form}"


def told(found: Sequence[Paper], pages: Sequence[Seen], papers: Papers) -> list[Told]:
    """What a person must know, besides what waits for a decision."""
    said = [*_pages(found, pages), *_doubled(found), *_aside(found), *_missing(found)]
    for paper in found:
        if paper.student is None and not any(paper.sheets.get(s.page) for s in paper.layout.pages):
            names = listed([seen.name for scans in paper.scans.values() for seen in scans])
            said.append(
                Told("nobody", f"nobody's: {names} (form {paper.layout.form}; {paper.number_open})")
            )
    own = [form for form, layout in papers.layouts.items() if layout.student_id is not None]
    there = {paper.layout.form for paper in found}
    if absent := [form for form in own if form not in there]:
        message = f"no page was scanned of {counted(len(absent), 'paper')}: {listed(absent)}"
        said.append(Told("absent", message, fault=False))
    return said


def _pages(found: Sequence[Paper], pages: Sequence[Seen]) -> Iterator[Told]:
    """Pages that were not read, each with its reason; where a better scan counts, it says so."""
    settled = {
        (paper.layout.form, page, id(paper))
        for paper in found
        for page, seen in paper.sheets.items()
        if seen is not None
    }
    other_scan = {
        id(seen): (paper.layout.form, page, id(paper)) in settled
        for paper in found
        for page, scans in paper.scans.items()
        for seen in scans
    }
    blank = [seen.name for seen in pages if seen.reading.kind == "blank"]
    for seen in pages:
        reading = seen.reading
        if reading.kind == "foreign":
            yield Told("foreign", f"{seen.name} {reading.reason}")
        elif reading.kind == "damaged" and other_scan.get(id(seen)):
            yield Told(
                "damaged", f"{seen.name}: {reading.reason}; another scan of it counts", fault=False
            )
        elif reading.kind == "damaged":
            code = reading.code
            which = f" (form {code.form}, page {code.page})" if code else ""
            yield Told("damaged", f"{seen.name}{which}: {reading.reason}; a person looks at it")
    if blank:
        yield Told("blank", f"nothing is on {listed(blank)}", fault=False)


def _doubled(found: Sequence[Paper]) -> Iterator[Told]:
    for paper in found:
        for page, scans in sorted(paper.scans.items()):
            if len(scans) < 2:
                continue
            names = listed([seen.name for seen in scans])
            what = f"page {page} of {_whose(paper)} was scanned {len(scans)} times: {names}"
            if len({seen.reading.sha256 for seen in scans}) == 1:
                yield Told("doubled", f"{what}; the same picture, which counts once", fault=False)
            elif page not in paper.sheets:
                yield Told(
                    "doubled", f"{what}; the pictures differ, and whoever marks it looks at all"
                )
            elif (counts := paper.sheets[page]) is not None:
                yield Told("doubled", f"{what}; {counts.name} counts", fault=False)


def _aside(found: Sequence[Paper]) -> Iterator[Told]:
    for paper in found:
        if paper.aside:
            names = listed([seen.name for seen in paper.aside])
            alone = {
                s.reading.code.page for s in paper.aside if s.reading.code
            } - paper.scans.keys()
            only = f"; page {_ranges(sorted(alone))} is in no other scan" if alone else ""
            message = f"put aside with an answer sheet of {_whose(paper)}: {names}{only}"
            yield Told("aside", message, fault=bool(alone))


def _missing(found: Sequence[Paper]) -> Iterator[Told]:
    # A page that nobody's scans have was left out on purpose: the scrap paper, or all but the answer sheets.
    scanned = {(paper.layout.form if paper.layout.student_id is None else "", page) for paper in found for page in paper.scans}  # fmt: skip
    left_out: Counter[int] = Counter()
    for paper in found:
        form = paper.layout.form if paper.layout.student_id is None else ""
        sheets = {sheet.page for sheet in paper.layout.pages}
        missing = [p for p in paper.missing if p in sheets or (form, p) in scanned]
        left_out.update(page for page in paper.missing if page not in missing)
        if missing:
            pages = "page" if len(missing) == 1 else "pages"
            where = next(iter(paper.scans.values()))[0].name
            whose = paper.student or f"the paper at {where} (form {paper.layout.form})"
            yield Told("missing", f"{pages} {_ranges(missing)} of {whose}: not scanned")
    if left_out:
        yield Told("missing", f"in nobody's scans: {'page' if len(left_out) == 1 else 'pages'} {_ranges(sorted(left_out))}", fault=False)  # fmt: skip


def _ranges(numbers: Sequence[int]) -> str:
    """``1, 3 to 5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{r[0]}" if len(r) == 1 else f"{r[0]} to {r[-1]}" for r in runs)


def listed(names: Sequence[str], most: int = 8) -> str:
    """The first names, and how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
