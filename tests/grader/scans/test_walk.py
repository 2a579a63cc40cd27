"""The way from printed papers to marked copies, killed twice on it: benchmarks/paper_class.py with a small class."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.grader.conftest import ROOT


@pytest.mark.slow
def test_a_class_walks_from_print_to_publication(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/paper_class.py", "--students", "2", "-o", str(tmp_path / "class")],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=1800,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was lost" in done.stdout
