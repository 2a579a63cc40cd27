"""Each package is named wherever packages are listed, and the rules that no linter knows."""

from __future__ import annotations

import re
import sys

import pytest

from tests.packaging.project import ROOT, configuration, imported_names, packages, tracked


def layers() -> list[set[str]]:
    contracts = configuration()["tool"]["importlinter"]["contracts"]
    (found,) = [contract for contract in contracts if contract["type"] == "layers"]
    return [set(layer.split(" | ")) for layer in found["layers"]]


def test_every_package_has_its_place() -> None:
    tool = configuration()["tool"]
    everywhere = {
        "layers": sorted(set().union(*layers())),
        "import-linter": tool["importlinter"]["root_packages"],
        "mypy": tool["mypy"]["packages"],
        "wheel": tool["hatch"]["build"]["targets"]["wheel"]["packages"],
    }
    assert everywhere == {place: list(packages()) for place in everywhere}


def test_the_students_worker_needs_nothing_of_the_project() -> None:
    # import-linter cannot forbid a module its own package; and beside a student's code, what the
    # worker cannot import cannot be found there either.
    names = imported_names((ROOT / "grader" / "code" / "worker.py").read_text())
    allowed = {*sys.stdlib_module_names, "numpy", "torch"}
    assert {name.partition(".")[0] for name in names} <= allowed


@pytest.mark.parametrize("package", packages())
def test_importing_a_package_is_light(package: str) -> None:
    names = imported_names((ROOT / package / "__init__.py").read_text())
    heavy = {"torch", "numpy", "scipy", "weasyprint", "pydantic", "sqlalchemy", "yaml", "jinja2"}
    assert not {name.partition(".")[0] for name in names} & (heavy | {"rich", "fontTools"})


def test_nothing_is_left_open() -> None:
    mark = re.compile(r"\b(TODO|FIXME)\b")
    left = [
        f"{path}:{number}"
        for path in tracked(*packages(), "setup", "benchmarks")
        if path.suffix in {".py", ".sh", ".css", ".html"} and "samples" not in path.parts
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if mark.search(line)
    ]
    assert not left


def test_every_test_folder_mirrors_a_package() -> None:
    folders = {path.parts[1] for path in tracked("tests") if len(path.parts) > 2}
    assert folders <= {*packages(), "packaging", "end_to_end"}
