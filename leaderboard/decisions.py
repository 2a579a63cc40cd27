"""What people decide about a submission: withdrawn, flagged, or restored. Rows stay, and say who and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select

from leaderboard.database import explained, writing
from leaderboard.standings import hold_configuration, hold_entrant, refresh
from leaderboard.store import Graded, Store, graded_submissions, stored_name
from leaderboard.tables import decisions, submissions
from question_bank.diagnostics import bad_input

Kind = Literal["withdrawn", "flagged", "restored"]
LONGEST_REASON = 2_000  # characters


@dataclass(frozen=True)
class Decision:
    """A decision about a submission, by whom, when and why."""

    submission: int
    kind: Kind
    at: datetime
    by: str
    reason: str = ""


def decide(store: Store, decision: Decision) -> tuple[str, str]:
    """Append a decision and bring the boards up to it; returns the user and the assignment.

    InputError for an unknown submission, for a name that is none, and where nothing is to be
    restored.
    """
    by = stored_name(decision.by, "person who decides")
    if len(decision.reason) > LONGEST_REASON or "\0" in decision.reason:
        raise bad_input("bad-reason", f"a reason is text of at most {LONGEST_REASON} characters")
    with explained(store.label), writing(store.engine).begin() as connection:
        hold_configuration(connection)
        owner = connection.execute(
            select(submissions.c.username, submissions.c.assignment).where(
                submissions.c.id == decision.submission
            )
        ).one_or_none()
        if owner is None:
            raise bad_input(
                "unknown-submission",
                f"there is no submission {decision.submission}",
                hint="leaderboard why USER lists a user's submissions with their numbers",
            )
        hold_entrant(connection, owner.username, owner.assignment)
        mine = decisions.c.submission_id == decision.submission
        last = connection.execute(
            select(decisions.c.kind).where(mine).order_by(decisions.c.id.desc()).limit(1)
        ).scalar_one_or_none()
        if (last or "restored") == decision.kind:
            state = "neither withdrawn nor flagged" if last is None else f"{last} already"
            raise bad_input("nothing-to-do", f"submission {decision.submission} is {state}")
        row = {
            "submission_id": decision.submission,
            "kind": decision.kind,
            "decided_at": decision.at,
            "decided_by": by,
            "reason": decision.reason,
        }
        connection.execute(insert(decisions), row)
        refresh(connection, owner.username, owner.assignment)
    return owner.username, owner.assignment


def decisions_of(store: Store, submission: int) -> tuple[Decision, ...]:
    """Every decision about a submission, oldest first; the last one counts."""
    query = (
        select(decisions).where(decisions.c.submission_id == submission).order_by(decisions.c.id)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return tuple(
        Decision(row.submission_id, row.kind, row.decided_at, row.decided_by, row.reason)
        for row in rows
    )


def standing_decisions(store: Store, assignment: str) -> dict[int, Decision]:
    """The last decision about each submission of an assignment that has one, by its number."""
    query = (
        select(decisions)
        .join(submissions, submissions.c.id == decisions.c.submission_id)
        .where(submissions.c.assignment == stored_name(assignment, "assignment"))
        .order_by(decisions.c.id)
    )
    with explained(store.label), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return {
        row.submission_id: Decision(
            row.submission_id, row.kind, row.decided_at, row.decided_by, row.reason
        )
        for row in rows
    }


def not_withdrawn(store: Store, assignment: str) -> tuple[Graded, ...]:
    """The submissions of an assignment that have a result and were not withdrawn, in the order in which they came in."""
    decided = standing_decisions(store, assignment)
    return tuple(
        graded
        for graded in graded_submissions(store, assignment)
        if graded.number not in decided or decided[graded.number].kind != "withdrawn"
    )
