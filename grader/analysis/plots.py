"""The plots of the page as shapes with coordinates: the template draws them, the style sheet colours them.

Lengths are in units of the drawing; each plot says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.analysis.abilities import AXIS
from grader.analysis.analysis import Analysis
from grader.analysis.choices import Option
from grader.analysis.names import percent as percent_words

WIDTH, HEIGHT = 400.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 10.0, 20.0, 36.0
SMALL_WIDTH, SMALL_HEIGHT = 260.0, 130.0
APART = 11.0  # between the names of two lines
MOST_NAMED = 8  # dots of the map that carry a name
MOST_LINES = 4


@dataclass(frozen=True)
class Shape:
    """A `bar` (x, y, width, height), `line` (a path), `dot` (x, y) or `name` (x, y, text); `kind` is its class."""

    form: str
    kind: str
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    path: str = ""
    text: str = ""
    anchor: str = "middle"


@dataclass(frozen=True)
class Plot:
    """A drawing: its size, shapes in order, and its words for those who do not see it."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    spoken: str


Scale = Callable[[float], float]


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: round(start + (value - low) / (high - low) * (end - start), 1)


def score_plot(found: Analysis) -> Plot:
    """The papers by percent of their points, in steps of 5; the pass mark as a line where all points are marked."""
    scores, marked = found.scores, not found.responses.open.any()
    percent = np.clip(scores.percent, 0, 100)
    counts = np.histogram(percent, bins=np.arange(0, 105, 5))[0]
    x, y = _axes((0, 100), (0, float(max(counts.max(), 1))))
    shapes = [*_ticks_below([0, 20, 40, 60, 80, 100], x, "percent of the points")]
    shapes += _ticks_left(_round_ticks(float(counts.max())), y)
    for start, count in zip(range(0, 100, 5), counts, strict=True):
        if count:
            reached = marked and start >= scores.pass_percent - 1e-9
            kind = "bar good" if reached else "bar"
            left, right = x(start) + 0.75, x(start + 5) - 0.75
            shapes.append(
                Shape("bar", kind, left, y(float(count)), right - left, y(0) - y(float(count)))
            )
    spoken = (
        f"Distribution of {len(percent)} results, from {percent.min():.0f} to {percent.max():.0f} percent,"
        f" mean {scores.mean:.0f}, median {scores.median:.0f}"
    )
    if marked:
        mark = x(scores.pass_percent)
        shapes.append(Shape("line", "mark", path=f"M{mark} {TOP - 4}V{y(0)}"))
        shapes.append(Shape("name", "on", mark, TOP - 8, text="pass mark"))
        spoken += f"; the pass mark is {scores.pass_percent:.0f}"
    return Plot(WIDTH, HEIGHT, tuple(shapes), spoken + ".")


def map_plot(found: Analysis, names: Sequence[str]) -> Plot | None:
    """Every answer by difficulty and discrimination; those that are suspicious carry their names."""
    suspected = {s.item.id: s.strength for s in found.suspicions}
    rows = [
        (place, own.difficulty.value, own.discrimination.value)
        for place, own in enumerate(found.statistics)
        if own.difficulty is not None and own.discrimination is not None
    ]
    if len(rows) < 2:
        return None
    low = min(-0.2, math.floor(10 * min(r for *_, r in rows)) / 10)
    high = max(0.6, math.ceil(10 * max(r for *_, r in rows)) / 10)
    x, y = _axes((0, 1), (low, high))
    shapes = [Shape("bar", "zone", x(0), y(0), x(1) - x(0), y(low) - y(0))]
    shapes += _ticks_below(
        [0, 20, 40, 60, 80, 100], lambda v: x(v / 100), "percent solved", low=y(low)
    )
    steps = [low + 0.2 * n for n in range(int((high - low) / 0.2) + 1)]
    shapes += _ticks_left([round(step, 1) + 0.0 for step in steps], y)
    shapes.append(Shape("line", "zero", path=f"M{x(0)} {y(0)}H{x(1)}"))
    named: list[Shape] = []
    for place, p, r in sorted(rows, key=lambda row: row[2]):
        strength = suspected.get(found.responses.items[place].id)
        kind = {"strong": "dot bad", "look": "dot open"}.get(strength or "", "dot")
        shapes.append(Shape("dot", kind, x(p), y(r)))
        free = all(abs(y(r) - s.y) > APART or abs(x(p) - s.x) > 40 for s in named)
        if strength and len(named) < MOST_NAMED and free:
            side = "end" if p > 0.8 else "start"
            aside = -6 if side == "end" else 6
            named.append(
                Shape("name", "on", x(p) + aside, y(r) + 3.5, text=names[place], anchor=side)
            )
    below = sum(r < 0 for *_, r in rows)
    spoken = (
        f"{len(rows)} answers by percent solved and discrimination; {below} below zero,"
        f" {sum(r >= 0.2 for *_, r in rows)} at 0.2 or more."
    )
    return Plot(WIDTH, HEIGHT, (*shapes, *named), spoken)


def information_plot(found: Analysis) -> Plot | None:
    """Where on the scale of abilities the papers measure well: the information by ability, a line for each kind of form."""
    curves = found.abilities.information[:MOST_LINES]
    if not curves:
        return None
    top = max(max(curve.values) for curve in curves)
    x, y = _axes((AXIS[0], AXIS[-1]), (0, top * 1.05))
    shapes = [
        *_ticks_below(
            [-3, -2, -1, 0, 1, 2, 3], x, "ability (0: the class's mean, 1: one standard deviation)"
        )
    ]
    shapes += _ticks_left(_round_ticks(top), y)
    counts = np.histogram(np.clip(found.abilities.ability, -3, 3), bins=np.linspace(-3, 3, 25))[0]
    for start, count in zip(np.linspace(-3, 2.75, 24), counts, strict=True):
        height = float(count) / max(1, int(counts.max())) * 0.3 * (y(0) - TOP)
        if count:
            width = x(0.25) - x(0) - 1
            shapes.append(Shape("bar", "bar", x(float(start)), y(0) - height, width, height))
    for number, curve in enumerate(curves):
        points = [f"{x(a)} {y(v)}" for a, v in zip(AXIS, curve.values, strict=True)]
        shapes.append(Shape("line", f"curve c{number}", path="M" + "L".join(points)))
        best = int(np.argmax(curve.values))
        if len(curves) > 1:
            name = ", ".join(curve.forms[:3])
            shapes.append(Shape("name", "on", x(AXIS[best]), y(curve.values[best]) - 4, text=name))
    peak = AXIS[int(np.argmax(curves[0].values))]
    spoken = f"Information of the exam by ability: highest, {max(curves[0].values):.1f}, at ability {peak:g}."
    return Plot(WIDTH, HEIGHT, tuple(shapes), spoken)


def option_plot(options: Sequence[Option], names: Sequence[str]) -> Plot | None:
    """How the share of each option changes from the weakest to the best students; the key is drawn strong."""
    lines = [(o, n) for o, n in zip(options, names, strict=True) if len(o.curve) > 1]
    if not lines:
        return None
    groups = max(len(option.curve) for option, _ in lines)
    x = _scale(0, groups - 1, 26, SMALL_WIDTH - 44)
    y = _scale(0, 1, SMALL_HEIGHT - 22, 8)
    shapes = [Shape("line", "grid", path=f"M{x(0)} {y(v)}H{x(groups - 1)}") for v in (0, 0.5, 1)]
    shapes += [
        Shape("name", "tick", 22, y(v) + 3.5, text=percent_words(v), anchor="end")
        for v in (0, 0.5, 1)
    ]
    for place, text, side in ((0, "weakest", "start"), (groups - 1, "best", "end")):
        shapes.append(Shape("name", "tick", x(place), SMALL_HEIGHT - 6, text=text, anchor=side))
    ends = []
    for option, name in lines:
        kind = (
            "curve key" if option.correct else "curve left" if option.correct is None else "curve"
        )
        points = [f"{x(n)} {y(v)}" for n, v in enumerate(option.curve)]
        shapes.append(Shape("line", kind, path="M" + "L".join(points)))
        ends.append((y(option.curve[-1]), name, option))
    for height, name, option in _spread(ends):
        kind = "end key" if option.correct else "end"
        at = x(groups - 1) + 5
        shapes.append(Shape("name", kind, at, height + 3.5, text=name, anchor="start"))
    spoken = "; ".join(
        f"{name}{' (the key)' if option.correct else ''}: {percent_words(option.curve[0])} of the weakest, {percent_words(option.curve[-1])} of the best"
        for option, name in lines
    )
    return Plot(SMALL_WIDTH, SMALL_HEIGHT, tuple(shapes), spoken + ".")


def _spread(ends: list[tuple[float, str, Option]]) -> list[tuple[float, str, Option]]:
    """The names at the ends of lines, moved so far apart that each can be read, within the drawing."""
    ordered = sorted(ends, key=lambda end: (end[0], end[1]))
    heights = [height for height, _, _ in ordered]
    for n in range(1, len(heights)):
        heights[n] = max(heights[n], heights[n - 1] + APART)
    over = max(0.0, heights[-1] - (SMALL_HEIGHT - 20))
    if over:
        heights[-1] -= over
        for n in range(len(heights) - 2, -1, -1):
            heights[n] = min(heights[n], heights[n + 1] - APART)
    return [(round(h, 1), name, o) for h, (_, name, o) in zip(heights, ordered, strict=True)]


def _axes(across: tuple[float, float], up: tuple[float, float]) -> tuple[Scale, Scale]:
    return _scale(*across, LEFT, WIDTH - RIGHT), _scale(*up, HEIGHT - BOTTOM, TOP)


def _ticks_below(
    values: Sequence[float], x: Scale, title: str, low: float = HEIGHT - BOTTOM
) -> list[Shape]:
    shapes = [Shape("line", "axis", path=f"M{x(values[0])} {low}H{x(values[-1])}")]
    shapes += [Shape("name", "tick", x(v), low + 14, text=_tick(v)) for v in values]
    middle = (x(values[0]) + x(values[-1])) / 2
    return [*shapes, Shape("name", "title", middle, low + 30, text=title)]


def _ticks_left(values: Sequence[float], y: Scale) -> list[Shape]:
    shapes = []
    for value in values:
        shapes.append(Shape("line", "grid", path=f"M{LEFT} {y(value)}H{WIDTH - RIGHT}"))
        shapes.append(
            Shape("name", "tick", LEFT - 5, y(value) + 3.5, text=_tick(value), anchor="end")
        )
    return shapes


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _round_ticks(highest: float) -> list[float]:
    """0 and up to four round numbers, the last at most the highest."""
    if highest <= 5:
        # Whole numbers alone: no bar is as high as half a student.
        return [float(n) for n in range(int(max(highest, 0)) + 1)]
    power = 10 ** math.floor(math.log10(highest))
    step = next(
        s * power / 10 for s in (1, 2, 5, 10, 20, 50, 100) if highest / (s * power / 10) <= 5
    )
    return [round(step * n, 6) for n in range(int(highest / step + 1e-9) + 1)]
