"""What went wrong, where, and what to do about it: as data. Only the command lines render it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Where:
    """A place: a file with line and column (both from 1), and what stands there (a question id, a zip member)."""

    file: str
    line: int | None = None
    column: int | None = None
    what: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place} ({self.what})" if self.what else place


@dataclass(frozen=True)
class Diagnostic:
    """One finding. `code` is a stable kebab-case name that tests and users can rely on."""

    code: str
    message: str
    where: Where | None = None
    hint: str | None = None
    severity: Severity = "error"

    def render(self) -> str:
        """One line: `FILE:LINE:COLUMN: error[code]: message (cure)`."""
        place = f"{self.where}: " if self.where else ""
        cure = f" ({self.hint})" if self.hint else ""
        return printable(f"{place}{self.severity}[{self.code}]: {self.message}{cure}")


class InputError(Exception):
    """Bad input: every command turns it into its diagnostics on stderr and exit status 2."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


def bad_input(
    code: str, message: str, *, where: Where | None = None, hint: str | None = None
) -> InputError:
    """An InputError with a single diagnostic."""
    return InputError(Diagnostic(code, message, where, hint))


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest known word, or None when nothing is close."""
    close = closest(word, known)
    return f'did you mean "{close}"?' if close else None


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one; None when nothing is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def printable(text: str) -> str:
    """Control, bidirectional and surrogate characters shown as escapes: untrusted text cannot steer a terminal."""
    return "".join(c if c in "\n\t" or _harmless(c) else f"\\u{ord(c):04x}" for c in text)


def _harmless(char: str) -> bool:
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000:
        return False
    return code not in _STEERING


# Bidirectional overrides and isolates, line and paragraph separators, zero-width characters.
_STEERING = frozenset({0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF}) | frozenset(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
