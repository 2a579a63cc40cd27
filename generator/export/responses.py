"""What a part asks for, in terms that other systems share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from generator.export.numbers import Range
from question_bank.answers.multiple_choice import Scheme

NONE = "none"
"""The name of the option that says that no other is right."""


@dataclass(frozen=True)
class Option:
    """An option under its printed letter (Markdown); the last one is `none`, as on paper."""

    letter: str
    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class Choice:
    """Zero, one or several options are checked; `scored` says how they count, where it is not as usual."""

    options: tuple[Option, ...]
    scheme: Scheme
    scored: str

    @property
    def right(self) -> frozenset[str]:
        """Return the letters of the right options; `{"none"}` where no other is right."""
        return frozenset(option.letter for option in self.options if option.right)

    @property
    def none_right(self) -> bool:
        """Return whether none of the printed options is right."""
        return NONE in self.right

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many printed options are right, and how many are wrong."""
        right = len(self.right - {NONE})
        return right, len(self.options) - 1 - right


@dataclass(frozen=True)
class NumberField:
    """A field for a number."""

    accepted: Range


@dataclass(frozen=True)
class MenuField:
    """A field that takes one of the printed letters; `item` is what it belongs to, where not a place."""

    letters: tuple[str, ...]
    right: str
    item: str = ""


Field = NumberField | MenuField


@dataclass(frozen=True)
class Misstep:
    """A named mistake: the sentence on it, the share of the points that it leaves, and what it leads to."""

    name: str
    why: str
    credit: Fraction
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Fields:
    """Fields in rows of `columns`.

    With `by_entry`, each right field earns its share, but one number for all of them earns nothing.
    Else all of them are right or nothing is. `shape`: they are the axes of a shape, and can be typed on
    one line as well, as in 32x16. `digits`: how many significant digits are asked for.
    """

    fields: tuple[Field, ...]
    columns: int
    by_entry: bool
    entries: str = ""
    unit: str = ""
    digits: int | None = None
    shape: bool = False
    neighbours: bool = False
    missteps: tuple[Misstep, ...] = ()

    def with_missteps(self, missteps: tuple[Misstep, ...]) -> Fields:
        """Return the same fields with the named mistakes."""
        return replace(self, missteps=missteps)

    @property
    def numbers(self) -> tuple[Range, ...]:
        """Return what each number field accepts."""
        return tuple(field.accepted for field in self.fields if isinstance(field, NumberField))

    @property
    def menus(self) -> tuple[MenuField, ...]:
        """Return the fields that take letters."""
        return tuple(field for field in self.fields if isinstance(field, MenuField))

    @property
    def on_one_line(self) -> tuple[int, ...] | None:
        """Return the axes of a shape, which can be typed on one line; None for what is no shape.

        Other lists are never typed so: only whole numbers could be, and the line would tell that they are.
        """
        if not self.shape:
            return None
        return tuple(accepted.value.numerator for accepted in self.numbers)


@dataclass(frozen=True)
class Person:
    """A text that a person marks; `kind` is the answer type, `expected` the right answer (Markdown)."""

    kind: str
    expected: str
    lines: int


Response = Choice | Fields | Person
