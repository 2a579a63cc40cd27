"""Two persons mark the same answers: the second without a look at the first's marks; where they differ, a third settles.

What the second gives is an opinion: it counts for nothing by itself. A difference is settled by a mark that says so, and is
open again when somebody gives another opinion later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from grader.review.answers import groups_of
from grader.review.groups import Answer, Group
from leaderboard.decisions import not_withdrawn
from leaderboard.marks import PersonsMark, mark_log, standing_marks, standing_opinions
from leaderboard.report_sums import PENDING
from leaderboard.store import Store, graded_submissions


def second_groups(store: Store, assignment: str, by: str) -> list[Group]:
    """What `by` can mark as a second person: all that people mark but what they marked, and had an opinion on, already.

    No mark of others is shown.
    """
    opinions = standing_opinions(store, assignment)

    def blind(answer: Answer) -> Answer | None:
        own = [each.by for each in opinions.get((answer.submission, answer.check), ())]
        if answer.overrules is not None or by in own:
            return None
        if answer.mark is not None and answer.mark.by == by:
            return None
        return replace(answer, mark=None)

    return groups_of(
        store, assignment, lambda check: check.verdict in PENDING or check.by_person, shown=blind
    )


def differing_groups(store: Store, assignment: str) -> list[Group]:
    """Answers whose points two persons see differently, each by itself, with both."""
    open_ones = differences(store, assignment)

    def with_opinions(answer: Answer) -> Answer | None:
        found = open_ones.get((answer.submission, answer.check))
        return None if found is None else replace(answer, opinions=found)

    return groups_of(store, assignment, lambda check: check.by_person, shown=with_opinions)


def differences(store: Store, assignment: str) -> dict[tuple[int, str], tuple[PersonsMark, ...]]:
    """The opinions that differ from the mark that stands and were not settled, by submission and check.

    Of what was withdrawn nothing is left to settle.
    """
    marks = standing_marks(store, assignment)
    counting = {graded.number for graded in not_withdrawn(store, assignment)}
    found = {}
    for place, opinions in standing_opinions(store, assignment).items():
        mark = marks.get(place)
        if mark is None or place[0] not in counting:
            continue
        open_ones = tuple(
            each
            for each in opinions
            if each.points != mark.points
            and each.by != mark.by
            and not (mark.settles and mark.at >= each.at)
        )
        if open_ones:
            found[place] = open_ones
    return found


@dataclass(frozen=True)
class Pair:
    """How two persons agree: answers that both marked, those with the same points, and the differences.

    `mean_off` is the mean of the absolute differences, `bias` that of second minus first, both in points.
    """

    first: str
    second: str
    both: int
    same: int
    mean_off: float
    bias: float


def agreement(store: Store, assignment: str) -> list[Pair]:
    """Every pair of persons who marked the same answers; of settled ones the marks before the settlement count."""
    first = _before_settling(store, assignment)
    counting = {graded.number for graded in not_withdrawn(store, assignment)}
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for place, opinions in standing_opinions(store, assignment).items():
        mark = first.get(place) if place[0] in counting else None
        for each in opinions:
            if mark is not None and mark.points is not None and each.points is not None:
                found[mark.by, each.by].append(each.points - mark.points)
    return [
        Pair(
            one,
            other,
            len(off),
            sum(each == 0 for each in off),
            float(sum(map(abs, off)) / len(off)),
            float(sum(off) / len(off)),
        )
        for (one, other), off in sorted(found.items())
    ]


def _before_settling(store: Store, assignment: str) -> Mapping[tuple[int, str], PersonsMark]:
    found: dict[tuple[int, str], PersonsMark] = {}
    for mark in mark_log(store, assignment):
        if not mark.settles and mark.overruled is None:
            found[mark.submission, mark.check] = mark
    return found


def differences_data(store: Store, assignment: str) -> dict[str, Any]:
    """The same for machines."""
    users = {graded.number: graded.user for graded in graded_submissions(store, assignment)}
    marks = standing_marks(store, assignment)
    return {
        "schema_version": 1,
        "assignment": assignment,
        "pairs": [asdict(pair) for pair in agreement(store, assignment)],
        "open": [
            {
                "user": users.get(number, ""),
                "submission": number,
                "check": check,
                "first": {"by": marks[number, check].by, "points": _number(marks[number, check])},
                "others": [{"by": each.by, "points": _number(each)} for each in opinions],
            }
            for (number, check), opinions in sorted(differences(store, assignment).items())
        ],
    }


def _number(mark: PersonsMark) -> float | None:
    return None if mark.points is None else float(mark.points)


def differences_in_words(store: Store, assignment: str) -> list[str]:
    """A line for each pair of persons, and one for each difference that is open."""
    lines = []
    for pair in agreement(store, assignment):
        off = f"; mean difference {pair.mean_off:.2f} points, {pair.second} gives {pair.bias:+.2f}"
        lines.append(
            f"{pair.first} and {pair.second}: {pair.both} answers marked by both, {pair.same} alike"
            + (off if pair.same < pair.both else "")
        )
    users = {graded.number: graded.user for graded in graded_submissions(store, assignment)}
    marks = standing_marks(store, assignment)
    for (number, check), opinions in sorted(differences(store, assignment).items()):
        mark = marks[number, check]
        said = ", ".join(f"{each.by} {_points(each)}" for each in opinions)
        lines.append(f"{users.get(number, '')} {check}: {mark.by} {_points(mark)}, {said}")
    return lines


def _points(mark: PersonsMark) -> str:
    return "" if mark.points is None else f"{float(mark.points):g}"
