"""A figure a quarter of a turn to the left, for a page that is taller than wide."""

from __future__ import annotations

import re

_OPENING = re.compile(
    r'(<svg [^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"'
    r' viewBox="(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+)"([^>]*>)'
)


def turned(svg: str) -> str:
    """Turn a figure that `draw` gave: what was its left is its foot. Its description stays."""
    opening = _OPENING.match(svg)
    if opening is None:
        raise AssertionError("a figure says its size in points, and its view")
    before, width, height, left, top, across, down, after = opening.groups()
    inside = svg[opening.end() :].rstrip().removesuffix("</svg>")
    # A point (x, y) comes to (y, -x): the right edge becomes the upper one.
    upper = -round(float(left) + float(across), 3)
    return (
        f'{before}width="{height}pt" height="{width}pt" viewBox="{top} {upper:g} {down} {across}"{after}'
        f'<g transform="rotate(-90)">{inside}</g></svg>'
    )
