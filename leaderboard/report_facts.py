"""What the store keeps of a report: its columns, and two hashes that tell results apart.

`report_sha256` is the report word for word; `outcome_sha256` leaves out what describes the run of
the grader, so that grading a submission again is seen to have found the same.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from leaderboard.points import to_millionths

# What describes a run of the grader rather than its outcome: a second run that differs only here
# has found the same result again.
CIRCUMSTANCES = frozenset({"graded_at", "seed", "device", "sandbox", "versions"})


def read_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a result. ValueError names the field that a report lacks or has wrong."""
    points: dict[str, int | None] = {}
    for field in ("score", "max_score", "pending_points"):
        points[field] = _points(report, field)
    for field in ("percent", "pass_mark"):
        points[field] = None if report.get(field) is None else _points(report, field)
    passed = report.get("passed")
    if passed is not None and not isinstance(passed, bool):
        raise ValueError(f"report: passed is {passed!r}; true, false or null")
    try:
        graded_at = datetime.fromisoformat(report["graded_at"])
    except (KeyError, TypeError, ValueError):
        raise ValueError("report: graded_at is no ISO 8601 time") from None
    if graded_at.tzinfo is None:
        raise ValueError("report: graded_at has no time zone")
    text = _canonical(report)
    return {
        **points,
        "passed": passed,
        "graded_at": graded_at.astimezone(UTC),
        "outcome_sha256": outcome_sha256(report),
        "report_sha256": _sha256(text),
        "report": text,
    }


def _points(report: Mapping[str, Any], field: str) -> int:
    try:
        return to_millionths(report[field])
    except KeyError:
        raise ValueError(f"report: {field} is missing") from None
    except ValueError as error:
        raise ValueError(f"report: {field} is {error}") from None


def _outcome(report: Mapping[str, Any]) -> dict[str, Any]:
    outcome = {name: value for name, value in report.items() if name not in CIRCUMSTANCES}
    outcome["checks"] = [
        {name: value for name, value in check.items() if name not in _varying(check)}
        for check in report.get("checks", ())
    ]
    return outcome


def _varying(check: Mapping[str, Any]) -> frozenset[str]:
    """What of a check is no outcome: what differs from run to run, and what was typed, which the submission says.

    One without points is for information: how fast the code was, say, or that it could not be measured.
    """
    varying = frozenset({"seconds", "typed"})
    return varying if check.get("max_points") else varying | {"message", "verdict"}


def outcome_sha256(report: Mapping[str, Any]) -> str:
    """The hash by which a repeated grading is seen to have found the same."""
    return _sha256(_canonical(_outcome(report)))


def _canonical(value: Mapping[str, Any]) -> str:
    # ASCII only: lone surrogates and NUL, which a student's output may hold, survive as escapes.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a report holds {type(value).__name__}, which is no JSON")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def check_owner(report: Mapping[str, Any], user: str, assignment: str) -> None:
    """ValueError when a report speaks of another user or assignment than its submission."""
    for field, expected in (("user", user), ("assignment", assignment)):
        said = report.get(field)
        if not isinstance(said, str) or unicodedata.normalize("NFC", said).strip() != expected:
            raise ValueError(f"report: {field} is {said!r}; the submission says {expected!r}")
