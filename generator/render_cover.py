"""What page 1 says: the instructions, and the table of problems."""

from __future__ import annotations

from generator.exam import Form, FormQuestion
from generator.paper import Paper
from generator.paper_layout import FIRST_PAGE
from generator.render_words import Words
from generator.sheet import Problem
from question_bank.answers.multiple_choice import MultipleChoiceKey

LINES, LINES_LARGE = 12, 5
"""Lines of the table of problems that page 1 holds, in usual type and in large print."""


def all_or_nothing(question: FormQuestion) -> bool:
    """Whether a question earns its points only if all of its boxes are right."""
    key = question.variant.parts[0].answer
    return isinstance(key, MultipleChoiceKey) and key.scheme == "all_or_nothing"


def problems(form: Form, most: int) -> tuple[Problem, ...]:
    """List long questions one by one, or by sections where page 1 would not hold them."""
    lines = _problem_lines(form, one_by_one=True)
    return lines if len(lines) <= most else _problem_lines(form, one_by_one=False)


def _problem_lines(form: Form, *, one_by_one: bool) -> tuple[Problem, ...]:
    lines: list[Problem] = []
    for section in form.sections:
        if not section.questions:
            continue
        if section.kind == "long" and one_by_one:
            lines.extend(
                Problem(str(q.number), q.variant.title, q.points, asked=True)
                for q in section.questions
            )
            continue
        first, last = section.questions[0].number, section.questions[-1].number
        numbers = str(first) if first == last else f"{first}–{last}"
        lines.append(Problem(numbers, section.title, section.points))
    return tuple(lines)


def instructions(form: Form, words: Words, paper: Paper, sheets: int) -> tuple[str, ...]:
    """The lines of page 1, in Markdown, for a paper with so many pages of answer sheet."""
    lines = [words.no_aids, words.pen, words.space]
    if form.minutes == form.total_points and not paper.extra_minutes:
        lines.insert(0, words.one_point_one_minute)
    asked = [
        question
        for section in form.sections
        if section.kind == "multiple_choice"
        for question in section.questions
    ]
    if asked:
        points = {question.points for question in asked if all_or_nothing(question)}
        said = [words.multiple_choice, where(words.on_the_sheet, words.on_the_sheets, sheets)]
        if points:
            worth = words.points(*points) if len(points) == 1 else words.point_many
            said.append(words.boxes_points.format(points=worth))
        if not all(all_or_nothing(question) for question in asked):
            said.append(words.boxes_differ)
        lines.append(" ".join([*said, words.none_box.format(none=words.none)]))
    return tuple(lines)


def where(one: str, many: str, sheets: int) -> str:
    """Which page or pages the answer sheet is."""
    if sheets == 1:
        return one.format(page=FIRST_PAGE)
    return many.format(pages=f"{FIRST_PAGE}–{FIRST_PAGE + sheets - 1}")
