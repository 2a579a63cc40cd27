"""Vectors: numbers in order, as a row or a column: [1, 2, 3], (1, 2, 3)^T, 1; 2; 3."""

from __future__ import annotations

from collections.abc import Mapping
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
    Tolerance,
)
from question_bank.answers.matrix import TYPE as MATRIX
from question_bank.answers.matrix import MatrixKey, MatrixSpec
from question_bank.answers.pieces import ByEntry
from question_bank.grammar.exact import Value


class VectorSpec(ByEntry):
    """`value` is an expression that gives a list of numbers."""

    type: Literal["vector"]
    value: str = Field(description="an expression that gives a list of numbers")
    tolerance: Tolerance | None = None


class VectorKey(Key):
    """The numbers as text."""

    omitted_when_default = frozenset({"tolerance"})

    type: Literal["vector"] = "vector"
    value: tuple[str, ...]
    tolerance: float | None = None
    by_entry: bool = False


class Vector(AnswerType[VectorSpec, VectorKey]):
    """Vectors, entry by entry; whether they stand or lie does not count."""

    kind = "vector"
    Spec = VectorSpec
    Key = VectorKey

    def names(self, spec: VectorSpec) -> frozenset[str]:
        return MATRIX.names(MatrixSpec(type="matrix", value=spec.value))

    def bind(self, spec: VectorSpec, values: Mapping[str, Value]) -> VectorKey:
        value = numbers_of(spec.value, values)
        return VectorKey(value=value, tolerance=spec.tolerance, by_entry=spec.earns_by_entry)

    def parse(self, text: str, key: VectorKey) -> tuple[Reading, ...]:
        return MATRIX.parse(text, _matrix(key))

    def compare(self, reading: Reading, key: VectorKey) -> Comparison:
        return MATRIX.compare(reading, _matrix(key))

    def render(self, key: VectorKey) -> str:
        return MATRIX.render(_matrix(key))

    def instruction(self, key: VectorKey) -> str:
        return MATRIX.instruction(_matrix(key))

    def written(self, key: VectorKey) -> str:
        return MATRIX.written(_matrix(key))

    def samples(self, key: VectorKey) -> Samples:
        return MATRIX.samples(_matrix(key))

    def of_value(self, value: Value, key: VectorKey) -> Reading:
        return MATRIX.of_value(value, _matrix(key))

    def of_key(self, key: VectorKey) -> Reading:
        return MATRIX.of_key(_matrix(key))

    def by_names(self, reading: Reading, key: VectorKey, printed: Printed) -> Reading | None:
        return MATRIX.by_names(reading, _matrix(key), printed)

    def carried(self, reading: Reading) -> Value | None:
        return MATRIX.carried(reading)


def numbers_of(expression: str, values: Mapping[str, Value]) -> tuple[str, ...]:
    """The numbers of a list, as text. Raises NoKey where the expression gives something else."""
    key = MATRIX.bind(MatrixSpec(type="matrix", value=expression), values)
    if not key.vector:
        raise NoKey(f'"{expression}" is no list of numbers')
    return key.value[0]


def _matrix(key: VectorKey) -> MatrixKey:
    return MatrixKey(
        value=(key.value,), vector=True, tolerance=key.tolerance, by_entry=key.by_entry
    )


TYPE = Vector()
