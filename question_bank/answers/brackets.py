"""Brackets in what people type: the pair around everything, and separators that stand in none."""

from __future__ import annotations

from question_bank.answers.base import Unreadable

OPENING, CLOSING = "([{", ")]}"


def unwrapped(text: str) -> str:
    """Without the one pair of brackets that holds everything. Raises Unreadable where its two sides differ."""
    if len(text) < 2 or text[0] not in OPENING or text[-1] not in CLOSING:
        return text
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth == 0 and position < len(text) - 1:
            return text
    if OPENING.index(text[0]) != CLOSING.index(text[-1]):
        raise Unreadable("the brackets do not match")
    return text[1:-1].strip()


def split(text: str, separators: str) -> list[str]:
    """The pieces between separators that stand in no brackets. Raises Unreadable for brackets that do not match."""
    found, open_, start = [], "", 0
    for position, sign in enumerate(text):
        if sign in OPENING:
            open_ += CLOSING[OPENING.index(sign)]
        elif sign in CLOSING:
            if not open_.endswith(sign):
                raise Unreadable("the brackets do not match")
            open_ = open_[:-1]
        elif not open_ and sign in separators:
            found.append(text[start:position].strip())
            start = position + 1
    if open_:
        raise Unreadable("the brackets do not match")
    return [*found, text[start:].strip()]
