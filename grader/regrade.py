"""Regrading: the points of every submission as a corrected key gives them, and who moves by how much.

Points are a pure function of the answers, the key and the policy: the answers come from the store,
the marks that people gave stay, and nothing is recorded before it was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader.grade import Settings, grade_accepted
from grader.intake import Task, accept
from grader.kept_files import kept_file
from grader.keys import key_sha256
from grader.persons_marks import with_marks
from grader.report import Check, Report, as_data, report_of, with_checks
from leaderboard.decisions import not_withdrawn
from leaderboard.marks import PersonsMark, Regrading, record_regrading, standing_marks
from leaderboard.report_sums import PENDING
from leaderboard.store import (
    Graded,
    Store,
    graded_submissions,
    keep_content,
    reports,
)
from question_bank.diagnostics import Diagnostic, InputError
from question_bank.key import dumps

if TYPE_CHECKING:
    from grader.code.judge import Workshop

Policy = Literal["the corrected key alone", "no answer loses points"]
# What a report says of a regrading that moved it, and a check of points that a correction left it.
AGAIN = "graded again with a corrected key: "
STANDS = "(stands: the correction of the key takes no points away)"


@dataclass(frozen=True)
class Change:
    """A check whose points moved, or that is open no longer; `opens` where it was decided, and waits now."""

    check: str
    before: float
    after: float
    opens: bool = False

    def __str__(self) -> str:
        waits = " and open" if self.opens else ""
        return f"{self.check} {self.before:g} → {self.after:g} points{waits}"


@dataclass(frozen=True)
class Regraded:
    """A submission under the key it was graded with, and under the corrected one.

    `after` is None where it stays as it is: `form` has no corrected key, or `refused` says why.
    What is `withdrawn` counts for nothing now, and is graded again for the case that it is restored.
    """

    submission: Graded
    before: Report
    after: Report | None
    refused: tuple[Diagnostic, ...] = ()
    withdrawn: bool = False

    @property
    def difference(self) -> float:
        """The points that it gains, negative where it loses."""
        return 0.0 if self.after is None else round(self.after.score - self.before.score, 4)

    def changes(self) -> list[Change]:
        """The checks that move."""
        if self.after is None:
            return []
        old = {check.id: check for check in self.before.checks}
        found = []
        for check in self.after.checks:
            earlier, is_open = old.get(check.id), check.verdict in PENDING
            was_open = earlier is not None and earlier.verdict in PENDING
            points = 0.0 if earlier is None else earlier.points
            if earlier is None or points != check.points or was_open != is_open:
                found.append(Change(check.id, points, check.points, is_open and not was_open))
        return found


def regraded(
    store: Store,
    task: Task,
    settings: Settings,
    policy: Policy,
    workshop: Callable[[], Workshop] | None = None,
) -> Iterator[Regraded]:
    """Every graded submission of the task's assignment, graded again; nothing is recorded."""
    assignment = str(task.assignment)
    marks = standing_marks(store, assignment)
    forms = {key.form for key in task.keys}
    counting = {graded.number for graded in not_withdrawn(store, assignment)}
    for graded in graded_submissions(store, assignment):
        before = report_of(reports(store, graded.number)[-1])
        gone = graded.number not in counting
        if task.keys and before.form not in forms:
            yield Regraded(graded, before, None, withdrawn=gone)
            continue
        own = {check: mark for (number, check), mark in marks.items() if number == graded.number}
        try:
            with kept_file(store, graded) as path:
                after = _again(path, task, settings, graded, before, own, policy, workshop)
        except InputError as error:
            yield Regraded(graded, before, None, error.diagnostics, gone)
        else:
            yield Regraded(graded, before, after, withdrawn=gone)


def _again(
    path: Path,
    task: Task,
    settings: Settings,
    graded: Graded,
    before: Report,
    marks: dict[str, PersonsMark],
    policy: Policy,
    workshop: Callable[[], Workshop] | None,
) -> Report:
    accepted = accept(path, task, graded.user)
    shows = any(check.solution is not None for check in before.checks)
    mine = replace(settings, seed=before.seed, solutions=shows)
    after = grade_accepted(
        accepted, mine, user=graded.user, submitted_at=graded.received_at, workshop=workshop
    )
    after = with_marks(after, marks)
    if policy == "no answer loses points":
        after = _never_lower(after, before)
    after = replace(after, versions={**after.versions, "policy": policy})
    # What earlier regradings said stays, so that one that moves nothing gives the same report.
    notes = [*after.notes, *(note for note in before.notes if note.startswith(AGAIN))]
    if changes := Regraded(graded, before, after).changes():
        notes.append(AGAIN + ", ".join(map(str, changes)))
    return replace(after, notes=tuple(notes))


def _never_lower(after: Report, before: Report) -> Report:
    """Whoever earned points keeps them; a check that is open now may still gain."""
    old = {check.id: check for check in before.checks}

    def kept(check: Check) -> Check:
        earlier = old.get(check.id)
        if earlier is None or earlier.points <= check.points:
            return check
        points = min(earlier.points, check.max_points)
        if check.verdict in PENDING and points < check.max_points:
            least = f"(at least {points:g} of {check.max_points:g} points stand)"
            return replace(check, points=points, message=f"{check.message} {least}")
        said = earlier.message.replace(STANDS, "").rstrip()
        return replace(
            check,
            points=points,
            verdict=earlier.verdict,
            message=f"{said} {STANDS}",
            mistake=earlier.mistake,
        )

    return with_checks(after, [kept(check) for check in after.checks])


def record_regraded(
    store: Store, task: Task, policy: Policy, found: Sequence[Regraded], by: str
) -> int:
    """Record what changed, and that it was regraded, all of it or nothing; returns how many results are new."""
    keys = tuple(keep_content(store, dumps(key).encode()) for key in task.keys)
    assert keys == tuple(key_sha256(key) for key in task.keys)  # noqa: S101 - one hash, two names
    results = [
        (each.submission.number, as_data(each.after)) for each in found if each.after is not None
    ]
    done = Regrading(str(task.assignment), datetime.now(UTC), by, policy, keys, 0)
    return record_regrading(store, done, results)
