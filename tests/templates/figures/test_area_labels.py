"""Whose name a name is can be read off the page: over many drawn boxes, and over draws of the bank's questions."""

from __future__ import annotations

import math
import random
from types import SimpleNamespace
from typing import Any

import pytest

from question_bank.loader import load_question, question_files
from question_bank.variant import instantiate
from templates.figures import draw

INK = "#111111"
Rect = tuple[float, float, float, float]


def unclear(geometry: SimpleNamespace, svg: str, names: list[str]) -> list[str]:
    """The names that stand neither in their box alone nor at the end of a line from it alone."""
    shapes = geometry.read(svg).shapes
    labels = [shape for shape in shapes if shape.label in names]
    frames = [s for s in shapes if s.tag == "rect" and s.stroke == INK and s.stroke_width > 1]
    areas = [(*frame.points[0], *frame.points[2]) for frame in frames]
    assert [label.label for label in labels] == names
    assert len(areas) == len(names)
    dots = [s for s in shapes if s.tag == "circle" and s.fill == INK]
    found = []
    for label, own in zip(labels, areas, strict=True):
        others = [area for area in areas if area is not own]
        here = label.box
        alone = within(here, own) and not any(meets(here, other) for other in others)
        led = [
            shape.edges[0]
            for shape in shapes
            if shape.tag == "path"
            and len(shape.edges) == 1
            and any(math.dist(shape.edges[0][0], dot.points[0]) < 0.1 for dot in dots)
            and distance(shape.edges[0][1], here) < 3
        ]
        if not alone and not (
            len(led) == 1
            and on_edge(led[0][0], own)
            and not any(on_edge(led[0][0], other, 2.0) for other in others)
        ):
            found.append(f"{label.label} of {own}")
    return found


def within(inner: Rect, outer: Rect) -> bool:
    return all(a >= b for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b for a, b in zip(inner[2:], outer[2:], strict=True)
    )


def meets(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def distance(point: tuple[float, float], box: Rect) -> float:
    x, y = point
    return math.hypot(max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3]))


def on_edge(point: tuple[float, float], box: Rect, tolerance: float = 0.1) -> bool:
    x, y = point
    deep = min(x - box[0], box[2] - x, y - box[1], box[3] - y)
    return distance(point, box) <= tolerance and deep <= tolerance


def drawn(rng: random.Random) -> dict[str, Any]:
    """Two or three boxes in one another's way, of which none lies under another in full."""
    width, height = rng.choice([(10, 10), (20, 12), (25, 16), (12, 20)])
    boxes: list[list[int]] = []
    while len(boxes) < rng.choice([2, 3]):
        x0, y0 = rng.randrange(width - 2), rng.randrange(height - 2)
        x1, y1 = (
            min(x0 + rng.randint(2, 9), width),
            min(y0 + rng.randint(2, 9), height),
        )
        if not any(
            x0 == a and y0 == b and x1 == c and y1 == d
            for a, b, c, d in boxes  # one and the same
        ):
            boxes.append([x0, y0, x1, y1])
    return {
        "boxes": [{"label": name, "corners": c} for name, c in zip("SPQ", boxes, strict=False)],
        "size": [width, height],
        "origin": rng.choice(["top", "bottom"]),
    }


@pytest.mark.parametrize("seed", range(6))
def test_names_of_drawn_boxes_are_clear_and_touch_nothing(
    geometry: SimpleNamespace, seed: int
) -> None:
    rng = random.Random(seed)
    for _ in range(8):
        args = drawn(rng)
        svg = draw("boxes", args)
        assert unclear(geometry, svg, [box["label"] for box in args["boxes"]]) == [], args
        assert geometry.touched_labels(geometry.read(svg)) == [], args


@pytest.mark.parametrize(
    "name", ["ship_search", "overlap_of_boxes", "suppression_by_hand", "keypoint_pipeline"]
)
def test_names_are_clear_in_draws_of_the_bank(geometry: SimpleNamespace, name: str) -> None:
    (path,) = (path for path in question_files() if path.stem == name)
    question = load_question(path)
    for seed in (*range(1, 8), 376, 226969812712078):
        variant = instantiate(question, seed)
        called = [variant.figure, *(part.figure for part in variant.parts)]
        (figure,) = [figure for figure in called if figure is not None]
        args = dict(figure.args)
        svg = draw(figure.name, args)
        names = [box["label"] for box in args["boxes"]]
        assert unclear(geometry, svg, names) == [], seed


def test_a_point_keeps_off_the_name_of_a_box(geometry: SimpleNamespace) -> None:
    args = {
        "boxes": [{"label": "crop", "corners": [0, 0, 9, 9]}],
        "points": [{"label": "eye", "at": [1, 1]}],
    }
    assert geometry.touched_labels(geometry.read(draw("boxes", args))) == []


def test_a_name_in_two_boxes_is_found(geometry: SimpleNamespace) -> None:
    # the judge of the tests above must itself be able to say no
    svg = draw("boxes", {"boxes": [{"label": "S", "corners": [0, 0, 9, 9]}]})
    second = (
        '<rect x="0" y="0" width="90" height="90" fill="none" stroke="#111111" stroke-width="1.5"/>'
    )
    named = '<path transform="translate(10 10)" d="M0 0L4 4Z" fill="#111111" data-label="P"/>'
    broken = svg.replace("</svg>", f"{second}{named}</svg>")
    assert len(unclear(geometry, broken, ["S", "P"])) == 2
