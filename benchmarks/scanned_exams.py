"""How scans are read: boxes wrong, boxes left to a person, seconds a page.

    python benchmarks/scanned_exams.py                 # 300 answer sheets, some minutes
    python benchmarks/scanned_exams.py --sheets 20     # a first look

Real printed exams (half of them with a student's name, half with a number to cross) are marked by an unsteady hand with
pens from a hard pencil to a felt pen, and scanned as badly as scanners do: 100 to 300 dots to the inch, 5 degrees
askew, on a side or upside down, with shade, a fold, noise, a JPEG's blocks, and every third with a torn corner. What is
then read is compared with what was drawn. A tenth more has two torn corners, and must not be read at all.

Seconds are the processors', of opening a page and of reading it together: what one core takes. A limit that is missed
is said, and ends in status 1.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from pathlib import Path

import cv2
import numpy as np

from grader.scans.layout import Layout, SheetPage, load_layout
from grader.scans.marks import CHECKED as READ_AS_CHECKED
from grader.scans.papers import Seen, number_on
from grader.scans.pictures import Limits, pages_of
from grader.scans.reading import Papers, papers_of, read_page
from tests.grader.scans.synthetic import (
    CHECKED,
    DPI,
    Grey,
    Hand,
    Mark,
    Pen,
    any_look,
    any_pen,
    pdf,
    seen,
)

LIMIT_WRONG, LIMIT_UNSURE, LIMIT_SECONDS = 0, 0.01, 0.1
STUDENTS = 4
MARKS: tuple[Mark, ...] = ("empty", "cross", "filled", "circled")
SHARES = (0.6, 0.3, 0.05, 0.05)
CORNERS = range(4)
AT_A_TIME = 60
# Measured before on such scans: what, boxes wrong, of how many.
OTHERS = (
    ("Auto Multiple Choice 1.6.0, thin crosses, the first threshold of its manual", 621, 3000),
    ("Auto Multiple Choice 1.6.0, thin crosses, the second", 1008, 3000),
)


@dataclass(frozen=True)
class Printed:
    """A clean answer sheet at `DPI`, and where its boxes lie."""

    layout: Layout
    sheet: SheetPage
    page: Grey


@dataclass
class Drawn:
    """A marked and scanned sheet: what was drawn in its boxes, and the student's number, if there is one to cross."""

    printed: Printed
    marks: list[Mark]
    number: str
    picture: Grey


@dataclass
class Tally:
    """What reading came to."""

    sheets: int = 0
    boxes: int = 0
    wrong: int = 0
    unsure: int = 0
    refused: int = 0
    numbers: int = 0
    numbers_wrong: int = 0
    numbers_open: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)


def printed_exams(folder: Path) -> tuple[Printed, ...]:
    """Papers of students, and as many times one for anybody."""
    table = folder / "class.csv"
    rows = [f"0371{n:04},Student {n}" for n in range(STUDENTS)]
    table.write_text("id,name\n" + "\n".join(rows) + "\n", "utf-8")
    for name, choice in (("own", ["--students", str(table)]), ("any", ["--forms", "1"])):
        command = [sys.executable, "-c", "from generator.cli import main; main()", "generate"]
        subprocess.run(
            [*command, "--seed", "7", *choice, "-o", str(folder / name)],
            check=True,
            capture_output=True,
        )
    own = [_printed(folder / "own" / f"0371{n:04}") for n in range(STUDENTS)]
    return (*own, *[_printed(folder / "any" / "A")] * STUDENTS)


def _printed(folder: Path) -> Printed:
    layout = load_layout(folder / "layout.json")
    sheet = layout.pages[0]
    limits = Limits(dpi=DPI, most_pixels=12_000_000)
    for page in pages_of(folder / "exam.pdf", "exam.pdf", limits):
        if page.number == sheet.page and page.picture is not None:
            return Printed(layout, sheet, page.picture)
    raise AssertionError("an exam has an answer sheet")


def drawn(
    printed: Printed, random: np.random.Generator, torn: tuple[int, ...], *, all_thin: bool
) -> Drawn:
    """A sheet as one student marks it, with a pen of their own and now and then another."""
    hand = Hand(printed.page, random)
    own = Pen(0.3, 0.6) if all_thin else any_pen(random)
    marks: list[Mark] = []
    for box in printed.sheet.boxes:
        kind = MARKS[int(random.choice(len(MARKS), p=SHARES))]
        pen = own if random.random() < 0.8 else any_pen(random)
        hand.mark(kind, *box.center, box.side, pen)
        marks.append(kind)
    places = {box.place for box in printed.sheet.digits}
    number = "".join(str(random.integers(10)) for _ in places)
    for digit in printed.sheet.digits:
        mark: Mark = "cross" if number[digit.place] == str(digit.digit) else "empty"
        hand.mark(mark, *digit.center, digit.side, own)
        marks.append(mark)
    return Drawn(printed, marks, number, seen(hand.page, any_look(random, torn=torn), random))


def read(sheets: Sequence[Drawn], papers: Papers, folder: Path, tally: Tally) -> None:
    """Read a file of scans and compare."""
    file = folder / "scans.pdf"
    file.write_bytes(pdf([sheet.picture for sheet in sheets]))
    before = _processors()
    readings = []
    for page in pages_of(file, "scans.pdf"):
        if page.picture is None:
            raise AssertionError(page.error)
        readings.append(read_page(page.picture, papers))
    tally.seconds += _processors() - before
    for number, (sheet, reading) in enumerate(zip(sheets, readings, strict=True), start=1):
        tally.sheets += 1
        if reading.kind != "sheet":
            tally.refused += 1
            tally.reasons[reading.reason] += 1
            continue
        tally.boxes += len(sheet.marks)
        for mark, state in zip(sheet.marks, reading.states, strict=True):
            tally.unsure += state == "unsure"
            tally.wrong += state != "unsure" and (state in READ_AS_CHECKED) != CHECKED[mark]
        if sheet.number:
            found, _ = number_on(
                Seen("scans.pdf", number, len(sheets), reading), sheet.printed.sheet
            )
            tally.numbers += 1
            tally.numbers_open += found is None
            tally.numbers_wrong += found not in (None, sheet.number)


def _processors() -> float:
    """Seconds of the processors so far, of this process and of those that it has ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _sheets(
    printed: Sequence[Printed], count: int, random: np.random.Generator, *, two_torn: bool
) -> Iterator[Drawn]:
    pairs = list(combinations(CORNERS, 2))
    for number in range(count):
        one = ((), (), (number // 3 % 4,))[number % 3]
        torn = pairs[number % len(pairs)] if two_torn else one
        yield drawn(printed[number % len(printed)], random, torn, all_thin=number % 5 == 0)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--sheets", type=int, default=300, metavar="N", help="sheets (300)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of pens and scanners (1)")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    random = np.random.default_rng(chosen.seed)
    whole, torn = Tally(), Tally()
    with tempfile.TemporaryDirectory(prefix="mockexam-benchmark-") as name:
        folder = Path(name)
        printed = printed_exams(folder)
        papers = papers_of([each.layout for each in printed])
        for tally, count in ((whole, chosen.sheets), (torn, max(6, chosen.sheets // 10))):
            some = _sheets(printed, count, random, two_torn=tally is torn)
            while sheets := list(islice(some, AT_A_TIME)):
                read(sheets, papers, folder, tally)
    return _report(whole, torn)


def _report(whole: Tally, torn: Tally) -> int:
    seconds = whole.seconds / whole.sheets
    share = whole.unsure / max(whole.boxes, 1)
    print(f"{whole.sheets} answer sheets, {whole.boxes} boxes, at most one corner torn")
    print(f"  wrong outside the unsure band   {whole.wrong}  (limit {LIMIT_WRONG})")
    print(f"  left to a person                {whole.unsure}, {share:.2%}  (limit {LIMIT_UNSURE:.0%})")  # fmt: skip
    print(f"  sheets not read                 {whole.refused}")
    for reason, count in whole.reasons.items():
        print(f"    {count}: {reason}")
    print(f"  student numbers                 {whole.numbers}, {whole.numbers_wrong} wrong, {whole.numbers_open} left to a person")  # fmt: skip
    print(f"  seconds a page, one core        {seconds:.3f}  (limit {LIMIT_SECONDS})")
    print(f"{torn.sheets} with two corners torn: {torn.refused} refused  (limit: all)")
    for what, wrong, of in OTHERS:
        print(f"beside it, {what}: {wrong} of {of} boxes wrong")
    missed = [
        what
        for what, bad in (
            ("boxes wrong", whole.wrong > LIMIT_WRONG),
            ("student numbers wrong", whole.numbers_wrong > 0),
            ("boxes left to a person", share > LIMIT_UNSURE),
            ("seconds a page", seconds > LIMIT_SECONDS),
            ("two torn corners", torn.refused < torn.sheets),
        )
        if bad
    ]
    print(f"missed: {', '.join(missed)}" if missed else "all limits kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
