"""A recurrent network unrolled in time: cells from left to right, inputs below, outputs above,
shared weights on arrows.
"""

from __future__ import annotations

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import (
    SHADE,
    SMALL,
    Picture,
    caption_of,
    label_size,
    spoken,
)

MAX_STEPS = 8

_SIDE = 30.0
_UP = 26.0
_LINK = 36.0


def draw(
    *,
    steps: int = 3,
    hidden: str = "h",
    inputs: tuple[int, ...] | None = None,
    input_name: str = "x",
    input_values: tuple[float | str, ...] | None = None,
    outputs: tuple[int, ...] = (),
    output_name: str = "y",
    initial: str | None = "$h_0$",
    recurrent_weight: str = "",
    input_weight: str = "",
    output_weight: str = "",
    final: str | None = None,
    cell: str | None = None,
) -> str:
    """The unrolled network for the time steps 1 to `steps`.

    `inputs` and `outputs` list the steps that have one (inputs: all if not given). Names are
    letters of mathematics and get the step as an index (x_1, h_1, y_1); `cell` prints that text in
    every cell instead of h_t. `input_values` stand for x_t, one for each step with an input.
    Weights are labels such as "$W$". `initial` enters the first cell (null: nothing); `final`
    labels what leaves the last cell to the right (null: nothing leaves).
    """
    _check(steps, inputs, outputs, input_values)
    picture = Picture()
    fed = tuple(range(1, steps + 1)) if inputs is None else inputs
    weight = label_size(recurrent_weight, SMALL)[0] if recurrent_weight else 0.0
    labels = [cell if cell is not None else f"${hidden}_{{{t}}}$" for t in range(1, steps + 1)]
    wide = max(_SIDE, *(label_size(text)[0] + 12 for text in labels))
    link = max(_LINK if steps <= 6 else 24.0, weight + 20)
    for index, text in enumerate(labels):
        x = index * (wide + link)
        box = Box(x, 0.0, x + wide, _SIDE)
        middle, step = x + wide / 2, index + 1
        if index:
            _across(picture, x - link, x, recurrent_weight)
        picture.rect(box, radius=4, fill=SHADE)
        picture.label(text, box.centre)
        if step in fed:
            picture.arrow([(middle, _SIDE + _UP), (middle, _SIDE)])
            _beside(picture, input_weight, middle, _SIDE + _UP / 2)
            name = f"${input_name}_{{{step}}}$"
            if input_values is not None:
                value = caption_of(input_values[fed.index(step)]).replace("$", "")
                name = f"${input_name}_{{{step}}}=" + ("\\;?$" if value == "?" else f"{value}$")
            at = (middle, _SIDE + _UP + 11)
            picture.label(name, at, valign="baseline")
        if step in outputs:
            picture.arrow([(middle, 0.0), (middle, -_UP)])
            _beside(picture, output_weight, middle, -_UP / 2)
            picture.label(f"${output_name}_{{{step}}}$", (middle, -_UP - 7), valign="baseline")
    if initial is not None:
        _across(picture, -link, 0.0, recurrent_weight)
        picture.label(initial, (-link - 4, _SIDE / 2), anchor="end", valign="letters")
    if final is not None:
        end = steps * (wide + link) - link
        picture.arrow([(end, _SIDE / 2), (end + 24, _SIDE / 2)])
        picture.label(final, (end + 28, _SIDE / 2), anchor="start", valign="letters")
    return picture.svg()


def describe(
    *,
    steps: int = 3,
    hidden: str = "h",
    inputs: tuple[int, ...] | None = None,
    input_name: str = "x",
    input_values: tuple[float | str, ...] | None = None,
    outputs: tuple[int, ...] = (),
    output_name: str = "y",
    initial: str | None = "$h_0$",
    recurrent_weight: str = "",
    input_weight: str = "",
    output_weight: str = "",
    final: str | None = None,
    cell: str | None = None,
) -> str:
    """The number of cells, which of them have inputs and outputs, and the weights."""
    _check(steps, inputs, outputs, input_values)
    fed = tuple(range(1, steps + 1)) if inputs is None else inputs
    name = f"labelled {spoken(cell)}" if cell is not None else f"with states {hidden}₁ to {hidden}"
    name = name if cell is not None else name + str(steps).translate(_LOWERED)
    parts = [f"Recurrent network unrolled over {steps} time steps, cells {name}"]
    if fed:
        parts.append(f"inputs {input_name} at {_steps(fed)}")
    else:
        parts.append("no inputs")
    if input_values is not None:
        parts.append("input values " + ", ".join(spoken(v) for v in input_values))
    parts.append(f"outputs {output_name} at {_steps(outputs)}" if outputs else "no outputs drawn")
    if initial is not None:
        parts.append(f"{spoken(initial)} enters the first cell")
    if final is not None:
        parts.append(f"{spoken(final)} leaves the last cell")
    for what, label in (
        ("between cells", recurrent_weight),
        ("at inputs", input_weight),
        ("at outputs", output_weight),
    ):
        if label:
            parts.append(f"weight {spoken(label)} {what}")
    return "; ".join(parts) + "."


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _steps(which: tuple[int, ...]) -> str:
    return ("steps " if len(which) > 1 else "step ") + ", ".join(map(str, which))


def _across(picture: Picture, start: float, end: float, weight: str) -> None:
    picture.arrow([(start, _SIDE / 2), (end, _SIDE / 2)])
    if weight:
        at = ((start + end) / 2 - 2, _SIDE / 2 - 4)
        picture.label(weight, at, size=SMALL, valign="baseline")


def _beside(picture: Picture, weight: str, x: float, y: float) -> None:
    if weight:
        picture.label(weight, (x + 4, y), size=SMALL, anchor="start")


def _check(
    steps: int,
    inputs: tuple[int, ...] | None,
    outputs: tuple[int, ...],
    input_values: tuple[float | str, ...] | None,
) -> None:
    if not 1 <= steps <= MAX_STEPS:
        raise FigureError(f"steps = {steps}", f"1 to {MAX_STEPS}")
    for name, which in (("inputs", inputs or ()), ("outputs", outputs)):
        wrong = [t for t in which if not 1 <= t <= steps]
        if wrong or len(set(which)) < len(which):
            raise FigureError(
                f"{name} = {list(which)}", f"each step from 1 to {steps} at most once"
            )
    count = steps if inputs is None else len(inputs)
    if input_values is not None and len(input_values) != count:
        raise FigureError(f"{len(input_values)} input_values", f"{count}, one for each input")
