"""A form as one page of HTML for students: printable, without a key, without a request to the outside.

What the template sees is gathered here into plain data that holds no key at all, so that nothing of it
can be printed, hidden or left in a comment.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from generator.export.losses import Loss
from generator.export.page_fonts import font_faces
from generator.export.responses import Choice, Person
from generator.export.view import Figure, View, ViewPart, ViewQuestion
from generator.render_words import WORDS, Words
from templates.environment import FOLDER, environment

# Lines of 8 mm for each point, where a way to the answer is to be written down.
_LINES_PER_POINT = 2
_FEWEST_LINES, _MOST_LINES = 3, 16


@dataclass(frozen=True)
class PaperFigure:
    """A picture as an address that holds it, with its alternative text."""

    address: str
    alt: str


@dataclass(frozen=True)
class PaperPart:
    """What is asked under one label: boxes to check, or lines to write on."""

    letter: str
    text: str
    points: str
    figure: PaperFigure | None
    options: tuple[tuple[str, str], ...]
    lines: int
    note: str


@dataclass(frozen=True)
class PaperQuestion:
    """A question under its printed number."""

    number: int
    title: str
    points: str
    text: str
    figure: PaperFigure | None
    parts: tuple[PaperPart, ...]


@dataclass(frozen=True)
class PaperSection:
    """A section with the range of its numbers, for the table of problems."""

    title: str
    numbers: str
    points: float
    questions: tuple[PaperQuestion, ...]


@dataclass(frozen=True)
class Paper:
    """All that the page shows."""

    title: str
    course: str
    label: str
    language: str
    foreign: str
    large: bool
    frame: str
    points: str
    instructions: tuple[str, ...]
    sections: tuple[PaperSection, ...]


def html_page(views: Sequence[View]) -> tuple[bytes, list[Loss]]:
    """Write one form as a page of HTML. Returns the page; as a paper it loses nothing."""
    (view,) = views
    words = WORDS[view.language]
    style = (FOLDER / "export" / "paper.css").read_text(encoding="utf-8")
    template = environment().get_template("export/paper.html")
    page = template.render(paper=_paper(view, words), words=words, style=style, fonts="@FONTS@")
    return page.replace("@FONTS@", font_faces(page)).encode(), []


def _paper(view: View, words: Words) -> Paper:
    return Paper(
        title=view.title,
        course=view.course,
        label=view.label,
        language=view.language,
        foreign=view.foreign,
        large=view.large_print,
        frame=words.frame(view.minutes, view.extra_minutes, float(view.points)),
        points=words.number(float(view.points)),
        instructions=tuple(_instructions(view, words)),
        sections=tuple(
            PaperSection(
                title=section.title,
                numbers=_numbers(section.questions),
                points=float(sum(question.points for question in section.questions)),
                questions=tuple(
                    _question(question, words, view.extra_space) for question in section.questions
                ),
            )
            for section in view.sections
            if section.questions
        ),
    )


def _instructions(view: View, words: Words) -> Iterator[str]:
    if Fraction(view.time) == view.points:
        yield words.one_point_one_minute
    yield words.no_aids
    choices = [
        (part.response, part.points)
        for question in view.questions
        for part in question.parts
        if isinstance(part.response, Choice)
    ]
    if choices:
        said = [words.multiple_choice]
        points = {points for choice, points in choices if choice.scheme == "all_or_nothing"}
        if points:
            worth = words.points(float(*points)) if len(points) == 1 else words.point_many
            said.append(words.boxes_points.format(points=worth))
        if any(choice.scheme != "all_or_nothing" for choice, _ in choices):
            said.append(words.boxes_differ)
        yield " ".join([*said, words.none_box.format(none=f"*{words.none_of_these}*")])


def _numbers(questions: Sequence[ViewQuestion]) -> str:
    first, last = questions[0].number, questions[-1].number
    return str(first) if first == last else f"{first}–{last}"


def _question(question: ViewQuestion, words: Words, extra_space: float) -> PaperQuestion:
    return PaperQuestion(
        number=question.number,
        title=question.shown_title,
        points=words.points(float(question.points)),
        text=question.text,
        figure=_figure(question.figure),
        parts=tuple(_part(part, words, extra_space) for part in question.parts),
    )


def _part(part: ViewPart, words: Words, extra_space: float) -> PaperPart:
    response = part.response
    options: tuple[tuple[str, str], ...] = ()
    lines, note = 0, ""
    if isinstance(response, Choice):
        options = tuple(
            ("" if option.letter == "none" else option.letter, option.text)
            for option in response.options
        )
        note = response.scored
    else:
        wanted = response.lines if isinstance(response, Person) else 0
        by_points = int(part.points * _LINES_PER_POINT)
        lines = ceil(min(max(wanted, by_points, _FEWEST_LINES), _MOST_LINES) * extra_space)
    return PaperPart(
        letter=part.letter,
        text=part.text,
        points=words.points(float(part.points)),
        figure=_figure(part.figure),
        options=options,
        lines=lines,
        note=note,
    )


def _figure(figure: Figure | None) -> PaperFigure | None:
    if figure is None:
        return None
    data = base64.b64encode(figure.svg.encode()).decode()
    return PaperFigure(f"data:image/svg+xml;base64,{data}", figure.alt)
