from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.configuration import read_configuration
from leaderboard.points import MILLION
from leaderboard.ranking import Board, Result, rank
from leaderboard.total import with_total

TABS = """
tabs:
  - {name: A, assignment: a, pass_mark: 50}
  - {name: B, assignment: b, pass_mark: 50, weight: 0.5}
  - {name: C, assignment: c, weight: 0}
total: {adds: %s, pass_mark: {at_least: 1.5}, ties: %s}
"""
RESULTS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["u", "v", "w"]), st.integers(0, 100), st.integers(1, 9)
    ),
    max_size=12,
)  # fmt: skip


def boards(results: list[Any], adds: str, ties: str = "shared") -> list[Board]:
    configuration = read_configuration(TABS % (adds, ties), "tabs.yaml")
    found = [
        rank(
            plan,
            [
                Result(user, number, at, points * MILLION, 100 * MILLION, 0, True, 50 * MILLION)
                for number, (assignment, user, points, at) in enumerate(results)
                if assignment == plan.assignment
            ],
        )
        for plan in configuration.plans
    ]
    return with_total(found, configuration)


@given(
    RESULTS,
    st.sampled_from(["passes", "points", "percent"]),
    st.sampled_from(["shared", "by_date"]),
)
def test_a_total_is_the_weighted_sum_of_what_counts(
    results: list[Any], adds: str, ties: str
) -> None:
    *_, total = boards(results, adds, ties)
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for assignment, user, points, at in results:
        key = (assignment, user)
        if key not in best or (-points, at) < (-best[key][0], best[key][1]):
            best[key] = (points, at)
    expected: dict[str, tuple[Fraction, int]] = {}
    for (assignment, user), (points, at) in best.items():
        weight = {"a": Fraction(1), "b": Fraction(1, 2), "c": Fraction(0)}[assignment]
        if not weight:
            continue
        part = Fraction(points >= 50) if adds == "passes" else Fraction(points)
        part *= weight / (Fraction(3, 2) if adds == "percent" else 1)
        before, last = expected.get(user, (Fraction(0), 0))
        expected[user] = (before + part, max(last, at))
    if not expected:
        assert total.entries == ()
        return
    found = {entry.row.user: entry for entry in total.entries}
    assert found.keys() == expected.keys()
    for user, (points, at) in expected.items():
        row = found[user].row
        assert abs(Fraction(row.points, MILLION) - points) <= Fraction(1, MILLION)
        assert (row.received, row.passed) == (at, row.points >= 1.5 * MILLION)
        ahead = sum(
            found[other].row.points > row.points
            or (ties == "by_date" and found[other].row.points == row.points and late < at)
            for other, (_, late) in expected.items()
        )
        assert found[user].rank == 1 + ahead


def test_a_total_has_a_part_for_each_board_that_counts() -> None:
    *_, total = boards([("a", "u", 70, 1), ("b", "v", 20, 2), ("c", "u", 99, 3)], "points")
    assert total.part_names == ("A", "B")
    assert [None if part is None else part.points // MILLION for part in total.parts["u"]] == [
        70,
        None,
    ]
    assert total.max_score == 150


def test_a_total_of_a_hidden_board_is_hidden_as_long() -> None:
    text = TABS % ("points", "shared")
    hidden = text.replace("weight: 0.5", 'weight: 0.5, hidden_until: "2020-03-01 00:00"')
    configuration = read_configuration(hidden, "tabs.yaml")
    found = with_total([rank(plan, []) for plan in configuration.plans], configuration)
    assert found[-1].plan.policy.hidden_until == configuration.plans[1].policy.hidden_until


@pytest.mark.parametrize("total", ["", "total: {adds: points}\n"])
def test_without_a_total_or_a_part_there_is_none(total: str) -> None:
    text = "tabs: [{name: A, assignment: a, weight: 0}]\n" + total
    configuration = read_configuration(text, "tabs.yaml")
    found = [rank(plan, []) for plan in configuration.plans]
    assert with_total(found, configuration) == found
