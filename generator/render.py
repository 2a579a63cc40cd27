"""A form as paper: exam.pdf for students, solutions.pdf for those who mark.

Solutions say where each page of the exam begins. So the exam is laid out first; `render_papers` does it once
for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING

from markupsafe import Markup

from generator.exam import Form
from generator.paper import Paper
from generator.render_sheet import build_sheet
from generator.render_words import WORDS
from generator.sheet import Sheet
from question_bank.diagnostics import Where, bad_input
from templates.environment import environment
from templates.fonts.coverage import unprintable
from templates.mathematics import MathError
from templates.page_fill import AnswerSpace, answer_spaces, end_bars, fill_pages, first_pages
from templates.pdf import PdfUnavailable, lay_out, render_pdf
from templates.qr_code import SIDE, FiguresWithCodes, qr_address

if TYPE_CHECKING:
    from weasyprint import Document

STYLES = ("exam/print.css",)
LARGE_PRINT = "exam/large_print.css"
SOLUTIONS = "exam/solutions.css"
_TAG = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)
_MOST_PAGES = 300


@dataclass(frozen=True)
class Papers:
    """Both papers of a form, how many pages the exam has, and where answers are written on them."""

    exam: bytes
    solutions: bytes
    pages: int
    spaces: tuple[AnswerSpace, ...] = ()


@dataclass(frozen=True)
class Pagination:
    """How many pages an exam has, which piece of it begins which page, and (once pages are filled) where answers go."""

    count: int
    begins: Mapping[str, int]
    spaces: tuple[AnswerSpace, ...] = ()


def render_exam(form: Form, paper: Paper | None = None) -> bytes:
    """Render the paper that students get. It holds no key: the template never sees one.

    Same form, same paper, same bytes.

    Args:
        form: what is asked.
        paper: whose copy it is; without it, the form's own.

    Raises:
        InputError: a formula does not typeset, a character is in no font, or the machine lacks the
            libraries that write PDFs.
    """
    return exam_and_pages(form, paper or Paper(form.label))[0]


def exam_and_pages(form: Form, paper: Paper) -> tuple[bytes, Pagination]:
    """Render the exam, and say what its pages hold. Errors as in `render_exam`."""
    return _exam(form, paper)


def render_solutions(form: Form, paper: Paper | None = None) -> bytes:
    """Render the same paper with solutions, rubric and named mistakes in a second colour.

    Same form, same paper, same bytes. Errors as in `render_exam`.
    """
    paper = paper or Paper(form.label)
    with _clear_errors(form):
        sheet = build_sheet(form, solutions=False, paper=paper)
        document = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
    return _solutions(form, paper, _pagination(document))


def render_papers(form: Form, paper: Paper | None = None) -> Papers:
    """Render both papers of a form, in less time than one after the other. Errors as in `render_exam`."""
    paper = paper or Paper(form.label)
    exam, pagination = _exam(form, paper)
    solutions = _solutions(form, paper, pagination)
    return Papers(exam, solutions, pagination.count, pagination.spaces)


def exam_html(sheet: Sheet) -> str:
    """Write the paper as HTML, for `templates.pdf` with its `styles` and `figures`."""
    template = environment().get_template("exam/exam.html")
    return template.render(sheet=sheet, words=WORDS[sheet.language], page_codes=_page_codes(sheet))


def styles(sheet: Sheet) -> tuple[str, ...]:
    """Return the style sheets of a paper."""
    large = (LARGE_PRINT,) if sheet.paper.large_print else ()
    return (*STYLES, *large, *((SOLUTIONS,) if sheet.solutions else ()))


def figures(sheet: Sheet) -> Mapping[str, str]:
    """Return the figures of a paper by address, QR codes among them."""
    return FiguresWithCodes(sheet.figures)


def _exam(form: Form, paper: Paper) -> tuple[bytes, Pagination]:
    found: list[Pagination] = []

    def finish(document: Document) -> None:
        if len(document.pages) > _pages_at_most(sheet):
            raise AssertionError("the paper has more pages than QR codes")
        _check_first_leaf(document, sheet)
        before = _pagination(document)
        fill_pages(document)
        found.append(replace(before, spaces=answer_spaces(document)))

    with _clear_errors(form):
        sheet = build_sheet(form, solutions=False, paper=paper)
        html = _printable(exam_html(sheet), paper)
        written = render_pdf(html, styles=styles(sheet), figures=figures(sheet), finish=finish)
    return written, found[0]


def _check_first_leaf(document: Document, sheet: Sheet) -> None:
    """Refuse a page 1 that runs over: scanners look for the answer sheet on its back."""
    begins = {
        int(page): number for page, number in first_pages(document, "data-answer-sheet").items()
    }
    if wrong := {page: number for page, number in begins.items() if page != number}:
        raise bad_input(
            "long-cover",
            f"page 1 of form {sheet.label} runs over, so that the answer sheet would be page"
            f" {min(wrong.values())}",
            hint="give the blueprint a shorter title, or fewer sections",
        )


def _solutions(form: Form, paper: Paper, pagination: Pagination) -> bytes:
    with _clear_errors(form):
        sheet = build_sheet(
            form,
            solutions=True,
            paper=paper,
            exam_pages=pagination.begins,
            exam_page_count=pagination.count,
        )
        html = _printable(exam_html(sheet), paper)
        return render_pdf(html, styles=styles(sheet), figures=figures(sheet), finish=end_bars)


def _pagination(document: Document) -> Pagination:
    pages = first_pages(document)
    begins: dict[str, int] = {}
    taken: set[int] = set()
    for piece, page in pages.items():
        if page not in taken:
            begins[piece] = page
            taken.add(page)
    return Pagination(len(document.pages), begins)


def _page_codes(sheet: Sheet) -> Markup:
    """A rule for each page: its QR code. Nothing of it was typed by anybody: an address holds base64."""
    if sheet.solutions:
        return Markup()
    rules = [
        f"@page:nth({page}){{@bottom-right{{background-image:url({qr_address(sheet.page_code(page))})}}}}"
        for page in range(1, _pages_at_most(sheet) + 1)
    ]
    rules.append(f"@page{{@bottom-right{{background-size:{SIDE:g}mm}}}}")
    return Markup("".join(rules))  # noqa: S704 - see above


def _pages_at_most(sheet: Sheet) -> int:
    """More pages than the paper can have: a piece never takes more than two."""
    pieces = sum(
        1 + len(question.parts) for section in sheet.sections for question in section.questions
    )
    return min(_MOST_PAGES, 8 + 2 * pieces)


@contextmanager
def _clear_errors(form: Form) -> Iterator[None]:
    try:
        yield
    except MathError as error:
        raise bad_input(
            "bad-formula",
            f"{error.message}: {error.latex}",
            where=Where(f"form {form.label}", column=error.column),
        ) from None
    except PdfUnavailable as error:
        raise bad_input("no-pdf", str(error)) from None


def _printable(html: str, paper: Paper) -> str:
    # Alternative texts are read aloud, not printed: they may hold what no font has.
    missing = unprintable(unescape(_TAG.sub("", html)))
    if not missing:
        return html
    of_name = unprintable(paper.name or "")
    where = f"the name {paper.name}" if of_name else f"form {paper.form}"
    raise bad_input(
        "no-glyph",
        f"no font has {' '.join(of_name or missing)} (in {where})",
        hint="write the name in Latin letters"
        if of_name
        else "write it as a formula, or in other words",
    )
