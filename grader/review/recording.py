"""Marks into the store, and with them the results that follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from grader.persons_marks import with_marks, without_marks
from grader.report import PENDING, as_data, report_of
from grader.review.open_answers import Group
from grader.review.session import Given
from leaderboard.marks import PersonsMark, record_marks, standing_marks
from leaderboard.store import Store, graded_submissions, record_result, reports


def keep_marks(
    store: Store, assignment: str, group: Group, given: Given, by: str, mine: set[tuple[int, str]]
) -> int:
    """Give a group its points; returns how many somebody else had marked meanwhile, whose marks stay.

    `mine` are submission and check of the marks of this sitting, which may be given anew.
    """
    standing = standing_marks(store, assignment)
    places = [(answer.submission, answer.check) for answer in group.answers]
    free = [place for place in places if place not in standing or place in mine]
    points = Decimal(given.points.numerator) / Decimal(given.points.denominator)
    now = datetime.now(UTC)
    record_marks(
        store,
        (
            PersonsMark(number, check, points, by, now, given.earned, given.note)
            for number, check in free
        ),
    )
    mine.update(free)
    apply_marks(store, assignment, {number for number, _ in free})
    return len(places) - len(free)


def take_back(
    store: Store, assignment: str, group: Group, by: str, mine: set[tuple[int, str]]
) -> None:
    """Take the marks of this sitting for a group back: its answers are open again."""
    places = [(a.submission, a.check) for a in group.answers if (a.submission, a.check) in mine]
    now = datetime.now(UTC)
    record_marks(store, (PersonsMark(n, check, None, by, now) for n, check in places))
    mine.difference_update(places)
    apply_marks(store, assignment, {number for number, _ in places})


def apply_marks(store: Store, assignment: str, numbers: Iterable[int]) -> None:
    """Results of these submissions as the standing marks give them."""
    standing = standing_marks(store, assignment)
    for number in numbers:
        log = [report_of(data) for data in reports(store, number)]
        own = {check: mark for (of, check), mark in standing.items() if of == number}
        record_result(store, number, as_data(with_marks(without_marks(log), own)))


def settle(store: Store, assignment: str) -> None:
    """Apply marks whose results are missing: of a sitting that was killed between the two."""
    standing = standing_marks(store, assignment)
    numbers = {number for number, _ in standing}
    for graded in graded_submissions(store, assignment):
        if graded.number in numbers:
            last = report_of(reports(store, graded.number)[-1])
            if any(
                check.verdict in PENDING and (graded.number, check.id) in standing
                for check in last.checks
            ):
                apply_marks(store, assignment, [graded.number])


def exact(text: str) -> Fraction | None:
    """Points as typed: `1.5`, `1,5` or `3/2`; None for anything else."""
    try:
        value = Fraction(text.strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return None
    return value if value.denominator <= 100 else None
