"""What is imported is declared, what is declared is imported, and the lock keeps to what is declared."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.project import ROOT, configuration, imported_names, packages, tracked

FOREIGN = {"submissions", "samples", "attacks", "judge_speed"}
# Starlette reads forms with it, imports it when it does, and names it in no requirement of its own.
BEHIND = {"python-multipart"}
LOCK = (ROOT / "requirements.lock").read_text()


def declared(*, extras: bool, but: str = "") -> dict[str, Requirement]:
    project = configuration()["project"]
    lines = list(project["dependencies"])
    if extras:
        optional = project["optional-dependencies"].items()
        lines += [line for name, extra in optional if name != but for line in extra]
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def third_party(*folders: str) -> dict[str, set[str]]:
    """Distribution to the files that import from it."""
    owners = packages_distributions()
    # A helper that lies beside a test or a benchmark is imported by its bare name.
    beside = {path.stem for path in tracked("tests", "benchmarks") if path.suffix == ".py"}
    ours = {*packages(), "tests", "benchmarks", *beside}
    found: dict[str, set[str]] = {}
    for path in tracked(*folders):
        # Students' files import what they like; a rival's run in the rival's own environment.
        if path.suffix != ".py" or FOREIGN & set(path.parts):
            continue
        for name in imported_names((ROOT / path).read_text()):
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top in ours or top == "exercise_code":
                continue
            for owner in owners.get(top, [top]):
                found.setdefault(canonicalize_name(owner), set()).add(str(path))
    return found


def locked() -> dict[str, list[str]]:
    """Package to its versions in the lock: several where they differ by Python."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)", LOCK, re.MULTILINE):
        versions.setdefault(name, []).append(version)
    return versions


def test_what_the_packages_import_is_declared() -> None:
    undeclared = {
        name: files
        for name, files in third_party(*packages()).items()
        if name not in declared(extras=True, but="dev")
    }
    assert not undeclared


def test_what_the_tests_import_is_declared() -> None:
    undeclared = {
        name: files
        for name, files in third_party("tests", "benchmarks").items()
        if name not in declared(extras=True)
    }
    assert not undeclared


def test_what_is_declared_is_imported() -> None:
    assert declared(extras=False).keys() - BEHIND <= third_party(*packages()).keys()


def test_the_lock_keeps_to_the_declared_ranges() -> None:
    versions = locked()
    wanted = declared(extras=True)
    del wanted["torch"]  # installed apart: each machine takes the build that fits it
    for name, requirement in wanted.items():
        assert name in versions, f"{name} is not locked: make lock"
        assert all(requirement.specifier.contains(version) for version in versions[name])


def test_the_lock_has_hashes_and_nothing_of_a_machine() -> None:
    pins = re.findall(r"^[a-z0-9].*==.*\\\n    --hash=sha256:", LOCK, re.MULTILINE)
    assert len(pins) == sum(len(versions) for versions in locked().values()) > 20
    assert "://" not in LOCK
    assert not re.search(r"(^|[ =])/\w", LOCK)
    assert "torch" not in locked()


def test_one_version_of_torch() -> None:
    script = (ROOT / "setup" / "environment.sh").read_text()
    pinned = re.findall(r"^readonly TORCH=(.+)$", script, re.MULTILINE)
    resolved = [
        entry["version"]
        for entry in configuration()["tool"]["uv"]["dependency-metadata"]
        if entry["name"] == "torch"
    ]
    assert pinned == resolved
    assert declared(extras=False)["torch"].specifier.contains(pinned[0])


@pytest.mark.parametrize("name", ["math-core", "mathra"])
def test_engines_of_mathematics_are_pinned(name: str) -> None:
    # Each release may move a glyph: a new one is taken on purpose, with the pictures looked at.
    assert str(declared(extras=False)[name].specifier).startswith("==")
