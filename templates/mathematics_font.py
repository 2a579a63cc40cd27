"""The font that browsers set formulas in: whole for a server, or what one page needs of it.

Without a font for mathematics a browser leaves roots out and does not stretch brackets, and many a machine has none.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from pathlib import Path

from templates.font_subset import font_face

FILE = Path(__file__).parent / "browser_fonts" / "STIXTwoMath.woff2"
"""All that formulas can ask for; `practice.css` names it."""
FAMILY = "STIX Two Math"

_FEATURES = ("ssty", "dtls", "flac", "ccmp", "kern", "mark", "mkmk")
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ROOT = "\N{SQUARE ROOT}"
_HYPHEN, _MINUS = "-", "\N{MINUS SIGN}"
# The italic alphabets, Latin and Greek; h had its place before the others.
_ITALIC = (*range(0x1D434, 0x1D455), *range(0x1D456, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E)


def mathematics_face(page: str) -> str:
    """Return an @font-face rule with what the formulas of a page need; "" where there are none.

    Same formulas, same text. The style sheet has to name `FAMILY` for `math`.
    """
    formulas = _FORMULA.findall(page)
    if not formulas:
        return ""
    return font_face(FAMILY, "normal", 400, FILE, _letters("".join(formulas)), _FEATURES)


def _letters(formulas: str) -> str:
    """The characters that a browser draws; it replaces some of those that are written."""
    written = set(unescape(_TAG.sub("", formulas)))
    drawn = written | {chr(code) for code in _ITALIC if _upright(chr(code)) in written}
    if "<msqrt" in formulas or "<mroot" in formulas:
        drawn.add(_ROOT)
    if _HYPHEN in written:
        drawn.add(_MINUS)
    return "".join(sorted(drawn))


def _upright(letter: str) -> str:
    """The letter that is drawn as this one where it stands alone, as in <mi>x</mi>."""
    return chr(int(unicodedata.decomposition(letter).split()[-1], 16))
