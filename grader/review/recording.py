"""Marks into the store, and with them the results that follow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from grader.persons_marks import with_marks, without_marks
from grader.report import as_data, report_of
from grader.review.groups import Group
from grader.review.session import Given
from leaderboard.marks import (
    PersonsMark,
    mark_log,
    record_marks,
    record_opinions,
    standing_marks,
)
from leaderboard.store import Store, record_result, reports

# A check of a submission, and the marks that the person who sits here knows of.
Place = tuple[int, str]
Known = dict[Place, PersonsMark | None]
_POINTS = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+|[0-9]+/[0-9]+)")
Way = Literal["marks", "opinions", "settlements"]


def known_marks(groups: Iterable[Group]) -> Known:
    """The marks that stand as the person begins."""
    return {(a.submission, a.check): a.mark for group in groups for a in group.answers}


@dataclass
class Book:
    """Where one person's sitting is written down: into the store, as soon as a group got its points.

    way: `marks` count; `opinions` do not, and are a second person's; `settlements` are marks that end a difference
    between two persons. `known` are the marks that this person knows of.
    """

    store: Store
    assignment: str
    by: str
    known: Known
    way: Way = "marks"

    def keep(self, group: Group, given: Given) -> int:
        """Give a group its points; returns how many somebody else marked meanwhile, whose marks stay."""
        marks = _marks(group, given, self.by, settles=self.way == "settlements")
        if self.way == "opinions":
            record_opinions(self.store, marks)
            return 0
        return _record(self.store, self.assignment, marks, self.known)

    def take_back(self, group: Group) -> None:
        """Take what this sitting gave a group back: what stood before stands again."""
        if self.way == "opinions":
            now = datetime.now(UTC)
            gone = [PersonsMark(a.submission, a.check, None, self.by, now) for a in group.answers]
            record_opinions(self.store, gone)
        else:
            self._restore(group)

    def _restore(self, group: Group) -> None:
        now = datetime.now(UTC)
        marks = []
        for answer in group.answers:
            before = answer.mark or PersonsMark(answer.submission, answer.check, None, self.by, now)
            if _at(self.known[answer.submission, answer.check]) != _at(answer.mark):
                marks.append(replace(before, by=self.by, at=now))
        _record(self.store, self.assignment, marks, self.known)


def _marks(group: Group, given: Given, by: str, *, settles: bool) -> list[PersonsMark]:
    points = Decimal(given.points.numerator) / Decimal(given.points.denominator)
    now = datetime.now(UTC)
    return [
        PersonsMark(
            answer.submission,
            answer.check,
            points,
            by,
            now,
            given.earned,
            given.note,
            None if answer.overrules is None else Decimal(str(answer.overrules)),
            settles,
        )
        for answer in group.answers
    ]


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
    if not _POINTS.fullmatch(text.strip()):
        return None
    try:
        value = Fraction(text.strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return None
    return value if value.denominator <= 100 else None
