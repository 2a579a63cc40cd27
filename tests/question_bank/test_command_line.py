"""What every command shares: exit statuses, and errors as people see them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module, metadata

import pytest

PROGRAM = """
import sys
from question_bank.command_line import Parser, run
from question_bank.diagnostics import Where, bad_input

def action(arguments):
    if arguments.what == "bad":
        raise bad_input("no-good", "is bad\\x1b[31m", where=Where("f.yaml", 3, 7), hint="mend it")
    if arguments.what == "fault":
        raise RuntimeError("broken inside")
    if arguments.what == "rich":
        from rich.console import Console
        for _ in range(100_000):
            Console(file=sys.stdout).print("line")
    if arguments.what == "plain":
        for _ in range(100_000):
            print("line")
    return {"findings": 1}.get(arguments.what, 0)

parser = Parser(prog="demo")
parser.add_argument("what")
parser.add_argument("--strict", action="store_true")
parser.set_defaults(action=action)
run(parser)
"""


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("package", ["authoring", "generator", "grader", "leaderboard", "quiz"])
def test_every_command_says_its_version(package, capsys, monkeypatch):
    command = import_module(f"{package}.cli").parser().prog
    monkeypatch.setattr("sys.argv", [command, "--version"])
    with pytest.raises(SystemExit) as left:
        import_module(f"{package}.cli").main()
    assert left.value.code == 0
    assert capsys.readouterr().out == f"{command} {metadata.version('mockexam')}\n"


def test_statuses():
    assert [run(what).returncode for what in ("fine", "findings")] == [0, 1]


def test_bad_input_is_shown_with_its_place_and_cure_and_no_escape_code():
    done = run("bad")
    assert done.returncode == 2
    assert "f.yaml:3:7: error[no-good]: is bad\\u001b[31m (mend it)" in done.stderr
    assert "\x1b" not in done.stderr


def test_our_own_fault_is_one_line_and_a_log():
    done = run("fault")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    log = done.stderr.rsplit(" ", 1)[-1].strip()
    with open(log, encoding="utf-8") as written:  # noqa: PTH123
        assert "broken inside" in written.read()


@pytest.mark.parametrize("word", ["--strct", "--strict=1"])
def test_a_misspelt_option_gets_a_hint(word):
    done = run("fine", word)
    assert done.returncode == 2
    assert "demo --help" in done.stderr
    if word == "--strct":
        assert 'did you mean "--strict"?' in done.stderr


@pytest.mark.parametrize("what", ["plain", "rich"])
def test_a_reader_that_leaves_early_is_no_error(what):
    command = f'{sys.executable} -c "$PROGRAM" {what} | head -1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command],
        env={"PROGRAM": PROGRAM, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "line\n", "")


@pytest.mark.parametrize(("redirected", "status", "says"), [
    (">&-", 0, ""),
    ("<&- >&- 2>&-", 0, ""),
    (">/dev/full", 2, "error[disk-full]"),
])  # fmt: skip
def test_output_that_is_closed_or_full_is_no_fault_of_ours(tmp_path, redirected, status, says):
    program = tmp_path / "demo.py"
    program.write_text(PROGRAM)
    line = f"{sys.executable} {program} plain {redirected}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
