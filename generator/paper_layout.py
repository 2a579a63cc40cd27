"""layout.json: where on a form's pages boxes are marked and answers written, for whoever reads scans.

It holds places and what they mean, and nothing of what is right. Lengths are millimetres from the top left
corner of the page as printed; a box to mark is a square, given by its centre; the space for an answer is a rectangle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from generator.exam import Form
from generator.paper import Paper, exam_code, page_code
from generator.render_words import WORDS
from question_bank.answers.multiple_choice import MultipleChoiceKey
from templates import answer_sheet
from templates.answer_sheet import AnswerPage, Row
from templates.page_fill import AnswerSpace
from templates.qr_code import SIDE

FIRST_PAGE = 2
"""The answer sheet is the back of page 1: one leaf holds who it is and what they marked."""

CODE_CENTRE = (187.75, 281.25)
"""Of the code on all other pages, as the style sheet has it: at the right margin, 3 mm below the text."""

NUMBER_OF_DIGITS = 8
"""Of a student number, where the paper does not know its student."""

# Large print makes numbers, letters and boxes as large as a page holds them; where one page does not, by
# the least of these.
_LARGE = (1.8, 1.6, 1.4, 1.2)


def answer_pages(form: Form, paper: Paper) -> tuple[AnswerPage, ...]:
    """Arrange the answer sheet of a form; none where no question has boxes."""
    rows = [
        Row(question.number, tuple(key.letters))
        for question in form.questions
        if isinstance(key := question.variant.parts[0].answer, MultipleChoiceKey)
    ]
    arranged = [
        answer_sheet.arrange(
            rows,
            none_word=WORDS[form.language].none,
            digits=0 if paper.student_id else NUMBER_OF_DIGITS,
            scale=scale,
        )
        for scale in (_LARGE if paper.large_print else (1.0,))
    ]
    return next((pages for pages in arranged if answer_sheet.fits(pages)), arranged[-1])


def page_layout(
    form: Form, paper: Paper, page_count: int, spaces: Sequence[AnswerSpace] = ()
) -> dict[str, Any]:
    """Return what layout.json holds; `page_count` is of the whole paper, `spaces` are where answers are written."""
    code = exam_code(form.assignment)
    pages = answer_pages(form, paper)
    return {
        "schema_version": 1,
        "exam": code,
        "form": paper.form,
        "student_id": paper.student_id,
        "page_count": page_count,
        "unit": "mm",
        "page_size": [answer_sheet.WIDTH, answer_sheet.HEIGHT],
        "pages": [
            {
                "page": number,
                "qr": page_code(code, paper.form, number),
                "markers": _markers(),
                "boxes": [
                    {
                        "question": box.question,
                        "option": box.option,
                        "center": [box.x, box.y],
                        "side": page.side,
                    }
                    for box in page.boxes
                ],
                "digits": [
                    {
                        "place": box.place,
                        "digit": box.digit,
                        "center": [box.x, box.y],
                        "side": answer_sheet.DIGIT_SIDE,
                    }
                    for box in page.digits
                ],
            }
            for number, page in enumerate(pages, start=FIRST_PAGE)
        ],
        "answers": [asdict(space) for space in spaces],
        "code": {"center": list(CODE_CENTRE), "side": SIDE},
    }


def _markers() -> Sequence[dict[str, Any]]:
    return [
        {"aruco_4x4": number, "center": list(centre), "side": answer_sheet.MARKER_SIDE}
        for number, centre in enumerate(answer_sheet.MARKER_CENTRES)
    ]


def dumps(layout: dict[str, Any]) -> str:
    """Return the text of layout.json: the same layout, the same text."""
    return json.dumps(layout, ensure_ascii=False, indent=1) + "\n"
