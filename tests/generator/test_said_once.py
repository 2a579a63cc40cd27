"""Solutions say once what the reasons of the options above them say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.render import exam_html
from generator.render_sheet import build_sheet
from generator.said_once import without_repeats
from tests.generator.paper_form import form


@pytest.mark.parametrize(
    ("solution", "reasons", "left"),
    [
        ("A holds. B fails.", ["A holds.", "B fails"], ""),
        ("A holds.  B fails\nhere. So $2.5$.", ["B fails here."], "A holds. So $2.5$."),
        ("A holds here.", ["A holds."], "A holds here."),
        ("A holds.\n\n$$A. B$$", ["A holds."], "$$A. B$$"),
        ("- A holds.\n- B fails.", ["A holds.", "B fails."], "- A holds.\n- B fails."),
        ("A holds.", ["", ""], "A holds."),
        ("", ["A holds."], ""),
    ],
)
def test_what_stands_above_is_left_out(solution, reasons, left):
    assert without_repeats(solution, reasons) == left


def test_a_paper_with_solutions_says_it_once():
    asked = form()
    section = asked.sections[0]
    question = section.questions[1]
    (part,) = question.variant.parts
    said = "A sigmoid stays between its two limits"
    part = replace(part, solution="", answer=replace_why(part.answer, f"{said}."))
    told = replace(
        question, variant=replace(question.variant, parts=(part,), solution=f"{said}. More.")
    )
    asked = replace(asked, sections=(replace(section, questions=(told,)),))
    assert exam_html(build_sheet(asked, solutions=True)).count(said) == 1


def replace_why(key, why):
    first, *others = key.options
    return key.model_copy(update={"options": (replaced(first, why), *others)})


def replaced(option, why):
    return option.model_copy(update={"why": why})
