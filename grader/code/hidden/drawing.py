"""Soft-edged shapes on a grid of points: what the generated images are drawn with.

Each shape is a coverage: 1 inside, 0 outside, and in between on the pixels that its edge cuts. Its
sign is found from a formula for the distance to the edge, so that everything is NumPy arithmetic
on the whole grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Grid = np.ndarray[Any, Any]
Point = tuple[float, float]


def soft(distance: Grid, pixel: float) -> Grid:
    """Coverage from the distance to an edge (positive inside), for pixels of the given size."""
    return np.clip(distance / pixel + 0.5, 0.0, 1.0)


def ellipse(x: Grid, y: Grid, centre: Point, radii: Point, pixel: float) -> Grid:
    """A filled ellipse with axes along x and y."""
    dx, dy = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1]
    return soft((1.0 - np.sqrt(dx * dx + dy * dy)) * min(radii), pixel)


def polygon(x: Grid, y: Grid, corners: Sequence[Point], pixel: float) -> Grid:
    """A filled convex polygon; its corners in either sense of rotation."""
    around = [*corners[1:], corners[0]]
    doubled_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, around, strict=True))
    sense = 1.0 if doubled_area > 0 else -1.0
    inside: Grid | None = None
    for (ax, ay), (bx, by) in zip(corners, around, strict=True):
        length = float(np.hypot(bx - ax, by - ay))
        edge = sense * ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length
        inside = edge if inside is None else np.minimum(inside, edge)
    assert inside is not None  # noqa: S101 - a polygon has corners
    return soft(inside, pixel)


def line(x: Grid, y: Grid, start: Point, end: Point, width: float, pixel: float) -> Grid:
    """A straight stroke with round ends."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = ((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy)
    along = np.clip(along, 0.0, 1.0)
    away = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy)
    return soft(width / 2 - away, pixel)


def arc(x: Grid, y: Grid, points: Sequence[Point], width: float, pixel: float) -> Grid:
    """A stroke through three points: a parabola seen as short straight pieces."""
    (ax, ay), (bx, by), (cx, cy) = points
    steps = np.linspace(0.0, 1.0, 7)
    # The quadratic curve that passes through b halfway.
    mx, my = 2 * bx - (ax + cx) / 2, 2 * by - (ay + cy) / 2
    px = (1 - steps) ** 2 * ax + 2 * steps * (1 - steps) * mx + steps**2 * cx
    py = (1 - steps) ** 2 * ay + 2 * steps * (1 - steps) * my + steps**2 * cy
    # Most of the grid is far away: only the box around the stroke is worked out.
    reach = width / 2 + pixel
    near = (x > px.min() - reach) & (x < px.max() + reach)
    near &= (y > py.min() - reach) & (y < py.max() + reach)
    covered = np.zeros(x.shape)
    pieces = [
        line(x[near], y[near], (px[i], py[i]), (px[i + 1], py[i + 1]), width, pixel)
        for i in range(len(px) - 1)
    ]
    covered[near] = np.maximum.reduce(pieces)
    return covered


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Grid:
    """Noise of mean about 0 in [-1, 1] that varies over `cells` patches down and across."""
    coarse = rng.uniform(-1.0, 1.0, (cells[0] + 1, cells[1] + 1))
    blended: Grid = _blend(shape[0], cells[0]) @ coarse @ _blend(shape[1], cells[1]).T
    return blended


def _blend(length: int, cells: int) -> Grid:
    """(length, cells + 1): weights of the coarse values at each position, smooth at the knots."""
    position = np.linspace(0.0, cells, length, endpoint=False)
    left = np.floor(position).astype(int)
    part = position - left
    part = part * part * (3 - 2 * part)
    weights = np.zeros((length, cells + 1))
    weights[np.arange(length), left] = 1 - part
    weights[np.arange(length), left + 1] = part
    return weights


def blur(image: Grid, sigma: float) -> Grid:
    """A Gaussian blur over the last two axes, edges repeated."""
    reach = max(1, int(np.ceil(2 * sigma)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (-2, -1):
        width = [(0, 0)] * image.ndim
        width[axis] = (reach, reach)
        padded = np.pad(image, width, mode="edge")
        length = image.shape[axis]
        image = sum(
            (
                weight * np.take(padded, range(i, i + length), axis=axis)
                for i, weight in enumerate(kernel)
            ),
            start=np.zeros(()),
        )
    return image
