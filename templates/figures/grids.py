"""Matrices of numbers as boxed grids with captions, and signs between them: input, kernel, output
of a convolution.
"""

from __future__ import annotations

from dataclasses import dataclass

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box
from templates.figures.drawing.picture import (
    BOLD,
    GREY,
    HAIR,
    INK,
    LINE,
    SHADE,
    SMALL,
    Picture,
    caption_of,
    label_size,
    spoken,
)

MAX_SIDE = 16
"""Most rows or columns of a grid, padding included."""
MAX_GRIDS = 6

_CELL = 17.0
_SPACE = 13.0
_DOTS = (0.8, 2.0)

Cell = float | str | None


@dataclass(frozen=True)
class Grid:
    """One matrix: `rows` of numbers, labels, or null for an empty cell to write in.

    `padding` adds that many dotted rings of cells, which hold `padding_value` ("" leaves them
    empty). `highlight` shades the cells of [first row, first column, rows, columns], counted from 0
    without the padding (negative: in the padding).
    """

    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    padding: int = 0
    padding_value: float | str = 0
    highlight: tuple[int, int, int, int] | None = None


def draw(*, grids: tuple[Grid, ...], between: tuple[str, ...] = (), per_row: int = 6) -> str:
    """The grids from left to right. `between` holds one sign for each gap ("$*$", "$=$", "arrow",
    or "" for none).
    """
    _check(grids, between, per_row)
    picture = Picture()
    cell = _cell(grids)
    y = 0.0
    for first in range(0, len(grids), per_row):
        line = grids[first : first + per_row]
        tall = max(_size(g)[0] for g in line) * cell
        x = 0.0
        for offset, grid in enumerate(line):
            index = first + offset
            rows, columns = _size(grid)
            wide = columns * cell
            caption = label_size(grid.caption)[0] if grid.caption else 0.0
            x += max(0.0, (caption - wide) / 2)
            _paint(picture, grid, (x, y + (tall - rows * cell) / 2), cell)
            if grid.caption:
                at = (x + wide / 2, y + (tall + rows * cell) / 2 + 7)
                picture.label(grid.caption, at, valign="top")
            x += wide + max(0.0, (caption - wide) / 2) + _SPACE
            sign = between[index] if index < len(between) else ""
            if offset + 1 == len(line):
                continue
            if sign == "arrow":
                picture.arrow([(x - 4, y + tall / 2), (x + 22, y + tall / 2)], width=LINE)
                x += 18 + _SPACE
            elif sign:
                width = label_size(sign, 11)[0]
                picture.label(sign, (x + width / 2, y + tall / 2), size=11)
                x += width + _SPACE
            else:
                x += 8
        y = picture.extent.y1 + 16
    return picture.svg()


def describe(*, grids: tuple[Grid, ...], between: tuple[str, ...] = (), per_row: int = 6) -> str:
    """Every matrix row by row, with its padding and its shaded cells."""
    _check(grids, between, per_row)
    said = []
    for index, grid in enumerate(grids):
        name = _sentence(spoken(grid.caption)) if grid.caption else f"Grid {index + 1}"
        size = f"{len(grid.rows)} by {len(grid.rows[0])}"
        rows = "; ".join(" ".join("_" if c is None else spoken(c) for c in r) for r in grid.rows)
        empty = all(c is None for row in grid.rows for c in row)
        text = f"{name}, {size}: " + ("empty cells" if empty else f"rows {rows}")
        if grid.padding:
            rings = "one ring" if grid.padding == 1 else f"{grid.padding} rings"
            text += f", with {rings} of padding"
            text += f" {spoken(grid.padding_value)}" if grid.padding_value != "" else ""
        if grid.highlight:
            top, left, height, width = grid.highlight
            text += f", shaded: {height} by {width} cells from row {top + 1}, column {left + 1}"
        said.append(text)
        sign = between[index] if index < len(between) else ""
        if sign and index + 1 < len(grids):
            said.append("arrow" if sign == "arrow" else spoken(sign))
    return ". ".join(said) + "."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _check(grids: tuple[Grid, ...], between: tuple[str, ...], per_row: int) -> None:
    if not 1 <= len(grids) <= MAX_GRIDS:
        raise FigureError(f"{len(grids)} grids", f"1 to {MAX_GRIDS}")
    if per_row < 1:
        raise FigureError(f"per_row = {per_row}", "at least 1")
    if len(between) > len(grids) - 1:
        raise FigureError(f"{len(between)} signs between {len(grids)} grids")
    for index, grid in enumerate(grids):
        lengths = {len(row) for row in grid.rows}
        if len(lengths) != 1 or lengths == {0}:
            raise FigureError(f"grids.{index} has rows of {sorted(lengths)} cells", "equal rows")
        if not 0 <= grid.padding <= 4:
            raise FigureError(f"grids.{index}.padding = {grid.padding}", "0 to 4")
        if max(_size(grid)) > MAX_SIDE:
            raise FigureError(f"grids.{index} is {_size(grid)} cells large", f"at most {MAX_SIDE}")
        if grid.highlight:
            top, left, height, width = grid.highlight
            rows, columns = len(grid.rows) + grid.padding, len(grid.rows[0]) + grid.padding
            inside = -grid.padding <= top < top + height <= rows
            if not (inside and -grid.padding <= left < left + width <= columns):
                raise FigureError(f"grids.{index}.highlight = {list(grid.highlight)} lies outside")


def _size(grid: Grid) -> tuple[int, int]:
    return len(grid.rows) + 2 * grid.padding, len(grid.rows[0]) + 2 * grid.padding


def _cell(grids: tuple[Grid, ...]) -> float:
    texts = [caption_of(c) for g in grids for row in g.rows for c in row if c is not None]
    return max(_CELL, *(label_size(t, SMALL + 0.5)[0] + 6 for t in texts), 0.0)


def _paint(picture: Picture, grid: Grid, at: tuple[float, float], cell: float) -> None:
    rows, columns = _size(grid)
    pad = grid.padding
    x, y = at

    def area(row: float, column: float, height: float, width: float) -> Box:
        left, top = x + (column + pad) * cell, y + (row + pad) * cell
        return Box(left, top, left + width * cell, top + height * cell)

    inner = area(0, 0, rows - 2 * pad, columns - 2 * pad)
    if grid.highlight:
        picture.rect(area(*grid.highlight), fill=SHADE, width=0)
    if pad:
        whole = area(-pad, -pad, rows, columns)
        for row in range(rows + 1):
            level = whole.y0 + row * cell
            ends = [(whole.x0, inner.x0), (inner.x1, whole.x1)]
            for left, right in [(whole.x0, whole.x1)] if not pad < row < rows - pad else ends:
                picture.line((left, level), (right, level), width=HAIR, dash=_DOTS, color=GREY)
        for column in range(columns + 1):
            place = whole.x0 + column * cell
            ends = [(whole.y0, inner.y0), (inner.y1, whole.y1)]
            spans = [(whole.y0, whole.y1)] if not pad < column < columns - pad else ends
            for top, bottom in spans:
                picture.line((place, top), (place, bottom), width=HAIR, dash=_DOTS, color=GREY)
    for row in range(1, rows - 2 * pad):
        level = inner.y0 + row * cell
        picture.line((inner.x0, level), (inner.x1, level), width=HAIR)
    for column in range(1, columns - 2 * pad):
        place = inner.x0 + column * cell
        picture.line((place, inner.y0), (place, inner.y1), width=HAIR)
    picture.rect(inner, fill="none", width=BOLD)
    for row in range(rows):
        for column in range(columns):
            r, c = row - pad, column - pad
            within = 0 <= r < len(grid.rows) and 0 <= c < len(grid.rows[0])
            value = grid.rows[r][c] if within else grid.padding_value
            if value is None or value == "":
                continue
            box = area(r, c, 1, 1)
            color = INK if within else GREY
            text = caption_of(value)
            picture.label(text, box.centre, size=SMALL + 0.5, valign="digits", color=color)
