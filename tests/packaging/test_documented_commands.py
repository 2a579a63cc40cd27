"""What is written down as a command is one: the README's blocks, and the examples of each --help."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tests.grader.scans.class_scans import papers_in, scanned_pages
from tests.grader.scans.synthetic import pdf

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "question-bank": "authoring",
    "mockexam": "generator",
    "grade": "grader",
    "leaderboard": "leaderboard",
    "quiz": "quiz",
}
# Not run below, and why.
ELSEWHERE = {
    "make demo": "it sets up an environment; its steps are the commands below",
    "make test": "it runs this test",
    "question-bank check --strict": "it is a gate of its own: `make bank`",
}
# These serve or watch until they are stopped: tests of their own start them.
ENDLESS = re.compile(
    r"quiz --web|(?:quiz|leaderboard) serve(?! links| revoke)|grade .*--(?:serve|watch|cluster)"
    r"|grade --review .* --web"
)
# Status 1: these end so as long as answers wait for a person.
WAITING = re.compile(r"grade scans\.pdf ")
# Run otherwise, and why.
INSTEAD = {
    # The new question lies in a folder of the test, not in the course's bank.
    "question-bank preview my_question": "question-bank preview my_question --bank question_bank",
}


def readme_commands() -> list[str]:
    """The lines of indented blocks that begin with a command."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    found = [re.sub(r"\s+#.*", "", line.strip()) for line in lines if line.startswith("    ")]
    return [line for line in found if line.split(" ")[0] in (*PACKAGES, "make")]


def examples() -> list[str]:
    """The `example:` lines of every command and subcommand."""
    found: list[str] = []
    for package in PACKAGES.values():
        waiting = [import_module(f"{package}.cli").parser()]
        while waiting:
            parser = waiting.pop(0)
            text = re.sub(r"examples?:", "", parser.epilog or "")
            found += [line.strip() for line in text.splitlines() if line.strip()]
            for action in parser._actions:
                if isinstance(action, argparse._SubParsersAction):
                    waiting += action.choices.values()
    return found


COMMANDS = list(dict.fromkeys([*readme_commands(), *examples()]))


def test_there_are_commands_of_every_kind():
    for command in PACKAGES:
        assert any(line.startswith(command) for line in readme_commands()), command
        assert any(line.startswith(command) for line in examples()), command


@pytest.mark.parametrize("line", COMMANDS)
def test_every_option_is_there(line):
    words = shlex.split(re.sub(r"[<>] *\S+$", "", line)) if "'" not in line else shlex.split(line)
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return
    parser = import_module(f"{PACKAGES[words[0]]}.cli").parser()
    assert parser.parse_args(words[1:]).action


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workplace")
    settings = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "MOCKEXAM_HOME": str(folder / "home"),
        "PYTHONPATH": str(ROOT),
    }
    settings.pop("DATABASE_URL", None)
    (folder / "answers.txt").write_text("1\n2\n3\n")
    (folder / "class.csv").write_text("user,name\nw0256,Ada Lovelace\nw0220,Grace Hopper\n")
    return folder, settings


def run(line, workplace):
    folder, settings = workplace
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=settings, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


def hand_in_code(file: Path) -> None:
    sample = ROOT / "grader" / "samples" / "exercise-3" / "exercise_code"
    with zipfile.ZipFile(file, "w") as archive:
        for path in sample.rglob("*.py"):
            archive.write(path, f"exercise_code/{path.relative_to(sample)}")


def scan(exam: Path, file: Path) -> None:
    """A written form of an exam, as it comes from a scanner."""
    (paper,) = papers_in(exam, ["A"])
    pages = list(scanned_pages(paper, np.random.default_rng(1), number="03712009"))
    file.write_bytes(pdf(pages, dpi=150, quality=75))


def prepare(line, workplace):
    """What a command finds in the folder where its user stands."""
    folder, _ = workplace
    hand_in_code(folder / "code.zip")
    if (folder / "exam" / "exam.json").exists() and not (folder / "answers.zip").exists():
        made = run(f"python {ROOT}/setup/hand_in.py exam/A/key.json answers", workplace)
        assert made.returncode == 0, made.stderr
        shutil.copy(folder / "answers" / "w0256.zip", folder / "answers.zip")
    if WAITING.match(line):
        shutil.rmtree(folder / "reports", ignore_errors=True)
        scan(folder / "exam", folder / "scans.pdf")
        (folder / "grades.yaml").write_text(
            "scale: percent\npasses: 4.0\ngrades: {1.0: 85, 4.0: 45, 5.0: 0}\n"
        )
    if "--analyse" in line:
        # Reports of an exam, on record too.
        command = "grade hand-in --exam exam/exam.json -o reports --record --user-from '.+'"
        prepare(command, workplace)
        assert run(command, workplace).returncode == 0
    if "hand-in" in line:
        # Each of these examples begins in a fresh folder: reports of two assignments do not mix.
        for name in ("hand-in", "reports"):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / "hand-in").mkdir()
        for user in ("w0256", "w0220"):
            handed = folder / "hand-in" / f"{user}.zip"
            if "--exam" in line:
                shutil.copy(folder / "answers.zip", handed)
            else:
                hand_in_code(handed)


@pytest.mark.slow
def test_every_one_runs_in_the_order_in_which_they_are_read(workplace):
    failed = {}
    for line in COMMANDS:
        if line in ELSEWHERE or ENDLESS.match(line):
            continue
        prepare(line, workplace)
        done = run(INSTEAD.get(line, line), workplace)
        if done.returncode not in ((0, 1) if WAITING.match(line) else (0,)):
            failed[line] = (done.returncode, done.stderr[-400:])
    assert failed == {}


@pytest.mark.slow
def test_the_answer_that_the_readme_tries_is_right(workplace):
    (line,) = [line for line in readme_commands() if line.startswith("question-bank try")]
    assert run(line, workplace).stdout.startswith("right")
