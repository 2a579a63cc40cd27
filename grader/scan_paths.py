"""Which submissions are scans of papers: told by their names alone, before anything is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from question_bank.diagnostics import printable

PDF = frozenset({".pdf"})
_PICTURES = frozenset({".tif", ".tiff", ".jpg", ".jpeg", ".png"})
SUFFIXES = PDF | _PICTURES


def scan_files(paths: Sequence[Path]) -> tuple[tuple[Path, str], ...]:
    """The files of scans at these paths, each once, with the names that people call them by; a folder's by name."""
    found: dict[Path, tuple[Path, str]] = {}
    for path in paths:
        inside = _of_folder(path) if path.is_dir() else [path]
        for each in inside:
            name = f"{path.name}/{each.name}" if path.is_dir() else each.name
            found.setdefault(each.resolve(), (each, printable(name)))
    return tuple(found.values())


def are_scans(path: Path) -> bool:
    """Whether a path is a file of scans, or a folder that holds nothing else."""
    try:
        if not path.is_dir():
            return path.suffix.lower() in SUFFIXES
        inside = [each for each in path.iterdir() if not each.name.startswith(".")]
        return bool(inside) and all(
            each.suffix.lower() in SUFFIXES and each.is_file() for each in inside
        )
    except OSError:
        return False


def _of_folder(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if not each.name.startswith("."))
