"""Axis-aligned boxes on a pixel grid: detection boxes for intersection over union and non-maximum
suppression, crops with keypoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from templates.figures.drawing.area_labels import edges, paint_names
from templates.figures.drawing.axes import ticks
from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point
from templates.figures.drawing.markers import draw_marker
from templates.figures.drawing.picture import (
    BOLD,
    DASH_DOT,
    DASHED,
    DOTTED,
    HAIR,
    LIGHT,
    SMALL,
    Picture,
    label_size,
    number,
    spoken,
)
from templates.figures.drawing.placing import room_beside

MAX_BOXES = 6
MAX_POINTS = 6
_STYLES: tuple[tuple[float, ...], ...] = ((), DASHED, DOTTED, DASH_DOT)
_DENSEST = 6.0
_TICK = 3.0
_MARK = 4.0


@dataclass(frozen=True)
class Area:
    """One box: its left, top, right and bottom edge in pixels, and what is printed at one of its
    corners.
    """

    label: str
    corners: tuple[float, float, float, float]


@dataclass(frozen=True)
class Spot:
    """One point, such as a keypoint: its place [x, y] in pixels, and what is printed beside it."""

    label: str
    at: tuple[float, float]


def draw(
    *,
    boxes: tuple[Area, ...],
    points: tuple[Spot, ...] = (),
    size: tuple[int, int] | None = None,
    origin: Literal["top", "bottom"] = "top",
    x_label: str = "$x$",
    y_label: str = "$y$",
) -> str:
    """The boxes on a grid of `size` [width, height] pixels, with numbered ticks so that corners can
    be read off.

    With `origin: top` the y axis points down, as in images; then corners are [left, top, right,
    bottom] with top < bottom. With `origin: bottom` y points up and the corners are [left, bottom,
    right, top].
    """
    width, height = _check(boxes, points, size)
    unit = min(190.0 / width, 170.0 / height, 22.0)
    frame = Box(0, 0, width * unit, height * unit)
    picture = Picture()

    def rect(area: Area) -> Box:
        x0, y0, x1, y1 = area.corners
        if origin == "top":
            return Box(x0 * unit, y0 * unit, x1 * unit, y1 * unit)
        return Box(x0 * unit, (height - y1) * unit, x1 * unit, (height - y0) * unit)

    for value in _lines(width, unit):
        picture.line((value * unit, 0), (value * unit, frame.y1), width=HAIR, color=LIGHT)
    for value in _lines(height, unit):
        y = value * unit if origin == "top" else (height - value) * unit
        picture.line((0, y), (frame.x1, y), width=HAIR, color=LIGHT)
    taken: list[Box] = []
    columns = _pixels(width)
    widest = max(label_size(number(value), SMALL)[0] for value in columns)
    # where the numbers would run together, every second one is left out
    step = 1 if len(columns) < 2 or (columns[1] - columns[0]) * unit >= widest + 5 else 2
    for index, value in enumerate(columns):
        x = value * unit
        edge, sign = (0.0, -1) if origin == "top" else (frame.y1, 1)
        picture.line((x, edge), (x, edge + sign * _TICK), width=HAIR)
        if index % step:
            continue
        valign = "bottom" if origin == "top" else "top"
        at = (x, edge + sign * (_TICK + 3))
        taken.append(picture.label(number(value), at, size=SMALL, valign=valign))
    for value in _pixels(height):
        y = value * unit if origin == "top" else (height - value) * unit
        picture.line((0, y), (-_TICK, y), width=HAIR)
        at = (-_TICK - 3, y)
        taken.append(picture.label(number(value), at, size=SMALL, anchor="end", valign="digits"))
    picture.rect(frame, fill="none", width=HAIR)
    level = 0.0 if origin == "top" else frame.y1
    right = ((0.0, level), (frame.x1 + 12, level))
    picture.arrow(right)
    taken.append(picture.label(x_label, (frame.x1 + 16, level), anchor="start", valign="letters"))
    end = frame.y1 + 12 if origin == "top" else -12.0
    down = ((0.0, frame.y1 - level), (0.0, end))
    picture.arrow(down)
    valign = "top" if origin == "top" else "bottom"
    at = (0, end + (4 if origin == "top" else -4))
    taken.append(picture.label(y_label, at, valign=valign))
    areas = [rect(area) for area in boxes]
    for index, place in enumerate(areas):
        picture.rect(place, fill="none", width=BOLD * 1.25, dash=_STYLES[index % 4])
    turned = None if origin == "top" else height
    places = [
        (p.at[0] * unit, (p.at[1] if turned is None else turned - p.at[1]) * unit) for p in points
    ]
    taken += [Box(x, y, x, y).grown(_MARK) for x, y in places]
    names = paint_names(
        picture,
        [area.label for area in boxes],
        areas,
        taken=taken,
        lines=[*edges(frame), right, down],
    )
    _paint_points(picture, points, places, areas, names)
    return picture.svg()


def describe(
    *,
    boxes: tuple[Area, ...],
    points: tuple[Spot, ...] = (),
    size: tuple[int, int] | None = None,
    origin: Literal["top", "bottom"] = "top",
    x_label: str = "$x$",
    y_label: str = "$y$",
) -> str:
    """The corners of every box, and the place of every point."""
    width, height = _check(boxes, points, size)
    x, y = spoken(x_label), spoken(y_label)
    said = [
        f"box {spoken(area.label)} from ({number(area.corners[0])}, {number(area.corners[1])}) "
        f"to ({number(area.corners[2])}, {number(area.corners[3])})"
        for area in boxes
    ]
    said += [f"point {spoken(p.label)} at ({number(p.at[0])}, {number(p.at[1])})" for p in points]
    down = "down" if origin == "top" else "up"
    return f"Pixel grid of {width} by {height}, {x} to the right, {y} {down}: {'; '.join(said)}."


def _check(
    boxes: tuple[Area, ...], points: tuple[Spot, ...], size: tuple[int, int] | None
) -> tuple[int, int]:
    if not 1 <= len(boxes) <= MAX_BOXES:
        raise FigureError(f"{len(boxes)} boxes", f"1 to {MAX_BOXES}")
    if len(points) > MAX_POINTS:
        raise FigureError(f"{len(points)} points", f"at most {MAX_POINTS}")
    for index, area in enumerate(boxes):
        x0, y0, x1, y1 = area.corners
        if not (0 <= x0 < x1 and 0 <= y0 < y1):
            raise FigureError(
                f"boxes.{index}.corners = {[*map(number, area.corners)]}",
                "left, top, right, bottom with 0 <= left < right and 0 <= top < bottom",
            )
    right, low = max(a.corners[2] for a in boxes), max(a.corners[3] for a in boxes)
    if size is None:
        size = (int(-(-right // 1)) + 1, int(-(-low // 1)) + 1)
    if size[0] < right or size[1] < low:
        raise FigureError(f"size = {list(size)} leaves a box outside")
    for index, point in enumerate(points):
        x, y = point.at
        if not (0 <= x <= size[0] and 0 <= y <= size[1]):
            shown = [number(x), number(y)]
            raise FigureError(f"points.{index}.at = {shown} lies outside", f"0 to {list(size)}")
    if max(size) > 2000 or max(size) > 8 * min(size):
        raise FigureError(f"size = {list(size)}", "at most 2000, sides within a factor of 8")
    return size


def _lines(count: int, unit: float) -> list[float]:
    # corners are read off the lines: one for each pixel, unless they would make the picture grey
    return [float(value) for value in range(count + 1)] if unit >= _DENSEST else _pixels(count)


def _pixels(count: int) -> list[float]:
    # a number between two pixels would make corners hard to read off
    return [value for value in ticks(0, count, 14) if value.is_integer()]


def _paint_points(
    picture: Picture,
    points: tuple[Spot, ...],
    places: list[Point],
    areas: list[Box],
    names: list[Box],
) -> None:
    """Crosses with labels that keep off the edges of boxes and their names."""
    lines = [edge for area in areas for edge in edges(area)]
    taken = [*names, *(Box(x, y, x, y).grown(_MARK) for x, y in places)]
    for at in places:
        draw_marker(picture, "cross", at)
    for point, at in zip(points, places, strict=True):
        others = [box for box in taken if box.centre != at]
        spot = room_beside(point.label, at, clear=5.0, taken=others, lines=lines, size=SMALL)
        taken.append(picture.label(point.label, spot, size=SMALL, halo=1.0))
