"""The neutral view of a form: what is asked, and what is right, without any format in mind.

Texts are Markdown with formulas. A question has parts; a part asks for one of three things: options to
check, fields to fill in (numbers, or letters from a menu), or a text that a person reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from generator.exam import Form, FormQuestion, FormSection
from generator.export.fields import fields_for
from generator.export.responses import Choice, Fields, Misstep, Option, Person, Response
from generator.paper import Paper
from generator.render_words import WORDS
from generator.sheet import BANK_LANGUAGE
from question_bank.answers import answer_type
from question_bank.answers.code import CodeKey
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.answers.text import TextKey
from question_bank.schema import Mistake
from question_bank.variant import FigureCall, Part
from templates.figures import draw
from templates.richtext import to_terminal

# For a formula, or a set: what goes onto a line and the way to it.
_FEW_LINES = 3


@dataclass(frozen=True)
class Figure:
    """A picture (SVG) with its alternative text; the name of its file says nothing about it."""

    name: str
    svg: str
    alt: str


@dataclass(frozen=True)
class ViewPart:
    """One answer: `label` is the printed one ("4b", or "4"), `letter` its last sign ("b", or "")."""

    label: str
    letter: str
    points: Fraction
    text: str
    figure: Figure | None
    response: Response
    solution: str
    rubric: tuple[tuple[Fraction, str], ...]
    carried: bool


@dataclass(frozen=True)
class ViewQuestion:
    """A question under its printed number."""

    number: int
    id: str
    title: str
    shown_title: str
    points: Fraction
    text: str
    figure: Figure | None
    parts: tuple[ViewPart, ...]
    solution: str


@dataclass(frozen=True)
class ViewSection:
    """A section with its questions in printed order."""

    title: str
    questions: tuple[ViewQuestion, ...]


@dataclass(frozen=True)
class View:
    """One form of an exam.

    `name` is that of the blueprint, and `tag` eight digits made from what is printed: together they name
    the form in other systems, where students may see it. The exam's seed is in neither. `extra_minutes`, `large_print` and
    `extra_space` are those of the student whose form it is, as on paper.
    """

    name: str
    tag: str
    title: str
    course: str
    label: str
    language: Literal["en", "de"]
    minutes: float
    points: Fraction
    sections: tuple[ViewSection, ...]
    extra_minutes: int = 0
    large_print: bool = False
    extra_space: float = 1.0

    @property
    def time(self) -> float:
        """Return the minutes of whom the form is for."""
        return self.minutes + self.extra_minutes

    @property
    def foreign(self) -> str:
        """Return the language of the questions where it is not the form's, else nothing."""
        return "" if self.language == BANK_LANGUAGE else BANK_LANGUAGE

    @property
    def questions(self) -> tuple[ViewQuestion, ...]:
        """Return all questions in printed order."""
        return tuple(question for section in self.sections for question in section.questions)

    def figures(self) -> Mapping[str, Figure]:
        """Return the figures by the names of their files."""
        found = [figure for question in self.questions for figure in figures_of(question)]
        return {figure.name: figure for figure in found}


def figures_of(question: ViewQuestion) -> Iterator[Figure]:
    """Yield the figures of a question and its parts."""
    for figure in (question.figure, *(part.figure for part in question.parts)):
        if figure is not None:
            yield figure


def view(form: Form, paper: Paper | None = None) -> View:
    """Return the neutral view of a form.

    Args:
        form: what is asked.
        paper: whose form it is, with what was granted to them.

    Raises:
        FigureError: a figure cannot be drawn.
    """
    sections = tuple(
        ViewSection(
            section.title, tuple(_question(q, section, form.language) for q in section.questions)
        )
        for section in form.sections
    )
    return View(
        name=form.assignment.removesuffix(f"-{form.seed}"),
        tag=_tag(sections),
        title=form.title,
        course=form.course,
        label=form.label,
        language=form.language,
        minutes=form.minutes,
        points=Fraction(form.total_points),
        sections=sections,
        extra_minutes=paper.extra_minutes if paper else 0,
        large_print=paper is not None and paper.large_print,
        extra_space=paper.extra_space if paper else 1.0,
    )


def _tag(sections: Sequence[ViewSection]) -> str:
    printed = [
        text
        for section in sections
        for question in section.questions
        for text in (question.text, *(part.text for part in question.parts))
    ]
    return hashlib.sha256("\n".join(printed).encode()).hexdigest()[:8]


def _question(question: FormQuestion, section: FormSection, language: str) -> ViewQuestion:
    variant = question.variant
    return ViewQuestion(
        number=question.number,
        id=variant.question_id,
        title=variant.title,
        # On paper, long questions alone carry their title: that of a short one may help to answer it.
        shown_title=variant.title if section.kind == "long" else "",
        points=Fraction(variant.points),
        text=variant.text,
        figure=_figure(variant.figure),
        parts=tuple(
            _part(f"{question.number}{part.label}", part, variant.mistakes, language)
            for part in variant.parts
        ),
        solution=variant.solution,
    )


def _part(label: str, part: Part, mistakes: Mapping[str, Mistake], language: str) -> ViewPart:
    return ViewPart(
        label=label,
        letter=part.label,
        points=Fraction(part.points),
        text=part.text,
        figure=_figure(part.figure),
        response=_response(part, mistakes, language),
        solution=part.solution,
        rubric=tuple((Fraction(line.points), line.earns) for line in part.rubric),
        carried=bool(part.carry),
    )


def _response(part: Part, mistakes: Mapping[str, Mistake], language: str) -> Response:
    key = part.answer
    if isinstance(key, MultipleChoiceKey):
        return _choice(key, language)
    fields = fields_for(key)
    if fields is None:
        return Person(
            kind=key.type,
            expected=answer_type(key.type).render(key),
            lines=key.lines if isinstance(key, (CodeKey, TextKey)) else _FEW_LINES,
        )
    missteps = []
    for mistake in part.mistakes:
        made = fields_for(mistake.answer)
        # What leads to another number of entries cannot be typed into the fields.
        if isinstance(made, Fields) and len(made.fields) == len(fields.fields):
            credit = (
                Fraction(mistakes[mistake.name].credit) if mistake.name in mistakes else Fraction(0)
            )
            missteps.append(Misstep(mistake.name, mistake.why, credit, made.fields))
    return fields.with_missteps(tuple(missteps))


def _choice(key: MultipleChoiceKey, language: str) -> Choice:
    options = tuple(
        Option(letter, option.text, option.correct, option.why or "")
        for letter, option in zip(key.letters, key.options, strict=True)
    )
    words = WORDS[language]
    none = Option("none", words.none_of_these, not key.right, "")
    return Choice((*options, none), key.scheme, words.scored.get(key.scheme, ""))


def _figure(call: FigureCall | None) -> Figure | None:
    if call is None:
        return None
    svg = draw(call.name, call.args)
    digest = hashlib.sha256(svg.encode()).hexdigest()[:20]
    return Figure(f"figure-{digest}.svg", svg, to_terminal(call.alt).strip())
