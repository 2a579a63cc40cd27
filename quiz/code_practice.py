"""Code to practise: functions of the exercises, tested by the judge in its locked worker, as `grade` does.

The judge holds torch and the references, so it runs in a process of its own beside the server.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from question_bank.diagnostics import bad_input
from web.followers import end_with

FILE = Path(__file__).parent / "code_tasks.yaml"
LONGEST = 20_000
"""Characters of code."""
LIMITS = {"wall_s": 10, "cpu_s": 3, "total_wall_s": 10}
"""Less than where it counts: one function on small arrays takes a fraction of a second, and others wait behind it."""
HEAD = "import numpy as np\n\n\n"


@dataclass(frozen=True)
class CodeTask:
    """Functions to write: what they must do, and what the editor begins with. Tests begin with the names in `checks`."""

    name: str
    title: str
    assignment: str
    file: str
    checks: tuple[str, ...]
    text: str
    start: str


@dataclass(frozen=True)
class Finding:
    """What one test of the judge found. `verdict` as in a report."""

    title: str
    verdict: str
    message: str
    mistake: str | None
    points: float
    most: float


@cache
def code_tasks() -> Mapping[str, CodeTask]:
    """The tasks by name, in the order of the course."""
    found = {}
    for name, data in yaml.safe_load(FILE.read_text("utf-8")).items():
        start = HEAD + data.pop("start")
        found[name] = CodeTask(
            name=name,
            start=start,
            checks=tuple(data.pop("checks")),
            text=data.pop("text").strip(),
            **data,
        )
    return found


class Judge:
    """Runs code of one student after another; the process behind it starts with the first. To be closed."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def run(self, task: CodeTask, code: str) -> tuple[Finding, ...]:
        """Test the code. Raises InputError where it is too long, or where no sandbox can be had."""
        if len(code) > LONGEST:
            raise bad_input("too-long", f"code has at most {LONGEST} characters")
        if self._pool is None:
            # Not forked: the server has threads.
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                max_workers=1, mp_context=spawn, initializer=end_with, initargs=(os.getpid(),)
            )
        try:
            return self._pool.submit(findings_of, task, code, secrets.randbits(48)).result()
        except BrokenProcessPool:
            self.close()
            raise bad_input(
                "judge-ended", "the tests were stopped from outside", hint="run them again"
            ) from None

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def findings_of(task: CodeTask, code: str, seed: int) -> tuple[Finding, ...]:
    """Run the tests of a task, here and now. Raises InputError where no sandbox can be had."""
    from grader.archive import Submission
    from grader.code import grade_code, load_assignment

    whole = load_assignment(task.assignment)
    chosen = tuple(c for c in whole.checks if c.id.startswith(task.checks))
    content = code.encode("utf-8", "replace")
    submission = Submission({task.file: content}, (), hashlib.sha256(content).hexdigest())
    limits = whole.limits.model_copy(update=LIMITS)
    task_alone = whole.model_copy(update={"checks": chosen, "limits": limits})
    result = grade_code(submission, task_alone, seed=seed)
    return tuple(
        Finding(c.title, c.verdict, c.message, c.mistake, c.points, c.max_points)
        for c in result.checks
    )
