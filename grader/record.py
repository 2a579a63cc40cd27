"""Grading with --record: the submission is kept before it is graded, and its result exactly once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.batch_members import Member
from grader.files import submission_bytes
from grader.grade import Settings, grade_accepted
from grader.intake import Task, accept
from grader.persons_marks import with_marks
from grader.report import Report, as_data, report_of
from leaderboard.marks import standing_marks
from leaderboard.store import (
    UNASSIGNED,
    keep_content,
    known_submission,
    open_store,
    record_result,
    record_submission,
    reports,
)
from question_bank.diagnostics import InputError
from question_bank.key import dumps

if TYPE_CHECKING:
    from grader.code.judge import Workshop


def grade_recorded(
    path: Path,
    task: Task,
    settings: Settings,
    *,
    user: str,
    received_at: datetime,
    tell: Callable[[str], None],
    resume: bool = False,
    workshop: Callable[[], Workshop] | None = None,
) -> Report:
    """Keep the bytes, grade, keep the result.

    The bytes of a submission that is refused are kept all the same (InputError is raised after that, and
    `tell` says it). Nothing is kept where there is nothing to read. With `resume` the same bytes of the
    same user are the same submission: an earlier run that was stopped is taken up, not repeated.
    """
    content = submission_bytes(path)
    store = open_store()

    def kept_for(assignment: str) -> tuple[int, datetime]:
        if resume:
            digest = hashlib.sha256(content).hexdigest()
            known = known_submission(store, user=user, assignment=assignment, content_sha256=digest)
            if known is not None:
                return known.number, known.received_at
        number = record_submission(
            store,
            user=user,
            assignment=assignment,
            filename=path.name,
            content=content,
            received_at=received_at,
        )
        return number, received_at

    try:
        kept = None if task.assignment is None else kept_for(task.assignment)
        try:
            accepted = accept(path, task, user)
            kept = kept or kept_for(accepted.assignment)
            number, since = kept
            report = grade_accepted(
                accepted, settings, user=user, submitted_at=since, workshop=workshop
            )
        except InputError:
            number, _ = kept or kept_for(UNASSIGNED)
            tell(f"refused; its bytes are kept as submission {number}")
            raise
        for key in accepted.task.keys:
            if key.form == report.form:
                # What a later review or regrading goes by.
                keep_content(store, dumps(key).encode())
        # Graded once more, a submission keeps what people gave it.
        marks = standing_marks(store, report.assignment)
        own = {check: mark for (of, check), mark in marks.items() if of == number}
        report = with_marks(report, own) if own else report
        log = [report_of(data) for data in reports(store, number)] if resume else []
        if log and _is_corrected(report, log):
            return log[-1]
        record_result(store, number, as_data(report))
    finally:
        store.close()
    return report


def _is_corrected(report: Report, log: Sequence[Report]) -> bool:
    """Whether a regrading took the place of what this key gives: marked by the same key once more, it stays so."""
    last, key = log[-1].versions, report.versions.get("key")
    return (
        key is not None
        and "policy" in last
        and last.get("key") != key
        and any(each.versions.get("key") == key for each in log)
    )


@contextmanager
def on_record(*, must_exist: bool = False) -> Iterator[Callable[[Member, str], tuple[Report, ...]]]:
    """A question to the store: which results does this submission have for this assignment, the oldest first?"""
    store = open_store(must_exist=must_exist)

    def log_of(member: Member, assignment: str) -> tuple[Report, ...]:
        if member.user is None:
            return ()
        digest = hashlib.sha256(submission_bytes(member.path)).hexdigest()
        known = known_submission(
            store, user=member.user, assignment=assignment, content_sha256=digest
        )
        if known is None or not known.has_result:
            return ()
        return tuple(report_of(data) for data in reports(store, known.number))

    try:
        yield log_of
    finally:
        store.close()
