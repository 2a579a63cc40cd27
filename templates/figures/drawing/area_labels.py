"""Names of overlapping boxes, placed so that nobody can take one box for another.

A name stands where its own box is alone. Where no such place is wide enough, it stands off the box, and a
short line ends in a dot on an edge that is its box's alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from templates.figures.drawing.geometry import Box, Point, clip
from templates.figures.drawing.picture import INK, LINE, Picture, label_box

Line = tuple[Point, Point]

_CORNERS = ((0, 0), (1, 1), (1, 0), (0, 1))
_INSET = 5.0
_STEP = 2.0
_CLEAR = 2.2  # between a name and any edge
_APART = 3.0  # between names, numbers and marks
_REACHES = (6.0, 9.0, 13.0, 18.0, 24.0, 32.0)
_GAP = 2.0  # between a name and its line
_DOT = 1.4
# What a place costs. A name among other boxes is worse than one outside of all, whatever the distance.
_OFF, _AMONG_OTHERS, _SHARED, _BLOCKED = 1e3, 1e4, 1e5, 1e6


@dataclass(frozen=True)
class Place:
    """Where a name may stand: its centre, its rectangle, the line that leads to its box, and a cost."""

    at: Point
    rect: Box
    leader: Line | None
    cost: float


def edges(box: Box) -> tuple[Line, Line, Line, Line]:
    """The four sides of a rectangle."""
    a, b = (box.x0, box.y0), (box.x1, box.y0)
    c, d = (box.x1, box.y1), (box.x0, box.y1)
    return ((a, b), (b, c), (c, d), (d, a))


def paint_names(
    picture: Picture,
    names: Sequence[str],
    areas: Sequence[Box],
    *,
    taken: Sequence[Box],
    lines: Sequence[Line],
) -> list[Box]:
    """Name all boxes, and give back what the names and their lines cover.

    `taken` are rectangles (numbers, marks) and `lines` segments that no name touches.
    """
    covered: list[Box] = []
    for index, (name, own) in enumerate(zip(names, areas, strict=True)):
        others = [*areas[:index], *areas[index + 1 :]]
        # an identical box would be on every edge: it cannot be told apart anyway
        others = [other for other in others if other != own]
        every = [*lines, *(edge for area in areas for edge in edges(area))]
        place = _best(name, own, others, [*taken, *covered], every)
        if place.leader is not None:
            picture.line(*place.leader, width=LINE)
            picture.circle(place.leader[0], _DOT, fill=INK, width=0)
            (x0, y0), (x1, y1) = place.leader
            covered.append(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        covered.append(picture.label(name, place.at, halo=1.2, color=INK))
    return covered


def _best(
    name: str, own: Box, others: Sequence[Box], taken: Sequence[Box], lines: Sequence[Line]
) -> Place:
    zero = label_box(name, (0.0, 0.0))
    best: Place | None = None
    for place in itertools.chain(_within(zero, own), _beside(zero, own, others)):
        if best is not None and place.cost >= best.cost:
            continue
        cost = place.cost + _obstacles(place, others, taken, lines)
        if best is None or cost < best.cost:
            best = Place(place.at, place.rect, place.leader, cost)
    if best is None:
        raise AssertionError("a corner is always tried")
    return best


def _obstacles(
    place: Place, others: Sequence[Box], taken: Sequence[Box], lines: Sequence[Line]
) -> float:
    near, wide = place.rect.grown(_CLEAR), place.rect.grown(_APART)
    cost = _BLOCKED * sum(wide.meets(box) for box in taken)
    cost += _BLOCKED * sum(clip(*line, near) is not None for line in lines)
    among = any(near.meets(other) for other in others)
    if place.leader is None:
        return cost + _SHARED * among
    start, end = place.leader
    # the first bit of the line stands on the edge that it belongs to
    free = (start[0] + (end[0] - start[0]) * 0.2, start[1] + (end[1] - start[1]) * 0.2)
    path = Box(
        min(free[0], end[0]), min(free[1], end[1]), max(free[0], end[0]), max(free[1], end[1])
    )
    cost += _BLOCKED * sum(clip(*line, path.grown(1.0)) is not None for line in lines)
    cost += _BLOCKED * sum(path.grown(_APART).meets(box) for box in taken)
    return cost + _AMONG_OTHERS * among


def _within(zero: Box, own: Box) -> Iterator[Place]:
    """Inside the box: in a corner, else as near to one as can be."""
    left, right = own.x0 + _INSET + zero.width / 2, own.x1 - _INSET - zero.width / 2
    top, bottom = own.y0 + _INSET + zero.height / 2, own.y1 - _INSET - zero.height / 2
    for rank, (far_x, far_y) in enumerate(_CORNERS):
        x, y = (right if far_x else left), (bottom if far_y else top)
        yield Place((x, y), zero.moved(x, y), None, rank)
    for x, y in itertools.product(_steps(left, right), _steps(top, bottom)):
        off = min(x - left, right - x) + min(y - top, bottom - y)
        yield Place((x, y), zero.moved(x, y), None, len(_CORNERS) + off)


def _beside(zero: Box, own: Box, others: Sequence[Box]) -> Iterator[Place]:
    """Outside the box, with a line to a point of its edges that keeps off all other boxes' edges."""
    middle = own.centre
    for side, (start, end) in enumerate(edges(own)):
        dx, dy = ((0, -1), (1, 0), (0, 1), (-1, 0))[side]
        level = dx == 0
        low, high = sorted((start[0], end[0]) if level else (start[1], end[1]))
        for along in _steps(low + _DOT, high - _DOT):
            foot = (along, start[1]) if level else (start[0], along)
            if any(_on_edge(foot, other) for other in others):
                continue
            for reach in _REACHES:
                x = foot[0] + dx * (reach + _GAP + zero.width / 2)
                y = foot[1] + dy * (reach + _GAP + zero.height / 2)
                tip = (foot[0] + dx * reach, foot[1] + dy * reach)
                off = abs(along - middle[0 if level else 1])
                # a dot inside another box could be taken for a mark of that one
                within = any(o.grown(_DOT).touches(Box(*foot, *foot)) for o in others)
                cost = _OFF + 10 * reach + off + (_AMONG_OTHERS / 2 if within else 0)
                yield Place((x, y), zero.moved(x, y), (foot, tip), cost)


def _on_edge(point: Point, other: Box) -> bool:
    near = Box(*point, *point).grown(_DOT + _CLEAR)
    return any(clip(*edge, near) is not None for edge in edges(other))


def _steps(low: float, high: float) -> list[float]:
    if high < low:
        return []
    count = int((high - low) // _STEP)
    return [low + _STEP * k for k in range(count + 1)] + [high]
