"""A form as paper: exam.pdf for students, solutions.pdf for those who mark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from generator.exam import Form
from generator.paper import Paper
from generator.render_sheet import Sheet, build_sheet
from generator.render_words import WORDS
from question_bank.diagnostics import Where, bad_input
from templates.environment import environment
from templates.fonts.coverage import unprintable
from templates.mathematics import MathError
from templates.pdf import PdfUnavailable, render_pdf

STYLES = ("exam/print.css",)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Papers:
    """Both papers of a form."""

    exam: bytes
    solutions: bytes


def render_exam(form: Form, paper: Paper | None = None) -> bytes:
    """Render the paper that students get. It holds no key: the template never sees one.

    Same form, same bytes.

    Raises:
        InputError: a formula does not typeset, a character is in no font, or the machine lacks the
            libraries that write PDFs.
    """
    return _render(form, paper, solutions=False)


def render_solutions(form: Form, paper: Paper | None = None) -> bytes:
    """Render the same paper with its solutions, rubric and named mistakes in a second colour.

    Same form, same bytes. Errors as in `render_exam`.
    """
    return _render(form, paper, solutions=True)


def render_papers(form: Form, paper: Paper | None = None) -> Papers:
    """Render both papers of a form. Errors as in `render_exam`."""
    return Papers(render_exam(form, paper), render_solutions(form, paper))


def exam_html(sheet: Sheet) -> str:
    """Write the paper as HTML, for `templates.pdf` with the style sheets of `STYLES`."""
    template = environment().get_template("exam/exam.html")
    return template.render(sheet=sheet, words=WORDS[sheet.language])


def _render(form: Form, paper: Paper | None, *, solutions: bool) -> bytes:
    del paper
    try:
        sheet = build_sheet(form, solutions=solutions)
        html = exam_html(sheet)
        missing = unprintable(_text_of(html))
        if missing:
            raise bad_input(
                "no-glyph",
                f"no font has {' '.join(missing)} (in form {form.label})",
                hint="write it as a formula, or in other words",
            )
        return render_pdf(html, styles=STYLES, figures=sheet.figures)
    except MathError as error:
        raise bad_input(
            "bad-formula",
            f"{error.message}: {error.latex}",
            where=Where(f"form {form.label}", column=error.column),
        ) from None
    except PdfUnavailable as error:
        raise bad_input("no-pdf", str(error)) from None


def _text_of(html: str) -> str:
    # Alternative texts are read aloud, not printed: they may hold what no font has.
    return unescape(_TAG.sub("", html))
