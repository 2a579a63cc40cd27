"""Plane geometry of figures. Lengths are points (1/72 inch), y grows downwards."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Right minus left."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Bottom minus top."""
        return self.y1 - self.y0

    @property
    def centre(self) -> Point:
        """The middle of the rectangle."""
        return ((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2)

    def grown(self, margin: float) -> Box:
        """The rectangle with `margin` more on every side."""
        return Box(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)

    def moved(self, dx: float, dy: float) -> Box:
        """The rectangle shifted."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def joined(self, other: Box) -> Box:
        """The smallest rectangle that holds both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def meets(self, other: Box) -> bool:
        """Whether the two share area."""
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def touches(self, other: Box) -> bool:
        """Whether the two share a point, be it on their borders."""
        return (
            self.x0 <= other.x1
            and other.x0 <= self.x1
            and self.y0 <= other.y1
            and other.y0 <= self.y1
        )


def around(points: Sequence[Point]) -> Box:
    """The smallest rectangle that holds all points."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def toward(start: Point, end: Point, distance: float) -> Point:
    """The point `distance` away from `start` towards `end` (`start` if both are equal)."""
    length = math.dist(start, end)
    if length == 0:
        return start
    share = distance / length
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def between(start: Point, end: Point, share: float) -> Point:
    """The point at a share (0 to 1) of the way."""
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def clip(start: Point, end: Point, box: Box) -> tuple[Point, Point] | None:
    """The part of a straight line that lies in the box (Liang and Barsky), or None."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    low, high = 0.0, 1.0
    for step, room in (
        (-dx, start[0] - box.x0),
        (dx, box.x1 - start[0]),
        (-dy, start[1] - box.y0),
        (dy, box.y1 - start[1]),
    ):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            low = max(low, room / step)
        else:
            high = min(high, room / step)
    if low > high:
        return None
    return between(start, end, low), between(start, end, high)


def clip_chain(points: Sequence[Point], box: Box) -> list[list[Point]]:
    """The pieces of a chain of straight lines that lie in the box."""
    pieces: list[list[Point]] = []
    for start, end in itertools.pairwise(points):
        part = clip(start, end, box)
        if part is None or part[0] == part[1]:
            continue
        if pieces and math.dist(pieces[-1][-1], part[0]) < 1e-9:
            pieces[-1].append(part[1])
        else:
            pieces.append([part[0], part[1]])
    return pieces
