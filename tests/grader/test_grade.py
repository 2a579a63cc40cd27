"""From answers.yaml to a report: verdicts, points, sums, and what is never lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.archive import Submission
from grader.grade import Settings, grade_accepted
from grader.intake import Accepted, Task
from grader.page import render_page
from grader.report import Check, Report, as_data, report_from, to_json
from grader.terminal import print_report
from question_bank.diagnostics import InputError
from tests.support import form_key

MARKED = yaml.safe_load(Path(__file__).with_name("marked.yaml").read_text("utf-8"))
NOW = datetime(2026, 2, 3, 10, 20, 30, tzinfo=UTC)


def graded(key, content: str | bytes, **files: bytes) -> Report:
    content = content.encode() if isinstance(content, str) else content
    submission = Submission({"answers.yaml": content, **files}, (), "0" * 64)
    accepted = Accepted(submission, Task(keys=(key,)), key.assignment, "w0256.zip")
    return grade_accepted(accepted, Settings(seed=5), user="w0256", submitted_at=NOW)


@pytest.mark.parametrize("row", MARKED, ids=[row["name"] for row in MARKED])
def test_answers_and_their_marks(row, key):
    report = graded(key, row["sheet"])
    found = {check.id: check for check in report.checks}
    assert list(found) == ["1", "2", "3", "4a", "4b", "4c"]
    for label, expected in row.get("checks", {}).items():
        verdict, points, *said = expected
        assert (found[label].verdict, found[label].points) == (verdict, points), label
        for piece in said:
            assert piece in found[label].message
    for label, message in row.get("messages", {}).items():
        assert found[label].message == message
    for field in ("score", "pending_points", "passed", "percent"):
        if field in row:
            assert getattr(report, field) == row[field], field
    assert list(report.notes) == row.get("notes", [])


def test_report_json_has_every_field_of_the_contract(key):
    data = json.loads(to_json(graded(key, "form: A\nanswers: {1: [b], 3: because, 4a: 5}")))
    assert data | {
        "schema_version": 1, "user": "w0256", "assignment": "mock-exam", "submitted_at": "2026-02-03T10:20:30Z",
        "score": 0, "max_score": 16, "pending_points": 3, "percent": 0, "passed": None, "pass_mark": 8,
        "device": "cpu", "seed": 5, "sandbox": [], "form": "A", "content_sha256": "0" * 64,
    } == data  # fmt: skip
    assert datetime.fromisoformat(data["graded_at"]).tzinfo is not None
    assert {"python", "mockexam", "bank"} <= set(data["versions"])
    fields = {"id", "title", "points", "max_points", "verdict", "message", "mistake", "seconds"}
    for check in data["checks"]:
        assert fields | {"read_as"} <= set(check)
    mistaken = data["checks"][3]
    assert mistaken["mistake"] == "added"
    assert mistaken["message"] == "The two are multiplied, not added."
    assert mistaken["read_as"] == "5"
    assert mistaken["seconds"] >= 0


def test_a_flood_of_labels_is_a_few_notes(key):
    answers = "".join(f" x{number}: a\n" for number in range(4000))
    notes = graded(key, f"form: A\nanswers:\n 4a: 5\n{answers}").notes
    assert len(notes) == 11
    assert notes[-1] == "3990 more answers were not marked: form A has no such questions"


def test_without_solutions_the_report_holds_none(key):
    submission = Submission({"answers.yaml": b"form: A\nanswers: {4a: 5}"}, (), "")
    accepted = Accepted(submission, Task(keys=(key,)), "mock-exam", "w0256.zip")
    plain = grade_accepted(accepted, Settings(seed=1), user=None, submitted_at=NOW)
    bare = grade_accepted(accepted, Settings(seed=1, solutions=False), user=None, submitted_at=NOW)
    assert all(each.solution for each in plain.checks)
    assert not any(each.solution for each in bare.checks)
    assert "Worked solution" in render_page(plain)
    assert "Worked solution" not in render_page(bare)
    assert [c.verdict for c in plain.checks] == [c.verdict for c in bare.checks]


def test_the_solution_of_a_carried_error_shows_both_paths(key):
    carried = graded(key, "form: A\nanswers: {4a: 5, 4b: 6}").checks[4]
    assert carried.verdict == "right"
    assert "**Answer:** $7$" in carried.solution
    assert "**From your own answer to 4a:** $6$" in carried.solution
    right = graded(key, "form: A\nanswers: {4a: 6, 4b: 7}").checks[4]
    assert "own answer" not in right.solution


@pytest.mark.parametrize(
    ("answers", "verdict", "mistake", "says", "shows"),
    [
        ("4a: 5, 4b: 6", "right", "added", ["follows from your own answer to 4a: full points", "by itself wrong: added"], "$6$"),
        ("4a: 9, 4b: 10", "right", None, ["follows from your own answer to 4a: full points", "by itself not the right value"], "$10$"),
        ("4a: 9, 4b: 12", "wrong", None, ["not the right value"], "$10$"),
        ("4a: 9, 4b: 9", "wrong", "forgotten", ["with your own answer to 4a: The 1 is missing."], "$10$"),
        ("4a: 60001, 4b: 60002", "needs_person", None, ["less to do than was meant", "a person decides"], "60"),
        ("4a: 0, 4b: 1", "wrong", None, ["your own answer to 4a is not carried forward: it is zero throughout"], None),
    ],
)  # fmt: skip
def test_both_paths_stand_in_the_report(key, answers, verdict, mistake, says, shows):
    report = graded(key, f"form: A\nanswers: {{{answers}}}")
    check = report.checks[4]
    assert (check.verdict, check.mistake) == (verdict, mistake)
    assert all(part in check.message for part in says), check.message
    assert "**Answer:** $7$" in check.solution
    if shows is None:
        assert "own answer" not in check.solution
    else:
        assert f"**From your own answer to 4a:** {shows}" in check.solution.replace("$60", "60")
        assert "From your own answer to 4a:" in render_page(report)


def test_with_a_secret_the_seed_follows_from_the_submission(key, monkeypatch):
    monkeypatch.setenv("MOCKEXAM_SECRET", "zebrafinch")

    def seed(sha256: str) -> int:
        submission = Submission({"answers.yaml": b"form: A\nanswers: {1: a}"}, (), sha256)
        accepted = Accepted(submission, Task(keys=(key,)), "mock-exam", "w0256.zip")
        return grade_accepted(accepted, Settings(), user=None, submitted_at=NOW).seed

    assert seed("1") == seed("1") != seed("2")
    first = seed("1")
    monkeypatch.setenv("MOCKEXAM_SECRET", "another")
    assert seed("1") != first


def check(points: float, full: float, verdict: str = "right") -> Check:
    return Check(id="x", title="x", points=points, max_points=full, verdict=verdict, message="")


def summed(*checks: Check, pass_mark: float = 1) -> Report:
    return report_from(
        checks, user=None, assignment="a", title="a", form=None, submitted_at=NOW, pass_mark=pass_mark,
        device="cpu", seed=0, content_sha256="", versions={},
    )  # fmt: skip


def test_undecided_points_are_open_and_never_lost_in_silence():
    report = summed(check(1, 1), check(0, 4, "undecided"))
    assert (report.score, report.pending_points, report.passed) == (1, 4, None)


@pytest.mark.parametrize(
    ("parts", "score"),
    [([1 / 3] * 3, 1), ([0.1] * 10, 1), ([0.142857] * 7, 1), ([2.5, 0.125], 2.625), ([], 0)],
)
def test_sums_are_exact(parts, score):
    report = summed(*(check(part, 1) for part in parts))
    assert report.score == score
    assert report.passed is (score >= 1)


def test_wrong_choices_may_cost_points_and_nobody_ends_below_none():
    assert summed(check(2, 2), check(-0.5, 2, "wrong")).score == 1.5
    lost = summed(check(-1, 2, "wrong"), check(0, 2, "wrong"))
    assert (lost.score, lost.percent, [c.points for c in lost.checks]) == (0, 0, [-1, 0])


def test_a_score_on_the_mark_passes():
    assert summed(check(0.1, 1), check(0.2, 1), pass_mark=0.3).passed is True
    assert summed(check(0.1, 1), check(0.19, 1), pass_mark=0.3).passed is False


def test_an_exam_without_points_is_no_division_by_zero():
    assert summed().percent == 0.0


def test_a_fault_of_ours_in_one_answer_leaves_it_open(key, monkeypatch):
    from question_bank import key as marking

    def broken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(marking, "mark", broken)
    report = graded(key, "form: A\nanswers: {1: a}")
    assert {each.verdict for each in report.checks} == {"undecided"}
    assert (report.score, report.pending_points, report.passed) == (0, 16, None)


def test_the_report_says_the_same_in_every_form(key):
    report = graded(key, 'form: A\nanswers: {1: "\\u202e\\x9b\\U0001f600"}')
    text = to_json(report)
    assert "\u202e" not in text
    assert "\x9b" not in text
    assert as_data(report) == json.loads(text)
    assert "\U0001f600" in text


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ("form: C\nanswers: {}", "other-form"),
        ("answers: [", "yaml-syntax"),
        (b"\xff", "not-utf-8"),
    ],
)
def test_sheets_that_are_refused(key, sheet, code):
    with pytest.raises(InputError) as caught:
        graded(key, sheet)
    assert [each.code for each in caught.value.diagnostics] == [code]


def test_without_a_form_and_with_several_keys_nothing_is_guessed(key):
    other = key.model_copy(update={"form": "B"})
    submission = Submission({"answers.yaml": b"answers: {1: a}"}, (), "")
    accepted = Accepted(submission, Task(keys=(key, other)), "mock-exam", "w0256.zip")
    with pytest.raises(InputError, match="names no form"):
        grade_accepted(accepted, Settings(), user=None, submitted_at=NOW)


def test_each_grading_has_a_fresh_seed(key):
    submission = Submission({"answers.yaml": b"form: A\nanswers: {1: a}"}, (), "")
    accepted = Accepted(submission, Task(keys=(key,)), "mock-exam", "w0256.zip")
    seeds = {
        grade_accepted(accepted, Settings(), user=None, submitted_at=NOW).seed for _ in range(3)
    }
    assert len(seeds) == 3


LABELS = st.sampled_from(["1", "2", "3", "4a", "4b", "4c"])
TYPED = st.text(max_size=60) | st.text(alphabet="0123456789.,/x^*()[]{}-+ aeinfd$\\_", max_size=60)


@settings(max_examples=60)
@given(answers=st.dictionaries(LABELS, TYPED))
def test_any_answers_are_marked_and_shown(key, answers):
    sheet = {"form": "A", "answers": answers}
    report = graded(key, yaml.safe_dump(sheet, default_style='"', allow_unicode=False))
    assert [each.id for each in report.checks] == ["1", "2", "3", "4a", "4b", "4c"]
    assert not any(each.verdict == "undecided" for each in report.checks)
    assert report.score + report.pending_points <= report.max_score == 16
    page = render_page(report)
    assert "<script" not in page.lower()
    out = StringIO()
    print_report(report, out)
    assert "\x1b" not in out.getvalue()


@settings(max_examples=60)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_graded_or_refused(key, content):
    try:
        report = graded(key, content)
    except InputError:
        return
    assert len(report.checks) == 6


def test_a_key_without_questions_is_a_report_without_points():
    report = graded(form_key([]), "form: A\nanswers: {}")
    assert (report.score, report.max_score) == (0, 0)
    assert "of 0 points" in render_page(report)
