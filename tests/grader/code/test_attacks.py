"""Attacks, one a file. None may earn a point, none may pass as our own fault, none may leave a trace."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from grader.archive import Submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment, LimitSpec
from grader.code.judge import Workshop

FOLDER = Path(__file__).parent / "attacks"
LIMITS = LimitSpec(wall_s=2, cpu_s=1, total_cpu_s=20, memory_mb=128, output_kb=256)
TRACE = "written_by_a_student"
# What each attack's report must say, so that a student can tell an accident from bad luck.
SAYS = {
    "exit_zero": "exit status 0",
    "exit_while_importing": "exit status 0",
    "nan_output": "NaN",
    "infinite_loop": "stopped after 2 s",
    "sleep_forever": "stopped after 2 s",
    "memory_hog": "allocate",
    "print_megabytes": "printed more than",
    "numpy_task_with_torch": "no torch here",
    "run_a_program": "PermissionError",
    "import_the_reference": "ModuleNotFoundError",
    "return_a_pickle_bomb": "an object of type Bomb",
}


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.fixture(scope="module")
def task(exercise_3: CodeAssignment) -> CodeAssignment:
    """The NumPy checks of exercise 3 with tight limits, so that hanging attacks end soon."""
    checks = tuple(c for c in exercise_3.checks if c.id.startswith("spatial"))
    return exercise_3.model_copy(update={"checks": checks, "limits": LIMITS})


@pytest.mark.parametrize("name", names())
def test_attack_earns_nothing(name: str, task: CodeAssignment, workshop: Workshop) -> None:
    content = (FOLDER / f"{name}.py").read_bytes()
    files = {"exercise_code/__init__.py": b"", "exercise_code/layers.py": content}
    threads, start = threading.active_count(), time.monotonic()
    result = grade_code(Submission(files, (), ""), task, seed=1, workshop=workshop)
    assert time.monotonic() - start < 30
    assert [(c.id, c.verdict) for c in result.checks if c.points] == []
    assert {c.verdict for c in result.checks} == {"wrong"}, [c.message for c in result.checks]
    messages = " ".join(c.message for c in result.checks)
    assert SAYS.get(name, "") in messages
    assert "\x1b" not in messages
    assert threading.active_count() == threads
    assert np.allclose(1, 1)
    assert not np.allclose(1, 2)


def test_cpu_time_is_bounded_when_the_clock_is_generous(
    task: CodeAssignment, workshop: Workshop
) -> None:
    files = {"exercise_code/layers.py": (FOLDER / "infinite_loop.py").read_bytes()}
    limits = LimitSpec(wall_s=60, cpu_s=1, total_cpu_s=20, memory_mb=128)
    one = task.model_copy(update={"checks": task.checks[:1], "limits": limits})
    result = grade_code(Submission(files, (), ""), one, seed=1, workshop=workshop)
    assert "more than 1 s of CPU time" in result.checks[0].message


def test_attack_leaves_no_file(task: CodeAssignment, workshop: Workshop) -> None:
    content = (FOLDER / "write_outside.py").read_bytes()
    files = {"exercise_code/layers.py": content}
    result = grade_code(Submission(files, (), ""), task, seed=1, workshop=workshop)
    assert "written:" in result.checks[0].message
    for folder in ("/", "/root", "/home", "/var/tmp", "/dev/shm", "/etc", str(Path.home())):
        # Where the grader itself may not look, neither it nor the student can have written.
        assert not os.access(folder, os.X_OK) or not Path(folder, TRACE).exists()
    assert not Path(np.__file__).parent.joinpath(TRACE).exists()


def test_other_checks_survive_a_crash(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    right = (
        Path(__file__).parent / "submissions/exercise-3/right/batchnorm_by_axis_sums/exercise_code"
    )
    source = (right / "layers.py").read_text()
    crashing = source + (
        "\n\ndef spatial_batchnorm_backward(dout, cache):\n"
        "    import ctypes\n    ctypes.string_at(0)\n"
    )
    files = {"exercise_code/layers.py": crashing.encode()}
    result = grade_code(Submission(files, (), ""), exercise_3, seed=1, workshop=workshop)
    verdicts = {c.id: c.verdict for c in result.checks}
    assert verdicts["spatial_batchnorm_backward.gradients"] == "wrong"
    assert verdicts["spatial_batchnorm_forward.values"] == "right"
    message = next(c.message for c in result.checks if "backward" in c.id)
    assert "segmentation fault" in message


def test_no_process_is_left(task: CodeAssignment) -> None:
    content = (FOLDER / "sleep_forever.py").read_bytes()
    shop = Workshop()
    files = {"exercise_code/layers.py": content}
    one = task.model_copy(update={"checks": task.checks[:1]})
    grade_code(Submission(files, (), ""), one, seed=1, workshop=shop)
    shop.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _children():
        time.sleep(0.05)
    assert _children() == []


def _children() -> list[str]:
    """Processes that run our fork server's code and have nobody above them but us."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes()
            status = (entry.parent / "status").read_text()
        except OSError:
            continue
        if b"sandbox.zygote" in text and "State:\tZ" not in status:
            parent = status.split("PPid:\t")[1].split()[0]
            if parent == "1":
                found.append(entry.parent.name)
    return found
