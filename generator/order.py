"""In which order a form prints its questions: drawn anew for each form, and so that pages are full.

The order within a section is drawn; long questions stay ordered from easy to hard, and only what is
equal is drawn. Of the orders that come one after another, a form takes the first without a page that is
half empty, or of many the one whose pages are fullest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from generator.blueprint_schema import Kind
from generator.page_plan import Sizes, emptiness
from question_bank.schema import Question
from question_bank.shortened import shortened

# Orders that are tried: one in fifty has full pages, one in five of a form with small questions.
_TRIES = 200


@dataclass(frozen=True)
class Pick:
    """A chosen question, and after how many of its parts it ends where it is shortened."""

    question: Question
    ends_after: int | None = None

    @property
    def asked(self) -> Question:
        """Return the question as it is asked."""
        if self.ends_after is None:
            return self.question
        return shortened(self.question, self.ends_after)


def drawn_order(
    picks: Sequence[Pick], kind: Kind, seed: int, label: str, attempt: int = 0
) -> list[Pick]:
    """Return the questions of a section in an order that is drawn from the exam's seed and the form's label."""

    def shuffled(pick: Pick) -> int:
        again = (attempt,) if attempt else ()
        return _digest("order", seed, label, pick.question.id, *again)

    if kind == "long":
        return sorted(picks, key=lambda pick: (pick.question.difficulty, shuffled(pick)))
    return sorted(picks, key=shuffled)


def full_order(
    sections: Sequence[Sequence[Pick]],
    kinds: Sequence[Kind],
    seed: int,
    label: str,
    sizes: Sizes | None,
) -> list[list[Pick]]:
    """Return the questions of all sections in the order in which a form prints them.

    Args:
        sections: the questions of each section.
        kinds: of the sections.
        seed: the exam's.
        label: what the form is drawn from.
        sizes: of the questions; without them, the first order that is drawn.
    """
    best: tuple[float, list[list[Pick]]] | None = None
    for attempt in range(_TRIES):
        order = [
            drawn_order(section, kind, seed, label, attempt)
            for section, kind in zip(sections, kinds, strict=True)
        ]
        if sizes is None:
            return order
        empty = emptiness(kinds, sizes, [[pick.question.id for pick in s] for s in order])
        if best is None or empty < best[0]:
            best = empty, order
        if not empty:
            break
    if best is None:
        raise AssertionError("at least one order is tried")
    return best[1]


def _digest(*parts: str | int) -> int:
    text = "/".join(["mockexam form", *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
