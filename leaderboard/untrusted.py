"""Names that others chose, made harmless for the place where they are shown.

`visible` comes first everywhere: a name can then neither steer a terminal nor reorder or hide text.
Each format adds its own escapes. HTML needs none here: its template escapes by itself.
"""

from __future__ import annotations

import re
import unicodedata

# Letters by category that are drawn as nothing, so that two names could look the same.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Controls, format characters (bidirectional ones, zero width), surrogates, private, unassigned,
# line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

LAST_SHORT = 0xFFFF  # beyond it an escape needs eight digits

# What a spreadsheet may take for a formula, full-width forms included (some locales accept them).
_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212"

# Where a spreadsheet with another separator begins a cell: behind it, blanks and quotes. A number with a separator behind it runs nothing.
_NUMBER = r"[+-]\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[;,]"
_INSIDE = re.compile(rf"([;,])(?=[ \"]*[{re.escape(_FORMULA)}])(?![ ]*{_NUMBER})")

_MARKDOWN = re.compile(r"[\\`*_{}\[\]|~$!:@]|(?<=www)\.", re.IGNORECASE)


def visible(text: str) -> str:
    r"""One line of text in which every unseen character is shown as its escape: ESC as `\u001b`."""
    return "".join(_shown(char) for char in text)


def csv_text(text: str) -> str:
    """A cell that no spreadsheet runs as a formula: such text gets an apostrophe in front.

    So does what would be a cell of its own for a spreadsheet that takes `;` for the separator, or both.
    """
    start = text.lstrip(' "\u00a0\u3000')[:1] or text[:1]
    risky = start != "" and start in _FORMULA
    return ("'" if risky else "") + _INSIDE.sub(r"\1'", visible(text))


def markdown_text(text: str) -> str:
    """A cell of a Markdown table that shows the text and nothing else: no link, HTML, or column."""
    escaped = _MARKDOWN.sub(lambda found: "\\" + found[0], visible(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(char: str) -> str:
    if char not in _BLANK and unicodedata.category(char) not in _UNSEEN:
        return " " if unicodedata.category(char) == "Zs" else char
    code = ord(char)
    return f"\\u{code:04x}" if code <= LAST_SHORT else f"\\U{code:08x}"
