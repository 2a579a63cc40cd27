"""What a box shows: nothing, a cross, a box filled, a filled box in a circle; or what a person must look at.

As the course says: a cross is checked; a box that is completely filled is taken back; a filled box with a circle
around it is checked again. Lengths are sides of the box, with (0, 0) in its middle; coverage is the share of an
area that is inked, whatever the pen: pencil counts like ink.
"""

from __future__ import annotations

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

_INSIDE = 0.36  # half the side of what is looked at, the frame and its blur left out
_WEDGES = (
    0.23,
    0.36,
    0.13,
)  # beside the frame, between the strokes of a cross: from, to, half the width
_STROKE = 0.15  # how far a stroke may run beside its diagonal
_RING = (0.13, 0.32)  # outside the frame, from where to where
_RING_ENDS = 0.12  # before the frame of the next box
_CORNER = np.deg2rad(57.0)  # arcs end here: at the corners a fill or a cross may stick out

# Coverage that an empty box never has.
_CLEAN = 0.1
# How much of each arc a circle draws, what is part of one, and what is none.
_ROUND, _PART, _LITTLE = 0.7, 0.6, 0.3


@dataclass(frozen=True)
class Measures:
    """What was measured at each of n boxes, all from 0 to 1.

    fill: coverage inside the frame. wedges: (n, 4), its parts between the strokes of a cross. strokes: (n, 2), how
    much of each diagonal is drawn. arcs: (n, 3), how much of a circle is drawn above, right and below (at the left
    stands the option's letter).
    """

    fill: NDArray[np.float64]
    wedges: NDArray[np.float64]
    strokes: NDArray[np.float64]
    arcs: NDArray[np.float64]


def measures(boxes: Boxes, gaps: NDArray[np.float64]) -> Measures:
    """Measure boxes; `gaps` are the distances from their frames to the next ones, in their sides."""
    faint = max(_FAINT, _NOISE * boxes.noise)
    inked = max(_INKED, faint + 0.25)
    cover = boxes.pictures - np.float32(faint)
    cover *= np.float32(1 / (inked - faint))
    np.clip(cover, 0, 1, out=cover)
    shapes = _shapes()
    flat = cover.reshape(len(cover), -1)
    arcs = np.zeros((len(cover), 3))
    reaches = np.round(np.minimum(_RING[1], gaps - _RING_ENDS), 2)
    for reach in np.unique(reaches):
        arcs[reaches == reach] = _drawn(cover[reaches == reach], _arcs(float(reach)))
    return Measures(
        fill=flat @ shapes.inside,
        wedges=flat @ shapes.wedges,
        strokes=_drawn(cover, shapes.strokes),
        arcs=arcs,
    )


def _drawn(cover: Dark, paths: NDArray[np.intp]) -> NDArray[np.float64]:
    """Of each path (dots beside each other, paths, places), the share of places with ink at any of their dots."""
    best = cover.reshape(len(cover), -1).take(paths, axis=1).max(axis=1)
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
    every = zip(
        found.fill, np.sort(found.wedges), found.strokes.min(axis=1), found.arcs, strict=True
    )
    return [
        _state(float(fill), wedges, float(strokes), arcs, limits)
        for fill, wedges, strokes, arcs in every
    ]


def _state(
    fill: float, wedges: NDArray[np.float64], strokes: float, arcs: NDArray[np.float64], limits: Thresholds
) -> State:  # fmt: skip
    around = float(arcs.min())
    if fill <= limits.empty:
        return "empty" if around < _PART else "unsure"
    if fill < limits.marked:
        return "unsure"
    if fill >= 0.85 and wedges[0] >= 0.6:
        if around >= _ROUND:
            return "circled"
        # Circles of the boxes above and below may reach here, beside it there are none.
        return "filled" if arcs[1] <= _LITTLE and around <= _LITTLE else "unsure"
    # A box that is filled but for an edge has three dark wedges; of a cross that lies askew two at most are.
    crossed = strokes >= 0.7 and wedges[0] <= 0.3 and wedges[1] <= 0.75 and wedges.mean() <= 0.6
    return "cross" if crossed and fill <= 0.82 and around < _PART else "unsure"


@dataclass(frozen=True)
class _Shapes:
    """Which dots of a box's picture belong to what: weights that sum to 1, or indices of dots."""

    inside: Dark
    wedges: Dark
    strokes: NDArray[np.intp]


@cache
def _shapes() -> _Shapes:
    steps = (np.arange(SIZE) - (SIZE - 1) / 2) / SIDE
    x, y = np.meshgrid(steps, steps)
    near, far, wide = _WEDGES
    wedge = [
        (near <= along) & (along <= far) & (np.abs(across) <= wide)
        for along, across in ((-y, x), (x, y), (y, x), (-x, y))
    ]
    along = np.linspace(-0.27, 0.27, 19)[:, None]
    beside = np.linspace(-_STROKE, _STROKE, 11)[None, :]
    strokes = [_dots(along - turn * beside, turn * along + beside) for turn in (1, -1)]
    inside = (np.abs(x) <= _INSIDE) & (np.abs(y) <= _INSIDE)
    wedges = np.stack([_even(each) for each in wedge], axis=1)
    return _Shapes(_even(inside), wedges, np.moveaxis(np.stack(strokes), 2, 0))


@cache
def _arcs(reach: float) -> NDArray[np.intp]:
    """The dots of three arcs: above, right, below; each place with those further out up to `reach` beside it."""
    arcs = []
    for middle in (-np.pi / 2, 0.0, np.pi / 2):
        half = np.pi / 2 - _CORNER
        turn = np.linspace(middle - half, middle + half, 23)[:, None]
        edge = 0.5 / np.maximum(np.abs(np.cos(turn)), np.abs(np.sin(turn)))
        out = edge + np.linspace(_RING[0], max(reach, _RING[0] + 0.02), 10)[None, :]
        arcs.append(_dots(out * np.cos(turn), out * np.sin(turn)))
    return np.moveaxis(np.stack(arcs), 2, 0)


def _even(area: NDArray[np.bool_]) -> Dark:
    return np.asarray(area.ravel() / area.sum(), np.float32)


def _dots(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    columns = np.clip(np.round(x * SIDE + (SIZE - 1) / 2), 0, SIZE - 1).astype(np.intp)
    rows = np.clip(np.round(y * SIDE + (SIZE - 1) / 2), 0, SIZE - 1).astype(np.intp)
    return rows * SIZE + columns
