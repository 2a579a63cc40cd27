"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """An amount and its noun in the right number: "1 question", "0.5 points", "2 questions"."""
    return f"{number:.12g} {noun}" if number == 1 else f"{number:.12g} {noun}s"
