"""Marker shapes that differ in black and white."""

from __future__ import annotations

import math
from typing import Literal

from templates.figures.drawing.geometry import Point
from templates.figures.drawing.picture import BOLD, INK, LINE, PAPER, Picture

Shape = Literal["disc", "ring", "square", "triangle", "cross", "diamond", "star"]

NAMES: dict[Shape, str] = {
    "disc": "filled circles",
    "ring": "open circles",
    "square": "open squares",
    "triangle": "filled triangles",
    "cross": "crosses",
    "diamond": "open diamonds",
    "star": "stars",
}


def draw_marker(picture: Picture, shape: Shape, at: Point, radius: float = 3.2) -> None:
    """One marker; shapes are balanced so that they look equally large."""
    x, y = at
    if shape == "disc":
        picture.circle(at, radius, fill=INK, width=0)
    elif shape == "ring":
        picture.circle(at, radius, fill=PAPER, width=LINE)
    elif shape == "cross":
        r = radius * 0.9
        picture.line((x - r, y - r), (x + r, y + r), width=BOLD)
        picture.line((x - r, y + r), (x + r, y - r), width=BOLD)
    elif shape == "square":
        _polygon(picture, at, [radius * 1.3] * 4, 45, PAPER)
    elif shape == "diamond":
        _polygon(picture, at, [radius * 1.3] * 4, 90, PAPER)
    elif shape == "triangle":
        _polygon(picture, (x, y + radius * 0.25), [radius * 1.3] * 3, 90, INK)
    else:
        _polygon(picture, at, [radius * 1.6, radius * 0.66] * 5, 90, PAPER)


def _polygon(picture: Picture, at: Point, radii: list[float], first: float, fill: str) -> None:
    points = []
    for index, radius in enumerate(radii):
        angle = math.radians(first + 360 * index / len(radii))
        points.append((at[0] + radius * math.cos(angle), at[1] - radius * math.sin(angle)))
    picture.chain(points, closed=True, fill=fill, width=LINE)
