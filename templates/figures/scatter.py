"""Points of up to four classes in the plane, with an optional query point and optional straight
lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from templates.figures.drawing.axes import Axes, checked_range, draw_axes, ticks
from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point, between, clip
from templates.figures.drawing.markers import NAMES, Shape, draw_marker
from templates.figures.drawing.picture import (
    BOLD,
    DASHED,
    DOTTED,
    SMALL,
    Picture,
    label_box,
    number,
    spoken,
)
from templates.figures.drawing.placing import room_beside

_SHAPES: tuple[Shape, ...] = ("disc", "square", "triangle", "cross")
_STYLES = {"solid": (), "dashed": DASHED, "dotted": DOTTED}
MAX_CLASSES = 4

PlanePoint = tuple[float, float] | tuple[float, float, str]


@dataclass(frozen=True)
class Group:
    """The points of one class: [x, y], or [x, y, "name"] to print a name beside the point."""

    label: str
    points: tuple[PlanePoint, ...]
    marker: Shape | None = None


@dataclass(frozen=True)
class Line:
    """The line w[0]*x + w[1]*y + b = 0, across the whole plot."""

    w: tuple[float, float]
    b: float = 0.0
    label: str = ""
    style: Literal["solid", "dashed", "dotted"] = "solid"


def draw(
    *,
    classes: tuple[Group, ...],
    query: tuple[float, float] | None = None,
    query_label: str = "$q$",
    lines: tuple[Line, ...] = (),
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    x_label: str = "$x_1$",
    y_label: str = "$x_2$",
    grid: bool = True,
    equal: bool = True,
    width: float = 165.0,
) -> str:
    """The plot. `equal` gives both axes the same scale (so that distances look right); `width` is
    that of the plot in pt.
    """
    _check(classes, query, width)
    picture = Picture()
    axes = _axes(classes, query, x_range, y_range, equal, width)
    every = [
        ticks(*axes.x, most=min(_most(axes.x), int(axes.box.width / 17))),
        ticks(*axes.y, most=min(_most(axes.y), int(axes.box.height / 11))),
    ]
    draw_axes(
        picture,
        axes,
        x_label=x_label,
        y_label=y_label,
        x_ticks=every[0],
        y_ticks=every[1],
        grid=every if grid else ((), ()),
    )
    segments = _paint_lines(picture, axes, lines)
    taken: list[Box] = []
    for shape, group in _shaped(classes):
        for point in group.points:
            x, y = axes.at(point[0], point[1])
            taken.append(Box(x - 4, y - 4, x + 4, y + 4))
            draw_marker(picture, shape, (x, y))
    if query is not None:
        x, y = axes.at(*query)
        taken.append(Box(x - 5, y - 5, x + 5, y + 5))
        draw_marker(picture, "star", (x, y))
    named = [(p[2], axes.at(p[0], p[1]), 5.0) for g in classes for p in g.points if len(p) == 3]
    if query is not None and query_label:
        named.append((query_label, axes.at(*query), 6.0))
    for text, at, clear in named:
        own = [box for box in taken if box.centre != at]
        spot = room_beside(
            text, at, clear=clear, taken=own, lines=segments, inside=axes.box, size=SMALL
        )
        taken.append(picture.label(text, spot, size=SMALL, halo=0.6))
    _paint_legend(picture, axes, classes)
    return picture.svg()


def describe(
    *,
    classes: tuple[Group, ...],
    query: tuple[float, float] | None = None,
    query_label: str = "$q$",
    lines: tuple[Line, ...] = (),
    x_range: tuple[float, float] | None = None,  # noqa: ARG001  a describe takes what its draw takes
    y_range: tuple[float, float] | None = None,  # noqa: ARG001
    x_label: str = "$x_1$",
    y_label: str = "$x_2$",
    grid: bool = True,  # noqa: ARG001
    equal: bool = True,  # noqa: ARG001
    width: float = 165.0,
) -> str:
    """The coordinates of every point by class, of the query, and the equation of every line."""
    _check(classes, query, width)
    parts = [
        f"class {spoken(group.label)} ({NAMES[shape]}): "
        + ", ".join(
            (f"{spoken(p[2])} " if len(p) == 3 else "") + _pair(p[0], p[1]) for p in group.points
        )
        for shape, group in _shaped(classes)
    ]
    if query is not None:
        parts.append(f"query point {spoken(query_label)} (star) at {_pair(*query)}")
    x, y = spoken(x_label), spoken(y_label)
    for line in lines:
        name = f" {spoken(line.label)}" if line.label else ""
        parts.append(f"{line.style} line{name}: {equation(line.w, line.b, x, y)}")
    return f"Scatter plot of {y} against {x}. " + "; ".join(parts) + "."


def equation(w: tuple[float, float], b: float, x: str, y: str) -> str:
    """A line as readable text: `2 x - y + 1 = 0`."""
    said = ""
    for factor, name in ((w[0], x), (w[1], y), (b, "")):
        if factor == 0:
            continue
        size = number(abs(factor))
        term = name if size == "1" and name else f"{size} {name}".strip()
        if said:
            said += f" {'-' if factor < 0 else '+'} {term}"
        else:
            said = f"-{term}" if factor < 0 else term
    return f"{said} = 0"


def _pair(x: float, y: float) -> str:
    return f"({number(x)}, {number(y)})"


def _check(classes: tuple[Group, ...], query: tuple[float, float] | None, width: float) -> None:
    if len(classes) > MAX_CLASSES:
        raise FigureError(f"{len(classes)} classes", f"at most {MAX_CLASSES}")
    if query is None and not any(group.points for group in classes):
        raise FigureError("there is no point to draw")
    if not 60 <= width <= 450:
        raise FigureError(f"width = {number(width)}", "60 to 450 pt")


def _shaped(classes: tuple[Group, ...]) -> list[tuple[Shape, Group]]:
    return [(g.marker or _SHAPES[i], g) for i, g in enumerate(classes)]


def _most(extent: tuple[float, float]) -> int:
    # small whole-number ranges get a tick at each number, so that coordinates can be read off
    return max(7, min(13, math.floor(extent[1] - extent[0]) + 1))


def _round_range(low: float, high: float) -> tuple[float, float]:
    room = max(high - low, 1.0)
    marks = ticks(low - room, high + room, most=18)
    step = marks[1] - marks[0]
    if low.is_integer() and high.is_integer():
        step = max(step, 1.0)
    first = math.floor(low / step - 0.5) * step
    last = math.ceil(high / step + 0.5) * step
    return (0.0 if 0 < first <= 2 * step else first), last


def _axes(
    classes: tuple[Group, ...],
    query: tuple[float, float] | None,
    x_range: tuple[float, float] | None,
    y_range: tuple[float, float] | None,
    equal: bool,
    width: float,
) -> Axes:
    points = [(p[0], p[1]) for g in classes for p in g.points] + ([query] if query else [])
    extent = []
    for axis, name, given in ((0, "x_range", x_range), (1, "y_range", y_range)):
        values = [p[axis] for p in points]
        if given is None:
            extent.append(_round_range(float(min(values)), float(max(values))))
        else:
            low, high = checked_range(name, *given)
            if min(values) < low or max(values) > high:
                raise FigureError(f"{name} = {list(given)} leaves a point outside")
            extent.append((low, high))
    x, y = extent
    height = width * 0.8
    if equal:
        width = min(width, 30.0 * (len(ticks(*x, most=13)) - 1))
        height = width * (y[1] - y[0]) / (x[1] - x[0])
        most = 210.0
        if height > most:
            width, height = width * most / height, most
    if width < 40 or height < 40:
        raise FigureError(
            f"ranges {list(x)} and {list(y)} on one scale give a plot too narrow to read",
            "set equal: false",
        )
    return Axes(Box(0, 0, width, height), x, y)


def _paint_lines(
    picture: Picture, axes: Axes, lines: tuple[Line, ...]
) -> list[tuple[Point, Point]]:
    segments = []
    for line in lines:
        if line.w == (0, 0):
            raise FigureError("a line has w = [0, 0]", "at least one weight must not be 0")
        ends = _ends(axes, line)
        if ends is None:
            shown = equation(line.w, line.b, "x", "y")
            raise FigureError(f"the line {shown} does not pass through the plot", "widen the range")
        picture.line(*ends, width=BOLD, dash=_STYLES[line.style])
        segments.append(ends)
    taken: list[Box] = []
    for line, ends in zip(lines, segments, strict=True):
        if line.label:
            taken.append(_label_line(picture, axes.box, line.label, ends, taken))
    return segments


def _label_line(
    picture: Picture, box: Box, label: str, ends: tuple[Point, Point], taken: list[Box]
) -> Box:
    # outside the plot where the line leaves it: right of it, above it, else beside its upper end
    right = [
        ((box.x1 + 5, y), "start", "digits")
        for x, y in ends
        if x > box.x1 - 0.5 and y < box.y1 - 12
    ]
    above = [
        ((x, box.y0 - 5), "middle", "baseline")
        for x, y in ends
        if y < box.y0 + 0.5 and x > box.x0 + 14
    ]
    for spot, anchor, valign in [*right, *above]:
        own = label_box(label, spot, size=SMALL, anchor=anchor, valign=valign).grown(1)
        if not any(own.meets(other) for other in taken):
            return picture.label(label, spot, size=SMALL, anchor=anchor, valign=valign)
    upper, lower = sorted(ends, key=lambda p: p[1])
    spot = room_beside(
        label,
        between(upper, lower, 0.2),
        clear=6,
        taken=taken,
        lines=[ends],
        inside=box,
        size=SMALL,
    )
    return picture.label(label, spot, size=SMALL, halo=1)


def _ends(axes: Axes, line: Line) -> tuple[Point, Point] | None:
    # far ends of the line in data, mapped to the picture and cut at the plot area
    norm = math.hypot(*line.w)
    foot = (-line.b * line.w[0] / norm**2, -line.b * line.w[1] / norm**2)
    far = 4 * (abs(foot[0]) + abs(foot[1]) + sum(map(abs, (*axes.x, *axes.y))) + 1)
    along = (-line.w[1] / norm * far, line.w[0] / norm * far)
    ends = clip(
        axes.at(foot[0] - along[0], foot[1] - along[1]),
        axes.at(foot[0] + along[0], foot[1] + along[1]),
        axes.box,
    )
    return None if ends is None or math.dist(*ends) < 1 else ends


def _paint_legend(picture: Picture, axes: Axes, classes: tuple[Group, ...]) -> None:
    rows = [(shape, g.label) for shape, g in _shaped(classes) if g.label]
    if not rows:
        return
    x = max(axes.box.x1, picture.extent.x1) + 16
    for index, (shape, label) in enumerate(rows):
        y = axes.box.y0 + 8 + index * 16
        draw_marker(picture, shape, (x, y))
        picture.label(label, (x + 9, y), anchor="start", valign="digits")
