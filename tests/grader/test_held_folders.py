"""Temporary folders: gone at the end of a run, and after the next one if the run was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.code.judge import Workshop
from grader.held_folders import PREFIX, held_folder, hold, sweep

ROOT = Path(__file__).parents[2]
# A run with a submission unpacked and a worker at work on it.
KILLED = """
import sys
from grader.archive import Submission
from grader.code.judge import _unpacked
from grader.code.sandbox.conversation import Limits
from grader.code.sandbox.host import Zygote

with _unpacked(Submission({"a/b.py": b"x = 1"}, (), "")) as folder, Zygote("numpy") as server:
    worker = server.open(folder, Limits())
    worker.ask([{"do": "keep", "value": 1, "as": "x"}], 1)
    print("at work", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o777 == 0o700:
            path.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_run_killed_at_work_leaves_nothing_after_the_next(temporary: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        assert run.stdout.readline() == b"at work\n"
        with held_folder("kept") as own:
            during = {path.name for path in temporary.iterdir()}
            sweep()
            assert {path.name for path in temporary.iterdir()} == during
            assert len(during) == 3  # submission, scratch, and ours
            run.send_signal(signal.SIGKILL)
            run.wait()
            assert {path.name for path in temporary.iterdir()} == during
            Workshop().close()
            assert list(temporary.iterdir()) == [own]
    assert list(temporary.iterdir()) == []


def test_what_only_has_the_name_is_left_alone(temporary: Path) -> None:
    outside = temporary.parent / "outside"
    outside.mkdir()
    (outside / "work").write_text("mine")
    (temporary / f"{PREFIX}link").symlink_to(outside)
    (temporary / f"{PREFIX}file").write_text("a file")
    (temporary / "mockexam-other").mkdir()
    (temporary / f"{PREFIX}left").mkdir()
    sweep()
    left = sorted(path.name for path in temporary.iterdir())
    assert left == [f"{PREFIX}file", f"{PREFIX}link", "mockexam-other"]
    assert (outside / "work").read_text() == "mine"


def test_removing_twice_is_removing_once(temporary: Path) -> None:
    folder = hold("scratch")
    (folder.path / "file").write_text("x")
    folder.remove()
    folder.path.mkdir()  # somebody else's, under the same name
    folder.remove()
    assert list(temporary.iterdir()) == [folder.path]
