"""What the checks in this folder share: the repository, its configuration, its packages."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@cache
def configuration() -> dict[str, Any]:
    """pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def packages() -> tuple[str, ...]:
    """The import packages of the project: the folders at the root that have an __init__.py."""
    return tuple(sorted(path.parent.name for path in ROOT.glob("*/__init__.py")))


def commands() -> dict[str, str]:
    """Command to its entry point, 'package.module:function'."""
    scripts: dict[str, str] = configuration()["project"]["scripts"]
    return scripts


def tracked(*paths: str) -> list[Path]:
    """The files below these folders that git knows or would add, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = {Path(name.decode()) for name in listed.stdout.split(b"\0") if name}
    return sorted(name for name in names if (ROOT / name).is_file())


def imported_names(source: str) -> set[str]:
    """The full dotted names that a module imports, at its top or inside its functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module)
    return names
