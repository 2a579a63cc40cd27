"""Text from a student's process, made safe to show in a terminal or a page."""

from __future__ import annotations

import unicodedata

_HARMLESS_CONTROLS = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def sanitise(text: str, limit: int = 400) -> str:
    """`text` without escape, direction and line-separator characters, cut at `limit`."""
    shown = "".join(
        character
        if character in _HARMLESS_CONTROLS or unicodedata.category(character) not in _HIDDEN
        else "\N{REPLACEMENT CHARACTER}"
        for character in text[: limit + 1]
    )
    return shown if len(text) <= limit else shown[:limit] + " [...]"


def one_line(text: str, limit: int = 200) -> str:
    """The same on a single line."""
    return sanitise(" ".join(text.split()), limit)
