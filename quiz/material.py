"""From a session's items to what is printed and marked: variants, keys, hints. A pure function of the bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from question_bank.answers import answer_type
from question_bank.key import KeyPart, KeyQuestion, key_question, mark_question
from question_bank.loader import Bank
from question_bank.schema import Question
from question_bank.shortened import shortened
from question_bank.variant import Variant, instantiate
from quiz.events import Asked, Item, Judgement
from quiz.hints import hints_for
from quiz.state import State

K = TypeVar("K")
V = TypeVar("V")

MOST_MADE = 2_000
"""Variants that are kept; a class that practises draws ever new ones."""


@dataclass(frozen=True)
class Material:
    """The questions that sessions may ask: never one that is kept for exams. Variants are made once, and kept a while."""

    bank: Bank
    _made: dict[tuple[str, int, int | None], Variant] = field(default_factory=dict, repr=False)
    _keys: dict[tuple[str, int, int | None, int], KeyQuestion] = field(
        default_factory=dict, repr=False
    )

    @property
    def questions(self) -> dict[str, Question]:
        """What may be practised."""
        return {q.id: q for q in self.bank.questions.values() if q.use != "exam"}

    def variant(self, question_id: str, seed: int, ends_after: int | None = None) -> Variant:
        """The variant of a question, or of its first parts.

        Raises InputError for a question that is unknown or has no usable draw.
        """
        place = question_id, seed, ends_after
        found = self._made.get(place)
        if found is None:
            question = self.bank.question(question_id)
            if ends_after is not None and 2 <= ends_after < len(question.parts):
                question = shortened(question, ends_after)
            found = instantiate(question, seed)
            _put(self._made, place, found)
        return found

    def of(self, item: Item) -> Variant:
        """The item's variant."""
        return self.variant(item.question, item.seed, item.ends_after)

    def key(self, item: Item) -> KeyQuestion:
        """The item's question with its key, under the item's number."""
        place = item.question, item.seed, item.ends_after, item.number
        found = self._keys.get(place)
        if found is None:
            found = key_question(item.number, self.of(item))
            _put(self._keys, place, found)
        return found

    def key_part(self, item: Item, part: Asked) -> KeyPart:
        """One answer of it."""
        return next(p for p in self.key(item).parts if p.label == part.label)

    def hints(self, item: Item, part: Asked) -> tuple[str, ...]:
        """The hints for one answer, in the order in which they are shown."""
        return hints_for(
            self.bank.question(item.question), self.key(item), self.key_part(item, part)
        )


def _put(kept: dict[K, V], place: K, made: V) -> None:
    if len(kept) >= MOST_MADE:
        kept.clear()
    kept[place] = made


def item_of(
    number: int, variant: Variant, section: str = "", ends_after: int | None = None
) -> Item:
    """The variant as an item of a session."""
    return Item(
        number=number,
        question=variant.question_id,
        seed=variant.seed,
        kind=variant.type,
        lecture=variant.lecture,
        topic=variant.topic,
        section=section,
        ends_after=ends_after,
        parts=tuple(
            Asked(
                label=part.label,
                points=part.points,
                by_person=answer_type(part.answer.type).by_person,
            )
            for part in variant.parts
        ),
    )


def judged(
    material: Material, state: State, label: str, text: str, reading: str | None = None
) -> Judgement:
    """The mark of an answer; earlier answers of the same question are carried forward.

    In an exam they are what was written, else the last attempts.
    """
    found = state.find(label)
    if found is None:
        raise LookupError(f"no answer {label} in this session")
    item, _ = found
    texts, chosen = {}, {}
    for own in item.labels():
        part = state.parts[own]
        if part.last is not None:
            texts[own] = part.last.text
            if part.last.reading is not None:
                chosen[own] = part.last.reading
        elif part.written:
            texts[own] = part.written
    texts[label] = text
    chosen.pop(label, None)
    if reading is not None:
        chosen[label] = reading
    question = material.key(item)
    (marked,) = [m for m in mark_question(question, texts, chosen) if m.label == label]
    mark = marked.mark
    return Judgement(
        verdict=mark.verdict,
        fraction=str(Fraction(mark.fraction)),
        points=marked.points,
        message=mark.message,
        read_as=mark.read_as,
        mistake=mark.mistake,
        ask=mark.ask,
    )
