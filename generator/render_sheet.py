"""Gathering what a paper shows: from a form to a `Sheet`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import lru_cache

from generator.exam import Form, FormQuestion, FormSection
from generator.paper import Paper, exam_code
from generator.paper_layout import FIRST_PAGE, answer_pages
from generator.printed_question import fits_a_page, style_of
from generator.render_cover import (
    LINES,
    LINES_LARGE,
    all_or_nothing,
    instructions,
    problems,
    where,
)
from generator.render_space import option_columns, space_for
from generator.render_words import WORDS, Words
from generator.said_once import without_repeats
from generator.sheet import (
    SOLUTION_COLOR,
    AnswerSheetPage,
    MistakeEntry,
    RubricEntry,
    Sheet,
    SheetFigure,
    SheetOption,
    SheetPart,
    SheetQuestion,
    SheetSection,
    Solution,
    Why,
)
from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.variant import FigureCall, Part
from templates import answer_sheet
from templates.figures import draw, in_twos
from templates.figures.drawing.picture import TEXT
from templates.figures.drawing.turned import turned
from templates.pdf import figure_address
from templates.printed_size import printed_reach
from templates.richtext import to_terminal

_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
_POINT = 25.4 / 72
# Millimetres: the measure of a question, in large print too, and how tall a figure gets in one of this kind.
_MEASURE = 149.0
_MEASURE_LARGE = 161.0
_TALLEST = {"long": 86.0}
_TALL = 66.0
# A tall figure takes more room rather than letters of which only two thirds are left.
_LEGIBLE = 0.8
# In large print its letters have 12 pt at least: it takes a page of its own, and lies on its side where it is too wide
# to stand. Millimetres: how tall it gets then.
_LEGIBLE_LARGE = 12 / TEXT
_TALLEST_LARGE = 212.0
# A figure this narrow, and not too flat, leaves room for the answer beside it; for a short one, less will do.
_BESIDE_WIDTH = 78.0
_BESIDE_WIDTH_SHORT = 92.0
_BESIDE_SHORT_POINTS = 3
_BESIDE_HEIGHT = 24.0
# A short question of at most so many points is not torn, however many parts it has: its last part
# would stand without what is given.
_WHOLE_POINTS = 4


def build_sheet(
    form: Form,
    *,
    solutions: bool,
    paper: Paper | None = None,
    exam_pages: Mapping[str, int] | None = None,
    exam_page_count: int = 0,
) -> Sheet:
    """Gather what the paper shows.

    Args:
        form: what is asked.
        solutions: with what answers it.
        paper: whose copy it is; without it, the form's own.
        exam_pages: for solutions: the pieces that begin a page of the exam, and which.
        exam_page_count: for solutions: how many pages the exam has.

    Raises:
        InputError: a figure cannot be drawn.
    """
    paper = paper or Paper(form.label)
    builder = _Builder(WORDS[form.language], solutions, paper)
    sheets = builder.answer_pages(form)
    sections = tuple(builder.section(section, len(sheets)) for section in form.sections)
    title = f"{form.course}: {form.title}, {builder.words.form} {paper.form}"
    return Sheet(
        title=form.title,
        document_title=f"{title}, {builder.words.solutions}" if solutions else title,
        course=form.course,
        label=paper.form,
        language=form.language,
        minutes=form.minutes,
        points=form.total_points,
        solutions=solutions,
        paper=paper,
        code=exam_code(form.assignment),
        answer_sheet=sheets,
        exam_pages=exam_pages or {},
        exam_page_count=exam_page_count,
        instructions=instructions(form, builder.words, paper, len(sheets)),
        problems=problems(form, LINES_LARGE if paper.large_print else LINES),
        sections=sections,
        figures=builder.figures,
    )


@dataclass(frozen=True)
class _Builder:
    words: Words
    solutions: bool
    paper: Paper
    figures: dict[str, str] = field(default_factory=dict)

    def section(self, section: FormSection, sheets: int) -> SheetSection:
        each = {question.points for question in section.questions}
        same = section.kind == "multiple_choice" and len(each) == 1
        return SheetSection(
            title=section.title,
            kind=section.kind,
            points=section.points,
            intro=self._intro(section, each, sheets),
            questions=tuple(self._question(q, not same) for q in section.questions),
        )

    def answer_pages(self, form: Form) -> tuple[AnswerSheetPage, ...]:
        """Draw the answer sheet; in solutions with the right boxes crossed."""
        words = self.words
        right: set[tuple[int, str]] = set()
        for question in form.questions if self.solutions else ():
            key = question.variant.parts[0].answer
            if isinstance(key, MultipleChoiceKey):
                right |= {
                    (question.number, letter)
                    for letter, option in zip(key.letters, key.options, strict=True)
                    if option.correct
                } or {(question.number, answer_sheet.NONE)}
        sheets = []
        for number, page in enumerate(answer_pages(form, self.paper), start=FIRST_PAGE):
            svg = answer_sheet.draw(
                page,
                none_word=words.none,
                digits_title=words.student_number,
                crossed=right,
                color=SOLUTION_COLOR,
            )
            address = figure_address(svg)
            self.figures[address] = svg
            sheets.append(AnswerSheetPage(number, address, self._answer_sheet_alt(page, right)))
        return tuple(sheets)

    def _answer_sheet_alt(
        self, page: answer_sheet.AnswerPage, right: AbstractSet[tuple[int, str]]
    ) -> str:
        words = self.words
        rows = []
        for row in page.rows:
            names = [*zip(row.letters, row.letters, strict=True), (answer_sheet.NONE, words.none)]
            said = [
                f"{name} ({words.box_right})" if (row.number, option) in right else name
                for option, name in names
            ]
            rows.append(words.answer_sheet_row.format(number=row.number, options=", ".join(said)))
        alt = words.answer_sheet_alt.format(rows="; ".join(rows)) + "."
        if page.digits:
            count = len({box.place for box in page.digits})
            alt += " " + words.digits_alt.format(count=count)
        return alt

    def _intro(self, section: FormSection, each: set[float], sheets: int) -> str:
        if section.kind != "multiple_choice":
            return ""
        intro = self.words.multiple_choice_intro.format(none=self.words.none)
        if len(each) == 1 and all(all_or_nothing(question) for question in section.questions):
            points = self.words.points(*each)
            intro += " " + self.words.multiple_choice_each.format(points=points)
        words = self.words
        return f"{intro} {where(words.multiple_choice_where, words.multiple_choice_where_many, sheets)}"

    def _question(self, question: FormQuestion, show_points: bool) -> SheetQuestion:
        variant = question.variant
        number = str(question.number)
        sheet = SheetQuestion(
            number=question.number,
            title=variant.title,
            points=variant.points,
            show_points=show_points,
            text=variant.text,
            figure=self._figure(variant.figure, variant.type),
        )
        first = variant.parts[0]
        if isinstance(first.answer, MultipleChoiceKey):
            return self._with_options(sheet, first, first.answer, variant.solution)
        whole = variant.solution.strip()
        if len(variant.parts) == 1:
            part = self._part(number, first, variant.type, whole)
            if sheet.figure and not part.figure and self._beside(sheet.figure, part):
                part = replace(part, figure=sheet.figure, beside=True)
                sheet = replace(sheet, figure=None)
            return replace(sheet, parts=(part,), whole=variant.type == "short")
        sheet = replace(
            sheet,
            parts=tuple(self._part(number, part, variant.type) for part in variant.parts),
            solution=Solution(whole) if self.solutions and whole else None,
        )
        small = variant.type == "short" and variant.points <= _WHOLE_POINTS and not self.solutions
        return replace(sheet, whole=small and fits_a_page(sheet, "short", style_of(self.paper)))

    def _with_options(
        self, sheet: SheetQuestion, part: Part, key: MultipleChoiceKey, text: str
    ) -> SheetQuestion:
        shown = tuple(
            SheetOption(letter, option.text, self.solutions and option.correct)
            for letter, option in zip(key.letters, key.options, strict=True)
        )
        columns = option_columns([option.text for option in key.options], self.paper.scale)
        none = SheetOption("", self.words.none_of_these, self.solutions and not key.right)
        solution = None
        if self.solutions:
            whys = tuple(
                Why(letter, option.correct, option.why or "")
                for letter, option in zip(key.letters, key.options, strict=True)
            )
            worked = "\n\n".join(filter(None, [part.solution, text]))
            solution = Solution(without_repeats(worked, [why.text for why in whys]), options=whys)
        return replace(
            sheet,
            text="\n\n".join(filter(None, [sheet.text, part.text, self._scored(key)])),
            figure=sheet.figure or self._figure(part.figure, "multiple_choice"),
            options=(*_on_one_baseline(shown, columns), none),
            columns=columns,
            solution=solution,
        )

    def _scored(self, key: MultipleChoiceKey) -> str:
        """How the boxes count, where it is not as the cover says."""
        return f"*{self.words.scored[key.scheme]}*" if key.scheme in self.words.scored else ""

    def _part(self, number: str, part: Part, kind: str, whole: str = "") -> SheetPart:
        figure = self._figure(part.figure, kind)
        space = space_for(part.answer, part.points, self.paper.scale, self.paper.extra_space)
        sheet = SheetPart(
            piece=number + part.label,
            label=part.label,
            text=part.text,
            points=part.points,
            figure=figure,
            space=space,
            solution=self._worked(part, whole) if self.solutions else None,
        )
        return replace(sheet, beside=figure is not None and self._beside(figure, sheet))

    def _beside(self, figure: SheetFigure, part: SheetPart) -> bool:
        """Whether the answer is written beside the figure: never in solutions, which are long."""
        if self.solutions or self.paper.large_print or part.space.lines:
            return False
        short = part.space.answer_line and part.points <= _BESIDE_SHORT_POINTS
        widest = _BESIDE_WIDTH_SHORT if short else _BESIDE_WIDTH
        return figure.width <= widest and figure.height >= _BESIDE_HEIGHT

    def _worked(self, part: Part, whole: str) -> Solution:
        return Solution(
            text="\n\n".join(filter(None, [part.solution, whole])),
            answer=answer_type(part.answer.type).render(part.answer),
            rubric=tuple(RubricEntry(line.points, line.earns) for line in part.rubric),
            mistakes=_mistakes(part),
        )

    def _figure(self, call: FigureCall | None, kind: str) -> SheetFigure | None:
        if call is None:
            return None
        svg, fitted = placed_figure(call, kind, self.paper, solutions=self.solutions)
        width, height = _natural_size(svg)
        address = figure_address(svg)
        self.figures[address] = svg
        shown = round(width * fitted, 2), round(height * fitted, 2)
        return SheetFigure(address, to_terminal(call.alt), *shown)


def placed_figure(
    call: FigureCall, kind: str, paper: Paper, *, solutions: bool = False
) -> tuple[str, float]:
    """The drawing of a figure for a paper, and by how much it is scaled there.

    Args:
        call: the figure.
        kind: type of the question that it belongs to.
        paper: whose letters and measure it has to fit.
        solutions: whether it stands among solutions, where it may be smaller.
    """
    scale = paper.scale
    measure = _MEASURE_LARGE if paper.large_print else _MEASURE
    svg = _drawn(call.name, json.dumps(call.args), call.alt)
    if paper.large_print and _natural_size(svg)[0] * scale > measure:
        narrower = in_twos(call.name, call.args)
        if narrower is not None:
            svg = _drawn(call.name, json.dumps(dict(narrower)), call.alt)
    width, height = _natural_size(svg)
    if paper.large_print and width * _LEGIBLE_LARGE > measure and width > height:
        svg, width, height = turned(svg), height, width
    tallest = _TALLEST.get(kind, _TALL) * min(scale, 1.3) * (0.8 if solutions else 1)
    least = _LEGIBLE_LARGE if paper.large_print else _LEGIBLE * scale
    return svg, min(scale, measure / width, max(tallest / height, least), _TALLEST_LARGE / height)


@lru_cache(maxsize=128)
def _drawn(name: str, args: str, alt: str) -> str:
    """Draw a figure from its arguments as JSON. Kept: the other paper of the form shows it, too."""
    return draw(name, json.loads(args), alt)


def _on_one_baseline(options: Sequence[SheetOption], columns: int) -> Iterator[SheetOption]:
    for start in range(0, len(options), columns):
        row = options[start : start + columns]
        reaches = {printed_reach(option.text) for option in row} if len(row) > 1 else set()
        above = max((reach[0] for reach in reaches), default=0.0)
        below = max((reach[1] for reach in reaches), default=0.0)
        uneven = len(reaches) > 1
        yield from (replace(o, above=above, below=below) if uneven else o for o in row)


def _mistakes(part: Part) -> tuple[MistakeEntry, ...]:
    """The mistakes of a part, those that lead to the same value in one line."""
    whys: dict[str, list[str]] = {}
    for mistake in part.mistakes:
        value = answer_type(mistake.answer.type).render(mistake.answer)
        whys.setdefault(value, []).append(mistake.why)
    # The bank is in English, whatever is printed around its questions.
    return tuple(MistakeEntry(value, " Or: ".join(dict.fromkeys(w))) for value, w in whys.items())


def _natural_size(svg: str) -> tuple[float, float]:
    size = _SIZE.match(svg)
    if size is None:
        raise AssertionError("a figure says its size in points")
    return float(size[1]) * _POINT, float(size[2]) * _POINT
