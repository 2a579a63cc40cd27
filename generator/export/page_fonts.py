"""The fonts of a page, inside the page: only the letters that it uses."""

from __future__ import annotations

import re
from html import unescape

from templates.environment import FOLDER
from templates.font_subset import font_face
from templates.mathematics_font import mathematics_face

_FACES = (
    ("STIX Two Text", "normal", 400, "STIXTwoText-Regular.ttf"),
    ("STIX Two Text", "italic", 400, "STIXTwoText-Italic.ttf"),
    ("STIX Two Text", "normal", 700, "STIXTwoText-Bold.ttf"),
    ("STIX Two Symbols", "normal", 400, "STIXTwoSymbols-Regular.ttf"),
    ("Inter", "normal", 400, "Inter-Regular.ttf"),
    ("Inter", "normal", 700, "Inter-Bold.ttf"),
    ("JetBrains Mono", "normal", 400, "JetBrainsMono-Regular.ttf"),
)
_FEATURES = ("kern", "liga", "mark")
_TAG = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)


def font_faces(page: str) -> str:
    """Return @font-face rules with the letters of a page, and of its formulas. Same letters, same text."""
    letters = "".join(sorted(set(unescape(_TAG.sub("", page))) | set("0123456789/ ")))
    faces = [
        font_face(family, slant, weight, FOLDER / "fonts" / file, letters, _FEATURES)
        for family, slant, weight, file in _FACES
    ]
    return "\n".join(filter(None, [*faces, mathematics_face(page)]))
