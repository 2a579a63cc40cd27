"""Which draw of a question a form gets: its own numbers, with no more and no less work than others.

Seeds come from SHA-256 of the exam's seed, the form's label and the question's id, so that one more
form changes no other. Of the draws that follow, a form takes the first whose hand-work is near the
question's usual one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from question_bank.effort import question_work
from question_bank.grammar.exact import EvaluationError, Value
from question_bank.schema import Question
from question_bank.variant import Variant, instantiate, usable_parameters

# Draws that are tried until a form's numbers differ from those of the forms before it.
MAX_TRIES = 48
# Draws that the usual hand-work of a question is taken from.
USUAL_DRAWS = 3
# Near is within this share of the usual digits, and within so many digits in any case.
NEAR_SHARE = 0.1
NEAR_DIGITS = 2
# In a class, where the least and the most of hundreds of forms count: a share of the whole exam's digits, too.
NEAR_SHARE_OF_EXAM = 0.01
# So many draws are tried for one whose work is near.
WORK_TRIES = 12

Instantiate = Callable[[Question, int], Variant]


@dataclass(frozen=True)
class Band:
    """The hand-work in digits that is usual for a question, whether it varies at all, and what is usual for the exam."""

    usual: float
    varies: bool
    exam: float = inf

    def off(self, work: int) -> float:
        """Return by how many digits the work of a draw is outside of the band."""
        if not self.varies:
            return 0.0
        near = min(NEAR_SHARE * self.usual, NEAR_SHARE_OF_EXAM * self.exam)
        return max(0.0, abs(work - self.usual) - max(NEAR_DIGITS, near))


@dataclass(frozen=True)
class Draw:
    """The seed of a variant, and the digits of hand-work that its numbers take."""

    seed: int
    work: int


def variant_seed(seed: int, label: str, question_id: str, attempt: int) -> int:
    """Return the seed of a question's variant on a form: 48 bits of SHA-256, exact in JSON."""
    text = "/".join(["mockexam form", "variant", str(seed), label, question_id, str(attempt)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") >> 208


def work_of(question: Question, parameters: Mapping[str, Value]) -> int:
    """Return the hand-work of a draw: the digits moved on the way to the question's answers."""
    try:
        return question_work(question, parameters).digits
    except EvaluationError:
        return 0


def drawn_work(question: Question, seed: int) -> int:
    """Return the hand-work of the question's variant with a seed."""
    return work_of(question, usable_parameters(question, seed)) if question.let else 0


def band_of(question: Question, seed: int) -> Band:
    """Return the usual hand-work of a question in an exam, from draws that belong to no form."""
    if not question.let:
        return Band(0, varies=False)
    count = USUAL_DRAWS if question.parametrised else 1
    work = [
        drawn_work(question, variant_seed(seed, "", question.id, attempt))
        for attempt in range(count)
    ]
    return Band(median(work), varies=len(set(work)) > 1)


def draw_of(question: Question, seed: int, label: str, band: Band) -> Draw:
    """Return the draw of a question for the form of a label, whatever other forms have."""
    if not band.varies:
        return Draw(variant_seed(seed, label, question.id, 0), round(band.usual))
    best: Draw | None = None
    for attempt in range(WORK_TRIES):
        drawn = variant_seed(seed, label, question.id, attempt)
        found = Draw(drawn, drawn_work(question, drawn))
        if best is None or band.off(found.work) < band.off(best.work):
            best = found
        if not band.off(best.work):
            break
    if best is None:
        raise AssertionError("at least one attempt is made")
    return best


def draws_of(
    question: Question, seed: int, labels: Sequence[str], make: Instantiate = instantiate
) -> Mapping[str, int]:
    """Return seeds by form; each form's draw differs from those before it where it can, and each of its tables does."""
    found: dict[str, int] = {}
    drawn: list[object] = []
    shown: list[object] = []
    tables: set[tuple[str, str]] = set()
    band = band_of(question, seed)
    # Other numbers count first; where there are none, another order of options.
    enough = 2 if question.parametrised else 1
    for label in labels:
        tries = (MAX_TRIES if drawn else WORK_TRIES) if _can_vary(question) else 1
        best: tuple[tuple[float, float, bool], int, Variant] | None = None
        for attempt in range(tries):
            candidate = variant_seed(seed, label, question.id, attempt)
            variant = make(question, candidate)
            news = 2 * (variant.parameters not in drawn) + (_options(variant) not in shown)
            off = band.off(work_of(question, variant.parameters))
            fresh = tables.isdisjoint(_tables(variant))
            worth = (min(news, enough), -off, fresh)
            if best is None or worth > best[0]:
                best = (worth, candidate, variant)
            if news >= enough and ((fresh and not off) or attempt + 1 >= WORK_TRIES):
                break
        if best is None:
            raise AssertionError("at least one attempt is made")
        found[label] = best[1]
        drawn.append(best[2].parameters)
        shown.append(_options(best[2]))
        tables |= _tables(best[2])
    return found


def _can_vary(question: Question) -> bool:
    return question.parametrised or (question.type == "multiple_choice" and question.shuffle)


def _tables(variant: Variant) -> set[tuple[str, str]]:
    """The tables among the drawn numbers, by name: rows of several numbers each, which a neighbour would recognise."""
    return {
        (name, str(value))
        for name, value in variant.parameters.items()
        if isinstance(value, (tuple, list)) and any(isinstance(v, (tuple, list)) for v in value)
    }


def _options(variant: Variant) -> object:
    """The options as printed, in order; None for a question without options."""
    (first, *_) = variant.parts
    options = getattr(first.answer, "options", None)
    return None if options is None else tuple(option.text for option in options)
