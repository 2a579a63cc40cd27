"""Grading with --record: the submission is kept before it is graded, and its result exactly once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from grader.files import submission_bytes
from grader.grade import Settings, grade_accepted
from grader.intake import Task, accept
from grader.report import Report, as_data
from leaderboard.store import open_store, record_result, record_submission
from question_bank.diagnostics import InputError

# Kept under this name: a submission that was refused before its assignment could be inferred.
UNASSIGNED = "unassigned"


def grade_recorded(
    path: Path,
    task: Task,
    settings: Settings,
    *,
    user: str,
    received_at: datetime,
    tell: Callable[[str], None],
) -> Report:
    """Keep the bytes, grade, keep the result.

    The bytes of a submission that is refused are kept all the same (InputError is raised after that, and
    `tell` says it). Nothing is kept where there is nothing to read.
    """
    content = submission_bytes(path)
    store = open_store()

    def kept_for(assignment: str) -> int:
        return record_submission(
            store,
            user=user,
            assignment=assignment,
            filename=path.name,
            content=content,
            received_at=received_at,
        )

    try:
        number = None if task.assignment is None else kept_for(task.assignment)
        try:
            accepted = accept(path, task, user)
            if number is None:
                number = kept_for(accepted.assignment)
            report = grade_accepted(accepted, settings, user=user, submitted_at=received_at)
        except InputError:
            if number is None:
                number = kept_for(UNASSIGNED)
            tell(f"refused; its bytes are kept as submission {number}")
            raise
        record_result(store, number, as_data(report))
    finally:
        store.close()
    return report
