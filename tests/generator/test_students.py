"""Students from a table, the forms that are theirs, and the lists of their seats."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.blueprint import load_blueprint
from generator.cautions import odd_names
from generator.make import make_exam, printed_sizes
from generator.page_plan import PAGE, Block, emptiness
from generator.record import dumps, for_students, form_of, loads, record_of
from generator.seats import WORDS, seat_lists, seated, seats_csv, seats_pdf
from generator.students import MAX_STUDENTS, Student, read_students
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank
from templates.environment import environment
from templates.fonts.coverage import unprintable
from templates.overflow import overflows
from templates.pdf import lay_out

CASES = yaml.load(
    Path(__file__).with_name("students.yaml").read_text(encoding="utf-8"), yaml.BaseLoader
)


def read(table):
    content = table if isinstance(table, bytes) else table.encode()
    return read_students(content, "s.csv", unprintable=unprintable)


@pytest.mark.parametrize("case", CASES["right"], ids=lambda case: case["name"])
def test_a_table_is_read(case):
    students = read(case["table"])
    assert [[student.id, student.name] for student in students] == case["students"]
    if "spaces" in case:
        assert [student.extra_space for student in students] == list(map(float, case["spaces"]))
    if "large" in case:
        assert [student.large_print for student in students] == [True]


@pytest.mark.parametrize("case", CASES["wrong"], ids=lambda case: case["name"])
def test_a_table_is_refused_with_every_mistake_in_it(case):
    with pytest.raises(InputError) as refused:
        read(case["table"])
    lines = [diagnostic.render() for diagnostic in refused.value.diagnostics]
    assert len(lines) == len(case["says"])
    for line, says in zip(lines, case["says"], strict=True):
        assert line.startswith(says)


def test_another_encoding_is_named_with_its_place():
    with pytest.raises(InputError, match=r"s\.csv:3:5: error\[bad-encoding\].*0xfc"):
        read("id,name\nw1,Ada\nw2,Jürgen".encode("latin-1"))
    with pytest.raises(InputError, match=r"is UTF-16 \(save it as \"CSV UTF-8\"\)"):
        read("id,name\nw1,Ada\n".encode("utf-16"))


def test_a_flood_is_cut_short():
    many = "id,name\n" + "".join(f"w{i},A\n" for i in range(MAX_STUDENTS + 1))
    with pytest.raises(InputError, match="5000 is the most"):
        read(many)
    with pytest.raises(InputError) as refused:
        read("id,name\n" + "w1,\n" * 200)
    assert len(refused.value.diagnostics) == 51
    assert "349 more of the kind" in str(refused.value)
    assert len(read("id,name\nw1," + "A" * 300)[0].name) == 300
    with pytest.raises(InputError, match="a cell of 301 characters; 300 is the most"):
        read("id,name\nw1," + "A" * 301)
    with pytest.raises(InputError, match="larger than 5 MB"):
        read(b"id,name\n" + b"x" * 5_000_001)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=20).map(str.strip),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(",;"),
)
def test_what_a_writer_of_tables_writes_is_read_back(names, separator):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    writer.writerow(["id", "name"])
    writer.writerows([f"w{i}", f"N {name} N"] for i, name in enumerate(names))
    found = read_students(stream.getvalue().encode(), "s.csv")
    assert [s.name for s in found] == [unicodedata.normalize("NFC", f"N {n} N") for n in names]


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_students_or_a_refusal(content):
    try:
        assert read(content)
    except InputError as refused:
        assert refused.diagnostics  # noqa: PT017 - either way is right


@pytest.fixture(scope="module")
def bank(bank_folder):
    return load_bank([bank_folder])


@pytest.fixture(scope="module")
def record(bank):
    return record_of(make_exam(load_blueprint("mock_exam"), bank, seed=3))


def student(name="Ada", **more):
    return Student(**{"id": "w1", "name": name, **more})


def test_a_students_form_depends_on_nobody_else(bank, record):
    ada, grace, emmy = (student(name, id=name.lower()) for name in ("Ada", "Grace", "Emmy"))
    two = for_students(record, [ada, grace], bank.questions)
    more = for_students(record, [emmy, grace, ada], bank.questions)
    assert two.forms[0] == more.forms[2]
    assert two.forms[1] == more.forms[1]
    assert two.forms[0].sections != two.forms[1].sections


def test_an_order_fills_the_pages_of_the_paper_that_a_student_gets(bank, record):
    asked = []

    def sizes_of(form, paper):
        asked.append((paper.large_print, paper.extra_space))
        sizes = printed_sizes(form, paper)
        if paper.large_print:
            # The first question of the bank fills a page.
            first = min(sizes.questions)
            return replace(sizes, questions={**sizes.questions, first: (Block(PAGE, 0),)})
        return sizes

    def same_with(name, **more):
        return student(name, id=name.lower(), **more)

    usual = [same_with("Ada"), same_with("Grace"), same_with("Emmy", form="x")]
    large = [
        same_with("Ada", large_print=True),
        same_with("Grace", large_print=True, extra_space=1.5),
        same_with("Emmy", form="x", large_print=True),
    ]
    plain = for_students(record, usual, bank.questions, sizes_of).forms
    assert asked == [(False, 1.0)]
    asked.clear()
    forms = for_students(record, [*usual[1:], *large], bank.questions, sizes_of).forms
    assert asked == [(False, 1.0), (True, 1.0), (True, 1.5)]
    # Nobody else's paper changes; who shares a form shares its order, whatever each one's print.
    assert forms[:2] == plain[1:]
    assert forms[4].sections == plain[2].sections
    assert [form.sections for form in forms[2:4]] != [form.sections for form in plain[:2]]
    for form in forms[2:4]:
        sizes = sizes_of(
            form_of(record, record.forms[0], bank.questions), large[0].kind_of_paper("A")
        )
        kinds = [section.kind for section in record.blueprint.sections]
        order = [[question.id for question in section.questions] for section in form.sections]
        drawn = [
            [question.id for question in section.questions]
            for section in for_students(record, [form.student], bank.questions).forms[0].sections
        ]
        assert emptiness(kinds, sizes, order) <= emptiness(kinds, sizes, drawn)


def test_all_students_get_the_questions_of_the_exam(bank, record):
    students = [student(id=f"w{number}") for number in range(20)]
    forms = for_students(record, students, bank.questions).forms
    chosen = [sorted(question.id for question in s.questions) for s in record.forms[0].sections]
    for form in forms:
        assert [sorted(q.id for q in section.questions) for section in form.sections] == chosen
        numbers = [question.number for section in form.sections for question in section.questions]
        assert numbers == list(range(1, len(numbers) + 1))
    orders = {tuple(q.id for s in form.sections for q in s.questions) for form in forms}
    assert len(orders) > 15


def test_students_with_the_same_word_get_the_same_form(bank, record):
    students = [student(id="w1", form="A"), student(id="w2", form="A"), student(id="A")]
    one, two, own = for_students(record, students, bank.questions).forms
    assert one.sections == two.sections
    assert one.label != two.label
    # An id that looks like the word is another thing.
    assert own.sections != one.sections


def test_the_record_keeps_the_students(bank, record):
    students = (
        student(large_print=True, extra_minutes=30, extra_space=1.5, seat="7", room="HS 1"),
        student("Jürgen", id="w2"),
    )
    made = for_students(record, students, bank.questions)
    again = loads(dumps(made), "exam.json")
    assert again == made
    assert again.students == students
    assert '"student"' not in dumps(record)
    paper = again.students[0].paper(unprintable)
    assert (paper.form, paper.name, paper.student_id) == ("w1", "Ada", "w1")
    assert (paper.large_print, paper.extra_minutes, paper.extra_space) == (True, 30, 1.5)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"label": "w1"', '"label": "w2"'),
        ('"label": "w1"', '"label": "../w1"'),
        ('"id": "w1"', '"id": "../w1"'),
        ('"extra_minutes": 0', '"extra_minutes": -1'),
    ],
)
def test_a_record_whose_student_does_not_fit_is_refused(bank, record, old, new):
    text = dumps(for_students(record, [student()], bank.questions))
    assert old in text
    with pytest.raises(InputError, match="bad-exam"):
        loads(text.replace(old, new), "exam.json")


def rows(students):
    text = seats_csv(students)
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_seats_are_listed_by_seat():
    students = [
        student(id=f"w{i}", seat=seat, room=room)
        for i, (seat, room) in enumerate([("10", "B"), ("9", "B"), ("A2", "A"), ("A10", "A")])
    ]
    assert [(row["room"], row["seat"]) for row in rows(students)] == [
        ("A", "A2"), ("A", "A10"), ("B", "9"), ("B", "10"),
    ]  # fmt: skip


def test_without_seats_they_are_numbered_in_the_order_of_the_table_in_each_room():
    students = [student(id=f"w{i}", room="AB"[i % 2]) for i in range(4)]
    assert [(s.room, s.seat, s.id) for s in seated(students)] == [
        ("A", "1", "w0"), ("A", "2", "w2"), ("B", "1", "w1"), ("B", "2", "w3"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["=1+2", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_name_runs_as_a_formula(name):
    (row,) = rows([student(name, room=name, group=name)])
    assert row["name"] == row["room"] == row["group"] == f"'{name}"
    by_seat, _by_name = seat_lists(seated([student(name)]), WORDS["en"])
    assert by_seat.rows[0][1] == name


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_printed_lists_hold_everybody_by_seat_and_by_name(language):
    students = [
        student("Emmy Noether", id="w1", room="HS 1"),
        student("Ada Lovelace", id="w2", room="HS 2", large_print=True, extra_minutes=30),
        student("Łu<b>kasz Żółć", id="w3", room="HS 1", extra_space=2),
    ]
    first, second, by_name = seat_lists(seated(students), WORDS[language])
    assert [row[:3] for row in first.rows] == [
        ("1", "Emmy Noether", "w1"),
        ("2", "Łu<b>kasz Żółć", "w3"),
    ]
    assert [row[2] for row in second.rows] == ["w2"]
    assert "30" in second.rows[0][3]
    assert [row[1] for row in by_name.rows] == ["w2", "w1", "w3"]
    assert all(column.heading for column in by_name.columns)
    texts = {"title": "Exam", "course": "Course", "language": language}
    written = seats_pdf(students, **texts, unprintable=unprintable)
    assert written == seats_pdf(students, **texts, unprintable=unprintable)
    with pikepdf.open(io.BytesIO(written)) as document:
        assert len(document.pages) == 3
        assert str(document.Root.Lang) == language


def test_a_long_name_and_a_line_for_one_stay_in_their_column():
    students = [
        student("王小明", id="w1", seat="1", room="H 1", group="a", large_print=True),
        student(
            "Donaudampfschifffahrt" * 3, id="w2", seat="2", room="H 1", group="a", extra_minutes=5
        ),
        student("Ada", id="l" + "0123456789" * 4, seat="1", room="H 2", group="b"),
    ]
    words = WORDS["de"]
    lists = seat_lists(seated(students), words, unprintable)
    html = (
        environment()
        .get_template("seats/seats.html")
        .render(language="de", title="T", course="C", words=words, lists=lists)
    )
    document = lay_out(html, styles=("seats/seats.css",))
    cells = lines = 0
    for page in document.pages:
        for cell in _cells(page._page_box):
            cells += 1
            blank = [box for box in cell.descendants() if _class(box) == "blank"]
            lines += sum(box.width > 30 and box.border_bottom_width > 0 for box in blank)
            right = cell.content_box_x() + cell.width
            for box in cell.descendants():
                if getattr(box, "text", "") or _class(box) == "blank":
                    assert box.position_x + box.width <= right + 0.1
    assert cells >= 3 * 6
    assert lines == 2, "one for w1 in the list by seat and in the list by name"
    assert overflows(document) == ()


def _cells(box):
    if box.element_tag in ("td", "th") and hasattr(box, "colspan"):
        yield box
        return
    for child in getattr(box, "children", ()):
        yield from _cells(child)


def _class(box):
    return None if box.element is None else box.element.get("class")


LONG = "Maximiliane " * 8 + "von und zu Hohenzollern"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Ada", "Ada"),
        ("A" * 80, "A" * 80),
        ("A" * 81, "A" * 79 + "…"),
        ("A" * 78 + " B" + "C" * 9, "A" * 78 + "…"),
        ("A" * 78 + "q\u0301\u0301q", "A" * 78 + "…"),
        ("王小明", None),
        ("Li 明", None),
    ],
)
def test_a_paper_bears_a_name_as_far_as_it_can(name, printed):
    paper = student(name).paper(unprintable)
    assert (paper.name, paper.student_id) == (printed, "w1")


def test_a_name_that_cannot_be_printed_is_a_line_on_the_lists_and_whole_in_the_table():
    students = [
        student("王小明", id="w0", seat="1"),
        student("李", id="w1", seat="2"),
        student("Zoë Z", id="w3", seat="3"),
        student(LONG, id="w4", seat="4"),
    ]
    assert [row["name"] for row in rows(students)] == ["王小明", "李", "Zoë Z", LONG]
    by_seat, by_name = seat_lists(seated(students), WORDS["en"], unprintable)
    cut = students[3].printed_name
    assert [row[:3] for row in by_seat.rows] == [
        ("1", "", "w0"), ("2", "", "w1"), ("3", "Zoë Z", "w3"), ("4", cut, "w4"),
    ]  # fmt: skip
    # Names to be written come last, by number; a long one stands where the whole name belongs.
    assert [row[1] for row in by_name.rows] == ["w4", "w3", "w0", "w1"]


def test_names_that_paper_cannot_bear_are_told_by_student(bank, record):
    students = [student("王小明", id="w1"), student(LONG, id="w2"), student("Ada", id="w3")]
    assert loads(
        dumps(for_students(record, students, bank.questions)), "exam.json"
    ).students == tuple(students)
    of_letters, of_length = odd_names(students, unprintable)
    assert of_letters.render().startswith(
        'warning[no-glyph]: the name of w1, "王小明", holds 王 小 明, which no font of the paper has:'
        " the paper bears the number and a line for the name ("
    )
    assert of_length.render().startswith("warning[long-name]: the name of w2 has 119 characters")
    many = list(odd_names([student("明", id=f"w{i}") for i in range(53)], unprintable))
    assert len(many) == 51
    assert many[-1].message == "3 more names of the kind"
