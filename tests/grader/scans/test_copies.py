"""Marked copies: each student's own pages with points and comments, whole or not there, and nothing of anybody else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from tests.grader.conftest import ROOT, choice_letters
from tests.grader.scans.printed import layout_of
from tests.grader.scans.synthetic import Look

WORDS = ("--exam", "class/exam.json", "-o", "out", "--record", "--by", "ann")
PUBLISH = (*WORDS, "--publish", "pub")
NOTE = "The sign of the gradient is missing."


@pytest.fixture
def right(key) -> list[str]:
    return [f"1{letter}" for letter in choice_letters(key, right=True).split(", ")]


@pytest.fixture
def pile(exam, scans, own, marked, other_page, right):
    second = layout_of("w0300", 6, student="w0300")
    return scans(
        other_page(own, 3, lines=4, look=Look(skew=2, quarter_turns=2)),
        marked(second, {"1a": "cross", "1b": "cross"}),
        marked(own, dict.fromkeys(right, "cross")),
        other_page(second, 3, lines=2),
        other_page(own, 1),
        other_page(second, 1),
        other_page(own, 4),
        other_page(second, 4),
    )


@pytest.fixture
def all_marked(pile, grade):
    """Everything is graded and marked: w0256 gets 2 of 3 for question 7, with a comment, w0300 gets 3."""
    assert grade(pile, *WORDS).status == 0
    Path("points.csv").write_text(
        f"user,question,points,note\nw0256,7,2,{NOTE}\nw0300,7,3,\n", "utf-8"
    )
    assert grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv").status == 0
    return pile


def texts(student: str) -> list[str]:
    """The text of each page of a copy."""
    document = pypdfium2.PdfDocument(f"pub/copies/{student}.pdf")
    found = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return found


def picture(student: str, page: int) -> np.ndarray:
    document = pypdfium2.PdfDocument(f"pub/copies/{student}.pdf")
    shown = np.asarray(document[page].render(scale=150 / 72).to_numpy())
    document.close()
    return shown


def test_a_copy_has_the_result_and_every_page_with_its_points(all_marked, grade) -> None:
    ran = grade(all_marked, *PUBLISH)
    assert ran.status == 0, ran.err
    assert "2 marked copies written" in ran.err
    first, *pages = texts("w0256")
    assert len(pages) == 4
    assert "4 of 15 points" in " ".join(first.split())
    assert NOTE in " ".join(first.split())
    assert "2/2" in pages[1]
    assert pages[1].count("0/2") == 5
    assert "2/3" in pages[2]
    assert NOTE in " ".join(pages[2].split())
    assert pages[0].strip() == pages[3].strip() == ""


def test_pages_lie_straight_and_points_beside_their_answer(all_marked, grade, own) -> None:
    grade(all_marked, *PUBLISH)
    (space,) = own.spaces(3)
    shown, mm = picture("w0256", 3), 150 / 25.4
    # The frame of the answer is where it was printed, though the page was scanned upside down and askew.
    grey = shown[..., :3].mean(axis=2)
    for edge in (space.top, space.top + space.height):
        rows = grey[
            round((edge - 1.2) * mm) : round((edge + 1.2) * mm), round(60 * mm) : round(140 * mm)
        ]
        assert rows.mean(axis=1).min() < 200
    red = (shown[..., 2].astype(int) - shown[..., 0] > 60) | (
        shown[..., 0].astype(int) - shown[..., 2] > 60
    )
    across = np.flatnonzero(red.any(axis=0)) / mm
    down = np.flatnonzero(red.any(axis=1)) / mm
    assert across.min() > space.left + space.width
    assert space.top - 1 < down.min() < space.top + 8


def test_points_stand_at_the_edge_of_a_page_that_cannot_be_made_straight(all_marked, grade) -> None:
    shutil.rmtree("out")
    for print_ in Path("class").glob("w*/exam.pdf"):
        print_.unlink()
    # The answers look different now, as whole pages: they are marked once more.
    grade(all_marked, *WORDS)
    grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv")
    grade(all_marked, *PUBLISH)
    assert sum("7: 2/3" in text for text in texts("w0256")[1:]) == 1


def test_right_boxes_are_framed_and_wrong_ones_too(all_marked, grade, own) -> None:
    grade(all_marked, *PUBLISH)
    colours = {}
    for student in ("w0256", "w0300"):
        shown, mm = picture(student, 2).astype(int), 150 / 25.4
        for box in own.pages[0].boxes:
            (x, y), reach = box.center, box.side / 2 + 0.35
            ring = [shown[round((y + dy) * mm), round((x + dx) * mm)] for dx, dy in ((reach, 0), (-reach, 0), (0, reach), (0, -reach))]  # fmt: skip
            green = sum(dot[1] - dot[0] > 30 and dot[1] - dot[2] > 20 for dot in ring)
            red = sum(abs(dot[0] - dot[2]) > 80 and dot[1] < 120 for dot in ring)
            colours[student, box.name] = "right" if green >= 3 else "wrong" if red >= 2 else ""
    key = json.loads(Path("class/w0256/key.json").read_text())
    options = key["questions"][0]["parts"][0]["answer"]["options"]
    for letter, option in zip("abcd", options, strict=True):
        expected = "right" if option["correct"] else ""
        assert colours["w0256", f"1{letter}"] == expected
    wrong = [letter for letter, option in zip("ab", options, strict=False) if not option["correct"]]
    assert all(colours["w0300", f"1{letter}"] == "wrong" for letter in wrong)
    assert colours["w0256", "1 none"] == ""


def test_nothing_of_anybody_else_is_in_a_copy(all_marked, grade) -> None:
    grade(all_marked, *PUBLISH)
    for student, other in (("w0256", "w0300"), ("w0300", "w0256")):
        assert len(texts(student)) == 5
        assert other not in "".join(texts(student))
        assert other.encode() not in Path(f"pub/copies/{student}.pdf").read_bytes()
    assert NOTE not in " ".join("".join(texts("w0300")).split())


def test_solutions_stand_behind_a_copy(all_marked, grade, prints, own) -> None:
    ran = grade(all_marked, *PUBLISH, "--with-solutions")
    assert ran.status == 2
    assert "solutions.pdf: error[no-solutions]: is missing" in ran.err
    for student in ("w0256", "w0300"):
        Path("class", student, "solutions.pdf").write_bytes(prints(own))
    assert grade(all_marked, *PUBLISH, "--with-solutions").status == 0
    assert len(texts("w0256")) == 5 + 4


def test_a_paper_that_is_not_marked_in_full_gets_no_copy(pile, grade) -> None:
    ran = grade(pile, *PUBLISH)
    assert ran.status == 1
    assert "no copy for w0256: 7 not marked yet (--review)" in ran.err
    assert list(Path("pub/copies").iterdir()) == []
    ran = grade(pile, *[word for word in PUBLISH if word != "--record"])
    assert "no copy for" in ran.err


def test_what_is_not_recorded_gets_no_copy(pile, all_marked, grade, marked, own, scans) -> None:
    other = scans(marked(own, {"2a": "cross"}), name="other.pdf")
    ran = grade(other, "--exam", "class/exam.json", "-o", "new", "--publish", "pub")
    assert "no copy for w0256: its result was not recorded (--record)" in ran.err
    assert ran.status == 1


def test_a_copy_is_made_again_where_something_changed_and_only_there(all_marked, grade) -> None:
    grade(all_marked, *PUBLISH)
    files = {name: Path(f"pub/copies/{name}.pdf") for name in ("w0256", "w0300")}
    before = {name: (file.read_bytes(), file.stat().st_mtime_ns) for name, file in files.items()}
    assert "0 marked copies written, 2 stood already" in grade(all_marked, *PUBLISH).err
    Path("points.csv").write_text("user,7\nw0300,1\n")
    grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv")
    assert "1 marked copy written, 1 stood already" in grade(all_marked, *PUBLISH).err
    assert files["w0256"].stat().st_mtime_ns == before["w0256"][1]
    assert "1/3" in texts("w0300")[3]
    # The same again, from nothing: the same bytes.
    files["w0256"].unlink()
    grade(all_marked, *PUBLISH)
    assert files["w0256"].read_bytes() == before["w0256"][0]


def test_grades_and_names_are_on_the_copy(all_marked, grade) -> None:
    exam = json.loads(Path("class/exam.json").read_text())
    exam["forms"][0]["student"] = {"id": "w0256", "name": "Ada Lovelace"}
    Path("class/exam.json").write_text(json.dumps(exam))
    Path("grades.yaml").write_text("grades: {1.0: 10, 3.7: 4, 5.0: 0}\npasses: 3.7\n")
    assert grade(all_marked, *PUBLISH, "--grades", "grades.yaml").status == 0
    first = " ".join(texts("w0256")[0].split())
    assert "Ada Lovelace · w0256" in first
    assert "grade 3.7 · passed" in first


def test_a_corrected_number_takes_its_copy_along(
    exam, scans, shared, marked, other_page, grade
) -> None:
    from grader.scans.decisions import decide
    from grader.scans.kept import json_lines

    words = ("--exam", "exam/exam.json", "-o", "out", "--record", "--publish", "pub")
    pile = scans(marked(shared, {}, number="123"), other_page(shared, 3, lines=2))
    grade(pile, *words[:5])
    Path("points.csv").write_text("user,7\n123,2\n")
    grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv")
    grade(pile, *words)
    assert Path("pub/copies/123.pdf").exists()
    sheet = next(
        line for line in json_lines(Path("out/scans/readings.jsonl")) if line["kind"] == "sheet"
    )
    decide(Path("out/scans"), "ann", sheet["sha256"], "student", "124")
    grade(pile, *words[:5])
    Path("points.csv").write_text("user,7\n124,2\n")
    grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv")
    ran = grade(pile, *words)
    assert "1 marked copy written" in ran.err
    assert [file.name for file in Path("pub/copies").iterdir()] == ["124.pdf"]


def test_another_pile_leaves_the_copies_of_the_first(
    all_marked, grade, own, scans, marked, other_page, right
) -> None:
    grade(all_marked, *PUBLISH)
    one = scans(marked(own, dict.fromkeys(right, "cross")), name="one.pdf")
    grade(one, *PUBLISH)
    assert Path("pub/copies/w0300.pdf").exists()


def test_a_paper_that_is_open_again_loses_its_copy(all_marked, grade) -> None:
    from datetime import UTC, datetime

    from grader.review.recording import apply_marks
    from leaderboard.marks import PersonsMark, record_marks
    from leaderboard.store import graded_submissions, open_store

    grade(all_marked, *PUBLISH)
    store = open_store()
    numbers = {each.user: each.number for each in graded_submissions(store, "mock-exam")}
    record_marks(store, [PersonsMark(numbers["w0300"], "7", None, "ann", datetime.now(UTC))])
    apply_marks(store, "mock-exam", [numbers["w0300"]])
    store.close()
    assert "no copy for w0300: 7 not marked yet" in grade(all_marked, *PUBLISH).err
    assert [file.name for file in Path("pub/copies").iterdir()] == ["w0256.pdf"]


def test_killed_at_any_moment_every_copy_is_whole_or_not_there(
    all_marked, grade, monkeypatch
) -> None:
    command = [
        sys.executable,
        "-c",
        "from grader.cli import main; main()",
        str(all_marked),
        *PUBLISH,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for wait in (1.2, 2.0, 2.6):
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for file in Path("pub/copies").glob("*.pdf") if Path("pub/copies").is_dir() else ():
            assert len(pypdfium2.PdfDocument(file)) == 5
    assert grade(all_marked, *PUBLISH).status == 0
    assert len(texts("w0256")) == len(texts("w0300")) == 5
