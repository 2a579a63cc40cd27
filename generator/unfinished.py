"""A folder that is being filled: what is finished in it stays finished, whatever ends the work.

While an exam is made, its record stands in the folder as ``exam.json.unfinished``, and each form's folder
appears whole. The last step turns that file into ``exam.json``: where there is one, everything is there.
The same command, run again, goes on where it was stopped.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from generator.exam_folder import UNFINISHED
from question_bank.diagnostics import Where, bad_input

_PART = ".part-"


def record_text(folder: Path) -> str | None:
    """Return the record of what is being made in a folder; None where nothing is."""
    try:
        return (folder / UNFINISHED).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


@contextlib.contextmanager
def opened(folder: Path, text: str) -> Iterator[None]:
    """Hold a folder for the work on one record, which is put there if it is not.

    Raises:
        InputError: another process works in the folder.
        OSError: the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if record_text(folder) != text:
        write_file(folder / UNFINISHED, text.encode())
    with (folder / UNFINISHED).open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise bad_input(
                "in-use",
                "is being filled by another command",
                where=Where(str(folder)),
                hint="wait until it is done",
            ) from None
        for left in folder.glob(f"{_PART}*"):
            _remove(left)
        yield


def finished(folder: Path, labels: Collection[str], names: Collection[str]) -> frozenset[str]:
    """Return the labels of the forms that are there with all their files; other remains of a form go."""
    found = set()
    for label in labels:
        inside = folder / label
        if not inside.is_dir() or inside.is_symlink():
            continue
        if all((inside / name).is_file() and (inside / name).stat().st_size for name in names):
            found.add(label)
        else:
            _remove(inside)
    return frozenset(found)


def put_form(folder: Path, label: str, files: Mapping[str, bytes]) -> None:
    """Put the folder of a form into place, whole. Raises OSError."""
    part = folder / f"{_PART}{label}"
    part.mkdir()
    for name, content in files.items():
        write_file(part / name, content)
    sync(part)
    part.rename(folder / label)


def finish(folder: Path, name: str) -> None:
    """Say that everything is there: the record takes its name. Raises OSError."""
    sync(folder)
    (folder / UNFINISHED).rename(folder / name)
    sync(folder)


def write_file(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, and stays. Raises OSError."""
    part = path.with_name(f"{_PART}{path.name}")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.rename(path)


def sync(folder: Path) -> None:
    """Make sure that the names in a folder stay. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_remains(name: str) -> bool:
    """Return whether a name in a folder is what work that was stopped leaves."""
    return name == UNFINISHED or name.startswith(_PART)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
