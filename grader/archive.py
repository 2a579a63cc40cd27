"""Reading a submission: a zip or a folder in, its files as bytes out, nothing written."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.strict_zip import ArchiveLimits, StrictZip, check_names, refuse


@dataclass(frozen=True)
class Submission:
    """The files that were handed in.

    files: normalised name (relative, "/" between folders, one wrapping folder removed) -> bytes
    skipped: names that lay around and are not used, each with the reason
    sha256: of the zip's bytes; for a folder, of its names and contents
    """

    files: Mapping[str, bytes]
    skipped: tuple[tuple[str, str], ...]
    sha256: str


def read_submission(path: Path, limits: ArchiveLimits | None = None) -> Submission:
    """Read a zip or a folder. Raises InputError with one diagnostic when it cannot be accepted."""
    limits = limits or ArchiveLimits()
    if path.is_dir():
        return _assemble(str(path), _read_folder(path, limits), None)
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
                hint="leave out data sets and models that the task does not ask for",
            )  # fmt: skip
        data = path.read_bytes()
    except OSError as error:
        refuse(
            path, "unreadable", f"the submission cannot be read: {error.strerror}",
            hint="check the file's name" if isinstance(error, FileNotFoundError)
            else "check that you may read it",
        )  # fmt: skip
    members = StrictZip(str(path), data, limits).members()
    return _assemble(str(path), members, hashlib.sha256(data).hexdigest())


_JUNK_FOLDERS = {
    "__MACOSX": "left by macOS",
    "__pycache__": "compiled Python",
    ".ipynb_checkpoints": "left by Jupyter",
    ".git": "version control",
    ".idea": "editor settings",
    ".vscode": "editor settings",
}
_JUNK_FILES = {".DS_Store": "left by macOS", "Thumbs.db": "left by Windows"}
_UNUSED_SUFFIXES = {
    ".pyc": "compiled Python",
    ".pyo": "compiled Python",
    ".so": "a compiled library",
    ".pyd": "a compiled library",
    ".dll": "a compiled library",
    ".dylib": "a compiled library",
    ".pth": "changes where Python looks for modules",
}
_SHADOWING = {"numpy", "torch", "sitecustomize", "usercustomize"}
_CONTENT_FOLDERS = {"exercise_code", "models"}


def _read_folder(root: Path, limits: ArchiveLimits) -> list[tuple[str, bytes]]:
    """Files below a folder; links and special files are refused."""
    again = "copy the files themselves into the folder"
    found: list[tuple[str, Path]] = []
    total = 0
    for folder, folders, files in os.walk(root, followlinks=False):
        for name in sorted([*folders, *files]):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                refuse(
                    root, "unsafe-folder", "the folder holds a link or a special file",
                    member=relative, hint=again,
                )  # fmt: skip
            if stat.S_ISREG(mode):
                found.append((relative, path))
                total += path.lstat().st_size
        if len(found) > limits.members or total > limits.total:
            refuse(
                root, "too-large", "the folder holds too many files, or too much data",
                hint="leave out data sets and models that the task does not ask for",
            )  # fmt: skip
    check_names(str(root), [(name, False) for name, _ in found], limits)
    return [(name, path.read_bytes()) for name, path in sorted(found)]


def _reason_to_skip(name: str) -> str:
    path = PurePosixPath(name)
    for part in path.parts[:-1]:
        if part in _JUNK_FOLDERS:
            return _JUNK_FOLDERS[part]
    if path.name in _JUNK_FILES:
        return _JUNK_FILES[path.name]
    if path.name.startswith("._"):
        return "left by macOS"
    # Saved models may be called .pth; one wrapping folder is not taken off yet.
    if path.suffix == ".pth" and "models" in path.parts[:-1][:2]:
        return ""
    if path.suffix in _UNUSED_SUFFIXES:
        return _UNUSED_SUFFIXES[path.suffix]
    return ""


def _assemble(where: str, members: list[tuple[str, bytes]], digest: str | None) -> Submission:
    """Set aside what lay around, and take off one wrapping folder."""
    files: dict[str, bytes] = {}
    skipped: list[tuple[str, str]] = []
    for name, content in members:
        reason = _reason_to_skip(name)
        if reason:
            skipped.append((name, reason))
        else:
            files[unicodedata.normalize("NFC", name)] = content
    tops = {name.partition("/")[0] for name in files}
    if len(tops) == 1 and not tops & _CONTENT_FOLDERS and all("/" in name for name in files):
        files = {name.partition("/")[2]: content for name, content in files.items()}
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
    if digest is None:
        total = hashlib.sha256()
        for name, content in sorted(members):
            total.update(f"{len(name.encode())}:{name}:{len(content)}:".encode() + content)
        digest = total.hexdigest()
    return Submission(files=files, skipped=tuple(sorted(skipped)), sha256=digest)
