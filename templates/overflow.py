"""What sticks out of a laid-out page: text and pictures past the column or the page they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weasyprint import Document

TOLERANCE = 1.5
"""CSS pixels that nobody sees: slanted letters and trailing blanks reach a little further."""


@dataclass(frozen=True)
class Overflow:
    """Something that sticks out.

    Attributes:
        page: number of the page, from 1.
        what: the text, or the alternative text of the picture.
        side: left, right, top or bottom.
        by: how far, in CSS pixels (1/96 inch).
    """

    page: int
    what: str
    side: str
    by: float


def overflows(document: Document) -> tuple[Overflow, ...]:
    """Everything that sticks out of its column or its page, in reading order."""
    found: list[Overflow] = []
    for number, page in enumerate(document.pages, start=1):
        box = page._page_box  # noqa: SLF001 - there is no public way to a page's boxes
        sheet = _Frame(0, 0, box.margin_width(), box.margin_height())
        for child in box.children:
            inside = _content(child) if child.element_tag == "html" else sheet
            found.extend(_overflows(child, inside, inside, number))
    return tuple(found)


@dataclass(frozen=True)
class _Frame:
    left: float
    top: float
    right: float
    bottom: float


def _content(box: Any) -> _Frame:
    left, top = box.content_box_x(), box.content_box_y()
    return _Frame(left, top, left + box.width, top + box.height)


def _overflows(box: Any, frame: _Frame, sheet: _Frame, page: int) -> Iterator[Overflow]:
    from weasyprint.formatting_structure import boxes

    if box.is_absolutely_positioned() or box.is_outside_marker:
        # It was put beside its column on purpose; the page still holds it.
        frame = sheet
    if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
        yield from _sticks_out(box, frame, page)
        return
    if isinstance(box, boxes.TableBox):
        yield from _sticks_out(box, frame, page)
    if isinstance(box, boxes.BlockContainerBox | boxes.FlexBox | boxes.GridBox):
        own = _content(box)
        # A box that may grow downwards is bounded below by the page alone.
        frame = _Frame(own.left, frame.top, own.right, frame.bottom)
        if box.is_absolutely_positioned():
            frame = sheet
    for child in getattr(box, "children", ()):
        yield from _overflows(child, frame, sheet, page)


def _sticks_out(box: Any, frame: _Frame, page: int) -> Iterator[Overflow]:
    from weasyprint.formatting_structure import boxes

    what = box.text if isinstance(box, boxes.TextBox) else box.element.get("alt", box.element_tag)
    if isinstance(box, boxes.TextBox) and not box.text.strip():
        return
    right = box.position_x + box.margin_width()
    bottom = box.position_y + box.margin_height()
    for side, by in (
        ("left", frame.left - box.position_x),
        ("right", right - frame.right),
        ("top", frame.top - box.position_y),
        ("bottom", bottom - frame.bottom),
    ):
        if by > TOLERANCE:
            yield Overflow(page, str(what), side, by)
