"""The bank of submissions: the folder's name is the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grader.archive import read_submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop
from grader.report import Check

BANK = Path(__file__).parent / "submissions"
WRONG = yaml.safe_load((BANK / "wrong.yaml").read_text())


def folders(verdict: str) -> list[str]:
    return sorted(path.name for path in (BANK / verdict).iterdir())


def graded(
    folder: Path, assignment: CodeAssignment, workshop: Workshop, seed: int
) -> dict[str, Check]:
    result = grade_code(read_submission(folder), assignment, seed=seed, workshop=workshop)
    assert [check.id for check in result.checks] == [spec.id for spec in assignment.checks]
    return {check.id: check for check in result.checks}


@pytest.mark.parametrize("name", folders("right"))
def test_right_submission_earns_all_points_of_what_it_holds(
    name: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    for seed in (1, 2):
        checks = graded(BANK / "right" / name, exercise_3, workshop, seed)
        answered = [check for check in checks.values() if check.verdict != "not_answered"]
        assert answered
        assert [(c.id, c.message) for c in answered if c.verdict != "right"] == []
        assert all(check.points == check.max_points for check in answered)


def test_every_check_has_a_right_submission(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    earned = {
        check.id
        for name in folders("right")
        for check in graded(BANK / "right" / name, exercise_3, workshop, 3).values()
        if check.verdict == "right"
    }
    assert earned == {spec.id for spec in exercise_3.checks}


def test_every_wrong_submission_is_in_the_table() -> None:
    assert folders("wrong") == sorted(WRONG)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_submission_is_caught_and_told_why(
    name: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    checks = graded(BANK / "wrong" / name, exercise_3, workshop, 1)
    found = {c.id: c.mistake for c in checks.values() if c.verdict == "wrong"}
    assert found.keys() == WRONG[name].keys(), {c.id: c.message for c in checks.values()}
    for identifier, mistake in WRONG[name].items():
        check = checks[identifier]
        assert check.points == 0
        assert len(check.message) > 20
        if mistake != "-":
            assert check.mistake == mistake, check.message
    others = {c.verdict for c in checks.values() if c.id not in found}
    assert others <= {"right", "not_answered"}


@pytest.mark.parametrize("name", folders("needs_person"))
def test_a_wrapper_around_a_finished_layer_waits_for_a_person(
    name: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    checks = graded(BANK / "needs_person" / name, exercise_3, workshop, 1)
    for identifier in ("rnn.values", "rnn.gradient", "rnn.states", "lstm.values"):
        assert checks[identifier].verdict == "needs_person"
        assert checks[identifier].points == 0


def test_same_seed_same_verdicts_and_messages(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    folder = BANK / "wrong" / "batchnorm_per_pixel_statistics"
    first, second = (
        {k: (c.verdict, c.message) for k, c in graded(folder, exercise_3, workshop, 5).items()}
        for _ in range(2)
    )
    assert first == second
    other = graded(folder, exercise_3, workshop, 6)
    name = "spatial_batchnorm_forward.values"
    assert other[name].verdict == first[name][0]
    assert other[name].message != first[name][1], "another seed draws other numbers"
