"""What may be handed in, whether it is in time, and whose a dropped file is."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from grader.code import list_assignments
from grader.hand_in.offers import offered, timing
from grader.hand_in.whose import among, by_pattern, by_roster
from grader.intake import Task
from leaderboard.configuration import read_configuration
from question_bank.diagnostics import InputError

HERE = Path(__file__).parent
TIMES = yaml.safe_load((HERE / "timing.yaml").read_text("utf-8"))
NAMES = yaml.safe_load((HERE / "whose.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", TIMES, ids=lambda case: f"{case['window']} {case['at']}")
def test_a_moment_lies_where_the_rule_of_the_board_says(case):
    tab = {"name": "Tab", "assignment": "a", **case["rule"]}
    used = read_configuration(json.dumps({"tabs": [tab]}), "boards.yaml")
    moment = datetime.fromisoformat(case["at"]).replace(tzinfo=UTC)
    found = timing(used, "a", moment)
    assert found.window == case["window"]
    assert case["says"] in found.words
    assert found.last == (case["window"] == "closed")


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case["name"])
def test_a_file_is_the_user_s_whose_name_it_begins_with(case):
    assert among(case["users"])(case["name"]) == case["whose"]


def test_a_pattern_finds_a_name_in_one_form_whatever_the_file_s_is():
    whose = by_pattern(re.compile(r"^(?P<user>\w+)"))
    assert whose("Jo\u0308rg.zip") == whose("J\u00f6rg.zip") == "J\u00f6rg"


def test_a_roster_is_read_as_for_a_class(tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("user,name\nw0256,Ada Lovelace\n")
    assert by_roster(roster)("w0256.zip") == "w0256"
    with pytest.raises(InputError, match="cannot be read"):
        by_roster(tmp_path / "other.csv")


def named(*exercises, exam=None, tabs=()):
    text = json.dumps({"tabs": [{"name": name, "assignment": name} for name in tabs]})
    used = read_configuration(text, "boards.yaml")
    return [each.assignment for each in offered(exam or Task(), exercises, used)]


def test_what_is_named_is_offered_else_what_has_a_tab_else_every_exercise(key):
    exam = Task(keys=(key,))
    assert named("exercise-3") == ["exercise-3"]
    assert named(exam=exam) == [key.assignment]
    assert named("exercise-1", exam=exam) == [key.assignment, "exercise-1"]
    assert named(tabs=["segmentation", "unheard of"]) == ["segmentation"]
    assert named(tabs=["unheard of"]) == list(list_assignments())
    with pytest.raises(InputError, match="exercise-33"):
        named("exercise-33")
