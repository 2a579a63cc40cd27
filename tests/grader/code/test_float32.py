"""Right code that computes in float32 earns all its points, as often as one likes.

The variants are those that the envelopes were measured with (benchmarks/float32_envelopes.py), under
other seeds than were measured.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from grader.code import grade_code, load_assignment
from grader.code.judge import Workshop

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "float32_envelopes.py"
MANY_SEEDS = range(300, 325)


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("float32_envelopes", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


VARIANTS = [
    pytest.param(name, submission, id=f"{name}-{words.split(',')[0]}")
    for script in [_script()]
    for name in script.ASSIGNMENTS
    for words, submission in script.right_submissions(name)
    if words.endswith("float32")
]


def assert_all_right(name: str, submission: object, seed: int, workshop: Workshop) -> None:
    checks = grade_code(submission, load_assignment(name), seed=seed, workshop=workshop).checks
    answered = [c for c in checks if c.verdict != "not_answered"]
    assert answered
    assert [(seed, c.id, c.message) for c in answered if c.verdict != "right"] == []


@pytest.mark.parametrize(("name", "submission"), VARIANTS)
def test_float32_loses_nothing(name: str, submission: object, workshop: Workshop) -> None:
    assert_all_right(name, submission, 300, workshop)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "submission"), VARIANTS)
def test_float32_never_loses(name: str, submission: object, workshop: Workshop) -> None:
    for seed in MANY_SEEDS:
        assert_all_right(name, submission, seed, workshop)
