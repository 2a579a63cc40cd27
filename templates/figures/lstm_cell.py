"""The cell of an LSTM: the cell state along the top, four gates below it, the new hidden state at
the right.
"""

from __future__ import annotations

from templates.figures.drawing.geometry import Box, Point
from templates.figures.drawing.picture import (
    BOLD,
    HAIR,
    SHADE,
    SMALL,
    Picture,
    label_size,
    spoken,
)

_TOP = 26.0
_BUS = 124.0
_GATE = 96.0
_F, _I, _G, _O, _H = 46.0, 98.0, 146.0, 198.0, 246.0
_RIGHT, _BOTTOM = 276.0, 142.0
_RADIUS = 8.0


def draw(
    *,
    gates: tuple[str, str, str, str] = ("$\\sigma$", "$\\sigma$", "tanh", "$\\sigma$"),
    forget: str = "$f_t$",
    input: str = "$i_t$",  # noqa: A002  the name that authors write
    candidate: str = "$g_t$",
    output: str = "$o_t$",
    cell_in: str = "$c_{t-1}$",
    cell_out: str = "$c_t$",
    hidden_in: str = "$h_{t-1}$",
    hidden_out: str = "$h_t$",
    x: str = "$x_t$",
) -> str:
    """The cell. `gates` are the labels in the four boxes from left to right (forget, input,
    candidate, output).

    `forget`, `input`, `candidate` and `output` stand beside what leaves the boxes: "?" draws an
    empty box, "" nothing.
    """
    picture = Picture()
    picture.rect(Box(0, 0, _RIGHT, _BOTTOM), radius=9, width=BOLD)
    picture.arrow([(-26, _TOP), (_F - _RADIUS, _TOP)], width=BOLD)
    picture.arrow([(_F + _RADIUS, _TOP), (_G - _RADIUS, _TOP)], width=BOLD)
    picture.arrow([(_G + _RADIUS, _TOP), (_RIGHT + 26, _TOP)], width=BOLD)
    picture.line((-26, _BUS), (_O, _BUS))
    picture.line((18, _BUS), (18, _BOTTOM + 22))
    picture.circle((18, _BUS), 1.4, fill="#111111", width=0)
    mix = 60.0
    for place, label in zip((_F, _I, _G, _O), gates, strict=True):
        wide = max(26.0, label_size(label)[0] + 12)
        box = Box(place - wide / 2, _GATE - 8, place + wide / 2, _GATE + 8)
        picture.arrow([(place, _BUS), (place, box.y1)])
        picture.rect(box, fill=SHADE, radius=1.5)
        picture.label(label, box.centre)
        if place != _O:
            picture.circle((place, _BUS), 1.4, fill="#111111", width=0)
    up = _GATE - 8
    picture.arrow([(_F, up), (_F, _TOP + _RADIUS)])
    picture.arrow([(_I, up), (_I, mix), (_G - _RADIUS, mix)])
    picture.arrow([(_G, up), (_G, mix + _RADIUS)])
    picture.arrow([(_G, mix - _RADIUS), (_G, _TOP + _RADIUS)])
    last = 74.0
    picture.arrow([(_O, up), (_O, last), (_H - _RADIUS, last)])
    picture.circle((_H, _TOP), 1.6, fill="#111111", width=0)
    pill = Box(_H - 15, 42, _H + 15, 56)
    picture.arrow([(_H, _TOP), (_H, pill.y0)])
    picture.rect(pill, radius=7)
    picture.label("tanh", pill.centre, size=SMALL)
    picture.arrow([(_H, pill.y1), (_H, last - _RADIUS)])
    picture.arrow([(_H, last + _RADIUS), (_H, _BUS), (_RIGHT + 26, _BUS)])
    for centre, sign in (
        ((_F, _TOP), "$\\times$"),
        ((_G, _TOP), "$+$"),
        ((_G, mix), "$\\times$"),
        ((_H, last), "$\\times$"),
    ):
        picture.circle(centre, _RADIUS)
        picture.label(sign, centre)
    _name(picture, forget, (_F, 60.0))
    _name(picture, input, (_I, 74.0))
    _name(picture, candidate, (_G, 78.0))
    if output == "?":
        _name(picture, output, (_O, last - 11))
    elif output:
        at = (_O + 2, last - 3.5)
        picture.label(output, at, size=SMALL, anchor="start", valign="bottom")
    picture.label(cell_in, (-30, _TOP), anchor="end", valign="letters")
    picture.label(cell_out, (_RIGHT + 30, _TOP), anchor="start", valign="letters")
    picture.label(hidden_in, (-30, _BUS), anchor="end", valign="letters")
    picture.label(hidden_out, (_RIGHT + 30, _BUS), anchor="start", valign="letters")
    picture.label(x, (18, _BOTTOM + 34), valign="baseline")
    return picture.svg()


def describe(
    *,
    gates: tuple[str, str, str, str] = ("$\\sigma$", "$\\sigma$", "tanh", "$\\sigma$"),
    forget: str = "$f_t$",
    input: str = "$i_t$",  # noqa: A002
    candidate: str = "$g_t$",
    output: str = "$o_t$",
    cell_in: str = "$c_{t-1}$",
    cell_out: str = "$c_t$",
    hidden_in: str = "$h_{t-1}$",
    hidden_out: str = "$h_t$",
    x: str = "$x_t$",
) -> str:
    """How the four boxes are wired, by their position; only printed labels are named."""
    names = ["an empty box" if n == "?" else spoken(n) for n in (forget, input, candidate, output)]
    boxes = [
        f"box {index + 1} ({spoken(gate)})" + (f" gives {name}" if name else "")
        for index, (gate, name) in enumerate(zip(gates, names, strict=True))
    ]
    entering = " and ".join(spoken(name) for name in (hidden_in, x) if name)
    first, last = spoken(cell_in), spoken(cell_out)
    return (
        f"Recurrent cell. Four boxes take {entering}: {', '.join(boxes)}. On the upper line {first} "
        f"is multiplied by the result of box 1; then the product of the results of boxes 2 and 3 "
        f"is added, which gives {last}. tanh of {last} times the result of box 4 gives "
        f"{spoken(hidden_out)}."
    )


def _name(picture: Picture, label: str, at: Point) -> None:
    """A label, or an empty box, to the right of an arrow."""
    x, y = at
    if label == "?":
        picture.rect(Box(x + 4, y - 7, x + 27, y + 7), width=HAIR, radius=1.5)
    elif label:
        picture.label(label, (x + 4, y), size=SMALL, anchor="start", valign="letters")
