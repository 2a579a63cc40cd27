r"""Fractions in the middle of a line, large enough to read.

TeX sets the numbers of an inline `\frac` in the size of indices: at a body of 10.5 pt that is 7 pt, too
small to read without effort. Where a fraction stands by itself in the line it becomes a `\dfrac`. In an
exponent, an index, another fraction or a matrix it stays as it is.
"""

from __future__ import annotations

import re
from collections import deque

# A command, an escaped sign, or one sign.
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
_SMALL_ARGUMENTS = {
    "^": 1,
    "_": 1,
    r"\frac": 2,
    r"\tfrac": 2,
    r"\dfrac": 2,
    r"\binom": 2,
    r"\underset": 2,
    r"\overset": 2,
    r"\stackrel": 2,
    r"\substack": 1,
    r"\xrightarrow": 1,
    r"\xleftarrow": 1,
}


def legible(latex: str) -> str:
    """The formula with its fractions at full size, where they stand by themselves."""
    if r"\frac" not in latex:
        return latex
    tokens = deque(_TOKEN.findall(latex))
    written: list[str] = []
    while tokens:
        _copy(tokens, written, grow=True)
    return "".join(written)


def _copy(tokens: deque[str], written: list[str], *, grow: bool) -> None:
    """Copy one sign, command with its small arguments, group, or environment."""
    sign = tokens.popleft()
    written.append(r"\dfrac" if sign == r"\frac" and grow else sign)
    if sign == "{":
        while tokens and tokens[0] != "}":
            _copy(tokens, written, grow=grow)
        if tokens:
            written.append(tokens.popleft())
    elif sign == r"\begin":
        _copy_environment(tokens, written)
    for _ in range(_SMALL_ARGUMENTS.get(sign, 0)):
        while tokens and tokens[0].isspace():
            written.append(tokens.popleft())
        if tokens and tokens[0] not in {"}", "&"}:
            _copy(tokens, written, grow=False)


def _copy_environment(tokens: deque[str], written: list[str]) -> None:
    """Copy as it is, up to the end of the environment."""
    depth = 1
    while tokens and depth:
        sign = tokens.popleft()
        depth += (sign == r"\begin") - (sign == r"\end")
        written.append(sign)
