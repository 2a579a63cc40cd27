"""Code to practise: the tests of the exercises, in the locked worker, for what a student typed."""

from __future__ import annotations

import pytest

from grader.code import load_assignment
from question_bank.diagnostics import InputError
from quiz.code_practice import LONGEST, Judge, code_tasks, findings_of

RELU = """\
import numpy as np


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
"""


@pytest.mark.parametrize("name", code_tasks())
def test_every_task_has_its_tests_and_a_beginning_that_is_python(name):
    task = code_tasks()[name]
    assignment = load_assignment(task.assignment)
    assert task.file in assignment.files
    for prefix in task.checks:
        assert any(check.id.startswith(prefix) for check in assignment.checks), prefix
        assert f"def {prefix.rstrip('.')}(" in task.start
    compile(task.start, name, "exec")


def test_right_code_is_right_and_a_slip_has_its_name():
    task = code_tasks()["relu"]
    assert [each.verdict for each in findings_of(task, RELU, 3)] == ["right", "right"]
    slip = RELU.replace("np.maximum(x, 0)", "x")
    forward, backward = findings_of(task, slip, 3)
    assert forward.verdict == "wrong"
    assert forward.message
    assert backward.verdict == "right"


def test_what_is_not_written_yet_is_wrong_and_no_fault():
    task = code_tasks()["relu"]
    assert {each.verdict for each in findings_of(task, task.start, 3)} == {"wrong"}
    assert "undecided" not in {each.verdict for each in findings_of(task, "def :", 3)}


def test_the_process_behind_it_starts_again_after_it_was_killed():
    judge = Judge()
    try:
        assert [each.verdict for each in judge.run(code_tasks()["relu"], RELU)] == [
            "right",
            "right",
        ]
        for process in judge._pool._processes.values():
            process.kill()
        with pytest.raises(InputError, match="stopped from outside"):
            judge.run(code_tasks()["relu"], RELU)
        assert [each.verdict for each in judge.run(code_tasks()["relu"], RELU)] == [
            "right",
            "right",
        ]
        with pytest.raises(InputError, match="at most"):
            judge.run(code_tasks()["relu"], "x" * (LONGEST + 1))
    finally:
        judge.close()
