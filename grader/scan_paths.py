"""Which submissions are scans of papers: told by their names alone, before anything is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from question_bank.diagnostics import printable

PDF = frozenset({".pdf"})
_PICTURES = frozenset({".tif", ".tiff", ".jpg", ".jpeg", ".png"})
SUFFIXES = PDF | _PICTURES
_HANDED_IN = frozenset({".zip", ".yaml", ".yml", ".json", ".py", ".ipynb"})
_LEFT_AROUND = frozenset({"thumbs.db", "desktop.ini"})


def scan_files(paths: Sequence[Path]) -> tuple[tuple[Path, str], ...]:
    """The files of scans at these paths, each once, with the names that people call them by; a folder's by name."""
    found: dict[Path, tuple[Path, str]] = {}
    for path in paths:
        scans = (
            [each for each in _of_folder(path) if each.suffix.lower() in SUFFIXES]
            if path.is_dir()
            else [path]
        )
        for each in scans:
            name = f"{path.name}/{each.name}" if path.is_dir() else each.name
            found.setdefault(each.resolve(), (each, printable(name)))
    return tuple(found.values())


def are_scans(path: Path) -> bool:
    """Whether a path is a file of scans, or a folder that holds some, and nothing that is handed in otherwise."""
    try:
        if not path.is_dir():
            return path.suffix.lower() in SUFFIXES
        inside = _of_folder(path)
        handed_in = any(each.is_dir() or each.suffix.lower() in _HANDED_IN for each in inside)
        return not handed_in and any(each.suffix.lower() in SUFFIXES for each in inside)
    except OSError:
        return False


def strays(paths: Sequence[Path]) -> tuple[str, ...]:
    """The files in folders of scans that are no scans, by name; what a system leaves around is none of them."""
    return tuple(
        printable(f"{path.name}/{each.name}")
        for path in paths
        if path.is_dir()
        for each in _of_folder(path)
        if each.suffix.lower() not in SUFFIXES and each.name.lower() not in _LEFT_AROUND
    )


def _of_folder(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if not each.name.startswith("."))
