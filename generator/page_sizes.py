"""How tall the questions of a form are on a kind of paper."""

from __future__ import annotations

from generator.exam import Form
from generator.page_plan import Sizes
from generator.paper import Paper
from generator.printed_question import blocks_of, heading_of, style_of
from generator.render_sheet import build_sheet


def sizes_of(form: Form, paper: Paper) -> Sizes:
    """Estimate the sizes of a form's questions on a kind of paper, whatever their order."""
    sheet = build_sheet(form, solutions=False, paper=paper)
    style = style_of(paper)
    names = {question.number: question.variant.question_id for question in form.questions}
    return Sizes(
        tuple(heading_of(section, style) for section in sheet.sections),
        {
            names[question.number]: blocks_of(question, section.kind, style)
            for section in sheet.sections
            for question in section.questions
        },
    )
