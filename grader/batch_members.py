"""Which submissions a batch holds: what lies in a folder, what each is called, and who handed it in.

A folder is one submission when it holds answers.yaml, submission.yaml, exercise_code/ or models/ (in
it, or in the only folder in it), or when there is neither an archive nor a folder in it. Any other
folder holds submissions: each archive in it is one, and each folder in it is a submission or holds
submissions again (one folder a student, one a group), up to `DEEPEST` levels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.answer_sheet import FILE_NAMES
from grader.intake import HINTS, LONGEST_USER, normal_name
from question_bank.diagnostics import Where, bad_input, printable

DEEPEST = 3  # folders within folders
LONGEST_STEM = 200  # bytes; file systems take 255 for a name
SUMMARY_STEM = "summary"  # -o DIR holds summary.json and summary.csv
_MARKS = frozenset({*FILE_NAMES, HINTS, "exercise_code", "models"})
# Archives of other kinds are submissions too: they are refused by name instead of passed over.
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"})
_LEFT_AROUND = frozenset({"__MACOSX", "__pycache__"})


@dataclass(frozen=True)
class Member:
    """One submission: where it lies, its name for people, the name of its report's files, and whose it is.

    Out of the queue it has the time of its intake, its assignment, and a folder for its report.
    """

    path: Path
    name: str
    stem: str
    user: str | None = None
    received_at: datetime | None = None
    assignment: str | None = None
    folder: str = ""


@dataclass(frozen=True)
class Found:
    """The submissions, in order; `is_batch` is false for a single one that was named itself.

    `passed_over` are files beside the submissions that are none.
    """

    members: tuple[Member, ...]
    is_batch: bool
    passed_over: tuple[str, ...] = ()


def find_members(
    paths: Sequence[Path], *, output: Path | None = None, user_from: re.Pattern[str] | None = None
) -> Found:
    """The submissions at these paths, each once; `output` is no submission, wherever it lies.

    `user_from` finds the user in a submission's name (its path below the folder that was given,
    without .zip): the group `user`, or all that it matches. Raises InputError for a folder without
    submissions.
    """
    skip = None if output is None else output.resolve()
    places: dict[Path, tuple[Path, str]] = {}
    passed_over: list[str] = []
    several = len(paths) > 1
    for path in paths:
        if not _holds_submissions(path):
            places.setdefault(path.resolve(), (path, path.resolve().name))
            continue
        several = True
        before = len(places)
        for each in _below(path, skip, passed_over, DEEPEST):
            places.setdefault(each.resolve(), (each, each.relative_to(path).as_posix()))
        if len(places) == before:
            raise bad_input(
                "no-submission", "holds no submissions", where=Where(str(path)),
                hint="a submission is a zip file, or a folder with answers.yaml or exercise_code/",
            )  # fmt: skip
    named = list(places.values())
    stems = _stems(named)
    members = tuple(
        Member(path, printable(name), stem, user_in(name, user_from))
        for (path, name), stem in zip(named, stems, strict=True)
    )
    return Found(members, several, tuple(map(printable, passed_over)))


def _holds_submissions(path: Path) -> bool:
    """Whether a path is a folder of submissions, rather than a submission."""
    try:
        if not path.is_dir():
            return False
        entries = _entries(path)
        if _marked(entries):
            return False
        folders = [entry for entry in entries if entry.is_dir()]
        archives = [entry for entry in entries if is_archive(entry)]
        if len(folders) == len(entries) == 1 and _marked(_entries(folders[0])):
            return False
    except OSError:
        return False  # reading it as a submission says why
    return bool(folders or archives)


def _below(folder: Path, skip: Path | None, passed_over: list[str], levels: int) -> Iterator[Path]:
    for entry in _entries(folder):
        if entry.resolve() == skip:
            continue
        if is_archive(entry):
            yield entry
        elif not entry.is_dir():
            passed_over.append(str(entry))
        elif levels > 1 and _holds_submissions(entry):
            yield from _below(entry, skip, passed_over, levels - 1)
        else:
            yield entry


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, without what systems leave around, in an order that does not depend on the machine."""
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name not in _LEFT_AROUND
    )


def _marked(entries: Sequence[Path]) -> bool:
    return any(entry.name.casefold() in _MARKS for entry in entries)


def is_archive(path: Path) -> bool:
    """Whether a path is an archive by its name, of whatever kind."""
    return path.suffix.lower() in _ARCHIVES and not path.is_dir()


def user_in(name: str, pattern: re.Pattern[str] | None) -> str | None:
    """The user that a pattern finds in a name; None where it finds none, or nothing that can be a user."""
    if pattern is None:
        return None
    # In one form, as the users of a roster are: some systems write an accent as a sign of its own.
    found = pattern.search(unicodedata.normalize("NFC", _bare(name)))
    text = "" if found is None else found["user" if "user" in pattern.groupindex else 0]
    user = normal_name(text or "")
    return user if user and len(user) <= LONGEST_USER and printable(user) == user else None


def _bare(name: str) -> str:
    return name[:-4] if name.lower().endswith(".zip") else name


def _stems(named: Sequence[tuple[Path, str]]) -> list[str]:
    """A file name for each submission's report; names that would be the same get their folder's, or a number."""
    plain = [file_stem(name) for _, name in named]
    counted: dict[str, int] = {}
    for stem in plain:
        counted[stem.casefold()] = counted.get(stem.casefold(), 0) + 1
    taken, stems = {SUMMARY_STEM}, []
    for (path, name), stem in zip(named, plain, strict=True):
        alike = counted[stem.casefold()] > 1 and "/" not in name
        base = unique = file_stem(f"{path.resolve().parent.name}/{name}") if alike else stem
        number = 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{base}-{number}"
        taken.add(unique.casefold())
        stems.append(unique)
    return stems


def file_stem(name: str) -> str:
    """A name as a file name: its folders joined by dashes, in one Unicode form, of bounded length."""
    text = unicodedata.normalize("NFC", _bare(name)).replace("/", "-")
    safe = re.sub(r"[^\w.-]", "_", text).lstrip(".")
    return safe.encode()[:LONGEST_STEM].decode(errors="ignore") or "report"
