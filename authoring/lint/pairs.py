"""Two questions that must not meet in one exam: twins, and one whose text answers the other."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from authoring.lint.text import COMMON, content_words, stem_of_word, words
from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.variant import Variant

# Cosine of the angle between two texts, their words weighed by how rare they are.
MOST_ALIKE = 0.7
# Words in a row, common ones aside, that no two texts share by accident.
SAME_WORDS_IN_A_ROW = 5
# A shorter number stands in other texts by accident; so does a power of ten or of two.
FEWEST_DIGITS = 4


@dataclass(frozen=True)
class Paper:
    """What the rules on pairs look at: a question as printed, and what is right in it."""

    question_id: str
    enemies: frozenset[str]
    printed: str
    right: tuple[str, ...]
    numbers: tuple[str, ...]


def paper(variant: Variant, enemies: Collection[str]) -> Paper:
    """A variant as a reader of the exam sees it, with its right statements and its keys that are numbers."""
    printed = [variant.text]
    right: list[str] = []
    numbers: list[str] = []
    for figure in [variant.figure, *(part.figure for part in variant.parts)]:
        printed += [figure.alt] if figure is not None else []
    for part in variant.parts:
        printed.append(part.text)
        key = part.answer
        if isinstance(key, MultipleChoiceKey):
            printed += [option.text for option in key.options]
            right += [option.text for option in key.options if option.correct]
        elif key.type == "numeric":
            numbers.append(answer_type(key.type).written(key))
    return Paper(
        variant.question_id, frozenset(enemies), "\n".join(printed), tuple(right), tuple(numbers)
    )


def declared(a: Paper, b: Paper) -> bool:
    """Whether the two are declared enemies, by id or by a group that they share."""
    return a.question_id in b.enemies or b.question_id in a.enemies or bool(a.enemies & b.enemies)


class Weights(Mapping[str, float]):
    """How rare each word is among some texts: the logarithm of texts over texts with the word."""

    def __init__(self, texts: Sequence[str]) -> None:
        found = Counter(word for text in texts for word in content_words(text))
        self._weights = {word: math.log((1 + len(texts)) / n) for word, n in found.items()}

    def __getitem__(self, word: str) -> float:
        return self._weights[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)


def likeness(a: str, b: str, weights: Mapping[str, float]) -> float:
    """0 for texts without a common word, 1 for texts with the same words."""
    first, second = (_vector(text, weights) for text in (a, b))
    shared = sum(value * second.get(word, 0.0) for word, value in first.items())
    return shared / ((_length(first) * _length(second)) or 1.0)


def _vector(text: str, weights: Mapping[str, float]) -> dict[str, float]:
    counts = Counter(stem_of_word(word) for word in words(text) if word not in COMMON)
    return {word: (1 + math.log(n)) * weights.get(word, 0.0) for word, n in counts.items()}


def _length(vector: Mapping[str, float]) -> float:
    return math.sqrt(sum(value * value for value in vector.values()))


def gives_away(teller: Paper, asked: Paper) -> str | None:
    """What of the first question's text answers the second; None where nothing does.

    A right statement is given away by its words in a row; a number that one would have to compute, by itself.
    """
    heard = _rows(teller.printed)
    for statement in asked.right:
        row = next(iter(_rows(statement) & heard), None)
        # What the asking question says itself is no help from the other.
        if row is not None and row not in _rows(asked.printed.replace(statement, " ")):
            return f'the statement "{statement}"'
    for number in asked.numbers:
        if (
            _telling(number)
            and _stands_in(number, teller.printed)
            and not _stands_in(number, asked.printed)
        ):
            return f"the number {number}"
    return None


def _rows(text: str) -> set[tuple[str, ...]]:
    kept = [stem_of_word(word) for word in words(text) if word not in COMMON]
    return {
        tuple(kept[i : i + SAME_WORDS_IN_A_ROW]) for i in range(len(kept) - SAME_WORDS_IN_A_ROW + 1)
    }


def _telling(number: str) -> bool:
    digits = re.sub(r"[^0-9]", "", number)
    whole = int(digits or 0)
    return (
        len(digits.rstrip("0").lstrip("0")) > 1
        and len(digits) >= FEWEST_DIGITS
        and not (number.isdigit() and whole & (whole - 1) == 0)
    )


def _stands_in(number: str, text: str) -> bool:
    bare = re.sub(r"\\[,;:! ]|\{,\}|(?<=\d),(?=\d{3})", "", text)
    return re.search(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", bare) is not None
