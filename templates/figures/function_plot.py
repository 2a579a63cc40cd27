"""Graphs of functions of one variable, above all activation functions: on one pair of axes, or as
small multiples.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from templates.figures.drawing.axes import Axes, checked_range, draw_axes, ticks
from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point, clip_chain
from templates.figures.drawing.markers import Shape, draw_marker
from templates.figures.drawing.picture import (
    BOLD,
    DASH_DOT,
    DASHED,
    DOTTED,
    GREY,
    HAIR,
    LINE,
    PAPER,
    SMALL,
    Picture,
    number,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Name = Literal[
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "softplus",
    "hard_tanh",
    "step",
    "linear",
    "constant",
    "absolute",
    "square",
    "sine",
]
MAX_FUNCTIONS = 8
MAX_TOGETHER = 4

_STYLES: tuple[tuple[float, ...], ...] = ((), DASHED, DOTTED, DASH_DOT)
_STYLE_NAMES = ("solid", "dashed", "dotted", "dash-dotted")
_MARKERS: tuple[Shape, ...] = ("disc", "ring", "square", "triangle")
_UNBOUNDED = {"relu", "leaky_relu", "elu", "softplus", "linear", "absolute", "square"}
_SAMPLES = 120
_BESIDE = 1e-9
"""How far from a jump its value from the left is taken."""


@dataclass(frozen=True)
class Function:
    """A function by name, or a chain of straight lines through `points`.

    `a` is the slope of leaky_relu below 0, the scale of elu, the slope of linear, or the value of
    constant. `derivative` draws the derivative of the named function instead; where it jumps, it
    is not defined. `label` is what is printed: without it the letter A, B, ... in order, "" for
    nothing.
    """

    name: Name | None = None
    a: float | None = None
    points: tuple[tuple[float, float], ...] | None = None
    label: str | None = None
    derivative: bool = False


def draw(
    *,
    functions: tuple[Function, ...],
    layout: Literal["together", "panels"] = "together",
    x_range: tuple[float, float] = (-4.0, 4.0),
    y_range: tuple[float, float] | None = None,
    x_label: str = "$x$",
    y_label: str = "",
    numbers: bool = True,
    per_row: int = 4,
    grid: bool = False,
    marked: bool = False,
) -> str:
    """The graphs. `numbers=False` leaves the axes without numbers; `per_row` counts the panels of a
    row; `grid` adds light lines, so that values can be read off. `marked` is for values at a few
    places only: a marker stands at each of the `points`, and the x axis has its numbers there.
    """
    _check(functions, layout, x_range, y_range, per_row)
    picture = Picture()
    y = _y_range(functions, y_range)
    if layout == "together":
        axes = Axes(Box(0, 0, 190, 125), x_range, y)
        most = 16 if grid and marked else 11 if grid else 9
        _axes(picture, axes, x_label, y_label, numbers, grid, most, _places(functions, marked))
        curves = [_paint(picture, axes, f, _STYLES[i]) for i, f in enumerate(functions)]
        if marked:
            for shape, function in zip(_MARKERS, functions, strict=False):
                for point in function.points or ():
                    draw_marker(picture, shape, axes.at(*point), 2.1)
        labels = [_label(f, i) for i, f in enumerate(functions)]
        # the label of the x axis stands at zero when there are no numbers
        keep_off = None if numbers else axes.at(0.0, min(max(0.0, y[0]), y[1]))[1]
        _label_ends(picture, axes, labels, curves, keep_off)
        return picture.svg()
    wide, tall = 86.0, 68.0
    for index, function in enumerate(functions):
        left = (index % per_row) * (wide + 30)
        top = (index // per_row) * (tall + 44)
        box = Box(left, top, left + wide, top + tall)
        axes = Axes(box, x_range, y)
        _axes(picture, axes, x_label, y_label, numbers, grid, 5, _places(functions, marked))
        _paint(picture, axes, function, ())
        for point in (function.points or ()) if marked else ():
            draw_marker(picture, _MARKERS[0], axes.at(*point), 2.1)
        at = (box.x0 + (11 if numbers else 2), box.y0 - 5)
        if _label(function, index):
            picture.label(_label(function, index), at, anchor="start", valign="baseline")
    return picture.svg()


def describe(
    *,
    functions: tuple[Function, ...],
    layout: Literal["together", "panels"] = "together",
    x_range: tuple[float, float] = (-4.0, 4.0),
    y_range: tuple[float, float] | None = None,
    x_label: str = "$x$",
    y_label: str = "",
    numbers: bool = True,  # noqa: ARG001  a describe takes what its draw takes
    per_row: int = 4,
    grid: bool = False,  # noqa: ARG001
    marked: bool = False,  # noqa: ARG001
) -> str:
    """A few values of every graph; a function is named only where its label prints its name."""
    _check(functions, layout, x_range, y_range, per_row)
    low, high = x_range
    at = [low, low / 2 + (low + high) / 4, (low + high) / 2, high / 2 + (low + high) / 4, high]
    said = []
    for index, function in enumerate(functions):
        style = f" ({_STYLE_NAMES[index]})" if layout == "together" and len(functions) > 1 else ""
        law = _law(function)
        jumps = _jumps(function)
        places = [x for x in at if x not in jumps]
        if function.points is not None:
            places = [p[0] for p in function.points]
        values = ", ".join(f"({_short(x)}, {_short(law(x))})" for x in places)
        shown = spoken(_label(function, index)) or "it"
        said.append(f"{shown}{style} passes through {values}")
    name = f" of {spoken(y_label)}" if y_label else ""
    kind = "Graphs" if len(functions) > 1 else "Graph"
    axis = f"{spoken(x_label)} from {number(low)} to {number(high)}"
    return f"{kind}{name} for {axis}. " + "; ".join(said) + "."


def _short(value: float) -> str:
    return number(round(value, 2) + 0.0)


def _check(
    functions: tuple[Function, ...],
    layout: str,
    x_range: tuple[float, float],
    y_range: tuple[float, float] | None,
    per_row: int,
) -> None:
    most = MAX_TOGETHER if layout == "together" else MAX_FUNCTIONS
    if not 1 <= len(functions) <= most:
        raise FigureError(f"{len(functions)} functions {layout}", f"1 to {most}")
    checked_range("x_range", *x_range)
    if y_range is not None:
        checked_range("y_range", *y_range)
    if not 1 <= per_row <= 4:
        raise FigureError(f"per_row = {per_row}", "1 to 4")
    for index, function in enumerate(functions):
        if (function.name is None) == (function.points is None):
            raise FigureError(f"functions.{index} needs a name or points", "one of the two")
        if function.points is not None:
            xs = [p[0] for p in function.points]
            if len(xs) < 2 or any(b <= a for a, b in itertools.pairwise(xs)):
                raise FigureError(f"functions.{index}.points", "at least two, x rising")
        if function.derivative and function.name in {None, "step"}:
            raise FigureError(f"functions.{index}.derivative", "of a function by name, not of step")


def _label(function: Function, index: int) -> str:
    return chr(65 + index) if function.label is None else function.label


def _law(function: Function) -> Callable[[float], float]:
    a = function.a
    if function.points is not None:
        points = function.points
        return lambda x: _through(points, x)
    if function.derivative:
        return _slope(str(function.name), a)
    laws: dict[str, Callable[[float], float]] = {
        "sigmoid": _sigmoid,
        "tanh": math.tanh,
        "relu": lambda x: max(0.0, x),
        "leaky_relu": lambda x: x if x > 0 else (0.1 if a is None else a) * x,
        "elu": lambda x: x if x > 0 else (1.0 if a is None else a) * math.expm1(x),
        "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
        "hard_tanh": lambda x: max(-1.0, min(1.0, x)),
        "step": lambda x: 1.0 if x >= 0 else 0.0,
        "linear": lambda x: (1.0 if a is None else a) * x,
        "constant": lambda x: (1.0 if a is None else a) + 0 * x,
        "absolute": abs,
        "square": lambda x: x * x,
        "sine": math.sin,
    }
    return laws[str(function.name)]


def _slope(name: str, a: float | None) -> Callable[[float], float]:
    """The derivative of a named function; its value from the right where it jumps."""
    slopes: dict[str, Callable[[float], float]] = {
        "sigmoid": lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
        "tanh": lambda x: 1 - math.tanh(x) ** 2,
        "relu": lambda x: 1.0 if x >= 0 else 0.0,
        "leaky_relu": lambda x: 1.0 if x >= 0 else (0.1 if a is None else a),
        "elu": lambda x: 1.0 if x >= 0 else (1.0 if a is None else a) * math.exp(x),
        "softplus": _sigmoid,
        "hard_tanh": lambda x: 1.0 if -1 <= x < 1 else 0.0,
        "linear": lambda x: (1.0 if a is None else a) + 0 * x,
        "constant": lambda x: 0 * x,
        "absolute": lambda x: 1.0 if x >= 0 else -1.0,
        "square": lambda x: 2 * x,
        "sine": math.cos,
    }
    return slopes[name]


def _jumps(function: Function) -> tuple[float, ...]:
    """Where a derivative that is drawn is not defined."""
    if not function.derivative:
        return ()
    if function.name == "hard_tanh":
        return (-1.0, 1.0)
    smooth_elu = function.name == "elu" and function.a in {None, 1}
    kinked = function.name in {"relu", "leaky_relu", "elu", "absolute"}
    return (0.0,) if kinked and not smooth_elu else ()


def _sigmoid(x: float) -> float:
    # written for the sign of x, so that no power overflows
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def _through(points: tuple[tuple[float, float], ...], x: float) -> float:
    inside = [p for p in points if p[0] <= x] or [points[0]]
    left = inside[-1] if inside[-1] != points[-1] else points[-2]
    right = points[points.index(left) + 1]
    share = (x - left[0]) / (right[0] - left[0])
    return left[1] + share * (right[1] - left[1])


def _y_range(
    functions: tuple[Function, ...], given: tuple[float, float] | None
) -> tuple[float, float]:
    if given is not None:
        return given
    low, high = -1.25, 1.25
    if any(f.name in _UNBOUNDED and (not f.derivative or f.name == "square") for f in functions):
        low, high = -1.5, 3.0
    for f in functions:
        for _, value in f.points or ():
            low, high = min(low, value - 0.5), max(high, value + 0.5)
        if f.name == "constant" and f.a is not None:
            low, high = min(low, f.a - 0.5), max(high, f.a + 0.5)
    return low, high


def _places(functions: tuple[Function, ...], marked: bool) -> list[float] | None:
    """Where marked points stand: the numbers of the x axis, if they are few."""
    places = sorted({p[0] for f in functions for p in f.points or ()}) if marked else []
    return places if 2 <= len(places) <= 11 else None


def _axes(
    picture: Picture,
    axes: Axes,
    x_label: str,
    y_label: str,
    numbers: bool,
    grid: bool,
    most: int,
    places: list[float] | None = None,
) -> None:
    x_ticks, y_ticks = ticks(*axes.x, most=most), ticks(*axes.y, most=max(5, most - 2))
    if grid:
        # on a grid, whole numbers are to be read off the y axis as well
        y_ticks = ticks(*axes.y, most=most)
    x_ticks = places or x_ticks
    lines = (x_ticks, y_ticks) if grid else ((), ())
    through = (
        min(max(0.0, axes.x[0]), axes.x[1]),
        min(max(0.0, axes.y[0]), axes.y[1]),
    )
    if not numbers:
        draw_axes(picture, axes, x_label=x_label, y_label=y_label, through=through, grid=lines)
        return
    # numbers stand outside the plot, where no graph can cross them
    box = axes.box
    zero = axes.at(*through)
    draw_axes(
        picture,
        axes,
        x_label=x_label,
        y_label=y_label,
        x_ticks=x_ticks,
        y_ticks=y_ticks,
        grid=lines,
    )
    # at an edge such a line would look like a frame, or like a second axis
    if axes.x[0] < 0 < axes.x[1]:
        picture.line((zero[0], box.y0), (zero[0], box.y1), width=HAIR, color=GREY)
    if axes.y[0] < 0 < axes.y[1]:
        picture.line((box.x0, zero[1]), (box.x1, zero[1]), width=HAIR, color=GREY)


def _paint(
    picture: Picture, axes: Axes, function: Function, dash: tuple[float, ...]
) -> list[list[Point]]:
    """Draw one graph and give back its visible pieces."""
    chains: list[list[tuple[float, float]]]
    low, high = axes.x
    if function.points is not None:
        chains = [list(function.points)]
    elif function.name == "step":
        chains = [[(low, 0.0), (min(high, 0.0), 0.0)], [(max(low, 0.0), 1.0), (high, 1.0)]]
        chains = [c for c in chains if c[0][0] < c[1][0]]
    else:
        law = _law(function)
        # the kink of a rectifier must be a sample
        xs = sorted({low + (high - low) * k / _SAMPLES for k in range(_SAMPLES + 1)} | {0.0})
        ends = [low, *(j for j in _jumps(function) if low < j < high), high]
        chains = [
            [(a, law(a)), *((x, law(x)) for x in xs if a < x < b), (b, law(b - _BESIDE))]
            for a, b in itertools.pairwise(ends)
        ]
    pieces: list[list[Point]] = []
    for chain in chains:
        pieces += clip_chain([axes.at(*p) for p in chain], axes.box)
    for piece in pieces:
        picture.chain(piece, width=BOLD, dash=dash)
    if function.name == "step" and low < 0 < high:
        picture.circle(axes.at(0, 0), 2.0, fill=PAPER, width=LINE)
        picture.circle(axes.at(0, 1), 2.0, fill="#111111", width=LINE)
    for jump in (j for j in _jumps(function) if low < j < high):
        for value in (law(jump - _BESIDE), law(jump)):
            if axes.y[0] <= value <= axes.y[1]:
                picture.circle(axes.at(jump, value), 2.0, fill=PAPER, width=LINE)
    return pieces


def _label_ends(
    picture: Picture,
    axes: Axes,
    labels: list[str],
    curves: list[list[list[Point]]],
    keep_off: float | None,
) -> None:
    """Labels where the graphs end: to the right of the plot, or above it, pushed apart.

    Graphs that meet in their last point have samples of their lines beside the labels, which stand
    in the order in which the graphs come in.
    """
    right: list[tuple[Point, str, float, int]] = []
    top: list[tuple[Point, str]] = []
    for index, (label, pieces) in enumerate(zip(labels, curves, strict=True)):
        if not pieces:
            raise FigureError(f'the graph "{label}" lies outside the plot', "widen y_range")
        if not label:
            continue
        x, y = pieces[-1][-1]
        if x > axes.box.x1 - 0.5:
            before = _height(pieces[-1], axes.box.x1 - axes.box.width / 8)
            right.append(((x, y), label, before, index))
        elif y < axes.box.centre[1]:
            top.append(((x, y), label))
        else:
            picture.label(label, (x + 3, y - 8), anchor="start")
    right.sort(key=lambda item: (round(item[0][1]), item[2]))
    levels = _apart([item[0][1] for item in right], SMALL * 1.45)
    for ((_, end), label, _, index), y in zip(right, levels, strict=True):
        meets = any(abs(end - other[0][1]) < 2 for other in right if other[3] != index)
        x = axes.box.x1 + 5
        if keep_off is not None and abs(y - keep_off) < 9:
            y = keep_off - 10  # noqa: PLW2901  above the arrowhead of the x axis
        if meets:
            picture.line((x + 2, y), (x + 24, y), width=BOLD, dash=_STYLES[index])
            x += 28
        picture.label(label, (x, y), anchor="start")
    top.sort(key=lambda item: item[0][0])
    places = _apart([end[0] for end, _ in top], 15.0)
    for (_, label), x in zip(top, places, strict=True):
        picture.label(label, (x, axes.box.y0 - 4), valign="baseline")


def _height(piece: list[Point], x: float) -> float:
    """How high on the picture a graph is at x, or at its first point after it."""
    for (x0, y0), (x1, y1) in itertools.pairwise(piece):
        if x0 <= x <= x1 and x1 > x0:
            return y0 + (x - x0) / (x1 - x0) * (y1 - y0)
    return piece[0][1]


def _apart(wanted: list[float], gap: float) -> list[float]:
    places = list(wanted)
    for _ in range(40):
        for k in range(len(places) - 1):
            lack = gap - (places[k + 1] - places[k])
            if lack > 0:
                places[k] -= lack / 2
                places[k + 1] += lack / 2
    return places
