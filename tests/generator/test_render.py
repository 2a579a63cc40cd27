"""Both papers of a form: what they show, what an exam must never show, and that nothing sticks out."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pikepdf
import pytest

from generator.render import (
    exam_html,
    figures,
    render_exam,
    render_solutions,
    styles,
)
from generator.render_sheet import _mistakes, _on_one_baseline, build_sheet
from generator.render_space import option_columns, space_for
from generator.render_words import WORDS
from generator.sheet import SheetOption
from question_bank.answers.marking import MistakeKey
from question_bank.answers.matrix import MatrixKey
from question_bank.answers.numeric import NumericKey
from question_bank.answers.text import TextKey
from question_bank.diagnostics import InputError
from templates.environment import environment
from templates.overflow import overflows
from templates.pdf import lay_out
from tests.generator.paper_form import SECRET, form

ROOT = Path(__file__).parents[2]


@cache
def exam() -> bytes:
    return render_exam(form())


@cache
def solutions() -> bytes:
    return render_solutions(form())


@cache
def text(written: bytes) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=written, capture_output=True, check=True
    )
    return done.stdout.decode()


def everything_in(written: bytes) -> str:
    """All strings and names of a PDF, and all its streams, decoded: whatever a reader could find."""
    found: list[str] = []

    def walk(thing: pikepdf.Object) -> None:
        if isinstance(thing, pikepdf.Stream):
            try:
                found.append(thing.read_bytes().decode("latin-1"))
            except pikepdf.PdfError:
                found.append("")
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for name, value in thing.items():
                found.append(str(name))
                if not getattr(value, "is_indirect", False):
                    walk(value)
        elif isinstance(thing, pikepdf.Array):
            for value in thing:
                if not getattr(value, "is_indirect", False):
                    walk(value)
        elif isinstance(thing, pikepdf.String | pikepdf.Name | str):
            found.append(str(thing))

    with pikepdf.open(BytesIO(written)) as document:
        for thing in document.objects:
            walk(thing)
    return "\n".join(found)


def squeezed(written: bytes) -> str:
    return re.sub(r"\s+", " ", text(written))


def test_page_1_has_all_that_a_student_needs() -> None:
    front = text(exam()).split("\f")[0]
    for words in (
        "Introduction to Deep Learning",
        "Mock exam",
        "32.5 minutes, 32.5 points",
        "Student number",
        "Signature",
        "Seat",
        "no calculator, no laptop, no script",
        "its 2 points",
        "the answer sheet on page 2",
        "check the box none",
        "A cross: the box is checked",
        "Completely filled",
        "circle around it",
        "Full points",
        "Your score",
    ):
        assert words in re.sub(r"\s+", " ", front), words
    assert re.search(r"1–3\s+Multiple choice\s+6\b", front)
    assert re.search(r"4–6\s+Short questions\s+6\.5\b", front)
    assert re.search(r"7\s+Backpropagation 1\s+10\b", front)
    assert re.search(r"Total\s+32\.5\b", front)


def test_pages_are_numbered_and_the_front_page_knows_how_many() -> None:
    pages = text(exam()).split("\f")[:-1]
    assert f"it has {len(pages)} pages" in re.sub(r"\s+", " ", pages[0])
    for number, sheet in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in sheet
        assert "Form B" in sheet or number == 1
        assert re.search(rf"[A-Z2-7]{{6}} · B · {number}\b", sheet)
        assert len(sheet.split()) > 12, f"page {number} is empty"
    assert "Additional space" in pages[-1]


@pytest.mark.parametrize("more", [0, 1])
def test_additional_space_ends_the_paper_once(more: int) -> None:
    """One long question more shifts the number of pages: even or odd, no page is there to fill it up."""
    full = form()
    *others, longs = full.sections
    longs = replace(longs, questions=longs.questions[: 1 + more])
    pages = text(render_exam(replace(full, sections=(*others, longs)))).split("\f")[:-1]
    scrap = [n for n, sheet in enumerate(pages[1:], start=2) if "Additional space" in sheet]
    assert scrap == [len(pages)]


def test_additional_space_stands_below_a_short_last_page_and_else_on_its_own() -> None:
    full = form()
    *others, longs = full.sections
    first = longs.questions[0]
    last = replace(
        first, variant=replace(first.variant, figure=None, parts=first.variant.parts[2:])
    )
    low = replace(full, sections=(*others, replace(longs, questions=(last,))))
    alone = set()
    for each in (full, low):
        page = text(render_exam(each)).split("\f")[-2]
        alone.add("points" not in page)
    assert alone == {True, False}


def test_no_key_in_an_exam() -> None:
    inside = everything_in(exam()) + text(exam())
    for hidden in (SECRET, "7919", "7907", "crossed", "checked)"):
        assert hidden not in inside.replace("right options checked", ""), hidden


def test_the_secret_would_be_found() -> None:
    assert SECRET in everything_in(solutions()) + text(solutions())


def test_the_exam_page_is_the_same_whatever_is_right() -> None:
    """Right and wrong swapped, and with other keys: not a byte of the exam changes."""
    full = form()
    first = full.sections[0]
    changed = []
    for question in first.questions:
        part = question.variant.parts[0]
        options = tuple(
            o.model_copy(update={"correct": not o.correct}) for o in part.answer.options
        )
        answer = part.answer.model_copy(update={"options": options})
        parts = (replace(part, answer=answer, solution="other"),)
        changed.append(replace(question, variant=replace(question.variant, parts=parts, seed=2)))
    other = replace(
        full, sections=(replace(first, questions=tuple(changed)), *full.sections[1:]), seed=1
    )
    assert render_exam(other) == exam()


def test_solutions_show_key_reasons_and_points() -> None:
    shown = squeezed(solutions())
    for words in (
        "Solutions",
        f"names the {SECRET}",
        f"the {SECRET} slip",
        "Common mistakes",
        "right",
        "wrong",
    ):
        assert words in shown, words
    assert shown.count("In all, the") == 8
    sheet = build_sheet(form(), solutions=True)
    none = [question.options[-1] for question in sheet.sections[0].questions]
    assert [option.right for option in none] == [False, False, True]
    assert exam_html(sheet).count("box_right.svg") == 4
    assert "box_right.svg" not in exam_html(build_sheet(form(), solutions=False))


def test_a_mistake_that_leads_to_a_matrix_is_typeset_as_one():
    full = form()
    *others, longs = full.sections
    question = longs.questions[0]
    slip = MistakeKey("slip", "the slip", MatrixKey(value=(("1", "2/3"), ("0.25", "4"))))
    parts = tuple(replace(part, mistakes=(slip,)) for part in question.variant.parts)
    variant = replace(question.variant, parts=parts)
    shown = replace(longs, questions=(replace(question, variant=variant),))
    sheet = build_sheet(replace(full, sections=(*others, shown)), solutions=True)
    typeset = [m.value for m in sheet.sections[-1].questions[0].parts[0].solution.mistakes]
    assert typeset == [r"$\begin{pmatrix} 1 & \frac{2}{3} \\ 0.25 & 4 \end{pmatrix}$"]


def test_the_first_long_question_follows_the_short_ones():
    full = form()
    choices, shorts, longs = full.sections
    first = longs.questions[0]
    low = replace(first, variant=replace(first.variant, figure=None, parts=first.variant.parts[1:]))
    few = replace(
        full,
        sections=(
            replace(choices, questions=choices.questions[:1]),
            replace(shorts, questions=shorts.questions[:1]),
            replace(longs, questions=(low,)),
        ),
    )
    pages = text(render_exam(few)).split("\f")
    (page_of_title,) = [i for i, page in enumerate(pages) if "Long questions" in page]
    before = pages[page_of_title].partition("Long questions")[0]
    assert "Short questions" in before


@pytest.mark.parametrize("with_solutions", [False, True])
@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_sticks_out_and_nothing_is_logged(
    with_solutions: bool, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    sheet = build_sheet(form(language), solutions=with_solutions)
    with caplog.at_level(logging.WARNING):
        document = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
    assert overflows(document) == ()
    assert caplog.records == []


def test_a_formula_too_wide_is_seen() -> None:
    wide = "<p style='white-space: nowrap'>" + "word " * 60 + "</p>"
    sheet = build_sheet(form(), solutions=False)
    html = exam_html(sheet).replace('<ul class="options', wide + '<ul class="options', 1)
    document = lay_out(html, styles=styles(sheet), figures=figures(sheet))
    assert {overflow.side for overflow in overflows(document)} == {"right"}


def test_the_margins_are_empty() -> None:
    for written in (exam(), solutions()):
        for width, height, pixels in rasters(written):
            edge = width // 25
            for row in range(height):
                line = pixels[row * width : (row + 1) * width]
                if row < edge or row >= height - edge:
                    assert min(line) > 250
                else:
                    assert min(line[:edge]) > 250
                    assert min(line[-edge:]) > 250


def rasters(written: bytes) -> Iterator[tuple[int, int, bytes]]:
    done = subprocess.run(
        ["pdftoppm", "-r", "40", "-gray", "-"], input=written, capture_output=True, check=True
    )
    rest = done.stdout
    while rest:
        head = re.match(rb"P5\n(\d+) (\d+)\n255\n", rest)
        assert head is not None
        width, height = int(head[1]), int(head[2])
        yield width, height, rest[head.end() : head.end() + width * height]
        rest = rest[head.end() + width * height :]


def test_the_pdf_is_tagged_titled_and_undated() -> None:
    for written, title in (
        (exam(), "Introduction to Deep Learning: Mock exam, Form B"),
        (solutions(), "Introduction to Deep Learning: Mock exam, Form B, Solutions"),
    ):
        with pikepdf.open(BytesIO(written)) as document:
            assert document.Root.MarkInfo.Marked is True
            assert str(document.Root.Lang) == "en"
            assert str(document.docinfo["/Title"]) == title
            assert "/CreationDate" not in document.docinfo
            assert "/ModDate" not in document.docinfo
            assert document.Root.Metadata.read_bytes().count(b"pdfuaid:part") == 1
            with document.open_outline() as outline:
                names = [item.title for item in outline.root]
        assert names[:4] == [
            "Answer sheet",
            "Multiple choice",
            "Short questions",
            "Long questions",
        ]


def test_both_papers_are_accessible() -> None:
    """PDF/UA-1, by an independent checker."""
    for written in (exam(), solutions()):
        report = page.validate_pdf_bytes(written, profile="ua1")
        assert report.is_compliant, [failure.message for failure in report.failures]


def test_formulas_are_tagged_as_formulas_and_figures_as_figures() -> None:
    html = exam_html(build_sheet(form(), solutions=False))
    with pikepdf.open(BytesIO(exam())) as document:
        tags = [
            str(thing.S)
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/StructElem"
        ]
        spoken = {
            str(thing.Alt)
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Formula"
        }
    assert tags.count("/Formula") == html.count('<img class="math"') > 10
    assert tags.count("/Figure") == html.count("<img ") - html.count('<img class="math"') > 0
    assert "σ(x)" in spoken


def test_wrong_values_that_are_the_same_share_a_line() -> None:
    part = next(p.part for q in form().questions for p in q.parts if p.part.mistakes)
    twice = (
        replace(part.mistakes[0], why="This is the first reason."),
        replace(part.mistakes[0], why="This is another."),
    )
    shown = _mistakes(replace(part, mistakes=twice))
    assert [mistake.why for mistake in shown] == ["This is the first reason. Or: This is another."]


@pytest.mark.parametrize("columns", [2, 4])
def test_options_of_a_row_share_a_baseline(columns: int) -> None:
    texts = [r"$\frac{5}{t + 10}$", "$1$", "no", r"$\begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}$"]
    shown = _on_one_baseline([SheetOption("x", text) for text in texts], columns)
    option = environment().get_template("exam/macros.html").module.option
    markup = "".join(option(each, WORDS["en"], False) for each in shown)
    html = (
        '<html lang="en"><head><title>T</title></head><body>'
        f'<ul class="options columns-{columns}">{markup}</ul></body></html>'
    )
    pages = lay_out(html, styles=("exam/print.css",)).pages
    letters = [box for page in pages for box in _all(page._page_box) if _is_letter(box)]
    assert len(letters) == len(texts)
    for start in range(0, len(texts), columns):
        lines = [box.position_y + box.baseline for box in letters[start : start + columns]]
        assert lines == pytest.approx([lines[0]] * columns, abs=0.5)


def _all(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", ()):
        yield from _all(child)


def _is_letter(box: object) -> bool:
    return getattr(box, "text", "") == "x"


def test_pictures_say_what_they_show() -> None:
    inside = everything_in(exam())
    assert "A network with two inputs" in inside
    html = exam_html(build_sheet(form(), solutions=False))
    assert 'alt="σ(x)"' in html
    assert all(alt for alt in re.findall(r'<img[^>]* alt="([^"]*)"', html))
    assert len(re.findall(r"<img\b", html)) == len(re.findall(r"<img[^>]* alt=", html))


def test_same_form_same_bytes_in_every_process() -> None:
    script = ROOT / "tests" / "generator" / "paper_form.py"
    running = [
        subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        )
        for seed in ("1", "2")
    ]
    digests = [process.communicate(timeout=120)[0].split() for process in running]
    here = [hashlib.sha256(written).hexdigest() for written in (exam(), solutions())]
    assert digests == [here, here]


def test_german_chrome() -> None:
    shown = squeezed(render_exam(form("de")))
    for words in (
        "Matrikelnummer",
        "keine",
        "Antwortbogen",
        "32,5 Minuten",
        "Zusätzlicher Platz",
        "Seite 2 von",
    ):
        assert words in shown, words
    assert "Student number" not in shown


def broken(text: str) -> object:
    full = form()
    question = full.sections[0].questions[0]
    bad = replace(question, variant=replace(question.variant, text=text))
    return replace(full, sections=(replace(full.sections[0], questions=(bad,)),))


@pytest.mark.parametrize(
    ("shown", "code", "message"),
    [
        (r"$\nonsense$", "bad-formula", "unsupported command"),
        ("It costs $5", "bad-formula", "opens no formula"),
        ("a bird: \N{BIRD}", "no-glyph", "no font has \N{BIRD}"),
    ],
)
def test_what_cannot_be_printed_is_one_clear_line(shown: str, code: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        render_exam(broken(shown))  # type: ignore[arg-type]
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert message in diagnostic.message


def test_space_grows_with_points_and_lines() -> None:
    number = NumericKey(value="1")
    heights = [space_for(number, points).height for points in (1, 2, 4, 20)]
    assert heights == sorted(heights)
    assert heights[-1] < 100
    assert space_for(TextKey(lines=7), 1).lines == 7


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (["$0$", "$1$", "$2$", "$3$"], 4),
        (["one short thing", "a few more words", "x", "y"], 2),
        (["an option that is so long that it would break in half a line", "x", "y"], 1),
        (["x", "y"], 1),
        (["$x$", "```\ncode\n```", "y"], 1),
    ],
)
def test_short_options_share_lines(options: list[str], columns: int) -> None:
    assert option_columns(options) == columns


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_scored_in_another_way_says_so_and_the_cover_promises_nothing_else(
    language: str,
) -> None:
    def scored(*schemes: str) -> tuple[str, str, list[str]]:
        whole = form(language)
        choices = whole.sections[0]
        questions = []
        for question, scheme in zip(choices.questions, schemes, strict=True):
            first = question.variant.parts[0]
            key = first.answer.model_copy(update={"scheme": scheme})
            parts = (replace(first, answer=key),)
            questions.append(replace(question, variant=replace(question.variant, parts=parts)))
        sections = (replace(choices, questions=tuple(questions)), *whole.sections[1:])
        sheet = build_sheet(replace(whole, sections=sections), solutions=False)
        stems = [question.text for question in sheet.sections[0].questions]
        return " ".join(sheet.instructions), sheet.sections[0].intro, stems

    words = WORDS[language]
    plain, mixed = scored(*["all_or_nothing"] * 3), scored("all_or_nothing", "partial", "negative")
    assert words.boxes_differ not in plain[0]
    assert words.boxes_differ in mixed[0]
    where = words.multiple_choice_where.format(page=2)
    assert plain[1] != mixed[1] == f"{words.multiple_choice_intro.format(none=words.none)} {where}"
    assert words.scored["partial"] in mixed[2][1]
    assert words.scored["negative"] in mixed[2][2]
    assert plain[2] != mixed[2]
    none_so = scored(*["per_box"] * 3)
    assert words.boxes_points.split("{")[0] not in none_so[0]
