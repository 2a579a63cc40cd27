"""The answer types, and how an answer is marked.

Each module of this folder that defines TYPE is an answer type: a new kind is one new file.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from question_bank.answers.base import AnswerType, Key
    from question_bank.answers.marking import Mark, MistakeKey


@lru_cache(maxsize=1)
def answer_types() -> Mapping[str, AnswerType[Any, Any]]:
    """Every answer type by its kind."""
    modules = (import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
    found = [module.TYPE for module in modules if hasattr(module, "TYPE")]
    return {kind.kind: kind for kind in found}


def answer_type(kind: str) -> AnswerType[Any, Any]:
    """The answer type of this kind. Raises KeyError."""
    return answer_types()[kind]


def key_from(data: Mapping[str, Any]) -> Key:
    """A key from key.json. Raises KeyError or pydantic's ValidationError."""
    key: Key = answer_type(str(data["type"])).Key.model_validate(data)
    return key


def mark(key: Key, text: str, mistakes: Sequence[MistakeKey] = ()) -> Mark:
    """The verdict on one typed answer; see `question_bank.answers.marking`."""
    from question_bank.answers.marking import mark as mark_answer

    return mark_answer(key, text, mistakes)
