"""--review: the open answers of a cohort, marked in a real terminal; and the pure way through them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.review.answers import open_groups
from grader.review.code_lines import code_named
from grader.review.groups import Answer, Asked, Earlier, Group, essence, grouped
from grader.review.recording import exact
from grader.review.screen import screen
from grader.review.session import Session
from leaderboard.boards import board
from leaderboard.marks import mark_log
from leaderboard.store import graded_submissions, open_store, reports
from question_bank.key import KeyRubricLine

ROOT = Path(__file__).resolve().parents[2]
WORDS = {
    "w0001": "Because the weights grow.",
    "w0002": "  Because the weights grow.\n",
    "w0003": "the weights grow, because",
    "w0004": "No idea \x1b[31m",
}


@pytest.fixture
def cohort(key_file, hand_in, grade):
    """Four students, each with one answer in words (question 3) that waits; two say the same."""
    for user, words in WORDS.items():
        answers = f'form: A\nanswers: {{3: "{words.encode("unicode_escape").decode()}", 4a: 6}}\n'
        path = hand_in(answers, name=f"{user}.zip")
        assert grade(path, "--key", key_file, "--user", user, "--record").status == 0


def standing():
    """Points of question 3, score and open points of each user."""
    store = open_store()
    found = {}
    for graded in graded_submissions(store, "mock-exam"):
        report = reports(store, graded.number)[-1]
        check = next(c for c in report["checks"] if c["id"] == "3")
        found[graded.user] = (check["points"], report["score"], report["pending_points"])
    store.close()
    return found


CODE = b"import torch\n\n\nclass RNN:\n    def forward(self, x):\n        return torch.nn.RNN(2, 3)(x)\n"
FILES = {"exercise_code/rnn/rnn_nn.py": CODE}


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("It used torch's lstm.input (exercise_code/rnn/rnn_nn.py:6), a finished layer.",
         [">    6          return torch.nn.RNN(2, 3)(x)", "     4  class RNN:"]),
        ("It used something (exercise_code/rnn/rnn_nn.py:999).", []),
        ("It used something (exercise_code/other.py:1).", []),
        ("It used something (../../etc/passwd.py:1).", []),
        ("The numbers are right.", []),
    ],
)  # fmt: skip
def test_the_code_that_a_message_names_is_shown(message, shown):
    lines = code_named(message, FILES)
    assert set(shown) <= set(lines)
    assert bool(shown) == bool([line for line in lines if line.startswith(">")])


def test_the_code_stands_on_the_screen():
    code = code_named("(a.py:2)", {"a.py": b"x = 1\n    \x1b[31my\n"})
    answer = Answer(1, "w1", "rnn.values", "", "why", code=code)
    text = screen(
        Session([Group(Asked("rnn.values", "RNN", 8), (answer,))]), width=60, solution=False
    )
    assert "     1  x = 1\n>    2      " in text
    assert "\x1b" not in text


def test_a_cohort_is_marked_in_the_terminal(cohort, terminal):
    terminal = terminal("--review", "mock-exam", "--by", "prof")
    first = terminal.until("q leave")
    assert "words  (3 points)  1 of 3; answer 1 of 3 to this" in first
    assert "Why?" in first
    assert "1 [ ]   3 points  says because" in first
    assert "2 wrote this: w0001, w0002" in first or "1 wrote this: w0003" in first
    terminal.press("s")
    assert "Because." in terminal.until("q leave")
    terminal.press("\n")
    terminal.until("choose points first")
    terminal.press("1")
    terminal.until("1 [x]")
    terminal.until("points: 3 of 3 points")
    terminal.press("\n")
    terminal.until("2 of 3; answer 2 of 3")
    terminal.press("p1,5\n")
    terminal.until("points: 1.5 of 3 points")
    terminal.press("nToo short.\n")
    terminal.until("note: Too short.")
    terminal.press("\n")
    last = terminal.until("3 of 3; answer 3 of 3")
    terminal.press("7")
    terminal.until("the rubric has no line 7")
    terminal.press("0\n")
    terminal.until("That was the last of 3. 0 still wait.")
    terminal.press("q")
    terminal.until("4 answers marked, 0 still wait")
    assert terminal.end() == 0
    assert "\x1b[31m" not in first + last
    points = sorted(points for points, _, _ in standing().values())
    assert points in ([0, 1.5, 3, 3], [0, 0, 1.5, 3], [0, 1.5, 1.5, 3])
    assert {pending for _, _, pending in standing().values()} == {0}
    store = open_store()
    entries = board(store, "mock-exam").entries
    assert all(entry.row.passed is not None for entry in entries)
    assert {mark.by for mark in mark_log(store, "mock-exam")} == {"prof"}
    store.close()


def test_undo_leave_and_go_on_later(cohort, terminal):
    start = terminal
    terminal = start("--review", "mock-exam")
    terminal.until("q leave")
    terminal.press("f\n")
    terminal.until("2 of 3")
    assert sum(pending == 0 for _, _, pending in standing().values()) >= 1
    terminal.press("u")
    terminal.until("taken back")
    assert [points for points, _, _ in standing().values()] == [0, 0, 0, 0]
    assert {pending for _, _, pending in standing().values()} == {3}
    terminal.press("f\n")
    terminal.until("2 of 3")
    terminal.process.kill()
    terminal.end()
    again = start("--review", "mock-exam")
    shown = again.until("q leave")
    assert "1 of 2; answer 1 of 2" in shown
    again.press("-b=")
    again.until("nothing was kept for this question before")
    again.press("q")
    assert again.end() == 0


def test_what_could_not_be_read_waits_with_its_reason(key_file, hand_in, grade):
    path = hand_in("form: A\nanswers: {4a: six apples, 4b: '?'}\n", name="w0009.zip")
    assert grade(path, "--key", key_file, "--user", "w0009", "--record").status == 0
    store = open_store()
    waiting = [answer for group in open_groups(store, "mock-exam") for answer in group.answers]
    store.close()
    assert [(answer.check, answer.text) for answer in waiting] == [("4a", "six apples")]
    assert "cannot be read" in waiting[0].message


def test_marks_of_a_sitting_that_was_killed_before_the_result_are_settled(cohort):
    from datetime import UTC, datetime
    from decimal import Decimal

    from grader.review.recording import settle
    from leaderboard.marks import PersonsMark, record_marks

    store = open_store()
    record_marks(store, [PersonsMark(1, "3", Decimal(2), "me", datetime.now(UTC))])
    settle(store, "mock-exam")
    assert standing()["w0001"] == (2, 7, 0)
    settle(store, "mock-exam")
    assert len(reports(store, 1)) == 2
    store.close()


def test_what_somebody_else_marked_meanwhile_stands(cohort):
    from datetime import UTC, datetime
    from decimal import Decimal

    from grader.review.recording import Book, known_marks
    from leaderboard.marks import PersonsMark, record_marks

    store = open_store()
    groups = open_groups(store, "mock-exam")
    index = next(n for n, g in enumerate(groups) if len(g.answers) == 2)
    session = Session(groups, at=index)
    known = known_marks(groups)
    record_marks(store, [PersonsMark(1, "3", Decimal(1), "other", datetime.now(UTC))])
    session.set_points(Fraction(3))
    given = session.keep()
    assert Book(store, "mock-exam", "me", known).keep(groups[index], given) == 1
    assert standing()["w0002"][0] == 3
    assert [m.by for m in mark_log(store, "mock-exam")] == ["other", "me"]
    store.close()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--review", "mock-exam"], "needs a terminal"),
        (["--review", "mock-exam", "x.zip"], "--record"),
    ],
)
def test_bad_use_is_one_clear_line(cohort, grade, words, part):
    ran = grade(*words)
    assert ran.status == 2
    assert part in ran.err


def test_an_unknown_assignment_in_a_terminal(cohort, terminal):
    terminal = terminal("--review", "another")
    terminal.until('the store has no result of "another"')
    assert terminal.end() == 2


RUBRIC = (
    KeyRubricLine(points=1, earns="names it"),
    KeyRubricLine(points=2, earns="explains it"),
    KeyRubricLine(points=-1, earns="a slip"),
)
ASKED = Asked("q", "A question", 3.0, "q", "Why?", solution="Because.", rubric=RUBRIC)


def answers(*texts):
    return [Answer(n, f"w{n}", "1", text, "open") for n, text in enumerate(texts)]


def groups_of(*texts):
    return grouped([(ASKED, answer) for answer in answers(*texts)])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The gradient vanishes.", "  The gradient vanishes.\n\n", True),
        ("a\r\nb", "a\nb", True),
        ("  for i:\n    f(i)  \n", "for i:\n  f(i)", True),
        ("The gradient vanishes.", "the gradient vanishes.", False),
        ("The gradient vanishes.", "The  gradient vanishes", False),
        ("x²", "x2", False),
        ("X = W", "x = w", False),
        ("W^T h", "w^t H", False),
        ("for i:\n    f(i)\n    g(i)", "for i:\n    f(i)\ng(i)", False),
        ("    f(i)\ng(i)", "f(i)\ng(i)", False),
        ("a b", "a\nb", False),
        ("ﬁne", "fine", False),
        ("h^2", "h2", False),
        ("x - 1", "x + 1", False),
        ("(a) b", "a (b)", False),
        ("3.5", "35", False),
    ],
)
def test_what_counts_as_the_same_answer(one, other, same):
    assert (essence(one) == essence(other)) is same
    assert len(groups_of(one, other)) == (1 if same else 2)


OTHER_NUMBERS = replace(ASKED, exactly="a = 3")
FROM_6, FROM_7 = ((Earlier("a", text, "wrong, 0 of 2"),) for text in ("6", "7"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((ASKED, {}), (ASKED, {}), True),
        ((ASKED, {"form": "A"}), (ASKED, {"form": "B"}), True),
        ((ASKED, {}), (OTHER_NUMBERS, {}), False),
        ((ASKED, {"earlier": FROM_6}), (ASKED, {"earlier": FROM_6}), True),
        ((ASKED, {"earlier": FROM_6}), (ASKED, {"earlier": FROM_7}), False),
        ((ASKED, {}), (replace(ASKED, text="Why not?"), {}), False),
    ],
)
def test_equal_texts_are_one_answer_only_where_they_answer_the_same(one, other, same):
    given = [
        (asked, replace(Answer(n, f"w{n}", "1", "12", ""), **fields))
        for n, (asked, fields) in enumerate([one, other])
    ]
    assert len(grouped(given)) == (1 if same else 2)


def test_the_mark_given_before_is_offered_for_the_other_form_and_only_for_this_question():
    other_question = replace(ASKED, name="another", question="another")
    session = Session(
        [
            Group(asked, tuple(answers("because")))
            for asked in (ASKED, OTHER_NUMBERS, other_question, replace(ASKED, rubric=()))
        ]
    )
    session.toggle(1)
    session.keep()
    assert session.points() is None
    assert session.same_as_before()
    assert session.points() == 2
    session.go(1)
    assert not session.same_as_before()
    session.go(1)
    assert not session.same_as_before()


def test_similar_answers_stand_side_by_side():
    found = groups_of(
        "red car", "the loss explodes at once", "red cars", "the loss explodes", "red car"
    )
    order = [group.text for group in found]
    assert abs(order.index("the loss explodes") - order.index("the loss explodes at once")) == 1
    assert sorted(len(group.answers) for group in found) == [1, 1, 1, 2]


def test_findings_of_code_are_never_put_together():
    assert len(groups_of("", "", "")) == 3


@pytest.mark.parametrize(
    ("lines", "points"),
    [((0,), 1), ((0, 1), 3), ((2,), 0), ((0, 2), 0), ((0, 1, 2), 2), ((0, 0), None)],
)
def test_points_of_the_rubric_add_up_within_the_bounds(lines, points):
    session = Session(groups_of("a"))
    for line in lines:
        assert session.toggle(line)
    assert session.points() == points


def test_the_way_through():
    session = Session(groups_of("a", "b", "c"))
    assert session.keep() is None
    assert not session.toggle(9)
    assert not session.set_points(Fraction(4))
    assert not session.same_as_before()
    session.toggle(1)
    session.set_note("good")
    given = session.keep()
    assert (given.points, given.earned, given.note) == (2, ("explains it",), "good")
    assert session.same_as_before()
    assert session.keep().earned == ("explains it",)
    session.go(-1)
    assert session.points() == 2
    session.go(-5)
    assert session.at == 0
    session.go(9)
    assert session.group is None
    assert session.keep() is None
    assert session.undo() == 1
    assert (session.at, session.points(), session.left()) == (1, None, 2)
    assert [session.undo(), session.undo()] == [0, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", Fraction(3, 2)),
        (" 1,5 ", Fraction(3, 2)),
        ("3/2", Fraction(3, 2)),
        ("", None),
        ("1/0", None),
        ("two", None),
        ("1e-9", None),
        ("nan", None),
    ],
)
def test_points_as_typed(text, value):
    assert exact(text) == value


def test_a_group_shows_what_its_first_wrote():
    assert Group(ASKED, tuple(answers("Aa.", "aa"))).text == "Aa."
