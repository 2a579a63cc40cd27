"""The question bank: questions as data, and what turns them into variants and marks answers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from question_bank.loader import Bank, load_bank
    from question_bank.schema import Question
    from question_bank.variant import Variant, instantiate

__all__ = ["Bank", "Question", "Variant", "instantiate", "load_bank"]

_HOMES = {
    "Bank": "question_bank.loader",
    "load_bank": "question_bank.loader",
    "Question": "question_bank.schema",
    "Variant": "question_bank.variant",
    "instantiate": "question_bank.variant",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that `import question_bank` costs nothing (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'question_bank' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
