"""What a box shows: nothing, a cross, a box filled, a filled box in a circle; or what a person must look at.

As the course says: a cross is checked; a box that is completely filled is taken back; a filled box with a circle
around it is checked again. Lengths are sides of the box, with (0, 0) in its middle; coverage is the share of an
area that is inked, whatever the pen: pencil counts like ink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grader.scans.straighten import SIDE, SIZE, Boxes, Dark

State = Literal["empty", "cross", "filled", "circled", "unsure"]
CHECKED: frozenset[State] = frozenset({"cross", "circled"})

# Darkness from which paper counts as inked a little, and from which in full: a hard pencil draws 0.5.
_FAINT, _INKED = 0.12, 0.45
_NOISE = 4.0  # standard deviations of the paper that are not ink

# Half the side of what is looked at inside a box: the frame and its blur are left out.
_INSIDE = 0.36
# The middle of each side, near the frame: from, to, half the width.
_EDGES = (0.23, 0.36, 0.13)
# Of a cross, about where its strokes meet: how far each reaches at least and how much of that is drawn, how far it may
# run beside its diagonal, and the four places between them (from, to, half the width). They meet so far from the middle
# of the box, at most.
_REACH, _BESIDE, _DRAWN = 0.25, 0.07, 0.9
_BETWEEN = (0.24, 0.32, 0.04)
_MEET = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15)
# A circle, outside the frame: from where to where, and how far before the frame of the next box it ends.
_RING, _RING_ENDS = (0.13, 0.32), 0.12
_CORNER = np.deg2rad(57.0)  # arcs end here: at the corners a fill or a cross may stick out

# Coverage that an empty box never has.
_CLEAN = 0.1
# Coverage of a box that is filled, and of the middle of its sides.
_FILLED, _EDGE = 0.85, 0.6
# How bare the paper is between the strokes of a cross, and in a filled box at most.
_CROSS, _NO_CROSS = 0.35, 0.2
# How much of each arc a circle draws, what is part of one, and what is none.
_ROUND, _PART, _LITTLE = 0.7, 0.6, 0.3


@dataclass(frozen=True)
class Measures:
    """What was measured at each of n boxes, all from 0 to 1.

    fill: coverage inside the frame. edge: the least coverage in the middle of its sides. cross: how bare the
    paper is between the strokes of a cross; 0 where there are none. arcs: (n, 3), how much of a circle is drawn above, right
    and below (at the left stands the option's letter).
    """

    fill: NDArray[np.float64]
    edge: NDArray[np.float64]
    cross: NDArray[np.float64]
    arcs: NDArray[np.float64]


def measures(boxes: Boxes, gaps: NDArray[np.float64]) -> Measures:
    """Measure boxes; `gaps` are the distances from their frames to the next ones, in their sides."""
    faint = max(_FAINT, _NOISE * boxes.noise)
    inked = max(_INKED, faint + 0.25)
    cover = boxes.pictures - np.float32(faint)
    cover *= np.float32(1 / (inked - faint))
    np.clip(cover, 0, 1, out=cover)
    flat = cover.reshape(len(cover), -1)
    inside, edges = _areas()
    fill = (flat @ inside).astype(np.float64)
    cross = np.zeros(len(flat))
    cross[fill > _CLEAN] = _like_a_cross(flat[fill > _CLEAN])
    arcs = np.zeros((len(flat), 3))
    reaches = np.round(np.minimum(_RING[1], gaps - _RING_ENDS), 2)
    for reach in np.unique(reaches):
        arcs[reaches == reach] = _drawn(flat[reaches == reach], _arcs(float(reach)))
    return Measures(fill, (flat @ edges).min(axis=1).astype(np.float64), cross, arcs)


def _like_a_cross(flat: Dark) -> NDArray[np.float64]:
    """How bare the paper is between two strokes that cross, wherever near the middle of the box they meet."""
    best = np.zeros(len(flat))
    for strokes, between in _crosses():
        drawn = _drawn(flat, strokes).min(axis=1) >= _DRAWN
        bare = 1 - flat.take(between, axis=1).mean(axis=2).max(axis=1)
        best = np.maximum(best, np.where(drawn, bare, 0.0))
    return best


def _drawn(flat: Dark, paths: NDArray[np.intp]) -> NDArray[np.float64]:
    """Of each path (dots beside each other, paths, places), the share of places with ink at any of their dots."""
    best = flat.take(paths, axis=1).max(axis=1)
    return np.asarray((best > 0.5).mean(axis=2), np.float64)


@dataclass(frozen=True)
class Thresholds:
    """Of a sheet: up to `empty` of coverage a box is empty, from `marked` on it is marked."""

    empty: float
    marked: float


def thresholds(fill: NDArray[np.float64]) -> Thresholds:
    """What this sheet's own boxes say: how clean its empty ones are, and how much its crosses cover."""
    clean = fill[fill < _CLEAN]
    dirt = float(np.quantile(clean, 0.9)) if len(clean) else _CLEAN
    crosses = fill[(fill > 0.2) & (fill < 0.8)]
    usual = float(np.median(crosses)) if len(crosses) else 0.4
    return Thresholds(
        round(float(np.clip(2 * dirt + 0.02, 0.03, 0.06)), 4),
        round(float(np.clip(0.4 * usual, 0.12, 0.2)), 4),
    )


def states(found: Measures, limits: Thresholds) -> list[State]:
    """What each box shows."""
    every = zip(found.fill, found.edge, found.cross, found.arcs, strict=True)
    return [_state(*each, limits) for each in every]


def _state(
    fill: float, edge: float, cross: float, arcs: NDArray[np.float64], limits: Thresholds
) -> State:
    around = float(arcs.min())
    if fill <= limits.empty:
        return "empty" if around < _PART else "unsure"
    if fill < limits.marked:
        return "unsure"
    if fill >= _FILLED and edge >= _EDGE and cross <= _NO_CROSS:
        if around >= _ROUND:
            return "circled"
        # Circles of the boxes above and below may reach here, beside it there are none.
        return "filled" if arcs[1] <= _LITTLE and around <= _LITTLE else "unsure"
    crossed = cross >= _CROSS and fill < _FILLED
    return "cross" if crossed and around < _PART else "unsure"


@cache
def _areas() -> tuple[Dark, Dark]:
    """Weights of the dots of a box's picture: of its inside, and (dots, 4) of the middle of its sides."""
    steps = (np.arange(SIZE) - (SIZE - 1) / 2) / SIDE
    x, y = np.meshgrid(steps, steps)
    near, far, wide = _EDGES
    edges = [
        (near <= out) & (out <= far) & (np.abs(across) <= wide)
        for out, across in ((-y, x), (x, y), (y, x), (-x, y))
    ]
    inside = (np.abs(x) <= _INSIDE) & (np.abs(y) <= _INSIDE)
    return _even(inside), np.stack([_even(each) for each in edges], axis=1)


def _even(area: NDArray[np.bool_]) -> Dark:
    return np.asarray(area.ravel() / area.sum(), np.float32)


@cache
def _crosses() -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    """For each place where strokes may meet: the dots of both strokes, and those of the four places between them."""
    return tuple(_cross(x, y) for x in _MEET for y in _MEET)


def _cross(x: float, y: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    along = np.linspace(-_REACH, _REACH, 19)[:, None]
    beside = np.linspace(-_BESIDE, _BESIDE, 7)[None, :]
    strokes = [_dots(x + along - turn * beside, y + turn * along + beside) for turn in (1, -1)]
    near, far, wide = _BETWEEN
    grid = np.meshgrid(np.linspace(near, far, 5), np.linspace(-wide, wide, 7))
    out, across = (each.ravel() for each in grid)
    sides = ((across, -out), (out, across), (across, out), (-out, across))
    return _beside_first(strokes), np.stack([_dots(x + a, y + b) for a, b in sides])


@cache
def _arcs(reach: float) -> NDArray[np.intp]:
    """The dots of three arcs: above, right, below; beside each place those further out, up to `reach`."""
    return _beside_first(list(_arc_dots(max(reach, _RING[0] + 0.02))))


def _arc_dots(reach: float) -> Iterator[NDArray[np.intp]]:
    for middle in (-np.pi / 2, 0.0, np.pi / 2):
        half = np.pi / 2 - _CORNER
        turn = np.linspace(middle - half, middle + half, 23)[:, None]
        edge = 0.5 / np.maximum(np.abs(np.cos(turn)), np.abs(np.sin(turn)))
        out = edge + np.linspace(_RING[0], reach, 10)[None, :]
        yield _dots(out * np.cos(turn), out * np.sin(turn))


def _beside_first(paths: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Paths of (places, dots beside) as (dots beside, paths, places): what is compared lies far apart."""
    return np.ascontiguousarray(np.moveaxis(np.stack(paths), 2, 0))


def _dots(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    columns = np.clip(np.round(x * SIDE + (SIZE - 1) / 2), 0, SIZE - 1).astype(np.intp)
    rows = np.clip(np.round(y * SIDE + (SIZE - 1) / 2), 0, SIZE - 1).astype(np.intp)
    return rows * SIZE + columns
