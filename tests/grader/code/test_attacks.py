"""Attacks, one a file or folder: none earns a point, harms the judge, or outlives its grading.

attacks.yaml says where each is run and what its report must show. A file of a folder may end in
".hostile", which is taken off, so that nothing but the submission is called by that name.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from grader.archive import Submission, read_submission
from grader.code import grade_code, load_assignment
from grader.code.assignment import CodeAssignment, LimitSpec
from grader.code.judge import CodeResult, Workshop

HERE = Path(__file__).parent
FOLDER = HERE / "attacks"
TABLE = yaml.safe_load((HERE / "attacks.yaml").read_text())
RIGHT = HERE / "submissions/exercise-3/right"
# Tight where one import costs nothing; torch takes its time on a machine that others use, too.
NUMPY = LimitSpec(wall_s=2, cpu_s=1, total_cpu_s=20, memory_mb=128, output_kb=256)
TORCH = LimitSpec(wall_s=20, cpu_s=10, total_cpu_s=60, memory_mb=512, output_kb=256)
TRACE = "written_by_a_student"
END_S = 10.0


def files_of(name: str) -> dict[str, bytes]:
    """What the attack hands in."""
    root = FOLDER / name
    if root.is_dir():
        return {
            path.relative_to(root).as_posix().removesuffix(".hostile"): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
    content = (FOLDER / f"{name}.py").read_bytes()
    places = target_of(name)["file"]
    return dict.fromkeys([places] if isinstance(places, str) else places, content)


def target_of(name: str) -> dict[str, Any]:
    return TABLE["targets"][TABLE["attacks"][name]["against"]]


def task_of(name: str) -> CodeAssignment:
    """The checks that the attack is aimed at, with limits that end it soon."""
    target = target_of(name)
    whole = load_assignment(target["assignment"])
    wanted = tuple(target["checks"])
    # What is only told, for no points, is nothing to gain.
    checks = [c for c in whole.checks if c.id.startswith(wanted) and c.points]
    first = target.get("first", "-")
    checks.sort(key=lambda check: not check.id.startswith(first))
    kinds = {whole.files[f] for f in whole.files if f in files_of(name) or f.endswith("/")}
    limits = NUMPY if kinds == {"numpy"} else TORCH
    return whole.model_copy(update={"checks": tuple(checks), "limits": limits})


def state_of_the_judge() -> dict[str, Any]:
    """What a submission could have changed in this process, if anything of it had run here."""
    return {
        "environment": {k: os.environ.get(k) for k in ("PATH", "HOME", "PYTHONPATH", "LD_PRELOAD")},
        "folder": Path.cwd(),
        "path": list(sys.path),
        "hooks": (list(sys.meta_path), sys.gettrace(), sys.getrecursionlimit()),
        "modules": sorted(name for name in sys.modules if name.startswith("exercise_code")),
        "functions": (np.allclose, os.read, os.write, torch.allclose, torch.nn.LSTM.forward),
        "torch": (torch.get_default_dtype(), torch.is_grad_enabled()),
        "signals": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU)],
        "threads": threading.active_count(),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "scratch": sorted(p.name for p in Path(tempfile.gettempdir()).glob("mockexam-*")),
    }


def below(process: int) -> list[int]:
    """Children of a process that have not ended."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            try:
                status = Path(f"/proc/{child}/status").read_text()
            except OSError:
                continue
            if "State:\tZ" not in status:
                found.append(int(child))
    return found


def workers() -> list[int]:
    """What the fork servers have started and has not ended."""
    found = []
    for server in below(os.getpid()):
        try:
            command = Path(f"/proc/{server}/cmdline").read_bytes()
            if b"sandbox.zygote" in command:
                found += below(server)
        except OSError:
            continue
    return found


def graded(name: str, workshop: Workshop, seed: int = 1) -> CodeResult:
    files = files_of(name)
    return grade_code(Submission(files, (), ""), task_of(name), seed=seed, workshop=workshop)


@pytest.fixture(scope="module")
def canaries(exercise_3: CodeAssignment) -> tuple[Submission, CodeAssignment]:
    """Right work for either kind of worker, and the checks of it."""
    files: dict[str, bytes] = {}
    for name in ("batchnorm_by_axis_sums", "normalize_plain"):
        files |= read_submission(RIGHT / name).files
    wanted = {"spatial_batchnorm_backward.gradients", "normalize.image"}
    checks = tuple(c for c in exercise_3.checks if c.id in wanted)
    return Submission(files, (), ""), exercise_3.model_copy(update={"checks": checks})


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder for temporary files that nobody else uses, and that workers may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.mark.usefixtures("scratch")
@pytest.mark.parametrize("name", sorted(TABLE["attacks"]))
def test_attack_earns_nothing(
    name: str, workshop: Workshop, canaries: tuple[Submission, CodeAssignment]
) -> None:
    entry = TABLE["attacks"][name]
    grade_code(*canaries, seed=1, workshop=workshop)
    gc.collect()
    before, start = state_of_the_judge(), time.monotonic()
    result = graded(name, workshop)
    assert time.monotonic() - start < 120
    messages = [f"{c.id}: {c.verdict}: {c.message}" for c in result.checks]
    honest = tuple(entry.get("honest", ()))
    attacked = [c for c in result.checks if not c.id.startswith(honest)]
    assert [(c.id, c.verdict) for c in attacked if c.points] == [], messages
    assert {c.verdict for c in attacked} <= set(entry.get("verdicts", ["wrong"])), messages
    assert entry.get("says", "") in " ".join(messages)
    assert all(c.isprintable() for message in messages for c in message)
    after = state_of_the_judge()
    assert {key: (before[key], after[key]) for key in after if before[key] != after[key]} == {}
    end = time.monotonic() + END_S
    while workers() and time.monotonic() < end:
        time.sleep(0.02)
    assert workers() == []
    others = grade_code(*canaries, seed=2, workshop=workshop).checks
    assert [c.verdict for c in others] == ["right", "right"], [c.message for c in others]


def test_every_attack_is_in_the_table() -> None:
    names = {p.name.removesuffix(".py") for p in FOLDER.iterdir() if p.name != "__pycache__"}
    assert names == set(TABLE["attacks"])
    assert len(names) >= 150
    assert all(task_of(name).checks for name in names)


def test_cpu_time_is_bounded_when_the_clock_is_generous(workshop: Workshop) -> None:
    limits = LimitSpec(wall_s=60, cpu_s=1, total_cpu_s=20, memory_mb=128)
    task = task_of("infinite_loop")
    one = task.model_copy(update={"checks": task.checks[:1], "limits": limits})
    handed_in = Submission(files_of("infinite_loop"), (), "")
    result = grade_code(handed_in, one, seed=1, workshop=workshop)
    assert "more than 1 s of CPU time" in result.checks[0].message


def test_attack_leaves_no_file(workshop: Workshop) -> None:
    result = graded("write_outside", workshop)
    assert "written:" in result.checks[0].message
    for folder in ("/", "/root", "/home", "/var/tmp", "/dev/shm", "/etc", str(Path.home())):
        # Where the grader itself may not look, neither it nor the student can have written.
        assert not os.access(folder, os.X_OK) or not Path(folder, TRACE).exists()
    assert not Path(np.__file__).parent.joinpath(TRACE).exists()


def test_other_checks_survive_a_crash(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    source = (RIGHT / "batchnorm_by_axis_sums/exercise_code/layers.py").read_text()
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


GRADE_ALONE = """
import ctypes, sys, time
from pathlib import Path

sys.path.insert(0, {here!r})
import test_attacks as t

# Whatever loses its parent below this process becomes its child: nothing else can stand in the list.
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
children = lambda: [
    n for task in Path("/proc/self/task").iterdir() for n in (task / "children").read_text().split()
]
running = lambda: [n for n in children() if "State:\\tZ" not in Path(f"/proc/{{n}}/status").read_text()]
task = t.task_of("sleep_forever")
one = task.model_copy(update={{"checks": task.checks[:1]}})
shop = t.Workshop()
t.grade_code(t.Submission(t.files_of("sleep_forever"), (), ""), one, seed=1, workshop=shop)
assert running(), "nothing was started, so nothing is shown"
shop.close()
deadline = time.monotonic() + 10
while time.monotonic() < deadline and running():
    time.sleep(0.05)
print("left:", running())
"""


def test_no_process_is_left() -> None:
    run = subprocess.run(
        [sys.executable, "-c", GRADE_ALONE.format(here=str(HERE))],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stdout == "left: []\n", run.stderr
