"""A user's submissions as a small line: SVG, drawn from points alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.points import printed

WIDTH, HEIGHT, EDGE = 56, 16, 2  # units of the drawing
MOST_POINTS = 24  # the last so many submissions are drawn; more would be a blot


@dataclass(frozen=True)
class Sparkline:
    """A path and the dot at its end; `mark` is the height of the pass mark, None where it is off the drawing."""

    path: str
    end: tuple[float, float]
    mark: float | None
    spoken: str


def sparkline(
    points: Sequence[int], mark: int | None = None, *, higher_is_better: bool = True
) -> Sparkline | None:
    """The line of at least two submissions, in order; None for fewer. Better is higher up."""
    if len(points) < 2:
        return None
    drawn = list(points[-MOST_POINTS:])
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
        end=places[-1],
        mark=height(mark) if seen and mark is not None else None,
        spoken=f"{len(points)} submissions, from {first} to {last}",
    )
