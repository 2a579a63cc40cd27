"""Results that are not published as final, though they have their points: somebody has to look at them first."""

from __future__ import annotations

from collections import defaultdict

from grader.review.twice import differences
from leaderboard.decisions import standing_decisions
from leaderboard.store import Store, graded_submissions

_MOST_NAMED = 6


def held_in_store(store: Store, assignment: str) -> dict[str, str]:
    """User to why: a submission was flagged, or two persons who marked the same answer differ, which nobody has settled."""
    users = {graded.number: graded.user for graded in graded_submissions(store, assignment)}
    open_ones: dict[str, list[str]] = defaultdict(list)
    for number, check in sorted(differences(store, assignment)):
        open_ones[users[number]].append(check)
    held = {}
    for user, checks in open_ones.items():
        named = ", ".join(checks[:_MOST_NAMED]) + (", ..." if checks[_MOST_NAMED:] else "")
        held[user] = f"two persons give {named} different points (--review {assignment} --settle)"
    for number, decision in standing_decisions(store, assignment).items():
        if decision.kind == "flagged" and number in users:
            held[users[number]] = (
                f"submission {number} is flagged by {decision.by}: {decision.reason}"
            )
    return held
