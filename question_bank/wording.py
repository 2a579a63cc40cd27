"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """An amount and its noun in the right number: "1 question", "0.5 points", "2 questions"."""
    amount = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{amount} {noun}" if number == 1 else f"{amount} {noun}s"
