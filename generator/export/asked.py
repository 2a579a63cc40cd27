"""What a system shows for one part: the text above it, its own text, and how to write the answer."""

from __future__ import annotations

from collections.abc import Callable

from generator.export.hypertext import escape
from generator.export.responses import Choice, Fields, MenuField, Person
from generator.export.view import Figure, ViewPart, ViewQuestion
from generator.export.words import EXPORT_WORDS
from generator.render_words import WORDS

Picture = Callable[[Figure], str]
Render = Callable[[str], str]


def text_of(
    question: ViewQuestion,
    part: ViewPart,
    language: str,
    render: Render,
    picture: Picture,
) -> str:
    """Return the text of one part with what stands above it, as XHTML, for a system that shares out points.

    Args:
        question: the question that the part belongs to.
        part: the part.
        language: of the paper.
        render: turns Markdown into XHTML.
        picture: turns a figure into XHTML.
    """
    pieces = [f"<p><strong>{render_title(question)}</strong></p>"] if question.shown_title else []
    pieces.append(render(question.text))
    if question.figure is not None:
        pieces.append(picture(question.figure))
    own = part.text
    if part.letter:
        own = f"**{part.letter})** {own}"
    if own:
        pieces.append(render(own))
    if part.figure is not None:
        pieces.append(picture(part.figure))
    pieces.append(_hint(part, language, render))
    return "\n".join(piece.strip() for piece in pieces if piece)


def render_title(question: ViewQuestion) -> str:
    """Return the printed title of a long question as XHTML."""
    return f"{question.number} {escape(question.shown_title)}"


def _hint(part: ViewPart, language: str, render: Render) -> str:
    """Say how to answer, in one or two sentences of XHTML; nothing of it depends on the key."""
    match part.response:
        case Choice() as choice:
            return render(choice_hint(choice, part, language, kept=False))
        case Fields() as fields:
            said = fields_hint(fields, language, one_line=True)
            return f"<p><em>{escape(said)}</em></p>" if said else ""
        case Person():
            return ""


def choice_hint(choice: Choice, part: ViewPart, language: str, *, kept: bool) -> str:
    """Say how options are checked and counted, as Markdown.

    With `kept`, the system counts as the exam does. Else one sentence stands on every question, and holds
    however many options are right: what only some questions said would tell how many those are.
    """
    words = WORDS[language]
    # Emphasis within emphasis would not be seen: the name of the box is bold.
    said = words.multiple_choice_intro.format(none=f"*{words.none_of_these}*")
    if not kept:
        said += f" {EXPORT_WORDS[language].shares}"
    elif choice.scored:
        said += f" {choice.scored}"
    else:
        points = words.points(float(part.points))
        said += " " + words.multiple_choice_each.partition(": ")[2].format(points=points)
    return f"*{said}*"


def fields_hint(fields: Fields, language: str, *, one_line: bool = False) -> str:
    """Say how numbers are typed, as plain text; with `one_line`, the axes of a shape together."""
    words = EXPORT_WORDS[language]
    if isinstance(fields.fields[0], MenuField):
        return ""
    if one_line and fields.on_one_line is not None:
        # Whatever the key holds, the example is the same.
        said = [words.like.format("4x5")]
    else:
        said = [words.decimals]
        said.append(words.rounded if fields.digits is None else words.digits.format(fields.digits))
    if fields.entries:
        said.append(words.entries.format(fields.entries))
    if fields.unit:
        said.append(words.unit.format(fields.unit))
    return " ".join(said)


def field_names(fields: Fields, language: str) -> tuple[str, ...]:
    """Return what stands beside each field; nothing where there is one alone."""
    words = EXPORT_WORDS[language]
    if len(fields.fields) == 1:
        return ("",)
    found = []
    rows = len(fields.fields) // fields.columns
    for place, field in enumerate(fields.fields):
        if isinstance(field, MenuField):
            found.append(field.item or words.place.format(place + 1))
        elif rows > 1 and fields.columns > 1:
            row, column = divmod(place, fields.columns)
            found.append(words.cell.format(row + 1, column + 1))
        else:
            found.append(words.entry.format(place + 1))
    return tuple(found)
