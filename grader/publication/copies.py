"""Marked copies of scanned papers: which pages belong to a student, what stands on them, and a PDF for each.

A copy is written whole, and a line of copies.jsonl says what it was made of: a run that was killed goes on, and a copy that
would come out the same is not made again. A copy shows pages of its own student alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from grader.files import submission_bytes
from grader.held_folders import held_folder
from grader.publication.grade_table import GradeTable
from grader.publication.marked_copy import (
    WORDS,
    Badge,
    Box,
    Copy,
    Line,
    Page,
    badge_at,
    render_copy,
    solutions_behind,
    tone_of,
)
from grader.report import PENDING, Check, Report, report_of
from grader.scans.answers import answers_of
from grader.scans.boxes import boxes_on
from grader.scans.kept import append_line, json_lines
from grader.scans.layout import Layout, Space
from grader.scans.markers import PageMap
from grader.scans.papers import Paper, Seen
from grader.scans.pictures import pages_of
from grader.scans.place import place_of
from grader.scans.reading import map_of
from grader.scans.scanned import SUBMISSIONS, Scanned, Source
from grader.scans.written import Prints, straight_part
from grader.wording import points as points_text
from leaderboard.decisions import not_withdrawn
from leaderboard.marks import PersonsMark, standing_marks
from leaderboard.store import Store, known_submission, reports
from question_bank.answers.multiple_choice import NONE, MultipleChoiceKey
from question_bank.files import write_whole
from question_bank.key import FormKey

Grey = NDArray[np.uint8]
VERSION = 1
"""Of how copies look: those of another one are made again."""
LOOK = "a person has to look at the answer sheet (--unsure)"
FOLDER, MADE = "copies", "copies.jsonl"
DOTS_A_MM = 6.0
_QUALITY = 60
_RING = 0.6  # millimetres that a frame stands off its box
_ROW = (2.2, 9.0, 6.0)  # of points at a row of boxes: off the last box, width, height


@dataclass(frozen=True)
class Wanted:
    """What copies are made of, besides the scans: results, grades, the forms' solutions (if they are wanted).

    `held` are users whose results are not final, with the reason.
    """

    store: Store
    assignment: str
    table: GradeTable
    solutions: Mapping[str, Path] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """Copies that were written now, that stood already, and the students without one, each with the reason."""

    written: tuple[str, ...]
    stood: tuple[str, ...]
    without: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Order:
    """One copy to make: its paper, result, and the fingerprint of all that it shows."""

    paper: Paper
    key: FormKey
    report: Report
    marks: Mapping[str, PersonsMark]
    pages: tuple[Seen, ...]
    fingerprint: str


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
            content = _copy(order, jpegs, found, wanted)
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


def _file(folder: Path, order: _Order) -> Path:
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
) -> tuple[list[_Order], list[tuple[str, str]]]:
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
        orders.append(_Order(paper, key, report, marks, pages, print_))
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
    due: Sequence[_Order],
    folder: Path,
    tell: Callable[[str], None],
) -> Iterator[tuple[_Order, list[bytes]]]:
    """Each copy with its pages made straight, as soon as the files of scans have given all of them."""
    prints = Prints(source.prints, tell)
    wanted: dict[str, list[_Order]] = defaultdict(list)
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
            (folder / sha256).write_bytes(_straight(page.picture, known, layout, found, prints))
            for order in wanted.pop(sha256):
                missing[id(order)].discard(sha256)
                if not missing[id(order)]:
                    yield order, [(folder / s.reading.sha256).read_bytes() for s in order.pages]


def _where(
    picture: Grey, seen: Seen, layout: Layout, found: Scanned, prints: Prints
) -> PageMap | None:
    """Where a page lies in its picture."""
    reading = seen.reading
    if reading.matrix:
        return map_of(reading)
    placed = found.written.placed(reading.sha256)
    if placed is not None:
        return placed.where
    if reading.code is None:
        return None
    printed = prints.page(reading.code.form, reading.code.page, layout.page_size)
    return None if printed is None else place_of(picture, printed, layout.code)


def _straight(picture: Grey, seen: Seen, layout: Layout, found: Scanned, prints: Prints) -> bytes:
    where = _where(picture, seen, layout, found, prints)
    width, height = layout.page_size
    if where is None:
        scale = min(1.0, DOTS_A_MM * height / max(picture.shape))
        shown = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)  # fmt: skip
    else:
        page = Space(answer="page", page=1, left=0, top=0, width=width, height=height)
        shown = straight_part(picture, where, page, 0.0, DOTS_A_MM)
    return bytes(cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1])


def _copy(order: _Order, jpegs: Sequence[bytes], found: Scanned, wanted: Wanted) -> bytes:
    paper, report = order.paper, order.report
    lines = {check.id: _line(check, order.marks.get(check.id)) for check in report.checks}
    pages = []
    shown: set[str] = set()
    for seen, jpeg in zip(order.pages, jpegs, strict=True):
        number = seen.reading.code.page if seen.reading.code else 0
        page = Page(number, jpeg)
        if seen.reading.kind == "sheet":
            page = _on_sheet(page, order, lines, found)
        elif (placed := found.written.placed(seen.reading.sha256)) is not None and placed.matrix:
            spaces = paper.layout.spaces(number)
            first = [space for space in spaces if space.answer not in shown]
            page = replace(page, badges=tuple(_badges(first, lines)))
            shown |= {space.answer for space in spaces}
        pages.append(page)
    row = wanted.table.of(str(paper.student))
    words = WORDS.get(order.key.language, WORDS["en"])
    passed = report.passed if row is None else row.passed
    name = "" if row is None else row.name
    copy = Copy(
        title=report.title,
        whose=f"{name} · {paper.student}" if name else str(paper.student),
        score=points_text(report.score),
        full=points_text(report.max_score),
        lines=tuple(lines.values()),
        pages=tuple(pages),
        bonus="" if row is None or row.bonus in ("", "0") else row.bonus,
        grade="" if row is None else row.grade,
        passed=passed,
        language=order.key.language,
        result="" if passed is None else words.passed if passed else words.failed,
    )
    pdf = render_copy(copy)
    solutions = wanted.solutions.get(paper.layout.form)
    return pdf if solutions is None else solutions_behind(pdf, solutions.read_bytes())


def _line(check: Check, mark: PersonsMark | None) -> Line:
    given = f"{points_text(check.points)}/{points_text(check.max_points)}"
    tone = tone_of(check.points, check.max_points)
    if mark is None or not check.by_person:
        return Line(check.id, check.title, given, tone)
    return Line(check.id, check.title, given, tone, mark.earned, " ".join(mark.note.split()))


def _badges(spaces: Sequence[Space], lines: Mapping[str, Line]) -> Iterator[Badge]:
    for space in spaces:
        line = lines.get(space.answer)
        if line is not None:
            yield badge_at(line, space.left, space.top, space.width, space.height)


def _on_sheet(page: Page, order: _Order, lines: Mapping[str, Line], found: Scanned) -> Page:
    """The answer sheet: right boxes framed, wrong ones that were checked, and the points of each row."""
    sheet = order.paper.layout.sheet(page.number)
    if sheet is None:
        return page
    shown = boxes_on(order.paper, sheet, found.said)
    right = {}
    for label, (_, part) in order.key.labels().items():
        if isinstance(part.key, MultipleChoiceKey):
            right[label] = set(part.key.right) or {NONE}
    boxes, badges = [], []
    for question in dict.fromkeys(box.question for box in sheet.boxes):
        label = str(question)
        row = [box for box in sheet.boxes if box.question == question]
        for box in row:
            is_right = box.option in right.get(label, set())
            if is_right or (box.name in shown and shown[box.name].checked):
                side = box.side + 2 * _RING
                left, top = (round(c - side / 2, 2) for c in box.center)
                boxes.append(Box("right" if is_right else "wrong", left, top, round(side, 2)))
        line = lines.get(label)
        if line is not None:
            last = max(row, key=lambda box: box.center[0])
            off, wide, high = _ROW
            left = last.center[0] + last.side / 2 + off
            top = last.center[1] - 1.6
            badges.append(Badge(line.points, line.tone, "row", round(left, 2), round(top, 2), wide, high, more=False))  # fmt: skip
    return replace(page, boxes=tuple(boxes), badges=tuple(badges))
