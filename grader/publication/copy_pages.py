"""The pages of a marked copy: made straight, with points and comments at the answers, and the result before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

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
from grader.report import Check, Report
from grader.scans.boxes import boxes_on
from grader.scans.layout import Layout, Space
from grader.scans.markers import PageMap
from grader.scans.papers import Paper, Seen
from grader.scans.place import place_of
from grader.scans.reading import map_of
from grader.scans.scanned import Scanned
from grader.scans.written import Prints, is_crooked, straight_part
from grader.wording import points as points_text
from leaderboard.marks import PersonsMark
from leaderboard.store import Store
from question_bank.answers.multiple_choice import NONE, MultipleChoiceKey
from question_bank.key import FormKey

Grey = NDArray[np.uint8]
DOTS_A_MM = 6.0
_QUALITY = 60
_RING = 0.6  # millimetres that a frame stands off its box
_EDGE = 12.0  # from one answer to the next, where points stand at the edge of a page
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
class Order:
    """One copy to make: its paper, result, and the fingerprint of all that it shows."""

    paper: Paper
    key: FormKey
    report: Report
    marks: Mapping[str, PersonsMark]
    pages: tuple[Seen, ...]
    fingerprint: str


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


def straight_page(
    picture: Grey, seen: Seen, layout: Layout, found: Scanned, prints: Prints
) -> bytes:
    """A page made straight, as JPEG; as it was scanned, where nobody knows how it lies."""
    where = _where(picture, seen, layout, found, prints)
    width, height = layout.page_size
    if where is None:
        scale = min(1.0, DOTS_A_MM * height / max(picture.shape))
        shown = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)  # fmt: skip
    else:
        page = Space(answer="page", page=1, left=0, top=0, width=width, height=height)
        shown = straight_part(picture, where, page, 0.0, DOTS_A_MM)
    return bytes(cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1])


def copy_of(order: Order, jpegs: Sequence[bytes], found: Scanned, wanted: Wanted) -> bytes:
    """The PDF of a copy; `jpegs` are its pages."""
    paper, report = order.paper, order.report
    lines = {check.id: _line(check, order.marks.get(check.id)) for check in report.checks}
    pages = []
    shown: set[str] = set()
    for seen, jpeg in zip(order.pages, jpegs, strict=True):
        number = seen.reading.code.page if seen.reading.code else 0
        page = Page(number, jpeg)
        if seen.reading.kind == "sheet":
            page = _on_sheet(page, order, lines, found)
        elif (placed := found.written.placed(seen.reading.sha256)) is not None:
            spaces = paper.layout.spaces(number)
            first = [space for space in spaces if space.answer not in shown]
            if is_crooked(placed):
                first = _at_the_edge(first, paper.layout.page_size[0])
                named = {
                    k: replace(line, points=f"{k}: {line.points}") for k, line in lines.items()
                }
                page = replace(page, badges=tuple(_badges(first, named)))
            else:
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


def _at_the_edge(spaces: Sequence[Space], width: float) -> list[Space]:
    """Where points stand on a page that nobody knows the place of answers on: one below the other, from its top."""
    names = dict.fromkeys(space.answer for space in spaces)
    return [
        Space(answer=name, page=1, left=0, top=_EDGE * (n + 1), width=width, height=_EDGE)
        for n, name in enumerate(names)
    ]


def _badges(spaces: Sequence[Space], lines: Mapping[str, Line]) -> Iterator[Badge]:
    for space in spaces:
        line = lines.get(space.answer)
        if line is not None:
            yield badge_at(line, space.left, space.top, space.width, space.height)


def _on_sheet(page: Page, order: Order, lines: Mapping[str, Line], found: Scanned) -> Page:
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
