"""Axes of a plot: from data to points on the picture, round ticks, axis lines with arrowheads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point
from templates.figures.drawing.picture import HAIR, LIGHT, LINE, SMALL, Picture, number

_TICK = 3.0
_OVERSHOOT = 9.0


@dataclass(frozen=True)
class Axes:
    """A plot area `box` in pt that shows the data from `x[0]` to `x[1]` and `y[0]` to `y[1]`."""

    box: Box
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> Point:
        """Where a data point lies on the picture."""
        return (
            self.box.x0 + (x - self.x[0]) / (self.x[1] - self.x[0]) * self.box.width,
            self.box.y1 - (y - self.y[0]) / (self.y[1] - self.y[0]) * self.box.height,
        )


def checked_range(name: str, low: float, high: float) -> tuple[float, float]:
    """A range that rises; FigureError otherwise."""
    if not low < high:
        raise FigureError(f"{name} = [{number(low)}, {number(high)}]", "the first must be smaller")
    return low, high


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers (steps of 1, 2 or 5 times a power of ten) from low to high."""
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    while True:
        for factor in (1, 2, 5):
            size = step * factor
            first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
            if last - first + 1 <= most:
                return [round(k * size, 10) for k in range(first, last + 1)]
        step *= 10


def draw_axes(
    picture: Picture,
    axes: Axes,
    *,
    x_label: str = "",
    y_label: str = "",
    x_ticks: Sequence[float] = (),
    y_ticks: Sequence[float] = (),
    grid: Sequence[Sequence[float]] = ((), ()),
    through: Point | None = None,
    numbers: bool = True,
) -> None:
    """Axis lines with arrowheads, ticks and their numbers, labels at the ends.

    `grid` are the x and y values of thin dotted lines. The axes run along the left and the lower
    edge, or cross at the data point `through`; then the number at the crossing itself is left out.
    """
    box = axes.box
    for value in grid[0]:
        x = axes.at(value, 0)[0]
        picture.line((x, box.y0), (x, box.y1), width=HAIR, color=LIGHT)
    for value in grid[1]:
        y = axes.at(0, value)[1]
        picture.line((box.x0, y), (box.x1, y), width=HAIR, color=LIGHT)
    left, low = (box.x0, box.y1) if through is None else axes.at(*through)
    end_x, end_y = box.x1 + _OVERSHOOT, box.y0 - _OVERSHOOT
    picture.arrow([(box.x0, low), (end_x, low)], width=LINE)
    picture.arrow([(left, box.y1), (left, end_y)], width=LINE)
    if x_label:
        picture.label(x_label, (end_x + 4, low), anchor="start", valign="letters")
    if y_label:
        picture.label(y_label, (left, end_y - 4), valign="baseline")
    for value in x_ticks:
        if through is not None and value == through[0]:
            continue
        x = axes.at(value, 0)[0]
        picture.line((x, low - (_TICK if through else 0) / 2), (x, low + _TICK), width=HAIR)
        if numbers:
            picture.label(number(value), (x, low + _TICK + 3), size=SMALL, valign="top")
    for value in y_ticks:
        if through is not None and value == through[1]:
            continue
        y = axes.at(0, value)[1]
        picture.line((left - _TICK, y), (left + (_TICK if through else 0) / 2, y), width=HAIR)
        if numbers:
            at = (left - _TICK - 3, y)
            picture.label(number(value), at, size=SMALL, anchor="end", valign="digits")
