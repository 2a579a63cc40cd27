"""The plain functions that an author's expression may call, beside the solvers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from question_bank.grammar.exact import Function, Value

Real = int | Fraction | float


def sqrt(x: Real) -> Real:
    """The square root; exact where it is a fraction."""
    if x < 0:
        raise ValueError(f"a root of the negative number {x}")
    if isinstance(x, float):
        return math.sqrt(x)
    fraction = Fraction(x)
    top, bottom = math.isqrt(fraction.numerator), math.isqrt(fraction.denominator)
    if top * top == fraction.numerator and bottom * bottom == fraction.denominator:
        return Fraction(top, bottom)
    return math.sqrt(fraction)


def exp(x: Real) -> Real:
    """The exponential; exact at 0."""
    return 1 if x == 0 else math.exp(x)


def ln(x: Real) -> Real:
    """The natural logarithm; exact at 1."""
    if x <= 0:
        raise ValueError(f"a logarithm of {x}")
    return 0 if x == 1 else math.log(x)


def log2(x: Real) -> Real:
    """The logarithm to base 2; exact at powers of two."""
    if x <= 0:
        raise ValueError(f"a logarithm of {x}")
    if not isinstance(x, float):
        fraction = Fraction(x)
        top, bottom = fraction.numerator, fraction.denominator
        if top & (top - 1) == 0 and bottom & (bottom - 1) == 0:
            return top.bit_length() - bottom.bit_length()
    return math.log2(x)


def log10(x: Real) -> Real:
    """The logarithm to base 10."""
    if x <= 0:
        raise ValueError(f"a logarithm of {x}")
    return math.log10(x)


def sigmoid(x: Real) -> Real:
    """1 / (1 + e^-x); exact at 0."""
    return Fraction(1, 2) if x == 0 else 1 / (1 + math.exp(-x))


def tanh(x: Real) -> Real:
    """The hyperbolic tangent; exact at 0."""
    return 0 if x == 0 else math.tanh(x)


def relu(x: Real) -> Real:
    """max(x, 0)."""
    return max(x, 0)


def sign(x: Real) -> int:
    """-1, 0 or 1."""
    return (x > 0) - (x < 0)


def mean(values: tuple[Real, ...]) -> Real:
    """The arithmetic mean, exact."""
    return Fraction(1, len(values)) * sum(values)


def median(values: tuple[Real, ...]) -> Real:
    """The middle value, or the mean of the two middle ones."""
    ordered, half = sorted(values), len(values) // 2
    return (
        ordered[half] if len(values) % 2 else Fraction(1, 2) * (ordered[half - 1] + ordered[half])
    )


def dot(a: tuple[Real, ...], b: tuple[Real, ...]) -> Real:
    """The inner product of two vectors of one length."""
    return sum((x * y for x, y in zip(a, b, strict=True)), start=0)


def transpose(matrix: tuple[tuple[Value, ...], ...]) -> tuple[tuple[Value, ...], ...]:
    """Rows become columns."""
    return tuple(zip(*matrix, strict=True))


def matmul(a: tuple[tuple[Real, ...], ...], b: tuple[tuple[Real, ...], ...]) -> Value:
    """The matrix product of (n, k) and (k, m)."""
    return tuple(tuple(dot(row, column) for column in transpose(b)) for row in a)


def count(values: tuple[Value, ...], value: Value) -> int:
    """How often the value stands in the list."""
    return values.count(value)


def distinct(values: tuple[Value, ...]) -> bool:
    """Whether no two items are equal."""
    return all(v not in values[:i] for i, v in enumerate(values))


def indices(stop: int) -> tuple[int, ...]:
    """0, 1, ..., stop - 1."""
    if not 0 <= stop <= 10_000:
        raise ValueError(f"cannot count to {stop}")
    return tuple(range(stop))


def argmax(values: tuple[Real, ...]) -> int:
    """The position (from 0) of the first largest value."""
    return values.index(max(values))


def product(values: tuple[Real, ...]) -> Real:
    """The product of all items."""
    return math.prod(values)


def ordered(values: tuple[Real, ...]) -> tuple[Real, ...]:
    """The items in ascending order."""
    return tuple(sorted(values))


def total(values: tuple[Real, ...]) -> Real:
    """The sum of all items."""
    return sum(values, start=0)


PLAIN: Mapping[str, Function] = {
    "abs": abs,
    "min": min,
    "max": max,
    "sum": total,
    "product": product,
    "len": len,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": sqrt,
    "exp": exp,
    "ln": ln,
    "log2": log2,
    "log10": log10,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "sign": sign,
    "mean": mean,
    "median": median,
    "dot": dot,
    "transpose": transpose,
    "matmul": matmul,
    "count": count,
    "distinct": distinct,
    "indices": indices,
    "argmax": argmax,
    "sorted": ordered,
    "gcd": math.gcd,
}
