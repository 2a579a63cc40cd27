"""Shapes and other tuples of whole numbers: 32x16x16, (32, 16, 16), 32 × 16 × 16."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Printed,
    Reading,
    Samples,
    Spec,
    Unreadable,
)
from question_bank.answers.left_side import check_left_side
from question_bank.answers.naming import names_of, names_others, put_in_order
from question_bank.answers.quantities import names_axis
from question_bank.answers.typed import check_formula
from question_bank.answers.units import split_noun
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import names_in
from question_bank.text import by
from question_bank.wording import instead_of

MAX_AXES = 12

_BRACKETS = re.compile(r"\A[(\[{](.*)[)\]}]\Z", re.DOTALL)
# W ∈ ℝ^{7×8}, and what is behind it: 7x8-Matrix.
_SPACE = re.compile(
    r"\A(?:[^\W\d]\w{0,19}\s*)?(?:∈|\\in(?![A-Za-z]))?\s*(?:ℝ|R|\\mathbb\s*(?:\{R\}|R))\s*\^?\s*[({]?([^(){}^]{1,40})[)}]?\Z"
)
_KIND = re.compile(r"\s*-\s*(?=(?:matrix|tensor)\w{0,3}\Z)", re.IGNORECASE)
_ROWS_FIRST = re.compile(
    r"\A([0-9]{1,12})\s*(?:rows?|zeilen?)\b(.{1,9}?)([0-9]{1,12})\s*(?:columns?|cols?|spalten?)\Z",
    re.IGNORECASE,
)
# 10 @ 3x3, 10 channels of 3x3
_CHANNELS = re.compile(
    r"\A([0-9]{1,12})\s*(?:@|(?:(?:output|input|feature)\s+)?(?:channels?|maps?|filters?|kan[aä]le?n?)\b"
    r"(?:\s*,|\s*@|\s+(?:of|à|mit|with|je)\b)?(?:\s+size\b)?)\s*(?=[0-9])",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"(?:maps?|filters?)\Z", re.IGNORECASE)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ˣ", "0123456789x")
_SEPARATOR = re.compile(
    r"\s*(?:[x×X*·;⨯✕✖|]|\\cdot|mal|,(?:\s*(?:and|und)\b)?|\\times|by|and|und|\s)\s*"
)
# What divides axes where another of these signs is a product inside of one: (24, 64, 2*100). A comma always divides.
_DIVIDERS = (
    re.compile(r"\s*(?:[,;]|\band\b|\bund\b)\s*"),
    re.compile(r"\s*(?:[xX×⨯✕✖|]|\\times|\bby\b)\s*"),
    re.compile(r"\s*(?:[*·⋅]|\\cdot|\bmal\b)\s*"),
    re.compile(r"(?<=[0-9])\s+(?=[0-9])"),
)
_PRODUCT = re.compile(r"\s*(?:[xX×*·⋅⨯✕✖]|\\cdot|\\times|\bmal\b)\s*")
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_LABEL = re.compile(r"\A[^\W\d]\w*:\s*")
# How an axis for the batch is written.
_BATCH = ("n", "b", "batch", "none", "?", "-1", "−1")
# C=32, H=16, W=16
_NAMED = re.compile(r"([^\W\d]\w{0,19})\s*[=:]\s*(-?[0-9]{1,12})")


class ShapeSpec(Spec):
    """A tuple of whole numbers; `value` is an expression that gives a list."""

    type: Literal["shape"]
    value: str = Field(description="an expression that gives a list of whole numbers")
    axes: str | None = Field(
        None, description="names of the axes for the student: channels x height x width"
    )


class ShapeKey(Key):
    """`axes` names them for the student, such as "channels x height x width"."""

    type: Literal["shape"] = "shape"
    value: tuple[int, ...]
    axes: str | None = None


class Shape(AnswerType[ShapeSpec, ShapeKey]):
    """Tuples of whole numbers, compared exactly."""

    kind = "shape"
    Spec = ShapeSpec
    Key = ShapeKey

    def names(self, spec: ShapeSpec) -> frozenset[str]:
        return names_in(parsed(spec.value))

    def bind(self, spec: ShapeSpec, values: Mapping[str, Value]) -> ShapeKey:
        value = value_of(spec.value, values)
        whole = isinstance(value, tuple) and all(type(axis) is int for axis in value)
        if not whole or not 1 <= len(value) <= MAX_AXES:
            raise NoKey(f'"{spec.value}" is no list of whole numbers but {value!r}')
        return ShapeKey(value=value, axes=spec.axes)

    def parse(self, text: str, key: ShapeKey) -> tuple[Reading, ...]:
        inner = _unwrapped(text)
        named = _NAMED.findall(inner)
        if len(named) > 1 and not _NAMED.sub("", inner).strip("x×,; \n"):
            value = tuple(int(number) for _, number in named)
            return (Reading(value, echo(value), named=True, names=tuple(n for n, _ in named)),)
        *before, last = re.split(r"(?<![<>≤≥≠!=])=", text)
        values, noun = _axes(last, key)
        for term in before[:1]:
            check_left_side(term)
        for term in before:
            _check_equal(term, values, key)
        names = names_of(before[0]) if before else ()
        axis = names_axis(noun)
        return tuple(
            Reading(
                v,
                f"{echo(v)} {noun}".rstrip(),
                named=axis,
                names=names or ((*[""] * (len(v) - 1), noun) if axis else ()),
            )
            for v in values
        )

    def compare(self, reading: Reading, key: ShapeKey) -> Comparison:
        value: tuple[int, ...] = reading.value
        if value == key.value:
            if key.axes and _misnamed(reading, key.axes):
                return Comparison(None, f"names something else than {key.axes}: a person decides")
            return Comparison(Fraction(1), "right")
        if value == (1, *key.value):
            return Comparison(
                None, "the right shape behind an axis of 1, as of a batch of one; a person decides"
            )
        if len(value) != len(key.value):
            return Comparison(Fraction(0), instead_of(len(value), len(key.value), "number"))
        if sorted(value) == sorted(key.value):
            if reading.named:
                return Comparison(None, "the right numbers in another order, with names")
            return Comparison(Fraction(0), "the right numbers in another order")
        wrong = [
            str(i + 1)
            for i, pair in enumerate(zip(value, key.value, strict=True))
            if pair[0] != pair[1]
        ]
        return Comparison(Fraction(0), f"not the right value at position {', '.join(wrong)}")

    def render(self, key: ShapeKey) -> str:
        return f"${by(key.value)}$"

    def instruction(self, key: ShapeKey) -> str:
        axes = f" ({key.axes})" if key.axes else ""
        return f"whole numbers with x between them{axes}, such as 4x5"

    def written(self, key: ShapeKey) -> str:
        return echo(key.value)

    def samples(self, key: ShapeKey) -> Samples:
        listed = ", ".join(map(str, key.value))
        longer = (*key.value, 2)
        changed = (*key.value[:-1], key.value[-1] + 1)
        return Samples(
            (echo(key.value), f"({listed})", f"[{listed}]", " × ".join(map(str, key.value))),
            (echo(longer), echo(changed)),
            ("big", "3x", "3.5x2") if len(key.value) > 1 else ("big", "3.5x2"),
        )

    def of_key(self, key: ShapeKey) -> Reading:
        return Reading(key.value, echo(key.value))

    def by_names(self, reading: Reading, key: ShapeKey, printed: Printed) -> Reading | None:
        value = put_in_order(reading.names, reading.value, printed, key.axes)
        return None if value is None else Reading(value, echo(value))

    def carried(self, reading: Reading) -> Value | None:
        value: Value = reading.value
        return value


def echo(value: tuple[int, ...]) -> str:
    """A shape as people type it."""
    return "x".join(map(str, value))


def _misnamed(reading: Reading, axes: str) -> bool:
    """Whether axes have names of others. Maps and filters behind all of it are what has this shape."""
    names, value = reading.names, reading.value
    if not any(names) or (not any(names[:-1]) and _OF_ALL.search(names[-1])):
        return False
    return names_others(names, axes, lambda one, other: bool(value[one] == value[other]))


def _unwrapped(text: str) -> str:
    inner = text.strip()
    if inner.startswith("torch.Size("):
        inner = inner.removeprefix("torch.Size(").removesuffix(")")
    bracketed = _BRACKETS.match(inner)
    return bracketed.group(1).strip().removesuffix(",") if bracketed else inner


def _axes(text: str, key: ShapeKey) -> tuple[list[tuple[int, ...]], str]:
    """The numbers in each way in which they can be meant, and the noun behind them. Raises Unreadable."""
    text = _LABEL.sub("", text.strip())
    if key.axes is None or key.axes.lower().startswith(("channel", "map", "filter")):
        text = _CHANNELS.sub(r"\1x", text)
    if space := _SPACE.match(text.translate(_RAISED)):
        text = space[1]
    inner, unit = split_noun(_KIND.sub(" ", _ROWS_FIRST.sub(r"\1\2\3", text)))
    inner = _unwrapped(inner)
    pieces = _SEPARATOR.split(inner)
    if len(pieces) > MAX_AXES:
        raise Unreadable(f"has more than {MAX_AXES} numbers")
    if len(pieces) > 1 and pieces[0].lower() in _BATCH:
        raise Unreadable(
            "begins with an axis of no fixed size",
            "write numbers alone, without the axis of the batch unless it is asked for",
        )
    if not all(map(_WHOLE.fullmatch, pieces)):
        raise Unreadable("is no list of whole numbers")
    value = tuple(map(int, pieces))
    if _fits(value, key):
        return [value], unit.noun
    return _with_products(inner, key) or [value], unit.noun


def _with_products(text: str, key: ShapeKey) -> list[tuple[int, ...]]:
    """The axes where some signs stand for products, and the others divide as many axes as are asked for."""
    found: list[tuple[int, ...]] = []
    for divider in _DIVIDERS:
        axes = divider.split(text)
        factors = [_PRODUCT.split(axis) for axis in axes]
        if len(axes) > 1 and all(_WHOLE.fullmatch(f) for axis in factors for f in axis):
            found.append(tuple(math.prod(map(int, axis)) for axis in factors))
            if divider is _DIVIDERS[0]:
                break
    return [value for value in dict.fromkeys(found) if _fits(value, key)]


def _fits(value: tuple[int, ...], key: ShapeKey) -> bool:
    """Whether there are as many axes as are asked for, an axis for a batch of one aside."""
    behind_one = value[1:] if value[0] == 1 else value
    return len(key.value) in (len(value), len(behind_one))


def _check_equal(term: str, values: list[tuple[int, ...]], key: ShapeKey) -> None:
    """Raises Unreadable for another shape left of a sign of equality: 32x16 = 512."""
    try:
        earlier, _ = _axes(term, key)
    except Unreadable:
        check_formula(term)
        return
    if not set(earlier) & set(values):
        shown = f"{echo(earlier[0])} = {echo(values[0])}"
        raise Unreadable(f"{shown} does not hold", "write the shape alone")


TYPE = Shape()
