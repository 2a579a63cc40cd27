"""Steps or items in an order, by their printed letters: b, a, c or b -> a -> c."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

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
from question_bank.answers.pieces import Credit, labels, lettered, share
from question_bank.grammar.exact import Value
from question_bank.text import check_template, fill

_COMPARED = re.compile(r"(?<![-=])>|<")

Items = Annotated[tuple[str, ...], Field(min_length=2, max_length=12)]


class OrderingSpec(Spec):
    """`items` as they are printed (templates); `order` holds their letters in the right order."""

    type: Literal["ordering"]
    items: Items = Field(description="printed with a, b, ... in this order; templates")
    order: tuple[str, ...] = Field(description="all letters in the right order")
    credit: Credit = "all_or_nothing"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if sorted(self.order) != list(string.ascii_lowercase[: len(self.items)]):
            raise ValueError("order names the letter of every item once: a, b, c, ...")
        return self


class OrderingKey(Key):
    """The printed items, and their letters in the right order."""

    type: Literal["ordering"] = "ordering"
    items: tuple[str, ...]
    order: tuple[str, ...]
    credit: Credit = "all_or_nothing"


class Ordering(AnswerType[OrderingSpec, OrderingKey]):
    """Sequences of letters; credit by entry counts neighbours that follow one another as they should."""

    kind = "ordering"
    Spec = OrderingSpec
    Key = OrderingKey
    computed = False

    def names(self, spec: OrderingSpec) -> frozenset[str]:
        return frozenset().union(*(check_template(item) for item in spec.items))

    def bind(self, spec: OrderingSpec, values: Mapping[str, Value]) -> OrderingKey:
        items = tuple(fill(item, values) for item in spec.items)
        return OrderingKey(items=items, order=spec.order, credit=spec.credit)

    def parse(self, text: str, key: OrderingKey) -> tuple[Reading, ...]:
        found = labels(text)
        check_labels(found, key.order)
        if len(found) != len(key.order):
            missing = sorted(set(key.order) - set(found))
            raise Unreadable(f"{', '.join(missing)} missing: every item has its place")
        usual = Reading(tuple(found), ", ".join(found))
        if not _COMPARED.search(text):
            return (usual,)
        # b > a can say that b comes first, and that b is the larger one; b < a as well.
        return (usual, Reading(tuple(found[::-1]), ", ".join(found[::-1])))

    def compare(self, reading: Reading, key: OrderingKey) -> Comparison:
        found: tuple[str, ...] = reading.value
        if found == key.order:
            return Comparison(Fraction(1), "right")
        if found == key.order[::-1]:
            return Comparison(Fraction(0), "the order is reversed")
        pairs = set(pairwise(key.order))
        kept = len(pairs & set(pairwise(found)))
        first = next(
            i for i, pair in enumerate(zip(found, key.order, strict=True), 1) if pair[0] != pair[1]
        )
        message = f"not the right order, from place {first} on"
        return Comparison(share(kept, len(pairs), key.credit), message)

    def render(self, key: OrderingKey) -> str:
        return ", ".join(key.order)

    def instruction(self, key: OrderingKey) -> str:
        return f"the letters in order, such as {', '.join(sorted(key.order))}"

    def printed(self, key: OrderingKey) -> str:
        return lettered(key.items)

    def typed(self, value: Value, key: OrderingKey) -> str:
        return ", ".join(map(str, value))

    def written(self, key: OrderingKey) -> str:
        return self.render(key)

    def samples(self, key: OrderingKey) -> Samples:
        right = (", ".join(key.order), " -> ".join(key.order), "".join(key.order).upper())
        return Samples(right, (", ".join(key.order[::-1]),), ("1, 2", key.order[0] * 2, "z"))


def check_labels(found: list[str], known: tuple[str, ...]) -> None:
    """Raises Unreadable for a label that is not printed, or that stands twice."""
    for label in found:
        if label not in known:
            raise Unreadable(f'"{label[:20]}" is no printed letter')
    if len(set(found)) != len(found):
        raise Unreadable("a letter stands twice")


TYPE = Ordering()
