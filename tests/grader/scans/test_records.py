"""Records of scanned papers when something changes later: no points are lost, invented or left with somebody else."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from grader.scans.decisions import decide
from grader.scans.kept import json_lines
from leaderboard.boards import board
from leaderboard.decisions import standing_decisions
from leaderboard.marks import standing_opinions
from leaderboard.store import open_store
from tests.grader.conftest import choice_letters
from tests.grader.scans.printed import layout_of
from tests.grader.scans.synthetic import Look

EXAM = "mock-exam"
SHARED = ("--exam", "exam/exam.json", "-o", "out", "--record", "--by", "ann")
OWN = ("--exam", "class/exam.json", "-o", "out", "--record", "--by", "ann")


@pytest.fixture
def right(key) -> dict[str, str]:
    letters = choice_letters(key, right=True).split(", ")
    return {f"1{letter}": "cross" for letter in letters}


def points(grade, table: str, *more: str) -> None:
    Path("points.csv").write_text(table)
    ran = grade("--review", EXAM, *(more or ("--by", "ann")), "--points", "points.csv")
    assert ran.status == 0, ran.err


def standing() -> dict[str, float]:
    """The board: user to points."""
    store = open_store()
    found = {e.row.user: e.row.points / 1e6 for e in board(store, EXAM).entries}
    store.close()
    return found


def rows(file: str) -> dict[str, dict[str, str]]:
    with Path(file).open(encoding="utf-8") as stream:
        return {row.get("user") or row["Username"]: row for row in csv.DictReader(stream)}


def sheets() -> list[str]:
    """The answer sheets that were read, in their order."""
    lines = json_lines(Path("out/scans/readings.jsonl"))
    return [line["sha256"] for line in lines if line["kind"] == "sheet"]


def number(sheet: str, said: str) -> None:
    decide(Path("out/scans"), "ann", sheet, "student", said)


def test_a_corrected_number_takes_the_record_and_its_marks_along(
    exam, scans, shared, marked, other_page, grade, right
) -> None:
    pile = scans(marked(shared, right, number="123"), other_page(shared, 3, lines=2))
    assert grade(pile, *SHARED).status == 0
    points(grade, "user,7\n123,2\n")
    points(grade, "user,7\n123,1\n", "--by", "bob", "--second")
    assert standing() == {"123": 4}
    number(sheets()[0], "124")
    ran = grade(pile, *SHARED)
    said = "124: was the paper of 123, whose record is withdrawn; 1 mark of answers that look the same stay, and 1 second mark"
    assert said in ran.err
    assert standing() == {"124": 4}
    store = open_store()
    assert {(d.kind, d.reason) for d in standing_decisions(store, EXAM).values()} == {
        ("withdrawn", "number corrected: this is the paper of 124, submission 2")
    }
    assert [place for place in standing_opinions(store, EXAM) if place[0] == 2] == [(2, "7")]
    store.close()
    lines = grade("--review", EXAM, "--differences").out.splitlines()
    assert [line for line in lines if " 7: " in line] == ["124 7: ann 2, bob 1"]
    grade("--publish", "pub", "--exam", "exam/exam.json")
    assert set(rows("pub/grades.csv")) == {"124"}
    # Corrected back, the first record counts again.
    number(sheets()[0], "123")
    grade(pile, *SHARED)
    assert standing() == {"123": 4}


def test_two_numbers_that_were_swapped_swap_their_marks(
    exam, scans, shared, marked, other_page, grade, right
) -> None:
    pile = scans(
        marked(shared, right, number="123"), other_page(shared, 3, lines=2),
        marked(shared, {}, number="124"), other_page(shared, 3, lines=4),
    )  # fmt: skip
    grade(pile, *SHARED)
    points(grade, "user,7\n123,2\n124,1\n")
    assert standing() == {"123": 4, "124": 1}
    number(sheets()[0], "124")
    number(sheets()[1], "123")
    grade(pile, *SHARED)
    assert standing() == {"123": 1, "124": 4}


def test_papers_that_name_their_student_and_were_swapped_swap_their_marks(
    exam, scans, own, marked, other_page, grade, right
) -> None:
    other = layout_of("w0300", 6, student="w0300")
    pile = scans(
        marked(own, right), other_page(own, 3, lines=2), marked(other, {}), other_page(other, 3, lines=4),
    )  # fmt: skip
    grade(pile, *OWN)
    points(grade, "user,7\nw0256,2\nw0300,1\n")
    assert standing() == {"w0256": 4, "w0300": 1}
    # One of them corrected, it is open whose the other is: neither result counts.
    number(sheets()[0], "w0300")
    ran = grade(pile, *OWN)
    assert ran.status == 1
    assert "held back" in ran.err
    number(sheets()[1], "w0256")
    grade(pile, *OWN)
    assert standing() == {"w0256": 1, "w0300": 4}
    reports = {name: json.loads(Path("out", f"{name}.json").read_text()) for name in standing()}
    assert {name: each["score"] for name, each in reports.items()} == {"w0256": 0, "w0300": 2}
    # Given back, each has their own again.
    number(sheets()[0], "w0256")
    number(sheets()[1], "w0300")
    grade(pile, *OWN)
    assert standing() == {"w0256": 4, "w0300": 1}


def test_fewer_pages_than_recorded_are_refused_before_anything_is_written(
    exam, scans, own, marked, other_page, grade, right
) -> None:
    first = scans(marked(own, right), other_page(own, 3, lines=2))
    grade(first, *OWN)
    points(grade, "user,7\nw0256,2\n")
    before = {file: file.read_bytes() for file in Path("out").rglob("*.[ch]*") if file.is_file()}
    later = scans(marked(own, right, seed=2), name="later.pdf")
    ran = grade(later, *OWN, "--publish", "pub")
    assert ran.status == 2
    assert "w0256: these scans do not hold page 3, which submission 1 has on record" in ran.err
    assert "name the earlier scans as well, all in one command" in ran.err
    assert standing() == {"w0256": 4}
    assert {file: file.read_bytes() for file in before} == before
    assert not Path("pub").exists()
    assert grade(first, later, *OWN).status == 0
    assert standing() == {"w0256": 4}


def test_pages_that_are_somebody_elses_now_are_not_missed(
    exam, scans, shared, marked, other_page, grade, right
) -> None:
    # The second sheet was taken for another scan of the first: page 3 came to the wrong student.
    pile = scans(
        marked(shared, right, number="123"),
        marked(shared, {"2a": "cross"}, number="12"), other_page(shared, 3, lines=4),
    )  # fmt: skip
    grade(pile, *SHARED)
    first, second = sheets()
    number(second, "123")
    decide(Path("out/scans"), "ann", first, "double", "counts")
    grade(pile, *SHARED)
    number(second, "124")
    ran = grade(pile, *SHARED)
    assert ran.status != 2, ran.err
    assert set(standing()) == {"123", "124"}


def test_a_withdrawn_record_gets_no_copy(
    exam, scans, own, marked, other_page, grade, right
) -> None:
    first = scans(marked(own, right), other_page(own, 3, lines=2))
    grade(first, *OWN)
    points(grade, "user,7\nw0256,2\n")
    again = scans(marked(own, right), other_page(own, 3, lines=3), name="again.pdf")
    ran = grade(again, *OWN)
    assert (
        "0 marks of answers that look the same stay; not those of 7, which look different now"
        in ran.err
    )
    ran = grade(first, *OWN[:4], "--publish", "pub")
    assert "no copy for w0256: its record (submission 1) is withdrawn" in ran.err
    assert not list(Path("pub/copies").iterdir())


def test_opinions_survive_a_new_scan_and_can_be_settled(
    exam, scans, own, marked, other_page, grade, right
) -> None:
    grade(scans(marked(own, right), other_page(own, 3, lines=2)), *OWN)
    points(grade, "user,7\nw0256,2\n")
    points(grade, "user,7\nw0256,1\n", "--by", "bob", "--second")
    again = scans(marked(own, {**right, "2a": "cross"}), other_page(own, 3, lines=2), name="b.pdf")
    assert "1 mark of answers that look the same stay, and 1 second mark" in grade(again, *OWN).err
    lines = grade("--review", EXAM, "--differences").out.splitlines()
    assert lines == [
        "ann and bob: 1 answers marked by both, 0 alike; mean difference 1.00 points, bob gives -1.00",
        "w0256 7: ann 2, bob 1",
    ]


def test_what_is_in_dispute_is_not_final(
    exam, scans, own, marked, other_page, grade, right
) -> None:
    words = (*OWN, "--publish", "pub")
    first = scans(marked(own, right), other_page(own, 3, lines=2))
    grade(first, *OWN)
    points(grade, "user,7\nw0256,2\n")
    assert grade(first, *words).status == 0
    assert rows("pub/grades.csv")["w0256"]["state"] == "final"
    # Another sheet of the same paper, with other crosses.
    other = scans(marked(own, {"2a": "cross"}), name="other.pdf")
    ran = grade(first, other, *words)
    assert ran.status == 1
    assert "w0256: what is recorded (submission 1) is held back: a person has to look" in ran.err
    assert rows("pub/grades.csv")["w0256"]["state"] == "open"
    assert rows("pub/moodle.csv")["w0256"][EXAM] == ""
    assert not list(Path("pub/copies").iterdir())
    grade("--publish", "tables", "--exam", "class/exam.json")
    assert rows("tables/grades.csv")["w0256"]["state"] == "open"
    decide(Path("out/scans"), "ann", sheets()[0], "double", "counts")
    assert grade(first, other, *words).status == 0
    assert rows("pub/moodle.csv")["w0256"][EXAM] == "4"


def test_a_difference_of_two_persons_is_not_final(
    exam, scans, own, marked, other_page, grade, right
) -> None:
    pile = scans(marked(own, right), other_page(own, 3, lines=2))
    grade(pile, *OWN)
    points(grade, "user,7\nw0256,2\n")
    points(grade, "user,7\nw0256,1\n", "--by", "bob", "--second")
    ran = grade(pile, *OWN, "--publish", "pub")
    assert ran.status == 1
    assert (
        "not final: w0256: two persons give 7 different points (--review mock-exam --settle)"
        in ran.err
    )
    assert rows("pub/moodle.csv")["w0256"][EXAM] == ""


def test_a_sheet_that_was_entered_by_hand_stands_though_its_scan_waits(
    exam, scans, own, marked, other_page, grade
) -> None:
    import json
    import shutil

    pile = scans(marked(own, {}, look=Look(torn=(0, 1))), other_page(own, 3, lines=2))
    assert grade(pile, *OWN).status == 1
    shutil.copytree("out/scans/submissions/w0256", "by-hand")
    scan = json.loads(Path("by-hand/scan.json").read_text())
    scan["waiting"] = {"7": "paper"}
    Path("by-hand/scan.json").write_text(json.dumps(scan))
    Path("by-hand/answers.yaml").write_text("form: w0256\nanswers:\n  1: [a, d]\n")
    assert grade("by-hand", *OWN[:2], "--user", "w0256", "--record").status == 0
    points(grade, "user,7\nw0256,2\n")
    before = standing()
    ran = grade(pile, *OWN, "--publish", "pub")
    assert "held back" not in ran.err
    assert standing() == before
    assert rows("pub/grades.csv")["w0256"]["state"] == "final"
