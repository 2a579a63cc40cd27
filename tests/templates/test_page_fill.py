"""Spaces take up the room that a page leaves: never past its end, never by more than their share."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from templates.overflow import overflows
from templates.page_fill import BETWEEN, MOST, end_bars, fill_pages, first_pages
from templates.pdf import lay_out

STYLE = """
@page { size: 400px 600px; margin: 40px }
body { margin: 0; font: 16px/20px Inter } p { margin: 0 }
.keep { break-inside: avoid }
.frame { position: relative; box-sizing: content-box } .answer { position: absolute; bottom: 0; right: 0 }
.line { height: 30px }
.beside { display: grid; grid-template-columns: 100px 1fr }
"""


def document(body: str) -> Any:
    return lay_out(
        f'<html lang="en"><head><title>T</title><style>{STYLE}</style></head><body>{body}</body></html>'
    )


def frame(height: int, piece: str = "") -> str:
    return (
        f'<div class="keep" data-piece="{piece}"><p>asked</p>'
        f'<div class="frame" style="height: {height}px"><p class="answer">x</p></div></div>'
    )


def boxes(page: Any, name: str) -> list[Any]:
    from weasyprint.formatting_structure.boxes import LineBox, TextBox

    found: list[Any] = []

    def walk(box: Any) -> None:
        element = getattr(box, "element", None)
        whole = not isinstance(box, LineBox | TextBox)
        if whole and element is not None and name in element.get("class", "").split():
            found.append(box)
        for child in getattr(box, "children", ()):
            walk(child)

    walk(page._page_box)
    return found


def test_first_pages() -> None:
    laid_out = document(frame(300, "1") + frame(300, "2") + frame(50, "3"))
    assert first_pages(laid_out) == {"1": 1, "2": 2, "3": 2}


def test_frames_fill_the_page_and_the_next_piece_moves_down() -> None:
    laid_out = document(frame(200) + frame(200) + frame(400))
    (first, second) = boxes(laid_out.pages[0], "frame")
    top = second.position_y
    fill_pages(laid_out)
    # Two lines and two frames left 80 px of 520; 4 px stay free.
    assert first.height == pytest.approx(238)
    assert second.height == pytest.approx(238)
    assert second.position_y == pytest.approx(top + 38)
    assert second.position_y + second.height <= 40 + 520
    assert overflows(laid_out) == ()


def test_no_frame_grows_out_of_proportion() -> None:
    laid_out = document(frame(100))
    fill_pages(laid_out)
    (only,) = boxes(laid_out.pages[0], "frame")
    assert only.height == pytest.approx(100 * (1 + MOST["frame"]))


def test_what_stands_at_the_foot_of_a_frame_stays_there() -> None:
    laid_out = document(frame(100))
    (only,) = boxes(laid_out.pages[0], "frame")
    (answer,) = boxes(laid_out.pages[0], "answer")
    below = only.position_y + only.height - answer.position_y
    fill_pages(laid_out)
    assert only.position_y + only.height - answer.position_y == pytest.approx(below)


def test_ruled_lines_spread() -> None:
    laid_out = document('<div class="ruled">' + '<div class="line"></div>' * 4 + "</div>")
    fill_pages(laid_out)
    tops = [line.position_y for line in boxes(laid_out.pages[0], "line")]
    gaps = [after - before for before, after in itertools.pairwise(tops)]
    assert gaps == [pytest.approx(30 * (1 + MOST["ruled"]))] * 3


def test_a_frame_beside_a_figure_grows_with_its_row() -> None:
    laid_out = document(
        '<div class="beside"><p>figure</p><div class="frame" style="height: 100px"></div></div><p class="after">x</p>'
    )
    (after,) = boxes(laid_out.pages[0], "after")
    top = after.position_y
    fill_pages(laid_out)
    assert after.position_y == pytest.approx(top + 100 * MOST["frame"])


def test_a_full_page_stays_as_it_is() -> None:
    laid_out = document(frame(496) + frame(10))
    (only,) = boxes(laid_out.pages[0], "frame")
    fill_pages(laid_out)
    assert only.height == 496


def test_frames_leave_additional_space_its_height() -> None:
    laid_out = document(
        frame(100) + '<div class="scrap" style="min-height: 300px"><p>more</p></div>'
    )
    (space,), (scrap,) = (boxes(laid_out.pages[0], name) for name in ("frame", "scrap"))
    fill_pages(laid_out)
    assert space.height > 100
    assert scrap.height == 300
    assert scrap.position_y + scrap.height <= 40 + 520
    assert overflows(laid_out) == ()


def question(lines: int, kind: str = "question") -> str:
    return f'<div class="{kind} keep">{"<p>asked</p>" * lines}</div>'


def test_room_goes_between_questions_and_the_first_stays() -> None:
    laid_out = document(question(10) + question(8) + question(6) + question(20))
    first, second, third = boxes(laid_out.pages[0], "question")
    tops = [box.position_y for box in (first, second, third)]
    fill_pages(laid_out)
    # 40 px of 520 are left, 4 stay free: half of the rest above each.
    assert [first.position_y, second.position_y, third.position_y] == pytest.approx(
        [tops[0], tops[1] + 18, tops[2] + 36]
    )
    assert overflows(laid_out) == ()


def test_no_question_moves_far_and_none_on_the_last_page() -> None:
    laid_out = document(question(5) + question(5) + question(18) + question(3))
    first, second = boxes(laid_out.pages[0], "question")
    last = boxes(laid_out.pages[1], "question")[1]
    low = last.position_y
    fill_pages(laid_out)
    assert second.position_y == pytest.approx(first.position_y + 100 + BETWEEN["question"])
    assert last.position_y == low


def test_what_stands_first_in_its_question_or_section_stays_with_it() -> None:
    section = f'<div class="part"><p>heading</p>{question(5)}{question(5)}</div>'
    parts = f'<div class="question"><p>asked</p>{question(2, "piece")}{question(2, "piece")}</div>'
    laid_out = document(section + parts + question(20))
    fill_pages(laid_out)
    (part,) = boxes(laid_out.pages[0], "part")
    one, two, three = boxes(laid_out.pages[0], "question")
    a, b = boxes(laid_out.pages[0], "piece")
    assert one.position_y == pytest.approx(part.position_y + 20)
    assert two.position_y > one.position_y + 100
    assert a.position_y == pytest.approx(three.position_y + 20)
    assert b.position_y > a.position_y + 40


def test_a_bar_that_goes_on_over_the_page_ends_with_its_text() -> None:
    lines = "<p>line</p>" * 10
    tall = '<p class="keep" style="height: 400px">tall</p>'
    laid_out = document(f'<div class="worked" style="border-left: 1px solid">{lines}{tall}</div>')
    (first,), (second,) = (boxes(page, "worked") for page in laid_out.pages)
    whole = second.height
    end_bars(laid_out)
    assert first.height == pytest.approx(200)
    assert second.height == pytest.approx(whole)
