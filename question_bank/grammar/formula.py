"""A formula with what its comparison has to know about it: its constants, its decimals, and where it may bend.

A formula that does not bend is analytic: where two such differ at all, they differ at almost every point. One that bends
may follow another for a while and then leave it: relu(z) and z, min(z, 5) and z, sqrt(z^2) and z.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice

from question_bank.grammar.answer_size import constants_in
from question_bank.grammar.answer_words import PIECEWISE
from question_bank.grammar.nodes import (
    Binary,
    Call,
    Name,
    Negated,
    Node,
    Number,
    children,
    names_in,
)
from question_bank.grammar.shapes import Shape

Domain = tuple[float, float]
# What a symbol takes that is only listed: positive values, or of both signs where the key bends.
USUAL: Domain = (0.3, 1.7)
SIGNED: Domain = (-1.7, 1.7)

# A formula with more places to bend is looked at near these alone.
MOST_BENDS = 8
# Constants with larger powers are not worked out to see whether they are whole.
MOST_POWER = 16
# A decimal with so many digits stands for the number that it rounds.
LONG = 13
# Functions that bend only where what stands in them turns round: sqrt(z^2), ln(z^2), arctan(1/z).
_TURNS = frozenset({"sqrt", "ln", "log", "log2", "log10", "arctan"})


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula as it is compared; with a shape, one of vectors and matrices that is written out (see `shapes`).

    One made of the same nodes is another one: what is known about a formula is kept with it.
    """

    node: Node
    shape: Shape | None = None

    @property
    def arrays(self) -> bool:
        """Whether its symbols are rows of numbers."""
        return self.shape is not None

    @cached_property
    def bends(self) -> tuple[Node, ...]:
        """The formulas at whose zeros this one may bend: z for relu(z), z - 5 for min(z, 5)."""
        return tuple(islice(_bends(self.node), MOST_BENDS))

    @cached_property
    def names(self) -> frozenset[str]:
        """The symbols in it."""
        return names_in(self.node)

    @cached_property
    def constants(self) -> tuple[float, ...]:
        """The rough magnitudes of its constants, largest first."""
        return constants_in(self.node)

    @cached_property
    def decimals(self) -> tuple[Number, ...]:
        """The numbers in it that were written with a point or a power of ten, and are not whole."""
        return tuple(_decimals(self.node))

    def moved(self, number: Number, by: Fraction) -> Formula:
        """The formula with another value in the place of one number."""
        return Formula(put(self.node, number, replace(number, value=number.value + by)), self.shape)


def digits_of(number: Number) -> int:
    """How many significant digits a decimal was written with, without zeros at its end."""
    return len(str(abs(number.value.numerator * 10 ** places(number) // number.value.denominator)))


def places(number: Number) -> int:
    """How many digits a decimal has behind the point."""
    rest, twos, fives = number.value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives)


def put(node: Node, old: Node, new: Node) -> Node:
    """The formula with another node in the place of one."""
    if node is old:
        return new
    match node:
        case Negated():
            return replace(node, operand=put(node.operand, old, new))
        case Binary():
            return replace(node, left=put(node.left, old, new), right=put(node.right, old, new))
        case Call():
            return replace(node, arguments=tuple(put(x, old, new) for x in node.arguments))
    return node


def _bends(node: Node) -> Iterator[Node]:
    match node:
        case Call(function="max" | "min"):
            for one, other in combinations(node.arguments, 2):
                yield Binary("-", one, other)
        case Call() if node.function in PIECEWISE:
            yield node.arguments[0]
        case Call() if node.function in _TURNS and not _plain(node.arguments[0]):
            yield node.arguments[0]
        case Binary(operator="^" | ".^") if not (_whole(node.right) or _plain(node.left)):
            yield node.left
    for child in children(node):
        yield from _bends(child)


def _plain(node: Node) -> bool:
    """Whether it is a sum of symbols and numbers: beyond its zero a root of it has no value."""
    match node:
        case Number() | Name():
            return True
        case Negated():
            return _plain(node.operand)
        case Binary(operator="+" | "-"):
            return _plain(node.left) and _plain(node.right)
        case Binary(operator="*" | "/"):
            scaled = _plain(node.left) and not names_in(node.right)
            return scaled or (
                node.operator == "*" and not names_in(node.left) and _plain(node.right)
            )
    return not names_in(node)


def _whole(node: Node) -> bool:
    """Whether a power is a whole number, however it is written: -1, 4/2, -1^-1."""
    number = _number(node)
    return number is not None and number.denominator == 1


def _number(node: Node) -> Fraction | None:
    """The exact value of a short constant; None for what is none."""
    match node:
        case Number():
            return node.value
        case Negated():
            value = _number(node.operand)
            return None if value is None else -value
        case Binary():
            left, right = _number(node.left), _number(node.right)
            return (
                None if left is None or right is None else _worked_out(node.operator, left, right)
            )
    return None


def _worked_out(operator: str, left: Fraction, right: Fraction) -> Fraction | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*" | "@" | ".*":
            return left * right
        case "/" if right:
            return left / right
        case "^" | ".^" if left and right.denominator == 1 and abs(right) <= MOST_POWER:
            return Fraction(left ** int(right))
    return None


def _decimals(node: Node) -> Iterator[Number]:
    if isinstance(node, Number) and node.decimal and node.value.denominator != 1:
        yield node
    for child in children(node):
        yield from _decimals(child)
