"""A page of a scan: which page it is and what its boxes show, whatever the scanner did; and what is not read at all."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from grader.scans.layout import PageCode
from grader.scans.marks import CHECKED as READ_AS_CHECKED
from grader.scans.reading import papers_of, read_page
from tests.grader.scans.printed import EXAM, SHEET, blank_page, printed_page
from tests.grader.scans.synthetic import (
    CHECKED,
    HEAVY,
    THIN,
    Hand,
    Look,
    Pen,
    any_look,
    any_pen,
    seen,
)

MARKS = {
    "1a": "cross",
    "1d": "cross",
    "2 none": "cross",
    "3b": "filled",
    "4c": "circled",
    "6d": "cross",
}

LOOKS = {
    "as printed": Look(),
    "100 dpi": Look(dpi=100),
    "300 dpi": Look(dpi=300),
    "on its side": Look(quarter_turns=1),
    "upside down": Look(quarter_turns=2),
    "on its other side": Look(quarter_turns=3),
    "5 degrees": Look(skew=5),
    "-5 degrees upside down": Look(skew=-5, quarter_turns=2),
    "shade": Look(shade=0.4),
    "a fold": Look(fold=0.8),
    "noise": Look(noise=10),
    "a poor JPEG": Look(jpeg=30),
    "pale print": Look(contrast=0.6),
    "out of focus": Look(blur=0.2),
    "a photograph": Look(perspective=0.05, shade=0.3, jpeg=70),
    "the first corner torn": Look(torn=(0,)),
    "the last corner torn": Look(torn=(3,), skew=3, dpi=120),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_marks_are_read_whatever_the_scan_is_like(name, own, marked) -> None:
    reading = read_page(marked(own, MARKS, look=LOOKS[name]), papers_of([own]))
    assert reading.kind == "sheet", reading.reason
    assert reading.code == PageCode(EXAM, "w0256", SHEET)
    shown = dict(zip((b.name for b in own.pages[0].boxes), reading.states, strict=True))
    assert {box: state for box, state in shown.items() if state != "empty"} == MARKS


@pytest.mark.parametrize("pen", [THIN, HEAVY, Pen(0.25, 0.5), Pen(0.5, 0.5)], ids=str)
def test_any_pen_will_do(pen, own, marked) -> None:
    reading = read_page(marked(own, MARKS, pen=pen), papers_of([own]))
    shown = dict(zip((b.name for b in own.pages[0].boxes), reading.states, strict=True))
    for box, state in shown.items():
        assert state in (MARKS.get(box, "empty"), "unsure")
    # Of a felt pen's cross little paper is left to be seen.
    assert reading.states.count("unsure") <= (pen == HEAVY)


@pytest.mark.parametrize("seed", range(6))
def test_no_box_is_read_wrong_on_bad_scans(seed, shared, papers, clean) -> None:
    random = np.random.default_rng(seed)
    hand = Hand(clean(shared, SHEET), random)
    sheet = shared.pages[0]
    drawn = []
    for box in sheet.all_boxes:
        drawn.append(str(random.choice(["empty", "empty", "cross", "filled"])))
        hand.mark(drawn[-1], *box.center, box.side, any_pen(random))
    look = any_look(random, torn=((), (seed % 4,))[seed % 2])
    reading = read_page(seen(hand.page, look, random), papers)
    assert reading.kind == "sheet", (reading.reason, look)
    sure = [(m, s) for m, s in zip(drawn, reading.states, strict=True) if s != "unsure"]
    assert all(CHECKED[mark] == (state in READ_AS_CHECKED) for mark, state in sure)
    assert len(sure) > 0.9 * len(drawn)


@pytest.mark.parametrize("torn", [(0, 1), (1, 3), (2, 3)], ids=str)
def test_two_torn_corners_are_not_guessed(torn, own, marked) -> None:
    reading = read_page(marked(own, MARKS, look=Look(torn=torn)), papers_of([own]))
    assert reading.kind == "damaged"
    assert reading.states == ()
    # The last corner takes the code along.
    assert reading.reason in (
        "only 2 of its 4 markers can be seen, and 3 are needed",
        "no code can be read on it, but 2 of 4 markers are there: an answer sheet",
    )


CODES = {
    f"MX1:{EXAM}:A:1": ("page", ""),
    "MX1:OTHER1:A:2": ("foreign", "belongs to another exam (OTHER1)"),
    f"MX1:{EXAM}:Z:2": ("foreign", "belongs to form Z, which this exam does not have"),
    f"MX1:{EXAM}:A:5": ("foreign", "form A has no page 5"),
    "a shop's code": ("damaged", "no code can be read on it"),
    f"MX1:{EXAM}:A:0": ("damaged", "no code can be read on it"),
}


@pytest.mark.parametrize("code", CODES)
def test_what_a_code_says_decides_what_a_page_is(code, shared, papers) -> None:
    reading = read_page(printed_page(shared, 3, code=code), papers)
    assert (reading.kind, reading.reason) == CODES[code]


def test_bare_paper_is_blank(papers, random) -> None:
    page = seen(blank_page(), Look(noise=6, shade=0.3, skew=2), random)
    assert read_page(page, papers).kind == "blank"


def test_two_pages_in_one_picture_are_not_guessed(shared, own, papers, clean) -> None:
    both = np.hstack([clean(shared, 3), clean(own, 3)])
    reading = read_page(cv2.resize(both, None, fx=0.6, fy=0.6), papers)
    assert reading.kind == "damaged"
    assert "several pages" in reading.reason


def test_a_person_may_say_which_page_it_is(shared, papers, marked) -> None:
    page = marked(shared, MARKS, number="123").copy()
    page[-int(35 / 25.4 * 200) :, page.shape[1] // 2 : int(page.shape[1] * 0.88)] = 255
    assert read_page(page, papers).reason.startswith("no code can be read on it, but")
    told = PageCode(EXAM, "A", SHEET)
    reading = read_page(page, papers, told=told)
    assert (reading.kind, reading.code) == ("sheet", told)


def test_a_box_that_is_covered_is_not_empty(own, marked) -> None:
    page = marked(own, MARKS).copy()
    x, y = own.pages[0].boxes[1].center
    centre = [round(c / 25.4 * 200 * 1) for c in (x, y)]
    margin = [round((page.shape[i] - size / 25.4 * 200) / 2) for i, size in ((1, 210), (0, 297))]
    left, top = (c + m for c, m in zip(centre, margin, strict=True))
    page[top - 30 : top + 30, left - 30 : left + 30] = 255
    reading = read_page(page, papers_of([own]))
    assert reading.states[1] == "unsure"


def test_another_layout_is_noticed(own, marked) -> None:
    sheet = own.pages[0]
    moved = tuple(
        b.model_copy(update={"center": (b.center[0] + 4, b.center[1] + 14)}) for b in sheet.boxes
    )
    other = own.model_copy(update={"pages": (sheet.model_copy(update={"boxes": moved}),)})
    reading = read_page(marked(own, {}), papers_of([other]))
    assert (reading.kind, reading.reason) == (
        "damaged",
        "its boxes are not where the exam's layout has them",
    )


@pytest.mark.parametrize("shape", [(64, 64), (64, 9000), (9000, 70), (3000, 3000)], ids=str)
def test_a_picture_of_nothing_is_no_fault_of_ours(shape, papers, random) -> None:
    for picture in (random.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8)):
        assert read_page(picture, papers).kind in ("damaged", "blank")


def test_the_same_picture_is_read_the_same(own, marked) -> None:
    page = marked(own, MARKS, look=replace(Look(), noise=5.0))
    assert read_page(page, papers_of([own])) == read_page(page.copy(), papers_of([own]))
