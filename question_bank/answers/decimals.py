"""The signs in which people write one number: decimal commas, digits in groups, powers of ten with x, per cent.

98,816 is a whole number in groups, or a decimal in German; 1.234 is a decimal, and in German a thousand.
"""

from __future__ import annotations

import re

_LABEL = re.compile(r"\A[^=≈~<>≤≥≠!]{0,30}[=≈~]\s*(?=\S)")
_GROUPED = re.compile(r"\A[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\Z")
_DOTTED = re.compile(r"\A[-+−]?[1-9][0-9]{0,2}\.[0-9]{3}\Z")
_BLANKS = re.compile(
    r"(?<![0-9.,])[0-9]{1,3}(?:(?:[ \u00a0\u2009\u202f'’_]|\\,)[0-9]{3})+(?![0-9])"
)
_TIMES_TEN = re.compile(r"(?<=[0-9])\s*x\s*(?=10\s*(?:\^|\*\*|[⁰¹²³⁴-⁹⁻]))")
_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_GERMAN = re.compile(
    r"\A[-+−]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+\Z|\A[-+−]?[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}\Z"
)
_ENGLISH = re.compile(r"\A[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+\Z")
_PERCENT = re.compile(r"(?:\s|\\)*(?:%|per ?cent|prozent)\s*\Z", re.IGNORECASE)


def unlabelled(text: str) -> str:
    """Without LaTeX's dollar signs, and what stands left of a sign of equality: `W_out = 32`, `≈ 0.667`."""
    return _LABEL.sub("", undollared(text), count=1).strip()


def undollared(text: str) -> str:
    """Without the dollar signs around all of it."""
    text = text.strip()
    return (
        text.strip("$").strip()
        if text.count("$") in (2, 4) and text[0] == text[-1] == "$"
        else text
    )


def without_percent(text: str) -> tuple[str, bool]:
    """The number, and whether per cent stood behind it."""
    found = _PERCENT.search(text)
    return (text[: found.start()], True) if found else (text, False)


def spellings(text: str) -> list[str]:
    """The number in the signs of the grammar, in each way in which it can be meant, the usual one first."""
    text = _TIMES_TEN.sub("*", _BLANKS.sub(lambda m: re.sub(r"[^0-9]", "", m[0]), text.strip()))
    if _GROUPED.match(text):
        joined = text.replace(",", "")
        return [joined, text.replace(",", ".")] if text.count(",") == 1 else [joined]
    if _DOTTED.match(text):
        return [text, text.replace(".", "")]
    if _GERMAN.match(text):
        return [text.replace(".", "").replace(",", ".")]
    if _ENGLISH.match(text):
        return [text.replace(",", "")]
    if re.search(r"[A-Za-z(]", text):
        return [text]
    return [_DECIMAL_COMMA.sub(".", text)]


def may_be_grouped(text: str) -> bool:
    """Whether a decimal point can stand for a thousand: 1.234."""
    return bool(_DOTTED.match(text.strip()))
