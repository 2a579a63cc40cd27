"""The arguments of a figure: expressions, and labels that are templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def expressions_in(
    args: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression below a figure's arguments, with its path; texts in double quotes are templates."""
    if isinstance(args, dict):
        for key, value in args.items():
            yield from expressions_in(value, (*path, key))
    elif isinstance(args, list):
        for i, value in enumerate(args):
            yield from expressions_in(value, (*path, i))
    elif isinstance(args, str) and not is_template(args):
        yield path, args


def is_template(text: str) -> bool:
    """A figure's label: text with $math$ or {{ values }} is filled in, all other text is an expression."""
    return "$" in text or "{{" in text
