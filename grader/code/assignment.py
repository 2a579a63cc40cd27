"""Assignments as data: what is tested, for how many points, within which limits."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.archive import Submission
from grader.code.sandbox.kinds import WorkerKind
from question_bank.diagnostics import Diagnostic, InputError
from question_bank.schema_errors import validated
from question_bank.strict_yaml import load_leniently, read_text

FOLDER = Path(__file__).resolve().parent.parent / "assignments"
_CHECK_ID = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckSpec(_Data):
    """One check: the id of the judge's test, its title and points, and what it tests in words.

    A check of 0 points is told and never counted. `partial` gives a recognised mistake, by its
    name, a share of the points.
    """

    id: Annotated[str, Field(pattern=_CHECK_ID)]
    title: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(ge=0)]
    tests: Annotated[str, Field(min_length=1)]
    partial: dict[str, Annotated[float, Field(gt=0, lt=1)]] = {}


class LimitSpec(_Data):
    """Bounds on one request (seconds by the clock, of CPU) and on one worker (the others).

    `total_wall_s` bounds the seconds that a submission's code takes by the clock, in all its workers.
    """

    wall_s: Annotated[float, Field(gt=0)] = 30
    total_wall_s: Annotated[float, Field(gt=0)] = 300
    cpu_s: Annotated[float, Field(gt=0)] = 10
    total_cpu_s: Annotated[int, Field(gt=0)] = 120
    memory_mb: Annotated[int, Field(ge=64)] = 1024
    output_kb: Annotated[int, Field(ge=1)] = 1024


class CodeAssignment(_Data):
    """An exercise: what a submission to it is tested for. `pass_mark` is in percent.

    Nothing in `recognised_by`: it is never inferred, and must be named. `scored_by: metric`: a check
    of a trained model is worth what was measured, up to its points, and to pass is to be above the
    model's mark.

    `version` is the SHA-256 of the file that it was read from ("" where it was made in memory):
    the same submission under the same version and seed has the same verdicts.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Annotated[str, Field(min_length=1)]
    pass_mark: Annotated[float, Field(ge=0, le=100)]
    recognised_by: tuple[str, ...]
    files: Annotated[dict[str, WorkerKind], Field(min_length=1)]
    limits: LimitSpec = LimitSpec()
    checks: Annotated[tuple[CheckSpec, ...], Field(min_length=1)]
    scored_by: Literal["points", "metric"] = "points"
    version: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""

    @model_validator(mode="after")
    def _ids_differ(self) -> CodeAssignment:
        ids = [check.id for check in self.checks]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"check {twice[0]} is listed twice")
        if not any(check.points for check in self.checks):
            raise ValueError("no check has points")
        return self


def list_assignments() -> list[str]:
    """Names of the assignments that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_assignment(name: str) -> CodeAssignment:
    """The assignment of that name; InputError when there is none, or its file is wrong."""
    if name not in list_assignments():
        raise InputError(
            Diagnostic(
                code="unknown-assignment",
                message=f"there is no assignment {name!r}",
                hint=f"the assignments are: {', '.join(list_assignments())}",
            )
        )
    return _parsed(name, read_text(FOLDER / f"{name}.yaml"))


@lru_cache(maxsize=64)
def _parsed(name: str, text: str) -> CodeAssignment:
    located = load_leniently(text, f"{name}.yaml")
    assignment = validated(CodeAssignment, located)
    if assignment.id != name:
        raise InputError(
            Diagnostic(
                code="bad-assignment",
                message=f"the id {assignment.id!r} is not the file's name",
                where=located.where(("id",)),
            )
        )
    return assignment.model_copy(update={"version": hashlib.sha256(text.encode()).hexdigest()})


def belongs(submission: Submission, assignment: CodeAssignment) -> bool:
    """Whether one of the assignment's files is there, however little of it is done."""
    return any(
        name == file or (file.endswith("/") and name.startswith(file))
        for file in assignment.files
        for name in submission.files
    )


def is_marked_as(submission: Submission, assignment: CodeAssignment) -> bool:
    """Whether something is there that tells this assignment from the others."""
    return any(_holds(submission, mark) for mark in assignment.recognised_by)


def infer_assignment(submission: Submission) -> str | None:
    """The one assignment that the submission's files belong to; None where that is in doubt."""
    fitting = [
        name for name in list_assignments() if is_marked_as(submission, load_assignment(name))
    ]
    return fitting[0] if len(fitting) == 1 else None


def _holds(submission: Submission, mark: str) -> bool:
    """Whether a file is there and, after a colon, defines a name at its top level."""
    file, _, name = mark.partition(":")
    content = submission.files.get(file)
    if content is None or not name:
        return content is not None
    definition = re.compile(rb"^(?:def|class)\s+" + re.escape(name.encode()) + rb"\b", re.MULTILINE)
    return definition.search(content) is not None
