"""Taking in a submission: what it is graded against, and whose it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.answer_sheet import FILE_NAMES
from grader.archive import Submission, read_submission
from grader.wording import shortened
from grader.wrapping import places
from question_bank.diagnostics import Where, bad_input
from question_bank.strict_yaml import Located, decode, load_raw

if TYPE_CHECKING:
    # Its schema is large, and nobody needs it who hands in code.
    from question_bank.key import FormKey

HINTS = "submission.yaml"
LONGEST_USER = 200  # characters
MOST_NAMED = 7  # files in one message


@dataclass(frozen=True)
class Task:
    """What submissions are graded against: the keys of an exam's forms, or an exercise, or (neither) to be inferred."""

    keys: tuple[FormKey, ...] = ()
    exercise: str | None = None

    @property
    def assignment(self) -> str | None:
        """The assignment's name; None where it is to be inferred."""
        return self.keys[0].assignment if self.keys else self.exercise


@dataclass(frozen=True)
class Accepted:
    """A submission that can be graded; `task.assignment` is known."""

    submission: Submission
    task: Task
    assignment: str
    file: str


def accept(path: Path, task: Task, user: str | None) -> Accepted:
    """Read a zip or a folder, and find out what it is. Raises InputError when it is refused.

    `user` is who handed it in; submission.yaml only gives hints, and may not contradict.
    """
    submission = read_submission(path)
    claims = _Claims.of(submission, str(path))
    claims.check("user", user, "hand in under your own name, or correct submission.yaml")
    exercise = task.exercise
    if not task.keys and exercise is None:
        exercise = _inferred(submission, claims, str(path))
    known = Task(task.keys, exercise)
    name = known.assignment
    assert name is not None  # noqa: S101 - there is a key, or an exercise was inferred
    claims.check("assignment", name, "grade it against what it was made for")
    if known.exercise is not None and not known.keys:
        _refuse_other_kinds(submission, known.exercise, str(path))
    return Accepted(submission, known, name, str(path))


def normal_name(name: str) -> str:
    """A user's name in one Unicode form without blanks around it, so that equal is equal."""
    return unicodedata.normalize("NFC", name).strip()


@dataclass(frozen=True)
class _Claims:
    """What submission.yaml says."""

    located: Located | None

    @classmethod
    def of(cls, submission: Submission, file: str) -> _Claims:
        content = submission.files.get(HINTS)
        if content is None:
            return cls(None)
        name = f"{file}/{HINTS}"
        return cls(load_raw(decode(content, name), name))

    def get(self, field: str) -> str | None:
        data = self.located.data if self.located else None
        claimed = data.get(field) if isinstance(data, dict) else None
        return normal_name(claimed) or None if isinstance(claimed, str) else None

    def check(self, field: str, known: str | None, cure: str) -> None:
        claimed = self.get(field)
        if self.located is None or known is None or claimed in (None, normal_name(known)):
            return
        raise bad_input(
            f"other-{field}",
            f'{HINTS} says {field}: "{claimed}", but this was handed in as "{known}"',
            where=self.located.where((field,)),
            hint=cure,
        )


def _refuse_other_kinds(submission: Submission, exercise: str, file: str) -> None:
    """A hand-in for something else is no hand-in with 0 points. Raises InputError."""
    from grader.code.assignment import (
        belongs,
        infer_assignment,
        is_marked_as,
        load_assignment,
    )

    assignment = load_assignment(exercise)
    other = infer_assignment(submission)
    if not belongs(submission, assignment):
        found = f"holds none of the files of {exercise}, only {_named(submission.files)}"
    elif other not in (None, exercise) and assignment.recognised_by:
        if is_marked_as(submission, assignment):
            return
        found = f"holds the files of {other}, not those of {exercise}: {_named(submission.files)}"
    else:
        return
    if twice := _several(submission):
        cure = twice
    elif any(name in submission.files for name in FILE_NAMES):
        cure = "answers are graded with --exam exam.json or --key key.json"
    elif other is not None:
        cure = f"or grade it with --assignment {other}"
    else:
        cure = "the folders belong into the zip too"
    raise bad_input(
        "other-hand-in",
        found,
        where=Where(file),
        hint=f"expected {_named(assignment.files)}; {cure}",
    )


def _several(submission: Submission) -> str:
    """What to do where the work lies in several folders, and which one counts is open; else ""."""
    found = places(submission.files)
    if len(found) < 2:
        return ""
    named = " and in ".join(shortened(folder) for folder in found[:MOST_NAMED])
    return f"exercise_code/ lies in {named}: hand in the one that counts"


def _named(files: Collection[str]) -> str:
    shown = ", ".join(shortened(name) for name in sorted(files)[:MOST_NAMED])
    rest = len(files) - MOST_NAMED
    return shown + (f" and {rest} more" if rest > 0 else "")


def _inferred(submission: Submission, claims: _Claims, file: str) -> str:
    from grader.code import infer_assignment, list_assignments

    name = infer_assignment(submission)
    if name is not None:
        return name
    claimed = claims.get("assignment")
    if claimed in list_assignments():
        return str(claimed)
    if any(name in submission.files for name in FILE_NAMES):
        raise bad_input(
            "no-key",
            "holds answers.yaml, but no key was given",
            where=Where(file),
            hint="name the form's key with --key key.json, or the exam with --exam exam.json",
        )
    raise bad_input(
        "unknown-submission",
        "holds neither answers.yaml nor files of a known exercise",
        where=Where(file),
        hint=_several(submission)
        or "name the assignment with --assignment (`grade --list` shows them)",
    )
