from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from leaderboard.configuration import load_configuration, read_configuration, shipped_text
from leaderboard.moments import zone_of
from leaderboard.points import MILLION
from leaderboard.policy import Late, Mark, Policy
from leaderboard.times import DAY_US, MINUTE_US, printed
from question_bank.diagnostics import InputError

BAD = yaml.safe_load((Path(__file__).parent / "bad_boards.yaml").read_text("utf-8"))

FILE = """
title: A course
time_zone: Europe/Berlin
policy:
  first: 3
  ties: by_date
tabs:
  - name: One
    assignment: a
    deadline: "2020-01-15 23:59"
    late: {percent_per_day: 12.5, grace_minutes: 10, until: "2020-01-20 23:59Z"}
    pass_mark: 50
    weight: 2
  - name: Two
    assignment: b
    first: null
    better: lower
    pass_mark: {at_most: 0.25}
    phases:
      - {name: trial, deadline: "2020-07-01 12:00:30"}
      - {name: final, opens: "2020-07-01 12:00+05:30", ties: shared, hidden_until: "2020-08-01 00:00"}
total:
  adds: percent
  pass_mark: {above: 60}
"""


@pytest.mark.parametrize("case", BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_said_with_its_place_and_a_cure(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_configuration(case["file"], "boards.yaml")
    found = caught.value.diagnostics
    said = [each.render() for each in found]
    assert len(found) == len(case["said"]), said
    for diagnostic, expected in zip(found, case["said"], strict=True):
        place, code, words = (*expected.split(" ", 2), "")[:3]
        assert diagnostic.where is not None
        assert f"{diagnostic.where.line}:{diagnostic.where.column}" == place, said
        assert diagnostic.code == code, said
        assert words in diagnostic.render()
        assert diagnostic.hint


def test_tabs_phases_and_what_they_take_over() -> None:
    found = read_configuration(FILE, "boards.yaml")
    one, trial, final = found.plans
    assert [plan.name for plan in found.plans] == ["One", "Two: trial", "Two: final"]
    assert one.policy.deadline is not None
    assert printed(one.policy.deadline) == "2020-01-15 22:59:00", "Berlin is an hour ahead of UTC"
    late = one.policy.late
    assert late == Late(share_per_day=1250, grace=10 * MINUTE_US, until=late.until if late else 0)
    assert printed(late.until or 0) == "2020-01-20 23:59:00"
    assert (one.policy.first, one.policy.ties, one.policy.mark) == (
        3,
        "by_date",
        Mark(50 * MILLION),
    )
    assert (trial.policy.first, trial.policy.higher_is_better) == (None, False), (
        "null takes it away"
    )
    assert printed(trial.policy.deadline or 0) == "2020-07-01 10:00:30"
    assert printed(final.policy.opens or 0) == "2020-07-01 06:30:00"
    assert (trial.policy.ties, final.policy.ties) == ("by_date", "shared")
    assert trial.policy.mark == final.policy.mark == Mark(250_000)
    assert printed(final.policy.hidden_until or 0) == "2020-07-31 22:00:00"
    assert [plan.weight for plan in found.plans] == [2, 0, 1], "a tab adds to the total once"
    assert found.total is not None
    assert (found.total.adds, found.total.mark) == ("percent", Mark(60 * MILLION, beyond=True))


def test_an_assignment_without_a_tab_has_a_board_under_the_files_policy() -> None:
    found = read_configuration(FILE, "boards.yaml")
    (plan,) = found.plans_of("other")
    assert (plan.name, plan.policy) == ("other", Policy(first=3, ties="by_date"))
    names = [plan.name for plan in found.all_plans(("z", "b", "c"))]
    assert names == ["One", "Two: trial", "Two: final", "c", "z"]


def test_empty_tabs_can_be_left_out() -> None:
    found = read_configuration("empty_tabs: false\n" + FILE, "boards.yaml")
    assert [plan.name for plan in found.all_plans(("a", "z"))] == ["One", "z"]


def test_the_shipped_boards_are_the_courses() -> None:
    found = read_configuration(shipped_text(), "course.yaml")
    names = [f"Submission {n}" for n in range(8)] + ["Bonus"]
    assert [plan.name for plan in found.plans] == names
    marks = [plan.policy.mark for plan in found.plans[:5]]
    assert marks == [
        Mark(50 * MILLION, beyond=True),
        Mark(35 * MILLION, beyond=True),
        Mark(50 * MILLION, beyond=True),
        Mark(55 * MILLION),
        Mark(50 * MILLION, beyond=True),
    ]
    trained = [plan.assignment for plan in found.plans[5:8]]
    assert trained == ["segmentation", "keypoints", "mnist-rnn"]
    assert [plan.weight for plan in found.plans] == [Decimal(1)] * 8 + [Decimal(0)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(InputError):
            load_configuration(path)


def test_a_day_has_24_hours_whatever_the_clock_does() -> None:
    zone = zone_of("Europe/Berlin")
    before, after = zone.moment("2020-03-28 12:00"), zone.moment("2020-03-29 12:00")
    assert (after or 0) - (before or 0) == DAY_US - 60 * MINUTE_US
