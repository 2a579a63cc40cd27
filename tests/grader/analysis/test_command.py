"""`grade --analyse` as it is typed: what it writes, says and keeps; the page holds no name, no NaN, no foreign HTML."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.analysis.analysis import analyse
from grader.analysis.page import render_page
from grader.analysis.proposals import proposal
from grader.analysis.responses import responses_of
from grader.analysis.tables import to_json
from grader.report import to_json as report_json
from tests.grader.analysis.classes import (
    ASSIGNMENT,
    able_class,
    choice,
    form,
    items,
    number,
    report,
    responses,
    write_exam,
)

FILES = {"analysis.html", "analysis.json", "items.csv", "options.csv", "students.csv"}


def write_reports(folder, papers):
    folder.mkdir()
    for place, one in enumerate(papers):
        (folder / f"{place:03}.json").write_text(report_json(one), "utf-8")


def class_of(keys, students, seed=1, *, miskeyed=None):
    scores = able_class(students, np.linspace(-1, 1, len(keys[0].questions)), seed)
    if miskeyed is not None:
        scores[:, miskeyed] = 1 - scores[:, miskeyed]
    return [
        report(
            keys[place % len(keys)],
            {str(n + 1): "ab"[int(v)] for n, v in enumerate(row)},
            f"student-{place}",
        )
        for place, row in enumerate(scores)
    ]


@pytest.fixture
def exam(work):
    """An exam of two forms with a wrong key in question 3, and reports of 60 students."""
    keys = [form("A", items(8)), form("B", items(8))]
    write_exam(work / "exam", keys)
    write_reports(work / "reports", class_of(keys, 60, miskeyed=2))
    return keys


ANALYSE = ("reports", "--analyse", "--exam", "exam/exam.json", "-o", "out")


def test_it_writes_a_page_and_tables_and_says_what_matters(exam, grade, work):
    ran = grade(*ANALYSE)
    assert ran.status == 1  # a key looks wrong
    assert ran.out.splitlines()[0].startswith("60 papers on 2 forms: ")
    assert "One key looks wrong: 3. Look there before results are out." in ran.out
    assert "3  item_02 (form A, B): strong" in ran.out
    written = {path.name for path in (work / "out").iterdir() if path.is_file()}
    assert written == FILES
    data = json.loads((work / "out" / "analysis.json").read_text())
    assert [s["item"] for s in data["suspicions"] if s["strength"] == "strong"] == ["item_02"]
    rows = list(csv.DictReader(io.StringIO((work / "out" / "items.csv").read_text())))
    assert [row["item"] for row in rows] == [f"item_{n:02}" for n in range(8)]
    assert float(rows[2]["discrimination"]) < 0


def test_no_student_is_named(exam, grade, work):
    grade(*ANALYSE)
    for path in (work / "out").rglob("*"):
        if path.is_file():
            assert "student-" not in path.read_text("utf-8"), path
    rows = list(csv.DictReader(io.StringIO((work / "out" / "students.csv").read_text())))
    assert [row["student"] for row in rows[:2]] == ["S001", "S002"]
    percent = [float(row["percent"]) for row in rows]
    assert percent == sorted(percent, reverse=True)


def test_students_own_forms_name_nobody(work, grade):
    keys = [form(f"student-{n}", items(6)) for n in range(80)]
    write_exam(work / "exam", keys, students=True)
    write_reports(work / "reports", class_of(keys, 80, miskeyed=1))
    ran = grade(*ANALYSE)
    assert ran.status == 1, ran.err
    assert "80 papers, each on a form of its own: " in ran.out
    for path in (work / "out").rglob("*"):
        assert path.is_dir() or "student-" not in path.read_text("utf-8"), path
    assert "student-" not in ran.out + ran.err


def test_the_same_reports_in_any_order_give_the_same_bytes(exam, grade, work):
    grade(*ANALYSE)
    first = {path.name: path.read_bytes() for path in (work / "out").iterdir() if path.is_file()}
    files = sorted((work / "reports").iterdir(), reverse=True)
    grade(*files, "--analyse", "--exam", "exam/exam.json", "-o", "out2")
    second = {path.name: path.read_bytes() for path in (work / "out2").iterdir() if path.is_file()}
    # But for the folder in the line that mends a key.
    assert {n: b.replace(b"out2/", b"out/") for n, b in second.items()} == first


def test_json_alone(exam, grade, work):
    ran = grade("reports", "--analyse", "--exam", "exam/exam.json", "--json", "-")
    assert json.loads(ran.out)["students"] == 60
    assert sorted(p.name for p in work.iterdir()) == ["exam", "reports"]


def test_a_clean_class_ends_with_0(work, grade):
    keys = [form("A", items(8))]
    write_exam(work / "exam", keys)
    write_reports(work / "reports", class_of(keys, 80, seed=3))
    ran = grade(*ANALYSE)
    assert (ran.status, "No key looks wrong." in ran.out) == (0, True)


def test_what_lies_beside_the_reports(exam, grade, work):
    (work / "reports" / "summary.json").write_text("{}")
    (work / "reports" / "w0001.results.json").write_text('{"score": 1}')
    (work / "reports" / "000.html").write_text("a page")
    ran = grade(*ANALYSE)
    assert "Note: 1 file beside the reports is none." in ran.out
    assert "w0001" not in ran.out + (work / "out" / "analysis.html").read_text()


def test_of_several_results_the_last_counts(exam, grade, work):
    again = report(exam[0], {"1": "b"}, "student-0")
    write_reports(work / "more", [again])
    data = json.loads((work / "more" / "000.json").read_text())
    data["submitted_at"] = "2026-02-04T09:00:00Z"
    (work / "more" / "000.json").write_text(json.dumps(data))
    ran = grade("more", *ANALYSE)
    assert "60 papers on 2 forms" in ran.out
    assert "of students with several results the last counts; 1 earlier is left out" in ran.out
    # The later paper has one answer: of its eight questions six were not reached.
    data = json.loads((work / "out" / "analysis.json").read_text())
    assert sum(item["statistics"]["not_reached"] for item in data["items"]) == 6


def test_papers_marked_with_another_key_are_told(exam, grade, work):
    keys = [key.model_copy(update={"title": "corrected"}) for key in exam]
    write_exam(work / "exam", keys)
    ran = grade(*ANALYSE)
    assert "60 papers were marked with another version of the key" in ran.out


def recorded(grade, work, exam, answers, **more):
    """Grade a class with --record."""
    hand_in = work / "hand-in"
    for user, text in answers.items():
        (hand_in / user).mkdir(parents=True)
        (hand_in / user / "answers.yaml").write_text(text)
    ran = grade(
        "hand-in", "--exam", "exam/exam.json", "--record", "--user-from", ".+", "-o", "graded"
    )
    assert ran.status == 0, ran.err
    return ran


def test_the_line_that_mends_a_key_does(exam, grade, work):
    scores = able_class(40, np.linspace(-1, 1, 8), 1)
    scores[:, 2] = 1 - scores[:, 2]
    answers = {
        f"student-{place}": f"form: {'AB'[place % 2]}\nanswers: {{"
        + ", ".join(f"{n + 1}: {'ab'[int(v)]}" for n, v in enumerate(row))
        + "}\n"
        for place, row in enumerate(scores)
    }
    recorded(grade, work, exam, answers)
    # Without reports: what the store holds.
    ran = grade("--analyse", "--exam", "exam/exam.json", "-o", "out")
    assert ran.status == 1, ran.err
    line = next(line for line in ran.out.splitlines() if "--regrade" in line)
    words = shlex.split(line.partition("#")[0])
    assert words[0] == "grade"
    mended = grade(*words[1:])
    assert mended.status == 0, mended.err
    gain = int(np.sum(scores[:, 2] == 0))
    assert f"40 graded again (the corrected key alone): {gain} gain, 0 lose" in mended.out
    assert "nothing was recorded (--dry-run)" in mended.err
    assert ASSIGNMENT in words


MISUSE = [
    (["reports", "--analyse", "-o", "out"], "error[no-exam]: --analyse needs the exam"),
    (["reports", "--analyse", "--exam", "exam/exam.json"], "error[no-folder]: --analyse needs a folder"),
    ([*ANALYSE, "--user", "x"], "error[not-for-analysis]: --user is not for --analyse"),
    ([*ANALYSE, "--user-from", "x"], "error[not-for-analysis]: --user-from is not for --analyse"),
    (["exam/exam.json", *ANALYSE[1:]], "exam/exam.json: error[not-a-report]: is no report of grade"),
    (["empty", *ANALYSE[1:]], "empty: error[no-reports]: holds no report of grade"),
    (["absent.json", *ANALYSE[1:]], "absent.json: error[cannot-read]: cannot be read: No such file"),
    (["other.json", *ANALYSE[1:]], 'other.json: error[other-exam]: is a report of "b-test"'),
    (["form.json", *ANALYSE[1:]], "error[other-form]: none of the reports is of a form of this exam"),
    (["blank.json", *ANALYSE[1:]], "error[no-answers]: no paper has an answer"),
    ([*ANALYSE[:-1], "reports"], "reports: error[cannot-write]: holds the reports that are analysed"),
    ([*ANALYSE[:-1], "file"], "error[cannot-write]"),
    (["reports", "--analyse", "--exam", "empty/exam.json", "-o", "out"], "error[cannot-read]"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "says"), MISUSE, ids=[says[:40] for _, says in MISUSE])
def test_misuse_is_one_message_and_leaves_nothing(words, says, exam, grade, work, home_of_its_own):
    (work / "empty").mkdir()
    (work / "file").write_text("kept")
    whole = json.loads((work / "reports" / "000.json").read_text())
    (work / "other.json").write_text(json.dumps(whole | {"assignment": "b-test"}))
    (work / "form.json").write_text(json.dumps(whole | {"form": "Z"}))
    blank = report(exam[0], {}, "w")
    (work / "blank.json").write_text(report_json(blank))
    before = sorted(work.rglob("*"))
    ran = grade(*words)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1
    assert sorted(work.rglob("*")) == before
    assert (work / "file").read_text() == "kept"
    assert not (home_of_its_own / "measured").exists()


def test_without_a_store_it_says_what_to_do(exam, grade):
    ran = grade("--analyse", "--exam", "exam/exam.json", "-o", "out")
    assert ran.status == 2


def page_of(found, keys):
    mends = [
        proposal(s, keys, Path("out"), Path("exam.json"), own_forms=False) for s in found.suspicions
    ]
    return render_page(found, mends), to_json(found, mends)


EVIL = "<script>alert(1)</script>\"'&\u202e\x1b[31m"


def test_the_page_escapes_what_others_wrote():
    evil = choice("evil", f"{EVIL}|*right|$x<y$").model_copy(update={"title": EVIL})
    key = form("A", [evil, number("typed", "3"), *items(6)]).model_copy(update={"title": EVIL})
    scores = able_class(60, np.zeros(8), 1)
    papers = [
        report(key, {"1": "ab"[int(r[0])], "2": "3" if r[1] else "17", **{str(n + 3): "ab"[int(v)] for n, v in enumerate(r[2:])}}, f"{EVIL}{p}")
        for p, r in enumerate(scores)
    ]  # fmt: skip
    page, data = page_of(analyse(responses_of(papers, [key], own_forms=False)), [key])
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page + data
    assert "\u202e" not in page + data
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", page)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 12).flatmap(
        lambda n: st.lists(
            st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=3, max_size=3), min_size=n, max_size=n
        )
    )
)  # fmt: skip
def test_tiny_classes_say_what_they_can_and_no_more(scores):
    found = responses(scores)
    if not found.students:
        return
    result = analyse(found)
    page, data = page_of(result, [form("A", items(3))])
    shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(
        r"\b(?:nan|inf|none)\b",
        re.sub(r"none of them|>none<|default-src &#39;none", "", shown.partition("<body>")[2]),
        re.IGNORECASE,
    )
    json.loads(data, parse_constant=pytest.fail)
    if found.students < 10:
        assert "With fewer than 10 papers only shares and counts can be told" in shown
        assert all(own.discrimination is None for own in result.statistics)
        assert not result.suspicions


def test_one_student():
    result = analyse(responses([[1, 0, 1]]))
    page, _ = page_of(result, [form("A", items(3))])
    assert "1 paper: 67 % of the points on average" in page


def test_every_drawing_has_words():
    result = analyse(responses(able_class(150, np.linspace(-1, 1, 8), 2)))
    page, _ = page_of(result, [form("A", items(8))])
    drawings = re.findall(r"<svg[^>]*>", page)
    assert len(drawings) > 8
    assert all(re.search(r'role="img" aria-label="[^"]{20,}"', drawing) for drawing in drawings)
