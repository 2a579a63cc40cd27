"""What is missing around code that runs is told to whoever grades: loudly where it is dangerous."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.batch_desk import Outcome
from grader.batch_members import Member
from grader.batch_progress import watching
from grader.batch_summary import Row, to_summary_csv, to_summary_json
from grader.isolation import lacks, told
from grader.report import Report, report_from
from grader.terminal import print_report, print_summary

ROOT = Path(__file__).resolve().parents[2]
CASES = yaml.safe_load(Path(__file__).with_name("isolation.yaml").read_text("utf-8"))
RIGHT = ROOT / "tests/grader/code/submissions/exercise-3/right/normalize_plain"
# seccomp(2), landlock_create_ruleset(2), unshare(2) answer EPERM, as in some containers.
DENIED = """
import ctypes, os, sys
sys.path.insert(0, os.getcwd())
from grader.code.sandbox import limits, seccomp
from grader.code.sandbox.syscalls import syscall
step = seccomp._instruction
code = [step(0x20, 0)]
for number in (317, 444, 272):
    code += [step(0x15, number, 0, 1), step(0x06, 0x00050000 | 1)]
text = b"".join([*code, step(0x06, 0x7FFF0000)])
buffer = ctypes.create_string_buffer(text, len(text))
program = seccomp._Program(len(text) // 8, ctypes.addressof(buffer))
limits.forbid_new_privileges()
syscall("seccomp", 1, 0, ctypes.byref(program))
sys.argv = ["grade", *sys.argv[1:]]
from grader.cli import main
main()
"""


def made(case: dict[str, Any]) -> Report:
    return report_from(
        [], user=None, assignment="exercise-3", title="Exercise", form=None,
        submitted_at=datetime.now(UTC), pass_mark=1, device="cpu", seed=1, content_sha256="",
        versions={}, sandbox=case["sandbox"], missing_layers=case["missing"],
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_tone_goes_by_what_is_missing(case: dict[str, Any]) -> None:
    found = lacks([made(case)])
    assert [lack.tone for lack in found] == [tone for tone, _ in case["lacks"]]
    for lack, (_, says) in zip(found, case["lacks"], strict=True):
        assert says in lack.sentence
    assert bool(told([made(case)])) == case.get("told", False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_report_and_batch_say_it(
    case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = made(case)
    member = Member(tmp_path, "w0256.zip", "w0256")
    rows = [Row(member, Outcome("graded", report)), Row(member, Outcome("graded", report))]
    one, several = io.StringIO(), io.StringIO()
    print_report(report, one)
    print_summary(rows, several)
    for lack in lacks([report]):
        for out in (one, several):
            said = re.sub(r"\s+", " ", out.getvalue())
            assert said.count(lack.sentence) == 1
    if any(tone == "exposed" for tone, _ in case["lacks"]):
        assert one.getvalue().splitlines()[2].startswith("code ran here with too little around it")
    summary = json.loads(to_summary_json(rows))
    assert summary["isolation"] == told([report])
    assert summary["submissions"][0]["missing_layers"] == case["missing"]
    assert ", ".join(case["missing"]) in to_summary_csv(rows)
    capsys.readouterr()
    with watching(2) as watch:
        for row in rows:
            watch(row)
    error = capsys.readouterr().err
    assert [error.count(line) for line in told([report])] == [1] * len(told([report]))


@pytest.mark.parametrize("batch", [False, True], ids=["one", "batch"])
def test_a_machine_that_denies_them_is_named_everywhere(tmp_path: Path, batch: bool) -> None:
    for name in ("w1", "w2")[: 1 + batch]:
        shutil.copytree(RIGHT, tmp_path / "in" / name)
    given = tmp_path / "in" if batch else tmp_path / "in" / "w1"
    words = [given, "--assignment", "exercise-3", "--allow-weak-sandbox", "-o", tmp_path / "out"]
    ran = subprocess.run(
        [sys.executable, "-c", DENIED, *map(str, words)],
        check=False, capture_output=True, text=True, timeout=300, cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    says = "code ran here with too little around it: neither Landlock nor a mount namespace"
    assert ran.stderr.count(says) == 1
    assert re.sub(r"\s+", " ", ran.stdout).count(says) == 1
    if batch:
        summary = json.loads((tmp_path / "out/summary.json").read_text("utf-8"))
        assert summary["isolation"][0].startswith(says)
