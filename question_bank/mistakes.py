"""Slips in a wrong answer: one, two at once, or on top of the student's own earlier answers.

A mistake overrides parameters or `let` values, so that two of them can be made together: the answer that this leads
to is computed when a wrong answer is looked at, from what stands in the key.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from question_bank.answers import answer_type
from question_bank.answers.base import Key, NoKey, Verdict
from question_bank.answers.marking import Mark, mark
from question_bank.derive import Override, by_expression, by_value, derive
from question_bank.grammar.exact import EvaluationError, Value

if TYPE_CHECKING:
    from question_bank.key import KeyMistake, KeyPart, KeyQuestion

# What joins the names of two mistakes that were made together.
AND = "+"
# A question with more mistakes in one part is looked at for one slip at a time beyond these.
MOST_COMBINED = 12


@dataclass(frozen=True)
class Slip:
    """One mistake, or two at once, with the answer that they lead to."""

    mistakes: tuple[KeyMistake, ...]
    answer: Key

    @property
    def name(self) -> str:
        """The names, joined."""
        return AND.join(m.name for m in self.mistakes)

    @property
    def credit(self) -> Fraction:
        """The share of the points: of two slips, the product of what each leaves."""
        share = Fraction(1)
        for mistake in self.mistakes:
            share *= Fraction(mistake.credit)
        return share

    @property
    def why(self) -> str:
        """The sentence that helps; of two slips, both."""
        sentences = " ".join(m.why.strip() for m in self.mistakes)
        return sentences if len(self.mistakes) == 1 else f"two slips at once: {sentences}"


def with_slips(question: KeyQuestion, part: KeyPart, text: str, found: Mark) -> Mark:
    """The mark of an answer with what it slipped on: points for a named mistake that grants some, or two slips."""
    if found.verdict not in ("wrong", "partly_right"):
        return found
    if found.mistake is not None:
        (named,) = [m for m in part.mistakes if m.name == found.mistake]
        return credited(found, Fraction(named.credit))
    for slip in _together(question, part):
        # Few slips lead to the answer: whether such a one stands apart is asked of these alone.
        also = mark(slip.answer, text, printed=question.printed(part))
        if also.verdict == "right" and _stands_apart(slip, part):
            return credited(replace(found, mistake=slip.name, message=slip.why), slip.credit)
    return found


def credited(found: Mark, share: Fraction) -> Mark:
    """The mark with at least this share of the points."""
    if share <= found.fraction:
        return found
    verdict: Verdict = "right" if share == 1 else "partly_right"
    return replace(found, fraction=share, verdict=verdict)


def pairs(question: KeyQuestion, part: KeyPart) -> Iterator[Slip]:
    """Two mistakes at once, where they lead to neither the key nor to what one of the mistakes leads to."""
    return (slip for slip in _together(question, part) if _stands_apart(slip, part))


def _together(question: KeyQuestion, part: KeyPart) -> Iterator[Slip]:
    usable = [m for m in part.mistakes if m.set][:MOST_COMBINED]
    for first, second in itertools.combinations(usable, 2):
        orders = [(first, second), (second, first)]
        # The order matters only where both change the same value.
        for order in orders if first.set.keys() & second.set.keys() else orders[:1]:
            answer = key_under(question, part, order)
            if answer is not None:
                yield Slip((first, second), answer)


def _stands_apart(slip: Slip, part: KeyPart) -> bool:
    """Whether two slips lead to neither the key nor to what one mistake leads to."""
    known = [part.key, *(m.answer for m in part.mistake_keys)]
    return not any(_same(one, slip.answer) for one in known)


def after_own_answers(
    question: KeyQuestion, part: KeyPart, carried: Mapping[str, Value]
) -> Iterator[Slip]:
    """Each mistake made on top of the student's own earlier answers."""
    for mistake in part.mistakes:
        if mistake.set and not mistake.set.keys() & carried.keys():
            answer = key_under(question, part, (mistake,), carried)
            if answer is not None:
                yield Slip((mistake,), answer)


def key_under(
    question: KeyQuestion,
    part: KeyPart,
    mistakes: Sequence[KeyMistake] = (),
    carried: Mapping[str, Value] | None = None,
) -> Key | None:
    """The key that follows from these mistakes, made in this order, and these values of the student's own.

    None where nothing that can be answered follows.
    """
    overrides: dict[str, Override] = {}
    for mistake in mistakes:
        for name, expression in mistake.set.items():
            overrides[name] = _after(overrides.get(name), name, by_expression(expression))
    overrides |= {name: by_value(value) for name, value in (carried or {}).items()}
    try:
        return bound(part, derive(question.parameters, question.let, overrides))
    except EvaluationError:
        return None


def bound(part: KeyPart, values: Mapping[str, Value]) -> Key | None:
    """The key of a part for these values; None where they make none."""
    if part.spec is None:
        return None
    kind = answer_type(part.spec["type"])
    try:
        key: Key = kind.bind(kind.Spec.model_validate(part.spec), values)
    except (EvaluationError, NoKey):
        return None
    return key


def _after(earlier: Override | None, name: str, later: Override) -> Override:
    if earlier is None:
        return later
    # The second slip goes on with what the first one made of the value.
    return lambda values: later({**values, name: earlier(values)})


def _same(a: Key, b: Key) -> bool:
    return mark(a, answer_type(a.type).written(b)).verdict == "right"
