"""Names of files that are moved within a watched folder: as they came, as far as a file system takes them."""

from __future__ import annotations

import os
from pathlib import Path

LONGEST_NAME = 240
"""Bytes of a file's name; file systems take 255, some of them fewer."""


def within_bounds(name: str, *, before: str = "", after: str = "") -> str:
    """`before` + name + `after`, the name shortened at its tail where the whole were too long; its `.zip` stays."""
    end = name[-4:] if name.lower().endswith(".zip") else ""
    room = LONGEST_NAME - len(os.fsencode(before + end + after))
    stem = os.fsencode(name[: len(name) - len(end)])
    if len(stem) > room:
        # A sign that is cut through goes as a whole: some file systems take nothing but text.
        stem = stem[:room].decode(errors="ignore").encode() if _is_text(stem) else stem[:room]
    return before + os.fsdecode(stem) + end + after


def free_name(folder: Path, name: str, *, after: str = "") -> Path:
    """A name in a folder that nothing has yet, and that leaves room for `after`."""
    number, before = 1, ""
    while True:
        fits = within_bounds(name, before=before, after=after)
        target = folder / fits.removesuffix(after)
        if not target.exists() and not target.is_symlink():
            return target
        number += 1
        before = f"{number}-"


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
