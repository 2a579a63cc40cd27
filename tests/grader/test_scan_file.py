"""scan.json: answers of a scanned paper that wait for a person, whatever answers.yaml says."""

from __future__ import annotations

import json

import pytest

WAITING = {
    "paper": "answered on paper: a person marks it",
    "unsure": "the scan leaves open which boxes are checked: a person looks at the answer sheet",
    "missing": "this page of the answer sheet was not scanned: a person looks for it",
    "unreadable": "this page of the answer sheet cannot be read: a person looks at it",
    "doubled": "this page of the answer sheet was scanned several times, and the scans do not agree",
}


@pytest.mark.parametrize("why", WAITING)
def test_what_waits_is_pending_and_says_why(why, key_file, hand_in, grade) -> None:
    waiting = json.dumps({"schema_version": 1, "waiting": {"1": why, "4a": why}})
    ran = grade(hand_in(scan__json=waiting), "--key", key_file, "--json", "-")
    assert ran.status == 0
    report = json.loads(ran.out)
    checks = {check["id"]: check for check in report["checks"]}
    for label in ("1", "4a"):
        assert (checks[label]["verdict"], checks[label]["points"]) == ("needs_person", 0)
        assert checks[label]["message"] == WAITING[why]
    assert checks["2"]["verdict"] == "right"
    assert report["pending_points"] == 2 + 5
    assert report["passed"] is None


def test_a_part_that_was_withdrawn_waits_for_nobody(key_file, key, hand_in, grade) -> None:
    data = json.loads(key_file.read_text())
    data["questions"][0]["parts"][0]["void"] = True
    key_file.write_text(json.dumps(data))
    waiting = json.dumps({"schema_version": 1, "waiting": {"1": "paper"}})
    ran = grade(hand_in(scan__json=waiting), "--key", key_file, "--json", "-")
    check = json.loads(ran.out)["checks"][0]
    assert (check["verdict"], check["points"]) == ("right", 2)


REFUSED = {
    "no JSON": "{",
    "another reason": '{"schema_version": 1, "waiting": {"1": "\\u001b[2J"}}',
    "another field": '{"schema_version": 1, "waiting": {}, "points": 90}',
    "too much": json.dumps({"schema_version": 1, "waiting": {str(n): "paper" for n in range(30_000)}}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_another_file_of_this_name_is_refused(name, key_file, hand_in, grade) -> None:
    ran = grade(hand_in(scan__json=REFUSED[name]), "--key", key_file)
    assert ran.status == 2
    assert "scan.json" in ran.err
    assert "\x1b" not in ran.err
