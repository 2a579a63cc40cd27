"""Whether a key that was read from a file, and may have been corrected by hand, can mark answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from question_bank.answers import answer_type, key_from, mark
from question_bank.answers.base import NoKey, Unreadable
from question_bank.grammar.exact import EvaluationError
from question_bank.grammar.shapes import ShapeFault
from question_bank.grammar.syntax import GrammarError

_FAULTS = (
    ValueError, ArithmeticError, NoKey, Unreadable, EvaluationError, GrammarError, ShapeFault,
)  # fmt: skip


def check_key(data: Mapping[str, Any], *, by_hand: bool = False) -> None:
    """Raises ValueError where the value is none of its type; a key written `by_hand` must be right by itself too."""
    key = key_from(data)
    kind = answer_type(key.type)
    try:
        kind.of_key(key)
        sound = not by_hand or kind.by_person or mark(key, kind.written(key)).verdict == "right"
    except _FAULTS:
        sound = False
    if not sound:
        said = data.get("value", dict(data))
        raise ValueError(f"{str(said)[:60]!r} is no right answer of the type {key.type}")
