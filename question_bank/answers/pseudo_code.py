"""Pseudo code from printed lines: which of them, and in what order. Lines that do not depend on one another may swap."""

from __future__ import annotations

import string
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from question_bank.answers.base import AnswerType, Comparison, Key, Reading, Samples, Spec
from question_bank.answers.ordering import Items, check_labels
from question_bank.answers.pieces import Credit, labels, lettered, share
from question_bank.grammar.exact import Value
from question_bank.text import check_template, fill


class PseudoCodeSpec(Spec):
    """`lines` as printed, some of them wrong; `order`: the letters of the right ones, in one right order.

    With `before`, only these pairs must be in order: [[a, c]] says that a comes before c.
    """

    type: Literal["pseudo_code"]
    lines: Items = Field(description="printed with a, b, ...; some of them may be wrong")
    order: tuple[str, ...] = Field(description="the letters that are needed, in one right order")
    before: tuple[tuple[str, str], ...] | None = Field(
        None, description="the pairs whose order counts, [[a, c]]; else all"
    )
    credit: Credit = "all_or_nothing"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = string.ascii_lowercase[: len(self.lines)]
        if (
            not self.order
            or len(set(self.order)) != len(self.order)
            or not set(self.order) <= set(known)
        ):
            raise ValueError("order names letters of lines, each once")
        for first, second in self.before or ():
            if {first, second} - set(self.order) or self.order.index(first) > self.order.index(
                second
            ):
                raise ValueError(f"before: {first}, {second} is not so in order")
        return self


class PseudoCodeKey(Key):
    """The printed lines, the right ones in order, and the pairs whose order counts."""

    omitted_when_default = frozenset({"credit"})

    type: Literal["pseudo_code"] = "pseudo_code"
    lines: tuple[str, ...]
    order: tuple[str, ...]
    before: tuple[tuple[str, str], ...]
    credit: Credit = "all_or_nothing"


class PseudoCode(AnswerType[PseudoCodeSpec, PseudoCodeKey]):
    """Sequences of letters, right in every order that keeps the pairs; credit by entry counts the pairs that are kept."""

    kind = "pseudo_code"
    Spec = PseudoCodeSpec
    Key = PseudoCodeKey
    computed = False

    def names(self, spec: PseudoCodeSpec) -> frozenset[str]:
        return frozenset().union(*(check_template(line) for line in spec.lines))

    def bind(self, spec: PseudoCodeSpec, values: Mapping[str, Value]) -> PseudoCodeKey:
        chain = tuple(zip(spec.order, spec.order[1:], strict=False))
        before = chain if spec.before is None else spec.before
        lines = tuple(fill(line, values) for line in spec.lines)
        return PseudoCodeKey(lines=lines, order=spec.order, before=before, credit=spec.credit)

    def parse(self, text: str, key: PseudoCodeKey) -> tuple[Reading, ...]:
        found = labels(text)
        check_labels(found, tuple(string.ascii_lowercase[: len(key.lines)]))
        return (Reading(tuple(found), ", ".join(found)),)

    def compare(self, reading: Reading, key: PseudoCodeKey) -> Comparison:
        found: tuple[str, ...] = reading.value
        extra, missing = sorted(set(found) - set(key.order)), sorted(set(key.order) - set(found))
        turned = [
            (first, second)
            for first, second in key.before
            if {first, second} <= set(found) and found.index(first) > found.index(second)
        ]
        if not extra and not missing and not turned:
            return Comparison(Fraction(1), "right")
        said = [f"{', '.join(extra)} must not be there"] if extra else []
        said += [f"{', '.join(missing)} missing"] if missing else []
        said += [f"{second} comes before {first}, which it needs" for first, second in turned[:1]]
        # Each pair that is kept is a step; a line too many takes one away, a missing line its pairs.
        kept = sum({*pair} <= set(found) for pair in key.before) - len(turned) - len(extra)
        pairs = max(1, len(key.before))
        # What is wrong in some way never earns all, whichever pairs count.
        return Comparison(share(min(kept, pairs - 1), pairs, key.credit), "; ".join(said))

    def render(self, key: PseudoCodeKey) -> str:
        return ", ".join(key.order)

    def instruction(self, key: PseudoCodeKey) -> str:
        return "the letters of the lines that are needed, in order, such as b, a"

    def printed(self, key: PseudoCodeKey) -> str:
        return lettered([as_code(line) for line in key.lines])

    def typed(self, value: Value, key: PseudoCodeKey) -> str:
        return ", ".join(map(str, value))

    def written(self, key: PseudoCodeKey) -> str:
        return self.render(key)

    def samples(self, key: PseudoCodeKey) -> Samples:
        right = (", ".join(key.order), " ".join(key.order))
        extra = sorted(set(string.ascii_lowercase[: len(key.lines)]) - set(key.order))
        # One line alone keeps no pair, so that it is wrong under each kind of credit.
        wrong: tuple[str, ...] = (key.order[0],) if len(key.order) > 1 else ()
        wrong += (", ".join(extra),) if extra else ()
        return Samples(right, wrong, ("1, 2", "z", f"{key.order[0]}, {key.order[0]}"))


def as_code(line: str) -> str:
    """A line in the type of code, unless its author has set it in one or uses mathematics."""
    return line if "`" in line or "$" in line else f"`{line}`"


TYPE = PseudoCode()
