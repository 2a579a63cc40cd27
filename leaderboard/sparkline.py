"""A user's submissions as a small line: SVG, drawn from points alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.points import printed

WIDTH, HEIGHT, EDGE = 56, 16, 2  # units of the drawing
MOST_POINTS = 24  # the last so many submissions are drawn; more would be a blot


@dataclass(frozen=True)
class Sparkline:
    """A path, the place of the one that counts and the height of the pass mark; None: off the drawing."""

    path: str
    dot: tuple[float, float] | None
    mark: float | None
    spoken: str


def sparkline(
    submissions: Sequence[tuple[int, int]],
    counts: int,
    mark: int | None = None,
    *,
    higher_is_better: bool = True,
) -> Sparkline | None:
    """The line of at least two submissions (number, points), in order; None for fewer.

    `counts` is the number of the one that counts. Better is higher up.
    """
    if len(submissions) < 2:
        return None
    points = [score for _, score in submissions]
    drawn = points[-MOST_POINTS:]
    low, high = min(drawn), max(drawn)
    span = (high - low) or 1

    def height(value: int) -> float:
        share = (value - low) / span if high > low else 0.5
        up = share if higher_is_better else 1 - share
        return round(HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE), 1)

    step = (WIDTH - 2 * EDGE) / (len(drawn) - 1)
    places = [(round(EDGE + n * step, 1), height(value)) for n, value in enumerate(drawn)]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in places)
    seen = mark is not None and low < mark < high
    first, last = printed(points[0]), printed(points[-1])
    return Sparkline(
        path=path,
        dot=next(
            (
                p
                for p, (n, _) in zip(places, submissions[-MOST_POINTS:], strict=True)
                if n == counts
            ),
            None,
        ),
        mark=height(mark) if seen and mark is not None else None,
        spoken=f"{len(points)} submissions, from {first} to {last}",
    )
