"""Contours of a quadratic loss in the plane, with the paths that optimisers take on it."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from typing import Literal

from templates.figures.drawing.axes import Axes, draw_axes, ticks
from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point, between, clip, clip_chain
from templates.figures.drawing.markers import Shape, draw_marker
from templates.figures.drawing.picture import (
    DASHED,
    DOTTED,
    HAIR,
    LINE,
    PAPER,
    Picture,
    label_box,
    number,
    spoken,
)
from templates.figures.drawing.placing import room_beside

Method = Literal["gd", "sgd", "momentum", "nesterov", "rmsprop", "adam", "newton"]
MAX_PATHS = 4
MAX_STEPS = 60

_STYLES: tuple[tuple[float, ...], ...] = ((), DASHED, DOTTED, (6.0, 2.2, 1.0, 2.2))
_MARKERS: tuple[Shape, ...] = ("disc", "ring", "square", "triangle")
_STYLE_NAMES = ("solid", "dashed", "dotted", "dash-dotted")
_CONTOUR = "#a8a8a8"
_CROSS = 4.6
# What is taller is made smaller on paper, with its letters.
_TALLEST = 160.0
_FAR = 30.0
_MAX_ANCHORS = 14

Pair = tuple[float, float]


@dataclass(frozen=True)
class Path:
    """One trajectory: given `points`, or the `steps` of a method from the figure's start.

    `beta` is the momentum of momentum, nesterov and adam and the decay of rmsprop; `seed` draws the
    noise of sgd. `label` is printed beside the path: without it the letter A, B, ... in order.
    """

    points: tuple[Pair, ...] | None = None
    method: Method | None = None
    learning_rate: float = 0.1
    beta: float = 0.9
    steps: int = 15
    seed: int = 0
    label: str | None = None


@dataclass(frozen=True)
class Spot:
    """A place [x, y] that has a name: what is printed beside it."""

    label: str
    at: Pair


def draw(
    *,
    paths: tuple[Path, ...],
    hessian: tuple[Pair, Pair] = ((1.0, 0.0), (0.0, 8.0)),
    minimum: Pair = (0.0, 0.0),
    start: Pair = (-4.0, 1.5),
    levels: int = 6,
    x_label: str = "$\\theta_1$",
    y_label: str = "$\\theta_2$",
    numbers: bool = False,
    named: tuple[Spot, ...] = (),
    width: float = 250.0,
) -> str:
    """Contours of (θ - minimum)ᵀ hessian (θ - minimum) / 2 on equal scales, and the paths; a cross
    marks the minimum. `named` are places on the paths, or the minimum, with what is printed there.
    """
    chains = _chains(paths, hessian, minimum, start, levels, width)
    _check_named(named, chains, minimum)
    axes = _axes(chains, minimum, width)
    picture = Picture()
    for ellipse in _ellipses(axes, hessian, minimum, levels):
        for piece in clip_chain([axes.at(*p) for p in ellipse], axes.box):
            picture.chain(piece, width=HAIR, color=_CONTOUR)
    picture.rect(axes.box, fill="none", width=HAIR)
    draw_axes(
        picture,
        axes,
        x_label=x_label,
        y_label=y_label,
        x_ticks=ticks(*axes.x, most=9) if numbers else (),
        y_ticks=ticks(*axes.y, most=7) if numbers else (),
    )
    drawn = [[axes.at(*p) for p in chain] for chain in chains]
    for index, points in enumerate(drawn):
        _paint_path(picture, axes.box, points, index)
    _paint_minimum(picture, axes.at(*minimum))
    taken = _label_places(picture, axes, named, drawn, axes.at(*minimum))
    _label_paths(picture, axes, paths, drawn, axes.at(*minimum), taken)
    return picture.svg()


def describe(
    *,
    paths: tuple[Path, ...],
    hessian: tuple[Pair, Pair] = ((1.0, 0.0), (0.0, 8.0)),
    minimum: Pair = (0.0, 0.0),
    start: Pair = (-4.0, 1.5),
    levels: int = 6,
    x_label: str = "$\\theta_1$",
    y_label: str = "$\\theta_2$",
    numbers: bool = False,  # noqa: ARG001  a describe takes what its draw takes
    named: tuple[Spot, ...] = (),
    width: float = 250.0,
) -> str:
    """The shape of the contours and the points of every path, not the method that made it."""
    chains = _chains(paths, hessian, minimum, start, levels, width)
    _check_named(named, chains, minimum)
    low, high = _eigenvalues(hessian)
    ratio = number(round(math.sqrt(high / low), 2))
    shape = "Circles" if high == low else f"Ellipses, {ratio} times as long as wide,"
    said = []
    for index, (path, chain) in enumerate(zip(paths, chains, strict=True)):
        shown = chain if len(chain) <= 7 else [*chain[:6], chain[-1]]
        points = [f"({_short(x)}, {_short(y)})" for x, y in shown]
        if len(chain) > 7:
            points.insert(6, "...")
        style = _STYLE_NAMES[index]
        said.append(f"path {spoken(_name(path, index))} ({style}): {', '.join(points)}")
    names = "".join(f" {spoken(s.label)} at ({_short(s.at[0])}, {_short(s.at[1])})." for s in named)
    return (
        f"{shape} of equal loss in {spoken(x_label)} and {spoken(y_label)} around the minimum at "
        f"({_short(minimum[0])}, {_short(minimum[1])}). {'; '.join(said)}.{names}"
    )


def _short(value: float) -> str:
    return number(round(value, 1) + 0.0)


def _name(path: Path, index: int) -> str:
    return chr(65 + index) if path.label is None else path.label


def _eigenvalues(hessian: tuple[Pair, Pair]) -> Pair:
    (a, b), (_, c) = hessian
    spread = math.hypot((a - c) / 2, b)
    return (a + c) / 2 - spread, (a + c) / 2 + spread


def _chains(
    paths: tuple[Path, ...],
    hessian: tuple[Pair, Pair],
    minimum: Pair,
    start: Pair,
    levels: int,
    width: float,
) -> list[list[Pair]]:
    if not 1 <= len(paths) <= MAX_PATHS:
        raise FigureError(f"{len(paths)} paths", f"1 to {MAX_PATHS}")
    if hessian[0][1] != hessian[1][0] or _eigenvalues(hessian)[0] <= 0:
        shown = [list(row) for row in hessian]
        raise FigureError(f"hessian = {shown}", "symmetric with positive eigenvalues")
    if _eigenvalues(hessian)[1] > 400 * _eigenvalues(hessian)[0]:
        raise FigureError("the contours are too narrow to draw", "eigenvalues within a factor 400")
    if not 2 <= levels <= 15:
        raise FigureError(f"levels = {levels}", "2 to 15")
    if not 100 <= width <= 400:
        raise FigureError(f"width = {number(width)}", "100 to 400 pt")
    chains = []
    for index, path in enumerate(paths):
        if (path.points is None) == (path.method is None):
            raise FigureError(f"paths.{index} needs points or a method", "one of the two")
        if path.points is not None:
            if len(path.points) < 2:
                raise FigureError(f"paths.{index} has fewer than 2 points")
            chains.append([*path.points])
            continue
        if not 1 <= path.steps <= MAX_STEPS:
            raise FigureError(f"paths.{index}.steps = {path.steps}", f"1 to {MAX_STEPS}")
        chain = _steps(path, hessian, minimum, start)
        far = 20 * (1 + math.dist(start, minimum))
        if any(math.dist(p, minimum) > far for p in chain):
            raise FigureError(f"paths.{index} runs away", "fewer steps or a smaller learning_rate")
        chains.append(chain)
    return chains


def _steps(path: Path, hessian: tuple[Pair, Pair], minimum: Pair, start: Pair) -> list[Pair]:
    rng = random.Random(path.seed)  # noqa: S311  a picture, not a secret
    rate, beta = path.learning_rate, path.beta
    (a, b), (_, c) = hessian
    place, speed, mean = [*start], [0.0, 0.0], [0.0, 0.0]
    chain = [start]
    for step in range(1, path.steps + 1):
        ahead = [p + beta * v for p, v in zip(place, speed, strict=True)]
        x, y = ahead if path.method == "nesterov" else place
        x, y = x - minimum[0], y - minimum[1]
        slope = [a * x + b * y, b * x + c * y]
        if path.method == "sgd":
            size = 0.35 * math.hypot(*slope) + 0.3
            slope = [g + rng.uniform(-size, size) for g in slope]
        if path.method in {"momentum", "nesterov"}:
            speed = [beta * v - rate * g for v, g in zip(speed, slope, strict=True)]
        elif path.method == "rmsprop":
            mean = [beta * m + (1 - beta) * g * g for m, g in zip(mean, slope, strict=True)]
            speed = [-rate * g / (math.sqrt(m) + 1e-8) for m, g in zip(mean, slope, strict=True)]
        elif path.method == "adam":
            speed, mean, move = _adam(speed, mean, slope, beta, step)
            place = [p - rate * m for p, m in zip(place, move, strict=True)]
            chain.append((place[0], place[1]))
            continue
        elif path.method == "newton":
            det = a * c - b * b
            speed = [
                -rate * (c * slope[0] - b * slope[1]) / det,
                -rate * (a * slope[1] - b * slope[0]) / det,
            ]
        else:
            speed = [-rate * g for g in slope]
        place = [p + v for p, v in zip(place, speed, strict=True)]
        chain.append((place[0], place[1]))
    return chain


def _adam(
    first: list[float], second: list[float], slope: list[float], beta: float, step: int
) -> tuple[list[float], list[float], list[float]]:
    # beta 2 as in the paper; the learning rate multiplies the returned direction
    first = [beta * m + (1 - beta) * g for m, g in zip(first, slope, strict=True)]
    second = [0.999 * m + 0.001 * g * g for m, g in zip(second, slope, strict=True)]
    move = [
        (m / (1 - beta**step)) / (math.sqrt(v / (1 - 0.999**step)) + 1e-8)
        for m, v in zip(first, second, strict=True)
    ]
    return first, second, move


def _axes(chains: list[list[Pair]], minimum: Pair, width: float) -> Axes:
    points = [p for chain in chains for p in chain] + [minimum]
    lows = [min(p[k] for p in points) for k in (0, 1)]
    highs = [max(p[k] for p in points) for k in (0, 1)]
    span = max(highs[0] - lows[0], highs[1] - lows[1], 1e-6)
    room = 0.14 * span
    x = (lows[0] - room, highs[0] + room)
    y = (lows[1] - room, highs[1] + room)
    # a plot much flatter or narrower than a picture shows no contour: give the short side more
    for _ in range(2):
        wide, tall = x[1] - x[0], y[1] - y[0]
        if tall < 0.45 * wide:
            extra = (0.45 * wide - tall) / 2
            y = (y[0] - extra, y[1] + extra)
        if wide < 0.8 * tall:
            extra = (0.8 * tall - wide) / 2
            x = (x[0] - extra, x[1] + extra)
    ratio = (y[1] - y[0]) / (x[1] - x[0])
    width = min(width, _TALLEST / ratio)
    return Axes(Box(0, 0, width, width * ratio), x, y)


def _ellipses(
    axes: Axes, hessian: tuple[Pair, Pair], minimum: Pair, levels: int
) -> list[list[Pair]]:
    (a, b), (_, c) = hessian
    low, high = _eigenvalues(hessian)
    angle = 0.5 * math.atan2(2 * b, a - c)
    # the eigenvector at `angle` belongs to the larger eigenvalue
    radii = (1 / math.sqrt(high), 1 / math.sqrt(low))
    far = 0.0
    for x in axes.x:
        for y in axes.y:
            u, v = x - minimum[0], y - minimum[1]
            far = max(far, a * u * u + 2 * b * u * v + c * v * v)
    ellipses = []
    for level in range(1, levels + 1):
        size = math.sqrt(far) * (level / (levels + 0.4)) ** 1.25
        ellipse = []
        for k in range(121):
            t = 2 * math.pi * k / 120
            u, v = size * radii[0] * math.cos(t), size * radii[1] * math.sin(t)
            ellipse.append(
                (
                    minimum[0] + u * math.cos(angle) - v * math.sin(angle),
                    minimum[1] + u * math.sin(angle) + v * math.cos(angle),
                )
            )
        ellipses.append(ellipse)
    return ellipses


def _paint_path(picture: Picture, box: Box, points: list[Point], index: int) -> None:
    for piece in clip_chain(points, box.grown(0.1)):
        picture.chain(piece, width=LINE, dash=_STYLES[index])
    shape = _MARKERS[index]
    last: Point | None = None
    for k, point in enumerate(points):
        # crowded steps keep every marker apart; the first and the last one always show
        if last is not None and math.dist(last, point) < 5 and k + 1 < len(points):
            continue
        draw_marker(picture, shape, point, 1.9)
        last = point


def _paint_minimum(picture: Picture, at: Point) -> None:
    # a cross on white, so that it shows on top of a marker at the same place
    r = _CROSS * 0.9
    for rise in (-r, r):
        picture.line((at[0] - r, at[1] - rise), (at[0] + r, at[1] + rise), width=3.4, color=PAPER)
    draw_marker(picture, "cross", at, _CROSS)


def _check_named(named: tuple[Spot, ...], chains: list[list[Pair]], minimum: Pair) -> None:
    for index, spot in enumerate(named):
        places = [minimum, *(p for chain in chains for p in chain)]
        if all(math.dist(spot.at, p) > 1e-9 for p in places):
            shown = [number(spot.at[0]), number(spot.at[1])]
            raise FigureError(f"named.{index}.at = {shown}", "the minimum or a point of a path")


def _label_places(
    picture: Picture,
    axes: Axes,
    named: tuple[Spot, ...],
    drawn: list[list[Point]],
    minimum: Point,
) -> list[Box]:
    lines = [s for points in drawn for s in itertools.pairwise(points)]
    marks = [Box(x - 3, y - 3, x + 3, y + 3) for points in drawn for x, y in points]
    marks.append(Box(minimum[0] - 6, minimum[1] - 6, minimum[0] + 6, minimum[1] + 6))
    labels: list[Box] = []
    for spot in named:
        at = axes.at(*spot.at)
        taken = [box for box in marks if math.dist(box.centre, at) > 1] + labels
        place = room_beside(spot.label, at, clear=6, taken=taken, lines=lines, inside=axes.box)
        labels.append(picture.label(spot.label, place, halo=1.0))
    return labels


def _label_paths(
    picture: Picture,
    axes: Axes,
    paths: tuple[Path, ...],
    drawn: list[list[Point]],
    minimum: Point,
    named: list[Box],
) -> None:
    lines = [s for points in drawn for s in itertools.pairwise(points)]
    taken = [Box(x - 3, y - 3, x + 3, y + 3) for points in drawn for x, y in points]
    taken.append(Box(minimum[0] - 6, minimum[1] - 6, minimum[0] + 6, minimum[1] + 6))
    taken += named
    dense = [_dense(points, 3.0) for points in drawn]
    for index, own in enumerate(dense):
        name = _name(paths[index], index)
        others = [p for k, chain in enumerate(dense) if k != index for p in chain]
        best: tuple[tuple[int, float], Point] | None = None
        for anchor in _anchors(own, others):
            spot = room_beside(name, anchor, clear=4, taken=taken, lines=lines, inside=axes.box)
            box = label_box(name, spot)
            hits = sum(box.meets(other) for other in taken)
            hits += sum(clip(start, end, box) is not None for start, end in lines)
            hits += box.joined(axes.box) != axes.box
            # the label belongs to the path that it is nearest to, by as much as there is room for
            near = _gap(box, own)
            lead = min(_gap(box, others) if others else _FAR, _FAR) - near
            if best is None or (-hits, lead) > best[0]:
                best = ((-hits, lead), spot)
        if best is not None:
            taken.append(picture.label(name, best[1], halo=1.0))


def _dense(points: list[Point], apart: float) -> list[Point]:
    found = [points[0]]
    for a, b in itertools.pairwise(points):
        pieces = max(1, math.ceil(math.dist(a, b) / apart))
        found += [between(a, b, (k + 1) / pieces) for k in range(pieces)]
    return found


def _anchors(own: list[Point], others: list[Point]) -> list[Point]:
    """A few points of a path, far from the other paths and from one another."""

    import numpy as np

    gaps = np.zeros(len(own))
    if others:
        away = np.array(own)[:, None] - np.array(others)
        gaps = (away**2).sum(axis=2).min(axis=1)
    found: list[Point] = []
    for index in np.argsort(-gaps, kind="stable"):
        point = own[index]
        if all(math.dist(point, p) >= 9 for p in found):
            found.append(point)
        if len(found) == _MAX_ANCHORS:
            break
    return found


def _gap(box: Box, points: list[Point]) -> float:
    return min(
        math.hypot(
            max(box.x0 - x, 0.0, x - box.x1),
            max(box.y0 - y, 0.0, y - box.y1),
        )
        for x, y in points
    )
