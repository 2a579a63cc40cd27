"""A residual block: layers in a row, a shortcut above them, and the addition where both meet."""

from __future__ import annotations

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import HAIR, Picture, spoken
from templates.figures.layers import Block, block_width, paint_block, say

MAX_BODY = 6

_HEIGHT = 34.0
_GAP = 17.0
_RADIUS = 8.0
_EMPTY = (84.0, 22.0)


def draw(
    *,
    body: tuple[Block, ...],
    shortcut: Block | None = None,
    after: str = "ReLU",
    input: str = "$x$",  # noqa: A002  the name that authors write
    output: str = "$y$",
) -> str:
    """The block.

    `body` as in the figure layers (label, size below, "?" for an empty box). `shortcut` is a box on
    the shortcut; without it the shortcut is the identity; its label "?" draws an empty box to fill
    in. `after` follows the addition ("" for nothing); `input` and `output` are printed at the ends.
    """
    _check(body)
    picture = Picture()
    sized = any(block.size != "" for block in body)
    x = 0.0
    picture.label(input, (x - 4, 0), anchor="end", valign="letters")
    fork = x + 12
    x = fork + 20
    picture.circle((fork, 0), 1.4, fill="#111111", width=0)
    start = 0.0
    boxes = []
    for block in body:
        wide = block_width(block)
        box = Box(x, -_HEIGHT / 2, x + wide, _HEIGHT / 2)
        picture.arrow([(start, 0), (x, 0)])
        paint_block(picture, block, box)
        boxes.append(box)
        start, x = box.x1, box.x1 + _GAP
        if block.size != "":
            x = max(x, box.centre[0] + 27)
    plus = start + 26 + _RADIUS
    picture.arrow([(start, 0), (plus - _RADIUS, 0)])
    picture.circle((plus, 0), _RADIUS)
    picture.label("$+$", (plus, 0))
    top = -_HEIGHT / 2 - (40 if shortcut and shortcut.size != "" else 26)
    middle = (fork + plus) / 2
    if shortcut is None:
        picture.arrow([(fork, 0), (fork, top), (plus, top), (plus, -_RADIUS)])
    else:
        empty = shortcut.label == "?"
        wide, tall = _EMPTY if empty else (block_width(shortcut), 24.0)
        box = Box(middle - wide / 2, top - tall / 2, middle + wide / 2, top + tall / 2)
        picture.arrow([(fork, 0), (fork, top), (box.x0, top)])
        picture.arrow([(box.x1, top), (plus, top), (plus, -_RADIUS)])
        if empty:
            picture.rect(box, width=HAIR, radius=1.5)
        else:
            paint_block(picture, shortcut, box)
    end = plus + _RADIUS
    if after:
        last = Block(after)
        box = Box(end + _GAP, -_HEIGHT / 2, end + _GAP + block_width(last), _HEIGHT / 2)
        picture.arrow([(end, 0), (box.x0, 0)])
        paint_block(picture, last, box)
        end = box.x1
    picture.arrow([(end, 0), (end + 22, 0)])
    picture.label(output, (end + 26, 0), anchor="start", valign="letters")
    if sized:
        picture.reserve(Box(0, 0, 1, _HEIGHT / 2 + 22))
    return picture.svg()


def describe(
    *,
    body: tuple[Block, ...],
    shortcut: Block | None = None,
    after: str = "ReLU",
    input: str = "$x$",  # noqa: A002
    output: str = "$y$",
) -> str:
    """The layers of the body, what is on the shortcut, and what follows the addition."""
    _check(body)
    layers = " → ".join(_said(block) for block in body)
    if shortcut is None:
        across = "the identity"
    elif shortcut.label == "?":
        across = "an empty box"
    else:
        across = _said(shortcut)
    tail = f", then {spoken(after)}" if after else ""
    return (
        f"Residual block from {spoken(input)} to {spoken(output)}: body {layers}; "
        f"shortcut: {across}; both are added{tail}."
    )


def _said(block: Block) -> str:
    if block.size == "":
        return say(block.label)
    size = "empty box" if block.size == "?" else spoken(block.size)
    return f"{say(block.label)} (output size: {size})"


def _check(body: tuple[Block, ...]) -> None:
    if not 1 <= len(body) <= MAX_BODY:
        raise FigureError(f"{len(body)} layers in the body", f"1 to {MAX_BODY}")
