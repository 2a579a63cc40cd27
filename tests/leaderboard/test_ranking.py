"""Ranks against an oracle that knows nothing of ranking.py, over random histories and policies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.configuration import read_configuration
from leaderboard.points import MILLION
from leaderboard.policy import Late, Mark, Policy, after_penalty, in_words
from leaderboard.ranking import Board, Plan, Result, counting, explained, rank
from leaderboard.times import DAY_US, MINUTE_US, to_microseconds

CASES = yaml.safe_load((Path(__file__).parent / "policies.yaml").read_text("utf-8"))
COURSES = Policy()
HOUR_US = 60 * MINUTE_US


def result(user: str, points: float, *, hour: float = 1, number: int = 1, **more: Any) -> Result:
    fields: dict[str, Any] = {
        "user": user,
        "submission": number,
        "received": round(hour * HOUR_US),
        "score": round(points * MILLION),
        "full": 100 * MILLION,
        "pending": 0,
        "passed": points >= 50,
        "mark": 50 * MILLION,
    }
    return Result(**{**fields, **more})


def plan(policy: Policy = COURSES) -> Plan:
    return Plan("t/board", "board", "exercise_3", policy)


def ranked(results: list[Result], policy: Policy = COURSES) -> Board:
    return rank(plan(policy), results)


moments = st.none() | st.integers(0, 6).map(lambda n: n * 12 * HOUR_US)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    deadline = draw(moments)
    late = None
    if deadline is not None and draw(st.booleans()):
        share = draw(st.booleans())
        amount = draw(st.sampled_from([0, 333, 1000, 5000, 10000]))
        until = draw(st.none() | st.integers(1, 4).map(lambda n: deadline + n * 12 * HOUR_US))
        late = Late(
            share_per_day=amount if share else None,
            points_per_day=None if share else amount * 1000,
            most=draw(st.none() | st.sampled_from([500, 4000])),
            grace=draw(st.sampled_from([0, 10 * MINUTE_US])),
            until=until,
        )
    return Policy(
        counts=draw(st.sampled_from(["best", "last"])),
        first=draw(st.none() | st.integers(1, 3)),
        higher_is_better=draw(st.booleans()),
        ties=draw(st.sampled_from(["shared", "by_date"])),
        opens=draw(moments),
        deadline=deadline,
        late=late,
        mark=draw(st.none() | st.builds(Mark, st.integers(0, 3).map(lambda n: n * MILLION), st.booleans())),
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Result]:
    """Few users, scores and moments, so that ties of every kind are common."""
    decisions = st.sampled_from([None, None, None, "withdrawn", "flagged"])
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from("abcde"), st.sampled_from([-1, 0, 1, 2, 3]),
                st.sampled_from([0, 12, 12.1, 24, 36, 48.5, 60, 90]), decisions, st.sampled_from([0, 0, 1]),
            ),
            max_size=14,
        )
    )  # fmt: skip
    return [
        result(user, points, hour=hour, number=number, decision=decision, pending=pending,
               passed=None if pending else points >= 2, mark=2 * MILLION)
        for number, (user, points, hour, decision, pending) in enumerate(drawn, start=1)
    ]  # fmt: skip


class Oracle:
    """The rule in exact fractions, user against user: slow, and written from the documentation alone."""

    def __init__(self, history: list[Result], policy: Policy) -> None:
        self.policy = policy
        self.row: dict[str, tuple[int, Result]] = {}
        for user in {each.user for each in history}:
            able = self._able([each for each in history if each.user == user])
            if able:
                self.row[user] = self._one(able)

    def _able(self, own: list[Result]) -> list[tuple[int, Result]]:
        policy, able, attempt = self.policy, [], 0
        for each in sorted(own, key=lambda r: (r.received, r.submission)):
            end = policy.deadline
            if policy.late is not None:
                end = policy.late.until
            if policy.opens is not None and each.received < policy.opens:
                continue
            if end is not None and each.received > end:
                continue
            attempt += 1
            if (policy.first is None or attempt <= policy.first) and each.decision is None:
                able.append((self._points(each), each))
        return able

    def _points(self, each: Result) -> int:
        policy, late = self.policy, self.policy.late
        if late is None or policy.deadline is None or each.received <= policy.deadline + late.grace:
            return each.score
        days = 1
        while policy.deadline + days * DAY_US < each.received:
            days += 1
        if late.share_per_day is not None:
            percent = Fraction(late.share_per_day * days, 100)
            percent = min(percent, Fraction(100 if late.most is None else Fraction(late.most, 100)))
            loss = round(abs(each.score) * percent / 100)  # half to even
        else:
            assert late.points_per_day is not None
            loss = late.points_per_day * days
            loss = loss if late.most is None else min(loss, late.most)
        if not policy.higher_is_better:
            return each.score + loss
        return each.score if each.score < 0 else max(0, each.score - loss)

    def _one(self, able: list[tuple[int, Result]]) -> tuple[int, Result]:
        chosen = able[0]
        for points, each in able[1:]:  # in the order in which they came
            better = points > chosen[0] if self.policy.higher_is_better else points < chosen[0]
            if better or self.policy.counts == "last":
                chosen = points, each
        return chosen

    def rank_of(self, user: str) -> int:
        mine, own = self.row[user]
        ahead = 0
        for other, (points, each) in self.row.items():
            if other == user:
                continue
            better = points > mine if self.policy.higher_is_better else points < mine
            earlier = points == mine and each.received < own.received
            ahead += better or (earlier and self.policy.ties == "by_date")
        return 1 + ahead

    def passed(self, user: str) -> bool | None:
        points, own = self.row[user]
        up, mark = self.policy.higher_is_better, self.policy.mark
        if mark is not None:
            if own.pending:
                return None
            if points == mark.points:
                return not mark.beyond
            return points > mark.points if up else points < mark.points
        if points == own.score or not own.passed:
            return own.passed
        assert own.mark is not None
        return points >= own.mark if up else points <= own.mark


@given(histories(), policies())
def test_ranks_points_and_passes_are_those_of_the_oracle(
    history: list[Result], policy: Policy
) -> None:
    board, oracle = ranked(history, policy), Oracle(history, policy)
    found = {
        e.row.user: (e.rank, e.row.points, e.row.submission, e.row.passed) for e in board.entries
    }
    assert found == {
        user: (oracle.rank_of(user), points, own.submission, oracle.passed(user))
        for user, (points, own) in oracle.row.items()
    }
    assert set(board.unranked) == {each.user for each in history} - oracle.row.keys()


@given(histories(), policies(), st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(
    history: list[Result], policy: Policy, random: Any
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    assert ranked(shuffled, policy) == ranked(history, policy)


@given(histories(), policies())
def test_rows_go_down_by_points_and_then_by_date(history: list[Result], policy: Policy) -> None:
    sign = -1 if policy.higher_is_better else 1
    rows = [entry.row for entry in ranked(history, policy).entries]
    keys = [(sign * row.points, row.received, row.user) for row in rows]
    assert keys == sorted(keys)


@given(histories(), policies())
def test_what_is_said_of_each_submission_fits_what_counts(
    history: list[Result], policy: Policy
) -> None:
    own = [each for each in history if each.user == "a"]
    said = explained(own, policy)
    assert sorted(each.result for each in said) == sorted(own)
    counts = [each.row for each in said if each.reason == "counts"]
    assert counts == [row for row in [counting(own, policy)] if row is not None]


@given(st.integers(-(10**12), 10**12), st.integers(0, 10 * DAY_US), policies())
def test_a_penalty_never_helps_and_never_crosses_zero(
    score: int, received: int, policy: Policy
) -> None:
    points = after_penalty(score, received, policy)
    if policy.higher_is_better:
        assert min(score, 0) <= points <= score
    else:
        assert points >= score


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_rule_by_example(case: dict[str, Any]) -> None:
    lines = "".join(f"  {line}\n" for line in case["rule"].splitlines())
    text = f"tabs: [{{name: T, assignment: a}}]\npolicy:\n{lines}"
    (only,) = read_configuration(text, "case").plans
    history = [
        result(user, points, number=number, decision=(more or [None])[0],
               received=to_microseconds(datetime.fromisoformat(f"2020-01-{when}+00:00")))
        for number, (user, points, when, *more) in enumerate(case["log"], start=1)
    ]  # fmt: skip
    board = rank(only, history)
    found = [[e.rank, e.row.user, e.row.points / MILLION, e.row.passed] for e in board.entries]
    assert found == case["board"]
    assert list(board.unranked) == case.get("unranked", [])
    assert case["words"] in in_words(only.policy)


def test_users_without_a_result_wait_and_have_no_rank() -> None:
    board = rank(plan(), [result("w1", 5)], waiting=["w2", "w1", "w2"])
    assert board.waiting == ("w2",)
    assert [entry.row.user for entry in board.entries] == ["w1"]


def test_a_pass_mark_is_named_only_where_all_results_have_the_same() -> None:
    one, other = result("w1", 5), result("w2", 6)
    assert ranked([one, other]).pass_mark == 50
    assert ranked([one, other._replace(mark=1)]).pass_mark is None
    assert ranked([]).pass_mark is None
    own = Policy(mark=Mark(7 * MILLION))
    assert ranked([one, other._replace(mark=1)], own).pass_mark == 7


@pytest.mark.parametrize("change", [lambda p: p, lambda p: Policy(counts="last")])
def test_of_one_user_one_row(change: Callable[[Policy], Policy]) -> None:
    rows = [result("w1", 9, hour=1, number=1), result("w1", 4, hour=2, number=2)]
    assert len(ranked(rows, change(Policy())).entries) == 1
