"""Lines of text, kept from one document to the next: where they break, and what prints them. See `templates.pdf_memory`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from templates.pdf_kept import UNSEEN, Kept


def keep_lines(text_key: Callable[[Any], Hashable | None]) -> None:
    """Keep where texts break, by text, style (as `text_key` tells styles apart) and width."""
    from weasyprint.layout import inline, preferred
    from weasyprint.text import line_break

    kept = Kept()
    split = line_break.split_first_line

    def split_first_line(
        text: str,
        style: Any,
        context: Any,
        max_width: Any,
        justification_spacing: Any,
        is_line_start: bool = True,
        minimum: bool = False,
    ) -> Any:
        style_key = text_key(style)
        key = (text, style_key, max_width, justification_spacing, is_line_start, minimum)
        if style_key is None:
            return split(
                text, style, context, max_width, justification_spacing, is_line_start, minimum
            )
        found = kept.get(key)
        if found is None:
            found = kept[key] = split(
                text, style, context, max_width, justification_spacing, is_line_start, minimum
            )
        # Each line has a layout of its own, which drawing wakes up and puts to sleep.
        layout = line_break.Layout.__new__(line_break.Layout)
        layout.__dict__.update(found[0].__dict__)
        return (layout, *found[1:])

    for module in (line_break, inline, preferred):
        module.split_first_line = split_first_line


@dataclass(frozen=True)
class _Run:
    """A stretch of a line in one font: the font as it was first met, and what is printed."""

    key: Hashable
    size: float
    font: Any
    tf: tuple[str, float]
    steps: tuple[tuple[str, Any], ...]


class _Recorder:
    """Stands in for a page while a line is drawn, and notes what the page would have been told."""

    def __init__(self, fonts: dict[Hashable, Any]) -> None:
        from weasyprint.text.ffi import ffi

        self.length = ffi.new("unsigned int *")
        self.ink_rect = ffi.new("PangoRectangle *")
        self.logical_rect = ffi.new("PangoRectangle *")
        self.runs: list[dict[str, Any]] = []
        self._fonts = fonts

    def set_text_matrix(self, *_matrix: float) -> None:
        """Where the line stands is told when it is printed."""

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        from weasyprint.pdf.fonts import Font
        from weasyprint.text.fonts import get_pango_font_key

        key, description, size = get_pango_font_key(pango_font)
        if (key, size) not in self._fonts:
            self._fonts[key, size] = Font(pango_font, description, size)
        font = _fresh(self._fonts[key, size])
        self.runs.append({"key": key, "size": size, "font": font, "steps": []})
        return font, size

    def set_font_size(self, name: str, size: float) -> None:
        self.runs[-1]["tf"] = (name, size)

    def show_text(self, text: str) -> None:
        if self.runs:
            self.runs[-1]["steps"].append(("show_text", text))

    def set_text_rise(self, rise: float) -> None:
        self.runs[-1]["steps"].append(("set_text_rise", rise))


def _fresh(font: Any) -> Any:
    """A font as it is before anything was printed with it."""
    found = copy.copy(font)
    found.widths, found.to_unicode, found.missing = {}, {}, {}
    found.variations = dict(font.variations)
    return found


def keep_glyphs(text_key: Callable[[Any], Hashable | None]) -> None:
    """Keep the operators that print a line, by text and style."""
    from weasyprint import draw
    from weasyprint.draw import text as drawing
    from weasyprint.matrix import Matrix

    kept = Kept()
    fonts: dict[Hashable, Any] = {}
    draw_text = drawing.draw_text

    def recorded(textbox: Any) -> tuple[_Run, ...] | None:
        """What prints a line, or None where only WeasyPrint itself can."""
        recorder = _Recorder(fonts)
        textbox.pango_layout.reactivate(textbox.style)
        emojis = drawing.draw_first_line(recorder, textbox, "clip", "none", Matrix())
        textbox.pango_layout.deactivate()
        if emojis or any(run["font"].missing or run["font"].bitmap for run in recorder.runs):
            return None
        return tuple(_Run(**{**run, "steps": tuple(run["steps"])}) for run in recorder.runs)

    def draw_kept(
        stream: Any, textbox: Any, offset_x: Any, text_overflow: Any, block_ellipsis: Any
    ) -> None:
        style = textbox.style
        style_key = text_key(style)
        runs: Any = None
        if (
            style_key is not None
            and text_overflow == "clip"
            and block_ellipsis == "none"
            and style["visibility"] == "visible"
            and style["text_decoration_line"] == "none"
            and style["font_size"] > 1
            and textbox.text.strip()
        ):
            key = (textbox.pango_layout.text, style_key, textbox.pango_layout.justification_spacing)
            runs = kept.get(key, UNSEEN)
            if runs is UNSEEN:
                runs = kept[key] = recorded(textbox)
        if runs is None:
            draw_text(stream, textbox, offset_x, text_overflow, block_ellipsis)
            return
        stream.set_color(style["color"])
        stream.begin_text()
        stream.set_text_matrix(
            1, 0, 0, -1, textbox.position_x, textbox.position_y + textbox.baseline
        )
        for run in runs:
            _print_run(stream, run)
        stream.end_text()

    drawing.draw_text = draw.draw_text = draw_kept


def _print_run(stream: Any, run: _Run) -> None:
    font = stream._fonts.get(run.key)  # noqa: SLF001 - as the stream's own add_font does
    if font is None:
        font = stream._fonts[run.key] = _fresh(run.font)  # noqa: SLF001
    stream.set_font_size(*run.tf)
    for glyph, letters in run.font.to_unicode.items():
        font.to_unicode.setdefault(glyph, letters)
    for glyph, width in run.font.widths.items():
        font.widths.setdefault(glyph, width)
    for step, value in run.steps:
        getattr(stream, step)(value)
