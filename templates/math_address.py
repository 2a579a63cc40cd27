"""The address of a formula's picture: `math:` and, in letters that every parser leaves alone, the formula.

The address holds all that is needed to draw the picture, so no table of known formulas has to be kept
between the text that names it and the page that shows it.
"""

from __future__ import annotations

import base64
import binascii

SCHEME = "math"


def math_address(latex: str, *, display: bool, color: str) -> str:
    """The address of this formula in this style and colour (`#rgb` or `#rrggbb`)."""
    letters = base64.urlsafe_b64encode(latex.encode()).decode().rstrip("=")
    style = "display" if display else "inline"
    return f"{SCHEME}:{style}.{color.removeprefix('#')}.{letters}"


def read_math_address(address: str) -> tuple[str, bool, str]:
    """The formula, whether it is displayed, and its colour.

    Raises:
        ValueError: not an address that `math_address` made.
    """
    scheme, _, rest = address.partition(":")
    fields = rest.split(".")
    if scheme != SCHEME or len(fields) != 3 or fields[0] not in {"display", "inline"}:
        raise ValueError(f"not the address of a formula: {address[:80]!r}")
    style, color, letters = fields
    try:
        latex = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError(f"not the address of a formula: {address[:80]!r}") from None
    return latex, style == "display", f"#{color}"
