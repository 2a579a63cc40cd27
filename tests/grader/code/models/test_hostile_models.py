"""Saved models that attack: loading one runs code, which stays in the worker and earns nothing."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.archive import Submission
from grader.code import grade_code, load_assignment
from grader.code.assignment import LimitSpec
from grader.code.judge import Workshop
from grader.report import Check
from tests.grader.code.models.students import KEYPOINTS, files, submission, torch_bytes

TRACE = Path("/tmp/written_by_a_model")
LIMITS = LimitSpec(wall_s=20, cpu_s=5, total_cpu_s=60, memory_mb=256, output_kb=64)


@pytest.fixture
def grade(workshop: Workshop, data: Path) -> Callable[[Submission], Check]:
    """Against the keypoint task, with tight limits."""
    assignment = load_assignment("keypoints").model_copy(update={"limits": LIMITS})

    def run(handed_in: Submission) -> Check:
        return grade_code(handed_in, assignment, seed=2, workshop=workshop, data=data).checks[0]

    return run


class Runs:
    """What a pickle calls when it is opened."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


def python(source: str) -> Runs:
    return Runs(exec, source)


def bomb() -> bytes:
    """A billion names for one list, nine levels deep, and then its text is asked for."""
    nested: list[Any] = []
    for _ in range(9):
        nested = [nested] * 10
    return pickle.dumps(Runs(repr, nested))


def huge_shape() -> bytes:
    """Weights that announce 10^9 numbers: one number, seen a billion times."""
    one = torch.zeros(1).as_strided((1_000_000_000,), (0,))
    return torch_bytes({"scale": one})


def huge_storage() -> bytes:
    """A file by torch whose own record says that a tensor has 10^9 numbers."""
    source = io.BytesIO(torch_bytes({"scale": torch.zeros(7)}))
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("data.pkl"):
                content = content.replace(b"K\x07", b"J" + struct.pack("<i", 10**9))
            new.writestr(name, content)
    return target.getvalue()


def allocates() -> bytes:
    return pickle.dumps(Runs(bytearray, 10**10))


MODELS: dict[str, tuple[Callable[[], bytes], str]] = {
    "exits": (lambda: pickle.dumps(Runs(os._exit, 0)), "exit status 0"),
    "runs a program": (lambda: pickle.dumps(Runs(os.system, f"touch {TRACE}")), "holds an object"),
    "writes a file": (
        lambda: pickle.dumps(python(f"open('/etc/{TRACE.name}', 'w').write('x')")), "Error",
    ),
    "reads the passwords": (
        lambda: pickle.dumps(python("raise ValueError(open('/etc/passwd').read())")), "Error",
    ),
    "torch file that runs code": (
        lambda: torch_bytes({"scale": python("raise SystemExit('me')")}), "SystemExit",
    ),
    "opens a socket": (
        lambda: pickle.dumps(python("import socket; socket.create_connection(('1.1.1.1', 80))")),
        "Error",
    ),
    "hangs": (lambda: pickle.dumps(python("while True: pass")), "CPU time"),
    "forks": (lambda: pickle.dumps(python("import os\nwhile True: os.fork()")), ""),
    "prints": (lambda: pickle.dumps(python("print('x' * 10**7)")), "printed more than"),
    "allocates": (allocates, ""),
    "bomb": (bomb, ""),
    "weights of a huge shape": (huge_shape, ""),
    "weights of a huge storage": (huge_storage, ""),
    "no model": (lambda: b"hello, I am a model", "neither a torch file nor a pickle"),
    "nothing": (lambda: b"", "the file is empty"),
    "cut off": (lambda: torch_bytes(torch.nn.Linear(2, 2))[:300], "damaged or cut off"),
    "zip that is none": (lambda: b"PK\x03\x04" + b"\0" * 60, ""),
    "a number": (lambda: pickle.dumps(3), "an object of type int"),
    "a tensor": (lambda: torch_bytes(torch.zeros(3)), "an object of type Tensor"),
    "an empty dict": (lambda: torch_bytes({}), "an empty dict"),
    "a class": (lambda: pickle.dumps(torch.nn.Linear), "an object of type type"),
    "nested dicts": (
        lambda: torch_bytes({"model": {"model": {"model": {"model": {"x": 1}}}}}), "a dict of 1 entries (model)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(MODELS))
def test_hostile_file_earns_nothing(name: str, grade: Callable[[Submission], Check]) -> None:
    make, says = MODELS[name]
    check = grade(files("keypoints", KEYPOINTS, {"models/keypoints.p": make()}))
    assert check.verdict == "wrong", check.message
    assert check.points == 0
    assert says in check.message
    assert "root:" not in check.message
    assert "\n" not in check.message
    for folder in ("/tmp", "/etc"):
        assert not Path(folder, TRACE.name).exists()


def test_huge_output_is_stopped(grade: Callable[[Submission], Check]) -> None:
    source = KEYPOINTS.replace(
        "return x[:, 0", "return torch.zeros(len(x), 30, 10**6)\n        x[:, 0"
    )
    check = grade(submission("keypoints", source))
    assert check.verdict == "wrong"
    assert check.points == 0


def test_largest_value_that_is_forged(grade: Callable[[Submission], Check]) -> None:
    """A tensor of its own kind says that it is finite and all right; only its bytes count."""
    source = KEYPOINTS.replace(
        "class KeypointModel",
        "class Good(torch.Tensor):\n    def __eq__(self, other):\n        return True\n"
        "    def numpy(self):\n        raise RuntimeError\n\n\nclass KeypointModel",
    ).replace(
        "return x[:, 0, 0, :30] * self.scale - 1", "return torch.rand(len(x), 30).as_subclass(Good)"
    )
    check = grade(submission("keypoints", source))
    assert check.verdict == "wrong"
    assert check.points < 10


def test_worker_has_no_data_folder(grade: Callable[[Submission], Check], data: Path) -> None:
    source = KEYPOINTS.replace(
        "return x[:, 0",
        f"import pathlib\n        raise ValueError(pathlib.Path({str(data)!r}).exists())\n        return x[:, 0",
    )
    check = grade(submission("keypoints", source))
    assert "ValueError: False" in check.message or "PermissionError" in check.message


def test_secret_is_nowhere_in_the_worker(
    workshop: Workshop, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKEXAM_SECRET", "never-to-be-seen")
    source = KEYPOINTS.replace(
        "return x[:, 0",
        "import os, gc, sys\n        raise ValueError(str([k for k in os.environ] + "
        "[m for m in sys.modules if 'grader' in m or 'hidden' in m]))\n        return x[:, 0",
    )
    assignment = load_assignment("keypoints")
    check = grade_code(
        submission("keypoints", source), assignment, seed=2, workshop=workshop, data=data
    ).checks[0]
    assert "ValueError" in check.message
    assert "SECRET" not in check.message
    assert "grader" not in check.message.replace("grader (model", "")
