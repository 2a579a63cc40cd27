"""The audit trail of an assignment: who marked or regraded what, and when. Nothing in it is ever changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from grader.report import Check, report_of
from grader.wording import points
from leaderboard.marks import PersonsMark, mark_log, opinion_log, regradings_of
from leaderboard.store import Store, content, dated_reports, graded_submissions
from question_bank.diagnostics import InputError, printable
from question_bank.key import loads
from question_bank.wording import counted

Did = Literal[
    "marked",
    "changed",
    "took back",
    "overruled",
    "settled",
    "marked a second time",
    "took back a second mark of",
]


@dataclass(frozen=True)
class Marked:
    """A mark that a person gave, changed or took back (no points), by which the machine was overruled, or two persons'
    difference settled; or what a second person gave, which counts for nothing.

    `before` holds the points until then.
    """

    at: datetime
    by: str
    did: Did
    user: str
    submission: int
    check: str
    title: str
    points: float | None
    max_points: float
    before: float | None
    earned: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Regraded:
    """A whole assignment graded again; `keys` are form and SHA-256, `changed` counts the new results."""

    at: datetime
    by: str
    policy: str
    keys: tuple[tuple[str, str], ...]
    changed: int
    did: Literal["regraded"] = "regraded"


Entry = Marked | Regraded


def log_of(store: Store, assignment: str) -> list[Entry]:
    """All that people did in an assignment, the oldest first."""
    entries: list[Entry] = [
        *_marks(store, assignment, mark_log(store, assignment), second=False),
        *_marks(store, assignment, opinion_log(store, assignment), second=True),
        *_regradings(store, assignment),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _marks(
    store: Store, assignment: str, given: Sequence[PersonsMark], *, second: bool
) -> Iterator[Marked]:
    users = {graded.number: graded.user for graded in graded_submissions(store, assignment)}
    stood_at: dict[int, list[tuple[datetime, dict[str, Check]]]] = {}
    before: dict[tuple[int, str, str], PersonsMark] = {}
    for mark in given:
        if mark.submission not in stood_at:
            stood_at[mark.submission] = _reports(store, mark.submission)
        check = _check_then(stood_at[mark.submission], mark)
        # What a second person gives takes the place of what they gave themselves.
        place = mark.submission, mark.check, mark.by if second else ""
        earlier = before.get(place)
        stood = None if earlier is None or earlier.points is None else float(earlier.points)
        did = _did(mark, stood, second=second)
        if did == "overruled":
            stood = float(mark.overruled or 0)
        before[place] = mark
        yield Marked(
            at=mark.at,
            by=mark.by,
            did=did,
            user=users.get(mark.submission, ""),
            submission=mark.submission,
            check=mark.check,
            title="" if check is None else check.title,
            points=None if mark.points is None else float(mark.points),
            max_points=0.0 if check is None else check.max_points,
            before=stood,
            earned=mark.earned,
            note=mark.note,
        )


def _reports(store: Store, submission: int) -> list[tuple[datetime, dict[str, Check]]]:
    """The checks of each report, and since when it stood."""
    return [
        (at, {check.id: check for check in report_of(data).checks})
        for at, data in dated_reports(store, submission)
    ]


def _check_then(found: list[tuple[datetime, dict[str, Check]]], mark: PersonsMark) -> Check | None:
    """What was marked, as it was then: a key that is corrected later may give it other points."""
    of_it = [(at, checks[mark.check]) for at, checks in found if mark.check in checks]
    until = [check for at, check in of_it if at <= mark.at]
    return until[-1] if until else of_it[0][1] if of_it else None


def _did(mark: PersonsMark, stood: float | None, *, second: bool) -> Did:
    if second:
        return "took back a second mark of" if mark.points is None else "marked a second time"
    if mark.points is None:
        return "took back"
    if mark.settles:
        return "settled"
    if stood is None:
        return "marked" if mark.overruled is None else "overruled"
    return "changed"


def _regradings(store: Store, assignment: str) -> Iterator[Regraded]:
    for done in regradings_of(store, assignment):
        keys = tuple((_form(store, name), name) for name in done.keys)
        yield Regraded(done.at, done.by, done.policy, keys, done.changed)


def _form(store: Store, sha256: str) -> str:
    try:
        return loads(content(store, sha256).decode(), f"the key {sha256[:12]}").form
    except (LookupError, InputError):
        return ""


def lines_of(log: Sequence[Entry]) -> list[str]:
    """A line for each entry, for people."""
    return [printable(_line(entry)) for entry in log]


def _line(entry: Entry) -> str:
    moment = f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC  {entry.by}  "
    if isinstance(entry, Regraded):
        keys = ", ".join(f"form {form or '?'} {name[:12]}" for form, name in entry.keys)
        by_key = f" with the keys {keys}" if keys else ""
        return f"{moment}regraded ({entry.policy}){by_key}: {counted(entry.changed, 'new result')}"
    of = f" of {points(entry.max_points)}" if entry.max_points else ""
    if entry.points is None:
        what = "" if entry.before is None else f": {points(entry.before)}{of} no longer stand"
    elif entry.before is None:
        what = f": {points(entry.points)}{of}"
    else:
        what = f": {points(entry.before)} → {points(entry.points)}{of}"
    said = [*entry.earned, *([f"note: {entry.note}"] if entry.note else [])]
    reasons = f" ({'; '.join(said)})" if said else ""
    title = f" ({entry.title})" if entry.title else ""
    return f"{moment}{entry.did} {entry.user} {entry.check}{title}{what}{reasons}"


def data_of(assignment: str, log: Sequence[Entry]) -> dict[str, Any]:
    """The log as plain data, for machines."""
    return {"schema_version": 1, "assignment": assignment, "log": [_data(entry) for entry in log]}


def _data(entry: Entry) -> dict[str, Any]:
    data = asdict(entry) | {"at": entry.at.astimezone(UTC).isoformat()}
    if isinstance(entry, Regraded):
        data["keys"] = [{"form": form, "sha256": name} for form, name in entry.keys]
    return data
