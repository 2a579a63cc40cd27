"""What an earlier run left: a report that stands, so that its submission need not be graded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.archive import read_submission
from grader.batch_desk import Order
from grader.batch_members import Member
from grader.grade import Settings
from grader.intake import Task
from grader.keys import key_sha256, read_json
from grader.report import SCHEMA_VERSION, Report, report_of
from question_bank.diagnostics import InputError

HIDDEN = "hidden_"  # the versions of hidden sets are named so


def kept_report(
    member: Member, order: Order, recorded: Callable[[Member, str], Sequence[Report]]
) -> Report | None:
    """The report in the order's folder, where it is of this submission under this order.

    The same bytes and user, the same version of the assignment or key and of the hidden sets, the same seed if one is
    given, no check that our own fault left undecided, all its files there; and on record
    (`recorded` has its results, the oldest first) where the order is to record. What is on record may say otherwise than
    this key: a corrected one took its place there.
    """
    files = order.outputs.files_of(member.stem)
    if order.outputs.folder is None or not all(path.is_file() for path in files):
        return None
    try:
        report = report_of(read_json(files[0]))
        return report if _stands(report, member, order, recorded) else None
    except (InputError, TypeError, ValueError, KeyError):
        return None  # grading it again says what is wrong, if anything is


def _stands(
    report: Report,
    member: Member,
    order: Order,
    recorded: Callable[[Member, str], Sequence[Report]],
) -> bool:
    if not (
        report.schema_version == SCHEMA_VERSION
        and report.user == member.user
        and _as_set(report, order.settings)
        and not any(check.verdict == "undecided" for check in report.checks)
        and report.content_sha256 == _sha256(member.path)
    ):
        return False
    log = recorded(member, report.assignment) if order.record else ()
    if order.record and not log:
        return False
    if _same_assignment(report, order.task, order.settings):
        return True
    regraded = bool(log) and "policy" in report.versions and report.versions == log[-1].versions
    return regraded and any(_same_assignment(each, order.task, order.settings) for each in log)


def _as_set(report: Report, settings: Settings) -> bool:
    return (settings.seed is None or report.seed == settings.seed) and (
        settings.solutions or not any(check.solution for check in report.checks)
    )


def _same_assignment(report: Report, task: Task, settings: Settings) -> bool:
    if task.keys:
        stood = (report.assignment, report.form, report.versions.get("key"))
        return any((key.assignment, key.form, key_sha256(key)) == stood for key in task.keys)
    from grader.code import list_assignments, load_assignment

    name = report.assignment
    if task.exercise not in (None, name) or name not in list_assignments():
        return False
    if load_assignment(name).version != report.versions.get("assignment"):
        return False
    return all(
        version == _hidden_version(what.removeprefix(HIDDEN), settings)
        for what, version in report.versions.items()
        if what.startswith(HIDDEN)
    )


def _hidden_version(task: str, settings: Settings) -> str | None:
    """Origin and fingerprint of the hidden set that a trained model would be tested on now."""
    from grader.code.hidden.sets import TASKS, HiddenSets

    for known in TASKS:
        if known == task:
            found = HiddenSets(settings.data).get(known)
            return f"{'generated' if found.generated else 'given'} {found.fingerprint}"
    return None


def _sha256(path: Path) -> str | None:
    """The hash that a report has of its submission; None when it cannot be read."""
    try:
        if path.is_dir():
            return read_submission(path).sha256
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, InputError):
        return None
