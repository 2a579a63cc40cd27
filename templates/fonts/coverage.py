"""Which characters the shipped fonts can print."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def unprintable(text: str) -> tuple[str, ...]:
    """The characters of a text that no shipped font has, each once, in order of appearance.

    A PDF would show an empty box in their place.
    """
    printable = _printable()
    return tuple(
        letter
        for letter in dict.fromkeys(text)
        if ord(letter) not in printable and unicodedata.category(letter) not in {"Cc", "Cf", "Zs"}
    )


@cache
def _printable() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    codes: set[int] = set()
    for file in sorted(FOLDER.glob("*.ttf")):
        with TTFont(file, lazy=True) as font:
            codes.update(font.getBestCmap())
    return frozenset(codes)
