"""Multiple choice: zero, one or several options can be right. The course scores all boxes or nothing.

The other schemes are exact fractions of the points; with r right and w wrong options:

- per_box: each box that is as it should be earns 1/(r + w);
- partial: each right choice earns 1/r, each wrong one takes 1/r away, down to 0;
- negative: each right choice earns 1/r, each wrong one takes 1/w away, below 0 too.

Where no option is right, `none` earns everything under each of them. A question that is left out earns 0.
"""

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
from question_bank.answers.layout import without_bullets
from question_bank.grammar.exact import Value

Scheme = Literal["all_or_nothing", "per_box", "partial", "negative"]

NONE = "none"
MAX_OPTIONS = 8

_NO_OPTION = re.compile(
    r"\[\]|\{\}|\(\)|-|no options?"
    r"|none(?: of (?:these|them|those|(?:the |these |those )?(?:above|options|answers|statements|boxes|choices)))?"
    r"(?: (?:is|are) (?:right|correct|true))?"
    r"|keine[rs]?(?: (?:davon|von (?:diesen|ihnen)|der (?:antworten|optionen|aussagen)))?(?: ist (?:richtig|korrekt|wahr))?"
)

SCORED: dict[Scheme, str] = {
    "per_box": "each box counts by itself",
    "partial": "each right choice earns a share, each wrong one takes as much away",
    "negative": "each right choice earns a share, each wrong one costs points",
}


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

    omitted_when_default = frozenset({"scheme"})

    type: Literal["multiple_choice"] = "multiple_choice"
    options: tuple[Option, ...]
    scheme: Scheme = "all_or_nothing"

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
    """Sets of letters."""

    kind = "multiple_choice"
    Spec = MultipleChoiceSpec
    Key = MultipleChoiceKey
    computed = False

    def names(self, spec: MultipleChoiceSpec) -> frozenset[str]:
        return frozenset()

    def bind(self, spec: MultipleChoiceSpec, values: Mapping[str, Value]) -> MultipleChoiceKey:
        raise NoKey("the options of a multiple-choice question are drawn with the question")

    def parse(self, text: str, key: MultipleChoiceKey) -> tuple[Reading, ...]:
        typed = without_bullets(text.lower()).strip()
        if _NO_OPTION.fullmatch(typed.rstrip(".")):
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
        return Comparison(earned(chosen, key), " ".join(said))

    def render(self, key: MultipleChoiceKey) -> str:
        return ", ".join(sorted(key.right)) or NONE

    def instruction(self, key: MultipleChoiceKey) -> str:
        letters = f"the letters of all right options, such as a, {key.letters[-1]}; none if no option is right"
        return f"{letters} ({SCORED[key.scheme]})" if key.scheme in SCORED else letters

    def written(self, key: MultipleChoiceKey) -> str:
        return self.render(key)

    def samples(self, key: MultipleChoiceKey) -> Samples:
        right = sorted(key.right)
        other = sorted(set(key.letters) - key.right)
        spellings = [",".join(right), " ".join(reversed(right)), "".join(right).upper()]
        wrong = [self.written(key) + f", {other[0]}" if right else other[0]] if other else []
        wrong.append(NONE if right else ",".join(key.letters))
        # Where one wrong box leaves a share, all boxes the other way round leave none.
        turned = ",".join(other) or NONE
        return Samples(
            tuple(spellings) if right else (NONE, "[]"),
            tuple(wrong) if key.scheme == "all_or_nothing" else (turned,),
            ("z", "1", "a,a"),
        )


def earned(chosen: frozenset[str], key: MultipleChoiceKey) -> Fraction:
    """The fraction of the points for the chosen letters; below 0 under `negative` alone."""
    if chosen == key.right:
        return Fraction(1)
    right, wrong = len(key.right), len(key.options) - len(key.right)
    hits, slips = len(chosen & key.right), len(chosen - key.right)
    match key.scheme:
        case "all_or_nothing":
            return Fraction(0)
        case "per_box":
            return Fraction(hits + wrong - slips, right + wrong)
        case "partial":
            return Fraction(max(0, hits - slips), right) if right else Fraction(0)
    return (Fraction(hits, right) if right else Fraction(0)) - (
        Fraction(slips, wrong) if wrong else Fraction(0)
    )


def _listed(letters: Sequence[str]) -> str:
    """`a is`, `a and b are`, `a, b and c are`."""
    if len(letters) == 1:
        return f"{letters[0]} is"
    return f"{', '.join(letters[:-1])} and {letters[-1]} are"


TYPE = MultipleChoice()
