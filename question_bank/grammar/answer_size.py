"""How large a student's formula may be, and the constants in it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number, children
from question_bank.grammar.syntax import GrammarError

MAX_HEIGHT = 120
MAX_NODES = 400
# Constants beyond 10^200 are refused while they are read.
MAX_LOG = 200.0


def check_size(root: Node) -> None:
    """Raises GrammarError for trees too high or too large, and for constants that no one can mean."""
    order: list[tuple[Node, int]] = [(root, 1)]
    for node, height in order:
        if height > MAX_HEIGHT or len(order) > MAX_NODES:
            raise GrammarError("a formula too long", node.at, "shorten the formula")
        order += [(child, height + 1) for child in children(node)]
    constants: dict[int, float | None] = {}
    for node, _ in reversed(order):
        constants[id(node)] = _constant(node, constants)


def constants_in(root: Node) -> tuple[float, ...]:
    """The rough magnitudes of all constants in a formula, such as 1, 2, 3 and 3/2 of 1 + 3/2 x; largest first."""
    order = [root]
    for node in order:
        order += children(node)
    constants: dict[int, float | None] = {}
    for node in reversed(order):
        constants[id(node)] = _constant(node, constants)
    found = {abs(value) for value in constants.values() if value and math.isfinite(value)}
    return tuple(sorted(found, reverse=True))


def _constant(node: Node, known: Mapping[int, float | None]) -> float | None:
    """The rough value of a constant; None for what is none. Raises GrammarError for one too large."""
    below = [known[id(child)] for child in children(node)]
    values = [value for value in below if value is not None]
    if len(values) != len(below):
        return None
    match node:
        case Number():
            return float(node.value)
        case Name():
            return {"e": math.e, "pi": math.pi}.get(node.name)
        case Negated():
            return -values[0]
        case Binary(operator="^"):
            return _rough_power(values[0], values[1], node.at)
        case Binary():
            return _rough(node.operator, values[0], values[1])
        case Call(function="sqrt") if len(values) == 1:
            return math.sqrt(values[0]) if values[0] >= 0 else None
        case Call(function="exp") if len(values) == 1:
            return _rough_power(math.e, values[0], node.at)
    return None


def _rough(operator: str, left: float, right: float) -> float | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "/":
            return left / right if right else None
    return left * right


def _rough_power(base: float, exponent: float, at: int) -> float | None:
    if base == 0 or not math.isfinite(base):
        return None
    if exponent * math.log10(abs(base)) > MAX_LOG:
        raise GrammarError("a power too large", at, "no answer here has that many digits")
    try:
        value = base**exponent
    except (OverflowError, ZeroDivisionError):
        return None
    return value if isinstance(value, float) else None
