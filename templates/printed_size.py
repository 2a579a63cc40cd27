"""How much room rich text takes in print, estimated without laying it out: formulas as drawn, letters on average.

All lengths are in em of the text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markdown_it.token import Token

from templates import mathematics
from templates.dollar_mathematics import DISPLAY, INLINE
from templates.inline_fractions import legible
from templates.richtext import air_around, parsed, printed_rows

LINE = 1.42
"""Height of a line, as in the style sheet."""

# Mean advance of the letters of an English text in STIX Two Text, and of JetBrains Mono as set in code.
_LETTER = 0.46
_CODE_LETTER = 0.51
# Added to the measure: letters are counted a little too wide, and a line ends before its end.
_SLACK = 0.6
# Between paragraphs; around a displayed formula; a line of code, of a table, and what stands around both.
_BETWEEN = 0.43
_AROUND_DISPLAY = 1.0
_CODE_LINE, _AROUND_CODE = 1.19, 1.86
_TABLE_LINE, _AROUND_TABLE = 1.74, 1.08
# A formula in a line may be so tall before the line grows; taller ones get air.
_FITS, _AIR = 1.2, 0.28
_LIST_INDENT = 1.5


def printed_width(text: str) -> float:
    """Estimate how wide a text prints on one line. Raises MathError, ValueError as `to_print` does."""
    return sum(_width(block.children or [block]) for block in parsed(text))


def printed_reach(text: str) -> tuple[float, float]:
    """How far the formulas of a text in one line reach above and below its baseline, with the air around them.

    Errors as in `printed_width`.
    """
    above = below = 0.0
    for block in parsed(text):
        for token in block.children or ():
            if token.type == INLINE:
                formula = mathematics.svg(legible(token.content), display=False)
                air = air_around(formula.height)
                above = max(above, formula.height - formula.depth + air)
                below = max(below, formula.depth + air)
    return above, below


def printed_height(text: str, measure: float, line: float = LINE) -> float:
    """Estimate how tall a text prints in lines of a measure, each `line` high. Errors as in `printed_width`."""
    height, blocks, indent, in_table = 0.0, 0, 0.0, False
    for token in parsed(text):
        added = 0.0
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            indent += _LIST_INDENT
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            indent -= _LIST_INDENT
        elif token.type == "table_open":
            in_table, added = True, _AROUND_TABLE
        elif token.type == "table_close":
            in_table = False
        elif token.type == "tr_open":
            height += _TABLE_LINE
        elif token.type == "fence":
            added = _CODE_LINE * len(token.content.rstrip("\n").split("\n")) + _AROUND_CODE
        elif token.type == DISPLAY:
            added = _display(token, measure - indent)
        elif token.type == "inline" and not in_table:
            added = _paragraph(token.children or [], measure - indent, line)
        if added:
            height += added
            blocks += not indent
    return height + _BETWEEN * max(blocks - 1, 0)


def _paragraph(tokens: Sequence[Token], measure: float, line: float) -> float:
    displayed = [token for token in tokens if token.type == DISPLAY]
    inline = [token for token in tokens if token.type != DISPLAY]
    lines = math.ceil(_width(inline) / (measure + _SLACK))
    tall = [max(0.0, h + _AIR - _FITS) for h in map(_formula_height, inline) if h > _FITS + _AIR]
    grown = sum(sorted(tall, reverse=True)[:lines])
    return lines * line + grown + sum(_display(token, measure) for token in displayed)


def _display(token: Token, measure: float) -> float:
    drawn = [mathematics.svg(row, display=True) for row in printed_rows(token.content)]
    lines = min(len(drawn), math.ceil(sum(each.width + 1.8 for each in drawn) / measure))
    return max(each.height for each in drawn) * lines + _AROUND_DISPLAY


def _formula_height(token: Token) -> float:
    if token.type != INLINE:
        return 0.0
    return mathematics.svg(legible(token.content), display=False).height


def _width(tokens: Sequence[Token]) -> float:
    width = 0.0
    for token in tokens:
        if token.type in {INLINE, DISPLAY}:
            shown = token.type == DISPLAY
            latex = token.content if shown else legible(token.content)
            width += mathematics.svg(latex, display=shown).width
        elif token.type == "code_inline":
            width += _CODE_LETTER * len(token.content)
        elif token.type in {"text", "softbreak", "hardbreak"}:
            width += _LETTER * max(len(token.content), 1)
    return width
