"""A paper: whose it is, what its pages say to a scanner, what it does for a student, and in which language."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import page
import pikepdf
import pytest
import segno

from generator.batch import EXAM, LAYOUT, SOLUTIONS, render
from generator.paper import LARGE_PRINT, Paper, exam_code, page_code
from generator.paper_layout import FIRST_PAGE, answer_pages, dumps, page_layout
from generator.render import (
    exam_html,
    figures,
    render_exam,
    render_papers,
    render_solutions,
    styles,
)
from generator.render_sheet import build_sheet
from generator.render_space import space_for
from generator.render_words import LANGUAGES, WORDS
from generator.students import Student
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.answers.numeric import NumericKey
from question_bank.answers.text import TextKey
from question_bank.diagnostics import InputError
from templates.overflow import overflows
from templates.pdf import lay_out
from templates.qr_code import SIDE
from tests.generator.paper_form import SECRET, form
from tests.generator.scan import scan
from tests.generator.test_render import everything_in, squeezed, text

PLAIN = Paper("B")
PAGES = 9
ADA = Paper("w0256", name="Ada Lovelace-Müller", student_id="03712345", seat="HS 1 · K12")
LARGE = replace(ADA, large_print=True, extra_minutes=18)
PAPERS = {"plain": PLAIN, "a student's": ADA, "large print": LARGE}
FOOT = 25.0
"""Millimetres of the lower margin; a code begins 3 mm below the text."""


@cache
def exam(name: str = "plain", language: str = "en") -> bytes:
    return render_exam(form(language), PAPERS[name])


@cache
def solutions(name: str = "plain", language: str = "en") -> bytes:
    return render_solutions(form(language), PAPERS[name])


# What a scanner finds


@pytest.mark.parametrize("name", PAPERS)
def test_the_boxes_are_where_the_layout_says(name: str) -> None:
    (sheet,) = page_layout(form(), PAPERS[name], PAGES)["pages"]
    seen = scan(exam(name), sheet["page"])
    for marker in sheet["markers"]:
        assert seen.marker(*marker["center"], marker["side"]) == marker["aruco_4x4"]
    assert len(sheet["boxes"]) == 4 + 1 + 4 + 1 + 3 + 1
    for box in (*sheet["boxes"], *sheet["digits"]):
        x, y = box["center"]
        assert seen.framed(x, y, box["side"]), box
        assert seen.inside(x, y, box["side"]) == 0, box


def test_a_box_elsewhere_would_be_seen() -> None:
    (sheet,) = page_layout(form(), PLAIN, PAGES)["pages"]
    seen = scan(exam(), sheet["page"])
    x, y = sheet["boxes"][0]["center"]
    assert not seen.framed(x + 0.6, y, sheet["boxes"][0]["side"])
    assert seen.marker(40, 40, 11) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_solutions_cross_the_right_boxes_on_the_same_page(language: str) -> None:
    (sheet,) = page_layout(form(language), PLAIN, PAGES)["pages"]
    seen = scan(solutions("plain", language), sheet["page"])
    crossed = [
        (box["question"], box["option"])
        for box in sheet["boxes"]
        if seen.inside(*box["center"], box["side"]) > 0.1
    ]
    keys = [(q.number, q.variant.parts[0].answer) for q in form().sections[0].questions]
    right = [
        (number, letter)
        for number, key in keys
        for letter, option in zip(key.letters, key.options, strict=True)
        if option.correct
    ] + [(number, "none") for number, key in keys if not key.right]
    assert sorted(crossed) == sorted(right)


@pytest.mark.parametrize("name", PAPERS)
def test_every_page_has_its_code_in_letters_and_as_a_picture(name: str) -> None:
    paper = PAPERS[name]
    code = exam_code(form().assignment)
    pages = text(exam(name)).split("\f")[:-1]
    for number, shown in enumerate(pages, start=1):
        assert re.search(rf"{code} · {paper.form} · {number}\b", shown)
        wanted = segno.make(
            page_code(code, paper.form, number),
            error="m",
            boost_error=False,
            micro=False,
            mask=4,
        ).matrix
        right = 210.0 - (26 if number == FIRST_PAGE else 16)
        found = scan(exam(name), number).modules(right - SIDE, 297 - FOOT + 3, SIDE, len(wanted))
        assert found == [[bool(module) for module in row] for row in wanted], number


def test_a_reader_reads_the_codes() -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    for number in range(1, len(text(exam()).split("\f"))):
        seen = scan(exam(), number)
        picture = Image.frombytes("L", (seen.width, seen.height), seen.pixels)
        (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.text == page_code(exam_code(form().assignment), "B", number)


def test_opencv_finds_the_markers_on_a_page_that_lies_askew() -> None:
    cv2 = pytest.importorskip("cv2")
    import numpy as np

    seen = scan(exam(), FIRST_PAGE, dpi=150)
    grey = np.frombuffer(seen.pixels, np.uint8).reshape(seen.height, seen.width)
    turn = cv2.getRotationMatrix2D((seen.width / 2, seen.height / 2), 3.0, 0.97)
    askew = cv2.warpAffine(grey, turn, (seen.width, seen.height), borderValue=255)
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    _, numbers, _ = cv2.aruco.ArucoDetector(dictionary).detectMarkers(askew)
    assert sorted(numbers.ravel().tolist()) == [0, 1, 2, 3]


def test_codes_name_no_seed_and_differ_between_exams() -> None:
    assert re.fullmatch("[A-Z2-7]{6}", exam_code("mock-7919"))
    assert exam_code("mock-7919") == exam_code("mock-7919") != exam_code("mock-7920")
    said = page_code(exam_code("mock-7919"), "B", 3)
    assert "7919" not in said
    assert "mock" not in said


def test_the_layout_holds_places_and_no_answers() -> None:
    written = dumps(page_layout(form(), PLAIN, PAGES))
    assert written == dumps(page_layout(form(), PLAIN, PAGES))
    assert SECRET not in written
    assert "7919" not in written
    changed = form()
    first = changed.sections[0]
    other = []
    for question in first.questions:
        part = question.variant.parts[0]
        options = tuple(
            o.model_copy(update={"correct": not o.correct}) for o in part.answer.options
        )
        parts = (replace(part, answer=part.answer.model_copy(update={"options": options})),)
        other.append(replace(question, variant=replace(question.variant, parts=parts)))
    sections = (replace(first, questions=tuple(other)), *changed.sections[1:])
    assert dumps(page_layout(replace(changed, sections=sections), PLAIN, PAGES)) == written
    assert json.loads(written)["page_size"] == [210.0, 297.0]


def test_a_form_without_boxes_has_no_answer_sheet() -> None:
    full = form()
    few = replace(full, sections=full.sections[1:])
    assert page_layout(few, PLAIN, PAGES)["pages"] == []
    shown = squeezed(render_exam(few))
    assert "Answer sheet" not in shown
    assert "How to mark a box" not in shown


# Whose it is


def test_a_students_paper_says_whose_it_is_on_every_page() -> None:
    pages = text(exam("a student's")).split("\f")[:-1]
    front = re.sub(r"\s+", " ", pages[0])
    assert "Ada Lovelace-Müller" in front
    assert "03712345" in front
    for shown in pages[1:]:
        assert "Ada Lovelace-Müller · 03712345" in shown
    assert not page_layout(form(), ADA, PAGES)["pages"][0]["digits"]
    assert page_layout(form(), ADA, PAGES)["student_id"] == "03712345"


@pytest.mark.parametrize(
    ("room", "seat", "shown"),
    [("MI HS 1", "12", "MI HS 1 · 12"), ("", "12", "12"), ("MI HS 1", "", None), ("", "", None)],
)
def test_a_known_seat_stands_on_page_1(room: str, seat: str, shown: str | None) -> None:
    paper = Student(id="w0256", name="Ada", room=room, seat=seat).paper(lambda _name: "")
    assert paper.seat == shown
    front = exam_html(build_sheet(form(), solutions=False, paper=paper))
    field = re.search(r'<p class="field seat">(.*?)</p>', front)
    assert field
    known = f'<span class="known">{shown}</span>' if shown else ""
    assert field[1] == f'<span class="label">Seat</span>{known}'


def test_the_seat_is_printed() -> None:
    assert "HS 1 · K12" in text(exam("a student's")).split("\f")[0]
    assert "HS 1 · K12" in text(exam("large print")).split("\f")[0]


def test_a_paper_for_anybody_asks_for_name_and_number() -> None:
    layout = page_layout(form(), PLAIN, PAGES)
    digits = {(box["place"], box["digit"]) for box in layout["pages"][0]["digits"]}
    assert digits == {(place, digit) for place in range(8) for digit in range(10)}
    assert "cross each digit below it" in squeezed(exam())


@pytest.mark.parametrize(
    "name",
    [
        "</style><b>x</b>",
        '"; } @page { size: A3 } "',
        "{{ 7 * 7 }} \\a \\22 ",
        "Maximiliane Alexandra Theodora von und zu Hohenzollern-Sigmaringen-Wittgenstein",
        "A" * 120,
        "<script>alert(1)</script>",
    ],
)
def test_a_name_is_only_ever_text(name: str) -> None:
    paper = Paper('w1"}<', name=name, student_id="1</p>2")
    sheet = build_sheet(form(), solutions=False, paper=paper)
    laid_out = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
    assert overflows(laid_out) == ()
    assert round(laid_out.pages[0].width) == 794
    front = squeezed(render_exam(form(), paper)).replace(" ", "")
    assert re.sub(r"\s", "", name) in front


def test_a_name_that_no_font_has_is_one_clear_line() -> None:
    with pytest.raises(InputError) as caught:
        render_exam(form(), replace(ADA, name="漢 Li"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "no-glyph"
    assert "漢 (in the name 漢 Li)" in diagnostic.message


# What it does for a student


def test_extra_minutes_stand_on_page_1() -> None:
    assert "50.5 minutes (32.5 and 18 more), 32.5 points" in squeezed(exam("large print"))
    longer = replace(form(), minutes=32.5)
    assert "One point stands for" in squeezed(exam())
    assert "One point stands for" not in squeezed(
        render_exam(longer, replace(ADA, extra_minutes=5))
    )


def test_large_print_is_large_and_asks_the_same() -> None:
    def sizes(written: bytes) -> dict[str, float]:
        done = subprocess.run(
            ["pdftotext", "-bbox-layout", "-", "-"], input=written, capture_output=True, check=True
        ).stdout.decode()
        words = re.findall(r'<word .*?yMin="([\d.]+)".*?yMax="([\d.]+)">([^<]+)</word>', done)
        return {word: float(bottom) - float(top) for top, bottom, word in words}

    usual, large = sizes(exam("a student's")), sizes(exam("large print"))
    for word in ("backward()", "forget", "vanish,"):
        if word in usual:
            assert large[word] == pytest.approx(LARGE_PRINT * usual[word], rel=0.02), word
    assert large["forget"] > 14
    asked = re.compile(r"What is the output size\?|Which values can|Explain in words")
    assert sorted(asked.findall(squeezed(exam("large print")))) == sorted(
        asked.findall(squeezed(exam("a student's")))
    )


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("large", [False, True])
def test_a_long_name_leaves_a_gap_above_the_boxes(language: str, large: bool) -> None:
    asked = form(language)
    name = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswess…"
    paper = replace(ADA, name=name, large_print=large)
    sheet = build_sheet(asked, solutions=False, paper=paper)
    document = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
    waiting, ends = [document.pages[1]._page_box], []
    while waiting:
        box = waiting.pop()
        waiting.extend(getattr(box, "children", ()))
        if box.element_tag == "p" and "whose" in box.element.get("class", ""):
            ends.append((box.position_y + box.margin_height()) * 25.4 / 96)
    (page, *_) = answer_pages(asked, paper)
    highest = min(box.y for box in page.boxes) - page.side / 2
    assert max(ends) + 3 < highest


@pytest.mark.parametrize(
    ("name", "large", "shown"),
    [
        ("Ada Lovelace", False, "Ada Lovelace · 03712345"),
        ("Ada Lovelace", True, "Ada Lovelace · 03712345"),
        (
            "Maximiliane von und zu Hohenzollern-Sigmaringen",
            False,
            "Maximiliane von und zu Hohenzoll… · 03712345",
        ),
        ("Maximiliane von und zu Hohenzollern-Sigmaringen", True, "Maximiliane von… · 03712345"),
        (None, True, "03712345"),
    ],
)
def test_a_footer_keeps_the_number_whatever_the_name(
    name: str | None, large: bool, shown: str
) -> None:
    paper = Paper("A", name=name, student_id="03712345", large_print=large)
    assert build_sheet(form(), solutions=False, paper=paper).footer_name == shown


@pytest.mark.parametrize(
    ("questions", "options", "scale"),
    [(3, 4, 1.8), (9, 4, 1.8), (12, 4, 1.6), (9, 6, 1.6), (15, 4, 1.4), (40, 4, 1.2)],
)
def test_the_answer_sheet_of_large_print_is_as_large_as_a_page_holds(
    questions: int, options: int, scale: float
) -> None:
    full = form()
    section = full.sections[0]
    first = section.questions[0]
    part = first.variant.parts[0]
    key = part.answer
    assert isinstance(key, MultipleChoiceKey)
    asked = key.model_copy(update={"options": (key.options[0],) * options})
    variant = replace(first.variant, parts=(replace(part, answer=asked),))
    same = tuple(replace(first, number=n + 1, variant=variant) for n in range(questions))
    longer = replace(full, sections=(replace(section, questions=same),))
    assert answer_pages(longer, LARGE)[0].scale == scale


def test_extra_space_makes_every_space_larger() -> None:
    number, words = NumericKey(value="1"), TextKey(lines=5)
    assert space_for(number, 3, extra=1.5).height == pytest.approx(
        1.5 * space_for(number, 3).height, abs=0.1
    )
    assert space_for(words, 3, extra=1.5).lines == 8
    assert space_for(words, 3, scale=1.4).height == pytest.approx(1.4 * 36)


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sticks_out(name: str, language: str) -> None:
    for with_solutions in (False, True):
        sheet = build_sheet(form(language), solutions=with_solutions, paper=PAPERS[name])
        laid_out = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
        assert overflows(laid_out) == ()


@pytest.mark.parametrize("name", ["a student's", "large print"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_papers_are_accessible(name: str, language: str) -> None:
    for written in (exam(name, language), solutions(name, language)):
        report = page.validate_pdf_bytes(written, profile="ua1")
        assert report.is_compliant, [failure.message for failure in report.failures]


# Solutions, page by page


def test_solutions_name_the_exams_page_for_every_question() -> None:
    def page_of(pages: list[str], asked: str) -> int:
        return next(n for n, shown in enumerate(pages) if asked in re.sub(r"\s+", " ", shown))

    exam_pages = text(exam()).split("\f")[:-1]
    pages = text(solutions()).split("\f")[:-1]
    solved = re.sub(r"\s+", " ", " ".join(pages[2:]))
    for asked in ("Which values can", "What is the output size?", "Backpropagation 2", "Words"):
        if not any(asked in shown for shown in exam_pages[2:]):
            continue
        there = page_of(exam_pages[2:], asked) + 3
        lines = re.findall(r"Exam, page (\d+)", solved.partition(asked)[0])
        assert lines[-1:] == [str(there)], asked
    for number, shown in enumerate(pages, start=1):
        assert f"Solutions, page {number} of {len(pages)}" in shown


def test_solutions_go_on_below_where_a_page_of_the_exam_begins() -> None:
    """Each page of the exam beginning one of the solutions left half of every other page empty."""
    pages = [re.sub(r"\s+", " ", page) for page in text(solutions()).split("\f")[2:-1]]
    above = [page.partition("Exam, page")[0] for page in pages if "Exam, page" in page]
    assert any(len(words) > 300 for words in above)


def test_solutions_in_large_print_stay_on_the_page() -> None:
    sheet = build_sheet(form(), solutions=True, paper=LARGE)
    document = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
    edges = [
        box.content_box_x() + box.width - page._page_box.content_box_x() - page._page_box.width
        for page in document.pages
        for box in page._page_box.descendants()
        if box.element is not None and box.element.get("class") == "worked"
    ]
    assert edges
    assert max(edges) <= 0


def test_both_papers_at_once_are_the_same_as_one_by_one() -> None:
    both = render_papers(form(), PLAIN)
    assert both.exam == exam()
    assert both.solutions == solutions()


@pytest.mark.parametrize("names", [(EXAM, LAYOUT), (EXAM, SOLUTIONS, LAYOUT)], ids=len)
def test_the_layout_says_how_many_pages_the_exam_has(names: tuple[str, ...]) -> None:
    files = render(form(), PLAIN, names)
    assert files.keys() == set(names)
    with pikepdf.open(BytesIO(files[EXAM])) as written:
        assert json.loads(files[LAYOUT])["page_count"] == len(written.pages)


@pytest.mark.parametrize("name", PAPERS)
def test_the_layout_says_where_each_open_answer_is_written(name: str) -> None:
    files = render(form(), PAPERS[name], (EXAM, LAYOUT))
    layout = json.loads(files[LAYOUT])
    open_ones = [
        f"{question.number}{part.label}"
        for question in form().questions
        for part in question.variant.parts
        if not isinstance(part.answer, MultipleChoiceKey)
    ]
    assert [space["answer"] for space in layout["answers"]] == open_ones
    lined = {
        f"{question.number}{part.label}"
        for question in form().questions
        for part in question.variant.parts
        if space_for(part.answer, part.points).lines
    }
    seen = {page: scan(files[EXAM], page) for page in {s["page"] for s in layout["answers"]}}
    for space in layout["answers"]:
        drawn, left, top = seen[space["page"]], space["left"], space["top"]
        right, bottom = left + space["width"], top + space["height"]
        x, y = (left + right) / 2, (top + bottom) / 2
        edges = [(left + 5, bottom)]
        if space["answer"] not in lined:
            edges += [(left, y), (right, y), (x, top)]
        for x, y in edges:
            near = (-0.25, -0.1, 0, 0.1, 0.25)
            assert min(drawn.at(x + off, y + off) for off in near) < 200, space


@pytest.mark.parametrize("name", PAPERS)
def test_the_code_of_other_pages_is_where_the_layout_says(name: str) -> None:
    layout = page_layout(form(), PAPERS[name], PAGES)
    x, y = layout["code"]["center"]
    half = layout["code"]["side"] / 2
    drawn = scan(exam(name), 3)
    # Its finder patterns: black at the corners, white paper around.
    for across, down in ((-1, -1), (1, -1), (-1, 1)):
        assert drawn.at(x + across * (half - 0.3), y + down * (half - 0.3)) < 100
        assert drawn.at(x + across * (half + 0.4), y + down * (half + 0.4)) > 200


# Languages


def test_the_data_files_have_the_same_words() -> None:
    for language in LANGUAGES:
        words = WORDS[language]
        assert words.language == language
        assert set(words.scored) == set(WORDS["en"].scored)
        for field in ("minutes_more", "answer_sheet_row", "on_the_sheet", "boxes_points"):
            places = re.findall(r"\{\w*\}", getattr(words, field))
            assert sorted(places) == sorted(re.findall(r"\{\w*\}", getattr(WORDS["en"], field)))


def test_questions_keep_their_language_and_say_so() -> None:
    html = exam_html(build_sheet(form("de"), solutions=False))
    assert '<html lang="de"' in html
    assert html.count('<section class="stem" lang="en">') >= 8
    assert 'lang="' not in exam_html(build_sheet(form(), solutions=False)).partition(">")[
        2
    ].replace('<html lang="en"', "")
    with pikepdf.open(BytesIO(exam("plain", "de"))) as document:
        assert str(document.Root.Lang) == "de"
        sections = [
            str(thing.get("/Lang", ""))
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Sect"
        ]
    assert sections.count("en") >= 8
    assert sections.count("") >= 4


def test_no_word_of_the_other_language_is_left() -> None:
    shown = squeezed(exam("plain", "de")) + squeezed(solutions("plain", "de"))
    for english in (
        "Problem",
        "points",
        "Answer sheet",
        "Student number",
        "Page ",
        "Solutions",
        "none",
        "right",
    ):
        assert not re.search(rf"\b{english}\b", shown.replace("the right one", "")), english


# Print


def test_in_grey_nothing_is_lost() -> None:
    """Solutions are red and also framed by a bar; whatever is printed is much darker than paper."""
    for written in (exam(), solutions()):
        with pikepdf.open(BytesIO(written)) as document:
            colours = set()
            for sheet in document.pages:
                for operands, operator in pikepdf.parse_content_stream(sheet):
                    if str(operator) in {"rg", "RG"}:
                        colours.add(tuple(round(float(value), 3) for value in operands))
        grey = {c: 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] for c in colours}
        # Paper and its shades, or ink: nothing in between that a copier would drop.
        assert all(value < 0.62 or value > 0.76 for value in grey.values()), grey
    style = (Path(__file__).parents[2] / "templates" / "exam" / "solutions.css").read_text()
    assert re.search(r"\.worked \{[^}]*border-left: 1\.6pt", style)


def test_a_bookmark_for_each_section_and_problem() -> None:
    with pikepdf.open(BytesIO(exam())) as document, document.open_outline() as outline:
        sections = {item.title: [child.title for child in item.children] for item in outline.root}
    assert sections == {
        "Answer sheet": [],
        "Multiple choice": ["Problem 1", "Problem 2", "Problem 3"],
        "Short questions": ["Problem 4", "Problem 5", "Problem 6"],
        "Long questions": ["Problem 7: Backpropagation 1", "Problem 8: Backpropagation 2"],
        "Additional space": [],
    }


@pytest.mark.parametrize("name", PAPERS)
def test_no_key_in_what_a_student_gets(name: str) -> None:
    inside = everything_in(exam(name)) + text(exam(name))
    for hidden in (SECRET, r"(?<![\d.])7919", r"(?<![\d.])7907", "box_right", "mock-7"):
        assert not re.search(hidden, inside), hidden
    with pikepdf.open(BytesIO(exam(name))) as document:
        assert "/Names" not in document.Root or "/EmbeddedFiles" not in document.Root.Names
        assert "/OCProperties" not in document.Root


def test_a_page_1_that_runs_over_is_refused() -> None:
    title = "An exam with a title that goes on and on " * 12
    with pytest.raises(InputError) as caught:
        render_exam(replace(form(), title=title), LARGE)
    assert caught.value.diagnostics[0].code == "long-cover"


def test_many_long_questions_share_a_line_of_the_table() -> None:
    full = form()
    *others, longs = full.sections
    many = replace(longs, questions=longs.questions * 7)
    sheet = build_sheet(replace(full, sections=(*others, many)), solutions=False)
    assert [problem.title for problem in sheet.problems] == [s.title for s in full.sections]
