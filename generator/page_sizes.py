"""How tall a form's questions are on paper, estimated in usual print: lengths of the style sheet, lines by their widths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.exam import Form
from generator.page_plan import Block, Sizes
from generator.render_sheet import build_sheet
from generator.render_space import LINE_MM, Space
from generator.sheet import SheetPart, SheetQuestion, SheetSection
from templates.page_fill import MOST
from templates.printed_size import printed_height

_EM = 10.5 * 25.4 / 72
_MEASURE = 40.2  # em: what is asked; an option has its letter beside it
_LETTER = 1.6
_FIGURE_AROUND = 1.2  # em
_OPTIONS_ABOVE, _OPTION_ABOVE = 0.5, 0.28
_SPACE_ABOVE, _RULED_ABOVE = 0.54, 0.27
_TITLE = 1.095 * 1.35 + 0.54
_HEADING = 1.238 * 1.2 + 0.38
_INTRO_ABOVE, _BELOW_HEADING = 0.5, 1.5
_ABOVE_SECTION = 1.8
_ABOVE_QUESTION: Mapping[str, float] = {"multiple_choice": 1.3, "short": 1.3, "long": 1.8}
_ABOVE_PART = 0.9


def sizes_of(form: Form) -> Sizes:
    """Estimate the sizes of a form's questions, whatever their order."""
    sheet = build_sheet(form, solutions=False)
    names = {question.number: question.variant.question_id for question in form.questions}
    return Sizes(
        tuple(map(_heading, sheet.sections)),
        {
            names[question.number]: tuple(_blocks(question, section.kind))
            for section in sheet.sections
            for question in section.questions
        },
    )


def _heading(section: SheetSection) -> Block:
    height = _HEADING + _BELOW_HEADING
    if section.intro:
        height += _INTRO_ABOVE + printed_height(section.intro, _MEASURE)
    return Block(height * _EM, _ABOVE_SECTION * _EM)


def _blocks(question: SheetQuestion, kind: str) -> Iterator[Block]:
    above = _ABOVE_QUESTION[kind] * _EM
    asked = _text(question.text) + _figure(question)
    if kind == "long":
        asked += _TITLE * _EM
    if question.options:
        yield Block(asked + _options(question), above)
        return
    first, *others = question.parts
    gap = _ABOVE_PART * _EM if first.label else 0.0
    height, stretch = _part(first)
    yield Block(asked + gap + height, above, stretch)
    for part in others:
        height, stretch = _part(part)
        yield Block(height, _ABOVE_PART * _EM, stretch)


def _part(part: SheetPart) -> tuple[float, float]:
    """The height of a part, and how far its space may grow."""
    text = _text(part.text)
    if part.beside and part.figure is not None:
        height = max(part.space.height, part.figure.height) + _SPACE_ABOVE * _EM
        return text + height, height * MOST["frame"]
    height, stretch = _space(part.space)
    return text + _figure(part) + height, stretch


def _space(space: Space) -> tuple[float, float]:
    if space.lines:
        ruled = space.lines * LINE_MM
        return ruled + (_SPACE_ABOVE + _RULED_ABOVE) * _EM, ruled * MOST["ruled"]
    return space.height + _SPACE_ABOVE * _EM, space.height * MOST["frame"]


def _options(question: SheetQuestion) -> float:
    texts = [option.text for option in question.options if option.letter]
    measure = _MEASURE / question.columns - _LETTER
    heights = [printed_height(text, measure) for text in texts]
    rows = [
        max(heights[start : start + question.columns])
        for start in range(0, len(heights), question.columns)
    ]
    return (_OPTIONS_ABOVE + sum(rows) + _OPTION_ABOVE * (len(rows) - 1)) * _EM


def _text(text: str) -> float:
    return printed_height(text, _MEASURE) * _EM if text else 0.0


def _figure(holder: SheetQuestion | SheetPart) -> float:
    return holder.figure.height + _FIGURE_AROUND * _EM if holder.figure else 0.0
