"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """An amount and its noun in the right number: "1 question", "0.5 points", "2 questions"."""
    return f"{number:.12g} {noun}" if number == 1 else f"{number:.12g} {noun}s"


def instead_of(found: int, asked: int, noun: str) -> str:
    """An amount that is not the one asked for: "1 number where 3 are asked for"."""
    return f"{counted(found, noun)} where {asked} {'is' if asked == 1 else 'are'} asked for"


def not_right(wrong: int, total: int, plural: str) -> str:
    """How much of a list is wrong: "1 of 4 entries is not right"."""
    return f"{wrong} of {total} {plural} {'is' if wrong == 1 else 'are'} not right"
