"""What a paper shows, as plain data: all that a template may see of a form.

The sheet of an exam holds no key at all: a template cannot print, hide or mark what it does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generator.exam import Form, FormQuestion, FormSection
from generator.render_space import Space, option_columns, space_for
from generator.render_words import WORDS, Words
from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.variant import FigureCall, Part
from templates.figures import draw
from templates.pdf import figure_address
from templates.richtext import to_terminal

SOLUTION_COLOR = "#a3161a"


@dataclass(frozen=True)
class SheetFigure:
    """A picture by its address, with its alternative text."""

    address: str
    alt: str


@dataclass(frozen=True)
class Why:
    """An option in the solutions: whether it is right, and why."""

    letter: str
    right: bool
    text: str


@dataclass(frozen=True)
class RubricEntry:
    """Points, and what earns them (Markdown)."""

    points: float
    earns: str


@dataclass(frozen=True)
class MistakeEntry:
    """A named mistake: the value that it leads to (Markdown, or empty) and why it is one."""

    value: str
    why: str


@dataclass(frozen=True)
class Solution:
    """What the solutions add to a question or a part; texts are Markdown."""

    text: str
    answer: str = ""
    options: tuple[Why, ...] = ()
    rubric: tuple[RubricEntry, ...] = ()
    mistakes: tuple[MistakeEntry, ...] = ()


@dataclass(frozen=True)
class SheetOption:
    """A box with its option; the last one, `none of these`, has no letter."""

    letter: str
    text: str
    right: bool = False


@dataclass(frozen=True)
class SheetPart:
    """One answer: what is asked (Markdown), and the room to write it."""

    label: str
    text: str
    points: float
    figure: SheetFigure | None
    space: Space
    solution: Solution | None


@dataclass(frozen=True)
class SheetQuestion:
    """A question under its printed number; `text` and options are Markdown."""

    number: int
    title: str
    points: float
    show_points: bool
    text: str
    figure: SheetFigure | None
    options: tuple[SheetOption, ...] = ()
    columns: int = 1
    parts: tuple[SheetPart, ...] = ()
    solution: Solution | None = None


@dataclass(frozen=True)
class SheetSection:
    """A part of the exam: its heading, a line on how it is marked, its questions."""

    title: str
    kind: str
    points: float
    intro: str
    questions: tuple[SheetQuestion, ...]


@dataclass(frozen=True)
class Problem:
    """A line of the table on page 1."""

    numbers: str
    title: str
    points: float


@dataclass(frozen=True)
class Sheet:
    """A paper: an exam, or (with `solutions`) the same paper with its solutions."""

    title: str
    document_title: str
    course: str
    label: str
    language: str
    minutes: float
    points: float
    solutions: bool
    instructions: tuple[str, ...]
    problems: tuple[Problem, ...]
    sections: tuple[SheetSection, ...]
    figures: Mapping[str, str] = field(repr=False)
    color: str = SOLUTION_COLOR

    @property
    def has_boxes(self) -> bool:
        """Return whether any question is answered by marking boxes."""
        return any(section.kind == "multiple_choice" for section in self.sections)


def build_sheet(form: Form, *, solutions: bool) -> Sheet:
    """Gather what the paper shows.

    Raises:
        InputError: a figure cannot be drawn.
    """
    builder = _Builder(WORDS[form.language], solutions)
    sections = tuple(builder.section(section) for section in form.sections)
    title = f"{form.course}: {form.title}, {builder.words.form} {form.label}"
    return Sheet(
        title=form.title,
        document_title=f"{title}, {builder.words.solutions}" if solutions else title,
        course=form.course,
        label=form.label,
        language=form.language,
        minutes=form.minutes,
        points=form.total_points,
        solutions=solutions,
        instructions=_instructions(form, builder.words),
        problems=_problems(form),
        sections=sections,
        figures=builder.figures,
    )


@dataclass(frozen=True)
class _Builder:
    words: Words
    solutions: bool
    figures: dict[str, str] = field(default_factory=dict)

    def section(self, section: FormSection) -> SheetSection:
        each = {question.points for question in section.questions}
        same = section.kind == "multiple_choice" and len(each) == 1
        return SheetSection(
            title=section.title,
            kind=section.kind,
            points=section.points,
            intro=self._intro(section, each),
            questions=tuple(self._question(q, not same) for q in section.questions),
        )

    def _intro(self, section: FormSection, each: set[float]) -> str:
        if section.kind != "multiple_choice":
            return ""
        intro = self.words.multiple_choice_intro
        if len(each) == 1 and all(_all_or_nothing(question) for question in section.questions):
            points = self.words.points(*each)
            intro += " " + self.words.multiple_choice_each.format(points=points)
        return intro

    def _question(self, question: FormQuestion, show_points: bool) -> SheetQuestion:
        variant = question.variant
        sheet = SheetQuestion(
            number=question.number,
            title=variant.title,
            points=variant.points,
            show_points=show_points,
            text=variant.text,
            figure=self._figure(variant.figure),
        )
        first = variant.parts[0]
        if isinstance(first.answer, MultipleChoiceKey):
            return self._with_options(sheet, first, first.answer, variant.solution)
        whole = variant.solution.strip()
        if len(variant.parts) == 1:
            return replace(sheet, parts=(self._part(first, whole),))
        return replace(
            sheet,
            parts=tuple(self._part(part) for part in variant.parts),
            solution=Solution(whole) if self.solutions and whole else None,
        )

    def _with_options(
        self, sheet: SheetQuestion, part: Part, key: MultipleChoiceKey, text: str
    ) -> SheetQuestion:
        shown = tuple(
            SheetOption(letter, option.text, self.solutions and option.correct)
            for letter, option in zip(key.letters, key.options, strict=True)
        )
        none = SheetOption("", self.words.none_of_these, self.solutions and not key.right)
        solution = None
        if self.solutions:
            whys = tuple(
                Why(letter, option.correct, option.why or "")
                for letter, option in zip(key.letters, key.options, strict=True)
            )
            solution = Solution("\n\n".join(filter(None, [part.solution, text])), options=whys)
        return replace(
            sheet,
            text="\n\n".join(filter(None, [sheet.text, part.text, self._scored(key)])),
            figure=sheet.figure or self._figure(part.figure),
            options=(*shown, none),
            columns=option_columns([option.text for option in key.options]),
            solution=solution,
        )

    def _scored(self, key: MultipleChoiceKey) -> str:
        """How the boxes count, where it is not as the cover says."""
        return f"*{self.words.scored[key.scheme]}*" if key.scheme in self.words.scored else ""

    def _part(self, part: Part, whole: str = "") -> SheetPart:
        return SheetPart(
            label=part.label,
            text=part.text,
            points=part.points,
            figure=self._figure(part.figure),
            space=space_for(part.answer, part.points),
            solution=self._worked(part, whole) if self.solutions else None,
        )

    def _worked(self, part: Part, whole: str) -> Solution:
        return Solution(
            text="\n\n".join(filter(None, [part.solution, whole])),
            answer=answer_type(part.answer.type).render(part.answer),
            rubric=tuple(RubricEntry(line.points, line.earns) for line in part.rubric),
            mistakes=tuple(
                MistakeEntry(answer_type(mistake.answer.type).render(mistake.answer), mistake.why)
                for mistake in part.mistakes
            ),
        )

    def _figure(self, call: FigureCall | None) -> SheetFigure | None:
        if call is None:
            return None
        svg = draw(call.name, call.args)
        address = figure_address(svg)
        self.figures[address] = svg
        return SheetFigure(address, to_terminal(call.alt))


def _all_or_nothing(question: FormQuestion) -> bool:
    key = question.variant.parts[0].answer
    return isinstance(key, MultipleChoiceKey) and key.scheme == "all_or_nothing"


def _problems(form: Form) -> tuple[Problem, ...]:
    lines: list[Problem] = []
    for section in form.sections:
        if not section.questions:
            continue
        if section.kind == "long":
            lines.extend(
                Problem(str(q.number), q.variant.title, q.points) for q in section.questions
            )
            continue
        first, last = section.questions[0].number, section.questions[-1].number
        numbers = str(first) if first == last else f"{first}–{last}"
        lines.append(Problem(numbers, section.title, section.points))
    return tuple(lines)


def _instructions(form: Form, words: Words) -> tuple[str, ...]:
    lines = [words.no_aids, words.pen, words.space]
    if form.minutes == form.total_points:
        lines.insert(0, words.one_point_one_minute)
    asked = [
        question
        for section in form.sections
        if section.kind == "multiple_choice"
        for question in section.questions
    ]
    if asked:
        points = {question.points for question in asked if _all_or_nothing(question)}
        said = [words.multiple_choice]
        if points:
            worth = words.points(*points) if len(points) == 1 else words.point_many
            said.append(words.boxes_points.format(points=worth))
        if not all(_all_or_nothing(question) for question in asked):
            said.append(words.boxes_differ)
        lines.append(" ".join([*said, words.none_box]))
    return tuple(lines)
