"""The answer sheet: where the boxes of multiple choice lie on the page, and the page as one picture.

Everything is in millimetres from the top left corner of an A4 page. The same places are drawn and handed to
whoever reads a scan, so that both speak of one page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from templates.aruco import MODULES, modules
from templates.figures.drawing.picture import INK, fmt, label_size, lettering

WIDTH, HEIGHT = 210.0, 297.0
NONE = "none"
"""The option that no option is right."""

MARKER_SIDE = 11.0
MARKER_CENTRES = ((16.0, 16.0), (194.0, 16.0), (194.0, 281.0), (16.0, 281.0))
"""Top left, top right, bottom right, bottom left: the markers 0 to 3."""

_LEFT, _RIGHT = 26.0, 184.0
_TOP, _BOTTOM = 70.0, 262.0
_COLUMN_GAP = 8.0

# Of the usual type size; large print multiplies those of the questions.
_BOX = 5.0
_ROW = 8.6
_OPTION = 11.5
_NUMBER = 8.0
_NONE_GAP = 3.0
_GROUP = 5
_GROUP_GAP = 2.6
_DIGIT = 7.4
_DIGIT_ROW = 6.6
_DIGIT_FIELD = 8.0
_DIGIT_TITLE = 6.5
DIGIT_SIDE = 5.0
_DIGITS_HEIGHT = _DIGIT_TITLE + _DIGIT_FIELD + 2 + 10 * _DIGIT_ROW
_POINT = 25.4 / 72


@dataclass(frozen=True)
class Row:
    """A question: its printed number, and the letters of its options."""

    number: int
    letters: tuple[str, ...]


@dataclass(frozen=True)
class AnswerBox:
    """A box to mark: `option` is a letter or `NONE`; (x, y) is its centre."""

    question: int
    option: str
    x: float
    y: float


@dataclass(frozen=True)
class DigitBox:
    """A box to cross for a digit of the student's number; `place` counts from 0, from the left."""

    place: int
    digit: int
    x: float
    y: float


@dataclass(frozen=True)
class AnswerPage:
    """One page of the answer sheet; the boxes of questions are squares of `side` millimetres."""

    rows: tuple[Row, ...]
    boxes: tuple[AnswerBox, ...]
    digits: tuple[DigitBox, ...]
    side: float
    scale: float


def arrange(
    rows: Sequence[Row], *, none_word: str, digits: int = 0, scale: float = 1.0
) -> tuple[AnswerPage, ...]:
    """Give every box its place, on as many pages as it takes.

    Args:
        rows: the questions in printed order.
        none_word: what stands beside the last box of each row, which says that no option is right.
        digits: of the student's number, to be filled in on the first page; 0 where the paper knows it.
        scale: of the type, 1 or more.
    """
    waiting = list(rows)
    pages: list[AnswerPage] = []
    while waiting:
        asked = digits if not pages else 0
        boxes: list[AnswerBox] = []
        placed: list[Row] = []
        for left, top in _columns(rows, none_word, asked, scale):
            y = top + _ROW * scale / 2
            for place in range(len(waiting)):
                if place and place % _GROUP == 0:
                    y += _GROUP_GAP * scale
                if y + _ROW * scale / 2 > _BOTTOM:
                    break
                row = waiting.pop(0)
                placed.append(row)
                boxes.extend(_row_boxes(row, left, y, _longest(rows), none_word, scale))
                y += _ROW * scale
        if not placed:
            raise AssertionError("a page of the answer sheet has room for one row at least")
        shown = tuple(_digit_boxes(asked))
        pages.append(AnswerPage(tuple(placed), tuple(boxes), shown, _BOX * scale, scale))
    return tuple(pages)


def fits(pages: Sequence[AnswerPage]) -> bool:
    """Whether all rows are on one page, and none is wider than it."""
    return len(pages) == 1 and all(box.x + pages[0].side / 2 <= _RIGHT for box in pages[0].boxes)


def _longest(rows: Sequence[Row]) -> int:
    return max(len(row.letters) for row in rows)


def _none_width(none_word: str) -> float:
    return label_size(none_word, 9 * _POINT)[0] + 1.6


def _columns(
    rows: Sequence[Row], none_word: str, digits: int, scale: float
) -> Iterator[tuple[float, float]]:
    """Left and top of each column of questions; beside the digits one column, where there is room."""
    letters = _longest(rows)
    width = (
        _NUMBER + letters * _OPTION + _NONE_GAP + max(0.0, _none_width(none_word) - 4.0) + _OPTION
    )
    width *= scale
    count = max(1, int((_RIGHT - _LEFT + _COLUMN_GAP) / (width + _COLUMN_GAP)))
    spread = (_RIGHT - _LEFT - count * width) / max(count - 1, 1)
    for column in range(count):
        left = _LEFT + column * (width + min(spread, 3 * _COLUMN_GAP))
        beside = left + width + 8 > _RIGHT - digits * _DIGIT
        below = _DIGITS_HEIGHT + 8 if digits and beside else 0.0
        yield left, _TOP + below


def _row_boxes(
    row: Row, left: float, y: float, letters: int, none_word: str, scale: float
) -> Iterator[AnswerBox]:
    x = left + (_NUMBER + _OPTION - _BOX / 2) * scale
    for place, letter in enumerate(row.letters):
        yield AnswerBox(row.number, letter, round(x + place * _OPTION * scale, 2), round(y, 2))
    wide = max(0.0, _none_width(none_word) - 4.0)
    yield AnswerBox(
        row.number,
        NONE,
        round(x + (letters * _OPTION + _NONE_GAP + wide) * scale, 2),
        round(y, 2),
    )


def _digit_boxes(count: int) -> Iterator[DigitBox]:
    for place in range(count):
        x = _RIGHT - (count - place - 0.5) * _DIGIT
        for digit in range(10):
            y = _TOP + _DIGIT_TITLE + _DIGIT_FIELD + 2 + (digit + 0.5) * _DIGIT_ROW
            yield DigitBox(place, digit, round(x, 2), round(y, 2))


def draw(
    page: AnswerPage,
    *,
    none_word: str,
    digits_title: str,
    crossed: AbstractSet[tuple[int, str]] = frozenset(),
    color: str = INK,
) -> str:
    """The page as SVG of its own size: markers, numbers, letters, boxes; all outlines, no font needed.

    Args:
        page: from `arrange`.
        none_word: as there.
        digits_title: what stands above the fields of the student's number.
        crossed: (question, option) of the boxes that are shown crossed, in the solutions.
        color: of the crosses.
    """
    size = 9 * page.scale * _POINT
    marks = [_marker(number, x, y) for number, (x, y) in enumerate(MARKER_CENTRES)]
    for row in page.rows:
        first = next(box for box in page.boxes if box.question == row.number)
        number_right = first.x - (_OPTION - _BOX / 2 + 0.8) * page.scale
        bold = f"$\\mathbf{{{row.number}}}$"
        marks.append(_label(bold, number_right, first.y, size * 1.12, "end", "digits"))
    for box in page.boxes:
        shown = none_word if box.option == NONE else box.option
        left = box.x - (_BOX / 2 + 1.2) * page.scale
        marks.append(_label(shown, left, box.y, size, "end", "letters"))
    marks.extend(_digit_marks(page, digits_title, size))
    squares = "".join(_square(box.x, box.y, page.side) for box in page.boxes)
    squares += "".join(_square(box.x, box.y, DIGIT_SIDE) for box in page.digits)
    marks.append(f'<path d="{squares}" fill="#fff" stroke="#000" stroke-width="0.3"/>')
    crosses = "".join(
        _cross(box.x, box.y, page.side)
        for box in page.boxes
        if (box.question, box.option) in crossed
    )
    if crosses:
        marks.append(
            f'<path d="{crosses}" fill="none" stroke="{color}" stroke-width="0.8"'
            ' stroke-linecap="round"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm"'
        f' viewBox="0 0 {WIDTH:g} {HEIGHT:g}">' + "".join(marks) + "</svg>"
    )


def _digit_marks(page: AnswerPage, title: str, size: float) -> Iterator[str]:
    if not page.digits:
        return
    tops = [box for box in page.digits if box.digit == 0]
    left = tops[0].x - _DIGIT / 2
    yield _label(title, left, _TOP + 2, size, "start", "letters")
    fields = "".join(
        f"M{fmt(box.x - _DIGIT / 2)} {fmt(_TOP + _DIGIT_TITLE)}h{fmt(_DIGIT)}"
        f"v{fmt(_DIGIT_FIELD)}h-{fmt(_DIGIT)}z"
        for box in tops
    )
    yield f'<path d="{fields}" fill="#fff" stroke="#000" stroke-width="0.3"/>'
    for box in page.digits:
        if box.place == 0:
            yield _label(str(box.digit), left - 1.4, box.y, size, "end", "digits")


def _marker(number: int, x: float, y: float) -> str:
    """A marker as one black square and white modules upon it."""
    side = MARKER_SIDE / MODULES
    left, top = x - MARKER_SIDE / 2, y - MARKER_SIDE / 2
    white = "".join(
        f"M{fmt(left + column * side)} {fmt(top + row * side)}h{side:.4f}v{side:.4f}h-{side:.4f}z"
        for row, line in enumerate(modules(number))
        for column, black in enumerate(line)
        if not black
    )
    black = f"M{fmt(left)} {fmt(top)}h{MARKER_SIDE:g}v{MARKER_SIDE:g}h-{MARKER_SIDE:g}z"
    return f'<path d="{black}" fill="#000"/><path d="{white}" fill="#fff"/>'


def _square(x: float, y: float, side: float) -> str:
    return f"M{fmt(x - side / 2)} {fmt(y - side / 2)}h{fmt(side)}v{fmt(side)}h-{fmt(side)}z"


def _cross(x: float, y: float, side: float) -> str:
    reach = side * 0.56
    left, right, top, bottom = fmt(x - reach), fmt(x + reach), fmt(y - reach), fmt(y + reach)
    return f"M{left} {top}L{right} {bottom}M{right} {top}L{left} {bottom}"


def _label(text: str, x: float, y: float, size: float, anchor: str, valign: str) -> str:
    _, path = lettering(text, size, anchor, valign, True)
    return f'<path transform="translate({fmt(x)} {fmt(y)})" d="{path}" fill="{INK}"/>'
