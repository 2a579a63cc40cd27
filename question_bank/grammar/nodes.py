"""The nodes of a parsed expression. Each remembers its column (from 1) for error messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Number:
    """A number, exact; `decimal` when it was written with a point or a power of ten."""

    value: Fraction
    decimal: bool = False
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Text:
    """A literal text in quotes."""

    value: str
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Truth:
    """true or false."""

    value: bool
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Name:
    """A variable."""

    name: str
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class ListOf:
    """A list, item by item."""

    items: tuple[Node, ...]
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Comprehension:
    """[item for name in source if condition]."""

    item: Node
    name: str
    source: Node
    condition: Node | None
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Negated:
    """A leading minus."""

    operand: Node
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Not:
    """A logical not."""

    operand: Node
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Binary:
    """Arithmetic: operator is one of + - * / // % ^ (`**` is read as ^)."""

    operator: str
    left: Node
    right: Node
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Compare:
    """A chain such as 0 < a <= b: one operator fewer than operands."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Logical:
    """operator is `and` or `or`."""

    operator: str
    operands: tuple[Node, ...]
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Choice:
    """then if condition else otherwise."""

    condition: Node
    then: Node
    otherwise: Node
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Call:
    """A function with plain and named arguments."""

    function: str
    arguments: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...] = ()
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Index:
    """sequence[index], from 0; from the end with a negative one."""

    sequence: Node
    index: Node
    at: int = field(default=1, compare=False)


Node = (
    Number
    | Text
    | Truth
    | Name
    | ListOf
    | Comprehension
    | Negated
    | Not
    | Binary
    | Compare
    | Logical
    | Choice
    | Call
    | Index
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Number() | Text() | Truth() | Name():
            return ()
        case ListOf():
            return node.items
        case Comprehension():
            tail = (node.condition,) if node.condition is not None else ()
            return (node.source, node.item, *tail)
        case Negated() | Not():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Compare() | Logical():
            return node.operands
        case Choice():
            return (node.condition, node.then, node.otherwise)
        case Call():
            return (*node.arguments, *(value for _, value in node.named))
        case Index():
            return (node.sequence, node.index)


def names_in(node: Node) -> frozenset[str]:
    """The free names: variables that the expression reads."""
    if isinstance(node, Name):
        return frozenset({node.name})
    if isinstance(node, Comprehension):
        inner = names_in(node.item) | (names_in(node.condition) if node.condition else frozenset())
        return names_in(node.source) | (inner - {node.name})
    return frozenset().union(*(names_in(child) for child in children(node)))


def calls_in(node: Node) -> tuple[Call, ...]:
    """Every function call, outermost first."""
    own = (node,) if isinstance(node, Call) else ()
    return own + tuple(call for child in children(node) for call in calls_in(child))


def holds_decimals(node: Node) -> bool:
    """Whether a number in it was written with a point or a power of ten."""
    own = isinstance(node, Number) and node.decimal and node.value.denominator != 1
    return own or any(holds_decimals(child) for child in children(node))
