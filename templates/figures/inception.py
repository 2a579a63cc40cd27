"""An inception module: parallel branches of layers between one input and a concatenation along the
channels.
"""

from __future__ import annotations

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import HAIR, SMALL, Picture, label_size, spoken
from templates.figures.layers import BLANK, Block, block_width, paint_block, say

MAX_BRANCHES = 5
MAX_LENGTH = 4

_HEIGHT = 24.0
_GAP = 19.0


def draw(
    *,
    input: Block,  # noqa: A002  the name that authors write
    branches: tuple[tuple[Block, ...], ...],
    output: str | int = "",
    joint: str = "concatenate",
) -> str:
    """The module from left to right.

    Blocks are those of the figure layers: a label, a size below ("?": an empty box). `output`
    stands after the joint ("?": an empty box).
    """
    _check(branches)
    picture = Picture()
    sized = any(block.size != "" for branch in branches for block in branch)
    pitch = _HEIGHT + (34 if sized else 14)
    span = (len(branches) - 1) * pitch
    columns = max(len(branch) for branch in branches)
    widths = [
        max(_room(branch[k]) for branch in branches if len(branch) > k) for k in range(columns)
    ]
    first = block_width(input)
    entry = Box(0, span / 2 - 17, first, span / 2 + 17)
    paint_block(picture, input, entry)
    split = first + 13
    x = split + 24
    lefts = []
    for wide in widths:
        lefts.append(x)
        x += wide + _GAP
    joined = x + 2
    picture.line((first, span / 2), (split, span / 2))
    picture.line((split, 0), (split, span))
    for row, branch in enumerate(branches):
        y = row * pitch
        before = split
        # a shorter branch stands at the end of its row, next to the joint
        offset = columns - len(branch)
        for k, block in enumerate(branch):
            wide = widths[k + offset] if block.size == "" else block_width(block)
            wide = max(block_width(block), min(wide, widths[k + offset]))
            centre = lefts[k + offset] + widths[k + offset] / 2
            box = Box(centre - wide / 2, y - _HEIGHT / 2, centre + wide / 2, y + _HEIGHT / 2)
            picture.arrow([(before, y), (box.x0, y)])
            paint_block(picture, block, box)
            before = box.x1
        picture.arrow([(before, y), (joined, y)])
    bar = Box(joined, -_HEIGHT / 2 - 4, joined + 18, span + _HEIGHT / 2 + 4)
    length = label_size(joint, SMALL + 0.5)[0] + 12
    if bar.height < length:
        bar = Box(bar.x0, span / 2 - length / 2, bar.x1, span / 2 + length / 2)
    picture.rect(bar, radius=1.5)
    picture.label(joint, bar.centre, size=SMALL + 0.5, upright=False)
    end = bar.x1 + 22
    picture.arrow([(bar.x1, span / 2), (end, span / 2)])
    if output == "?":
        box = Box(end, span / 2 - 8.5, end + BLANK[0], span / 2 + 8.5)
        picture.rect(box, width=HAIR, radius=1.5)
    elif output != "":
        picture.label(str(output), (end + 4, span / 2), anchor="start", valign="digits")
    return picture.svg()


def describe(
    *,
    input: Block,  # noqa: A002
    branches: tuple[tuple[Block, ...], ...],
    output: str | int = "",
    joint: str = "concatenate",
) -> str:
    """The layers and printed sizes of every branch."""
    _check(branches)
    rows = [
        f"branch {index + 1}: " + " → ".join(_said(block) for block in branch)
        for index, branch in enumerate(branches)
    ]
    tail = ""
    if output != "":
        tail = f"; output: {'empty box' if output == '?' else spoken(output)}"
    return (
        f"Module with input {_said(input)} and {len(branches)} parallel branches. "
        f"{'; '.join(rows)}; then {spoken(joint)}{tail}."
    )


def _said(block: Block) -> str:
    if block.size == "":
        return say(block.label)
    return f"{say(block.label)} (size: {'empty box' if block.size == '?' else spoken(block.size)})"


def _room(block: Block) -> float:
    return max(block_width(block), 42.0 if block.size != "" else 0.0)


def _check(branches: tuple[tuple[Block, ...], ...]) -> None:
    if not 2 <= len(branches) <= MAX_BRANCHES:
        raise FigureError(f"{len(branches)} branches", f"2 to {MAX_BRANCHES}")
    for index, branch in enumerate(branches):
        if not 1 <= len(branch) <= MAX_LENGTH:
            raise FigureError(f"branches.{index} has {len(branch)} blocks", f"1 to {MAX_LENGTH}")
