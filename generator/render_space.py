"""How much room to write an answer gets on paper, and how options share a line.

What stands here is the least that suffices: pages break by it, so that they are few. The spaces of a page
then grow into the room that it leaves (`templates.page_fill`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.answers.base import Key
from templates.printed_size import printed_width

LINE_MM = 7.2
"""Height of a ruled line, as in the style sheet."""

COLUMNS = ((4, 5.2), (2, 14.0))
"""So many columns of options, if none is wider than so many em; else one column."""

_MM_BASE = 11.0
_MM_A_POINT = 7.0
_MM_A_MATRIX_ROW = 5.0
_MM_TALLEST = 80.0
# No space is so tall that it and its question do not share a page.
_MM_PAGE = 190.0


@dataclass(frozen=True)
class Space:
    """Room for one answer: `lines` ruled lines for words, else a frame of `height` millimetres.

    A frame for a result of one line has a place for it at its lower right.
    """

    height: float
    lines: int = 0
    answer_line: bool = False


def space_for(key: Key, points: float, scale: float = 1.0, extra: float = 1.0) -> Space:
    """Size the space for an answer by what it is and by its points.

    Args:
        key: the right answer, of which only the form counts.
        points: of the part; a point is about a minute of writing.
        scale: of the type; who reads large print writes large.
        extra: how many times the usual room this student gets.
    """
    if key.type in ("text", "code"):
        lines = math.ceil(int(getattr(key, "lines", 4)) * extra)
        return Space(height=lines * LINE_MM * scale, lines=lines)
    one_line = key.type != "matrix" or getattr(key, "vector", False)
    height = _MM_BASE + _MM_A_POINT * points
    if not one_line:
        height += _MM_A_MATRIX_ROW * len(getattr(key, "value", ()))
    # Half of what the type grows by is enough: frames grow with the page.
    height = min(height, _MM_TALLEST) * (1 + scale) / 2 * extra
    return Space(height=min(round(height, 1), _MM_PAGE), answer_line=one_line)


def option_columns(options: Sequence[str], scale: float = 1.0) -> int:
    """Choose one, two or four columns for options (Markdown), so that none is broken.

    Args:
        options: their texts.
        scale: of the type: larger type, fewer columns.
    """
    if any("\n\n" in option or "```" in option or "$$" in option for option in options):
        return 1
    widest = max(printed_width(option) for option in options) * scale
    fitting = [columns for columns, width in COLUMNS if widest <= width]
    return fitting[0] if fitting and len(options) > 2 else 1
