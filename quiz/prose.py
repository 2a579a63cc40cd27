"""Answers of several lines, typed or pasted into a terminal."""

from __future__ import annotations

from question_bank.answers import answer_type
from question_bank.answers.base import MAX_PROSE, Key
from question_bank.answers.code import CodeKey
from quiz.screen import Ended, Screen, more_waits, read_line

END = "."


def takes_lines(key: Key) -> bool:
    """Whether an answer may have several lines: words, and code."""
    return isinstance(key, CodeKey) or answer_type(key.type).by_person


def whole_answer(screen: Screen, key: Key, first: str) -> str:
    """The answer that begins with this line. Through a pipe, and for short answers, it is the whole answer.

    At the keyboard an empty line, or a dot alone, ends it; an empty line in the middle of a paste does not.
    """
    if not (screen.interactive and takes_lines(key)):
        return first
    lines = first.split("\n")
    while len(lines) <= MAX_PROSE:
        try:
            line = read_line(screen, "| ").rstrip()
        except Ended:
            break
        if line == END or (not line and not more_waits(screen)):
            break
        lines += line.split("\n")
    return "\n".join(lines).strip()
