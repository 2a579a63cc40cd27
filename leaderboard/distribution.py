"""How scores are distributed: a histogram of round steps, with an edge at the pass mark."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import isqrt
from statistics import median
from typing import TYPE_CHECKING

from leaderboard.points import shortest, two_decimals

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BARS = 24
FEWEST_BARS = 8
ROUND_STEPS = tuple(Decimal(step) for step in ("1", "2", "2.5", "5"))


@dataclass(frozen=True)
class Bar:
    """Scores from start to below end, the last bar's end included. Left to height: 0 to 1."""

    start: Decimal
    end: Decimal
    count: int
    left: float
    width: float
    height: float
    reached: bool

    @property
    def label(self) -> str:
        """`4 users: 85 to 90`."""
        users = "1 user" if self.count == 1 else f"{self.count} users"
        return f"{users}: {shortest(self.start)} to {shortest(self.end)}"


@dataclass(frozen=True)
class Distribution:
    """Bars along an axis from `low` to `high`; `mark` is where the pass mark stands, 0 to 1."""

    low: str
    high: str
    bars: tuple[Bar, ...]
    mark: float | None
    spoken: str


def distribution(
    scores: Sequence[Decimal],
    pass_mark: Decimal | None,
    full: Decimal | None = None,
    *,
    higher_is_better: bool = True,
    beyond: bool = False,
    whole: bool = False,
) -> Distribution:
    """The histogram of at least one score.

    whole: scores are whole numbers, and each bar holds at least one. beyond: the mark alone does not pass; the bar that begins with it then counts as reached all the
    same, and the words tell who is beyond. The axis holds the pass mark, and goes below zero or beyond the full points only if a score does.
    """
    extent = [*scores] if pass_mark is None else [*scores, pass_mark]
    lowest, highest = min(extent), max(extent)
    step = _step(highest - lowest, _bars_for(len(scores)))
    if whole:
        step = max(step.to_integral_value(ROUND_CEILING), Decimal(1))
    origin = Decimal(0) if pass_mark is None else pass_mark
    first = ((lowest - origin) / step).to_integral_value(ROUND_FLOOR)
    last = ((highest - origin) / step).to_integral_value(ROUND_CEILING)
    # A best score right at the pass mark has reached it: it needs a bar above the mark.
    if last == first or highest == pass_mark:
        last += 1
    edges = [origin + (first + i) * step for i in range(int(last - first) + 1)]
    if lowest >= 0:
        edges[0] = max(edges[0], Decimal(0))
    if full is not None and highest <= full and edges[-2] < full:
        edges[-1] = min(edges[-1], full)
    counts = [0] * (len(edges) - 1)
    for score in scores:
        place = int(((score - origin) / step).to_integral_value(ROUND_FLOOR) - first)
        counts[min(place, len(counts) - 1)] += 1
    span = edges[-1] - edges[0]
    bars = tuple(
        Bar(
            start=start,
            end=end,
            count=count,
            left=float((start - edges[0]) / span),
            width=float((end - start) / span),
            height=count / max(counts),
            reached=pass_mark is not None
            and (start >= pass_mark if higher_is_better else end <= pass_mark),
        )
        for start, end, count in zip(edges, edges[1:], counts, strict=False)
    )
    return Distribution(
        low=shortest(edges[0]),
        high=shortest(edges[-1]),
        bars=bars,
        mark=None if pass_mark is None else float((pass_mark - edges[0]) / span),
        spoken=_spoken(scores, pass_mark, higher_is_better=higher_is_better, beyond=beyond),
    )


def _bars_for(count: int) -> int:
    # A few scores in many thin bars would look like noise.
    return max(FEWEST_BARS, min(MOST_BARS, 4 + 2 * isqrt(count)))


def _step(span: Decimal, most_bars: int) -> Decimal:
    """The smallest round step (1, 2, 2.5, 5 times a power of ten) that needs few enough bars."""
    if span <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb((span / most_bars).adjusted())
    steps = [step * power * scale for scale in (1, 10) for step in ROUND_STEPS]
    return next(step for step in steps if span / step <= most_bars - 1)


def _spoken(
    scores: Sequence[Decimal], pass_mark: Decimal | None, *, higher_is_better: bool, beyond: bool
) -> str:
    words = (
        f"Distribution of {len(scores)} scores, from {two_decimals(min(scores))} "
        f"to {two_decimals(max(scores))}, median {two_decimals(median(scores))}"
    )
    if pass_mark is None:
        return words + "."
    side = "above" if higher_is_better else "below"
    there = sum(
        (score > pass_mark) == higher_is_better if score != pass_mark else not beyond
        for score in scores
    )
    at = "" if beyond else "at or "
    return f"{words}; {there} {at}{side} the pass mark of {shortest(pass_mark)}."
