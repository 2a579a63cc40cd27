"""Multiple choice as the course scores it: zero, one or several options can be right; all boxes or nothing."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    Model,
    NoKey,
    Reading,
    Samples,
    Spec,
    Unreadable,
)
from question_bank.grammar.exact import Value

NONE = "none"
MAX_OPTIONS = 8

_NONE_WORDS = {"none", "[]", "{}", "()", "-", "no option", "none of these", "none of them", "keine"}


class MultipleChoiceSpec(Spec):
    """The options stand in the question itself, so that there is nothing else to say here."""

    type: Literal["multiple_choice"]


class Option(Model):
    """One option in printed order; its letter is its position."""

    text: str
    correct: bool
    why: str | None = None
    mistake: str | None = None


class MultipleChoiceKey(Key):
    """The options in printed order."""

    type: Literal["multiple_choice"] = "multiple_choice"
    options: tuple[Option, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """The printed letters: a, b, c, ..."""
        return tuple(string.ascii_lowercase[: len(self.options)])

    @property
    def right(self) -> frozenset[str]:
        """The letters of the right options."""
        return frozenset(
            letter
            for letter, option in zip(self.letters, self.options, strict=True)
            if option.correct
        )


class MultipleChoice(AnswerType[MultipleChoiceSpec, MultipleChoiceKey]):
    """Sets of letters: all boxes or nothing."""

    kind = "multiple_choice"
    Spec = MultipleChoiceSpec
    Key = MultipleChoiceKey

    def names(self, spec: MultipleChoiceSpec) -> frozenset[str]:
        return frozenset()

    def bind(self, spec: MultipleChoiceSpec, values: Mapping[str, Value]) -> MultipleChoiceKey:
        raise NoKey("the options of a multiple-choice question are drawn with the question")

    def parse(self, text: str, key: MultipleChoiceKey) -> tuple[Reading, ...]:
        typed = text.strip().lower()
        if typed.rstrip(".") in _NONE_WORDS:
            return (Reading(frozenset(), NONE),)
        inner = re.sub(r"\A[(\[{]|[)\]}.]\Z", "", typed)
        pieces = [p for p in re.split(r"[\s,;+&]+|\band\b|\bund\b", inner) if p]
        if len(pieces) == 1 and len(pieces[0]) > 1 and pieces[0].isalpha():
            pieces = list(pieces[0])
        pieces = [piece.strip(".()") for piece in pieces]
        unknown = [piece for piece in pieces if piece not in key.letters]
        if unknown or not pieces:
            what = f'"{unknown[0]}" is no option' if unknown else "names no option"
            raise Unreadable(what)
        if len(set(pieces)) != len(pieces):
            raise Unreadable("names an option twice")
        chosen = frozenset(pieces)
        return (Reading(chosen, ", ".join(sorted(chosen))),)

    def compare(self, reading: Reading, key: MultipleChoiceKey) -> Comparison:
        chosen: frozenset[str] = reading.value
        if chosen == key.right:
            return Comparison(Fraction(1), "right")
        said = []
        if missing := sorted(key.right - chosen):
            said.append(f"{_listed(missing)} right, and not chosen.")
        told = {letter: key.options[key.letters.index(letter)].why for letter in chosen - key.right}
        if unexplained := sorted(letter for letter, why in told.items() if not why):
            said.append(f"{_listed(unexplained)} not right.")
        said += [
            f"{letter} is not right: {why.strip()}" for letter, why in sorted(told.items()) if why
        ]
        return Comparison(Fraction(0), " ".join(said))

    def render(self, key: MultipleChoiceKey) -> str:
        return ", ".join(sorted(key.right)) or NONE

    def instruction(self, key: MultipleChoiceKey) -> str:
        return f"the letters of all right options, such as a, {key.letters[-1]}; none if no option is right"

    def written(self, key: MultipleChoiceKey) -> str:
        return self.render(key)

    def samples(self, key: MultipleChoiceKey) -> Samples:
        right = sorted(key.right)
        other = sorted(set(key.letters) - key.right)
        spellings = [",".join(right), " ".join(reversed(right)), "".join(right).upper()]
        wrong = [self.written(key) + f", {other[0]}" if right else other[0]] if other else []
        wrong.append(NONE if right else ",".join(key.letters))
        return Samples(tuple(spellings) if right else (NONE, "[]"), tuple(wrong), ("z", "1", "a,a"))


def _listed(letters: Sequence[str]) -> str:
    """`a is`, `a and b are`, `a, b and c are`."""
    if len(letters) == 1:
        return f"{letters[0]} is"
    return f"{', '.join(letters[:-1])} and {letters[-1]} are"


TYPE = MultipleChoice()
