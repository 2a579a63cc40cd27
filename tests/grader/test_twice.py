"""Two persons mark the same answers without a look at each other; differences are shown, and settled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from grader.review.answers import open_groups
from grader.review.recording import Book, known_marks
from grader.review.session import Session
from grader.review.twice import agreement, differences, differing_groups, second_groups
from leaderboard.marks import PersonsMark, record_marks, record_opinions, standing_marks
from leaderboard.store import open_store
from tests.grader.test_review import cohort, standing

assert cohort  # a fixture
EXAM = "mock-exam"
START = datetime(2026, 2, 1, 9, tzinfo=UTC)


def mark(submission: int, points: float | None, by: str, minutes: int, **fields) -> PersonsMark:
    given = None if points is None else Decimal(str(points))
    return PersonsMark(submission, "3", given, by, START + timedelta(minutes=minutes), **fields)


@pytest.fixture
def store(cohort):
    """Submissions 1 to 4, marked by ann: 3, 3, 1, 0."""
    found = open_store()
    for number, points in enumerate((3, 3, 1, 0), start=1):
        record_marks(found, [mark(number, points, "ann", number)])
    from grader.review.recording import settle

    settle(found, EXAM)
    yield found
    found.close()


def test_the_second_sees_no_mark_and_nothing_that_is_theirs(store) -> None:
    groups = second_groups(store, EXAM, "bob")
    assert sum(len(group.answers) for group in groups) == 4
    assert all(answer.mark is None for group in groups for answer in group.answers)
    assert second_groups(store, EXAM, "ann") == []
    record_opinions(store, [mark(1, 2, "bob", 10)])
    left = [a.submission for group in second_groups(store, EXAM, "bob") for a in group.answers]
    assert sorted(left) == [2, 3, 4]


def test_an_opinion_moves_no_points_and_may_be_taken_back(store) -> None:
    session = Session(second_groups(store, EXAM, "bob"))
    book = Book(store, EXAM, "bob", known_marks(session.groups), "opinions")
    group = session.group
    before = standing()
    session.set_points(Fraction(1, 2))
    assert book.keep(group, session.keep()) == 0
    assert standing() == before
    assert differences(store, EXAM)
    session.undo()
    book.take_back(group)
    assert differences(store, EXAM) == {}


TIMES = {
    # (ann's mark, bob's opinion, what settles: minutes and points) and whether it is open
    "bob later, another": (3, 10, 2, None, True),
    "bob earlier, another": (3, 0, 2, None, True),
    "alike": (3, 10, 3, None, False),
    "settled": (3, 10, 2, (20, 2.5), False),
    "settled, then another opinion": (3, 30, 2, (20, 2.5), True),
    "settled as bob said": (3, 10, 2, (20, 2), False),
}


@pytest.mark.parametrize("name", TIMES)
def test_what_is_open(name, store) -> None:
    _, minutes, points, settled, is_open = TIMES[name]
    record_opinions(store, [mark(1, points, "bob", minutes)])
    if settled is not None:
        record_marks(store, [mark(1, settled[1], "carl", settled[0], settles=True)])
    assert ((1, "3") in differences(store, EXAM)) is is_open


def test_how_well_they_agree(store, grade) -> None:
    given = [mark(n, p, "bob", 10 + n) for n, p in enumerate((3, 2, 0.5, 0), start=1)]
    record_opinions(store, given)
    (pair,) = agreement(store, EXAM)
    assert (pair.first, pair.second, pair.both, pair.same) == ("ann", "bob", 4, 2)
    assert (pair.mean_off, pair.bias) == (0.375, -0.375)
    ran = grade("--review", EXAM, "--differences")
    lines = ran.out.splitlines()
    assert lines[0] == (
        "ann and bob: 4 answers marked by both, 2 alike; mean difference 0.38 points, bob gives -0.38"
    )
    assert lines[1:] == ["w0002 3: ann 3, bob 2", "w0003 3: ann 1, bob 0.5"]
    data = json.loads(grade("--review", EXAM, "--differences", "--json", "-").out)
    assert [each["user"] for each in data["open"]] == ["w0002", "w0003"]
    # A settlement does not change what the first gave.
    record_marks(store, [mark(2, 2, "carl", 40, settles=True)])
    assert agreement(store, EXAM)[0].same == 2


def test_marked_twice_and_settled_in_the_terminal(store, terminal) -> None:
    start = terminal
    bob = start("--review", EXAM, "--second", "--by", "bob")
    first = bob.until("q leave")
    assert "marked before" not in first
    assert "ann" not in first
    assert "not marked yet" in first
    bob.press("p2\nnUnclear.\n\n")
    bob.until("2 of 3")
    bob.press("q")
    bob.until("still wait")
    assert bob.end() == 0
    count = len(differing_groups(store, EXAM))
    assert count in (1, 2)
    carl = start("--review", EXAM, "--settle", "--by", "carl")
    shown = carl.until("q leave")
    assert "bob: 2 of 3 points (note: Unclear.)" in shown
    assert "a as ann: " in shown
    assert "not marked yet" in shown
    for _ in range(count):
        carl.press("z")
        carl.until("points: 2 of 3 points")
        carl.press("\n")
    carl.until("That was the last")
    carl.press("q")
    assert carl.end() == 0
    assert differences(store, EXAM) == {}
    settled = [m for m in standing_marks(store, EXAM).values() if m.settles]
    assert {(m.by, float(m.points), m.note) for m in settled} == {("carl", 2.0, "Unclear.")}
    again = start("--review", EXAM, "--settle")
    again.until("no two persons gave an answer")
    assert again.end() == 0


def test_a_settlement_that_is_undone_is_open_again(store) -> None:
    record_opinions(store, [mark(1, 2, "bob", 10)])
    session = Session(differing_groups(store, EXAM))
    book = Book(store, EXAM, "carl", known_marks(session.groups), "settlements")
    group = session.group
    session.as_given(group.answers[0].opinions[0])
    book.keep(group, session.keep())
    assert standing()["w0001"][0] == 2
    session.undo()
    book.take_back(group)
    assert standing()["w0001"][0] == 3
    assert (1, "3") in differences(store, EXAM)


def test_the_log_says_what_second_persons_gave_and_what_settled_it(store, grade) -> None:
    record_opinions(
        store, [mark(1, 2, "bob", 10), mark(1, None, "bob", 11), mark(1, 2.5, "bob", 12)]
    )
    record_marks(store, [mark(1, 2.5, "carl", 20, settles=True)])
    said = grade("--review", EXAM, "--log").out
    for line in (
        "bob  marked a second time w0001 3 (In words): 2 of 3",
        "bob  took back a second mark of w0001 3 (In words): 2 of 3 no longer stand",
        "bob  marked a second time w0001 3 (In words): 2.5 of 3",
        "carl  settled w0001 3 (In words): 3 → 2.5 of 3",
    ):
        assert line in said


def test_what_nobody_marked_yet_can_be_marked_by_the_second_first(cohort) -> None:
    store = open_store()
    groups = second_groups(store, EXAM, "bob")
    assert len(groups) == len(open_groups(store, EXAM))
    record_opinions(store, [mark(1, 2, "bob", 0)])
    assert differences(store, EXAM) == {}
    record_marks(store, [mark(1, 3, "ann", 5)])
    assert (1, "3") in differences(store, EXAM)
    store.close()
