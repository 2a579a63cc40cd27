"""What people decided, put into a report: where the machine left a check open, or where they overruled it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from grader.report import Check, Report, Verdict, with_checks
from grader.wording import VERDICTS
from leaderboard.marks import PersonsMark
from leaderboard.report_sums import PENDING


def with_marks(report: Report, marks: Mapping[str, PersonsMark]) -> Report:
    """The report with the marks, by check id, of its open checks, and of those that were overruled."""
    checks = [
        _marked(check, marks[check.id])
        if check.id in marks and _counts(check, marks[check.id])
        else check
        for check in report.checks
    ]
    return replace(with_checks(report, checks), graded_at=_now())


def without_marks(log: Sequence[Report]) -> Report:
    """The last of a submission's reports, with every check that a person decided as the machine left it."""
    last = log[-1]
    checks = [as_machine_left(check, log) if check.by_person else check for check in last.checks]
    return with_checks(last, checks)


def as_machine_left(check: Check, log: Sequence[Report]) -> Check:
    """A check that a person decided, as the machine had left it. LookupError where no report of the log says."""
    for report in reversed(log):
        for earlier in report.checks:
            if earlier.id == check.id and not earlier.by_person:
                return earlier
    raise LookupError(f"in no report of this submission the machine looked at {check.id}")


def _counts(check: Check, mark: PersonsMark) -> bool:
    """Whether a mark decides a check: not where a corrected key gives it other points than those that were overruled."""
    if check.verdict in PENDING:
        return True
    return mark.overruled is not None and float(mark.overruled) == check.points


def _marked(check: Check, mark: PersonsMark) -> Check:
    is_open = check.verdict in PENDING
    # An open check may hold points already, of a result that a correction of the key did not lower.
    least = check.points if is_open else 0.0
    points = min(max(float(mark.points or 0), least), check.max_points)
    verdict: Verdict = (
        "right" if points >= check.max_points else "partly_right" if points > 0 else "wrong"
    )
    said = [*mark.earned, *([mark.note] if mark.note else [])]
    reasons = f": {'; '.join(said)}" if said else ""
    decided = replace(check, points=points, verdict=verdict, by_person=True)
    if is_open:
        return replace(decided, message=f"marked by a person{reasons}")
    message = f"decided by {mark.by}{reasons} (the machine: {VERDICTS[check.verdict]})"
    return replace(decided, message=message, mistake=None)


def _now() -> str:
    # To the microsecond: a mark, and what takes it back, may come within one second.
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
