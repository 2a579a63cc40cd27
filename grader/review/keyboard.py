"""A terminal's keys, one by one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

CLEAR = "\x1b[2J\x1b[3J\x1b[H"
ENTER, END = ("\r", "\n"), "\x04"
_BACKSPACE = ("\x7f", "\b")


@contextmanager
def single_keys() -> Iterator[None]:
    """Keys come as they are pressed, and are not shown; Ctrl-C stays what it is."""
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin, termios.TCSADRAIN)  # what was typed ahead is not thrown away
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def key_pressed() -> str:
    """The next key; empty where there are no more."""
    # Past Python's own buffer: what was typed ahead stays for the next key, or for a line.
    pressed = os.read(sys.stdin.fileno(), 1)
    while pressed:
        try:
            return pressed.decode()
        except UnicodeDecodeError:
            if len(pressed) == 4:
                return "?"
            pressed += os.read(sys.stdin.fileno(), 1)
    return ""


def line_typed(prompt: str) -> str:
    """A line, typed with the keys that are read one by one; Backspace takes the last character back."""
    typed = ""
    while True:
        sys.stdout.write(f"\r\x1b[K{prompt}{typed}")
        sys.stdout.flush()
        key = key_pressed()
        if key in (*ENTER, END, ""):
            return typed.strip()
        if key in _BACKSPACE:
            typed = typed[:-1]
        elif key.isprintable():
            typed += key
