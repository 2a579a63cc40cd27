"""Decision regions of the k nearest neighbours: the same training points in one panel for each k,
the region of the first class shaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, between
from templates.figures.drawing.markers import NAMES, Shape, draw_marker
from templates.figures.drawing.picture import HAIR, LINE, PAPER, Picture, number, spoken

MAX_PANELS = 4
_SHAPES: tuple[Shape, ...] = ("disc", "square")
_FILL = "#d6d6d6"
_CELLS = 40
_GAP = 20.0
_MARKER = 2.1

Pair = tuple[float, float]
Field = list[list[float]]


@dataclass(frozen=True)
class Group:
    """The training points of one class."""

    label: str
    points: tuple[Pair, ...]


def draw(
    *,
    classes: tuple[Group, ...],
    ks: tuple[int, ...],
    extent: tuple[float, float] = (0.0, 100.0),
    width: float = 118.0,
    per_row: int = MAX_PANELS,
) -> str:
    """The panels A, B, ... from left to right, one for each of `ks` (odd, Euclidean distance); both
    axes run over `extent`, `width` is that of a panel in pt, and `per_row` counts the panels of a row.
    """
    _check(classes, ks, extent, width, per_row)
    picture = Picture()
    places = [p for group in classes for p in group.points]
    firsts = len(classes[0].points)
    low, high = extent

    def at(frame: Box, x: float, y: float) -> Pair:
        span = high - low
        return frame.x0 + (x - low) / span * width, frame.y1 - (y - low) / span * width

    for index, k in enumerate(ks):
        left, top = index % per_row * (width + _GAP), index // per_row * (width + _GAP)
        frame = Box(left, top, left + width, top + width)
        _paint_regions(picture, frame, _field(places, firsts, k, extent))
        for shape, group in zip(_SHAPES, classes, strict=True):
            for x, y in group.points:
                draw_marker(picture, shape, at(frame, x, y), _MARKER)
        picture.rect(frame, fill="none", width=HAIR)
        picture.label(chr(65 + index), (left, top - 5), anchor="start", valign="baseline")
    right = picture.extent.x1 + 12
    for row, (shape, group) in enumerate(zip(_SHAPES, classes, strict=True)):
        draw_marker(picture, shape, (right, 8 + row * 14), _MARKER)
        picture.label(group.label, (right + 8, 8 + row * 14), anchor="start", valign="digits")
    return picture.svg()


def describe(
    *,
    classes: tuple[Group, ...],
    ks: tuple[int, ...],
    extent: tuple[float, float] = (0.0, 100.0),
    width: float = 118.0,
    per_row: int = MAX_PANELS,
) -> str:
    """The training points by class, and for each panel how much of it is shaded; no k is named."""
    _check(classes, ks, extent, width, per_row)
    said = [
        f"class {spoken(group.label)} ({NAMES[shape]}): "
        + ", ".join(f"({number(x)}, {number(y)})" for x, y in group.points)
        for shape, group in zip(_SHAPES, classes, strict=True)
    ]
    places = [p for group in classes for p in group.points]
    shares = []
    for index, k in enumerate(ks):
        corners = [v > 0 for row in _field(places, len(classes[0].points), k, extent) for v in row]
        share = sum(corners) / len(corners)
        shares.append(f"{chr(65 + index)} {round(100 * share)} %")
    return (
        f"{len(ks)} panels with the same points, {'; '.join(said)}. "
        f"Share of the panel in the region of class {spoken(classes[0].label)}: "
        f"{', '.join(shares)}."
    )


def _check(
    classes: tuple[Group, ...],
    ks: tuple[int, ...],
    extent: tuple[float, float],
    width: float,
    per_row: int,
) -> None:
    if len(classes) != 2:
        raise FigureError(f"{len(classes)} classes", "two, of which the first is shaded")
    if not 1 <= len(ks) <= MAX_PANELS:
        raise FigureError(f"{len(ks)} values of k", f"1 to {MAX_PANELS}")
    if not extent[0] < extent[1]:
        raise FigureError(
            f"extent = {number(extent[0])} to {number(extent[1])}", "the first must be smaller"
        )
    if not 60 <= width <= 220:
        raise FigureError(f"width = {number(width)}", "60 to 220 pt")
    if not 1 <= per_row <= MAX_PANELS:
        raise FigureError(f"per_row = {per_row}", f"1 to {MAX_PANELS}")
    points = [p for group in classes for p in group.points]
    for k in ks:
        if k % 2 == 0 or not 1 <= k <= len(points):
            raise FigureError(f"k = {k}", f"an odd number from 1 to {len(points)}")
    if any(not extent[0] <= v <= extent[1] for p in points for v in p):
        raise FigureError(
            f"extent = {number(extent[0])} to {number(extent[1])} leaves a point outside"
        )


def _field(points: list[Pair], firsts: int, k: int, extent: tuple[float, float]) -> Field:
    """At the corners of the cells, rows from the top: positive where most of k neighbours are of the first class.

    That is where the m-th point of that class, with m = (k + 1) / 2, is nearer than the m-th of the other; the
    difference of the two distances changes steadily, so that the boundary can be drawn between the corners.
    """
    rank = (k - 1) // 2
    low, high = extent
    far = 4 * (high - low)
    step = (high - low) / _CELLS

    def margin(x: float, y: float) -> float:
        own, other = (
            sorted(math.hypot(p[0] - x, p[1] - y) for p in group)
            for group in (points[:firsts], points[firsts:])
        )
        return (other[rank] if rank < len(other) else far) - (own[rank] if rank < len(own) else far)

    return [
        [margin(low + column * step, high - row * step) for column in range(_CELLS + 1)]
        for row in range(_CELLS + 1)
    ]


def _paint_regions(picture: Picture, frame: Box, field: Field) -> None:
    picture.rect(frame, fill=PAPER, width=0)
    cell = frame.width / _CELLS
    boundary: list[tuple[Pair, Pair]] = []
    for row in range(_CELLS):
        y = frame.y0 + row * cell
        full = [min(_corners(field, row, column)) > 0 for column in range(_CELLS)]
        for start, stop in _runs(full):
            area = Box(frame.x0 + start * cell, y, frame.x0 + stop * cell, y + cell)
            picture.rect(area, fill=_FILL, color=_FILL, width=HAIR)
        for column in range(_CELLS):
            values = _corners(field, row, column)
            if full[column] or max(values) <= 0:
                continue
            x = frame.x0 + column * cell
            places = ((x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell))
            for half in ((0, 1, 2), (0, 2, 3)):
                inside, cut = _cut([places[i] for i in half], [values[i] for i in half])
                if inside:
                    picture.chain(inside, closed=True, fill=_FILL, color=_FILL, width=HAIR)
                if len(cut) == 2:
                    boundary.append((cut[0], cut[1]))
    for chain in _joined(boundary):
        picture.chain(chain, width=LINE)


def _corners(field: Field, row: int, column: int) -> tuple[float, float, float, float]:
    upper, lower = field[row], field[row + 1]
    return upper[column], upper[column + 1], lower[column + 1], lower[column]


def _cut(places: list[Pair], values: list[float]) -> tuple[list[Pair], list[Pair]]:
    """The part of a triangle where the field is positive, and the two ends of the boundary in it."""
    inside: list[Pair] = []
    ends: list[Pair] = []
    for i in range(3):
        j = (i + 1) % 3
        if values[i] > 0:
            inside.append(places[i])
        if (values[i] > 0) != (values[j] > 0):
            # from the same end in both triangles that share the edge, so that they meet in one point
            a, b = (i, j) if places[i] < places[j] else (j, i)
            ends.append(between(places[a], places[b], values[a] / (values[a] - values[b])))
            inside.append(ends[-1])
    return inside, ends


def _joined(segments: list[tuple[Pair, Pair]]) -> list[list[Pair]]:
    """Segments that meet at their ends, as chains."""
    touching: dict[Pair, list[int]] = {}
    for index, segment in enumerate(segments):
        for end in segment:
            touching.setdefault(end, []).append(index)
    left = dict(enumerate(segments))
    # chains that end at the frame first, so that none begins in its middle; closed ones after them
    order = sorted(left, key=lambda i: min(len(touching[end]) for end in segments[i]))
    chains: list[list[Pair]] = []
    for first in order:
        if first not in left:
            continue
        start, stop = left.pop(first)
        chain = [stop, start] if len(touching[stop]) == 1 else [start, stop]
        while follow := [i for i in touching[chain[-1]] if i in left]:
            a, b = left.pop(follow[0])
            chain.append(b if a == chain[-1] else a)
        chains.append(chain)
    return chains


def _runs(flags: list[bool]) -> list[tuple[int, int]]:
    """The stretches of true: [first, behind the last]."""
    found: list[tuple[int, int]] = []
    for index, flag in enumerate(flags):
        if flag and found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        elif flag:
            found.append((index, index + 1))
    return found
