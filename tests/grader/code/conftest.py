from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.code import load_assignment
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """Fork servers for the whole run: importing torch costs seconds, forking milliseconds."""
    shop = Workshop()
    yield shop
    shop.close()


@pytest.fixture(scope="session")
def exercise_3() -> CodeAssignment:
    return load_assignment("exercise-3")
