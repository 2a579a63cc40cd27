"""What WeasyPrint 70 paints and writes, by a shorter way where it is plain. See `templates.pdf_shortcuts`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DEFLATE_LEVEL = 5
"""Level 6 takes half as long again and saves one part in a hundred; level 9 takes four times as long."""


def install() -> None:
    """Put the shorter ways in place, once in a process."""
    _no_borders()
    _contexts()
    _matrices()
    _bytes()
    _page_references()
    _deflate_faster()


def _no_borders() -> None:
    from weasyprint import draw
    from weasyprint.draw import border
    from weasyprint.formatting_structure.boxes import Box

    draw_border = border.draw_border

    def draw_borders(stream: Any, box: Any) -> None:
        style = box.style
        if (
            box.border_top_width == box.border_right_width == 0
            and box.border_bottom_width == box.border_left_width == 0
            and style["border_image_source"][0] == "none"
            and not style["column_rule_width"]
        ):
            return
        draw_border(stream, box)

    draw_outline = border.draw_outline

    def draw_outlines(stream: Any, box: Any) -> None:
        if any(isinstance(b, Box) and b.style["outline_width"] for b in box.descendants()):
            draw_outline(stream, box)

    draw.draw_border = draw_borders
    draw.draw_outline = draw_outlines


def _contexts() -> None:
    """A stretch of a page with a state or a tag of its own, without a generator for each."""
    from weasyprint.pdf import pydyf
    from weasyprint.pdf.stream import Stream

    class Stacked:
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __enter__(self) -> None:
            self._stream.push_state()

        def __exit__(self, *_: object) -> None:
            self._stream.pop_state()

    class Marked:
        def __init__(self, stream: Any, box: Any, tag: str) -> None:
            self._tagged = stream._tags is not None  # noqa: SLF001
            self._stream = stream
            self._box = box
            self._tag = tag

        def __enter__(self) -> None:
            if not self._tagged:
                return
            tags = self._stream._tags  # noqa: SLF001
            if self._box in tags:
                raise AssertionError("a box has one tag")
            number = len(tags)
            tags[self._box] = {"tag": self._tag, "mcid": number}
            pydyf.Stream.begin_marked_content(
                self._stream, self._tag, pydyf.Dictionary({"MCID": number})
            )

        def __exit__(self, *_: object) -> None:
            if self._tagged:
                pydyf.Stream.end_marked_content(self._stream)

    def stacked(self: Any) -> Stacked:
        return Stacked(self)

    def marked(self: Any, box: Any, tag: str) -> Marked:
        return Marked(self, box, tag)

    Stream.stacked, Stream.marked = stacked, marked


def _matrices() -> None:
    """A product of matrices written out, with its sums in the same order."""
    from weasyprint.matrix import Matrix

    def product(self: Any, other: Any) -> Any:
        (a, b, c), (d, e, f), (g, h, i) = other
        return Matrix(
            matrix=[
                [x * a + y * d + z * g, x * b + y * e + z * h, x * c + y * f + z * i]
                for x, y, z in self
            ]
        )

    Matrix.__matmul__ = product


def _bytes() -> None:
    """What is written into a PDF, nearly all of it text and numbers, as bytes."""
    from weasyprint.pdf import pydyf

    convert = pydyf._to_bytes  # noqa: SLF001

    def to_bytes(item: Any) -> Any:
        kind = type(item)
        if kind is bytes:
            return item
        if kind is str:
            return item.encode("ascii")
        if kind is int:
            return b"%d" % item
        if kind is float:
            return b"%d" % item if item.is_integer() else (b"%f" % item).rstrip(b"0")
        return convert(item)

    pydyf._to_bytes = to_bytes  # noqa: SLF001


def _page_references() -> None:
    """The references to all pages, which each tag asks for, once for as long as no page is added."""
    from weasyprint.pdf import pydyf

    ask = pydyf.PDF.page_references.fget

    def page_references(self: Any) -> Any:
        count = len(self.pages["Kids"])
        kept = self.__dict__.get("references_kept")
        if kept is None or kept[0] != count:
            kept = self.references_kept = (count, ask(self))
        return kept[1]

    pydyf.PDF.page_references = property(page_references)


def _deflate_faster() -> None:
    import zlib

    from weasyprint.pdf import pydyf

    def compressobj(*_arguments: Any, **_more: Any) -> Any:
        return zlib.compressobj(level=DEFLATE_LEVEL)

    pydyf.zlib = _Zlib(compressobj, zlib.compress)


@dataclass(frozen=True)
class _Zlib:
    """What pydyf uses of zlib."""

    compressobj: Callable[..., Any]
    compress: Callable[..., bytes]
