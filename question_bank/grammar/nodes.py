"""The nodes of a parsed expression. Each remembers its column (from 1) for error messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Union


@dataclass(frozen=True)
class Number:
    value: Fraction
    decimal: bool = False
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Text:
    value: str
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Truth:
    value: bool
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Name:
    name: str
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class ListOf:
    items: tuple[Node, ...]
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Comprehension:
    item: Node
    name: str
    source: Node
    condition: Node | None
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Negated:
    operand: Node
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Not:
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
    condition: Node
    then: Node
    otherwise: Node
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...] = ()
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Index:
    sequence: Node
    index: Node
    at: int = field(default=1, compare=False)


Node = Union[
    Number,
    Text,
    Truth,
    Name,
    ListOf,
    Comprehension,
    Negated,
    Not,
    Binary,
    Compare,
    Logical,
    Choice,
    Call,
    Index,
]


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
