"""A computational graph from left to right: inputs, operations in circles, values above the wires,
gradients below.

The layout is layered (inputs in the first column, an operation one column after its last operand)
with as few crossing wires as a search over orders finds.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Literal

from templates.figures.drawing.errors import FigureError, did_you_mean
from templates.figures.drawing.geometry import Box, Point, toward
from templates.figures.drawing.picture import (
    HAIR,
    PAPER,
    SMALL,
    Picture,
    caption_of,
    label_size,
    spoken,
)

OPERATIONS = {
    "+": "$+$",
    "-": "$-$",
    "*": "$\\times$",
    "/": "$\\div$",
    "max": "max",
    "min": "min",
    "exp": "exp",
    "ln": "ln",
    "sigmoid": "$\\sigma$",
    "tanh": "tanh",
    "relu": "ReLU",
    "square": "$(\\cdot)^2$",
    "sqrt": "$\\sqrt{\\;\\cdot\\;}$",
    "reciprocal": "$1/x$",
    "negate": "$\\times(-1)$",
    "sin": "sin",
    "cos": "cos",
    "sum": "$\\Sigma$",
    "dot": "$\\cdot$",
}
_ORDERED = {"-", "/"}
MAX_NODES = 30

_RADIUS = 11.0
_PITCH = 32.0
_BLANK = (28.0, 16.0)
_FAN = 22.0
_BRIDGE = 5.0
_GAP = 2.6
_BLANK_MARKS = {"?", "_"}


@dataclass(frozen=True)
class Node:
    """One input (no `op`) or operation.

    `op` is a key of OPERATIONS or any label; `inputs` are ids, first operand first. `label` is what
    an input is called, or the name printed above an operation. `value` stands above the wire that
    leaves the node, `gradient` below it; "?" draws an empty box to write in.
    """

    id: str
    op: str | None = None
    inputs: tuple[str, ...] = ()
    label: str | None = None
    value: float | str | None = None
    gradient: float | str | None = None


Blanks = Literal["none", "values", "gradients", "both"]


def draw(*, nodes: tuple[Node, ...], blanks: Blanks = "none", output: str | None = None) -> str:
    """The graph. `blanks` adds an empty box wherever a value or gradient is not given; `output`
    labels the last wire.
    """
    graph = _Graph(nodes)
    picture = Picture()
    filled = [_with_blanks(node, blanks) for node in nodes]
    _paint(picture, graph, filled, output)
    return picture.svg()


def describe(*, nodes: tuple[Node, ...], blanks: Blanks = "none", output: str | None = None) -> str:
    """The operands of each operation, and the values that are printed."""
    _Graph(nodes)
    said = []
    for node in nodes:
        name = spoken(node.label or node.id)
        text = (
            f"{name} is an input"
            if node.op is None
            else f"{name} = {_operation(node.op, [_name_of(nodes, i) for i in node.inputs])}"
        )
        if node.value is not None and node.value not in _BLANK_MARKS:
            text += f", value {spoken(node.value)}"
        if node.gradient is not None and node.gradient not in _BLANK_MARKS:
            text += f", gradient {spoken(node.gradient)}"
        said.append(text)
    tail = f" The output is {spoken(output)}." if output else ""
    room = {
        "none": "",
        "values": " Boxes for the missing values are empty.",
        "gradients": " Boxes for the missing gradients are empty.",
        "both": " Boxes for the missing values and gradients are empty.",
    }[blanks]
    return "Computational graph: " + "; ".join(said) + "." + tail + room


def _operation(op: str, names: list[str]) -> str:
    if op in {"+", "-", "*", "/"} and len(names) > 1:
        return f" {op} ".join(names)
    return f"{spoken(op)}({', '.join(names)})"


def _name_of(nodes: tuple[Node, ...], wanted: str) -> str:
    return next(spoken(n.label or n.id) for n in nodes if n.id == wanted)


def _with_blanks(node: Node, blanks: Blanks) -> Node:
    value, gradient = node.value, node.gradient
    if value is None and blanks in {"values", "both"}:
        value = "?"
    if gradient is None and blanks in {"gradients", "both"}:
        gradient = "?"
    return Node(node.id, node.op, node.inputs, node.label, value, gradient)


class _Graph:
    """Layers and rows. A wire that skips columns passes through an invisible stop in each, so it
    crosses no node.
    """

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        if not 1 <= len(nodes) <= MAX_NODES:
            raise FigureError(f"{len(nodes)} nodes", f"1 to {MAX_NODES}")
        self.nodes = {node.id: node for node in nodes}
        if len(self.nodes) < len(nodes):
            twice = next(n.id for n in nodes if [m.id for m in nodes].count(n.id) > 1)
            raise FigureError(f'two nodes have the id "{twice}"')
        self.column: dict[str, int] = {}
        for node in nodes:
            self._check(node)
            places = [self.column[i] for i in node.inputs]
            self.column[node.id] = 1 + max(places) if places else 0
        self.chains: dict[tuple[str, str, int], list[str]] = {}
        self.layers: list[list[str]] = [[] for _ in range(1 + max(self.column.values()))]
        for node in nodes:
            self.layers[self.column[node.id]].append(node.id)
        self._add_stops(nodes)
        self._order(nodes)
        self.row = self._rows()

    def _check(self, node: Node) -> None:
        for wanted in node.inputs:
            if wanted not in self.nodes:
                raise FigureError(
                    f'node "{node.id}" takes "{wanted}", which is no node',
                    did_you_mean(wanted, self.nodes),
                )
            if wanted not in self.column:
                raise FigureError(
                    f'node "{node.id}" takes "{wanted}", which comes later in the list',
                    "list every node after its inputs; a graph has no cycles",
                )
        if node.op is None and node.inputs:
            raise FigureError(f'node "{node.id}" has inputs but no op')
        if node.op is not None and not node.inputs:
            raise FigureError(f'node "{node.id}" has an op but no inputs')

    def _add_stops(self, nodes: tuple[Node, ...]) -> None:
        self.above: dict[str, list[str]] = {node.id: [] for node in nodes}
        for node in nodes:
            for index, source in enumerate(node.inputs):
                chain = [source]
                for column in range(self.column[source] + 1, self.column[node.id]):
                    stop = f"{source}>{column}"
                    if stop not in self.above:
                        self.above[stop] = [chain[-1]]
                        self.layers[column].append(stop)
                    chain.append(stop)
                self.chains[source, node.id, index] = [*chain, node.id]
                self.above[node.id].append(chain[-1])

    def _order(self, nodes: tuple[Node, ...]) -> None:
        inputs = self.layers[0]
        orders = itertools.permutations(inputs) if len(inputs) <= 6 else iter([tuple(inputs)])
        best: tuple[tuple[int, int, int], list[list[str]]] | None = None
        given = {name: index for index, name in enumerate(inputs)}
        for order in orders:
            layers = self._sorted(list(order))
            moved = sum(abs(given[name] - index) for index, name in enumerate(order))
            cost = (self._swapped(layers, nodes), self._crossings(layers), moved)
            if best is None or cost < best[0]:
                best = (cost, layers)
                if cost == (0, 0, 0):
                    break
        assert best is not None  # noqa: S101  a graph has at least one order
        if best[0][0]:
            raise FigureError(
                "the operands of - or / cannot all stand in order from top to bottom",
                "negate or invert one operand with an op of its own",
            )
        self.layers = self._untangled(best[1], nodes) if best[0][1] else best[1]

    def _untangled(self, layers: list[list[str]], nodes: tuple[Node, ...]) -> list[list[str]]:
        """Swap neighbours, in any column, for as long as fewer wires cross."""

        def cost(tried: list[list[str]]) -> tuple[int, int]:
            return self._swapped(tried, nodes), self._crossings(tried)

        best, least = layers, cost(layers)
        improved = True
        while improved and least[1]:
            improved = False
            for column, layer in enumerate(best):
                for place in range(len(layer) - 1):
                    changed = [list(each) for each in best]
                    row = changed[column]
                    row[place], row[place + 1] = row[place + 1], row[place]
                    now = cost(changed)
                    if now < least:
                        best, least, improved = changed, now, True
        return best

    def _sorted(self, first: list[str]) -> list[list[str]]:
        layers = [first]
        for layer in self.layers[1:]:
            rank = {name: index for index, name in enumerate(layers[-1])}
            layers.append(
                sorted(
                    layer,
                    key=lambda n, r=rank: sum(r[a] for a in self.above[n]) / len(self.above[n]),  # type: ignore[misc]
                )
            )
        return layers

    def _crossings(self, layers: list[list[str]]) -> int:
        total = 0
        for left, right in itertools.pairwise(layers):
            rank = {name: index for index, name in enumerate(left)}
            wires = [(rank[a], index) for index, n in enumerate(right) for a in set(self.above[n])]
            total += sum(
                (a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in itertools.combinations(wires, 2)
            )
        return total

    def _swapped(self, layers: list[list[str]], nodes: tuple[Node, ...]) -> int:
        rank = {name: index for layer in layers for index, name in enumerate(layer)}
        return sum(
            any(rank[a] > rank[b] for a, b in itertools.pairwise(self.above[node.id]))
            for node in nodes
            if node.op in _ORDERED
        )

    def _rows(self) -> dict[str, float]:
        row = {name: float(index) for layer in self.layers for index, name in enumerate(layer)}
        below: dict[str, list[str]] = {name: [] for name in row}
        for name, sources in self.above.items():
            for source in sources:
                below[source].append(name)
        for sweep in range(60):
            backwards = sweep % 2 == 1
            for layer in reversed(self.layers) if backwards else self.layers:
                wanted = []
                for name in layer:
                    near = below[name] if backwards else self.above[name]
                    pull = sum(row[n] for n in near) / len(near) if near else row[name]
                    # an input keeps its even spacing; what follows moves to it
                    wanted.append(row[name] if not self.above[name] and len(layer) > 2 else pull)
                row.update(zip(layer, _apart(wanted), strict=True))
        for layer in self.layers[1:]:
            wanted = [sum(row[a] for a in self.above[n]) / len(self.above[n]) for n in layer]
            row.update(zip(layer, _apart(wanted), strict=True))
        return row


def _apart(wanted: list[float]) -> list[float]:
    """The places nearest to the wanted ones, in the same order, at least 1 apart (pool adjacent
    violators).
    """
    blocks: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        mean, count = place - index, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [place + index for index, place in enumerate(flat)]


def _paint(picture: Picture, graph: _Graph, filled: list[Node], output: str | None) -> None:
    nodes = {node.id: node for node in filled}
    pitch = _pitch(filled)
    left, half, stub = _columns(graph, nodes)

    def centre(name: str) -> Point:
        column = graph.column[name] if name in nodes else int(name.rpartition(">")[2])
        return left[column], graph.row[name] * pitch

    def leaves(name: str) -> Point:
        column = graph.column[name] if name in nodes else int(name.rpartition(">")[2])
        x, y = centre(name)
        return x + half[column] + stub[column], y

    drawn: list[list[Point]] = []
    for (source, target, index), chain in graph.chains.items():
        points = [leaves(source)]
        for stop in chain[1:-1]:
            x, y = centre(stop)
            points += [(x - half[int(stop.rpartition(">")[2])], y), leaves(stop)]
        points.append(_port(nodes[target], centre(target), points[-1], index))
        for start, end in _bridges(points, drawn):
            # Where two wires must cross, the lower one has a gap: a crossing is no joint.
            picture.line(start, end, width=_BRIDGE, color=PAPER)
        picture.arrow(points)
        drawn.append(points)
    sinks = set(nodes) - {i for n in filled for i in n.inputs}
    for name, node in nodes.items():
        _paint_node(picture, node, centre(name), leaves(name), name in sinks, output)


def _bridges(points: list[Point], drawn: list[list[Point]]) -> list[tuple[Point, Point]]:
    """Short stretches of a wire, each around a place where it crosses one that is drawn already."""
    found = []
    for start, end in itertools.pairwise(points):
        for other in drawn:
            for there in itertools.pairwise(other):
                at = _crossing(start, end, *there)
                if at is not None:
                    found.append((toward(at, start, _GAP), toward(at, end, _GAP)))
    return found


def _crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Where two stretches cross, between their ends."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d
    area = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if abs(area) < 1e-9:
        return None
    along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / area
    across = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / area
    if not (0.02 < along < 0.98 and 0.02 < across < 0.98):
        return None
    return ax + along * (bx - ax), ay + along * (by - ay)


def _pitch(filled: list[Node]) -> float:
    blanks = sum(
        any(getattr(n, what) in _BLANK_MARKS for n in filled) for what in ("value", "gradient")
    )
    named = any(n.op is not None and n.label for n in filled)
    return _PITCH + 12 * blanks + (8 if named else 0)


def _node_half(node: Node) -> float:
    if node.op is None:
        return label_size(node.label or node.id)[0] / 2 + 3
    return max(_RADIUS, label_size(OPERATIONS.get(node.op, node.op))[0] / 2 + 5)


def _tag_width(value: float | str | None) -> float:
    if value is None:
        return 0.0
    return _BLANK[0] if value in _BLANK_MARKS else label_size(caption_of(value), SMALL)[0]


def _columns(graph: _Graph, nodes: dict[str, Node]) -> tuple[list[float], list[float], list[float]]:
    left: list[float] = []
    half: list[float] = []
    stub: list[float] = []
    x = 0.0
    for layer in graph.layers:
        real = [nodes[n] for n in layer if n in nodes]
        half.append(max(_node_half(n) for n in real))
        tags = max(max(_tag_width(n.value), _tag_width(n.gradient)) for n in real)
        stub.append(tags + 8 if tags else 5.0)
        x += half[-1]
        left.append(x)
        x += half[-1] + stub[-1] + _FAN
    return left, half, stub


def _port(node: Node, centre: Point, start: Point, index: int) -> Point:
    """Where a wire meets a node: on its outline, in the direction that it comes from."""
    half = _node_half(node)
    if half > _RADIUS:
        share = 0.0 if len(node.inputs) == 1 else (index / (len(node.inputs) - 1) - 0.5) * 0.9
        # the straight left side of a pill is a half circle of the usual radius
        angle = math.asin(max(-0.9, min(0.9, share if start[1] != centre[1] else 0.0)))
        return (
            centre[0] - half + _RADIUS - _RADIUS * math.cos(angle),
            centre[1] + _RADIUS * math.sin(angle),
        )
    angle = math.atan2(start[1] - centre[1], start[0] - centre[0])
    return centre[0] + _RADIUS * math.cos(angle), centre[1] + _RADIUS * math.sin(angle)


def _paint_node(
    picture: Picture, node: Node, centre: Point, leave: Point, sink: bool, output: str | None
) -> None:
    x, y = centre
    half = _node_half(node)
    if node.op is None:
        picture.label(node.label or node.id, (x, y), valign="letters")
    else:
        if half > _RADIUS:
            box = Box(x - half, y - _RADIUS, x + half, y + _RADIUS)
            picture.rect(box, radius=_RADIUS)
        else:
            picture.circle(centre, _RADIUS)
        picture.label(OPERATIONS.get(node.op, node.op), centre)
        if node.label:
            picture.label(node.label, (x, y - _RADIUS - 3.5), size=SMALL, valign="baseline")
    has_tags = node.value is not None or node.gradient is not None
    if sink and (has_tags or output or node.op is not None):
        end = (leave[0] + 10, y)
        picture.arrow([(x + half, y), end])
        if output:
            picture.label(output, (end[0] + 4, y), anchor="start", valign="letters")
    elif not sink:
        picture.line((x + half, y), leave)
    middle = (x + half + leave[0]) / 2
    _tag(picture, node.value, (middle, y - 3.5), above=True)
    _tag(picture, node.gradient, (middle, y + 3.5), above=False)


def _tag(picture: Picture, value: float | str | None, at: Point, *, above: bool) -> None:
    if value is None:
        return
    x, y = at
    if value in _BLANK_MARKS:
        w, h = _BLANK
        top = y - h if above else y
        picture.rect(Box(x - w / 2, top, x + w / 2, top + h), width=HAIR, radius=1.5)
        return
    picture.label(caption_of(value), at, size=SMALL, valign="baseline" if above else "top")
