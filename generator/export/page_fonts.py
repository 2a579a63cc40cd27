"""The fonts of a page, inside the page: only the letters that it uses."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from templates.environment import FOLDER

_FACES = (
    ("STIX Two Text", "normal", 400, "STIXTwoText-Regular.ttf"),
    ("STIX Two Text", "italic", 400, "STIXTwoText-Italic.ttf"),
    ("STIX Two Text", "normal", 700, "STIXTwoText-Bold.ttf"),
    ("STIX Two Symbols", "normal", 400, "STIXTwoSymbols-Regular.ttf"),
    ("Inter", "normal", 400, "Inter-Regular.ttf"),
    ("Inter", "normal", 700, "Inter-Bold.ttf"),
    ("JetBrains Mono", "normal", 400, "JetBrainsMono-Regular.ttf"),
)
_TAG = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)


def font_faces(page: str) -> str:
    """Return @font-face rules with the letters of a page. Same letters, same text."""
    letters = "".join(sorted(set(unescape(_TAG.sub("", page))) | set("0123456789/ ")))
    with _without_warnings():
        return "\n".join(_face(*face, letters) for face in _FACES)


def _face(family: str, slant: str, weight: int, file: str, letters: str) -> str:
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {slant}; font-weight: {weight};'
        f" src: url(data:font/ttf;base64,{_subset(file, letters)}) }}"
    )


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Our font files bear no date, which fontTools finds odd each time it reads one."""
    logger = logging.getLogger("fontTools")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _subset(file: str, letters: str) -> str:
    from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    font = TTFont(FOLDER / "fonts" / file, recalcTimestamp=False)
    options = Options(layout_features=["kern", "liga", "mark"], hinting=False, notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    written = io.BytesIO()
    font.save(written)
    return base64.b64encode(written.getvalue()).decode()
