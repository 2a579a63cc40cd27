"""A multilayer perceptron: nodes in columns, weights on the edges, biases below the nodes.

Places for the weight labels are searched for: a label interrupts its own edge and lies on no other;
where there is no room, the columns move apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box, Point, between, clip, toward
from templates.figures.drawing.picture import (
    HAIR,
    SMALL,
    Picture,
    caption_of,
    label_box,
    label_size,
    spoken,
)

MAX_WIDTH = 8
"""Most nodes in a layer."""
MAX_DEPTH = 6
"""Most layers."""

_SHARES = (0.5, 0.34, 0.66, 0.42, 0.58, 0.28, 0.72, 0.22, 0.78, 0.17, 0.83)
_GAP = 4.5
_MOST_ARROWS = 16
_LEAST = 9.0
"""What must be left of an edge on either side of its label: an arrowhead and a piece of its line."""

Number = float | str
Weights = tuple[tuple[Number | None, ...], ...]


@dataclass(frozen=True)
class _Edge:
    start: Point
    end: Point
    label: str


def draw(
    *,
    layers: tuple[tuple[str, ...], ...],
    weights: tuple[Weights | None, ...] | None = None,
    biases: tuple[tuple[Number | None, ...] | None, ...] | None = None,
    captions: tuple[str, ...] | None = None,
    inputs: tuple[Number, ...] | None = None,
    outputs: tuple[str, ...] | None = None,
) -> str:
    """The network.

    `layers`: the labels of the nodes, column by column. `weights[l][j][i]`: from node i of layer l
    to node j of layer l + 1 (the matrix W of W x), null for an edge without a label.
    `biases[l][j]`: of node j of layer l + 1. `captions`: one below each column. `inputs`: values
    that enter the first layer; `outputs`: labels of what leaves the last.
    """
    _check(layers, weights, biases, captions, inputs, outputs)
    picture = Picture()
    radius = max(11.0, max(max(label_size(n)) for layer in layers for n in layer) / 2 + 3.5)
    room = 30.0 if biases else 12.0
    pitch_y = 2 * radius + room
    centres, edges, spots = _arrange(layers, weights, radius, pitch_y)
    boxes = [label_box(e.label, s, size=SMALL) for e, s in zip(edges, spots, strict=True)]
    for edge, box in zip(edges, boxes, strict=True):
        if edge.label:
            _interrupted(picture, edge, box.grown(_GAP))
        elif len(edges) <= _MOST_ARROWS:
            picture.arrow([edge.start, edge.end], head=4.2)
        else:
            picture.line(edge.start, edge.end, width=HAIR)
    for edge, spot in zip(edges, spots, strict=True):
        if edge.label:
            picture.label(edge.label, spot, size=SMALL)
    for layer, column in zip(layers, centres, strict=True):
        for label, centre in zip(layer, column, strict=True):
            picture.circle(centre, radius)
            picture.label(label, centre)
    taken = [b for e, b in zip(edges, boxes, strict=True) if e.label]
    for index, values in enumerate(biases or ()):
        for value, centre in zip(values or (), centres[index + 1], strict=False):
            if value is not None:
                text = value if isinstance(value, str) else f"$b={caption_of(value)}$"
                spot = _beside(text, centre, radius, edges, taken)
                taken.append(picture.label(text, spot, size=SMALL))
    for value, (x, y) in zip(inputs or (), centres[0], strict=False):
        picture.arrow([(x - radius - 20, y), (x - radius, y)], head=4.2)
        at = (x - radius - 24, y)
        picture.label(caption_of(value), at, anchor="end", valign="digits")
    for text, (x, y) in zip(outputs or (), centres[-1], strict=False):
        picture.arrow([(x + radius, y), (x + radius + 20, y)], head=4.2)
        picture.label(text, (x + radius + 24, y), anchor="start", valign="letters")
    bottom = picture.extent.y1 + 8
    for text, column in zip(captions or (), centres, strict=False):
        picture.label(text, (column[0][0], bottom), size=SMALL, valign="top")
    return picture.svg()


def describe(
    *,
    layers: tuple[tuple[str, ...], ...],
    weights: tuple[Weights | None, ...] | None = None,
    biases: tuple[tuple[Number | None, ...] | None, ...] | None = None,
    captions: tuple[str, ...] | None = None,
    inputs: tuple[Number, ...] | None = None,
    outputs: tuple[str, ...] | None = None,
) -> str:
    """The nodes of every layer and the weight of every labelled edge."""
    _check(layers, weights, biases, captions, inputs, outputs)
    widths = "-".join(str(len(layer)) for layer in layers)
    parts = [f"Fully connected network {widths}"]
    for index, layer in enumerate(layers):
        name = spoken(captions[index]) if captions else f"layer {index + 1}"
        parts.append(f"{name}: {', '.join(spoken(node) for node in layer)}")
    if inputs:
        pairs = zip(layers[0], inputs, strict=True)
        parts.append("input values: " + ", ".join(f"{spoken(n)} = {spoken(v)}" for n, v in pairs))
    for index, matrix in enumerate(weights or ()):
        said = [
            f"{spoken(layers[index][i])} to {spoken(layers[index + 1][j])}: {spoken(value)}"
            for j, row in enumerate(matrix or ())
            for i, value in enumerate(row)
            if value is not None
        ]
        if said:
            parts.append("weights " + ", ".join(said))
    for index, values in enumerate(biases or ()):
        pairs_b = zip(layers[index + 1], values or (), strict=False)
        said = [f"{spoken(n)}: {spoken(v)}" for n, v in pairs_b if v is not None]
        if said:
            parts.append("biases " + ", ".join(said))
    if outputs:
        parts.append("outputs: " + ", ".join(spoken(o) for o in outputs))
    return ". ".join(parts) + "."


def _check(
    layers: tuple[tuple[str, ...], ...],
    weights: tuple[Weights | None, ...] | None,
    biases: tuple[tuple[Number | None, ...] | None, ...] | None,
    captions: tuple[str, ...] | None,
    inputs: tuple[Number, ...] | None,
    outputs: tuple[str, ...] | None,
) -> None:
    if not 2 <= len(layers) <= MAX_DEPTH:
        raise FigureError(f"{len(layers)} layers", f"2 to {MAX_DEPTH}")
    for layer in layers:
        if not 1 <= len(layer) <= MAX_WIDTH:
            raise FigureError(f"a layer of {len(layer)} nodes", f"1 to {MAX_WIDTH}")
    sizes = [len(layer) for layer in layers]
    for name, given in (("weights", weights), ("biases", biases)):
        if given is not None and len(given) != len(layers) - 1:
            hint = f"{len(layers) - 1}, one for each layer after the first (null: none)"
            raise FigureError(f"{len(given)} entries in {name}", hint)
    for index, matrix in enumerate(weights or ()):
        shape = [len(row) for row in matrix or ()]
        if matrix is not None and shape != [sizes[index]] * sizes[index + 1]:
            raise FigureError(
                f"weights.{index} has rows of {shape}",
                f"{sizes[index + 1]} rows (one for each node it leads to) of {sizes[index]}",
            )
    for index, values in enumerate(biases or ()):
        if values is not None and len(values) != sizes[index + 1]:
            raise FigureError(f"biases.{index} has {len(values)} values", f"{sizes[index + 1]}")
    for name, labels, count in (
        ("captions", captions, len(layers)),
        ("inputs", inputs, sizes[0]),
        ("outputs", outputs, sizes[-1]),
    ):
        if labels is not None and len(labels) != count:
            raise FigureError(f"{name} has {len(labels)} entries", f"{count} are needed")


def _arrange(
    layers: tuple[tuple[str, ...], ...],
    weights: tuple[Weights | None, ...] | None,
    radius: float,
    pitch_y: float,
) -> tuple[list[list[Point]], list[_Edge], list[Point]]:
    """Centres of the nodes, edges, and the centre of each edge's label; columns as near as labels
    allow.
    """
    tall = max(len(layer) for layer in layers)
    centres: list[list[Point]] = []
    edges: list[_Edge] = []
    spots: list[Point] = []
    x = 0.0
    for index, layer in enumerate(layers):
        if index == 0:
            centres.append(_column(0.0, len(layer), tall, pitch_y))
            continue
        matrix = weights[index - 1] if weights else None
        labelled = matrix is not None and any(v is not None for row in matrix for v in row)
        gap = 62.0 if labelled else 46.0
        while True:
            column = _column(x + 2 * radius + gap, len(layer), tall, pitch_y)
            part = _edges(centres[-1], column, matrix, radius)
            placed, clashes = _place(part, [*centres[-1], *column], radius)
            if clashes == 0 or gap > 190:
                break
            gap += 8.0
        x += 2 * radius + gap
        centres.append(column)
        edges += part
        spots += placed
    return centres, edges, spots


def _column(x: float, count: int, tall: int, pitch: float) -> list[Point]:
    # a narrower layer is spread a little, so that its edges meet at wider angles
    step = pitch if count == tall else pitch * min(1.5, (tall - 1) / max(1, count - 1) * 0.8 + 0.2)
    top = -(count - 1) * step / 2
    return [(x, top + index * step) for index in range(count)]


def _edges(
    left: list[Point], right: list[Point], matrix: Weights | None, radius: float
) -> list[_Edge]:
    edges = []
    for i, start in enumerate(left):
        for j, end in enumerate(right):
            value = matrix[j][i] if matrix is not None else None
            label = "" if value is None else caption_of(value)
            edges.append(_Edge(toward(start, end, radius), toward(end, start, radius), label))
    return edges


def _place(edges: list[_Edge], centres: list[Point], radius: float) -> tuple[list[Point], int]:
    """A place for each label and the number of clashes that remain. Edges with the least room
    choose first.
    """
    choices: list[list[tuple[float, Point, Box]]] = []
    for edge in edges:
        options = []
        for rank, share in enumerate(_SHARES if edge.label else (0.5,)):
            spot = between(edge.start, edge.end, share)
            box = label_box(edge.label, spot, size=SMALL) if edge.label else Box(*spot, *spot)
            cost = rank * 0.01
            if edge.label:
                wide = box.grown(_GAP)
                cost += sum(clip(o.start, o.end, wide) is not None for o in edges if o is not edge)
                cost += sum(_reaches(wide, c, radius) for c in centres)
                cost += _stump(edge, wide)
            options.append((cost, spot, wide if edge.label else box))
        choices.append(options)
    picked = _search(choices, [bool(e.label) for e in edges])
    clashes = 0
    for index, pick in enumerate(picked):
        cost, _, box = choices[index][pick]
        clashes += int(cost)
        clashes += sum(
            edges[index].label != "" and edges[k].label != "" and box.meets(choices[k][p][2])
            for k, p in enumerate(picked[:index])
        )
    return [choices[index][pick][1] for index, pick in enumerate(picked)], clashes


def _stump(edge: _Edge, hole: Box) -> bool:
    """Whether so little of the edge is left beside its label that it no longer reads as one line."""
    inside = clip(edge.start, edge.end, hole)
    return inside is not None and (
        math.dist(edge.start, inside[0]) < _LEAST or math.dist(inside[1], edge.end) < _LEAST
    )


def _reaches(box: Box, centre: Point, radius: float) -> bool:
    dx = max(box.x0 - centre[0], 0.0, centre[0] - box.x1)
    dy = max(box.y0 - centre[1], 0.0, centre[1] - box.y1)
    return math.hypot(dx, dy) < radius


def _search(choices: list[list[tuple[float, Point, Box]]], labelled: list[bool]) -> list[int]:
    """Greedy choice; then labels in turn move to their cheapest places until nothing improves."""
    picked = [min(range(len(o)), key=lambda k, o=o: o[k][0]) for o in choices]  # type: ignore[misc]
    for _ in range(12):
        changed = False
        for index, options in enumerate(choices):
            if not labelled[index]:
                continue
            others = [choices[k][p][2] for k, p in enumerate(picked) if k != index and labelled[k]]
            costs = [o[0] + sum(o[2].meets(b) for b in others) for o in options]
            best = min(range(len(costs)), key=costs.__getitem__)
            if costs[best] < costs[picked[index]] - 1e-9:
                picked[index], changed = best, True
        if not changed:
            break
    return picked


def _beside(text: str, centre: Point, radius: float, edges: list[_Edge], taken: list[Box]) -> Point:
    """A place for a bias: below or above its node, where no edge passes."""
    zero = label_box(text, (0.0, 0.0), size=SMALL)
    down = radius + 4 + zero.height / 2
    right = zero.width / 2 + 2
    offsets = [(0.0, down), (0.0, -down)]
    offsets += [(dx, dy) for dx in (right, -right) for dy in (down, -down)]
    best, fewest = centre, math.inf
    for rank, (dx, dy) in enumerate(offsets):
        spot = (centre[0] + dx, centre[1] + dy)
        box = zero.moved(*spot).grown(1.0)
        hits = sum(clip(e.start, e.end, box) is not None for e in edges)
        hits += sum(box.meets(other) for other in taken)
        if hits + rank * 0.01 < fewest:
            best, fewest = spot, hits + rank * 0.01
    return best


def _interrupted(picture: Picture, edge: _Edge, hole: Box) -> None:
    inside = clip(edge.start, edge.end, hole)
    if inside is None:
        picture.arrow([edge.start, edge.end], head=4.2)
        return
    if math.dist(edge.start, inside[0]) > 0.5:
        picture.line(edge.start, inside[0])
    picture.arrow([inside[1], edge.end], head=4.2)
