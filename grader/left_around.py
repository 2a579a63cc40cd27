"""What lies around in a submission and is not used: caches, version control, environments, compiled files.

It goes by names alone, so that it can be set aside before anything of it is read or counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

_FOLDERS = {
    "__MACOSX": "left by macOS",
    "__pycache__": "compiled Python",
    ".ipynb_checkpoints": "left by Jupyter",
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    ".idea": "editor settings",
    ".vscode": "editor settings",
    ".mypy_cache": "left by a tool",
    ".pytest_cache": "left by a tool",
    ".ruff_cache": "left by a tool",
    "venv": "installed packages",
    ".venv": "installed packages",
    "site-packages": "installed packages",
    "node_modules": "installed packages",
}
MAC_ICON = "Icon\r"
_FILES = {
    ".DS_Store": "left by macOS",
    MAC_ICON: "left by macOS",
    "Thumbs.db": "left by Windows",
    "desktop.ini": "left by Windows",
}
_SUFFIXES = {
    ".pyc": "compiled Python",
    ".pyo": "compiled Python",
    ".so": "a compiled library",
    ".pyd": "a compiled library",
    ".dll": "a compiled library",
    ".dylib": "a compiled library",
    ".pth": "changes where Python looks for modules",
}
# Lies at the top of every virtual environment, whatever its folder is called.
_ENVIRONMENT = "pyvenv.cfg"
DEEPEST = 8  # folders within folders that are looked at
CONTENT_FOLDERS = ("exercise_code", "models")


def left_around(names: Iterable[str]) -> Mapping[str, str]:
    """Of these names of files ("/" between folders) those that are not used, each with the reason."""
    every = [(name, name.split("/")) for name in names]
    found = {name: reason for name, parts in every if (reason := _reason(parts))}
    rest = [(name, parts) for name, parts in every if name not in found]
    environments = _environments(rest)
    if environments:
        for name, _ in rest:
            if not environments.isdisjoint(folders_of(name)):
                found[name] = "installed packages"
    return found


def folders_of(name: str) -> list[str]:
    """The folders that a file lies in, the outermost first, and not beyond some levels."""
    parts = name.split("/", DEEPEST)[:-1]
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def folder_left_around(name: str) -> str:
    """The reason why a folder of this name is not used; "" where it is."""
    return _FOLDERS.get(name, "")


def _environments(every: list[tuple[str, list[str]]]) -> frozenset[str]:
    """Folders that are virtual environments, and not the work itself with one made around it."""
    found = {
        "/".join(parts[:-1])
        for _, parts in every
        if parts[-1] == _ENVIRONMENT and 1 < len(parts) <= DEEPEST
    }
    if not found:
        return frozenset()
    work = (n for n, parts in every if any(p.casefold() in CONTENT_FOLDERS for p in parts[:-1]))
    return frozenset(found - {folder for name in work for folder in folders_of(name)})


def _reason(parts: list[str]) -> str:
    for part in parts[:-1]:
        if part in _FOLDERS:
            return _FOLDERS[part]
    name = parts[-1]
    if name in _FILES:
        return _FILES[name]
    if name.startswith("._"):
        return "left by macOS"
    suffix = PurePosixPath(name).suffix
    # Saved models may be called .pth.
    if suffix == ".pth" and any(part.casefold() == "models" for part in parts[:-1]):
        return ""
    return _SUFFIXES.get(suffix, "")
