"""The roster as a table: what is read, and what is refused, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from classroom.roster import Entry, load_roster, read_roster
from question_bank.diagnostics import InputError

CASES = yaml.safe_load(Path(__file__).with_name("roster.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["good"])
def test_a_roster_is_read(case):
    found = read_roster(case["text"].encode(), "class.csv")
    assert found == tuple(Entry(*row) for row in case["users"])


@pytest.mark.parametrize("case", CASES["bad"])
def test_what_is_wrong_is_told_with_its_place(case):
    with pytest.raises(InputError) as error:
        read_roster(case["text"].encode(), "class.csv")
    assert [each.code for each in error.value.diagnostics] == case["codes"]
    assert str(error.value.diagnostics[0].where) == case["place"]


def test_too_many_users_are_refused():
    text = "user\n" + "\n".join(f"w{number}" for number in range(5_001))
    with pytest.raises(InputError, match="5001 users; 5000 is the most"):
        read_roster(text.encode(), "class.csv")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"no\.csv.*cannot be read"):
        load_roster(tmp_path / "no.csv")
