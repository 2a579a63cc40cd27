"""Build the wheel, install it where nothing else is, and use every command: `python wheel_smoke.py FOLDER`.

The environment holds the wheel and, of this environment's packages, exactly those that the wheel declares, with what these declare in turn
(hard links: gigabytes of torch in a second or two). So a missing declaration, a file that was left out of the wheel, and
anything that works only inside the source tree show here. All commands run from an empty folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.packaging.project import ROOT, commands, packages, tracked


def run(command: Sequence[str | Path], *, cwd: Path, stdin: str = "", expect: int = 0) -> str:
    """What the command prints; the whole story and exit 1 if it ends in another status."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "MOCKEXAM", "DATABASE_URL"))
    }
    environment["MOCKEXAM_HOME"] = str(cwd / "store")
    done = subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode != expect:
        line = " ".join(map(str, command))
        sys.exit(
            f"wheel: {line}\nexit status {done.returncode}, not {expect}\n"
            f"{done.stdout}\n{done.stderr}"
        )
    return done.stdout


def build(folder: Path) -> Path:
    """The wheel of the source tree."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel"]
    run([*pip, "--no-deps", "--no-build-isolation", "-w", folder, ROOT], cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    """The packages with every file that git has of them, and nothing else at the top."""
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}
    metadata = {name for name in top if name.endswith(".dist-info")}
    if len(metadata) != 1 or top - metadata != set(packages()):
        sys.exit(f"wheel: the top level holds {sorted(top)}")
    if lost := {path.as_posix() for path in tracked(*packages())} - set(names):
        sys.exit(f"wheel: left out: {sorted(lost)}")


def required(name: str, extras: frozenset[str] = frozenset()) -> Iterator[Distribution]:
    """The installed distributions that `name` needs, and what these need; not `name` itself."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(name, extras)]
    while waiting:
        name, extras = waiting.pop()
        found = distribution(name)
        for line in found.requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                continue
            key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            if key not in seen:
                seen.add(key)
                waiting.append(key)
                yield distribution(requirement.name)


def link(distributions: Iterator[Distribution], target: Path) -> list[str]:
    """Install by hard links (copies across file systems) what the records of the distributions list."""
    names = set()
    for found in distributions:
        if found.metadata["Name"] in names:
            continue
        names.add(found.metadata["Name"])
        for file in found.files or ():
            source = Path(str(found.locate_file(file)))
            if ".." in file.parts or not source.is_file():
                continue  # commands in bin/, and byte code that was never written
            place = target / file
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, place)
            except OSError:
                shutil.copy2(source, place)
    return sorted(names)


def make_environment(folder: Path, wheel: Path) -> Path:
    """A new environment with the wheel and what it declares; its folder of commands."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    pip += ["--python", str(python)]
    run([*pip, "install", "--no-deps", "--no-index", wheel], cwd=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(run([python, "-c", where], cwd=folder).strip())
    names = link(required("mockexam"), site)
    if "mockexam" in names:
        sys.exit("wheel: the environment would see the source tree")
    run([*pip, "check"], cwd=folder)
    return python.parent


def check_location(commands_folder: Path, empty: Path) -> None:
    """Every package is imported from the environment, also from another folder."""
    code = (
        "import importlib, json, sys;"
        "print(json.dumps([importlib.import_module(n).__file__ for n in sys.argv[1:]]))"
    )
    found = json.loads(run([commands_folder / "python", "-c", code, *packages()], cwd=empty))
    site = commands_folder.parent.resolve()
    if wrong := [file for file in found if site not in Path(file).resolve().parents]:
        sys.exit(f"wheel: imported from elsewhere: {wrong}")


def use(commands_folder: Path, empty: Path) -> None:
    """Each command: --help, and one real thing."""
    for name in commands():
        if not run([commands_folder / name, "--help"], cwd=empty).startswith("usage:"):
            sys.exit(f"wheel: {name} --help shows no usage")
    command = {name: commands_folder / name for name in commands()}
    site = Path(
        run(
            [commands_folder / "python", "-c", "import question_bank as q; print(q.__path__[0])"],
            cwd=empty,
        ).strip()
    )
    question = min((site / "lectures").glob("*/*.yaml"))
    run([command["question-bank"], "check", question], cwd=empty)
    run([command["mockexam"], "generate", "--seed", "1", "-o", "exam"], cwd=empty)
    answers = empty / "answers.zip"
    with zipfile.ZipFile(answers, "w") as archive:
        archive.writestr("answers.yaml", "form: A\nanswers: {1: [a]}\n")
    grade = [command["grade"], answers, "--exam", "exam/exam.json", "--user", "w0001"]
    run([*grade, "--record", "--json", "report.json"], cwd=empty)
    report = json.loads((empty / "report.json").read_text())
    if report["user"] != "w0001" or not report["checks"]:
        sys.exit(f"wheel: the report is {report}")
    if "w0001" not in run([command["leaderboard"], "show"], cwd=empty):
        sys.exit("wheel: the board lacks the submission that was recorded")
    run([command["quiz"], "--lecture", "9", "-n", "2", "--seed", "1"], cwd=empty, stdin="a\na\n")
    unsafe = empty / "broken.zip"
    unsafe.write_bytes(b"PK\x03\x04 cut off")
    run([command["grade"], unsafe, "--exam", "exam/exam.json"], cwd=empty, expect=2)


def main() -> None:
    """Build, install, check, use."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="emptied, then used")
    folder = parser.parse_args().folder.absolute()
    start = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheel = build(folder)
    check_contents(wheel)
    bin_folder = make_environment(folder / "environment", wheel)
    with tempfile.TemporaryDirectory(prefix="mockexam-") as elsewhere:
        check_location(bin_folder, Path(elsewhere))
        use(bin_folder, Path(elsewhere))
    shutil.rmtree(folder / "environment")
    print(f"{wheel.name}: every command works ({time.monotonic() - start:.0f} s)")


if __name__ == "__main__":
    main()
