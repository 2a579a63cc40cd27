"""How tall questions are on paper, estimated without laying them out: lengths of the style sheets, lines by their widths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.page_plan import PAGE, Block
from generator.paper import Paper
from generator.render_space import Space
from generator.sheet import SheetPart, SheetQuestion, SheetSection
from templates.page_fill import MOST
from templates.printed_size import LINE, printed_height

_LETTER = 1.6
_FIGURE_AROUND = 1.2  # em
_OPTIONS_ABOVE, _OPTION_ABOVE = 0.5, 0.28
_SPACE_ABOVE, _RULED_ABOVE = 0.54, 0.27
_TITLE = 1.095 * 1.35 + 0.54
_HEADING = 1.238 * 1.2 + 0.38
_INTRO_ABOVE = 0.5
_ABOVE_SECTION = 1.8
_ABOVE_PART = 0.9


@dataclass(frozen=True)
class Print:
    """A style of print: the size of its type in millimetres, and lengths in em of it.

    `measure` is of what is asked, beside its points; `under` of what stands below. What is asked in a long question
    and its first part stay on one page where `joined`.
    """

    em: float
    line: float
    measure: float
    under: float
    below_heading: float
    above: Mapping[str, float]
    joined: bool

    def text(self, text: str) -> float:
        """The height of what is asked, in millimetres."""
        return printed_height(text, self.measure, self.line) * self.em if text else 0.0

    def figure(self, holder: SheetQuestion | SheetPart) -> float:
        """The height of a figure with what stands around it, in millimetres."""
        return holder.figure.height + _FIGURE_AROUND * self.em if holder.figure else 0.0


USUAL = Print(
    em=10.5 * 25.4 / 72,
    line=LINE,
    measure=40.2,
    under=40.2,
    below_heading=1.5,
    above={"multiple_choice": 1.3, "short": 1.3, "long": 1.8},
    joined=True,
)
LARGE = Print(
    em=16 * 25.4 / 72,
    line=1.36,
    measure=25.4,  # one em more than there is: letters are counted too wide, and short lines lose more by it
    under=28.4,
    below_heading=1.0,
    above={"multiple_choice": 1.0, "short": 1.0, "long": 1.0},
    joined=False,
)


def style_of(paper: Paper) -> Print:
    """The style of print of a paper."""
    return LARGE if paper.large_print else USUAL


def heading_of(section: SheetSection, style: Print) -> Block:
    """The heading of a section with the line below it."""
    height = _HEADING + style.below_heading
    if section.intro:
        height += _INTRO_ABOVE + printed_height(section.intro, style.under, style.line)
    return Block(height * style.em, _ABOVE_SECTION * style.em)


def blocks_of(question: SheetQuestion, kind: str, style: Print) -> tuple[Block, ...]:
    """What of a question in a section of a kind stays on one page."""
    blocks = tuple(_blocks(question, kind, style))
    return (_joined(blocks),) if question.whole else blocks


def fits_a_page(question: SheetQuestion, kind: str, style: Print) -> bool:
    """Whether a page can hold the question with all its parts."""
    return _joined(tuple(_blocks(question, kind, style))).height <= PAGE


def _joined(blocks: tuple[Block, ...]) -> Block:
    height = sum(block.height for block in blocks) + sum(block.gap for block in blocks[1:])
    return Block(height, blocks[0].gap, sum(block.stretch for block in blocks))


def _blocks(question: SheetQuestion, kind: str, style: Print) -> Iterator[Block]:
    above = style.above[kind] * style.em
    asked = style.text(question.text) + style.figure(question)
    if kind == "long":
        asked += _TITLE * style.em
    if question.options:
        yield Block(asked + _options(question, style), above)
        return
    first, *others = question.parts
    gap = _ABOVE_PART * style.em if first.label else 0.0
    height, stretch = _part(first, style)
    if style.joined or kind != "long":
        yield Block(asked + gap + height, above, stretch)
    else:
        yield Block(asked, above)
        yield Block(height, gap, stretch)
    for part in others:
        height, stretch = _part(part, style)
        yield Block(height, _ABOVE_PART * style.em, stretch)


def _part(part: SheetPart, style: Print) -> tuple[float, float]:
    """The height of a part, and how far its space may grow."""
    text = style.text(part.text)
    if part.beside and part.figure is not None:
        height = max(part.space.height, part.figure.height) + _SPACE_ABOVE * style.em
        return text + height, height * MOST["frame"]
    height, stretch = _space(part.space, style)
    return text + style.figure(part) + height, stretch


def _space(space: Space, style: Print) -> tuple[float, float]:
    if space.lines:
        above = (_SPACE_ABOVE + _RULED_ABOVE) * style.em
        return space.height + above, space.height * MOST["ruled"]
    return space.height + _SPACE_ABOVE * style.em, space.height * MOST["frame"]


def _options(question: SheetQuestion, style: Print) -> float:
    texts = [option.text for option in question.options if option.letter]
    measure = style.under / question.columns - _LETTER
    heights = [printed_height(text, measure, style.line) for text in texts]
    rows = [
        max(heights[start : start + question.columns])
        for start in range(0, len(heights), question.columns)
    ]
    return (_OPTIONS_ABOVE + sum(rows) + _OPTION_ABOVE * (len(rows) - 1)) * style.em
