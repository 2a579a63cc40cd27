"""The set-up script against a pretended Python: what it installs, when again, and what it says when it cannot."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.project import ROOT

TOOLS = ("bash", "env", "flock", "mkdir", "sha256sum", "cut", "cat", "sed", "grep", "tail", "rm")
TOOLS = (*TOOLS, "cp", "dirname", "sh", "id")


@dataclass(frozen=True)
class Machine:
    """A copy of the project's set-up on a machine whose python3 is pretended, and has no apt-get."""

    root: Path
    asked: Path

    def set_up(
        self, status: int = 0, script: str = "environment.sh", **environment: str
    ) -> tuple[list[str], str]:
        """What pip and venv were asked for, and what the person reads."""
        self.asked.write_text("")
        clean = {
            "PATH": str(self.root.parent / "bin"),
            "ASKED": str(self.asked),
            "HOME": str(self.root),
        }
        done = subprocess.run(
            [self.root / "setup" / script],
            env=clean | environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return self.asked.read_text().splitlines(), done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    root, tools = tmp_path / "a project", tmp_path / "bin"
    shutil.copytree(ROOT / "setup", root / "setup")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    shutil.copy(Path(__file__).with_name("pretended_python.sh"), tools / "python3")
    return Machine(root, tmp_path / "asked")


def installs(asked: list[str]) -> list[str]:
    """The last word of each request to pip: what was to be installed."""
    return [line.rpartition(" ")[2] for line in asked if line.startswith("pip")]


EVERYTHING = ["requirements.lock", "torch==2.13.0", "."]


def test_the_first_run_installs_everything_and_the_second_nothing(machine: Machine) -> None:
    asked, _ = machine.set_up()
    assert asked[0] == "venv"
    assert installs(asked) == EVERYTHING
    assert machine.set_up() == ([], "")


def test_only_what_changed_is_installed_again(machine: Machine) -> None:
    machine.set_up()
    with (machine.root / "pyproject.toml").open("a") as file:
        file.write("\n")
    assert installs(machine.set_up()[0]) == ["."]
    with (machine.root / "requirements.lock").open("a") as file:
        file.write("\n")
    assert installs(machine.set_up()[0]) == ["requirements.lock"]


def test_the_other_index_is_for_torch_alone(machine: Machine) -> None:
    asked, _ = machine.set_up(TORCH_INDEX_URL="https://example.org/cpu")
    with_index = [line for line in asked if "--index-url https://example.org/cpu" in line]
    assert installs(with_index) == ["torch==2.13.0"]


def test_torch_keeps_to_the_lock(machine: Machine) -> None:
    asked, _ = machine.set_up()
    assert "--constraint .venv/constraints.txt" in asked[2]
    pins = (machine.root / ".venv" / "constraints.txt").read_text().splitlines()
    assert any(pin.startswith("filelock==") for pin in pins)
    assert not any("hash" in pin or "\\" in pin for pin in pins)


@pytest.mark.parametrize(("word", "left"), [("requirements.lock", 3), ("torch==", 2)])
def test_a_failure_says_what_to_do_and_the_next_run_goes_on(
    machine: Machine, word: str, left: int
) -> None:
    _, said = machine.set_up(status=1, PIP_FAILS=word)
    assert "No matching distribution found" in said
    assert "no network?" in said
    assert "build/setup.log" in said.splitlines()[-1]
    asked, _ = machine.set_up()
    assert installs(asked) == EVERYTHING[-left:]


def test_after_a_kill_in_the_middle_the_environment_is_made_anew(machine: Machine) -> None:
    machine.set_up(status=-9, PIP_DIES="torch==")
    asked, _ = machine.set_up()
    assert asked[0] == "venv"
    assert installs(asked) == EVERYTHING


def test_an_environment_that_was_moved_is_made_anew(machine: Machine) -> None:
    machine.set_up()
    moved = Machine(machine.root.with_name("moved"), machine.asked)
    machine.root.rename(moved.root)
    asked, _ = moved.set_up()
    assert asked[0] == "venv"
    assert installs(asked) == EVERYTHING


def test_without_a_python_that_will_do_it_says_what_to_install(machine: Machine) -> None:
    asked, said = machine.set_up(status=1, TOO_OLD="1")
    assert not asked
    assert said.count("\n") == 1
    assert "Python 3.11" in said
    assert "apt-get install python3-venv" in said


def test_without_the_system_libraries_it_names_their_packages(machine: Machine) -> None:
    machine.set_up()
    _, said = machine.set_up(status=1, script="system_libraries.sh", TOO_OLD="1")
    assert said == (
        "set-up: please install, as root: apt-get install "
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 poppler-utils\n"
    )
