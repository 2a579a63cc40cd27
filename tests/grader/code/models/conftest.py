from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.archive import Submission
from grader.code import grade_code, load_assignment
from grader.code.judge import CodeResult, Workshop
from grader.report import Check
from tests.grader.code.models.students import write_data

ASSIGNMENTS = {"segmentation": "segmentation", "keypoints": "keypoints", "rnn": "mnist-rnn"}
Grade = Callable[..., Check]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Test data of every task that the students' networks can solve."""
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture
def result(workshop: Workshop, data: Path) -> Callable[..., CodeResult]:
    """Grade a submission of a kind against its assignment."""

    def run(kind: str, submission: Submission, *, own: bool = False) -> CodeResult:
        assignment = load_assignment(ASSIGNMENTS[kind])
        given = None if own else data
        return grade_code(submission, assignment, seed=3, workshop=workshop, data=given)

    return run


@pytest.fixture
def grade(result: Callable[..., CodeResult]) -> Grade:
    """The check that counts."""

    def run(kind: str, submission: Submission) -> Check:
        return result(kind, submission).checks[0]

    return run
