"""The one exception of figures."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FigureError(ValueError):
    """A figure cannot be drawn from what was asked for.

    `message` says what is wrong and shows the offending value; `hint` says how to cure it, or is
    None.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message} ({hint})")
        self.message = message
        self.hint = hint


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """A hint for a name that is not among the known ones: the nearest, or the whole list."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else "known: " + ", ".join(names)
