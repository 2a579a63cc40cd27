"""An architecture as a row of boxes with arrows; the size of each output stands below its box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import (
    HAIR,
    SMALL,
    Picture,
    caption_of,
    label_size,
    spoken,
)

MAX_BLOCKS = 16
Kind = Literal["input", "conv", "pool", "fc", "plain"]

FILLS: dict[str, str] = {
    "input": "#ffffff",
    "conv": "#e4e4e4",
    "pool": "#ffffff",
    "fc": "#f4f4f4",
    "plain": "#ffffff",
}
BLANK = (40.0, 17.0)
"""Width and height of an empty box to write a size in (14 mm by 6 mm)."""

_GAP = 17.0
_HEIGHT = 38.0
_ROW_GAP = 20.0


@dataclass(frozen=True)
class Block:
    """One layer: `label` in the box ("\\n" starts a new line), `size` below it ("?" draws an empty
    box), `kind` its looks.
    """

    label: str
    size: str | int = ""
    kind: Kind = "plain"


def draw(*, blocks: tuple[Block, ...], width: float = 440.0) -> str:
    """The blocks from left to right, in as many rows as a width of `width` pt needs."""
    _check(blocks, width)
    picture = Picture()
    widths = [block_width(block) for block in blocks]
    height = max(_HEIGHT, *(label_size(b.label, SMALL + 0.5)[1] + 14 for b in blocks))
    rows = _rows(blocks, widths, width)
    y = before = 0.0
    for number, row in enumerate(rows):
        # a size that is wider than its box takes room on both sides of it
        x = max(0.0, (size_width(blocks[row[0]]) - widths[row[0]]) / 2) if number else 0.0
        middle = y + height / 2
        for place, index in enumerate(row):
            block = blocks[index]
            wide = max(widths[index], size_width(block))
            left = x + (wide - widths[index]) / 2 if place or number == 0 else x
            box = Box(left, y, left + widths[index], y + height)
            if place:
                picture.arrow([(before, middle), (box.x0, middle)])
            paint_block(picture, block, box)
            before = box.x1
            x = left + widths[index] + (wide - widths[index]) / 2 + _GAP
        if number + 1 < len(rows):
            y = _turn(picture, before, middle, height)
    return picture.svg()


def describe(*, blocks: tuple[Block, ...], width: float = 440.0) -> str:
    """The layers in order with the sizes that are printed."""
    _check(blocks, width)
    said = []
    for block in blocks:
        text = say(block.label)
        if block.size == "?":
            text += " (output size: empty box)"
        elif block.size != "":
            text += f" (output size {spoken(block.size)})"
        said.append(text)
    return "Row of layers: " + " → ".join(said) + "."


def say(label: str) -> str:
    """A label of several lines as one line of plain text."""
    return ", ".join(spoken(line) for line in label.split("\n") if line)


def paint_block(picture: Picture, block: Block, box: Box) -> None:
    """One box with its label inside and its size, or an empty box, below."""
    radius = 6.0 if block.kind == "input" else 1.5
    picture.rect(box, fill=FILLS[block.kind], radius=radius)
    if block.kind == "pool":
        picture.rect(box.grown(-2), fill="none", width=HAIR)
    picture.label(block.label, box.centre, size=SMALL + 0.5)
    x = box.centre[0]
    if block.size == "?":
        w, h = BLANK
        picture.rect(Box(x - w / 2, box.y1 + 5, x + w / 2, box.y1 + 5 + h), width=HAIR, radius=1.5)
    elif block.size != "":
        at = (x, box.y1 + 5 + BLANK[1] / 2)
        picture.label(caption_of(block.size), at, size=SMALL, valign="digits")


def block_width(block: Block) -> float:
    """How wide the box of a block is."""
    return max(26.0, label_size(block.label, SMALL + 0.5)[0] + 14)


def size_width(block: Block) -> float:
    """How wide the size, or the empty box for it, is below a block."""
    if block.size == "":
        return 0.0
    return BLANK[0] if block.size == "?" else label_size(caption_of(block.size), SMALL)[0]


def _rows(blocks: tuple[Block, ...], widths: list[float], most: float) -> list[list[int]]:
    full = [max(w, size_width(b)) + _GAP for w, b in zip(widths, blocks, strict=True)]
    needed = 1
    while True:
        # rows of about equal length look better than a full row and a stub
        share = sum(full) / needed
        rows: list[list[int]] = [[]]
        filled = 0.0
        for index, wide in enumerate(full):
            over = filled + wide - _GAP > most
            even = filled + wide / 2 > share and len(rows) < needed
            if rows[-1] and (over or even):
                rows.append([])
                filled = 0.0
            rows[-1].append(index)
            filled += wide
        if len(rows) <= needed or needed >= len(blocks):
            return rows
        needed += 1


def _turn(picture: Picture, right: float, middle: float, height: float) -> float:
    """The arrow from the end of a row to the start of the next; gives the top of that row."""
    low = picture.extent.y1 + _ROW_GAP / 2
    top = low + _ROW_GAP / 2 + 4
    out, back = right + 9, -12.0
    entry = top + height / 2
    picture.arrow(
        [(right, middle), (out, middle), (out, low), (back, low), (back, entry), (0.0, entry)]
    )
    return top


def _check(blocks: tuple[Block, ...], width: float) -> None:
    if not 1 <= len(blocks) <= MAX_BLOCKS:
        raise FigureError(f"{len(blocks)} blocks", f"1 to {MAX_BLOCKS}")
    if not 120 <= width <= 500:
        raise FigureError(f"width = {caption_of(width)}", "120 to 500 pt")
