"""A file that cannot be loaded: found in one time limit, told once with the place, not tried again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.archive import Submission
from grader.code import grade_code, load_assignment
from grader.code.assignment import LimitSpec
from grader.code.judge import Workshop
from grader.code.stack_dump import without_dumps

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "loading.yaml").read_text("utf-8"))
OPTIM = next((HERE / "submissions/exercise-2/right").glob("*/exercise_code/optim.py"))
LIMITS = LimitSpec(wall_s=12, cpu_s=2, total_cpu_s=60, memory_mb=512)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_is_tried_once_and_told_the_same_everywhere(
    case: dict[str, Any], workshop: Workshop
) -> None:
    files = {
        "exercise_code/layers.py": case["text"],
        "exercise_code/helper.py": case.get("helper", ""),
        "exercise_code/optim.py": OPTIM.read_text(),
    }
    whole = load_assignment("exercise-2")
    chosen = tuple(c for c in whole.checks if "net" not in c.id)
    task = whole.model_copy(update={"limits": LIMITS, "checks": chosen})
    handed_in = Submission({name: text.encode() for name, text in files.items()}, (), "")
    start = time.monotonic()
    checks = grade_code(handed_in, task, seed=1, workshop=workshop).checks
    spent = time.monotonic() - start
    optim = [c for c in checks if c.id.startswith(("sgd", "adam"))]
    layers = [c for c in checks if c not in optim]
    assert len(layers) > 10
    assert {c.verdict for c in layers} == {"wrong"}
    assert {c.mistake for c in layers} == {"ended-while-loading"}
    (message,) = {c.message for c in layers}
    assert message.startswith("Loading exercise_code/layers.py gave no result: ")
    says = [case["says"]] if isinstance(case["says"], str) else case["says"]
    assert any(words in message for words in says), message
    assert (f"(at {case.get('place')})" in message) == ("place" in case), message
    assert "most recent call first" not in message
    # Every check anew would take ten times the limit, at least.
    assert spent < 2 * LIMITS.wall_s
    assert {c.verdict for c in optim} == {"right"}, [c.message for c in optim]


def test_the_place_is_told_where_a_function_hangs(workshop: Workshop) -> None:
    text = (
        "def relu_forward(x):\n    print('here', flush=True)\n    while True:\n        x = x + 1\n"
    )
    whole = load_assignment("exercise-2")
    chosen = tuple(c for c in whole.checks if c.id.startswith("relu_forward"))
    task = whole.model_copy(update={"limits": LIMITS, "checks": chosen})
    handed_in = Submission({"exercise_code/layers.py": text.encode()}, (), "")
    (check,) = grade_code(handed_in, task, seed=1, workshop=workshop).checks
    assert "(at exercise_code/layers.py:4)" in check.message
    assert check.message.endswith("It had printed: here")


DUMP = """\
Epoch 1
Fatal Python error: Segmentation fault

Current thread 0x00007f0e0c0e0740 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "/submission/exercise_code/rnn/rnn_nn.py", line 44 in forward
  File "/submission/exercise_code/layers.py", line 3 in <module>

Extension modules: numpy.core._multiarray_umath (total: 1)
"""


def test_dumps_are_read_and_not_shown() -> None:
    assert without_dumps(DUMP) == ("Epoch 1\n", "exercise_code/rnn/rnn_nn.py:44")
    assert without_dumps('Stack (most recent call first):\n  File "a.py", line 1 in f\n') == (
        "",
        "",
    )
    assert without_dumps("exercise_code/a.py\n") == ("exercise_code/a.py\n", "")
