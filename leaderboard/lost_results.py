"""Results that were there and are gone: what is kept beside the log says so.

A grading that is done, a standing and an entrant with a result were each written in one transaction with a result.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from leaderboard.tables import entrants, gradings, results, standings, submissions
from question_bank.diagnostics import Diagnostic, Where

MOST_NAMED = 5


def lost_results(connection: Connection, where: Where, cure: str) -> Iterator[Diagnostic]:
    """A finding for the submissions whose results are gone, and one for users of whom no more is known than that."""
    kept = select(results.c.id).where(results.c.submission_id == submissions.c.id).exists()
    done = select(gradings.c.submission_id).where(gradings.c.state == "done")
    stands = select(standings.c.submission_id)
    known = submissions.c.id.in_(done) | submissions.c.id.in_(stands)
    lost = connection.execute(
        select(submissions.c.id, submissions.c.username, submissions.c.assignment)
        .where(known, ~kept)
        .order_by(submissions.c.id)
    ).all()
    if lost:
        named = _named([str(row.id) for row in lost])
        message = f"submissions were graded, and their results are gone: {named}"
        yield Diagnostic("result-lost", message, where, cure)
    theirs = (submissions.c.username == entrants.c.username) & (
        submissions.c.assignment == entrants.c.assignment
    )
    any_result = (
        select(results.c.id)
        .join(submissions, submissions.c.id == results.c.submission_id)
        .where(theirs)
        .exists()
    )
    handed_in = select(submissions.c.id).where(theirs).exists()
    bare = connection.execute(
        select(entrants.c.username, entrants.c.assignment)
        .where(entrants.c.graded, handed_in, ~any_result)
        .order_by(entrants.c.assignment, entrants.c.username)
    ).all()
    told = {(row.username, row.assignment) for row in lost}
    others = [f"{user} for {task}" for user, task in bare if (user, task) not in told]
    if others:
        message = f"users had a result, and have none any more: {_named(others)}"
        yield Diagnostic("result-lost", message, where, cure)


def _named(each: list[str]) -> str:
    rest = len(each) - MOST_NAMED
    return ", ".join(each[:MOST_NAMED]) + (f", and {rest} more" if rest > 0 else "")
