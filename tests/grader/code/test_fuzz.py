"""Zips and modules by chance: read or refused, graded or not, and never a traceback or a lost report.

The numbers of each kind are small here; `make test-slow` takes thousands, and
`python benchmarks/hostile.py` ten thousand of each.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.code.judge import Workshop
from tests.grader.code.by_chance import (
    NETWORK,
    check_module,
    check_zip,
    target_of,
    targets,
)

FEW, FEW_MODULES, MANY, MANY_MODULES = 100, 40, 10_000, 2000
SHARE = 25  # cases of a slow test; each is a test of its own, so that workers share them


def test_zips_by_chance(tmp_path: Path) -> None:
    accepted = sum(check_zip(number, tmp_path) for number in range(FEW))
    assert 5 < accepted < FEW - 5, "the cases are neither all good nor all bad"


def test_modules_by_chance(workshop: Workshop, tmp_path: Path) -> None:
    for number in range(FEW_MODULES):
        check_module(number, workshop, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_modules_are_of_every_assignment_and_of_both_libraries() -> None:
    graded = {target_of(number).assignment for number in range(FEW_MODULES)}
    assert graded == {"exercise-1", "exercise-2", "exercise-3", "layers"}
    assert NETWORK in {target.file for target in targets()}
    assert len(targets()) > 10


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARE))
def test_many_zips_by_chance(share: int, tmp_path: Path) -> None:
    for number in range(FEW + share, FEW + MANY, SHARE):
        check_zip(number, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARE))
def test_many_modules_by_chance(share: int, workshop: Workshop, tmp_path: Path) -> None:
    for number in range(FEW_MODULES + share, FEW_MODULES + MANY_MODULES, SHARE):
        check_module(number, workshop, tmp_path)
