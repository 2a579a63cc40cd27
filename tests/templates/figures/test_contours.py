"""Each label of the contours stands nearest to its own path, and the minimum's cross lies on top."""

from __future__ import annotations

import math
from collections import Counter
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from templates.figures import draw

PATHS: list[dict[str, Any]] = [
    {"method": "gd", "learning_rate": 0.2, "steps": 11},
    {"method": "gd", "learning_rate": 0.05, "steps": 24},
    {"method": "momentum", "learning_rate": 0.055, "beta": 0.75, "steps": 22},
    {"method": "newton", "learning_rate": 1, "steps": 1},
]
ORDERS = list(permutations(range(4)))[::5]


def read(order: tuple[int, ...], side: int, geometry: SimpleNamespace) -> list[Any]:
    args = {"hessian": [[1, 0], [0, 9]], "start": [4 * side, 2], "width": 330}
    svg = draw("contours", {"paths": [PATHS[k] for k in order], **args})
    return list(geometry.read(svg).shapes)


def distance(box: tuple[float, float, float, float], edge: Any) -> float:
    (ax, ay), (bx, by) = edge
    count = max(1, math.ceil(math.dist(*edge)))
    points = [(ax + (bx - ax) * k / count, ay + (by - ay) * k / count) for k in range(count + 1)]
    return min(
        math.hypot(max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3]))
        for x, y in points
    )


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("order", ORDERS)
def test_a_label_is_nearest_to_its_own_path(
    order: tuple[int, ...], side: int, geometry: SimpleNamespace
) -> None:
    shapes = read(order, side, geometry)
    lines = [s for s in shapes if s.fill == "none" and s.edges and s.stroke != "#a8a8a8"]
    start = Counter(s.points[0] for s in lines).most_common(1)[0][0]
    paths = [s for s in lines if s.points[0] == start]
    assert len(paths) == 4
    for index, letter in enumerate("ABCD"):
        box = next(s.box for s in shapes if s.label == letter)
        gaps = [min(distance(box, edge) for edge in path.edges) for path in paths]
        own = gaps.pop(index)
        assert own < 12
        assert min(gaps) > own + 3, (letter, own, gaps)


@pytest.mark.parametrize("order", ORDERS)
def test_nothing_but_labels_covers_the_cross(
    order: tuple[int, ...], geometry: SimpleNamespace
) -> None:
    shapes = read(order, 1, geometry)
    labels = [at for at, s in enumerate(shapes) if s.label in {*"ABCD"}]
    # the last marks before the clear place of the first label
    first, second = shapes[min(labels) - 3 : min(labels) - 1]
    assert first.box == pytest.approx(second.box)
    assert len(first.edges) == len(second.edges) == 1
    for at in labels:
        label = shapes[at].box
        assert (
            label[2] < first.box[0]
            or first.box[2] < label[0]
            or label[3] < first.box[1]
            or first.box[3] < label[1]
        )
