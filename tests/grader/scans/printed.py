"""Pages of an exam as they leave the printer, drawn with nothing of the project's code for pages but its places."""

from __future__ import annotations

import io

import cv2
import numpy as np
import segno
from PIL import Image

from grader.scans.layout import Box, CodePlace, Digit, Layout, Marker, SheetPage, Space
from templates import answer_sheet
from templates.answer_sheet import Row
from tests.grader.scans.synthetic import DPI, Grey

EXAM = "ABC123"
PAGES = 4
SHEET = 2
CODE = CodePlace(center=(177.25, 279.25), side=12.5)
OPEN_PAGE = 3
_MM = DPI / 25.4


def layout_of(form: str, choices: int, *, digits: int = 0, student: str | None = None) -> Layout:
    """The layout of a paper with four pages, the second of them its answer sheet."""
    rows = [Row(number, ("a", "b", "c", "d")) for number in range(1, choices + 1)]
    (page,) = answer_sheet.arrange(rows, none_word="none", digits=digits)
    boxes = tuple(
        Box(question=box.question, option=box.option, center=(box.x, box.y), side=page.side)
        for box in page.boxes
    )
    numbers = tuple(
        Digit(place=box.place, digit=box.digit, center=(box.x, box.y), side=answer_sheet.DIGIT_SIDE)
        for box in page.digits
    )
    markers = tuple(
        Marker(aruco_4x4=number, center=centre, side=answer_sheet.MARKER_SIDE)
        for number, centre in enumerate(answer_sheet.MARKER_CENTRES)
    )
    code = f"MX1:{EXAM}:{form}:{SHEET}"
    sheet = SheetPage(page=SHEET, qr=code, markers=markers, boxes=boxes, digits=numbers)
    written = Space(
        answer=str(choices + 1), page=OPEN_PAGE, left=30.0, top=90.0, width=140.0, height=50.0
    )
    return Layout(
        schema_version=1, exam=EXAM, form=form, student_id=student, page_count=PAGES, unit="mm",
        page_size=(210.0, 297.0), pages=(sheet,), answers=(written,), code=CODE,
    )  # fmt: skip


def blank_page() -> Grey:
    """Bare paper."""
    return np.full((round(297 * _MM), round(210 * _MM)), 255, np.uint8)


def printed_page(layout: Layout, number: int, *, code: str | None = None) -> Grey:
    """A page of a paper; `code` takes the place of what its code says."""
    page = blank_page()
    _code(page, code or f"MX1:{layout.exam}:{layout.form}:{number}")
    sheet = layout.sheet(number)
    if sheet is None:
        spaces = layout.spaces(number)
        for line in range(40, 250, 9):
            if not any(s.top - 5 < line < s.top + s.height + 8 for s in spaces):
                _text(page, f"Some lines of a question, number {line}", 25, line, 1.2)
        for s in spaces:
            _frame(page, s.left, s.top, s.left + s.width, s.top + s.height)
        return page
    for marker in sheet.markers:
        _marker(page, marker)
    for box in sheet.all_boxes:
        (x, y), half = box.center, box.side / 2
        _frame(page, x - half, y - half, x + half, y + half)
        if isinstance(box, Box):
            width = 2.0 if len(box.option) == 1 else 7.0
            _text(page, box.option, x - half - 1.4 - width, y + 1, 0.8)
    return page


def _code(page: Grey, text: str) -> None:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=0)
    side = round(12.5 * _MM)
    modules = np.asarray(
        Image.open(out).convert("L").resize((side, side), Image.Resampling.NEAREST)
    )
    left, top = (round((c - CODE.side / 2) * _MM) for c in CODE.center)
    page[top : top + side, left : left + side] = modules


def _marker(page: Grey, marker: Marker) -> None:
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    side = round(marker.side * _MM)
    drawn = cv2.aruco.generateImageMarker(dictionary, marker.aruco_4x4, side)
    left, top = (round((c - marker.side / 2) * _MM) for c in marker.center)
    page[top : top + side, left : left + side] = drawn


def _frame(page: Grey, left: float, top: float, right: float, bottom: float) -> None:
    corners = [(round(x * _MM), round(y * _MM)) for x, y in ((left, top), (right, bottom))]
    cv2.rectangle(page, corners[0], corners[1], 0, 4)


def _text(page: Grey, text: str, x: float, y: float, size: float) -> None:
    place = (round(x * _MM), round(y * _MM))
    cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 40, 2, cv2.LINE_AA)
