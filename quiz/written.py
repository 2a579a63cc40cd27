"""Which answers of an exam are answers: signs alone, such as ????, are kept as they were typed and count for nothing."""

from __future__ import annotations

from question_bank.answers.marking import says_nothing
from question_bank.answers.typed import is_noise
from quiz.events import Item
from quiz.material import Material
from quiz.state import State


def answered(material: Material, state: State, item: Item) -> list[str]:
    """The labels of a question's parts that have an answer."""
    return [
        label
        for part, label in zip(item.parts, item.labels(), strict=True)
        if not says_nothing(material.key_part(item, part).key, state.parts[label].written)
    ]


def begun_answers(state: State) -> int:
    """How many parts have an answer, told without their keys: brackets alone may be a set without members."""
    return sum(
        bool(text) and (part.by_person or not is_noise(text) or not _BRACKETS.isdisjoint(text))
        for item in state.items
        for part, label in zip(item.parts, item.labels(), strict=True)
        for text in [state.parts[label].written]
    )


_BRACKETS = frozenset("()[]{}")
