"""A U-Net: an encoder that goes down, a bottom, a decoder that comes up, and copies across on every
level.
"""

from __future__ import annotations

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import DASHED, HAIR, SMALL, Picture, label_size, spoken
from templates.figures.layers import BLANK, Block, block_width, paint_block, say, size_width

MAX_LEVELS = 4

_HEIGHT = 32.0
_PITCH = 82.0
_INDENT = 34.0


def draw(
    *,
    encoder: tuple[Block, ...],
    bottom: Block,
    decoder: tuple[Block, ...],
    down: str = "max pool",
    up: str = "up-conv",
    skip: str = "copy",
    input: str = "",  # noqa: A002  the name that authors write
    output: str = "",
) -> str:
    """The network.

    `encoder` from the top level downwards, `decoder` from the lowest level upwards, as many as in
    the encoder. Blocks are those of the figure layers: a label, a size below ("?": an empty box).
    `down`, `up` and `skip` label the arrows.
    """
    _check(encoder, decoder)
    picture = Picture()
    depth = len(encoder)
    indent = _INDENT if depth < MAX_LEVELS else 0.75 * _INDENT
    # an arrow leaves beside the size below a box and must still meet the box on the next level
    sides = max(size_width(b) + 24 for b in (*encoder, *decoder))
    wide = max(64.0, sides, *(block_width(b) for b in (*encoder, bottom, *decoder)))
    words = max(label_size(w, SMALL)[0] for w in (down, up)) + 16
    middle = wide / 2 + max(30.0, label_size(skip, SMALL)[0] / 2 + 14, words)
    half = middle + wide / 2 + (depth - 1) * indent

    def box(x: float, level: int) -> Box:
        y = level * _PITCH
        return Box(x - wide / 2, y, x + wide / 2, y + _HEIGHT)

    left = [box(-half + level * indent, level) for level in range(depth)]
    right = [box(half - level * indent, level) for level in range(depth)]
    base = box(0.0, depth)
    for level in range(depth):
        y = left[level].centre[1]
        picture.arrow([(left[level].x1, y), (right[level].x0, y)], dash=DASHED)
        picture.label(skip, (0.0, y - 4), size=SMALL, valign="baseline")
        last = level + 1 == depth
        target = base if last else left[level + 1]
        low = left[level].y1 + (25.0 if encoder[level].size != "" else 3.0)
        x = left[level].x1 - 7
        if last:
            path = [(x, left[level].y1), (x, base.centre[1]), (base.x0, base.centre[1])]
        else:
            path = [(x, left[level].y1), (x, target.y0)]
        picture.arrow(path)
        picture.label(
            down, (x + 5, (low + target.y0) / 2), size=SMALL, anchor="start", valign="letters"
        )
        x = -x
        source = base if last else right[level + 1]
        if last:
            path = [(base.x1, base.centre[1]), (x, base.centre[1]), (x, right[level].y1)]
        else:
            path = [(x, source.y0), (x, right[level].y1)]
        picture.arrow(path)
        picture.label(
            up, (x - 5, (low + source.y0) / 2), size=SMALL, anchor="end", valign="letters"
        )
    for block, place in zip((*encoder, bottom), (*left, base), strict=True):
        paint_block(picture, block, place)
    for block, place in zip(decoder, reversed(right), strict=True):
        paint_block(picture, block, place)
    if input:
        y = left[0].centre[1]
        picture.arrow([(left[0].x0 - 22, y), (left[0].x0, y)])
        picture.label(input, (left[0].x0 - 26, y), anchor="end", valign="digits")
    if output:
        y = right[0].centre[1]
        picture.arrow([(right[0].x1, y), (right[0].x1 + 22, y)])
        end = right[0].x1 + 22
        if output == "?":
            picture.rect(Box(end, y - 8.5, end + BLANK[0], y + 8.5), width=HAIR, radius=1.5)
        else:
            picture.label(output, (end + 4, y), anchor="start", valign="digits")
    return picture.svg()


def describe(
    *,
    encoder: tuple[Block, ...],
    bottom: Block,
    decoder: tuple[Block, ...],
    down: str = "max pool",
    up: str = "up-conv",
    skip: str = "copy",
    input: str = "",  # noqa: A002
    output: str = "",
) -> str:
    """The stages on the way down and up with the sizes that are printed, and the arrows between
    them.
    """
    _check(encoder, decoder)
    way_down = f" → {spoken(down)} → ".join(_said(b) for b in (*encoder, bottom))
    way_up = f" → {spoken(up)} → ".join(_said(b) for b in decoder)
    ends = f" Input {spoken(input)}." if input else ""
    if output:
        ends += f" Output: {'empty box' if output == '?' else spoken(output)}."
    return (
        f"U-shaped network of {len(encoder)} levels and a bottom. Down: {way_down}. "
        f"Up: {spoken(up)} → {way_up}. On every level an arrow ({spoken(skip)}) goes from the "
        f"encoder to the decoder.{ends}"
    )


def _said(block: Block) -> str:
    if block.size == "":
        return say(block.label)
    return f"{say(block.label)} (size: {'empty box' if block.size == '?' else spoken(block.size)})"


def _check(encoder: tuple[Block, ...], decoder: tuple[Block, ...]) -> None:
    if not 1 <= len(encoder) <= MAX_LEVELS:
        raise FigureError(f"{len(encoder)} levels in the encoder", f"1 to {MAX_LEVELS}")
    if len(decoder) != len(encoder):
        raise FigureError(
            f"{len(encoder)} levels in the encoder, {len(decoder)} in the decoder",
            "one decoder block for each encoder block",
        )
