"""Reads the SVG of a figure back as plain geometry, independently of the code that drew it."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

Point = tuple[float, float]
INK = "#111111"
_COMMAND = re.compile(r"([MLCQZ])([^MLCQZ]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Shape:
    """One element: its points, its closed or open outlines, and what it is painted with."""

    tag: str
    label: str | None
    fill: str
    stroke: str | None
    stroke_width: float
    points: tuple[Point, ...]
    edges: tuple[tuple[Point, Point], ...]
    radius: float = 0.0

    @property
    def box(self) -> tuple[float, float, float, float]:
        grow = self.radius + (self.stroke_width / 2 if self.stroke else 0.0)
        xs, ys = [p[0] for p in self.points], [p[1] for p in self.points]
        return min(xs) - grow, min(ys) - grow, max(xs) + grow, max(ys) + grow


@dataclass(frozen=True)
class Drawing:
    """A whole document: its view box as (left, top, right, bottom), natural size in pt, shapes in order."""

    view: tuple[float, float, float, float]
    width: float
    height: float
    shapes: tuple[Shape, ...]


def read(svg: str) -> Drawing:
    root = ET.fromstring(svg)
    x, y, w, h = (float(v) for v in root.attrib["viewBox"].split())
    width, height = (float(root.attrib[k].removesuffix("pt")) for k in ("width", "height"))
    shapes = tuple(_shape(element) for element in root)
    return Drawing((x, y, x + w, y + h), width, height, shapes)


def _shape(element: ET.Element) -> Shape:
    tag = element.tag.rpartition("}")[2]
    numbers = {k: float(v) for k, v in element.attrib.items() if _NUMBER.fullmatch(v)}
    radius = 0.0
    edges: tuple[tuple[Point, Point], ...]
    if tag == "circle":
        points: tuple[Point, ...] = ((numbers["cx"], numbers["cy"]),)
        edges, radius = (), numbers["r"]
    elif tag == "rect":
        x, y, w, h = (numbers[k] for k in ("x", "y", "width", "height"))
        points = ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
        edges = tuple(itertools.pairwise([*points, points[0]]))
    else:
        points, edges = _outline(element.attrib["d"], _shift(element.get("transform")))
    return Shape(
        tag,
        element.get("data-label"),
        element.attrib["fill"],
        element.get("stroke"),
        numbers.get("stroke-width", 0.0),
        points,
        edges,
        radius,
    )


def _shift(transform: str | None) -> Point:
    if transform is None:
        return (0.0, 0.0)
    found = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", transform)
    assert found, transform
    return (float(found[1]), float(found[2]))


def _outline(d: str, shift: Point) -> tuple[tuple[Point, ...], tuple[tuple[Point, Point], ...]]:
    assert re.fullmatch(r"([MLCQZ][-\d. ]*)+", d), d[:80]
    points: list[Point] = []
    edges: list[tuple[Point, Point]] = []
    first = last = (0.0, 0.0)
    for command, inside in _COMMAND.findall(d):
        values = [float(v) for v in _NUMBER.findall(inside)]
        pairs = [
            (x + shift[0], y + shift[1]) for x, y in zip(values[0::2], values[1::2], strict=True)
        ]
        points += pairs
        if command == "M":
            first = last = pairs[0]
        elif command == "L":
            edges.append((last, pairs[0]))
            last = pairs[0]
        elif command == "Z":
            edges.append((last, first))
            last = first
        else:
            last = pairs[-1]
    return tuple(points), tuple(edges)


def crosses(edge: tuple[Point, Point], box: tuple[float, float, float, float]) -> bool:
    """Whether a straight line passes through a rectangle, by sampling it densely."""
    (ax, ay), (bx, by) = edge
    count = max(2, math.ceil(math.dist(*edge) / 0.2))
    for k in range(count + 1):
        x, y = ax + (bx - ax) * k / count, ay + (by - ay) * k / count
        if box[0] < x < box[2] and box[1] < y < box[3]:
            return True
    return False


def touched_labels(drawing: Drawing) -> list[str]:
    """Labels that a line, a mark or another label runs into.

    A label may clear its own place of pale lines painted before it (grids, contours), never of black ones.
    """
    found = []
    shapes = drawing.shapes
    for at, label in enumerate(shapes):
        if label.label is None:
            continue
        cleared = at if _clears(shapes[at - 1], label) else 0
        for other_at, other in enumerate(shapes):
            if other_at == at or (other_at < cleared and other.stroke not in {None, INK}):
                continue
            if other.label is not None:
                if other_at < at and _overlap(label.box, other.box):
                    found.append(f"{label.label} on {other.label}")
            elif other.stroke is None:
                if other.fill == INK and _overlap(label.box, other.box):
                    found.append(f"{label.label} on a mark")
            elif other.tag == "circle":
                if _meets_circle(label.box, other):
                    found.append(f"{label.label} on a circle")
            elif any(crosses(edge, label.box) for edge in other.edges):
                found.append(f"{label.label} on a line")
    return found


def _clears(before: Shape, label: Shape) -> bool:
    if before.tag != "rect" or before.stroke or before.fill != "#ffffff":
        return False
    a, b = before.box, label.box
    return a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _meets_circle(box: tuple[float, float, float, float], circle: Shape) -> bool:
    (x, y), r = circle.points[0], circle.radius
    near = math.hypot(max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3]))
    far = max(math.dist((x, y), (cx, cy)) for cx in (box[0], box[2]) for cy in (box[1], box[3]))
    return near < r < far


@pytest.fixture(scope="session")
def geometry() -> SimpleNamespace:
    """`read` an SVG document; list the `touched_labels` of what was read."""
    return SimpleNamespace(read=read, touched_labels=touched_labels)
