"""What a formula of vectors and matrices means by its shapes: the ways to read it, each written out as a tree.

As typed, `*` and a product without a sign stand for whatever the shapes allow. In a tree that is written out, `@` is the
product of matrices, `.*` the product by entry, `*` scales by a number, `^` is a power of a matrix or of numbers and `.^`
one by entry; I has its size. Numbers are added to every entry, and a bias to every row or column; functions work entry
by entry. A vector of n entries is a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number, children

# Sizes that letters in shapes stand for: different letters get different sizes, so that a swapped order shows.
SIZES = (3, 2, 4, 5)

Shape = tuple[int, int]
SCALAR: Shape = (1, 1)
# The shape of I, and of what is built from it and numbers alone, until what stands beside it tells.
OPEN: Shape = (0, 0)
IDENTITY = "I"
_PRODUCTS = ("*", "@", ".*")
# Functions that are no functions of entries.
_WHOLE = frozenset({"transpose", "diag", "sum", "softmax", "outer", "dot", "identity"})


class ShapeFault(Exception):
    """Two shapes that do not fit together: which operation, and the column where it stands."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Way:
    """How a formula is read where shapes allow more than one way.

    `by_entry`: a written * of two square arrays is the product by entry, not that of matrices. `ones`: a number beside
    a square matrix is so many times I. `loose`: what does not fit as it is typed is taken as someone may have meant it:
    1/W as the inverse (`inverse`) or by entry, h x as the outer product. `inner`: dot of a column and a row is a number,
    as of two lists, not a matrix. `lying`: dot(h, W) is a row, and no column.
    """

    by_entry: bool = False
    ones: bool = False
    loose: bool = False
    inverse: bool = False
    inner: bool = False
    lying: bool = False


@dataclass(frozen=True)
class Sense:
    """One way to read a formula: its tree and its shape. A `remote` one counts only where no other is right."""

    node: Node
    shape: Shape
    remote: bool = False


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


def senses(node: Node, shapes: Mapping[str, Shape], wanted: Shape | None = None) -> list[Sense]:
    """The ways in which a formula can be meant, the usual one first. `wanted` is the size of I alone.

    Raises ShapeFault where no way fits.
    """
    usual = _Reader(shapes, Way())
    found = [Sense(*usual.whole(node, wanted))]
    # Where a star of the same answer can only be the product of matrices, so are the others.
    if (usual.stars or usual.turned) and not usual.plain:
        found += _other(node, shapes, Way(by_entry=True), wanted, remote=not usual.stars)
    if usual.ones:
        found += _other(node, shapes, Way(ones=True), wanted, remote=True)
    if usual.outer:
        found += _other(node, shapes, Way(inner=True), wanted, remote=False)
    if usual.flat:
        found += _other(node, shapes, Way(lying=True), wanted, remote=False)
    return list({sense.node: sense for sense in reversed(found)}.values())[::-1]


def loosely(node: Node, shapes: Mapping[str, Shape], wanted: Shape | None = None) -> list[Sense]:
    """What may have been meant by a formula whose shapes do not fit."""
    ways = (Way(loose=True), Way(loose=True, inverse=True), Way(by_entry=True, loose=True))
    return [sense for way in ways for sense in _other(node, shapes, way, wanted, remote=True)]


def _other(
    node: Node, shapes: Mapping[str, Shape], way: Way, wanted: Shape | None, remote: bool
) -> Iterator[Sense]:
    try:
        read, shape = _Reader(shapes, way).whole(node, wanted)
    except ShapeFault:
        return
    yield Sense(read, shape, remote)


class _Reader:
    """Writes a formula out in one way, and notes where there is another."""

    def __init__(self, shapes: Mapping[str, Shape], way: Way) -> None:
        self.shapes = shapes
        self.way = way
        # Whether a star was met between square arrays, one of them transposed or diagonal (`turned`) or not (`stars`), or
        # between arrays that only have a product of matrices (`plain`); a number beside a square array (`ones`); dot of a
        # column and a row (`outer`); and a vector to the left of a matrix in dot, which is flat in NumPy: neither row nor
        # column (`flat`).
        self.stars = self.turned = self.plain = self.ones = self.outer = self.flat = False

    def whole(self, node: Node, wanted: Shape | None) -> tuple[Node, Shape]:
        read, shape = self.read(node)
        if shape == OPEN and wanted is not None and wanted[0] == wanted[1]:
            return self.read(node, wanted[0])
        return read, shape

    def read(self, node: Node, size: int = 0) -> tuple[Node, Shape]:
        """The tree and its shape; `size` is that of I, where it is known."""
        match node:
            case Number():
                return node, SCALAR
            case Name():
                if node.name == IDENTITY and IDENTITY not in self.shapes:
                    return (_identity(size), (size, size)) if size else (node, OPEN)
                return node, self.shapes.get(node.name, SCALAR)
            case Negated():
                operand, shape = self.read(node.operand, size)
                return replace(node, operand=operand), shape
            case Call():
                return self.call(node, size)
            case Binary():
                return self.binary(node, size)
        raise ShapeFault("has no shape", node.at)

    def call(self, node: Call, size: int) -> tuple[Node, Shape]:
        read = [self.read(argument, size) for argument in node.arguments]
        below = [shape for _, shape in read]
        made = replace(node, arguments=tuple(argument for argument, _ in read))
        first = below[0]
        if node.function == "transpose":
            return (made.arguments[0] if first == OPEN else made), (first[1], first[0])
        if OPEN in below:
            raise ShapeFault("the size of I cannot be told", node.at)
        match node.function:
            case "sum":
                return made, SCALAR
            case "dot":
                return self.dot(node, read)
            case "diag" | "softmax" | "outer":
                if any(1 not in shape for shape in below):
                    raise ShapeFault(f"{node.function} takes vectors", node.at)
        match node.function:
            case "diag":
                return made, (max(first), max(first))
            case "softmax":
                return made, first
            case "outer":
                left, right = (_column(*one) for one in read)
                return Binary("@", left, _turned(right)), (max(first), max(below[1]))
        large = {shape for shape in below if shape != SCALAR}
        if len(large) > 1:
            raise ShapeFault(f"{node.function} takes arrays of one shape", node.at)
        return made, large.pop() if large else SCALAR

    def dot(self, node: Call, read: list[tuple[Node, Shape]]) -> tuple[Node, Shape]:
        """The inner product of vectors, and the product of matrices, as NumPy has it."""
        (left, left_shape), (right, right_shape) = read
        inner = 1 in left_shape and 1 in right_shape
        if left_shape[1] == right_shape[0] and not (inner and self.way.inner):
            self.outer |= inner and left_shape[1] == 1
            return Binary("@", left, right, node.at), (left_shape[0], right_shape[1])
        if inner:
            if max(left_shape) != max(right_shape):
                raise ShapeFault("dot takes vectors of one size", node.at)
            left, right = _column(left, left_shape), _column(right, right_shape)
            return Binary("@", _turned(left), right, node.at), SCALAR
        if left_shape[1] == 1 and left_shape[0] == right_shape[0]:
            self.flat = True
            if self.way.lying:
                return Binary("@", _turned(left), right, node.at), (1, right_shape[1])
            return Binary("@", _turned(right), left, node.at), (right_shape[1], 1)
        raise _unfit(Binary("@", left, right, node.at), left_shape, right_shape)

    def binary(self, node: Binary, size: int) -> tuple[Node, Shape]:
        left, left_shape = self.read(node.left, size)
        right, right_shape = self.read(node.right, size)
        if OPEN in (left_shape, right_shape):
            beside = self.size_beside(node.operator, left_shape, right_shape)
            if beside == 0:
                return replace(node, left=left, right=right), OPEN
            # What stands beside I gives it its size.
            if left_shape == OPEN:
                left, left_shape = self.read(node.left, beside)
            if right_shape == OPEN:
                right, right_shape = self.read(node.right, beside)
        made = self.combined(replace(node, left=left, right=right), left_shape, right_shape)
        if made is None:
            raise _unfit(node, left_shape, right_shape)
        return made

    def size_beside(self, operator: str, left: Shape, right: Shape) -> int:
        """The size of an I: 0 where it stays open."""
        other = right if left == OPEN else left
        if other in (OPEN, SCALAR):
            return 0
        if operator in _PRODUCTS and operator != ".*":
            return other[0] if left == OPEN else other[1]
        return max(other)

    def combined(self, node: Binary, left: Shape, right: Shape) -> tuple[Node, Shape] | None:
        match node.operator:
            case "+" | "-":
                return self.sum(node, left, right)
            case "/":
                return self.quotient(node, left, right)
            case "^":
                return self.power(node, left, right)
        kind = self.product_kind(node, left, right)
        if kind is None:
            return None
        if kind == "outer":
            return Binary("@", node.left, _turned(node.right), node.at), (left[0], right[0])
        operator = {"scale": "*", "matrix": "@", "entry": ".*"}[kind]
        shape = (left[0], right[1]) if kind == "matrix" else _larger(left, right)
        return replace(node, operator=operator), shape

    def product_kind(self, node: Binary, left: Shape, right: Shape) -> str | None:
        if SCALAR in (left, right):
            return "scale"
        by_entry = left == right or _goes_along(left, right)
        if node.operator == ".*":
            return "entry" if by_entry else None
        if left[1] == right[0]:
            if node.operator == "*" and left == right:
                # No one means the product by entry of a diagonal matrix, and hardly of a transposed one.
                turned = any(_is_turned(side) for side in (node.left, node.right))
                self.turned |= turned
                self.stars |= not turned
                return "entry" if self.way.by_entry else "matrix"
            self.plain |= node.operator == "*"
            return "matrix"
        # sigma'(z) W scales the rows of W, as diag(sigma'(z)) W does. A row behind W is no product: W h^T may mean W diag(h).
        if left == right or (left[1] == 1 and left[0] == right[0]):
            return "entry"
        if self.way.loose and right[0] == 1 and left[1] == right[1]:
            return "entry"
        return "outer" if self.way.loose and left[1] == right[1] == 1 else None

    def sum(self, node: Binary, left: Shape, right: Shape) -> tuple[Node, Shape] | None:
        if left == right or _goes_along(left, right):
            return node, _larger(left, right)
        if SCALAR not in (left, right):
            return None
        number, other = (node.left, node.right) if left == SCALAR else (node.right, node.left)
        shape = _larger(left, right)
        if shape[0] == shape[1] and not _is_zero(number):
            # 1 - diag(h^2): no one adds to the zeros of a diagonal matrix.
            diagonal = _is_diagonal(other)
            self.ones |= not diagonal
            if diagonal or self.way.ones:
                unit = _scaled_identity(number, shape[0])
                return (
                    replace(node, left=unit) if left == SCALAR else replace(node, right=unit)
                ), shape
        return node, shape

    def quotient(self, node: Binary, left: Shape, right: Shape) -> tuple[Node, Shape] | None:
        if right in (SCALAR, left) or (_goes_along(left, right) and left == _larger(left, right)):
            return node, left
        square = right[0] == right[1]
        if left == SCALAR and not square:
            return node, right
        if square and self.way.loose and left in (SCALAR, right):
            if not self.way.inverse:
                return node, right
            inverse = Binary("^", node.right, Negated(Number(Fraction(1))), node.at)
            return Binary("*" if left == SCALAR else "@", node.left, inverse, node.at), right
        return None

    def power(self, node: Binary, left: Shape, right: Shape) -> tuple[Node, Shape] | None:
        if right == SCALAR:
            # tanh(W)^2 is tanh^2(W): the square of each value.
            entries = isinstance(node.left, Call) and node.left.function not in _WHOLE
            square = left[0] == left[1] != 1
            return (replace(node, operator=".^") if square and entries else node), left
        if left == SCALAR or (self.way.loose and left == right):
            return replace(node, operator=".^"), right
        return None


def _unfit(node: Binary, left: Shape, right: Shape) -> ShapeFault:
    words = {"+": "added to", "-": "taken from", "/": "divided by", "^": "raised to"}
    how = words.get(node.operator, "multiplied by")
    first, second = (right, left) if node.operator == "-" else (left, right)
    return ShapeFault(f"{shown(first)} cannot be {how} {shown(second)}", node.at)


def shown(shape: Shape) -> str:
    """A shape in words."""
    if shape == OPEN:
        return "a multiple of I"
    if shape == SCALAR:
        return "a number"
    if shape[1] == 1:
        return f"a column of {shape[0]}"
    return f"a row of {shape[1]}" if shape[0] == 1 else f"a {shape[0]}x{shape[1]} matrix"


def _larger(a: Shape, b: Shape) -> Shape:
    return max(a[0], b[0]), max(a[1], b[1])


def _goes_along(a: Shape, b: Shape) -> bool:
    """A row of the other's width, or a column of its height, as the bias of a batch is."""
    return any(
        (row[0] == 1 and row[1] == other[1]) or (row[1] == 1 and row[0] == other[0])
        for row, other in ((a, b), (b, a))
    )


def _identity(size: int) -> Node:
    return Call("identity", (Number(Fraction(size)),))


def _scaled_identity(number: Node, size: int) -> Node:
    if isinstance(number, Number) and number.value == 1:
        return _identity(size)
    return Binary("*", number, _identity(size), number.at)


def _turned(node: Node) -> Node:
    return Call("transpose", (node,))


def _column(node: Node, shape: Shape) -> Node:
    return node if shape[1] == 1 else _turned(node)


def _is_zero(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 0


def _is_turned(node: Node) -> bool:
    """Transposed, inverted or diagonal."""
    if isinstance(node, Binary) and node.operator == "^" and isinstance(node.right, Negated):
        return True
    transposed = isinstance(node, Call) and node.function == "transpose"
    return transposed or _is_diagonal(node)


def _is_diagonal(node: Node) -> bool:
    """Whether a square matrix is built from diagonal ones alone."""
    match node:
        case Call():
            return node.function in ("diag", "identity") or (
                node.function == "transpose" and _is_diagonal(node.arguments[0])
            )
        case Binary(operator="+" | "-" | "@"):
            return all(_is_diagonal(side) for side in children(node))
        case Binary(operator="*" | ".*"):
            return any(_is_diagonal(side) for side in children(node))
        case Binary(operator="^" | "/"):
            return _is_diagonal(node.left)
        case Negated():
            return _is_diagonal(node.operand)
    return False
