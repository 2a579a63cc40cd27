"""Pairs of printed numbers and letters: 1a, 2c, 3b."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    Reading,
    Samples,
    Spec,
    Unreadable,
)
from question_bank.answers.brackets import unwrapped
from question_bank.answers.layout import without_bullets
from question_bank.answers.ordering import Items
from question_bank.answers.pieces import Credit, lettered, share
from question_bank.grammar.exact import Value
from question_bank.text import check_template, fill

# Whatever stands between the number and the letter of a pair: 1-b, (1, b), 1 -> (b), 1) b.
_LINK = r"(?:[\s,()\[\]=>→⇒↦–—:./-]{0,8}|\s+(?:to|zu)\s+)"
_PAIR = re.compile(rf"([0-9]{{1,2}}){_LINK}([a-z])(?![a-z])|([a-z]){_LINK}([0-9]{{1,2}})(?![0-9])")
_BETWEEN = re.compile(r"[\s,;(){}\[\]|]*(?:(?:and|und)\s+)?")
_LETTERS_ALONE = re.compile(r"[a-z](?:[\s,;]*[a-z])*")
# What stands between the numbered and the lettered list in print.
TO = "to be matched with"


class MatchingSpec(Spec):
    """`left` is numbered 1, 2, ... in print, `right` lettered; `pairs` holds the letter of each number."""

    type: Literal["matching"]
    left: Items = Field(description="printed with 1, 2, ...; templates")
    right: Items = Field(description="printed with a, b, ...; templates")
    pairs: tuple[str, ...] = Field(description="the letter for each item on the left, in order")
    credit: Credit = "all_or_nothing"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        letters = string.ascii_lowercase[: len(self.right)]
        if len(self.pairs) != len(self.left) or not set(self.pairs) <= set(letters):
            raise ValueError("pairs holds one letter for each item on the left")
        return self


class MatchingKey(Key):
    """Both printed lists, and the letter of each number."""

    type: Literal["matching"] = "matching"
    left: tuple[str, ...]
    right: tuple[str, ...]
    pairs: tuple[str, ...]
    credit: Credit = "all_or_nothing"


class Matching(AnswerType[MatchingSpec, MatchingKey]):
    """Numbers to letters; credit by entry counts right pairs."""

    kind = "matching"
    Spec = MatchingSpec
    Key = MatchingKey
    computed = False

    def names(self, spec: MatchingSpec) -> frozenset[str]:
        return frozenset().union(*(check_template(item) for item in (*spec.left, *spec.right)))

    def bind(self, spec: MatchingSpec, values: Mapping[str, Value]) -> MatchingKey:
        left = tuple(fill(item, values) for item in spec.left)
        right = tuple(fill(item, values) for item in spec.right)
        return MatchingKey(left=left, right=right, pairs=spec.pairs, credit=spec.credit)

    def parse(self, text: str, key: MatchingKey) -> tuple[Reading, ...]:
        inner = unwrapped(without_bullets(text.lower()).strip())
        letters = _LETTERS_ALONE.fullmatch(inner) and re.findall("[a-z]", inner)
        if letters and len(letters) == len(key.left):
            # b, a, c: one letter for each number, in order.
            inner = ",".join(f"{number}{letter}" for number, letter in enumerate(letters, 1))
        chosen: dict[int, str] = {}
        for number, letter in pairs_of(inner):
            if not 1 <= number <= len(key.left) or letter not in _letters(key):
                raise Unreadable(f'"{number}{letter}" is not printed')
            if chosen.setdefault(number, letter) != letter:
                raise Unreadable(f"{number} stands twice")
        echo = ", ".join(f"{number}{chosen[number]}" for number in sorted(chosen))
        return (Reading(chosen, echo),)

    def compare(self, reading: Reading, key: MatchingKey) -> Comparison:
        wrong = [n for n, letter in enumerate(key.pairs, 1) if reading.value.get(n) != letter]
        total = len(key.pairs)
        if not wrong:
            return Comparison(Fraction(1), "right")
        missing = [n for n in wrong if n not in reading.value]
        message = f"not right: {', '.join(map(str, wrong))}"
        if missing:
            message += f" ({', '.join(map(str, missing))} without a letter)"
        # One letter for all numbers hits what it hits by chance.
        guessed = len(set(reading.value.values())) == 1 < len(reading.value)
        earned = Fraction(0) if guessed else share(total - len(wrong), total, key.credit)
        return Comparison(earned, message)

    def render(self, key: MatchingKey) -> str:
        return ", ".join(f"{n}{letter}" for n, letter in enumerate(key.pairs, 1))

    def instruction(self, key: MatchingKey) -> str:
        return "number and letter of each pair, such as 1a, 2b"

    def written(self, key: MatchingKey) -> str:
        return self.render(key)

    def printed(self, key: MatchingKey) -> str:
        numbers = [str(number) for number in range(1, len(key.left) + 1)]
        # Two lists that follow one another need something between them, or they are one.
        return f"{lettered(key.left, numbers)}\n\n{TO}\n\n{lettered(key.right)}"

    def typed(self, value: Value, key: MatchingKey) -> str:
        return ", ".join(f"{number}{letter}" for number, letter in enumerate(value, 1))

    def samples(self, key: MatchingKey) -> Samples:
        letters = _letters(key)
        moved = ", ".join(
            f"{n}{letters[(letters.index(x) + 1) % len(letters)]}"
            for n, x in enumerate(key.pairs, 1)
        )
        arrows = "; ".join(f"{n} -> {x}" for n, x in enumerate(key.pairs, 1))
        right = (self.render(key), arrows, self.render(key).upper(), ", ".join(key.pairs))
        return Samples(right, (moved,), ("1", "99z", "1a 1b"))


def _letters(key: MatchingKey) -> str:
    return string.ascii_lowercase[: len(key.right)]


def pairs_of(text: str) -> Iterator[tuple[int, str]]:
    """The number and letter of each pair. Raises Unreadable."""
    position = _end_of(_BETWEEN, text, 0)
    if position == len(text):
        raise Unreadable("names no pair")
    while position < len(text):
        pair = _PAIR.match(text, position)
        if pair is None:
            raise Unreadable(f'"{text[position : position + 12]}" is no pair')
        yield int(pair[1] or pair[4]), pair[2] or pair[3]
        position = _end_of(_BETWEEN, text, pair.end())


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


TYPE = Matching()
