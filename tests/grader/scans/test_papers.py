"""Pages put together as papers: in any order, with some doubled, missing, foreign or damaged; nothing is dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.scans.answers import answers_of
from grader.scans.decisions import Decision, standing
from grader.scans.layout import PageCode
from grader.scans.open_things import open_things, told
from grader.scans.papers import Seen, papers_in
from grader.scans.reading import Reading, papers_of
from tests.grader.scans.conftest import CHOICES
from tests.grader.scans.printed import EXAM, SHEET, layout_of

OWN = papers_of([layout_of(name, CHOICES, student=name) for name in ("w1", "w2")])
SHARED = papers_of([layout_of(form, CHOICES, digits=3) for form in "AB"])


def page(form: str, number: int, picture: str = "") -> Reading:
    name = picture or f"{form}-{number}"
    return Reading(name, "page", PageCode(EXAM, form, number))


def sheet(
    form: str, marks: str = "", *, number: str = "", picture: str = "", open_: str = ""
) -> Reading:
    """A sheet with boxes checked (and open) by name, and a number of three digits."""
    layout = (SHARED if form in "AB" else OWN).layouts[form]
    checked, unsure = set(marks.split(",")), set(open_.split(","))
    states = [
        "unsure" if b.name in unsure else "cross" if b.name in checked else "empty"
        for b in layout.pages[0].boxes
    ]
    states += [
        "cross" if number[d.place : d.place + 1] == str(d.digit) else "empty"
        for d in layout.pages[0].digits
    ]
    name = picture or f"{form}-{SHEET}-{number}-{marks}-{open_}"
    return Reading(name, "sheet", PageCode(EXAM, form, SHEET), states=tuple(states))


def seen(*readings: Reading) -> list[Seen]:
    return [Seen("s.pdf", n, len(readings), reading) for n, reading in enumerate(readings, start=1)]


def said(*decisions: tuple[str, str, str, str]):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return standing([Decision(now, "me", *each) for each in decisions])


def whole(form: str, **more: str) -> list[Reading]:
    return [page(form, 1), sheet(form, **more), page(form, 3), page(form, 4)]


def faults(found, pages, papers) -> list[str]:
    return [each.message for each in told(found, pages, papers) if each.fault]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5, 6, 7], [5, 2, 7, 0, 3, 6, 1, 4]], ids=str)
def test_papers_that_name_their_student_come_together_in_any_order(order) -> None:
    readings = [*whole("w1", marks="1a"), *whole("w2", marks="1b")]
    pages = seen(*[readings[n] for n in order])
    found = papers_in(pages, OWN, {})
    assert [(p.student, sorted(p.scans), p.missing) for p in found] == [
        ("w1", [1, 2, 3, 4], []),
        ("w2", [1, 2, 3, 4], []),
    ]
    assert not faults(found, pages, OWN)
    assert not open_things(found, pages, {})


def test_a_missing_page_is_told() -> None:
    pages = seen(*whole("w1"), page("w2", 1), page("w2", 3))
    found = papers_in(pages, OWN, {})
    assert faults(found, pages, OWN) == ["pages 2, 4 of w2: not scanned"]


def test_pages_that_nobody_has_were_left_out_on_purpose() -> None:
    pages = seen(sheet("w1"), sheet("w2"))
    found = papers_in(pages, OWN, {})
    assert not faults(found, pages, OWN)
    (note,) = told(found, pages, OWN)
    assert "1, 3 to 4" in note.message


def test_a_paper_of_which_there_is_nothing_is_told() -> None:
    pages = seen(*whole("w1"))
    notes = told(papers_in(pages, OWN, {}), pages, OWN)
    assert [note.message for note in notes] == ["no page was scanned of 1 paper: w2"]


def test_the_same_picture_twice_counts_once() -> None:
    pages = seen(*whole("w1", marks="1a"), sheet("w1", marks="1a"))
    found = papers_in(pages, OWN, {})
    assert found[0].sheets[SHEET] is not None
    notes = [note for note in told(found, pages, OWN) if note.code == "doubled"]
    assert len(notes) == 1
    assert not notes[0].fault
    assert "scanned 2 times: s.pdf, page 2, s.pdf, page 5; the same picture" in notes[0].message


def test_two_scans_with_the_same_marks_agree_and_the_clearer_counts() -> None:
    pages = seen(
        sheet("w1", marks="1a", open_="2b", picture="x"), sheet("w1", marks="1a", picture="y")
    )
    found = papers_in(pages, OWN, {})
    counted = found[0].sheets[SHEET]
    assert counted is not None
    assert counted.reading.sha256 == "y"
    assert not open_things(found, pages, {})


def test_two_scans_that_differ_wait_for_a_person(key) -> None:
    pages = seen(sheet("w1", marks="1a", picture="x"), sheet("w1", marks="1b", picture="y"))
    found = papers_in(pages, OWN, {})
    assert found[0].sheets[SHEET] is None
    assert [thing.about for thing in open_things(found, pages, {})] == ["double", "double"]
    assert set(answers_of(found[0], key, {}).waiting.values()) == {"doubled", "paper"}
    decided = said(("y", "double", "", "counts"))
    found = papers_in(pages, OWN, decided)
    assert answers_of(found[0], key, decided).checked == {"1": ("b",)}
    aside = said(("y", "double", "", "aside"))
    assert answers_of(papers_in(pages, OWN, aside)[0], key, aside).checked == {"1": ("a",)}


def test_a_damaged_page_is_told_unless_a_better_scan_counts() -> None:
    torn = Reading(
        "torn", "damaged", PageCode(EXAM, "w1", SHEET), "only 2 of its 4 markers can be seen"
    )
    pages = seen(torn, page("w1", 1))
    found = papers_in(pages, OWN, {})
    assert faults(found, pages, OWN) == [
        "s.pdf, page 1 (form w1, page 2): only 2 of its 4 markers can be seen; a person looks at it"
    ]
    again = seen(torn, page("w1", 1), sheet("w1"))
    assert not faults(papers_in(again, OWN, {}), again, OWN)


def test_foreign_and_blank_pages_are_accounted_for() -> None:
    foreign = Reading("f", "foreign", PageCode("OTHER", "A", 2), "belongs to another exam (OTHER)")
    pages = seen(*whole("w1"), *whole("w2"), foreign, Reading("b", "blank"))
    notes = {note.code: note for note in told(papers_in(pages, OWN, {}), pages, OWN)}
    assert notes["foreign"].fault
    assert notes["foreign"].message == "s.pdf, page 9 belongs to another exam (OTHER)"
    assert not notes["blank"].fault


def test_shared_forms_belong_to_whose_number_is_crossed() -> None:
    pages = seen(*whole("A", number="123"), *whole("B", number="456"), *whole("A", number="789"))
    found = papers_in(pages, SHARED, {})
    assert [(p.student, p.layout.form, sorted(p.scans)) for p in found] == [
        ("123", "A", [1, 2, 3, 4]),
        ("456", "B", [1, 2, 3, 4]),
        ("789", "A", [1, 2, 3, 4]),
    ]


NUMBERS = {
    "": "no student number is crossed",
    "12": "no digit is crossed at place 3 of the student number",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_not_there_is_asked_for_and_joins_its_pages(number) -> None:
    pages = seen(*whole("A", number=number))
    found = papers_in(pages, SHARED, {})
    (thing,) = open_things(found, pages, {})
    assert thing.about == "student"
    assert NUMBERS[number] in thing.asks
    decided = said((thing.seen.reading.sha256, "student", "", "555"))
    (paper,) = papers_in(pages, SHARED, decided)
    assert (paper.student, sorted(paper.scans)) == ("555", [1, 2, 3, 4])
    assert not open_things([paper], pages, decided)


def test_two_digits_at_one_place_are_not_guessed() -> None:
    reading = sheet("A", number="123")
    states = list(reading.states)
    digits = SHARED.layouts["A"].pages[0].digits
    states[-len(digits) + 9] = "circled"
    pages = seen(replace(reading, states=tuple(states)))
    (thing,) = open_things(papers_in(pages, SHARED, {}), pages, {})
    assert "1 and 9 are crossed at place 1 of the student number" in thing.asks


def test_one_number_on_two_sheets_waits_for_a_person() -> None:
    pages = seen(*whole("A", number="123", marks="1a"), *whole("A", number="123", marks="1b"))
    found = papers_in(pages, SHARED, {})
    assert [thing.about for thing in open_things(found, pages, {})] == ["double", "double"]
    alike = [sheet("A", number="123", picture=picture) for picture in "xy"]
    found = papers_in(seen(*alike), SHARED, {})
    assert len(open_things(found, seen(*alike), {})) == 2  # two students may well mark the same
    both = seen(*whole("A", number="123"), *whole("B", number="123"))
    found = papers_in(both, SHARED, {})
    assert [paper.student for paper in found] == [None, None]
    assert all("forms A and B" in thing.asks for thing in open_things(found, both, {}))


def test_pages_without_a_sheet_are_nobodys_and_told() -> None:
    pages = seen(*whole("A", number="123"), page("A", 3, "x"), page("A", 4, "y"))
    found = papers_in(pages, SHARED, {})
    messages = faults(found, pages, SHARED)
    assert any(m.startswith("nobody's: s.pdf, page 5, s.pdf, page 6 (form A;") for m in messages)


def test_answers_and_what_waits(key) -> None:
    pages = seen(sheet("w1", marks="1a,1d,2 none,3a,3 none,5c", open_="4b"))
    (paper,) = papers_in(pages, OWN, {})
    found = answers_of(paper, key, {})
    assert found.checked == {"1": ("a", "d"), "2": ("none",), "5": ("c",)}
    assert found.waiting == {"3": "unsure", "4": "unsure", "7": "paper"}
    assert found.unsure
    asked = [(t.box, t.asks.partition(": ")[2]) for t in open_things([paper], pages, {})]
    assert asked == [
        ("3a", "box 3a is checked, and so is none. Is it checked?"),
        ("3 none", "box 3 none is checked, and so is a. Is it checked?"),
        ("4b", "box 4b is not clear. Is it checked?"),
    ]


def test_decisions_take_effect_and_can_be_taken_back(key) -> None:
    pages = seen(sheet("w1", marks="3a,3 none", open_="4b", picture="p"))
    (paper,) = papers_in(pages, OWN, {})
    decided = said(("p", "box", "4b", "checked"), ("p", "box", "3 none", "empty"))
    assert answers_of(paper, key, decided).checked == {"3": ("a",), "4": ("b",)}
    assert not open_things([paper], pages, decided)
    back = said(("p", "box", "4b", "checked"), ("p", "box", "4b", ""))
    assert answers_of(paper, key, back).waiting["4"] == "unsure"


# What was decided of box 5a on the first scan, how the first and the second scan read it, and what comes of it.
RESCANS = {
    "the new one reads otherwise": ("empty", "unsure", "cross", None),
    "the new one reads the same": ("checked", "unsure", "cross", True),
    "the new one is as unclear": ("empty", "unsure", "unsure", False),
    "a clear reading was overruled": ("empty", "cross", "unsure", False),
}


@pytest.mark.parametrize("name", RESCANS)
def test_a_decision_on_a_box_holds_for_the_box_whatever_scan_counts(name, key) -> None:
    decision, first, second, comes = RESCANS[name]
    scans = [
        sheet("w1", "5a" if state == "cross" else "", open_="5a" if state == "unsure" else "", picture=picture)
        for picture, state in (("x", first), ("y", second))
    ]  # fmt: skip
    for order in (scans, scans[::-1]):
        pages = seen(*order)
        decided = said(("x", "box", "5a", decision))
        (paper,) = papers_in(pages, OWN, decided)
        answers = answers_of(paper, key, decided)
        things = open_things([paper], pages, decided)
        if comes is not None:
            assert answers.checked.get("5") == (("a",) if comes else None)
            assert not things
            continue
        assert answers.waiting["5"] == "unsure"
        (thing,) = things
        assert thing.place == ("y", "box", "5a")
        assert thing.beside is not None
        assert thing.beside.reading.sha256 == "x"
        assert "box 5a was decided to be not checked on s.pdf" in thing.asks
        for last, expected in (("checked", ("a",)), ("empty", None)):
            more = said(("x", "box", "5a", decision), ("y", "box", "5a", last))
            assert answers_of(paper, key, more).checked.get("5") == expected
            assert not open_things([paper], pages, more)


def test_of_two_sheets_with_one_number_a_decision_holds_for_its_own_alone(key) -> None:
    pages = seen(
        sheet("A", "1a", number="123", open_="5a", picture="x"),
        sheet("A", "1b", number="123", open_="5a", picture="y"),
    )
    decided = said(("x", "box", "5a", "checked"), ("y", "double", "", "counts"))
    (paper,) = papers_in(pages, SHARED, decided)
    assert answers_of(paper, key, decided).waiting["5"] == "unsure"
