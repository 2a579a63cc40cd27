r"""The figures of questions, drawn from plain JSON arguments as SVG.

    draw("network", {"layers": [["$x_1$", "$x_2$"], ["$y$"]], "weights": [[[1, -2]]]})

Labels are words with `$mathematics$` in them; a number may stand wherever a label may; "?" draws
an empty box to write in, where the table says so. A new figure is a new module here with `draw`
and `describe`, which take the same keyword arguments.

boxes (10.16): boxes, points, size, origin="top"|"bottom", x_label="$x$", y_label="$y$"
    {boxes: [{label: A, corners: [1, 1, 6, 5]}, {label: B, corners: [4, 3, 9, 7]}]}
    corners: left, top, right, bottom; origin top: y points down, as in images; points (keypoints):
    [{label: nose, at: [4, 2]}]
computational_graph (3.8, 4.1, 4.2): nodes, blanks="none"|"values"|"gradients"|"both", output
    {nodes: [{id: x, label: $x$, value: -2}, {id: y, label: $y$, value: 5},
             {id: q, op: "+", inputs: [x, y]}], blanks: both, output: $f$}
    nodes, each after its inputs: {id, label, op, inputs: [ids], value, gradient}; op: + - * / max
    min exp ln sigmoid tanh relu square sqrt reciprocal negate sin cos sum dot, or any label; values
    print above the wire that leaves a node, gradients below it ("?": an empty box; `blanks` draws
    one for each that is missing)
contours (5.21): paths, hessian=[[1, 0], [0, 8]], minimum=[0, 0], start=[-4, 1.5], levels=6,
    x_label="$\\theta_1$", y_label="$\\theta_2$", numbers=false, named, width=250
    {paths: [{method: gd, learning_rate: 0.2, steps: 12},
             {method: momentum, learning_rate: 0.03, beta: 0.8, steps: 25}]}
    method: gd sgd momentum nesterov rmsprop adam newton; or points: [[x, y], ...]; named: what is
    printed at points of the paths, or at the minimum: [{label: start, at: [-4, 1.5]}]
function_plot (3.5, 7.15): functions, layout="together"|"panels", x_range=[-4, 4], y_range,
    x_label="$x$", y_label="", numbers=true, per_row=4, grid=false, marked=false
    {functions: [{name: relu}, {name: tanh, label: "$f$"}, {points: [[-4, 0], [0, 1], [4, 0]]}]}
    name: sigmoid tanh relu leaky_relu elu softplus hard_tanh step linear constant absolute square
    sine; a: slope, scale or value; derivative: true for the graph of the derivative; letters A, B,
    ... where there is no label; marked: a marker at each of the points, numbers below them
grids (9.5, 9.9, 10.4): grids, between, per_row=6
    {grids: [{rows: [[1, 0, 2], [0, 1, 1], [2, 1, 0]], caption: input $X$, padding: 1},
             {rows: [[1, 0], [0, -1]], caption: kernel $K$}, {rows: [[null, null], [null, null]]}],
     between: ["$*$", "$=$"]}
    between: a sign, "arrow" or ""; a grid also takes padding_value=0, highlight: [first row, first
    column, rows, columns]; null: an empty cell
histograms (7.3): panels, x_range=[-1, 1], bins=21, x_label="", per_row=4
    {panels: [{activation: tanh, gain: 1, layer: 5}, {activation: sigmoid, gain: 100, layer: 5}]}
    {panels: [{shares: [0.25, 0.5, 0.25]}], bins: 3}
    activation: tanh sigmoid relu; gain: inputs of a unit times the variance of a weight
inception (10.11): input, branches, output, joint="concatenate"
    {input: {label: input, size: "$192\\times 28\\times 28$", kind: input}, output: "?",
     branches: [[{label: "conv 1×1, 64", kind: conv}],
                [{label: "conv 1×1, 96", kind: conv}, {label: "conv 3×3, 128", kind: conv}]]}
knn_regions (2.3): classes, ks, extent=[0, 100], width=118, per_row=4
    {classes: [{label: $A$, points: [[20, 70], [45, 60], [70, 20]]},
               {label: $B$, points: [[60, 40], [80, 60], [30, 50], [75, 75]]}], ks: [1, 3, 7]}
    the same points in a panel A, B, ... for each k (odd), the region of the first class shaded
layers (9.19, 10.1): blocks, width=440
    {blocks: [{label: input, size: "$3\\times 32\\times 32$", kind: input},
              {label: "conv\n6 filters", size: "?", kind: conv}, {label: max pool, kind: pool}]}
    a block: label ("\n": new line), size below ("?": an empty box), kind: input conv pool fc plain
loss_curves (6.1): panels, epochs=40, names=[training, validation], x_label="epoch",
    y_label="loss", numbers=true, marks, first=0, points=false
    {panels: [{regime: overfitting, seed: 3}], marks: {$t_1$: 10}}
    {panels: [{training: [2.3, 1.1, 0.6], validation: [2.3, 1.4, 1.3]}]}
    {panels: [{training: [14, 9, 6], validation: [15, 12, 13]}], first: 1, points: true}
    regime: overfitting underfitting good_fit too_high_learning_rate diverging
    too_low_learning_rate; several panels get the letters A, B, ...; first: the epoch of the first
    value; points: marks each value and draws a grid
lstm_cell (11.7): gates, forget="$f_t$", input="$i_t$", candidate="$g_t$", output="$o_t$",
    cell_in="$c_{t-1}$", cell_out="$c_t$", hidden_in="$h_{t-1}$", hidden_out="$h_t$", x="$x_t$"
    {}     {gates: [A, B, C, D], forget: "", input: "", candidate: "", output: ""}     {forget: "?"}
network (3.4, 3.7, 4.9): layers, weights, biases, captions, inputs, outputs
    {layers: [["$x_1$", "$x_2$"], ["$h_1$", "$h_2$"], ["$y$"]], inputs: [2, -1],
     weights: [[[1, -2], [3, 1]], [[2, -1]]], biases: [[1, -1], [0]]}
    weights[l][j][i]: from node i of layer l to node j of the next, as in W x; null: no label
residual_block (10.8): body, shortcut, after="ReLU", input="$x$", output="$y$"
    {body: [{label: "conv 3×3\n128, stride 2", size: "?", kind: conv}, {label: ReLU}],
     shortcut: {label: "?"}}
    blocks as in layers; no shortcut: the identity; its label "?": an empty box
rnn_unrolled (11.3, 11.11): steps=3, hidden="h", inputs, input_name="x", input_values, outputs=[],
    output_name="y", initial="$h_0$", recurrent_weight, input_weight, output_weight, final, cell
    {steps: 3, recurrent_weight: $w$, input_weight: $u$, input_values: [1, -2, 3], final: $h_3$}
    {steps: 4, cell: RNN, inputs: [1], outputs: [1, 2, 3, 4], initial: null}
scatter (2.2, 2.15): classes, query, query_label="$q$", lines, x_range, y_range, x_label="$x_1$",
    y_label="$x_2$", grid=true, equal=true, width=165
    {classes: [{label: A, points: [[1, 2], [2, 1]]}, {label: B, points: [[4, 4, "$b_1$"]]}],
     query: [3, 3], lines: [{w: [1, 1], b: -5, label: "$t=0.5$", style: dashed}]}
    a line is w[0]*x + w[1]*y + b = 0
u_net (10.12): encoder, bottom, decoder, down="max pool", up="up-conv", skip="copy", input, output
    {encoder: [{label: "2 × conv 3×3", size: 568, kind: conv}], bottom: {label: "2 × conv 3×3",
     size: "?", kind: conv}, decoder: [{label: "2 × conv 3×3", size: "?", kind: conv}]}
    encoder from the top down, decoder from the lowest level up; blocks as in layers
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any
from xml.sax.saxutils import quoteattr

from templates.figures.drawing.errors import FigureError, did_you_mean

__all__ = ["FigureError", "describe", "draw", "in_twos", "names"]


def names() -> tuple[str, ...]:
    """The figures there are, in alphabetical order: each is one module of this package."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.ispkg))


def draw(name: str, args: Mapping[str, Any], alt: str | None = None) -> str:
    """The figure as an SVG document (text): same name and arguments, same bytes, on every machine.

    `alt` is what a screen reader says; without it, `describe` does. Raises FigureError for a name
    that is not there and for arguments that the figure cannot draw.
    """
    svg = _call(name, "draw", args)
    label = describe(name, args) if alt is None else alt
    return svg.replace("<svg ", f'<svg role="img" aria-label={quoteattr(label)} ', 1)


def in_twos(name: str, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The arguments that draw a figure of several panels with two of them in a row; None where it has no such rows."""
    from inspect import signature

    parameters = signature(_module(name).draw).parameters
    # What stands between two panels belongs to their row.
    if "per_row" not in parameters or args.get("between"):
        return None
    return {**args, "per_row": 2}


def describe(name: str, args: Mapping[str, Any]) -> str:
    """What the figure shows, with its numbers: alternative text that gives no key away.

    Raises FigureError as `draw` does, but for what only the drawing itself can find out.
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
