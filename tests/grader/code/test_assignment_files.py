"""Assignment files: every fault of one is told at once, with its place, in plain words and with a cure."""

from __future__ import annotations

import pytest

from grader.code import assignment
from question_bank.diagnostics import InputError

SOUND = (assignment.FOLDER / "exercise-1.yaml").read_text()
FIRST_CHECK = "cross_entropy_loss_naive.loss"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([("pass_mark: 60", "pass_mark: 160")],
         ["exercise-1.yaml:5:12: error[bad-value]: pass_mark: expected a number of at most 100, found 160"]),
        ([("title: ", "titel: ")], ['exercise-1.yaml:4:1: error[unknown-key]: "titel" (did you mean "title"?)']),
        ([("softmax.py: numpy", "softmax.py: numpi")],
         ["files.exercise_code/classifiers/softmax.py: expected one of numpy, torch, found numpi"]),
        ([("points: 8", "points: eight"), ("wall_s: 30", "wall_s: 0")],
         ["limits.wall_s: expected a number above 0, found 0",
          "checks.0.points: expected a number, found eight (write a number from 0)"]),
        ([("cross_entropy_loss_naive.gradient", FIRST_CHECK)], [f"check {FIRST_CHECK} is listed twice"]),
        ([(SOUND, "- 1")], ["expected keys with values"]),
        ([("id: exercise-1", "id: exercise-9")], ["error[bad-assignment]"]),
    ],
)  # fmt: skip
def test_a_fault_comes_with_its_place_and_a_cure(changes, says, tmp_path, monkeypatch):
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "exercise-1.yaml").write_text(text)
    monkeypatch.setattr(assignment, "FOLDER", tmp_path)
    with pytest.raises(InputError) as refused:
        assignment.load_assignment("exercise-1")
    found = [diagnostic.render() for diagnostic in refused.value.diagnostics]
    assert len(found) == len(says), found
    for line, piece in zip(found, says, strict=True):
        assert piece in line
        assert line.startswith("exercise-1.yaml:")
        assert "nput should" not in line
