"""The answer sheet: every box has its own place on the page, and the markers are those of the dictionary."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates import answer_sheet as sheet
from templates.answer_sheet import AnswerPage, Row, arrange
from templates.aruco import MODULES, modules

# OpenCV's predefined dictionary DICT_4X4_50, as its source prints it: two bytes a marker.
PUBLISHED = {0: (181, 50), 1: (15, 154), 2: (51, 45), 3: (153, 70)}


@pytest.mark.parametrize("number", PUBLISHED)
def test_markers_are_those_of_the_published_dictionary(number: int) -> None:
    rows = modules(number)
    assert len(rows) == MODULES
    assert all(rows[0])
    assert all(rows[-1])
    assert all(row[0] and row[-1] for row in rows)
    inside = "".join("0" if black else "1" for row in rows[1:-1] for black in row[1:-1])
    assert (int(inside[:8], 2), int(inside[8:], 2)) == PUBLISHED[number]


def test_markers_differ_however_they_are_turned() -> None:
    def turned(rows: tuple[tuple[bool, ...], ...]) -> tuple[tuple[bool, ...], ...]:
        return tuple(zip(*rows[::-1], strict=True))

    seen = []
    for number in PUBLISHED:
        rows = modules(number)
        for _ in range(4):
            rows = turned(rows)
            seen.append(rows)
    assert len(set(seen)) == len(seen)


def test_opencv_knows_them() -> None:
    cv2 = pytest.importorskip("cv2")
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    for number in PUBLISHED:
        drawn = cv2.aruco.generateImageMarker(dictionary, number, MODULES)
        assert (drawn == 0).tolist() == [list(row) for row in modules(number)]


def _areas(page: AnswerPage) -> list[tuple[float, float, float, float]]:
    marker = sheet.MARKER_SIDE / 2 + sheet.MARKER_SIDE / MODULES
    squares = [(box.x, box.y, page.side / 2) for box in page.boxes]
    squares += [(box.x, box.y, sheet.DIGIT_SIDE / 2) for box in page.digits]
    squares += [(x, y, marker) for x, y in sheet.MARKER_CENTRES]
    return [(x - half, y - half, x + half, y + half) for x, y, half in squares]


@settings(max_examples=40, deadline=None)
@given(
    letters=st.lists(st.integers(3, 8), min_size=1, max_size=70),
    digits=st.sampled_from([0, 8]),
    scale=st.sampled_from([1.0, 1.2]),
    word=st.sampled_from(["none", "keine"]),
)
def test_every_box_is_there_once_and_none_meets_another(
    letters: list[int], digits: int, scale: float, word: str
) -> None:
    rows = [Row(number, tuple("abcdefgh"[:count])) for number, count in enumerate(letters, start=1)]
    pages = arrange(rows, none_word=word, digits=digits, scale=scale)
    placed = [(box.question, box.option) for page in pages for box in page.boxes]
    assert placed == [(row.number, o) for row in rows for o in (*row.letters, sheet.NONE)]
    assert [len({box.place for box in page.digits}) for page in pages] == [
        digits,
        *[0] * (len(pages) - 1),
    ]
    for page in pages:
        areas = _areas(page)
        for left, top, right, bottom in areas:
            assert left > 8
            assert right < sheet.WIDTH - 8
            assert top > 8
            assert bottom < sheet.HEIGHT - 8
        for one, other in itertools.combinations(areas, 2):
            apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
            assert apart, (one, other)


def test_an_ordinary_exam_has_one_page_in_large_print_too() -> None:
    rows = [Row(number, tuple("abcd")) for number in range(1, 16)]
    for digits, scale in itertools.product((0, 8), (1.0, 1.2)):
        assert len(arrange(rows, none_word="none", digits=digits, scale=scale)) == 1


def test_fits_is_one_page_and_no_wider_than_it() -> None:
    four, eight = Row(1, tuple("abcd")), Row(1, tuple("abcdefgh"))
    assert sheet.fits(arrange([four], none_word="none", scale=1.8))
    assert not sheet.fits(arrange([eight], none_word="none", scale=1.8))
    many = [Row(number, tuple("abcd")) for number in range(1, 21)]
    assert not sheet.fits(arrange(many, none_word="none", scale=1.8))


def test_crosses_are_drawn_where_they_are_asked_for_and_only_there() -> None:
    (page,) = arrange([Row(1, ("a", "b"))], none_word="none")
    plain = sheet.draw(page, none_word="none", digits_title="")
    crossed = sheet.draw(page, none_word="none", digits_title="", crossed={(1, "b")})
    assert len(crossed) > len(plain)
    assert plain[: plain.rindex("</svg>")] == crossed[: plain.rindex("</svg>")]
    assert "<text" not in crossed
