"""Answers that list things: how they are split, and how much of a list is right."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from question_bank.answers.base import Spec, Unreadable
from question_bank.answers.brackets import split, unwrapped
from question_bank.answers.layout import without_bullets

MAX_PIECES = 40
Credit = Annotated[
    Literal["all_or_nothing", "by_entry"],
    Field(description="by_entry: each entry that is right earns its share"),
]


class ByEntry(Spec):
    """How a list of numbers earns its points. `by_entry: true` is an older way to write `credit: by_entry`."""

    credit: Credit = "all_or_nothing"
    by_entry: Annotated[bool, Field(description="the same as credit: by_entry")] = False

    @property
    def earns_by_entry(self) -> bool:
        """Whether each right entry earns its share."""
        return self.by_entry or self.credit == "by_entry"


def pieces(text: str) -> list[str]:
    """The items of a list, without the brackets around all of it. Raises Unreadable.

    A semicolon divides alone, so that commas can stand inside of items.
    """
    inner = unwrapped(text.strip()).rstrip(",;").rstrip()
    if not inner:
        return []
    found = split(inner, ";") if len(split(inner, ";")) > 1 else split(inner, ",\n")
    if any(not piece for piece in found):
        raise Unreadable("an item is missing", "write items with a comma between them")
    if len(found) > MAX_PIECES:
        raise Unreadable(f"has more than {MAX_PIECES} items")
    return found


def labels(text: str) -> list[str]:
    """Labels in order, however they are divided: `b, a, c`, `b -> a -> c`, `b a c`, `bac`, `1. b 2. a 3. c`."""
    typed = unwrapped(without_bullets(text.lower()).strip())
    inner = re.sub(r"[-=]+>|[→⇒]|\b(?:then|dann|and|und)\b", " ", typed)
    inner = re.sub(r"(?<![a-z0-9])[0-9]{1,2}\s*[.):]\s*(?=[(a-z])", " ", inner)
    found = [p for p in re.split(r"[\s,;.|()/<>-]+", inner) if p]
    if len(found) == 1 and len(found[0]) > 1 and found[0].isalpha():
        found = list(found[0])
    if not found or len(found) > MAX_PIECES:
        raise Unreadable("names no steps" if not found else f"has more than {MAX_PIECES} items")
    return found


def lettered(items: Sequence[str], names: Sequence[str] = string.ascii_lowercase) -> str:
    """The items as they are printed: a Markdown list in which each has its letter, or its number."""
    return "\n".join(f"- **{name})** {item}" for name, item in zip(names, items, strict=False))


def share(right: int, total: int, credit: Credit) -> Fraction:
    """The part of the points for so many right entries."""
    if credit == "by_entry":
        return Fraction(max(right, 0), total)
    return Fraction(right == total)
