"""What a question of another system says, whatever its format: texts are Markdown already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from question_bank.diagnostics import Where

Kind = Literal["choice", "true_false", "numeric", "words", "matching", "essay", "other"]


@dataclass(frozen=True)
class Answer:
    """An answer that the file lists: an option, a number, or accepted words.

    `weight` is the share of the points that it earns (negative where it costs some); `tolerance` is absolute, and
    there for numbers only. A `text` that is "*" stands for any other answer.
    """

    text: str
    weight: Fraction
    why: str = ""
    tolerance: Fraction | None = None


@dataclass(frozen=True)
class Pair:
    """What stands on the left (nothing, where the right side only distracts), and what belongs to it."""

    left: str
    right: str


@dataclass(frozen=True)
class ForeignItem:
    """One question. `kind` "other" holds in `lost` why it cannot be taken over."""

    where: Where
    kind: Kind
    name: str
    text: str = ""
    category: str = ""
    answers: tuple[Answer, ...] = ()
    pairs: tuple[Pair, ...] = ()
    single: bool = True
    shuffle: bool = True
    points: Fraction = Fraction(1)
    solution: str = ""
    tags: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def unique(values: Sequence[str]) -> tuple[str, ...]:
    """The values in order, each once."""
    return tuple(dict.fromkeys(values))
