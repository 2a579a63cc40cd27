"""The worked example of docs/authors.md, followed to the letter."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from question_bank.loader import load_bank

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "authors.md").read_text("utf-8")
EXAMPLE = GUIDE[GUIDE.index("## Ten minutes") : GUIDE.index("## The file")]
FILE = "my_bank/values_of_a_feature_map.yaml"


def steps():
    """What is typed, with the lines that answer it, and the file that is written, in the order of the guide."""
    found = []
    for block in re.findall(r"^```yaml\n([\s\S]*?)^```|((?:^    .*\n)+)", EXAMPLE, re.MULTILINE):
        if block[0]:
            found.append(("write", block[0]))
            continue
        for line in block[1].splitlines():
            text = line.removeprefix("    ")
            if text.startswith("$ "):
                found.append((text.removeprefix("$ "), []))
            elif "$ " in block[1]:
                found[-1][1].append(text)
    return found


def run(words, folder):
    code = "from authoring.cli import main; main()"
    # What was found clean elsewhere says nothing here.
    env = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder of someone who follows the guide, and what each command said."""
    folder = tmp_path_factory.mktemp("author")
    said = []
    for step, lines in steps():
        if step == "write":
            assert (folder / FILE).exists()
            (folder / FILE).write_text(lines, "utf-8")
        else:
            name, *words = shlex.split(step)
            assert name == "question-bank"
            said.append((step, lines, run(words, folder)))
    return folder, said


def test_every_command_says_what_the_guide_says(followed):
    _, said = followed
    assert len(said) == 8
    for command, lines, done in said:
        assert [line for line in lines if line not in done.stdout + done.stderr] == [], command
        assert len(done.stdout.splitlines()) <= len(lines), command
        findings = not lines[-1].endswith("no findings") and " findings" in lines[-1]
        assert done.returncode == (1 if findings else 0), command


def test_what_comes_out_is_a_checked_parametrised_question(followed):
    folder, _ = followed
    question = load_bank([folder / "my_bank"]).question("values_of_a_feature_map")
    assert question.parametrised
    assert len(question.mistakes) == 3
    page = (folder / "values_of_a_feature_map.html").read_text("utf-8")
    assert page.count('class="seed"') == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "conv_output_size(size, kernel, 1, padding)",
            "conv_output_size(size, kernel)",
            next(line.strip() for line in EXAMPLE.splitlines() if "error[wrong-key]" in line),
        ),
        ("require:\n  - side != size\n", "", "the mistake size_kept leads to the key (60)"),
    ],
    ids=["wrong key", "no require"],
)
def test_what_the_guide_says_of_faults_is_so(old, new, says, followed, tmp_path):
    folder, _ = followed
    (tmp_path / "my_bank").mkdir()
    text = (folder / FILE).read_text("utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), "utf-8")
    assert says in run(["check", "--strict", "my_bank"], tmp_path).stderr
