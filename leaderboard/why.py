"""Why a user has this rank: every submission with what became of it, the rule, and who stands near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from leaderboard.boards import built_board
from leaderboard.configuration import Configuration
from leaderboard.database import explained
from leaderboard.decisions import Decision, decisions_of
from leaderboard.log import results_by_user
from leaderboard.points import from_millionths, printed, shortest
from leaderboard.policy import Policy, days_late, in_words
from leaderboard.queued import standing
from leaderboard.ranking import Board, Entry, Judged, Plan
from leaderboard.ranking import explained as judged_and_chosen
from leaderboard.store import UNASSIGNED, Store, reports
from leaderboard.tables import submissions
from leaderboard.times import printed as printed_date
from leaderboard.times import printed_exactly, to_microseconds
from leaderboard.untrusted import visible


@dataclass(frozen=True)
class Line:
    """One submission of the user, and what became of it."""

    submission: int
    received: int
    score: int | None
    points: int | None
    reason: str
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """One board: the user's entry (None: not ranked), who shares its points, who is next above, and the submissions."""

    plan: Plan
    entry: Entry | None
    of: int
    equal: tuple[str, ...]
    above: Entry | None
    lines: tuple[Line, ...]
    grading: dict[str, Any]


def why(
    store: Store, user: str, configuration: Configuration, assignments: tuple[str, ...]
) -> list[Explanation]:
    """Explain the user's place on every board for which the user handed something in, from the log."""
    found: list[Explanation] = []
    with explained(store.label), store.engine.connect() as connection:
        for assignment in assignments:
            handed_in = connection.execute(
                select(submissions.c.id, submissions.c.received_at)
                .where(submissions.c.assignment == assignment, submissions.c.username == user)
                .order_by(submissions.c.received_at, submissions.c.id)
            ).all()
            if not handed_in:
                continue
            log = [r for _, own in results_by_user(connection, assignment, user) for r in own]
            for plan in configuration.plans_of(assignment):
                board = built_board(connection, plan)
                judged = {
                    each.result.submission: each for each in judged_and_chosen(log, plan.policy)
                }
                lines = tuple(
                    _line(store, row, judged.get(row.id), plan.policy) for row in handed_in
                )
                found.append(_explanation(store, board, user, lines))
    return found


def _explanation(store: Store, board: Board, user: str, lines: tuple[Line, ...]) -> Explanation:
    entry = next((each for each in board.entries if each.row.user == user), None)
    equal: tuple[str, ...] = ()
    above = None
    grading: dict[str, Any] = {}
    if entry is not None:
        points = entry.row.points
        equal = tuple(
            each.row.user
            for each in board.entries
            if each.row.points == points and each.row.user != user
        )
        ahead = [each for each in board.entries if each.rank < entry.rank]
        above = ahead[-1] if ahead else None
        grading = _grading(store, entry.row.submission)
    return Explanation(board.plan, entry, len(board.entries), equal, above, lines, grading)


def _grading(store: Store, submission: int) -> dict[str, Any]:
    """How the result that counts came about: what its report says, and how many were recorded."""
    recorded = reports(store, submission)
    last = recorded[-1]
    verdicts: dict[str, int] = {}
    for check in last.get("checks", ()):
        verdict = str(check.get("verdict"))
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    told = ("graded_at", "device", "seed", "versions")
    facts: dict[str, Any] = {key: last[key] for key in told if key in last}
    return {"results": len(recorded), "verdicts": verdicts, **facts}


def _line(store: Store, row: Any, judged: Judged | None, policy: Policy) -> Line:
    received = to_microseconds(row.received_at)
    decided = decisions_of(store, row.id)
    if judged is None:
        return Line(row.id, received, None, None, _without_result(store, row.id), decided)
    points = None if judged.row is None else judged.row.points
    return Line(
        row.id, received, judged.result.score, points, _reason(judged, policy, decided), decided
    )


def _without_result(store: Store, submission: int) -> str:
    found = standing(store, submission)
    if found is None:
        return "has no result yet, or was refused"  # `grade --record` keeps no more of it
    told = "; ".join(visible(" ".join(each.split())) for each in found.told)
    return {
        "waiting": "has no result yet: it waits to be graded",
        "claimed": "has no result yet: it is being graded",
        "done": "had a result, which is gone: see leaderboard verify",
        "refused": f"refused: {told}",
        "given_up": f"has no result: {told}",
    }[found.state]


def _reason(judged: Judged, policy: Policy, decided: tuple[Decision, ...]) -> str:
    by = f" by {visible(decided[-1].by)}" if decided else ""
    because = f": {visible(decided[-1].reason)}" if decided and decided[-1].reason else ""
    closes, at = policy.closes, printed_exactly(judged.result.received)
    words = {
        "counts": "counts",
        "worse": "does not count: another has better points, or as good ones earlier",
        "superseded": "does not count: a later one came in",
        "early": f"not ranked: came at {at}, before {'' if policy.opens is None else printed_date(policy.opens)}",
        "late": f"not ranked: came at {at}, after {'' if closes is None else printed_date(closes)}",
        "beyond": f"not ranked: only the first {policy.first} count",
        "withdrawn": f"not ranked: withdrawn{by}{because}",
        "flagged": f"not ranked: flagged{by}{because}",
    }[judged.reason]
    days = days_late(judged.result.received, policy)
    if judged.row is not None and judged.row.points != judged.result.score:
        lost = abs(judged.result.score - judged.row.points)
        late = "1 day" if days == 1 else f"{days} days"
        words += f" ({printed(judged.result.score)}, {printed(lost)} lost for {late} begun after the deadline)"
    return words


def as_text(user: str, found: list[Explanation]) -> str:
    """The explanations as plain text, a paragraph for each board."""
    return "\n\n".join("\n".join(_paragraph(user, each)) for each in found) + "\n"


def _paragraph(user: str, found: Explanation) -> list[str]:
    name, policy = visible(found.plan.name), found.plan.policy
    if found.plan.assignment == UNASSIGNED:
        head = f"{visible(user)} handed in what is for no assignment that could be told."
    elif found.entry is None:
        head = f"{name}: {visible(user)} is not ranked."
    else:
        row = found.entry.row
        passed = {True: ", passed", False: ", not passed", None: ""}[row.passed]
        pending = f", {shortest(from_millionths(row.pending))} pending" if row.pending else ""
        head = (
            f"{name}: {visible(user)} is #{found.entry.rank} of {found.of}"
            f" with {printed(row.points)} points{passed}{pending}."
        )
    lines = [head]
    if found.plan.assignment != UNASSIGNED:
        lines.append(f"  Rule: {in_words(policy)}")
    if found.equal:
        named = ", ".join(visible(each) for each in found.equal[:5])
        more = f" and {len(found.equal) - 5} more" if len(found.equal) > 5 else ""
        how = "share the rank" if policy.ties == "shared" else "the earlier is ahead"
        lines.append(f"  Same points: {named}{more}; {how}.")
    if found.above is not None:
        ahead = found.above
        lines.append(
            f"  Next above: {visible(ahead.row.user)}, #{ahead.rank} with {printed(ahead.row.points)}"
            f" points of {printed_date(ahead.row.received)}."
        )
    lines.append("  Submissions:")
    lines += [
        f"    {line.submission:>6}  {printed_date(line.received)}  "
        f"{'' if line.score is None else printed(line.score):>8}  {line.reason}"
        for line in found.lines
    ]
    if found.grading:
        lines.append(f"  Graded: {_graded(found.grading)}")
    return lines


def _graded(grading: dict[str, Any]) -> str:
    verdicts = ", ".join(f"{n} {visible(v)}" for v, n in sorted(grading["verdicts"].items()))
    versions = ", ".join(
        f"{visible(str(k))} {visible(str(v))}"
        for k, v in sorted(grading.get("versions", {}).items())
    )
    said = [f"result {grading['results']} of its submission", verdicts or "no checks"]
    said += [f"seed {grading['seed']}"] if "seed" in grading else []
    said += [f"on {visible(str(grading['device']))}"] if "device" in grading else []
    said += [f"by {versions}"] if versions else []
    return "; ".join(said) + "."


def as_data(user: str, found: list[Explanation]) -> dict[str, Any]:
    """The explanations as plain JSON values."""
    return {
        "schema_version": 1,
        "user": visible(user),
        "boards": [_board_data(each) for each in found],
    }


def _board_data(found: Explanation) -> dict[str, Any]:
    entry = found.entry
    return {
        "board": visible(found.plan.name),
        "assignment": visible(found.plan.assignment),
        "rule": in_words(found.plan.policy),
        "rank": None if entry is None else entry.rank,
        "of": found.of,
        "score": None if entry is None else float(from_millionths(entry.row.points)),
        "passed": None if entry is None else entry.row.passed,
        "same_points": [visible(each) for each in found.equal],
        "submissions": [
            {
                "submission": line.submission,
                "received": printed_date(line.received),
                "score": None if line.score is None else float(from_millionths(line.score)),
                "points": None if line.points is None else float(from_millionths(line.points)),
                "what_became_of_it": line.reason,
            }
            for line in found.lines
        ],
        "grading": found.grading,
    }
