"""A submission as pages and JSON show it: the receipt, where it stands, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.hand_in.desk import HandInDesk
from grader.report import report_of
from grader.wording import summary
from leaderboard.queued import Standing
from leaderboard.times import printed_exactly, to_microseconds
from leaderboard.untrusted import visible
from question_bank.wording import counted

FACTS = ("score", "max_score", "percent", "passed", "pending_points")


@dataclass(frozen=True)
class Shown:
    """A submission, as text ready for a template. `open`: it will change by itself. `graded`: there is a report."""

    number: int
    title: str
    filename: str
    sha256: str
    size: str
    received: str
    timing: str
    state: str
    told: tuple[str, ...]
    open: bool
    graded: bool


def shown(desk: HandInDesk, found: Standing) -> Shown:
    """A submission for its user."""
    one = found.receipt
    report = desk.report(found) if found.state == "done" else None
    state = {
        "waiting": "waits to be graded, as the next one"
        if not found.ahead
        else f"waits to be graded; {counted(found.ahead, 'submission')} before it",
        "claimed": "is being graded",
        "done": "graded",
        "refused": "cannot be graded; its bytes are kept",
        "given_up": "could not be graded, which is our own fault; it is tried again",
    }[found.state]
    if report is not None:
        state = visible(summary(report_of(report)))
    return Shown(
        number=one.number,
        title=visible(desk.title(one.assignment)),
        filename=visible(one.filename),
        sha256=one.sha256,
        size=f"{one.size:,} bytes",
        received=f"{printed_exactly(to_microseconds(one.received_at))} UTC",
        timing=desk.timing(one.assignment, one.received_at).words,
        state=state,
        told=tuple(visible(line) for line in found.told) if found.state == "refused" else (),
        open=found.state in ("waiting", "claimed", "given_up"),
        graded=report is not None,
    )


def as_json(desk: HandInDesk, found: Standing, *, again: bool = False) -> dict[str, Any]:
    """The receipt of a submission, and where it stands, for programs."""
    one = found.receipt
    when = desk.timing(one.assignment, one.received_at)
    data: dict[str, Any] = {
        "schema_version": 1,
        "number": one.number,
        "user": one.user,
        "assignment": one.assignment,
        "filename": one.filename,
        "sha256": one.sha256,
        "size": one.size,
        "received_at": one.received_at.isoformat(),
        "again": again,
        "timing": {"window": when.window, "words": when.words},
        "state": found.state,
        "ahead": found.ahead,
        "told": list(found.told),
        "result": None,
    }
    report = desk.report(found) if found.state == "done" else None
    if report is not None:
        data["result"] = {name: report.get(name) for name in FACTS}
    return data
