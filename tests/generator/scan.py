"""Reading a printed page as a scanner's software would, with nothing of the project's drawing code."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

# The markers 0 to 3 of OpenCV's DICT_4X4_50: the bits of the inner 4x4 modules, 1 is white.
MARKERS = {
    0: "1011010100110010",
    1: "0000111110011010",
    2: "0011001100101101",
    3: "1001100101000110",
}


@dataclass(frozen=True)
class Raster:
    """A page in grey, row by row; `dpi` dots to the inch."""

    width: int
    height: int
    pixels: bytes
    dpi: int

    def at(self, x: float, y: float) -> int:
        """The grey value (0 black, 255 white) at a place in millimetres from the top left."""
        column, row = int(x / 25.4 * self.dpi), int(y / 25.4 * self.dpi)
        return self.pixels[row * self.width + column]

    def marker(self, x: float, y: float, side: float) -> int | None:
        """The number of the marker with this centre and side, standing upright; None if it is none."""
        step = side / 6
        corner = (x - side / 2, y - side / 2)

        def white(column: int, row: int) -> bool:
            return self.at(corner[0] + (column + 0.5) * step, corner[1] + (row + 0.5) * step) > 127

        frame = [(c, r) for c in range(6) for r in range(6) if c in (0, 5) or r in (0, 5)]
        around = [(-1, r) for r in range(6)] + [(c, -1) for c in range(6)]
        if any(white(*place) for place in frame) or not all(white(*place) for place in around):
            return None
        bits = "".join("01"[white(c, r)] for r in range(1, 5) for c in range(1, 5))
        return next((number for number, known in MARKERS.items() if known == bits), None)

    def inside(self, x: float, y: float, side: float) -> float:
        """The share of black in the middle of a box, its frame left out."""
        steps = [side * (i / 20 - 0.5) * 0.8 for i in range(21)]
        dark = [self.at(x + dx, y + dy) < 128 for dx in steps for dy in steps]
        return sum(dark) / len(dark)

    def framed(self, x: float, y: float, side: float) -> bool:
        """Whether the four sides of a box are where they should be, to a quarter of a millimetre."""
        return all(
            min(self.at(x + along[0] * (side / 2 + off), y + along[1] * (side / 2 + off)) for off in (-0.25, -0.1, 0, 0.1, 0.25)) < 128
            for along in ((1, 0), (-1, 0), (0, 1), (0, -1))
        )  # fmt: skip

    def modules(self, left: float, top: float, side: float, count: int) -> list[list[bool]]:
        """A square of modules, True for dark: a QR code without its quiet zone."""
        step = side / count
        return [
            [self.at(left + (c + 0.5) * step, top + (r + 0.5) * step) < 128 for c in range(count)]
            for r in range(count)
        ]


def scan(written: bytes, page: int, dpi: int = 200) -> Raster:
    """One page of a PDF, printed and scanned in grey without a flaw."""
    done = subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-gray", "-f", str(page), "-l", str(page), "-"],
        input=written,
        capture_output=True,
        check=True,
    )
    head = re.match(rb"P5\n(\d+) (\d+)\n255\n", done.stdout)
    assert head is not None
    return Raster(int(head[1]), int(head[2]), done.stdout[head.end() :], dpi)
