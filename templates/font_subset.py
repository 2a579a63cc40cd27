"""A font with the letters of one page, as an address that holds it."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def font_face(
    family: str, slant: str, weight: int, file: Path, letters: str, features: Sequence[str]
) -> str:
    """Return an @font-face rule that holds the font itself. Same letters, same text.

    Args:
        family, slant, weight: what the style sheet calls it.
        file: the whole font.
        letters: what is to be set in it; those that it does not have are left to other fonts.
        features: names of the OpenType features to keep.
    """
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {slant}; font-weight: {weight};'
        f" src: url(data:font/ttf;base64,{_subset(file, letters, features)}) }}"
    )


def _subset(file: Path, letters: str, features: Sequence[str]) -> str:
    from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with _without_warnings():
        font = TTFont(file, recalcTimestamp=False)
        options = Options(layout_features=list(features), hinting=False, notdef_outline=True)
        subsetter = Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(font)
        font.flavor = None
        written = io.BytesIO()
        font.save(written)
    return base64.b64encode(written.getvalue()).decode()


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
