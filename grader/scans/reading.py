"""What one page of a scan is, and what its boxes show: plain data, that can be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from grader.scans.codes import page_codes, read_codes
from grader.scans.layout import Box, Digit, Layout, PageCode, SheetPage
from grader.scans.markers import FEWEST, PageMap, find_markers, page_map
from grader.scans.marks import State, measures, states, thresholds
from grader.scans.straighten import box_pictures

Grey = NDArray[np.uint8]
VERSION = 1
"""Of this reader: what another one kept is read again."""

Kind = Literal["sheet", "page", "blank", "foreign", "damaged"]
# How well a printed frame must be found for its box to count as seen, and of how many boxes.
_FRAME, _FRAMES = 0.6, 0.3


@dataclass(frozen=True)
class Reading:
    """A page as it was read.

    Attributes:
        sha256: of the picture's dots; empty where there is no picture.
        kind: a page of the answer sheet that was read; another page of the exam; a page with nothing on it; a page
            that is not of this exam; a page that a person must look at.
        code: which page it is, where that is known.
        reason: why it is foreign or damaged, in words.
        states: of the boxes, in the order of the layout.
        matrix: from millimetres on the page to dots of the picture, row by row, where boxes were read.
        empty, marked: the thresholds of this sheet.
    """

    sha256: str
    kind: Kind
    code: PageCode | None = None
    reason: str = ""
    states: tuple[State, ...] = ()
    matrix: tuple[float, ...] = ()
    empty: float = 0.0
    marked: float = 0.0


@dataclass(frozen=True)
class Papers:
    """The papers of an exam: their layouts by the form or the student that their codes name."""

    exam: str
    layouts: Mapping[str, Layout]

    def sheet(self, code: PageCode) -> SheetPage | None:
        """The page of an answer sheet that a code names; None where that page has no boxes."""
        return self.layouts[code.form].sheet(code.page)


def papers_of(layouts: Sequence[Layout]) -> Papers:
    """Layouts of one exam."""
    return Papers(layouts[0].exam, {layout.form: layout for layout in layouts})


def digest(picture: Grey) -> str:
    """What tells pictures apart: the SHA-256 of their dots."""
    return hashlib.sha256(np.ascontiguousarray(picture).data).hexdigest()


def read_page(picture: Grey, papers: Papers, *, told: PageCode | None = None) -> Reading:
    """Read a page; `told` is which page it is, from a person who looked at it."""
    blank = Reading(digest(picture), "damaged", told)
    try:
        return _read(picture, papers, blank)
    except cv2.error:
        # A picture of odd proportions, or of nothing that looks like a page.
        return replace(blank, reason="is no picture of a page")


def _read(picture: Grey, papers: Papers, blank: Reading) -> Reading:
    told = blank.code
    codes = page_codes(read_codes(picture)) if told is None else (told,)
    if len(codes) > 1:
        return replace(blank, reason="shows the codes of several pages: scan each page by itself")
    if not codes:
        return _without_code(picture, blank)
    (code,) = codes
    named = replace(blank, code=code)
    if code.exam != papers.exam:
        return replace(named, kind="foreign", reason=f"belongs to another exam ({code.exam})")
    if code.form not in papers.layouts:
        return replace(
            named, kind="foreign", reason=f"belongs to form {code.form}, which this exam does not have"
        )  # fmt: skip
    if code.page > papers.layouts[code.form].page_count:
        return replace(named, kind="foreign", reason=f"form {code.form} has no page {code.page}")
    sheet = papers.sheet(code)
    return replace(named, kind="page") if sheet is None else _sheet(picture, sheet, named)


def _without_code(picture: Grey, blank: Reading) -> Reading:
    if _nothing_on(picture):
        return replace(blank, kind="blank")
    count = len(find_markers(picture))
    found = f", but {count} of 4 markers are there: an answer sheet" if count else ""
    return replace(blank, reason=f"no code can be read on it{found}")


def _sheet(picture: Grey, sheet: SheetPage, named: Reading) -> Reading:
    corners = find_markers(picture)
    known = [marker for marker in sheet.markers if marker.aruco_4x4 in corners]
    where = page_map(corners, sheet.markers)
    if where is None:
        few = f"only {len(known)} of its {len(sheet.markers)} markers can be seen, and {FEWEST} are needed"
        bent = "its markers do not lie as on a flat page"
        return replace(named, reason=few if len(known) < FEWEST else bent)
    boxes = box_pictures(picture, sheet, where)
    if float(np.mean(boxes.seen >= _FRAME)) < _FRAMES:
        return replace(named, reason="its boxes are not where the exam's layout has them")
    found = measures(boxes, gaps(sheet.all_boxes))
    limits = thresholds(found.fill)
    shown = states(found, limits)
    for index, state in enumerate(shown):
        # An empty box has a frame that can be seen: without one, something lies over it, or it is torn off.
        if state == "empty" and boxes.seen[index] < _FRAME:
            shown[index] = "unsure"
    return replace(
        named, kind="sheet", states=tuple(shown), matrix=_numbers(where),
        empty=limits.empty, marked=limits.marked,
    )  # fmt: skip


def gaps(boxes: Sequence[Box | Digit]) -> NDArray[np.float64]:
    """From each box to the frame of the nearest other one, in its own sides."""
    centres = np.array([box.center for box in boxes])
    sides = np.array([box.side for box in boxes])
    apart = np.abs(centres[:, None, :] - centres[None, :, :]).max(axis=2)
    apart -= (sides[:, None] + sides[None, :]) / 2
    np.fill_diagonal(apart, np.inf)
    return np.asarray(np.minimum(apart.min(axis=1), 1000.0) / sides, np.float64)


def map_of(reading: Reading) -> PageMap:
    """The map of a page whose boxes were read."""
    return PageMap(np.array(reading.matrix).reshape(3, 3), (), 0.0)


def _numbers(where: PageMap) -> tuple[float, ...]:
    return tuple(float(value) for value in where.matrix.ravel())


def _nothing_on(picture: Grey) -> bool:
    """Whether a picture shows bare paper: hardly any spot is darker than the paper about it."""
    small = cv2.resize(picture, (210, 297), interpolation=cv2.INTER_AREA)[8:-8, 8:-8]
    about = cv2.medianBlur(small, 21)
    return float(np.mean(small.astype(int) < about.astype(int) - 24)) < 0.0005
