"""Marked copies of scanned papers: which pages belong to a student, what stands on them, and a PDF for each.

A copy is written whole, and a line of copies.jsonl says what it was made of: a run that was killed goes on, and a copy that
would come out the same is not made again. A copy shows pages of its own student alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.files import submission_bytes
from grader.held_folders import held_folder
from grader.publication.copy_pages import Order, Wanted, copy_of, straight_page
from grader.report import Report, report_of
from grader.scans.answers import answers_of
from grader.scans.kept import append_line, json_lines
from grader.scans.papers import Paper, Seen
from grader.scans.pictures import pages_of
from grader.scans.scanned import SUBMISSIONS, Scanned, Source
from grader.scans.written import Prints
from leaderboard.decisions import not_withdrawn
from leaderboard.marks import PersonsMark, standing_marks
from leaderboard.report_sums import PENDING
from leaderboard.store import known_submission, reports
from question_bank.files import write_whole

VERSION = 1
"""Of how copies look: those of another one are made again."""
LOOK = "a person has to look at the answer sheet (--unsure)"
FOLDER, MADE = "copies", "copies.jsonl"


@dataclass(frozen=True)
class Made:
    """Copies that were written now, that stood already, and the students without one, each with the reason."""

    written: tuple[str, ...]
    stood: tuple[str, ...]
    without: tuple[tuple[str, str], ...]


def write_copies(
    found: Scanned, source: Source, wanted: Wanted, target: Path, tell: Callable[[str], None]
) -> Made:
    """Write a copy for each student whose paper is marked in full. Raises InputError."""
    orders, without = _orders(found, source, wanted)
    folder = target / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lines = {line.get("student"): line for line in json_lines(target / MADE)}
    made = {student: line.get("fingerprint") for student, line in lines.items()}
    _remove_outdated(folder, lines, found, [student for student, _ in without])
    due = [
        order
        for order in orders
        if made.get(order.paper.student) != order.fingerprint or not _file(folder, order).exists()
    ]
    written = []
    with held_folder("copies") as pictures:
        for order, jpegs in _with_pages(found, source, due, pictures, tell):
            content = copy_of(order, jpegs, found, wanted)
            write_whole(_file(folder, order), content)
            line = {
                "student": order.paper.student,
                "fingerprint": order.fingerprint,
                "pages": [seen.reading.sha256 for seen in order.pages],
            }
            append_line(target / MADE, line)
            written.append(str(order.paper.student))
    stood = [str(order.paper.student) for order in orders if order not in due]
    return Made(tuple(written), tuple(stood), tuple(without))


def _file(folder: Path, order: Order) -> Path:
    return folder / f"{order.paper.student}.pdf"


def _remove_outdated(
    folder: Path, lines: Mapping[Any, Mapping[str, Any]], found: Scanned, without: Sequence[str]
) -> None:
    """Take copies of an earlier run away: pages of theirs are somebody else's now, or the paper is open again.

    Of papers that are not among these scans the copies stay.
    """
    owners = {
        seen.reading.sha256: paper.student
        for paper in found.papers
        for scans in paper.scans.values()
        for seen in scans
    }
    for student, line in lines.items():
        if not isinstance(student, str) or Path(student).name != student:
            continue
        pages = line.get("pages", [])
        moved = any(owners.get(page, student) != student for page in pages)
        if moved or student in without:
            (folder / f"{student}.pdf").unlink(missing_ok=True)


def _orders(
    found: Scanned, source: Source, wanted: Wanted
) -> tuple[list[Order], list[tuple[str, str]]]:
    keys = {key.form: key for key in source.keys}
    standing = standing_marks(wanted.store, wanted.assignment)
    counting = {graded.number for graded in not_withdrawn(wanted.store, wanted.assignment)}
    orders, without = [], []
    for paper in found.papers:
        if paper.student is None:
            continue
        key = keys[paper.layout.form]
        if answers_of(paper, key, found.said, found.written).unsure:
            without.append((paper.student, LOOK))
            continue
        digest = hashlib.sha256(submission_bytes(source.folder / SUBMISSIONS / paper.student)).hexdigest()  # fmt: skip
        known = known_submission(wanted.store, user=paper.student, assignment=wanted.assignment, content_sha256=digest)  # fmt: skip
        if known is None or not known.has_result:
            without.append((paper.student, "its result was not recorded (--record)"))
            continue
        if known.number not in counting:
            why = f"its record (submission {known.number}) is withdrawn: record these scans anew (--record)"
            without.append((paper.student, why))
            continue
        if paper.student in wanted.held:
            without.append((paper.student, wanted.held[paper.student]))
            continue
        report = report_of(reports(wanted.store, known.number)[-1])
        waiting = [check.id for check in report.checks if check.verdict in PENDING]
        if waiting:
            named = ", ".join(waiting[:6]) + (" ..." if waiting[6:] else "")
            without.append((paper.student, f"{named} not marked yet (--review)"))
            continue
        marks = {check: mark for (of, check), mark in standing.items() if of == known.number}
        pages = tuple(_pages_of(paper))
        print_ = _fingerprint(paper, report, marks, pages, wanted)
        orders.append(Order(paper, key, report, marks, pages, print_))
    return orders, without


def _pages_of(paper: Paper) -> Iterator[Seen]:
    """The pages of a paper in order; each picture once, of a sheet only the scan that counts."""
    for number in sorted(paper.scans):
        counts = paper.sheets.get(number)
        if counts is not None:
            yield counts
            continue
        seen: set[str] = set()
        for scan in paper.scans[number]:
            if scan.reading.sha256 and scan.reading.sha256 not in seen:
                seen.add(scan.reading.sha256)
                yield scan


def _fingerprint(
    paper: Paper,
    report: Report,
    marks: Mapping[str, PersonsMark],
    pages: Sequence[Seen],
    wanted: Wanted,
) -> str:
    solutions = wanted.solutions.get(paper.layout.form)
    line = wanted.table.of(str(paper.student))
    shown = {
        "version": VERSION,
        "student": paper.student,
        "layout": paper.layout.model_dump_json(),
        "pages": [(s.reading.sha256, s.reading.code.page if s.reading.code else 0) for s in pages],
        "checks": [(c.id, c.points, c.max_points, c.verdict, c.message) for c in report.checks],
        "marks": {name: (mark.earned, mark.note) for name, mark in sorted(marks.items())},
        "line": None if line is None else asdict(line),
        "solutions": None if solutions is None else hashlib.sha256(solutions.read_bytes()).hexdigest(),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()


def _with_pages(
    found: Scanned,
    source: Source,
    due: Sequence[Order],
    folder: Path,
    tell: Callable[[str], None],
) -> Iterator[tuple[Order, list[bytes]]]:
    """Each copy with its pages made straight, as soon as the files of scans have given all of them."""
    prints = Prints(source.prints, tell)
    wanted: dict[str, list[Order]] = defaultdict(list)
    missing: dict[int, set[str]] = {}
    for order in due:
        missing[id(order)] = {seen.reading.sha256 for seen in order.pages}
        for seen in order.pages:
            wanted[seen.reading.sha256].append(order)
    by_place = {(seen.file, seen.number): seen for seen in found.pages}
    for path, name in source.files:
        if not any(seen.file == name for order in due for seen in order.pages):
            continue
        for page in pages_of(path, name):
            known = by_place.get((name, page.number))
            if known is None or page.picture is None or known.reading.sha256 not in wanted:
                continue
            sha256 = known.reading.sha256
            layout = wanted[sha256][0].paper.layout
            (folder / sha256).write_bytes(straight_page(page.picture, known, layout, found, prints))
            for order in wanted.pop(sha256):
                missing[id(order)].discard(sha256)
                if not missing[id(order)]:
                    yield order, [(folder / s.reading.sha256).read_bytes() for s in order.pages]
