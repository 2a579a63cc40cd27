"""The bank of submissions: submissions/ASSIGNMENT/VERDICT/NAME, and the folder's name is the verdict.

wrong.yaml and needs_person.yaml beside the folders say which checks each submission must fail,
and with which mistake.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.archive import read_submission
from grader.code import grade_code, load_assignment
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop
from grader.report import Check

BANK = Path(__file__).parent / "submissions"
ASSIGNMENTS = sorted(path.name for path in BANK.iterdir() if path.is_dir())
MANY_SEEDS = range(100, 120)


@cache
def assignment(name: str) -> CodeAssignment:
    return load_assignment(name)


@cache
def table(name: str, verdict: str) -> dict[str, Any]:
    """What ASSIGNMENT/VERDICT.yaml says of each submission; {} where there is none."""
    path = BANK / name / f"{verdict}.yaml"
    return yaml.safe_load(path.read_text()) if path.exists() else {}


def bank(verdict: str) -> list[tuple[str, str]]:
    """All (assignment, submission) whose folder says this verdict."""
    return [
        (name, path.name)
        for name in ASSIGNMENTS
        if (BANK / name / verdict).is_dir()
        for path in sorted((BANK / name / verdict).iterdir())
    ]


def graded(name: str, verdict: str, folder: str, workshop: Workshop, seed: int) -> dict[str, Check]:
    """The checks of one submission of the bank, by id."""
    result = grade_code(
        read_submission(BANK / name / verdict / folder),
        assignment(name),
        seed=seed,
        workshop=workshop,
    )
    assert [check.id for check in result.checks] == [spec.id for spec in assignment(name).checks]
    return {check.id: check for check in result.checks}


def assert_all_earned(checks: dict[str, Check]) -> None:
    answered = [check for check in checks.values() if check.verdict != "not_answered"]
    assert answered
    assert [(c.id, c.message) for c in answered if c.verdict != "right"] == []
    assert all(check.points == check.max_points for check in answered)


def assert_caught(name: str, folder: str, checks: dict[str, Check]) -> None:
    """The checks of the table, and no others, fail, with the points that the mistake leaves."""
    expected = table(name, "wrong")[folder]
    found = {c.id: c.mistake for c in checks.values() if c.verdict in {"wrong", "partly_right"}}
    assert found.keys() == expected.keys(), {c.id: c.message for c in checks.values()}
    shares = {spec.id: spec.partial for spec in assignment(name).checks}
    for identifier, mistake in expected.items():
        check = checks[identifier]
        share = shares[identifier].get(mistake, 0.0)
        assert check.points == pytest.approx(share * check.max_points), check.message
        assert len(check.message) > 20
        if mistake != "-":
            assert check.mistake == mistake, (identifier, check.message)
    others = {c.verdict for c in checks.values() if c.id not in found}
    assert others <= {"right", "not_answered"}


@pytest.mark.parametrize(("name", "folder"), bank("right"))
def test_right_submission_earns_all_points_of_what_it_holds(
    name: str, folder: str, workshop: Workshop
) -> None:
    for seed in (1, 2):
        assert_all_earned(graded(name, "right", folder, workshop, seed))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "folder"), bank("right"))
def test_right_submission_is_never_hurt(name: str, folder: str, workshop: Workshop) -> None:
    for seed in MANY_SEEDS:
        assert_all_earned(graded(name, "right", folder, workshop, seed))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_check_has_a_right_submission(name: str, workshop: Workshop) -> None:
    earned = {
        check.id
        for other, folder in bank("right")
        if other == name
        for check in graded(name, "right", folder, workshop, 3).values()
        if check.verdict == "right"
    }
    # Checks of trained models have banks of their own, which train their models first.
    models = {spec.id for spec in assignment(name).checks if spec.id.endswith(".score")}
    assert earned >= {spec.id for spec in assignment(name).checks} - models


@pytest.mark.parametrize("name", ASSIGNMENTS)
@pytest.mark.parametrize("verdict", ["wrong", "needs_person"])
def test_every_submission_is_in_its_table(name: str, verdict: str) -> None:
    assert sorted(table(name, verdict)) == [f for other, f in bank(verdict) if other == name]


@pytest.mark.parametrize(("name", "folder"), bank("wrong"))
def test_wrong_submission_is_caught_and_told_why(
    name: str, folder: str, workshop: Workshop
) -> None:
    assert_caught(name, folder, graded(name, "wrong", folder, workshop, 1))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "folder"), bank("wrong"))
def test_wrong_submission_never_scores(name: str, folder: str, workshop: Workshop) -> None:
    for seed in MANY_SEEDS:
        assert_caught(name, folder, graded(name, "wrong", folder, workshop, seed))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_check_has_two_wrong_submissions(name: str) -> None:
    failed = [check for checks in table(name, "wrong").values() for check in checks]
    # Trained models have banks of their own; speed is told beside the points.
    counted = [
        s.id
        for s in assignment(name).checks
        if s.points and not s.id.endswith((".score", ".speed"))
    ]
    assert {check: failed.count(check) for check in counted if failed.count(check) < 2} == {}


@pytest.mark.parametrize(("name", "folder"), bank("needs_person"))
def test_what_only_a_person_can_decide_waits(name: str, folder: str, workshop: Workshop) -> None:
    checks = graded(name, "needs_person", folder, workshop, 1)
    for identifier in table(name, "needs_person")[folder]:
        assert checks[identifier].verdict == "needs_person", checks[identifier].message
        assert checks[identifier].points == 0


def test_same_seed_same_verdicts_and_messages(workshop: Workshop) -> None:
    where = ("exercise-3", "wrong", "batchnorm_per_pixel_statistics")
    first, second = (
        {k: (c.verdict, c.message) for k, c in graded(*where, workshop, 5).items()}
        for _ in range(2)
    )
    assert first == second
    other = graded(*where, workshop, 6)
    name = "spatial_batchnorm_forward.values"
    assert other[name].verdict == first[name][0]
    assert other[name].message != first[name][1], "another seed draws other numbers"
