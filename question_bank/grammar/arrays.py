"""Evaluates a formula of vectors and matrices at a point, its shapes written out (see `shapes`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from question_bank.grammar.answer_words import CONSTANTS
from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number
from question_bank.grammar.numeric import (
    Meter,
    TooLarge,
    Undefined,
    cost_of,
    function_value,
    operation,
)

MAX_POWER = 12
# What rounding leaves of a zero is no pivot.
NO_PIVOT = 1e-30
# What the inverse of n rows costs for each n^3, where a product of matrices costs 1: numbers are divided and compared.
INVERSE_COST = 8

Rows = tuple[tuple[Any, ...], ...]


def rows_of(node: Node, point: Mapping[str, Rows], mp: Any, meter: Meter) -> Rows:
    """The value at a point, row by row; the point's numbers are of the context `mp`. Raises Undefined."""
    match node:
        case Number():
            return ((mp.mpf(node.value.numerator) / node.value.denominator,),)
        case Name():
            if node.name in point:
                return point[node.name]
            if node.name in CONSTANTS:
                return ((+(mp.e if node.name == "e" else mp.pi),),)
        case Negated():
            rows = rows_of(node.operand, point, mp, meter)
            return tuple(tuple(-x for x in row) for row in rows)
        case Binary():
            left = rows_of(node.left, point, mp, meter)
            right = rows_of(node.right, point, mp, meter)
            return _binary(node, left, right, mp, meter)
        case Call(function="identity", arguments=(Number(value=size),)):
            return _identity(int(size), mp)
        case Call():
            arguments = [rows_of(x, point, mp, meter) for x in node.arguments]
            return _call(node, arguments, mp, meter)
    raise Undefined(type(node).__name__)


def _binary(node: Binary, left: Rows, right: Rows, mp: Any, meter: Meter) -> Rows:
    operator = node.operator
    if operator == "@":
        return _product(left, right, mp, meter)
    if operator == "^" and len(left) == len(left[0]) != 1:
        return _matrix_power(left, right[0][0], mp, meter)
    meter.spend(cost_of(node) * max(map(_count, (left, right))))
    return _entrywise([left, right], lambda values: operation(operator, values[0], values[1], mp))


def _call(node: Call, arguments: Sequence[Rows], mp: Any, meter: Meter) -> Rows:
    function = node.function
    flat = [x for row in arguments[0] for x in row]
    meter.spend(cost_of(node) * max(map(_count, arguments)))
    match function:
        case "transpose":
            return tuple(zip(*arguments[0], strict=True))
        case "diag":
            zero = mp.mpf(0)
            return tuple(
                tuple(x if i == j else zero for j in range(len(flat))) for i, x in enumerate(flat)
            )
        case "sum":
            return ((mp.fsum(flat),),)
        case "softmax":
            largest = max(flat)
            powers = [function_value("exp", [x - largest], mp) for x in flat]
            total = mp.fsum(powers)
            shares = iter([power / total for power in powers])
            return tuple(tuple(next(shares) for _ in row) for row in arguments[0])
    return _entrywise(arguments, lambda values: function_value(function, values, mp))


def _count(rows: Rows) -> int:
    return len(rows) * len(rows[0])


def _entrywise(arrays: Sequence[Rows], work: Any) -> Rows:
    rows, columns = max(len(a) for a in arrays), max(len(a[0]) for a in arrays)
    return tuple(
        tuple(
            work([a[min(i, len(a) - 1)][min(j, len(a[0]) - 1)] for a in arrays])
            for j in range(columns)
        )
        for i in range(rows)
    )


def _product(left: Rows, right: Rows, mp: Any, meter: Meter) -> Rows:
    meter.spend(_count(left) * len(right[0]))
    columns = tuple(zip(*right, strict=True))
    return tuple(
        tuple(operation("*", mp.fdot(row, column), mp.mpf(1)) for column in columns) for row in left
    )


def _matrix_power(matrix: Rows, exponent: Any, mp: Any, meter: Meter) -> Rows:
    if exponent != int(exponent) or abs(exponent) > MAX_POWER:
        raise TooLarge("a power of a matrix that is not whole, or too large")
    power = abs(int(exponent))
    square = _inverse(matrix, mp, meter) if exponent < 0 else matrix
    result = _identity(len(matrix), mp)
    while power:
        if power % 2:
            result = _product(result, square, mp, meter)
        power //= 2
        square = _product(square, square, mp, meter) if power else square
    return result


def _identity(n: int, mp: Any) -> Rows:
    return tuple(tuple(mp.mpf(i == j) for j in range(n)) for i in range(n))


def _inverse(matrix: Rows, mp: Any, meter: Meter) -> Rows:
    """Gauss and Jordan, with the largest pivot of each column. Raises Undefined where there is no inverse."""
    n = len(matrix)
    meter.spend(INVERSE_COST * n**3)
    rows = [[*row, *unit] for row, unit in zip(matrix, _identity(n, mp), strict=True)]
    largest = max(abs(x) for row in matrix for x in row)
    for column in range(n):
        pivot = max(range(column, n), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) <= largest * NO_PIVOT:
            raise Undefined("a matrix without an inverse")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [x / head for x in rows[column]]
        for row in range(n):
            factor = rows[row][column]
            if row != column and factor:
                rows[row] = [x - factor * y for x, y in zip(rows[row], rows[column], strict=True)]
    return tuple(tuple(row[n:]) for row in rows)
