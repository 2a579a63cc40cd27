"""A picture in a terminal: two dots to a character, in shades of grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def half_blocks(
    file: Path, columns: int, rows: int, part: tuple[int, int, int, int] | None = None
) -> str:
    """A picture in at most so many columns and rows of dots, as lines of half blocks in 24-bit colour.

    `part` is what is shown of it: left, top, right, bottom.
    """
    with Image.open(file) as whole:
        picture = whole.crop(part) if part else whole
        scale = min(columns / picture.width, rows / picture.height, 1.0)
        size = (
            max(1, round(picture.width * scale)),
            max(2, round(picture.height * scale) // 2 * 2),
        )
        dots = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX))
    lines = []
    for upper, lower in zip(dots[::2], dots[1::2], strict=True):
        cells = (
            f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m▀"
            for a, b in zip(upper, lower, strict=True)
        )
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)
