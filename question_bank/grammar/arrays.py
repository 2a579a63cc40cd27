"""Formulas of vectors and matrices, compared at random arrays of the declared shapes.

`W @ h` (and W h, the sign left out) is the product of matrices, `.*` the product by entry. A written `*` is the one of
the two that the shapes allow; where they allow both it is read both ways. Numbers are added to every entry,
and a bias to every row or column; activations work entry by entry. A vector of n entries is a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from question_bank.grammar.answer_words import CONSTANTS
from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number, holds_decimals
from question_bank.grammar.numeric import (
    _MP,
    CLEAR,
    DIGITS,
    ROUNDED,
    Agreement,
    Meter,
    TooLarge,
    TooLong,
    Undefined,
    coordinate,
    cost_of,
    function_value,
    operation,
)

POINTS = 4
MAX_POWER = 12
NO_PIVOT = 1e-30
# Sizes that letters in shapes stand for: different letters get different sizes, so that a swapped order shows.
SIZES = (3, 2, 4, 5)

Shape = tuple[int, int]
Rows = tuple[tuple[Any, ...], ...]
SCALAR: Shape = (1, 1)


class ShapeFault(Exception):
    """Two shapes that do not fit together: which operation, and the column where it stands."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def sizes(shapes: Mapping[str, tuple[int | str, ...]]) -> dict[str, Shape]:
    """Rows and columns of each symbol; a letter is the same size wherever it stands."""
    letters: dict[str, int] = {}
    found: dict[str, Shape] = {}
    for name, shape in shapes.items():
        axes = []
        for axis in shape:
            letter = isinstance(axis, str)
            size = letters.setdefault(str(axis), SIZES[len(letters) % len(SIZES)]) if letter else 0
            axes.append(size or int(axis))
        found[name] = (axes[0] if axes else 1, axes[1] if len(axes) > 1 else 1)
    return found


def shape_of(node: Node, shapes: Mapping[str, Shape], by_entry: bool) -> Shape:
    """The shape of a formula; `*` of two square arrays is by entry or not. Raises ShapeFault."""
    match node:
        case Number():
            return SCALAR
        case Name():
            return shapes.get(node.name, SCALAR)
        case Negated():
            return shape_of(node.operand, shapes, by_entry)
        case Call():
            return _shape_of_call(node, shapes, by_entry)
        case Binary():
            left = shape_of(node.left, shapes, by_entry)
            right = shape_of(node.right, shapes, by_entry)
            return _combined(node, left, right, by_entry)
    raise ShapeFault("has no shape", node.at)


def _shape_of_call(node: Call, shapes: Mapping[str, Shape], by_entry: bool) -> Shape:
    below = [shape_of(argument, shapes, by_entry) for argument in node.arguments]
    first = below[0]
    if node.function == "transpose":
        return first[1], first[0]
    if node.function == "diag":
        if 1 not in first:
            raise ShapeFault("diag takes a vector", node.at)
        return max(first), max(first)
    large = {shape for shape in below if shape != SCALAR}
    if len(large) > 1:
        raise ShapeFault(f"{node.function} takes arrays of one shape", node.at)
    return large.pop() if large else SCALAR


def product_kind(operator: str, left: Shape, right: Shape, by_entry: bool) -> str | None:
    """How two arrays are multiplied: scale, matrix, entry; None where the shapes do not fit."""
    if SCALAR in (left, right):
        return "scale"
    matrix = left[1] == right[0]
    # sigma'(z) W scales the rows of W, as diag(sigma'(z)) W does; W r^T its columns.
    scales = (left[1] == 1 and left[0] == right[0]) or (right[0] == 1 and left[1] == right[1])
    if operator == ".*":
        return "entry" if left == right or _goes_along(left, right) else None
    if matrix and not (operator == "*" and by_entry and left == right):
        return "matrix"
    return "entry" if left == right or scales else None


def _combined(node: Binary, left: Shape, right: Shape, by_entry: bool) -> Shape:
    match node.operator:
        case "+" | "-":
            if SCALAR in (left, right) or left == right or _goes_along(left, right):
                return max(left[0], right[0]), max(left[1], right[1])
        case "*" | "@" | ".*":
            kind = product_kind(node.operator, left, right, by_entry)
            if kind is not None:
                both = max(left[0], right[0]), max(left[1], right[1])
                return (left[0], right[1]) if kind == "matrix" else both
        case "/":
            if right in (SCALAR, left):
                return left
        case "^":
            if right == SCALAR:
                return left
    words = {"+": "added to", "-": "taken from", "/": "divided by", "^": "raised to"}
    how = words.get(node.operator, "multiplied by")
    message = f"{_shown(left)} cannot be {how} {_shown(right)}"
    raise ShapeFault(message, node.at)


def _goes_along(a: Shape, b: Shape) -> bool:
    """A row of the other's width, or a column of its height, as the bias of a batch is."""
    return any(
        (row[0] == 1 and row[1] == other[1]) or (row[1] == 1 and row[0] == other[0])
        for row, other in ((a, b), (b, a))
    )


def _shown(shape: Shape) -> str:
    if shape == SCALAR:
        return "a number"
    if shape[1] == 1:
        return f"a column of {shape[0]}"
    return f"a row of {shape[1]}" if shape[0] == 1 else f"{shape[0]}x{shape[1]}"


def agreement(
    a: Node,
    b: Node,
    domains: Mapping[str, tuple[float, float]],
    shapes: Mapping[str, Shape],
    by_entry: bool,
) -> Agreement:
    """Whether two formulas agree at random arrays; a vector may be given as a row or a column only as the key is.

    Raises ShapeFault where the shapes of `a` do not fit.
    """
    if shape_of(a, shapes, by_entry) != shape_of(b, shapes, False):
        return "different"
    compared = rounded = missed = undefined = 0
    meter = Meter()
    decimals = holds_decimals(a)
    for index in range(POINTS):
        point = {
            name: _array(name, shapes.get(name, SCALAR), domain, index)
            for name, domain in domains.items()
        }
        try:
            right = _rows(b, point, False, meter)
        except Undefined:
            missed += 1
            continue
        try:
            left = _rows(a, point, by_entry, meter)
        except TooLong:
            return "unknown"
        except TooLarge:
            missed += 1
            continue
        except Undefined:
            undefined += 1
            continue
        difference = _distance(left, right)
        if difference > (ROUNDED if decimals else CLEAR):
            return "different"
        if difference > _MP.mpf(10) ** (-DIGITS // 2):
            rounded += difference > CLEAR
            missed += difference <= CLEAR
        compared += 1
    if undefined and not (compared or missed):
        return "different"
    if missed or undefined or not compared:
        return "unknown"
    return "rounded" if rounded else "equal"


def _distance(left: Rows, right: Rows) -> Any:
    pairs = [
        (x, y)
        for row, other in zip(left, right, strict=True)
        for x, y in zip(row, other, strict=True)
    ]
    largest = max(max(abs(x), abs(y)) for x, y in pairs)
    return max(abs(x - y) for x, y in pairs) / largest if largest else _MP.mpf(0)


def _array(name: str, shape: Shape, domain: tuple[float, float], index: int) -> Rows:
    if shape == SCALAR:
        return ((coordinate(name, *domain, index),),)
    return tuple(
        tuple(coordinate(f"{name}[{i},{j}]", *domain, index) for j in range(shape[1]))
        for i in range(shape[0])
    )


def _rows(node: Node, point: Mapping[str, Rows], by_entry: bool, meter: Meter) -> Rows:
    match node:
        case Number():
            return ((_MP.mpf(node.value.numerator) / node.value.denominator,),)
        case Name():
            if node.name in point:
                return point[node.name]
            if node.name in CONSTANTS:
                return ((+(_MP.e if node.name == "e" else _MP.pi),),)
        case Negated():
            rows = _rows(node.operand, point, by_entry, meter)
            return tuple(tuple(-x for x in row) for row in rows)
        case Binary():
            left = _rows(node.left, point, by_entry, meter)
            right = _rows(node.right, point, by_entry, meter)
            return _binary(node, left, right, by_entry, meter)
        case Call():
            arguments = [_rows(x, point, by_entry, meter) for x in node.arguments]
            return _call(node, arguments, meter)
    raise Undefined(type(node).__name__)


def _binary(node: Binary, left: Rows, right: Rows, by_entry: bool, meter: Meter) -> Rows:
    operator = node.operator
    if operator in ("*", "@", ".*"):
        kind = product_kind(operator, _shape(left), _shape(right), by_entry)
        if kind == "matrix":
            return _product(left, right, meter)
    if operator == "^" and _shape(left) != SCALAR and len(left) == len(left[0]):
        return _matrix_power(left, right[0][0], meter)
    meter.spend(cost_of(node) * max(map(_count, (left, right))))
    return _entrywise([left, right], lambda values: operation(operator, values[0], values[1]))


def _call(node: Call, arguments: list[Rows], meter: Meter) -> Rows:
    function = node.function
    if function == "transpose":
        return tuple(zip(*arguments[0], strict=True))
    if function == "diag":
        flat = [x for row in arguments[0] for x in row]
        return tuple(
            tuple(x if i == j else _MP.mpf(0) for j in range(len(flat))) for i, x in enumerate(flat)
        )
    meter.spend(cost_of(node) * max(map(_count, arguments)))
    return _entrywise(arguments, lambda values: function_value(function, values))


def _count(rows: Rows) -> int:
    return len(rows) * len(rows[0])


def _shape(rows: Rows) -> Shape:
    return len(rows), len(rows[0])


def _entrywise(arrays: list[Rows], work: Any) -> Rows:
    rows, columns = max(len(a) for a in arrays), max(len(a[0]) for a in arrays)
    return tuple(
        tuple(
            work([a[min(i, len(a) - 1)][min(j, len(a[0]) - 1)] for a in arrays])
            for j in range(columns)
        )
        for i in range(rows)
    )


def _product(left: Rows, right: Rows, meter: Meter) -> Rows:
    meter.spend(_count(left) * len(right[0]))
    columns = tuple(zip(*right, strict=True))
    return tuple(
        tuple(operation("*", _MP.fdot(row, column), _MP.mpf(1)) for column in columns)
        for row in left
    )


def _matrix_power(matrix: Rows, exponent: Any, meter: Meter) -> Rows:
    if exponent != int(exponent) or abs(exponent) > MAX_POWER:
        raise TooLarge("a power of a matrix that is not whole, or too large")
    power = abs(int(exponent))
    square = _inverse(matrix, meter) if exponent < 0 else matrix
    result = _identity(len(matrix))
    while power:
        if power % 2:
            result = _product(result, square, meter)
        power //= 2
        square = _product(square, square, meter) if power else square
    return result


def _identity(n: int) -> Rows:
    return tuple(tuple(_MP.mpf(i == j) for j in range(n)) for i in range(n))


def _inverse(matrix: Rows, meter: Meter) -> Rows:
    """Gauss and Jordan, with the largest pivot of each column. Raises Undefined where there is no inverse."""
    n = len(matrix)
    meter.spend(4 * n**3)
    rows = [[*row, *unit] for row, unit in zip(matrix, _identity(n), strict=True)]
    largest = max(abs(x) for row in matrix for x in row)
    for column in range(n):
        pivot = max(range(column, n), key=lambda row: abs(rows[row][column]))
        # What rounding leaves of a zero is no pivot.
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
