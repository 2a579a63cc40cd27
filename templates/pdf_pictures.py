"""How pictures reach WeasyPrint already drawn: as its image cache, filled when a page asks for one.

WeasyPrint asks its `cache` for a picture by address before it fetches it, and lets the picture that it finds
tell its size and draw itself, as its own class for SVG does. Tests see that pictures drawn here and by
WeasyPrint are alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from templates.pdf_drawing import Drawing, drawing


class Picture:
    """A drawing as WeasyPrint's layout and painting want it."""

    def __init__(self, drawn: Drawing) -> None:
        self._drawn = drawn

    def get_intrinsic_size(self, _resolution: float, font_size: float) -> tuple[float, ...]:
        """Width and height in CSS pixels, and their ratio."""
        unit = font_size if self._drawn.in_em else 1.0
        width, height = self._drawn.width, self._drawn.height
        return width * unit, height * unit, width / height if height else 1.0

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Paint into a page, whose state WeasyPrint keeps and restores around it."""
        left, top, box_width, box_height = self._drawn.box
        scale = min(width / box_width, height / box_height)
        stream.transform(
            a=scale,
            d=scale,
            e=(width - box_width * scale) / 2 - left * scale,
            f=(height - box_height * scale) / 2 - top * scale,
        )
        stream.stream.append(self._drawn.content)


class Pictures(dict[str, Any]):
    """WeasyPrint's image cache for one page, which draws what it does not hold.

    Args:
        source: the SVG at an address, or None for what is no SVG of ours. It may refuse an address by
            raising, which leaves the refusal to WeasyPrint's fetcher.
    """

    def __init__(self, source: Callable[[str], str | None]) -> None:
        super().__init__()
        self._source = source

    def __contains__(self, address: object) -> bool:
        if not super().__contains__(address) and isinstance(address, str):
            found = self._picture(address)
            if found is None:
                return False
            self[address] = found
        return True

    def _picture(self, address: str) -> Picture | None:
        try:
            svg = self._source(address)
        except (ValueError, LookupError, OSError):
            return None
        return None if svg is None else _picture_of(svg)


@lru_cache(maxsize=8192)
def _picture_of(svg: str) -> Picture | None:
    drawn = drawing(svg)
    return None if drawn is None else Picture(drawn)
