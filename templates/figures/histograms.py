"""Histograms of what the units of a layer give out: from a random network, or from given shares.

The shares of a random network are those of a very wide one: its pre-activations are normally
distributed, and their variance follows from layer to layer.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from templates.figures.drawing.axes import Axes, checked_range, draw_axes, ticks
from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import HAIR, SHADE, Picture, number, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

Activation = Literal["tanh", "sigmoid", "relu"]
MAX_PANELS = 8
MAX_LAYERS = 50
_STEPS = 800
_FAR = 8.0


@dataclass(frozen=True)
class Panel:
    """One histogram: the outputs of layer `layer` of a random network, or the `shares` of all bins.

    `gain` is the number of inputs of a unit times the variance of a weight. Weights are normally
    distributed with mean 0, there are no biases, and the inputs of the network have mean square 1.
    """

    activation: Activation | None = None
    gain: float = 1.0
    layer: int = 1
    shares: tuple[float, ...] | None = None
    label: str | None = None


def draw(
    *,
    panels: tuple[Panel, ...],
    x_range: tuple[float, float] = (-1.0, 1.0),
    bins: int = 21,
    x_label: str = "",
    per_row: int = 4,
) -> str:
    """The histograms, with the letters A, B, ...; the highest bar of each fills its plot.

    `bins` bars have their middles from the first to the last value of `x_range`.
    """
    _check(panels, x_range, bins, per_row)
    picture = Picture()
    wide, tall = 92.0, 60.0
    half = _half(x_range, bins)
    for index, panel in enumerate(panels):
        left = (index % per_row) * (wide + 24)
        top = (index // per_row) * (tall + 44)
        box = Box(left, top, left + wide, top + tall)
        shares = bin_shares(panel, x_range, bins)
        axes = Axes(box, (x_range[0] - half, x_range[1] + half), (0.0, max(shares)))
        for place, share in zip(_middles(x_range, bins), shares, strict=True):
            # what would be lower than a line is not drawn
            if share > 0.004 * max(shares):
                x0, y0 = axes.at(place - half, share)
                x1, y1 = axes.at(place + half, 0.0)
                picture.rect(Box(x0, y0, x1, y1), fill=SHADE, width=HAIR)
        draw_axes(picture, axes, x_label=x_label, x_ticks=ticks(*axes.x, most=5))
        at = (box.x0 + 11, box.y0 - 5)
        picture.label(_label(panel, index), at, anchor="start", valign="baseline")
    return picture.svg()


def describe(
    *,
    panels: tuple[Panel, ...],
    x_range: tuple[float, float] = (-1.0, 1.0),
    bins: int = 21,
    x_label: str = "",
    per_row: int = 4,
) -> str:
    """The share of the values in the fifths of the range; a network is not named."""
    _check(panels, x_range, bins, per_row)
    low, high = x_range
    half = _half(x_range, bins)
    cuts = [low - half + (high - low + 2 * half) * k / 5 for k in range(6)]
    said = []
    for index, panel in enumerate(panels):
        shares = bin_shares(panel, x_range, bins)
        parts = []
        for left, right in itertools.pairwise(cuts):
            inside = [
                share
                for place, share in zip(_middles(x_range, bins), shares, strict=True)
                if left <= place < right
            ]
            percent = round(100 * sum(inside))
            parts.append(f"{number(round(left, 2))} to {number(round(right, 2))}: {percent} %")
        said.append(f"{spoken(_label(panel, index))}: " + ", ".join(parts))
    name = f" of {spoken(x_label)}" if x_label else ""
    return f"Histograms{name}, shares of the values. " + "; ".join(said) + "."


def bin_shares(panel: Panel, x_range: tuple[float, float], bins: int) -> list[float]:
    """The share of the values in each bin."""
    if panel.shares is not None:
        return list(panel.shares)
    spread = math.sqrt(_variance(panel))
    half = _half(x_range, bins)
    edges = [place - half for place in _middles(x_range, bins)] + [x_range[1] + half]
    below = [_share_below(panel.activation, edge, spread) for edge in edges]
    return [b - a for a, b in itertools.pairwise(below)]


@lru_cache(maxsize=256)
def _variance(panel: Panel) -> float:
    """Of the pre-activations of the panel's layer."""
    law = _LAWS[str(panel.activation)]
    variance = panel.gain
    for _ in range(panel.layer - 1):
        spread = math.sqrt(variance)
        # Simpson's rule over z ~ N(0, 1)
        total = 0.0
        for k in range(_STEPS + 1):
            z = -_FAR + 2 * _FAR * k / _STEPS
            weight = 1 if k in {0, _STEPS} else 4 if k % 2 else 2
            total += weight * law(spread * z) ** 2 * math.exp(-z * z / 2)
        square = total * 2 * _FAR / _STEPS / 3 / math.sqrt(2 * math.pi)
        variance = panel.gain * square
    return variance


def _share_below(activation: str | None, edge: float, spread: float) -> float:
    """The share of outputs below an edge, for pre-activations of that standard deviation."""
    if activation == "relu":
        return 0.0 if edge <= 0 else _normal(edge / spread)
    low = -1.0 if activation == "tanh" else 0.0
    if edge <= low:
        return 0.0
    if edge >= 1:
        return 1.0
    before = math.atanh(edge) if activation == "tanh" else math.log(edge / (1 - edge))
    return _normal(before / spread)


def _normal(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))


_LAWS: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "sigmoid": _sigmoid,
    "relu": lambda x: max(0.0, x),
}


def _half(x_range: tuple[float, float], bins: int) -> float:
    return (x_range[1] - x_range[0]) / (bins - 1) / 2


def _middles(x_range: tuple[float, float], bins: int) -> list[float]:
    return [x_range[0] + (x_range[1] - x_range[0]) * k / (bins - 1) for k in range(bins)]


def _label(panel: Panel, index: int) -> str:
    return chr(65 + index) if panel.label is None else panel.label


def _check(
    panels: tuple[Panel, ...], x_range: tuple[float, float], bins: int, per_row: int
) -> None:
    if not 1 <= len(panels) <= MAX_PANELS:
        raise FigureError(f"{len(panels)} panels", f"1 to {MAX_PANELS}")
    checked_range("x_range", *x_range)
    if not 3 <= bins <= 60:
        raise FigureError(f"bins = {bins}", "3 to 60")
    if not 1 <= per_row <= 4:
        raise FigureError(f"per_row = {per_row}", "1 to 4")
    for index, panel in enumerate(panels):
        if (panel.activation is None) == (panel.shares is None):
            raise FigureError(f"panels.{index} needs an activation or shares", "one of the two")
        if panel.shares is not None and len(panel.shares) != bins:
            raise FigureError(f"panels.{index} has {len(panel.shares)} shares", f"{bins}")
        if panel.shares is not None and (min(panel.shares) < 0 or max(panel.shares) <= 0):
            raise FigureError(f"panels.{index} has a negative share, or none above 0")
        if panel.gain <= 0:
            raise FigureError(f"panels.{index}.gain = {panel.gain}", "above 0")
        if not 1 <= panel.layer <= MAX_LAYERS:
            raise FigureError(f"panels.{index}.layer = {panel.layer}", f"1 to {MAX_LAYERS}")
        if max(bin_shares(panel, x_range, bins)) <= 0:
            raise FigureError(f"panels.{index} lies outside the plot", "widen x_range")
