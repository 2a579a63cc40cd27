"""Reading a submission: a zip or a folder in, its files as bytes out, nothing written."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.left_around import folder_left_around, left_around
from grader.strict_zip import (
    LEAVE_OUT,
    ArchiveLimits,
    StrictZip,
    check_all_names,
    check_used_names,
    refuse,
    where_most_lie,
)
from grader.wrapping import unwrapped


@dataclass(frozen=True)
class Submission:
    """The files that were handed in.

    files: normalised name (relative, "/" between folders, from where exercise_code/ lies) -> bytes
    skipped: names that lay around and are not used, each with the reason
    sha256: of the zip's bytes; for a folder, of the names and contents of what is used
    """

    files: Mapping[str, bytes]
    skipped: tuple[tuple[str, str], ...]
    sha256: str


def read_submission(path: Path, limits: ArchiveLimits | None = None) -> Submission:
    """Read a zip or a folder. Raises InputError with one diagnostic when it cannot be accepted."""
    limits = limits or ArchiveLimits()
    if path.is_dir():
        members, aside = _read_folder(path, limits)
        return _assemble(str(path), members, aside, _digest(members))
    try:
        size = path.stat().st_size
        if not path.is_file():
            refuse(
                path, "not-a-zip", "this is neither a zip file nor a folder",
                hint="name the zip, or the folder with the files",
            )  # fmt: skip
        if size > limits.archive:
            refuse(
                path, "too-large", f"the zip has {size:,} bytes, more than {limits.archive:,}",
                hint=LEAVE_OUT,
            )  # fmt: skip
        data = path.read_bytes()
    except OSError as error:
        refuse(
            path, "unreadable", f"the submission cannot be read: {error.strerror}",
            hint="check the file's name" if isinstance(error, FileNotFoundError)
            else "check that you may read it",
        )  # fmt: skip
    members, aside = StrictZip(str(path), data, limits).members()
    return _assemble(str(path), members, aside, hashlib.sha256(data).hexdigest())


_SHADOWING = {"numpy", "torch", "sitecustomize", "usercustomize"}


def _read_folder(
    root: Path, limits: ArchiveLimits
) -> tuple[list[tuple[str, bytes]], Mapping[str, str]]:
    """Files below a folder that are used, and why others are not; links and special files are refused."""
    found, aside = _listed(root, limits)
    aside |= left_around(found)
    check_all_names(str(root), [*found, *aside])
    used = {name: path for name, path in found.items() if name not in aside}
    total = 0
    for name, path in used.items():
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            refuse(
                root, "unsafe-folder", "the folder holds a link or a special file",
                member=name, hint="copy the files themselves into the folder",
            )  # fmt: skip
        total += status.st_size
    if len(used) > limits.members:
        refuse(
            root, "too-large", f"the folder holds {len(used):,} files, more than {limits.members:,}",
            hint=where_most_lie(used),
        )  # fmt: skip
    if total > limits.total:
        refuse(
            root, "too-large", f"the folder holds {total:,} bytes, more than {limits.total:,}",
            hint=LEAVE_OUT,
        )  # fmt: skip
    check_used_names(str(root), [(name, False) for name in used], limits)
    return [(name, path.read_bytes()) for name, path in sorted(used.items())], aside


def _listed(root: Path, limits: ArchiveLimits) -> tuple[dict[str, Path], dict[str, str]]:
    """What lies below a folder, folders apart, and the folders of it that were not looked into."""
    found: dict[str, Path] = {}
    aside: dict[str, str] = {}
    names_bytes = 0
    for folder, folders, files in os.walk(root, followlinks=False):
        for name in sorted(folders):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            if reason := folder_left_around(name):
                aside[f"{relative}/"] = reason
                folders.remove(name)
            elif path.is_symlink():
                found[relative] = path
        for name in sorted(files):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            found[relative] = path
            names_bytes += len(os.fsencode(relative))
        if names_bytes > limits.directory:
            refuse(root, "too-large", "the folder holds too many files", hint=where_most_lie(found))
    return found, aside


def _digest(members: list[tuple[str, bytes]]) -> str:
    total = hashlib.sha256()
    for name, content in sorted(members):
        total.update(f"{len(name.encode())}:{name}:{len(content)}:".encode() + content)
    return total.hexdigest()


def _assemble(
    where: str, members: list[tuple[str, bytes]], aside: Mapping[str, str], digest: str
) -> Submission:
    """From where the work lies, and without what has the name of a library."""
    skipped = list(aside.items())
    files, beside = unwrapped({unicodedata.normalize("NFC", name): c for name, c in members})
    skipped += [
        (name, "a file of the same name lies in the folder with the code") for name in beside
    ]
    for name in sorted(files):
        top = PurePosixPath(name.partition("/")[0])
        if top.stem in _SHADOWING and (top.suffix == ".py" or "/" in name):
            skipped.append((name, "has the name of a library"))
            del files[name]
    if not files:
        refuse(
            where, "empty-submission", "the submission holds no files that can be graded",
            hint="hand in answers.yaml, or exercise_code/ with your Python files",
        )  # fmt: skip
    return Submission(files=files, skipped=tuple(sorted(skipped)), sha256=digest)
