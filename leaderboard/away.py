"""A store that is away for a while: busy with somebody else, or its server cannot be reached. It will be back."""

from __future__ import annotations

from question_bank.diagnostics import InputError

AWAY = frozenset({"store-unreachable", "store-busy"})


def is_away(error: InputError) -> bool:
    """Whether it is about a database that will be back."""
    return all(each.code in AWAY for each in error.diagnostics)
