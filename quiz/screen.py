"""A terminal, a pipe or a file as a place to write to and to read lines from."""

from __future__ import annotations

import os
import re
import select
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

from question_bank.diagnostics import printable
from templates.ascii_text import to_ascii
from templates.richtext import to_terminal

WIDTH = 79  # of 80 columns: the last one wraps on some terminals
LONGEST_LINE = 40_000
TRIES = 3
PASTED_S = 0.05
"""The lines of one paste come within it."""
# 3 × 32 × 32 stays on one line.
_PRODUCT = re.compile(r"(?<=\S) ([×x·*/]) (?=\S)")


class Ended(Exception):
    """There is no further input."""


@dataclass(frozen=True)
class Screen:
    """Where lines come from and where text goes. `interactive`: someone is at the keyboard.

    `editing`: the line that is typed can be edited with the arrow keys, and earlier ones come back.
    """

    source: TextIO
    out: TextIO
    interactive: bool
    editing: bool
    ascii_only: bool
    console: Console


def screen(
    source: TextIO, out: TextIO, *, plain: bool, settings: Mapping[str, str] | None = None
) -> Screen:
    """The screen for these streams. Colour only on a terminal (NO_COLOR respected), never with `plain`.

    settings: the environment's variables, which say whether the locale is an ASCII one.
    """
    console = Console(
        file=out,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        no_color=True if plain else None,
        force_terminal=False if plain else None,
    )
    ascii_only = _is_ascii(out, os.environ if settings is None else settings)
    # Python's own line editor works on the process's own terminal alone, and writes escape codes to it.
    own = source is sys.stdin and out is sys.stdout and source.isatty() and out.isatty()
    editing = own and not plain and _has_line_editor()
    return Screen(source, out, source.isatty(), editing, ascii_only, console)


def _has_line_editor() -> bool:
    try:
        import readline  # noqa: F401 - input() uses it from now on
    except ImportError:
        return False
    return True


def _is_ascii(out: TextIO, settings: Mapping[str, str]) -> bool:
    """Whether what reads the output knows ASCII alone: by the stream's encoding, or by a locale that says so."""
    try:
        "∂√²−".encode(getattr(out, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return True
    if settings.get("PYTHONIOENCODING"):
        return False
    # In such a locale Python writes UTF-8 all the same, and puts C.UTF-8 into LC_CTYPE by itself.
    coerced = settings.get("LC_CTYPE") == "C.UTF-8" and settings.get("LANG") in ("C", "POSIX")
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    chosen = next((settings[name] for name in names if settings.get(name)), "")
    return chosen in ("C", "POSIX")


def width(screen: Screen) -> int:
    """Columns to fill."""
    return min(screen.console.width - 1, 88) if screen.out.isatty() else WIDTH


def say(screen: Screen, text: str = "", style: str = "") -> None:
    """A line as it is, filled where it is too long."""
    for line in _shown(screen, text).split("\n") or [""]:
        indent = len(line) - len(line.lstrip(" "))
        screen.console.print(Text(_filled(line, width(screen), indent), style=style))


_LETTERED = re.compile(r"^- (?=(?:[a-z]|[0-9]{1,2})\) )", re.MULTILINE)


def show(screen: Screen, markdown: str, hanging: int = 0) -> None:
    """Markdown with formulas, as text; further lines of a paragraph hang in by so many columns."""
    spell = to_ascii if screen.ascii_only else str
    # What has its letter needs no dash before it.
    text = _LETTERED.sub("", to_terminal(markdown, columns=width(screen), spell=spell))
    for line in _shown(screen, text).splitlines():
        # A displayed formula goes on further in, so that it is seen as one.
        further = len(line) - len(line.lstrip(" ")) + 4 if line.startswith(" ") else hanging
        screen.console.print(Text(_filled(line, width(screen), further)))


def read(screen: Screen, prompt: str) -> str:
    """The next line, without blanks around it. Raises Ended.

    Several lines that were pasted at once may come as one text with line breaks in it.
    """
    return read_line(screen, prompt).strip()


def read_line(screen: Screen, prompt: str) -> str:
    """The next line as it is, without its end. Raises Ended."""
    if screen.editing:
        screen.out.flush()
        try:
            return input(_shown(screen, prompt))
        except EOFError:
            raise Ended from None
    screen.out.write(_shown(screen, prompt))
    screen.out.flush()
    line = rest = screen.source.readline(LONGEST_LINE)
    while rest and not rest.endswith("\n"):
        rest = screen.source.readline(LONGEST_LINE)  # what is too long is cut, not the next answer
    if not screen.interactive:
        # A pipe does not echo what it answers.
        screen.out.write(_shown(screen, line.rstrip("\n")) + "\n")
    elif not line:
        screen.out.write("\n")
    if not line:
        raise Ended
    return line.rstrip("\r\n")


def more_waits(screen: Screen) -> bool:
    """Whether further lines are there already, as when several are pasted into a terminal."""
    try:
        ready, _, _ = select.select([screen.source.fileno()], [], [], PASTED_S)
    except (OSError, ValueError):
        return False  # no terminal, but something that behaves like one
    return bool(ready)


def ask_sure(screen: Screen) -> bool | None:
    """Whether the student is sure of an answer; None where it is not said."""
    for _ in range(TRIES):
        typed = read(screen, "sure? (y/n, or Enter)> ").lower()
        if typed in ("y", "yes", "n", "no"):
            return typed.startswith("y")
        if not typed or not screen.interactive:
            break
    return None


def _shown(screen: Screen, text: str) -> str:
    shown = printable(text)
    return to_ascii(shown) if screen.ascii_only else shown


def _filled(line: str, columns: int, hanging: int) -> str:
    body = line.lstrip(" ")
    if len(line) <= columns or "  " in body:
        return line  # rows of tables keep their columns
    filled = textwrap.fill(
        _PRODUCT.sub("\u00a0\\1\u00a0", body),
        columns,
        initial_indent=line[: len(line) - len(body)],
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace("\u00a0", " ")
