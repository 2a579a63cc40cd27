"""--review --points: points out of a table, all of them or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from leaderboard.marks import mark_log, record_marks, standing_marks, standing_opinions
from leaderboard.store import graded_submissions, open_store
from tests.grader.test_review import cohort, standing

assert cohort  # a fixture
CASES = yaml.safe_load(Path(__file__).with_name("points_tables.yaml").read_text("utf-8"))
REVIEW = ("--review", "mock-exam", "--by", "ann")


def given() -> dict[str, float]:
    """User to the points that people gave for question 3."""
    store = open_store()
    users = {each.number: each.user for each in graded_submissions(store, "mock-exam")}
    found = {
        users[number]: float(mark.points)
        for (number, _), mark in standing_marks(store, "mock-exam").items()
    }
    store.close()
    return found


def log_length() -> int:
    store = open_store()
    found = len(mark_log(store, "mock-exam"))
    store.close()
    return found


@pytest.mark.parametrize("name", CASES["taken"])
def test_a_table_is_taken(name, cohort, grade):
    case = CASES["taken"][name]
    Path("points.csv").write_text(case["table"], "utf-8")
    ran = grade(*REVIEW, "--points", "points.csv")
    assert ran.status == 0, ran.err
    assert given() == case["marks"]
    shown = standing()
    for user, points in case["marks"].items():
        assert shown[user][0] == points
        assert shown[user][2] == 0
    assert f"{len(case['marks'])} new mark" in ran.err


@pytest.mark.parametrize("name", CASES["refused"])
def test_a_table_is_refused_with_all_that_is_wrong(name, cohort, grade):
    case = CASES["refused"][name]
    Path("points.csv").write_text(case["table"], "utf-8")
    ran = grade(*REVIEW, "--points", "points.csv")
    assert ran.status == 2
    for line in case["says"]:
        assert line in ran.err
    assert len(ran.err.strip().splitlines()) == len(case["says"])
    assert given() == {}


def test_the_same_table_again_changes_nothing_and_a_correction_is_one_more_line(cohort, grade):
    Path("points.csv").write_text("user,3\nw0001,1\nw0002,2\n")
    grade(*REVIEW, "--points", "points.csv")
    ran = grade(*REVIEW, "--points", "points.csv")
    assert "0 new marks, 0 corrected, 2 stood already" in ran.err
    assert log_length() == 2
    Path("points.csv").write_text("user,3\nw0001,1\nw0002,2.5\n")
    ran = grade(*REVIEW, "--points", "points.csv")
    assert "0 new marks, 1 corrected, 1 stood already" in ran.err
    assert log_length() == 3
    assert given() == {"w0001": 1, "w0002": 2.5}


def test_what_somebody_else_marked_is_not_overwritten(cohort, grade):
    Path("points.csv").write_text("user,3\nw0001,1\n")
    grade(*REVIEW, "--points", "points.csv")
    Path("points.csv").write_text("user,3\nw0001,3\n")
    ran = grade("--review", "mock-exam", "--by", "bob", "--points", "points.csv")
    assert ran.status == 2
    assert "ann marked 3 of w0001 already" in ran.err
    ran = grade("--review", "mock-exam", "--by", "bob", "--points", "points.csv", "--second")
    assert ran.status == 0, ran.err
    assert "1 new second mark" in ran.err
    assert given() == {"w0001": 1}
    store = open_store()
    assert [
        (each.by, float(each.points))
        for several in standing_opinions(store, "mock-exam").values()
        for each in several
    ] == [("bob", 3.0)]
    store.close()
    ran = grade(*REVIEW, "--points", "points.csv", "--second")
    assert "you marked 3 of w0001 yourself" in ran.err


def test_a_step_of_ones_own(cohort, grade):
    Path("points.csv").write_text("user,3\nw0001,1.25\n")
    assert grade(*REVIEW, "--points", "points.csv", "--step", "0.25").status == 0
    for bad in ("0", "x", "1/300", "-1"):
        ran = grade(*REVIEW, "--points", "points.csv", f"--step={bad}")
        assert ran.status == 2
        assert "is a number of points such as 0.5" in ran.err


MISUSE = {
    ("--review", "mock-exam", "--step", "1"): "--step belongs to --points",
    ("--review", "mock-exam", "--log", "--points", "x.csv"): "exclude each other",
    ("--review", "mock-exam", "--second", "--settle"): "--second and --settle exclude each other",
    ("--review", "mock-exam", "--web", "--log"): "--log prints and asks nothing",
    ("--points", "x.csv"): "--points: only with --review ASSIGNMENT",
    ("--web",): "--web: only with --unsure, or --review ASSIGNMENT",
    ("--review", "mock-exam", "--points", "none.csv"): "none.csv",
}


@pytest.mark.parametrize("words", MISUSE)
def test_misuse_is_refused_in_a_sentence(words, cohort, grade):
    ran = grade(*words)
    assert ran.status == 2
    assert MISUSE[words] in ran.err
    assert "Traceback" not in ran.err


def test_a_table_is_taken_again_after_somebody_settled_some_of_it(cohort, grade):
    table = Path("points.csv")
    table.write_text("user,3\nw0001,1\nw0002,2\nw0003,3\n")
    grade(*REVIEW, "--points", "points.csv")
    store = open_store()
    settled = [mark for mark in standing_marks(store, "mock-exam").values() if mark.points != 3]
    later = datetime.now(UTC)
    record_marks(store, [replace(mark, points=Decimal("2.5"), by="carol", at=later, settles=True) for mark in settled])  # fmt: skip
    store.close()
    # Unchanged lines say nothing new; a changed one of what was not settled corrects; the settled ones stay.
    table.write_text("user,3\nw0001,1\nw0002,2\nw0003,2.5\n")
    ran = grade(*REVIEW, "--points", "points.csv")
    assert ran.status == 0, ran.err
    assert "0 new marks, 1 corrected, 2 stood already" in ran.err
    assert given() == {"w0001": 2.5, "w0002": 2.5, "w0003": 2.5}
    table.write_text("user,3\nw0001,1\nw0002,0\nw0003,two\n")
    ran = grade(*REVIEW, "--points", "points.csv")
    assert ran.status == 2
    assert len(ran.err.strip().splitlines()) == 2
    assert "points.csv:3: error[marked-already]: carol marked 3 of w0002 already" in ran.err
