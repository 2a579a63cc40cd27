"""From points to grades: keys in a file, bonus, and the tables that come out."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from grader.publication.grade_key import GradeKey, graded, load_grade_key
from question_bank.diagnostics import InputError
from tests.grader.test_review import cohort

assert cohort  # a fixture
CASES = yaml.safe_load(Path(__file__).with_name("grade_keys.yaml").read_text("utf-8"))
FULL = 16.0


@pytest.mark.parametrize("name", CASES["refused"])
def test_a_key_is_refused_with_the_place_of_all_that_is_wrong(name, tmp_path):
    case = CASES["refused"][name]
    file = tmp_path / "grades.yaml"
    file.write_text(case["text"], "utf-8")
    with pytest.raises(InputError) as caught:
        load_grade_key(file, FULL)
    said = "\n".join(each.render() for each in caught.value.diagnostics)
    for line in case["says"]:
        assert line in said
    assert len(caught.value.diagnostics) == len(case["says"])


@pytest.mark.parametrize("name", CASES["earned"])
def test_what_points_earn(name, tmp_path):
    case = CASES["earned"][name]
    file = tmp_path / "grades.yaml"
    # Grades are written as people write them, without quotes.
    file.write_text(yaml.safe_dump(case["key"], sort_keys=False), "utf-8")
    key = load_grade_key(file, FULL)
    points = Decimal(str(case["points"]))
    did = frozenset(case.get("did", ()))
    found = graded(key, points, Decimal(16), did, passed=case.get("exam", False))
    assert (found.grade, found.passed) == (case["grade"], case["passed"])
    assert found.bonus == Decimal(str(case.get("bonus", 0)))
    assert found.total == Decimal(str(case.get("total", case["points"])))


@given(
    some.lists(some.integers(1, 159), min_size=1, max_size=12, unique=True),
    some.decimals(0, 16, places=3),
    some.decimals(0, 16, places=3),
)
def test_more_points_never_earn_a_worse_grade(marks, one, other):
    steps = [*sorted(marks, reverse=True), 0]
    key = GradeKey(False, tuple((str(n), Decimal(m) / 10) for n, m in enumerate(steps)), None, None)
    low, high = sorted((one, other))
    assert key.grade(high, Decimal(16)) <= key.grade(low, Decimal(16))
    assert key.grade(low, Decimal(16)) == sum(low < least for _, least in key.grades)


def rows(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path("pub", file).read_text("utf-8"))))


PUBLISH = ("--publish", "pub", "--exam", "exam/exam.json")


def test_tables_of_what_was_handed_in(cohort, grade):
    Path("points.csv").write_text("user,3\nw0001,3\nw0002,1\nw0003,0\n")
    grade("--review", "mock-exam", "--by", "ann", "--points", "points.csv")
    Path("grades.yaml").write_text("grades: {pass: 6, fail: 0}\npasses: pass\n")
    ran = grade(*PUBLISH, "--grades", "grades.yaml")
    assert ran.status == 1  # w0004's answer is open
    assert "4 students: 3 final, 1 with open answers; 2 passed, 1 not" in ran.err
    found = {row["user"]: row for row in rows("grades.csv")}
    assert {
        user: (r["points"], r["grade"], r["passed"], r["state"]) for user, r in found.items()
    } == {
        "w0001": ("8", "pass", "yes", "final"),
        "w0002": ("6", "pass", "yes", "final"),
        "w0003": ("5", "fail", "no", "final"),
        "w0004": ("5", "", "", "open"),
    }
    moodle = {row["Username"]: row for row in rows("moodle.csv")}
    assert moodle["w0001"]["mock-exam"] == "8"
    assert moodle["w0001"]["mock-exam (grade)"] == "pass"
    assert moodle["w0004"]["mock-exam"] == ""
    canvas = rows("canvas.csv")
    assert canvas[0]["Student"].strip() == "Points Possible"
    assert canvas[0]["mock-exam"] == "16"
    assert {row["SIS Login ID"]: row["mock-exam"] for row in canvas[1:]} == {
        "w0001": "8", "w0002": "6", "w0003": "5", "w0004": "",
    }  # fmt: skip
    data = json.loads(Path("pub/grades.json").read_text())
    assert [each["user"] for each in data["students"]] == ["w0001", "w0002", "w0003", "w0004"]


def test_who_did_not_come_is_in_the_table(cohort, grade):
    exam = json.loads(Path("exam/exam.json").read_text())
    exam["forms"][0]["student"] = {"id": "w0001", "name": "Ada Lovelace"}
    exam["forms"][1]["student"] = {"id": "w0999", "name": "=cmd()"}
    Path("exam/exam.json").write_text(json.dumps(exam))
    grade(*PUBLISH)
    found = {row["user"]: row for row in rows("grades.csv")}
    assert (found["w0999"]["state"], found["w0999"]["points"]) == ("absent", "")
    assert found["w0001"]["name"] == "Ada Lovelace"
    assert not found["w0999"]["name"].startswith("=")


def test_a_broken_key_writes_nothing(cohort, grade):
    Path("grades.yaml").write_text("grades: {1.0: 99, 5.0: 0}\n")
    ran = grade(*PUBLISH, "--grades", "grades.yaml")
    assert ran.status == 2
    assert "grades.yaml:1:15: error[grade-out-of-reach]: nobody gets 1.0" in ran.err
    assert not Path("pub").exists()


BONUS = (
    "grades: {{pass: 6, fail: 0}}\nbonus:\n  assignments: {{{name}: 1}}\n  only_if_passed: false\n"
)


@pytest.mark.parametrize("name", CASES["bonus of"])
def test_a_bonus_comes_from_assignments_that_are_known(name, cohort, grade):
    Path("grades.yaml").write_text(BONUS.format(name=name))
    ran = grade(*PUBLISH, "--grades", "grades.yaml")
    says = CASES["bonus of"][name]
    assert says in ran.err
    assert (ran.status == 2) == ("error[" in says) == (not Path("pub").exists())


MISUSE = {
    ("--grades", "g.yaml"): "--grades belongs to --publish DIR",
    ("--with-solutions",): "--with-solutions belongs to --publish DIR",
    ("--publish", "pub"): "--publish needs the exam",
    (*PUBLISH, "w0001.zip"): "--publish takes scans, for marked copies, or no submissions",
    (*PUBLISH, "--with-solutions"): "--with-solutions belongs to copies of scanned papers",
    (*PUBLISH, "--grades", "none.yaml"): "none.yaml",
}


@pytest.mark.parametrize("words", MISUSE)
def test_misuse_is_refused_in_a_sentence(words, cohort, grade):
    ran = grade(*words)
    assert ran.status == 2
    assert MISUSE[words] in ran.err
    assert "Traceback" not in ran.err
    assert not Path("pub").exists()
