"""Open answers on paper in the review of typed ones; papers that are scanned anew; a corrected key."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from leaderboard.boards import board
from leaderboard.decisions import standing_decisions
from leaderboard.marks import standing_marks
from leaderboard.store import graded_submissions, open_store, reports
from tests.grader.conftest import choice_letters
from tests.grader.scans.printed import layout_of

ANSWER = "7"
WORDS = ("--exam", "class/exam.json", "-o", "out", "--record", "--by", "ann")


@pytest.fixture
def right(key) -> dict[str, str]:
    letters = choice_letters(key, right=True).split(", ")
    return {f"1{letter}": "cross" for letter in letters}


@pytest.fixture
def second():
    return layout_of("w0300", 6, student="w0300")


@pytest.fixture
def pile(exam, scans, own, second, marked, other_page, right):
    """Two papers: one with lines at question 7, one with nothing there."""
    return scans(
        marked(own, right), other_page(own, 3, lines=4), marked(second, {}), other_page(second, 3)
    )


def last_reports() -> dict[str, dict]:
    """User to the last report of what counts."""
    store = open_store()
    decided = standing_decisions(store, "mock-exam")
    found = {
        each.user: reports(store, each.number)[-1]
        for each in graded_submissions(store, "mock-exam")
        if each.number not in decided or decided[each.number].kind != "withdrawn"
    }
    store.close()
    return found


def test_pictures_are_marked_like_typed_answers(pile, grade, terminal) -> None:
    ran = grade(pile, *WORDS)
    assert ran.status == 0  # that nobody.s pages 1 and 4 were scanned is no fault
    person = terminal("--review", "mock-exam", "--by", "ann")
    first = person.until("q leave")
    assert "words  (3 points)  1 of 2" in first
    assert "1 answer (form w0256): w0256" in first
    assert "▀" in first
    assert "picture: " in first
    picture = first.split("picture: ")[1].split("\r")[0]
    assert Path(picture).read_bytes()[:3] == b"\xff\xd8\xff"
    assert "nothing but print" not in first
    person.press("1\n")
    other = person.until("q leave")
    while "2 of 2" not in other:
        other = person.until("q leave")
    assert "nothing but print is to be seen in its space" in other
    person.press("0\n")
    person.until("That was the last of 2")
    person.press("u")
    person.until("taken back")
    person.press("q")
    assert person.end() == 0
    assert not Path(picture).exists()
    found = last_reports()
    assert (found["w0256"]["score"], found["w0256"]["pending_points"]) == (5, 0)
    assert found["w0300"]["pending_points"] == 3


def mark_by_table(grade, table: str) -> None:
    Path("points.csv").write_text(table)
    ran = grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv")
    assert ran.status == 0, ran.err


def test_a_paper_that_is_scanned_anew_takes_the_place_of_the_first(
    pile, scans, own, marked, other_page, right, grade
) -> None:
    grade(pile, *WORDS)
    mark_by_table(grade, "user,7\nw0256,2\nw0300,1\n")
    # The last page of w0256 came later, and one box of its sheet was marked again.
    more = {**right, "2a": "cross"}
    again = scans(marked(own, more), other_page(own, 3, lines=4), name="again.pdf")
    ran = grade(again, *WORDS)
    assert "w0256: scanned anew; 1 mark of answers that look the same stay" in ran.err
    found = last_reports()
    assert found["w0256"]["score"] == 4
    store = open_store()
    assert [entry.row.user for entry in board(store, "mock-exam").entries] == ["w0256", "w0300"]
    assert [
        (d.submission, d.by, d.reason) for d in standing_decisions(store, "mock-exam").values()
    ] == [(1, "ann", "scanned anew: submission 3 takes its place")]
    store.close()
    # Once more: nothing is left to do. With the first scans: those count again.
    assert "scanned anew" not in grade(again, *WORDS).err
    ran = grade(pile, *WORDS)
    assert "w0256: scanned anew" in ran.err
    assert last_reports()["w0256"]["score"] == 4
    assert len(last_reports()) == 2


def test_a_mark_stays_with_the_answer_that_it_was_given_for(
    pile, scans, own, marked, other_page, right, grade
) -> None:
    grade(pile, *WORDS)
    mark_by_table(grade, "user,7\nw0256,2\n")
    other = scans(marked(own, right), other_page(own, 3, lines=2), name="other.pdf")
    ran = grade(other, *WORDS)
    assert "0 marks of answers that look the same stay" in ran.err
    assert last_reports()["w0256"]["pending_points"] == 3


def test_a_scanned_paper_is_regraded_with_its_marks(pile, grade) -> None:
    grade(pile, *WORDS)
    mark_by_table(grade, "user,7\nw0256,2\nw0300,1\n")
    files = []
    for student in ("w0256", "w0300"):
        data = json.loads(Path("class", student, "key.json").read_text())
        data["questions"][1]["parts"][0]["void"] = True
        files += ["--key", f"{student}.json"]
        Path(f"{student}.json").write_text(json.dumps(data))
    ran = grade("--regrade", "mock-exam", *files)
    assert "2 graded again (the corrected key alone): 2 gain" in ran.out
    found = last_reports()
    assert (found["w0256"]["score"], found["w0300"]["score"]) == (6, 3)
    store = open_store()
    assert len(standing_marks(store, "mock-exam")) == 2
    store.close()


def test_reports_and_summary_say_what_is_on_record(pile, grade) -> None:
    grade(pile, *WORDS)
    mark_by_table(grade, "user,7\nw0256,2\nw0300,1\n")

    def scores() -> dict[str, tuple[str, str]]:
        with Path("out/summary.csv").open(encoding="utf-8") as stream:
            found = {row["user"]: row for row in csv.DictReader(stream)}
        for user, row in found.items():
            report = json.loads(Path("out", f"{user}.json").read_text())
            assert (report["score"], report["pending_points"]) == (
                float(row["score"]),
                float(row["pending_points"]),
            )
            assert "marked by a person" in Path("out", f"{user}.html").read_text()
        return {user: (row["score"], row["pending_points"]) for user, row in found.items()}

    publish = ("--exam", "class/exam.json", "-o", "out", "--publish", "pub")
    for words in (publish, WORDS):
        ran = grade(pile, *words)
        assert "still open" not in ran.out
        assert scores() == {"w0256": ("4.0", "0.0"), "w0300": ("1.0", "0.0")}
    # Regraded, with the exam's own key as it was: the results of the corrected one stay.
    files = []
    for student in ("w0256", "w0300"):
        data = json.loads(Path("class", student, "key.json").read_text())
        data["questions"][1]["parts"][0]["void"] = True
        files += ["--key", f"{student}.json"]
        Path(f"{student}.json").write_text(json.dumps(data))
    grade("--regrade", "mock-exam", *files)
    for words in (publish, WORDS, WORDS):
        grade(pile, *words)
        assert scores() == {"w0256": ("6.0", "0.0"), "w0300": ("3.0", "0.0")}
        assert {user: each["score"] for user, each in last_reports().items()} == {
            "w0256": 6,
            "w0300": 3,
        }
    for file in Path("out").glob("w*.json"):
        file.unlink()
    grade(pile, *WORDS)
    assert {user: each["score"] for user, each in last_reports().items()} == {
        "w0256": 6,
        "w0300": 3,
    }
