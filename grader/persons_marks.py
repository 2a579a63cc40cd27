"""What people decided, put into a report: only where the machine left a check open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from grader.report import PENDING, Check, Report, Verdict, with_checks
from leaderboard.marks import PersonsMark


def with_marks(report: Report, marks: Mapping[str, PersonsMark]) -> Report:
    """The report with the marks of its open checks, by check id."""
    checks = [
        _marked(check, marks[check.id]) if check.verdict in PENDING and check.id in marks else check
        for check in report.checks
    ]
    return replace(with_checks(report, checks), graded_at=_now())


def without_marks(log: Sequence[Report]) -> Report:
    """The last of a submission's reports, with every check that a person decided open again."""
    last = log[-1]
    checks = [as_left_open(check, log) if check.by_person else check for check in last.checks]
    return with_checks(last, checks)


def as_left_open(check: Check, log: Sequence[Report]) -> Check:
    """A check that a person decided, as the machine had left it. LookupError where no report of the log left it open."""
    for report in reversed(log):
        for earlier in report.checks:
            if earlier.id == check.id and earlier.verdict in PENDING:
                return earlier
    raise LookupError(f"no report of this submission left {check.id} open")


def _marked(check: Check, mark: PersonsMark) -> Check:
    # An open check may hold points already, of a result that a correction of the key did not lower.
    points = min(max(float(mark.points or 0), check.points), check.max_points)
    verdict: Verdict = (
        "right" if points >= check.max_points else "partly_right" if points > 0 else "wrong"
    )
    said = [*mark.earned, *([mark.note] if mark.note else [])]
    message = "marked by a person" + (f": {'; '.join(said)}" if said else "")
    return replace(check, points=points, verdict=verdict, message=message, by_person=True)


def _now() -> str:
    # To the microsecond: a mark, and what takes it back, may come within one second.
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
