"""What grading a submission came to: a verdict and a reason for each check, and the score."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from leaderboard.report_sums import Marked, sums_of
from question_bank.diagnostics import printable

Verdict = Literal[
    "right", "partly_right", "wrong", "unreadable", "not_answered", "needs_person", "undecided"
]

SCHEMA_VERSION = 1
# Layers that another one stands in for, more coarsely: named when missing, and no cause for alarm.
STOOD_IN_FOR: frozenset[str] = frozenset({"cgroup"})


@dataclass(frozen=True)
class Check:
    """The smallest thing with points.

    `message` says what was expected in kind, what was found, and at which input; `mistake` is the name of a
    recognised misconception; `topic` and `solution` (Markdown; only questions of a bank have them) tell a
    student where to go on. `by_person` says that a person decided what the machine had left open, or overruled it,
    `by_clock` that it was measured in seconds, so that it may come out otherwise another time. `typed` is what was written,
    where `read_as` says something else than that in another spelling.
    """

    id: str
    title: str
    points: float
    max_points: float
    verdict: Verdict
    message: str
    mistake: str | None = None
    seconds: float = 0.0
    read_as: str | None = None
    topic: str | None = None
    solution: str | None = None
    by_person: bool = False
    by_clock: bool = False
    typed: str | None = None


@dataclass(frozen=True)
class Report:
    """All verdicts of one submission. `passed` is None while points are pending; points and the mark are not percent."""

    schema_version: int
    user: str | None
    assignment: str
    title: str
    form: str | None
    submitted_at: str
    graded_at: str
    score: float
    max_score: float
    pending_points: float
    percent: float
    passed: bool | None
    pass_mark: float
    device: str
    seed: int
    sandbox: tuple[str, ...]
    missing_layers: tuple[str, ...]
    versions: Mapping[str, str]
    content_sha256: str
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = field(default=())
    # Whether the pass mark must be exceeded; else it is enough to reach it.
    above: bool = False


def report_from(
    checks: Sequence[Check],
    *,
    user: str | None,
    assignment: str,
    title: str,
    form: str | None,
    submitted_at: datetime,
    pass_mark: float,
    device: str,
    seed: int,
    content_sha256: str,
    versions: Mapping[str, str],
    sandbox: Sequence[str] = (),
    missing_layers: Sequence[str] = (),
    notes: Sequence[str] = (),
    above: bool = False,
) -> Report:
    """A report with its sums; `pass_mark` is in points of this assignment, to be reached, or `above` it to be."""
    blank = Report(
        schema_version=SCHEMA_VERSION,
        user=user,
        assignment=assignment,
        title=title,
        form=form,
        submitted_at=_instant(submitted_at),
        graded_at=_instant(datetime.now(UTC)),
        score=0.0,
        max_score=0.0,
        pending_points=0.0,
        percent=0.0,
        passed=None,
        pass_mark=pass_mark,
        device=device,
        seed=seed,
        sandbox=tuple(sandbox),
        missing_layers=tuple(missing_layers),
        versions=dict(versions),
        content_sha256=content_sha256,
        checks=(),
        notes=tuple(notes),
        above=above,
    )
    return with_checks(blank, checks)


def lacking(report: Report) -> list[str]:
    """The missing layers that nothing stands in for: code could do more than it should."""
    return [layer for layer in report.missing_layers if layer not in STOOD_IN_FOR]


def with_checks(report: Report, checks: Sequence[Check]) -> Report:
    """The report with these checks in place of its own, and its sums anew."""
    marked = (Marked(check.points, check.max_points, check.verdict) for check in checks)
    sums = sums_of(marked, report.pass_mark, above=report.above)
    return replace(report, **asdict(sums), checks=tuple(checks))


def to_json(report: Report) -> str:
    """report.json. Characters that could steer a terminal are in it as escapes."""
    return printable(json.dumps(asdict(report), ensure_ascii=False, indent=1)) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data: what report.json holds."""
    data: dict[str, Any] = json.loads(to_json(report))
    return data


def report_of(data: Any) -> Report:
    """The report that parsed JSON holds. ValueError when it holds none."""
    from pydantic import TypeAdapter

    return TypeAdapter(Report).validate_python(data)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
