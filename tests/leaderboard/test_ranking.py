from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.ranking import Policy, Result, counting, rank

START = datetime(2020, 1, 1, tzinfo=UTC)


def result(user: str, score: str, *, day: int = 1, submission: int = 1) -> Result:
    return Result(
        user=user,
        assignment="exercise_3",
        submission=submission,
        received_at=START + timedelta(days=day),
        score=Decimal(score),
        max_score=Decimal(100),
        pending_points=Decimal(0),
        passed=True,
        pass_mark=Decimal(50),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Result]:
    """Few users, scores and days, so that ties of every kind are common."""
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from("abcde"), st.sampled_from("0123"), st.integers(0, 3)),
            max_size=14,
        )
    )
    return [
        result(user, score, day=day, submission=number)
        for number, (user, score, day) in enumerate(drawn)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(history: list[Result], random: object) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank("exercise_3", shuffled) == rank("exercise_3", history)


@given(histories())
def test_a_rank_is_one_more_than_the_number_of_better_users(history: list[Result]) -> None:
    board = rank("exercise_3", history)
    users = {entry.user for entry in history}
    top = {user: max(r.score for r in history if r.user == user) for user in users}
    assert sorted(entry.result.user for entry in board.entries) == sorted(users)
    for entry in board.entries:
        mine = top[entry.result.user]
        assert entry.result.score == mine
        assert entry.rank == 1 + sum(score > mine for score in top.values())


@given(histories())
def test_rows_go_down_by_score_and_then_by_date(history: list[Result]) -> None:
    rows = [entry.result for entry in rank("exercise_3", history).entries]
    keys = [(-row.score, row.received_at, row.user) for row in rows]
    assert keys == sorted(keys)


@given(histories())
def test_the_earliest_of_equally_good_submissions_counts(history: list[Result]) -> None:
    for entry in rank("exercise_3", history).entries:
        equal = [r for r in history if (r.user, r.score) == (entry.result.user, entry.result.score)]
        assert entry.result.received_at == min(r.received_at for r in equal)


def test_equal_scores_share_a_rank_and_the_next_rank_counts_everyone_above() -> None:
    rows = [result("late", "9", day=2), result("early", "9", day=1), result("third", "8")]
    board = rank("exercise_3", rows)
    assert [(e.rank, e.result.user) for e in board.entries] == [
        (1, "early"),
        (1, "late"),
        (3, "third"),
    ]


def test_users_without_a_result_wait_and_have_no_rank() -> None:
    board = rank("exercise_3", [result("w1", "5")], waiting=["w2", "w1", "w2"])
    assert board.waiting == ("w2",)
    assert [entry.result.user for entry in board.entries] == ["w1"]


def test_another_policy_counts_the_last_submission_or_the_lowest_score() -> None:
    rows = [result("w1", "9", day=1, submission=1), result("w1", "4", day=2, submission=2)]
    last = counting(rows, Policy(attempts="last"))
    lowest = counting(rows, Policy(higher_is_better=False))
    assert last is not None
    assert lowest is not None
    assert (last.submission, lowest.submission) == (2, 2)
    rows.append(result("w2", "3"))
    low = rank("exercise_3", rows, policy=Policy(higher_is_better=False))
    assert [entry.result.user for entry in low.entries] == ["w2", "w1"]


def test_a_pass_mark_is_named_only_where_all_results_have_the_same() -> None:
    one, other = result("w1", "5"), result("w2", "6")
    assert rank("exercise_3", [one, other]).pass_mark == Decimal(50)
    changed = Result(**{**vars(other), "pass_mark": Decimal(60)})
    assert rank("exercise_3", [one, changed]).pass_mark is None
    assert rank("exercise_3", []).pass_mark is None


def test_a_result_of_another_assignment_is_refused() -> None:
    with pytest.raises(ValueError, match="exercise_3"):
        rank("exercise_2", [result("w1", "5")])
