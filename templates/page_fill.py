"""Laid-out pages, looked at before they are written: which piece begins on which page, the room that a page
leaves, given to the spaces for answers, and bars that end with their text.

Layout breaks pages; it cannot know how much of the last one stays empty. Where a page ends early because the
next question did not fit, its spaces grow downwards, each by a share of its own height, so that nobody
writes in a small frame above a blank half page. What is left then goes between its questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weasyprint import Document

MOST = {"frame": 0.9, "ruled": 0.4}
"""A space grows by this share of its height at most: its size still says how long the answer is."""

BETWEEN = {"part": 48.0, "question": 40.0, "piece": 24.0}
"""CSS pixels: a section, a question and a part of one move down by so much at most from what stands above."""

_WORTH = 8.0
"""CSS pixels: less room than this is not worth moving anything."""

_SPARE = 4.0


MM_A_PIXEL = 25.4 / 96
"""Of CSS: 96 pixels are an inch."""


@dataclass(frozen=True)
class AnswerSpace:
    """Where an answer is written: its name, the page (from 1), and millimetres from that page's top left corner."""

    answer: str
    page: int
    left: float
    top: float
    width: float
    height: float


def answer_spaces(document: Document) -> tuple[AnswerSpace, ...]:
    """The spaces (attribute `data-answer`) of laid-out pages, in reading order; one that breaks is there twice."""
    return tuple(
        AnswerSpace(
            _attribute(box, "data-answer"),
            number,
            round(box.border_box_x() * MM_A_PIXEL, 2),
            round(box.border_box_y() * MM_A_PIXEL, 2),
            round(box.border_width() * MM_A_PIXEL, 2),
            round(box.border_height() * MM_A_PIXEL, 2),
        )
        for number, page in enumerate(document.pages, start=1)
        for box in _blocks(page._page_box)  # noqa: SLF001 - see first_pages
        if _attribute(box, "data-answer") and _is_block(box)
    )


def first_pages(document: Document, attribute: str = "data-piece") -> dict[str, int]:
    """The page (from 1) on which each element with this attribute begins, by its value, in reading order."""
    pages: dict[str, int] = {}
    for number, page in enumerate(document.pages, start=1):
        for box in _blocks(page._page_box):  # noqa: SLF001 - there is no public way to a page's boxes
            value = _attribute(box, attribute)
            if value:
                pages.setdefault(value, number)
    return pages


def fill_pages(document: Document) -> None:
    """Let the spaces of each page (classes `frame` and `ruled`) take up the room that is left below.

    What they leave goes between sections, questions and parts (classes `part`, `question`, `piece`), except on the last page.
    """
    for number, page in enumerate(document.pages, start=1):
        sheet = page._page_box  # noqa: SLF001
        root = next(box for box in sheet.children if box.element_tag == "html")
        room = _bottom(sheet) - _lowest(root) - _SPARE
        if room < _WORTH:
            continue
        paths = list(_paths(root, []))
        spaces = [(path, path[-1].height * _most(path[-1])) for path in paths if _most(path[-1])]
        for path, by in _shares(spaces, room):
            _grow(path, by)
        room -= sum(most for _, most in spaces)
        if room >= _WORTH and number < len(document.pages):
            for path, by in _shares(_later(paths), room):
                _move_down(path, by)


def _shares(
    wishes: Sequence[tuple[list[Any], float]], room: float
) -> Iterator[tuple[list[Any], float]]:
    """Give each its wish, or of all the same share where there is not room for all."""
    wanted = sum(most for _, most in wishes)
    for path, most in wishes:
        yield path, most * min(1.0, room / wanted)


def _later(paths: Sequence[list[Any]]) -> list[tuple[list[Any], float]]:
    """What may move down on a page and by how far: all but the first of a page, a section or a question."""
    found = []
    with_first: set[int] = set()
    for path in paths:
        most = _between(path[-1])
        if most and id(path[-2]) in with_first:
            found.append((path, most))
        elif most:
            with_first.add(id(path[-2]))
    return found


def _between(box: Any) -> float:
    """By how far a box may move down from what stands above; 0 if it stays."""
    if box.element is None or not _is_block(box):
        return 0.0
    classes = _attribute(box, "class").split()
    return max((BETWEEN[name] for name in classes if name in BETWEEN), default=0.0)


def end_bars(document: Document) -> None:
    """Let a solution that goes on over the page (class `worked`) end with its last line, and its bar with it.

    Layout stretches what goes on to the foot of the page.
    """
    latest: dict[Any, Any] = {}
    for page in document.pages:
        for box in _blocks(page._page_box):  # noqa: SLF001
            if "worked" in _attribute(box, "class").split() and _is_block(box):
                before = latest.get(box.element)
                if before is not None:
                    before.height = _lowest(before) - before.content_box_y()
                latest[box.element] = box


def _boxes(top: Any) -> Iterator[Any]:
    waiting = [top]
    while waiting:
        box = waiting.pop()
        yield box
        waiting.extend(reversed(getattr(box, "children", ())))


def _blocks(top: Any) -> Iterator[Any]:
    """All boxes but lines of text, and what stands in them."""
    from weasyprint.formatting_structure.boxes import LineBox

    waiting = [top]
    while waiting:
        box = waiting.pop()
        yield box
        waiting.extend(c for c in reversed(getattr(box, "children", ())) if type(c) is not LineBox)


def _attribute(box: Any, name: str) -> str:
    element = getattr(box, "element", None)
    return "" if element is None else str(element.get(name, ""))


def _most(box: Any) -> float:
    """By which share of its height a box may grow; 0 if it is no space."""
    if box.element_tag != "div" or not isinstance(box.height, int | float) or not _is_block(box):
        return 0.0
    classes = _attribute(box, "class").split()
    return max((MOST[name] for name in classes if name in MOST), default=0.0)


def _is_scrap(box: Any) -> bool:
    """Whether a box is paper to write on, which takes the room that it has and no more."""
    return "scrap" in _attribute(box, "class").split() and _is_block(box)


def _is_block(box: Any) -> bool:
    from weasyprint.formatting_structure.boxes import BlockBox

    # Lines and anonymous boxes have the element of what they stand in.
    return isinstance(box, BlockBox)


def _paths(box: Any, above: list[Any]) -> Iterator[list[Any]]:
    """Every box below with those that it stands in, but for lines of text, in which nothing grows or moves."""
    from weasyprint.formatting_structure.boxes import LineBox

    path = [*above, box]
    yield path
    for child in getattr(box, "children", ()):
        if type(child) is not LineBox and child.is_in_normal_flow():
            yield from _paths(child, path)


def _bottom(page: Any) -> float:
    return float(page.content_box_y() + page.height)


def _lowest(root: Any) -> float:
    """Where the last text, picture or space of a page ends."""
    return max(
        (
            float(box.position_y + box.margin_height())
            for box in _boxes(root)
            if not getattr(box, "children", ()) or _most(box) or _is_scrap(box)
        ),
        default=float(root.content_box_y()),
    )


def _grow(path: list[Any], by: float) -> None:
    """Make a space taller, and all that stands in its way move down."""
    space = path[-1]
    space.height += by
    lines = [child for child in space.children if child.is_in_normal_flow()]
    for count, line in enumerate(lines, start=1):
        # Ruled lines spread evenly.
        line.translate(0, by * count / len(lines))
    for child in space.children:
        if not child.is_in_normal_flow():
            child.translate(0, by)
    _make_room(path, by)


def _move_down(path: list[Any], by: float) -> None:
    path[-1].translate(0, by)
    _make_room(path, by)


def _make_room(path: list[Any], by: float) -> None:
    """What a box stands in becomes taller, and what comes after it moves down."""
    for parent, child in zip(reversed(path[:-1]), reversed(path[1:]), strict=True):
        if isinstance(parent.height, int | float):
            parent.height += by
        below = False
        for sibling in parent.children:
            if below and sibling.is_in_normal_flow():
                sibling.translate(0, by)
            below = below or sibling is child
