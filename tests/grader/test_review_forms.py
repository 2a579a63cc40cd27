"""--review over several forms: question by question, with what an answer builds on; corrections, and the log of it all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from grader.review.answers import marked_groups, open_groups
from grader.review.log import lines_of, log_of
from grader.review.recording import Book, known_marks, settle
from grader.review.screen import screen
from grader.review.session import Session
from leaderboard.marks import PersonsMark, Regrading, mark_log, record_marks, record_regrading
from leaderboard.store import graded_submissions, open_store, reports
from question_bank.diagnostics import InputError
from question_bank.key import dumps, key_question
from question_bank.loader import parse_question
from question_bank.variant import instantiate
from tests.grader.conftest import QUESTIONS
from tests.support import form_key

# Form B asks the same in another order, and the chain with a = 4.
ORDER_OF_B = (3, 0, 2, 1)
# 6001 for 6, and 9001 for 12: a thousand times too much, so that a person looks at what follows.
COHORT = {
    "w0001": ("A", {"3": "Because of x².", "4a": "60001", "4b": "60002"}),
    "w0002": ("B", {"3": "Because of x². ", "1a": "60001", "1b": "60002"}),
    "w0003": ("B", {"3": "Because of x2."}),
    "w0004": ("A", {"4a": "60001 ", "4b": "60002"}),
    "w0005": ("A", {"4a": "70000", "4b": "70001"}),
}


@pytest.fixture
def store(work, hand_in, grade):
    """The cohort on record, graded with the keys of both forms."""
    for form, order in (("A", (0, 1, 2, 3)), ("B", ORDER_OF_B)):
        texts = [QUESTIONS[n] for n in order]
        if form == "B":
            texts = [text.replace("a: {choice: [2]}", "a: {choice: [4]}") for text in texts]
        found = []
        for number, text in enumerate(texts, start=1):
            name = text.split("\n", 1)[0].removeprefix("id: ")
            variant = instantiate(parse_question(text, f"{name}.yaml"), 1)
            found.append(key_question(number, variant))
        (work / "exam" / form).mkdir(parents=True)
        key = form_key(found).model_copy(update={"form": form})
        (work / "exam" / form / "key.json").write_text(dumps(key))
    exam = {"forms": [{"label": "A"}, {"label": "B"}]}
    (work / "exam" / "exam.json").write_text(json.dumps(exam))
    for user, (form, answers) in COHORT.items():
        path = hand_in(
            f"form: {form}\nanswers: {json.dumps(answers, ensure_ascii=False)}\n",
            name=f"{user}.zip",
        )
        ran = grade(path, "--exam", "exam/exam.json", "--user", user, "--record")
        assert ran.status == 0, ran.err
    opened = open_store()
    yield opened
    opened.close()


def users_of(group):
    return [answer.user for answer in group.answers]


def points_of(store, user, check):
    (number,) = [g.number for g in graded_submissions(store, "mock-exam") if g.user == user]
    found = reports(store, number)[-1]["checks"]
    return next(c["points"] for c in found if c["id"] == check)


def test_question_by_question_over_all_forms_in_the_order_of_the_paper(store):
    groups = open_groups(store, "mock-exam")
    assert [group.asked.name for group in groups] == ["words"] * 2 + ["chain, part b"] * 3
    words, chains = groups[:2], groups[2:]
    assert sorted(users_of(group) for group in words) == [["w0001", "w0002"], ["w0003"]]
    # The same text after the same own answer: one group; on the form with other numbers: another.
    assert sorted(users_of(group) for group in chains) == [["w0001", "w0004"], ["w0002"], ["w0005"]]


def shown(store, user):
    session = Session(open_groups(store, "mock-exam"))
    while user not in users_of(session.group) or session.group.asked.name == "words":
        session.go(1)
    return screen(session, width=120, solution=False)


@pytest.mark.parametrize(
    ("user", "parts"),
    [
        ("w0001", ["2 wrote this (form A): w0001, w0004", "a = 2", "Right is: 7", "follows: 60 002"]),
        ("w0002", ["1 wrote this (form B): w0002", "a = 4", "Right is: 13", "follows: 60 002"]),
        ("w0005", ["1 wrote this (form A): w0005", "a: 70000  (wrong, 0 of 5)", "follows: 70 001"]),
    ],
)  # fmt: skip
def test_the_screen_shows_what_an_answer_builds_on(store, user, parts):
    text = " ".join(shown(store, user).split())
    for part in [*parts, "less to do than was meant", "Add 1."]:
        assert " ".join(part.split()) in text, text


def test_one_mark_reaches_equal_answers_of_all_forms_and_no_others(store):
    groups = open_groups(store, "mock-exam")
    session, known = Session(groups), known_marks(groups)
    while users_of(session.group) != ["w0001", "w0002"]:
        session.go(1)
    group = session.group
    session.toggle(0)
    assert Book(store, "mock-exam", "prof", known).keep(group, session.keep()) == 0
    assert [points_of(store, user, "3") for user in ("w0001", "w0002", "w0003")] == [3, 3, 0]


def test_a_kept_mark_is_corrected_later_and_the_log_keeps_both(store):
    mark_all_words(store, "prof", 3)
    groups = marked_groups(store, "mock-exam", "words")
    session, known = Session(groups), known_marks(groups)
    while "w0003" not in users_of(session.group):
        session.go(1)
    assert session.points() == 3  # what stands is chosen
    assert "marked before: 1 x 3 by prof" in screen(session, width=100, solution=False)
    group = session.group
    session.set_points(Fraction(1))
    assert Book(store, "mock-exam", "second", known).keep(group, session.keep()) == 0
    assert points_of(store, "w0003", "3") == 1
    assert points_of(store, "w0001", "3") == 3
    Book(store, "mock-exam", "second", known).take_back(group)
    assert points_of(store, "w0003", "3") == 3
    given = [(m.by, m.points) for m in mark_log(store, "mock-exam") if m.submission == 3]
    assert given == [("prof", 3), ("second", 1), ("second", 3)]


def test_a_correction_does_not_undo_what_somebody_else_corrected_meanwhile(store):
    mark_all_words(store, "prof", 3)
    groups = marked_groups(store, "mock-exam", "words")
    session, known = Session(groups), known_marks(groups)
    for each in groups:
        for answer in each.answers:
            mark = PersonsMark(answer.submission, answer.check, 2, "other", datetime.now(UTC))
            record_marks(store, [mark])
    group = session.group
    session.set_points(Fraction(0))
    others = Book(store, "mock-exam", "late", known).keep(group, session.keep())
    assert others == len(group.answers)
    settle(store, "mock-exam")
    assert {points_of(store, user, "3") for user in ("w0001", "w0002", "w0003")} == {2}


def test_what_was_marked_is_marked_anew_in_the_terminal(store, terminal):
    mark_all_words(store, "prof", 3)
    screen_of = terminal("--review", "mock-exam", "--again", "words", "--by", "second")
    first = screen_of.until("q leave")
    assert "words  (3 points)  1 of 2; answer 1 of 2 to this" in first
    assert "marked before: " in first
    assert "points: 3 of 3 points" in first
    screen_of.press("0\n")
    screen_of.until("2 of 2; answer 2 of 2")
    screen_of.press("q")
    screen_of.until("marked, 0 still wait")
    assert screen_of.end() == 0
    points = [points_of(store, user, "3") for user in ("w0001", "w0002", "w0003")]
    assert points in ([0, 0, 3], [3, 3, 0])


def test_nothing_to_correct_is_told(store):
    with pytest.raises(InputError) as refused:
        marked_groups(store, "mock-exam", "words")
    assert "nothing was marked yet" in str(refused.value)
    mark_all_words(store, "prof", 3)
    with pytest.raises(InputError) as refused:
        marked_groups(store, "mock-exam", "word")
    assert 'did you mean "words"?' in str(refused.value)


def mark_all_words(store, by, points):
    groups = open_groups(store, "mock-exam")
    session, known = Session(groups), known_marks(groups)
    while session.group is not None and session.group.asked.name == "words":
        group = session.group
        session.set_points(Fraction(points))
        Book(store, "mock-exam", by, known).keep(group, session.keep())


def test_the_log_says_who_did_what_and_when(store, grade):
    assert "nobody marked" in grade("--review", "mock-exam", "--log").out
    when = datetime(2031, 2, 3, 12, 30, tzinfo=UTC)
    for minute, (points, earned) in enumerate([(1, ()), (3, ("says because",)), (None, ())]):
        mark = PersonsMark(1, "3", points, "prof", when.replace(minute=minute), earned, "")
        record_marks(store, [mark])
    record_regrading(store, Regrading("mock-exam", when, "dean", "no answer loses points", (), 2))
    assert lines_of(log_of(store, "mock-exam")) == [
        "2031-02-03 12:00:00 UTC  prof  marked w0001 3 (In words): 1 of 3",
        "2031-02-03 12:01:00 UTC  prof  changed w0001 3 (In words): 1 → 3 of 3 (says because)",
        "2031-02-03 12:02:00 UTC  prof  took back w0001 3 (In words): 3 of 3 no longer stand",
        "2031-02-03 12:30:00 UTC  dean  regraded (no answer loses points): 2 new results",
    ]
    ran = grade("--review", "mock-exam", "--log")
    assert (ran.status, len(ran.out.splitlines())) == (0, 4)
    ran = grade("--review", "mock-exam", "--log", "--json", "-")
    data = json.loads(ran.out)
    assert [entry["did"] for entry in data["log"]] == ["marked", "changed", "took back", "regraded"]
    assert data["log"][1] | {"by": "prof", "before": 1, "points": 3} == data["log"][1]


def test_the_log_names_the_keys_of_a_regrading(store, grade):
    ran = grade("--regrade", "mock-exam", "--exam", "exam/exam.json", "--by", "dean")
    assert ran.status == 0
    (line,) = grade("--review", "mock-exam", "--log").out.splitlines()
    assert "dean  regraded (the corrected key alone) with the keys form A " in line
    assert ", form B " in line


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--again", "words"], "only with --review"),
        (["--log"], "only with --review"),
        (["--regrade", "mock-exam", "--key", "k.json", "--log"], "only with --review"),
        (["--review", "mock-exam", "--again", "words", "--log"], "exclude each other"),
        (["--review", "nothing", "--log"], 'no result of "nothing"'),
    ],
)
def test_bad_use_is_one_clear_line(store, grade, words, part):
    ran = grade(*words)
    assert ran.status == 2
    assert part in ran.err
