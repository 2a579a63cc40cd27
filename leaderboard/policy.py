"""The rule of a board, as data: what counts, from when to when, what being late costs, what passes.

Points are in millionths (points.py), moments in microseconds since 1970 (times.py): both are whole
numbers, so that a board comes out the same to the last digit whenever it is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leaderboard.points import from_millionths, shortest
from leaderboard.times import DAY_US, printed

Counts = Literal["best", "last"]
Ties = Literal["shared", "by_date"]

FULL_SHARE = 10_000  # a share is in hundredths of a percent


@dataclass(frozen=True)
class Late:
    """What a submission loses after the deadline, for every day that has begun since.

    Either `share_per_day`, hundredths of a percent of its own points, or `points_per_day`;
    `most` bounds the loss, in the same unit. Up to `grace` microseconds late costs nothing; after
    `until` nothing counts.
    """

    share_per_day: int | None = None
    points_per_day: int | None = None
    most: int | None = None
    grace: int = 0
    until: int | None = None


@dataclass(frozen=True)
class Mark:
    """The points that pass: reached or, where `beyond`, only beyond them."""

    points: int
    beyond: bool = False


@dataclass(frozen=True)
class Policy:
    """The rule of a board. The course's: the best submission counts, more points are better.

    first: of a user's submissions only so many are looked at, those that came first. opens,
    deadline: what comes before or (without `late`) after is not ranked. mark: None leaves it to the
    assignment. hidden_until: the board is for the instructor alone before.
    """

    counts: Counts = "best"
    first: int | None = None
    higher_is_better: bool = True
    ties: Ties = "shared"
    opens: int | None = None
    deadline: int | None = None
    late: Late | None = None
    mark: Mark | None = None
    hidden_until: int | None = None

    @property
    def closes(self) -> int | None:
        """The last moment at which a submission can count; None where there is none."""
        return self.deadline if self.late is None else self.late.until


def days_late(received: int, policy: Policy) -> int:
    """Days begun since the deadline; 0 before it and in the time of grace."""
    if policy.deadline is None or policy.late is None:
        return 0
    over = received - policy.deadline
    return 0 if over <= policy.late.grace else -(-over // DAY_US)


def after_penalty(score: int, received: int, policy: Policy) -> int:
    """The points that count. A loss never takes points below zero, and a share is rounded half to even."""
    days = days_late(received, policy)
    late = policy.late
    if not days or late is None:
        return score
    if late.share_per_day is not None:
        share = min(late.share_per_day * days, FULL_SHARE if late.most is None else late.most)
        loss = _rounded(abs(score) * share, FULL_SHARE)
    else:
        per_day = late.points_per_day or 0
        loss = per_day * days if late.most is None else min(per_day * days, late.most)
    if not policy.higher_is_better:
        return score + loss
    return max(score - loss, min(score, 0))


def passes(points: int, mark: Mark, *, higher_is_better: bool) -> bool:
    """Say whether points pass."""
    if points == mark.points:
        return not mark.beyond
    return (points > mark.points) == higher_is_better


def _rounded(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def in_words(policy: Policy) -> str:
    """The rule as a sentence for the people on the board."""
    one = "best" if policy.counts == "best" else "last"
    said = [f"Each user's {one} submission counts"]
    if policy.first is not None:
        of = "the first submission" if policy.first == 1 else f"the first {policy.first}"
        said = [f"Each user's {one} of {of} counts"] if policy.first > 1 else [f"Only {of} counts"]
    said.append("most points first" if policy.higher_is_better else "fewest points first")
    ties = "equal scores share a rank"
    said.append(ties if policy.ties == "shared" else "of equal scores the earlier is ahead")
    if policy.opens is not None:
        said.append(f"from {printed(policy.opens)}")
    if policy.deadline is not None:
        said.append(f"until {printed(policy.deadline)}")
    if policy.late is not None:
        said.append(late_in_words(policy.late))
    return "; ".join(said) + "."


def late_in_words(late: Late) -> str:
    """`late: 10 % less for each day begun, at most 50 %, until 2020-01-20 22:59:00`."""
    share = late.share_per_day is not None

    def amount(value: int) -> str:
        if share:
            return f"{value / 100:g} %"
        return f"{shortest(from_millionths(value))} points"

    words = f"late: {amount(late.share_per_day or late.points_per_day or 0)} off for each day begun"
    if late.most is not None:
        words += f", at most {amount(late.most)}"
    if late.grace:
        words += f", after {late.grace // 60_000_000} minutes of grace"
    if late.until is not None:
        words += f", until {printed(late.until)}"
    return words
