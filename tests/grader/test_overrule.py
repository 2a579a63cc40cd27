"""--review --overrule: a person decides otherwise than the machine, with a reason, and that stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from grader.review.answers import decided_groups, marked_groups, open_groups
from grader.review.log import lines_of, log_of
from grader.review.recording import Book, known_marks, settle
from grader.review.screen import screen
from grader.review.session import Session
from leaderboard.marks import PersonsMark, mark_log, record_marks
from leaderboard.store import graded_submissions, open_store, reports
from question_bank.diagnostics import InputError

# 4a is 6, and 5 points; w0001 and w0002 say the same.
ANSWERS = {
    "w0001": "{3: because, 4a: 5.5, 4b: 6.5}",
    "w0002": "{4a: 5.5}",
    "w0003": "{4a: 6}",
    "w0004": "{2: [1 2 4]}",
}


@pytest.fixture
def store(key_file, hand_in, grade):
    for user, answers in ANSWERS.items():
        path = hand_in(f"form: A\nanswers: {answers}\n", name=f"{user}.zip")
        ran = grade(path, "--exam", "exam/exam.json", "--user", user, "--record")
        assert ran.status == 0, ran.err
    opened = open_store()
    yield opened
    opened.close()


def check_of(store, user, check):
    (number,) = [g.number for g in graded_submissions(store, "mock-exam") if g.user == user]
    return next(c for c in reports(store, number)[-1]["checks"] if c["id"] == check)


def overruled(store, user="w0001", check="4a", points=5, note="meant 6"):
    """The group of an answer, decided anew."""
    groups = decided_groups(store, "mock-exam", check, user)
    session, known = Session(groups), known_marks(groups)
    session.set_points(Fraction(points))
    session.set_note(note)
    assert Book(store, "mock-exam", "prof", known).keep(groups[0], session.keep()) == 0
    return groups[0], known


@pytest.mark.parametrize(
    ("question", "user", "found"),
    [
        ("chain", None, {("w0001", "4a"), ("w0002", "4a"), ("w0003", "4a"), ("w0001", "4b")}),
        ("chain", "w0002", {("w0002", "4a")}),
        (None, "w0001", {("w0001", "4a"), ("w0001", "4b")}),
        ("4b", "w0001", {("w0001", "4b")}),
        ("table", None, {("w0004", "2")}),
        ("4b", "w0002", {("w0002", "4b")}),
        ("words", "w0002", {("w0002", "3")}),
    ],
)  # fmt: skip
def test_what_the_machine_decided_is_found_by_question_and_by_user(store, question, user, found):
    groups = decided_groups(store, "mock-exam", question, user)
    assert {(a.user, a.check) for group in groups for a in group.answers} == found


@pytest.mark.parametrize(
    ("question", "user", "part"),
    [
        ("words", None, 'no answer to "words"'),
        ("words", "w0001", 'no answer of w0001 to "words"'),
        ("chian", None, 'did you mean "chain"?'),
        ("4a", None, 'no answer to "4a"'),
        (None, "w9999", "of w9999 at all"),
    ],
)
def test_nothing_to_overrule_is_told(store, question, user, part):
    with pytest.raises(InputError) as refused:
        decided_groups(store, "mock-exam", question, user)
    assert part in str(refused.value)


def test_the_screen_says_what_the_machine_decided(store):
    text = screen(
        Session(decided_groups(store, "mock-exam", "4a", "w0001")), width=100, solution=False
    )
    assert "wrong, 0 of 5 points" in text
    assert "5.5" in text


def test_a_person_overrules_the_machine_and_the_report_says_who_and_why(store):
    group, known = overruled(store)
    check = check_of(store, "w0001", "4a")
    assert (check["verdict"], check["points"], check["by_person"]) == ("right", 5, True)
    assert check["message"] == "decided by prof: meant 6 (the machine: wrong)"
    assert check_of(store, "w0002", "4a")["points"] == 0
    (line,) = lines_of(log_of(store, "mock-exam"))
    assert "prof  overruled w0001 4a" in line
    assert "0 → 5 of 5 (note: meant 6)" in line
    Book(store, "mock-exam", "prof", known).take_back(group)
    check = check_of(store, "w0001", "4a")
    assert (check["verdict"], check["points"], check["by_person"]) == ("wrong", 0, False)
    assert "took back" in lines_of(log_of(store, "mock-exam"))[-1]


def test_a_part_of_the_points_can_be_taken_away_too(store):
    assert 0 < check_of(store, "w0004", "2")["points"] < 1
    overruled(store, "w0004", "2", points=0, note="copied")
    check = check_of(store, "w0004", "2")
    assert (check["verdict"], check["points"]) == ("wrong", 0)


def test_what_was_not_answered_can_be_given_points(store):
    group, known = overruled(store, "w0002", "4b", points=2, note="stood under 4a")
    check = check_of(store, "w0002", "4b")
    assert (check["verdict"], check["points"], check["by_person"]) == ("partly_right", 2, True)
    settle(store, "mock-exam")
    assert check_of(store, "w0002", "4b")["points"] == 2
    Book(store, "mock-exam", "prof", known).take_back(group)
    assert check_of(store, "w0002", "4b")["verdict"] == "not_answered"


def test_it_stands_in_every_later_sitting_and_can_be_decided_anew(store):
    overruled(store)
    settle(store, "mock-exam")
    assert check_of(store, "w0001", "4a")["points"] == 5
    (group,) = marked_groups(store, "mock-exam", "chain")
    session, known = Session([group]), known_marks([group])
    assert session.points() == 5
    session.set_points(Fraction(2))
    Book(store, "mock-exam", "second", known).keep(group, session.keep())
    check = check_of(store, "w0001", "4a")
    assert (check["points"], check["message"]) == (
        2,
        "decided by second: meant 6 (the machine: wrong)",
    )
    assert [m.overruled for m in mark_log(store, "mock-exam")] == [0, 0]


def corrected(**correction):
    data = json.loads(Path("key.json").read_text())
    data["questions"][3]["parts"][0] |= correction
    Path("NEW.json").write_text(json.dumps(data))
    return "NEW.json"


@pytest.mark.parametrize(
    ("correction", "points", "why"),
    [
        ({}, 2, "the machine says what it said"),
        ({"accept": [{"type": "numeric", "value": "5"}]}, 2, "another answer is accepted as well"),
        ({"void": True}, 5, "everybody gets the points"),
        ({"accept": [{"type": "numeric", "value": "11/2"}]}, 5, "this answer is accepted"),
    ],
)
def test_under_a_corrected_key_it_stands_where_the_machine_says_the_same(
    store, grade, correction, points, why
):
    overruled(store, points=2)
    grade("--regrade", "mock-exam", "--key", corrected(**correction))
    settle(store, "mock-exam")
    assert check_of(store, "w0001", "4a")["points"] == points, why


def test_a_plain_mark_never_reaches_what_the_machine_decided(store):
    record_marks(store, [PersonsMark(1, "4a", Decimal(5), "me", datetime.now(UTC))])
    settle(store, "mock-exam")
    assert check_of(store, "w0001", "4a")["points"] == 0


def test_a_reason_is_asked_for_in_the_terminal(store, terminal):
    screen_of = terminal(
        "--review", "mock-exam", "--overrule", "4a", "--user", "w0001", "--by", "prof"
    )
    assert "wrong, 0 of 5 points" in screen_of.until("q leave")
    screen_of.press("f\n")
    screen_of.until("say why you decide otherwise first (n)")
    screen_of.press("nmeant 6\n")
    screen_of.until("note: meant 6")
    screen_of.press("\n")
    screen_of.until("That was the last of 1.")
    screen_of.press("q")
    screen_of.until("1 answer marked, 0 still wait")
    assert screen_of.end() == 0
    assert check_of(store, "w0001", "4a")["points"] == 5


def test_the_machine_says_of_free_text_nothing_that_the_answer_says_already(store):
    (group,) = [g for g in open_groups(store, "mock-exam") if g.asked.name == "words"]
    assert "because" in group.text
    assert "read as" not in group.answers[0].message


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--review", "mock-exam", "--overrule"], "needs the id of a question, or --user NAME"),
        (
            ["--review", "mock-exam", "--overrule", "chain", "--again", "chain"],
            "exclude each other",
        ),
        (["--overrule", "chain"], "only with --review"),
        (["--regrade", "mock-exam", "--overrule", "chain"], "only with --review"),
    ],
)
def test_bad_use_is_one_clear_line(store, grade, words, part):
    ran = grade(*words)
    assert (ran.status, ran.out) == (2, "")
    assert part in ran.err
