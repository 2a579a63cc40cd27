"""The figures of questions, drawn from plain JSON arguments as SVG.

    draw("network", {"layers": [["$x_1$", "$x_2$"], ["$y$"]], "weights": [[[1, -2]]]})

Labels are words with `$mathematics$` in them; a number may stand wherever a label may; "?" draws
an empty box to write in, where the table says so. A new figure is a new module here with `draw`
and `describe`, which take the same keyword arguments.

computational_graph (3.8, 4.1, 4.2): nodes, blanks="none"|"values"|"gradients"|"both", output
    nodes, each after its inputs: {id, label, op, inputs: [ids], value, gradient}; op: + - * / max
    min exp ln sigmoid tanh relu square sqrt reciprocal negate sin cos sum dot, or a label; values print
    above the wire that leaves a node, gradients below it ("?": box; `blanks`: a box for each missing)
    {nodes: [{id: x, label: $x$, value: -2}, {id: y, label: $y$, value: 5},
             {id: q, op: "+", inputs: [x, y]}], blanks: both, output: $f$}
grids (9.5, 9.9, 10.4): grids, between, per_row=6
    {grids: [{rows: [[1, 0, 2], [0, 1, 1], [2, 1, 0]], caption: input $X$, padding: 1},
             {rows: [[1, 0], [0, -1]], caption: kernel $K$}, {rows: [[null, null], [null, null]]}],
     between: ["$*$", "$=$"]}     a sign or "arrow"; highlight: [row, column, rows, columns]
layers (9.19, 10.1): blocks, width=440
    {blocks: [{label: input, size: "$3\\times 32\\times 32$", kind: input},
              {label: "conv\\n6 filters", size: "?", kind: conv}, {label: max pool, kind: pool}]}
    kind: input conv pool fc plain
loss_curves (6.1): panels, epochs=40, names, x_label, y_label, numbers=true, marks
    {panels: [{regime: overfitting, seed: 3}], marks: {$t_1$: 10}}
    {panels: [{training: [2.3, 1.1, 0.6], validation: [2.3, 1.4, 1.3]}]}
    regime: overfitting underfitting good_fit too_high_learning_rate diverging too_low_learning_rate;
    several panels get the letters A, B, ...
network (3.4, 3.7, 4.9): layers, weights, biases, captions, inputs, outputs
    {layers: [["$x_1$", "$x_2$"], ["$h_1$", "$h_2$"], ["$y$"]], inputs: [2, -1],
     weights: [[[1, -2], [3, 1]], [[2, -1]]], biases: [[1, -1], [0]]}
    weights[l][j][i]: from node i of layer l to node j of the next, as in W x; null: no label
rnn_unrolled (11.3, 11.11): steps=3, hidden="h", inputs, input_name="x", input_values,
    outputs=[], output_name="y", initial="$h_0$", recurrent_weight, input_weight, output_weight, final, cell
    {steps: 3, recurrent_weight: $w$, input_weight: $u$, input_values: [1, -2, 3], final: $h_3$}
    {steps: 4, cell: RNN, inputs: [1], outputs: [1, 2, 3, 4], initial: null}
scatter (2.2, 2.15): classes, query, query_label="$q$", lines, x_range, y_range, x_label="$x_1$",
    y_label="$x_2$", grid=true, equal=true, width=165
    {classes: [{label: A, points: [[1, 2], [2, 1]]}, {label: B, points: [[4, 4, "$b_1$"]]}],
     query: [3, 3], lines: [{w: [1, 1], b: -5, label: "$t=0.5$", style: dashed}]}
    a line is w[0]*x + w[1]*y + b = 0
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from templates.figures.drawing.errors import FigureError, did_you_mean

__all__ = ["FigureError", "describe", "draw", "names"]


def names() -> tuple[str, ...]:
    """The figures there are, in alphabetical order: each is one module of this package."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.ispkg))


def draw(name: str, args: Mapping[str, Any]) -> str:
    """The figure as an SVG document (text): same name and arguments, same bytes, on every machine.

    Raises FigureError for a name that is not there and for arguments that the figure cannot draw.
    """
    return _call(name, "draw", args)


def describe(name: str, args: Mapping[str, Any]) -> str:
    """What the figure shows, in words and with its numbers: alternative text that gives no key away.

    Raises FigureError as `draw` does.
    """
    return _call(name, "describe", args)


def _call(name: str, what: str, args: Mapping[str, Any]) -> str:
    from templates.figures.drawing.arguments import bind

    module = _module(name)
    bound = bind(module.draw, args, name)
    try:
        text: str = getattr(module, what)(**bound)
    except FigureError as error:
        if error.message.startswith(f"{name}: "):
            raise
        raise FigureError(f"{name}: {error.message}", error.hint) from None
    return text


def _module(name: str) -> ModuleType:
    if name not in names():
        raise FigureError(f'there is no figure "{name}"', did_you_mean(str(name), names()))
    return importlib.import_module(f"{__name__}.{name}")
