"""Training and validation curves: from a named regime and a seed, or from given values.

The curves of a regime are smooth laws with a little seeded noise, so that each seed is another
picture of the same case.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Literal

from templates.figures.drawing.axes import Axes, draw_axes, ticks
from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point, clip_chain
from templates.figures.drawing.markers import Shape, draw_marker
from templates.figures.drawing.picture import (
    BOLD,
    DASHED,
    SMALL,
    Picture,
    label_size,
    number,
    spoken,
)

Regime = Literal[
    "overfitting",
    "underfitting",
    "good_fit",
    "too_high_learning_rate",
    "diverging",
    "too_low_learning_rate",
]
MAX_PANELS = 6
_MAX_EPOCHS = 300
_REGIME_TOP = 3.0


@dataclass(frozen=True)
class Panel:
    """One plot: a regime with a seed, or the two curves (a value for each epoch, from `first` on)."""

    regime: Regime | None = None
    seed: int = 0
    training: tuple[float, ...] | None = None
    validation: tuple[float, ...] | None = None


def draw(
    *,
    panels: tuple[Panel, ...],
    epochs: int = 40,
    names: tuple[str, str] = ("training", "validation"),
    x_label: str = "epoch",
    y_label: str = "loss",
    numbers: bool = True,
    marks: dict[str, int] | None = None,
    first: int = 0,
    points: bool = False,
) -> str:
    """One plot a panel, with the letters A, B, ... if there are several.

    `names` are printed at the ends of the solid and the dashed curve. `numbers=False` leaves the
    axes without numbers. `marks` are epochs with a dotted vertical line, by label, e.g. {"$t_1$":
    10}. `first` is the epoch of the first value. `points` marks every value and draws a grid, so
    that values can be read off.
    """
    _check(panels, epochs, marks, first)
    picture = Picture()
    single = len(panels) == 1
    width, height = (190.0, 115.0) if single else (118.0, 78.0)
    if points and single:
        width, height = 230.0, 150.0
    tag = max(label_size(name, SMALL)[0] for name in names)
    across = 1 if single else (2 if len(panels) in {2, 4} else 3)
    step_x = width + (tag if len(panels) == 2 or across == 2 else 0) + 44
    legend_below = across == 3
    if legend_below:
        step_x = width + 40
    ceiling = _ceiling(panels, epochs)
    for index, panel in enumerate(panels):
        x, y = (index % across) * step_x, (index // across) * (height + 62)
        box = Box(x, y, x + width, y + height)
        curves = _curves(panel, epochs)
        start, last = float(first), float(first + max(len(c) for c in curves) - 1)
        axes = Axes(box, (start, last), (0.0, ceiling))
        most = (13 if single else 7) if points else 6
        x_ticks = [t for t in ticks(start, last, most) if t.is_integer()]
        draw_axes(
            picture,
            axes,
            x_ticks=x_ticks if numbers else (),
            y_ticks=ticks(0.0, axes.y[1], 6) if numbers else (),
            y_label=y_label,
            grid=(x_ticks, ticks(0.0, axes.y[1], 26 if single else 9)) if points else ((), ()),
        )
        room = 16 if numbers else 6
        picture.label(x_label, (box.centre[0], box.y1 + room + 2), valign="top")
        if not single:
            picture.label(chr(65 + index), (box.centre[0], box.y0 - 10), valign="baseline")
        for label, epoch in (marks or {}).items():
            at = axes.at(epoch, 0)[0]
            picture.line((at, box.y1), (at, box.y0 + 2), dash=(0.9, 2.2))
            picture.label(label, (at, box.y0 - 3), size=SMALL, valign="baseline")
        _paint(picture, axes, curves, None if legend_below else names, points)
    if legend_below:
        _legend(picture, names)
    return picture.svg()


def describe(
    *,
    panels: tuple[Panel, ...],
    epochs: int = 40,
    names: tuple[str, str] = ("training", "validation"),
    x_label: str = "epoch",
    y_label: str = "loss",
    numbers: bool = True,  # noqa: ARG001  a describe takes what its draw takes
    marks: dict[str, int] | None = None,
    first: int = 0,
    points: bool = False,
) -> str:
    """Start, lowest and last value of every curve, or each value where `points` are drawn; what
    they mean is for the reader.
    """
    _check(panels, epochs, marks, first)
    ceiling = _ceiling(panels, epochs)
    said = []
    for index, panel in enumerate(panels):
        curves = _curves(panel, epochs)
        parts = [
            f"{spoken(name)} ({style}) "
            + (_listed(curve, first) if points else _course(curve, spoken(x_label), ceiling, first))
            for name, style, curve in zip(names, ("solid", "dashed"), curves, strict=False)
        ]
        letter = f"{chr(65 + index)}: " if len(panels) > 1 else ""
        said.append(letter + "; ".join(parts))
    for label, epoch in (marks or {}).items():
        said.append(f"Dotted line {spoken(label)} at {spoken(x_label)} {epoch}")
    return f"{spoken(y_label)} against {spoken(x_label)}: " + ". ".join(said) + "."


def _listed(curve: tuple[float, ...], first: int) -> str:
    pairs = (f"({first + k}, {_short(value)})" for k, value in enumerate(curve))
    return "passes through " + ", ".join(pairs)


def _course(curve: tuple[float, ...], unit: str, ceiling: float, first: int) -> str:
    low = min(range(len(curve)), key=curve.__getitem__)
    text = f"starts at {_short(curve[0])}"
    if 0 < low < len(curve) - 1:
        text += f", lowest {_short(curve[low])} at {unit} {first + low}"
    if curve[-1] > ceiling:
        beyond = next(epoch for epoch, value in enumerate(curve, first) if value > ceiling)
        return f"{text}, leaves the plot at {_short(ceiling)} before {unit} {beyond}"
    return f"{text}, ends at {_short(curve[-1])} at {unit} {first + len(curve) - 1}"


def _short(value: float) -> str:
    return number(round(value, 2))


def _check(
    panels: tuple[Panel, ...], epochs: int, marks: dict[str, int] | None, first: int
) -> None:
    if not 1 <= len(panels) <= MAX_PANELS:
        raise FigureError(f"{len(panels)} panels", f"1 to {MAX_PANELS}")
    if not 4 <= epochs <= _MAX_EPOCHS:
        raise FigureError(f"epochs = {epochs}", f"4 to {_MAX_EPOCHS}")
    for index, panel in enumerate(panels):
        given = panel.training is not None or panel.validation is not None
        if given == (panel.regime is not None):
            raise FigureError(
                f"panels.{index} needs a regime or curves, not both",
                "regime: overfitting, or training: [...] with validation: [...]",
            )
        for name, curve in (("training", panel.training), ("validation", panel.validation)):
            if curve is not None and not 2 <= len(curve) <= _MAX_EPOCHS:
                raise FigureError(f"panels.{index}.{name} has {len(curve)} values")
            if curve is not None and min(curve) < 0:
                raise FigureError(f"panels.{index}.{name} has a negative value")
        if given and panel.training is None:
            raise FigureError(f"panels.{index} has no training curve")
    shortest = min(len(c) for panel in panels for c in _curves(panel, epochs))
    for label, epoch in (marks or {}).items():
        if not first <= epoch < first + shortest:
            raise FigureError(
                f'mark "{label}" at epoch {epoch}', f"{first} to {first + shortest - 1}"
            )


def _curves(panel: Panel, epochs: int) -> list[tuple[float, ...]]:
    if panel.regime is None:
        return [c for c in (panel.training, panel.validation) if c is not None]
    return [tuple(curve) for curve in _law(panel.regime, panel.seed, epochs)]


def _law(regime: Regime, seed: int, epochs: int) -> tuple[list[float], list[float]]:
    rng = random.Random(f"{regime}:{seed}")  # noqa: S311  a picture, not a secret

    def between(low: float, high: float) -> float:
        return low + (high - low) * rng.random()

    start = between(2.1, 2.5)
    share = [k / epochs for k in range(epochs + 1)]
    if regime == "overfitting":
        floor, turn = between(0.06, 0.14), between(0.22, 0.34)
        pace = between(0.16, 0.2)
        training = [floor + (start - floor) * math.exp(-t / pace) for t in share]
        base, climb = between(0.85, 1.0), between(0.9, 1.25)
        validation = [
            base
            + (start - base) * math.exp(-t / (turn * 0.42))
            + climb * max(0.0, t - turn) ** 1.25
            for t in share
        ]
    elif regime == "underfitting":
        floor, pace = between(1.45, 1.65), between(0.12, 0.2)
        training = [floor + (start - floor) * math.exp(-t / pace) for t in share]
        gap = between(0.05, 0.09)
        validation = [
            v + gap * (1 - math.exp(-6 * t)) for v, t in zip(training, share, strict=True)
        ]
    elif regime == "good_fit":
        floor, pace = between(0.25, 0.35), between(0.16, 0.24)
        training = [floor + (start - floor) * math.exp(-t / pace) for t in share]
        gap = between(0.12, 0.17)
        validation = [
            v + gap * (1 - math.exp(-5 * t)) for v, t in zip(training, share, strict=True)
        ]
    elif regime == "too_low_learning_rate":
        drop = between(0.45, 0.6)
        training = [start - drop * t for t in share]
        gap = between(0.05, 0.08)
        validation = [v + gap for v in training]
    elif regime == "too_high_learning_rate":
        floor, pace = between(1.25, 1.4), between(0.04, 0.06)
        training = [floor + (start - floor) * math.exp(-t / pace) for t in share]
        gap = between(0.1, 0.14)
        validation = [
            v + gap * (1 - math.exp(-9 * t)) for v, t in zip(training, share, strict=True)
        ]
    else:
        pace, low = between(5.2, 6.2), between(0.05, 0.08)
        training = [
            start * (0.65 + 0.35 * math.exp(-t / low)) + 0.03 * (math.exp(pace * t) - 1)
            for t in share
        ]
        gap = between(0.05, 0.1)
        validation = [v * (1 + gap) for v in training]
    rough = 0.11 if regime == "too_high_learning_rate" else 0.012
    noise = [[rng.uniform(-rough, rough) for _ in share] for _ in range(2)]
    return (
        [max(0.0, v + n) for v, n in zip(training, noise[0], strict=True)],
        [max(0.0, v + n) for v, n in zip(validation, noise[1], strict=True)],
    )


def _ceiling(panels: tuple[Panel, ...], epochs: int) -> float:
    """The upper end of the loss axis, the same for all panels. A regime that explodes leaves the
    plot there.
    """
    tops = [
        _REGIME_TOP if panel.regime else max(max(c) for c in _curves(panel, epochs))
        for panel in panels
    ]
    limit = max(*tops, 0.01)
    marks = ticks(0.0, limit, 6)
    step = marks[1] - marks[0] if len(marks) > 1 else limit
    return math.ceil(limit / step - 1e-9) * step


def _paint(
    picture: Picture,
    axes: Axes,
    curves: list[tuple[float, ...]],
    names: tuple[str, str] | None,
    marked: bool,
) -> None:
    ends: list[Point] = []
    shapes: tuple[Shape, Shape] = ("disc", "ring")
    for curve, dash, shape in zip(curves, ((), DASHED), shapes, strict=False):
        points = [axes.at(axes.x[0] + k, value) for k, value in enumerate(curve)]
        pieces = clip_chain(points, axes.box)
        for piece in pieces:
            picture.chain(piece, width=BOLD, dash=dash)
        for point in points if marked else ():
            draw_marker(picture, shape, point, 2.2)
        ends.append(pieces[-1][-1] if pieces else points[-1])
    if names is None:
        return
    gap = SMALL * 1.25
    heights = [y for _, y in ends]
    if len(heights) == 2 and abs(heights[0] - heights[1]) < gap:
        middle, sign = sum(heights) / 2, 1 if heights[0] >= heights[1] else -1
        heights = [middle + sign * gap / 2, middle - sign * gap / 2]
    lift = max(0.0, max(heights) - (axes.box.y1 - 7))
    # curves that left through the top are labelled beside the point where they did
    x = max(x for x, _ in ends)
    for name, y in zip(names, heights, strict=False):
        picture.label(name, (x + 5, y - lift), size=SMALL, anchor="start", valign="letters")


def _legend(picture: Picture, names: tuple[str, str]) -> None:
    box = picture.extent
    y = box.y1 + 16
    widths = [label_size(name, SMALL)[0] for name in names]
    x = box.centre[0] - (sum(widths) + 2 * 30 + 22) / 2
    for name, width, dash in zip(names, widths, ((), DASHED), strict=True):
        picture.line((x, y), (x + 24, y), width=BOLD, dash=dash)
        picture.label(name, (x + 30, y), size=SMALL, anchor="start", valign="letters")
        x += 30 + width + 22
