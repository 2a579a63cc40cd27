"""Marks into the store, and with them the results that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from grader.persons_marks import with_marks, without_marks
from grader.report import as_data, report_of
from grader.review.answers import Group
from grader.review.session import Given
from leaderboard.marks import PersonsMark, mark_log, record_marks, standing_marks
from leaderboard.store import Store, record_result, reports

# A check of a submission, and the marks that the person who sits here knows of.
Place = tuple[int, str]
Known = dict[Place, PersonsMark | None]


def known_marks(groups: Iterable[Group]) -> Known:
    """The marks that stand as the person begins."""
    return {(a.submission, a.check): a.mark for group in groups for a in group.answers}


def keep_marks(
    store: Store, assignment: str, group: Group, given: Given, by: str, known: Known
) -> int:
    """Give a group its points; returns how many somebody else marked meanwhile, whose marks stay."""
    points = Decimal(given.points.numerator) / Decimal(given.points.denominator)
    now = datetime.now(UTC)
    marks = [
        PersonsMark(
            answer.submission,
            answer.check,
            points,
            by,
            now,
            given.earned,
            given.note,
            None if answer.overrules is None else Decimal(str(answer.overrules)),
        )
        for answer in group.answers
    ]
    return _record(store, assignment, marks, known)


def take_back(store: Store, assignment: str, group: Group, by: str, known: Known) -> None:
    """Take the marks of this sitting for a group back: what stood before stands again."""
    now = datetime.now(UTC)
    marks = []
    for answer in group.answers:
        before = answer.mark or PersonsMark(answer.submission, answer.check, None, by, now)
        if _at(known[answer.submission, answer.check]) != _at(answer.mark):
            marks.append(replace(before, by=by, at=now))
    _record(store, assignment, marks, known)


def _record(store: Store, assignment: str, marks: Iterable[PersonsMark], known: Known) -> int:
    """Append marks where nobody else has marked since; returns how many were left out."""
    standing = standing_marks(store, assignment)
    all_marks = list(marks)
    free = [m for m in all_marks if _at(standing.get(place_of(m))) == _at(known[place_of(m)])]
    record_marks(store, free)
    known.update({place_of(m): m if m.points is not None else None for m in free})
    apply_marks(store, assignment, {m.submission for m in free})
    return len(all_marks) - len(free)


def _at(mark: PersonsMark | None) -> datetime | None:
    return None if mark is None else mark.at


def place_of(mark: PersonsMark) -> Place:
    """Which check of which submission."""
    return mark.submission, mark.check


def apply_marks(store: Store, assignment: str, numbers: Iterable[int]) -> None:
    """Results of these submissions as the standing marks give them."""
    standing = standing_marks(store, assignment)
    for number in numbers:
        log = [report_of(data) for data in reports(store, number)]
        own = {check: mark for (of, check), mark in standing.items() if of == number}
        record_result(store, number, as_data(with_marks(without_marks(log), own)))


def settle(store: Store, assignment: str) -> None:
    """Apply marks whose results are missing: of a sitting that was killed between the two."""
    # A result that stands already is not recorded again.
    apply_marks(store, assignment, sorted({m.submission for m in mark_log(store, assignment)}))


def exact(text: str) -> Fraction | None:
    """Points as typed: `1.5`, `1,5` or `3/2`; None for anything else."""
    try:
        value = Fraction(text.strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return None
    return value if value.denominator <= 100 else None
