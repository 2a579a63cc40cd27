"""Evaluates a student's formula at a point, in high precision, and compares two formulas at many points.

mpmath carries 40 digits, so that cancellation cannot make equal formulas look different. Values are bounded
before each costly step: a tower of powers is refused at once instead of computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mpmath import mp, mpf

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number

DIGITS = 40
POINTS = 24
# Beyond this magnitude a value is treated as undefined: no honest answer of the course gets there.
LARGEST = mpf(10) ** 200

# How many arguments each function of a student's formula takes.
FUNCTIONS: Mapping[str, int] = {
    "exp": 1,
    "ln": 1,
    "log": 1,
    "log2": 1,
    "sqrt": 1,
    "sin": 1,
    "cos": 1,
    "tan": 1,
    "tanh": 1,
    "sigmoid": 1,
    "sigma": 1,
    "relu": 1,
    "abs": 1,
    "max": 2,
    "min": 2,
}
CONSTANTS = ("e", "pi")

Agreement = Literal["equal", "different", "unknown"]


class Undefined(Exception):
    """The formula has no real value at this point."""


def value_at(node: Node, point: Mapping[str, Any]) -> Any:
    """The value of a formula at a point, as an mpf. Raises Undefined outside its domain."""
    with mp.workdps(DIGITS):
        return _value(node, point)


def agreement(a: Node, b: Node, domains: Mapping[str, tuple[float, float]]) -> Agreement:
    """Whether two formulas agree at pseudo-random points of the box of domains.

    One clear difference settles it; agreement needs at least a third of the points to be defined for both.
    Where one is defined and the other is not they differ.
    """
    compared = 0
    with mp.workdps(DIGITS):
        for index in range(POINTS if domains else 1):
            point = _point(domains, index)
            left, right = _value_or_none(a, point), _value_or_none(b, point)
            if left is None and right is None:
                continue
            if left is None or right is None:
                return "different"
            compared += 1
            if abs(left - right) > mpf(10) ** (-DIGITS // 2) * max(1, abs(left), abs(right)):
                return "different"
    return "equal" if compared >= (POINTS // 3 if domains else 1) else "unknown"


def _point(domains: Mapping[str, tuple[float, float]], index: int) -> dict[str, Any]:
    point = {}
    for name, (low, high) in sorted(domains.items()):
        digest = hashlib.sha256(f"{name}:{index}".encode()).digest()
        share = mpf(int.from_bytes(digest[:16], "big")) / mpf(2) ** 128
        point[name] = mpf(low) + (mpf(high) - mpf(low)) * share
    return point


def _value_or_none(node: Node, point: Mapping[str, Any]) -> Any:
    try:
        return _value(node, point)
    except Undefined:
        return None


def _value(node: Node, point: Mapping[str, Any]) -> Any:
    match node:
        case Number():
            return mpf(node.value.numerator) / node.value.denominator
        case Name():
            if node.name in point:
                return point[node.name]
            if node.name in CONSTANTS:
                return +(mp.e if node.name == "e" else mp.pi)
            raise Undefined(node.name)
        case Negated():
            return -_value(node.operand, point)
        case Binary():
            return _bounded(_operation(node, point))
        case Call():
            arguments = [_value(argument, point) for argument in node.arguments]
            return _bounded(_function(node.function, arguments))
    raise Undefined(type(node).__name__)


def _operation(node: Binary, point: Mapping[str, Any]) -> Any:
    left, right = _value(node.left, point), _value(node.right, point)
    match node.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise Undefined("division by zero")
            return left / right
    return _power(left, right)


def _power(base: Any, exponent: Any) -> Any:
    if base == 0:
        if exponent < 0:
            raise Undefined("division by zero")
        return mpf(1) if exponent == 0 else mpf(0)
    whole = exponent == mp.floor(exponent)
    if base < 0 and not whole:
        raise Undefined("root of a negative number")
    if abs(exponent) * abs(mp.log(abs(base))) > 460:
        raise Undefined("too large")
    return mp.power(base, int(exponent) if whole else exponent)


def _function(name: str, arguments: Sequence[Any]) -> Any:
    x = arguments[0]
    match name:
        case "exp":
            return _exp(x)
        case "ln" | "log" | "log2":
            if x <= 0:
                raise Undefined("logarithm of a number that is not positive")
            return mp.log(x, 2) if name == "log2" else mp.log(x)
        case "sqrt":
            if x < 0:
                raise Undefined("root of a negative number")
            return mp.sqrt(x)
        case "sin" | "cos" | "tan":
            if abs(x) > 10**6:
                raise Undefined("too large")
            return getattr(mp, name)(x)
        case "tanh":
            return mp.sign(x) if abs(x) > 460 else mp.tanh(x)
        case "sigmoid" | "sigma":
            return 1 / (1 + _exp(-x)) if x > -460 else mpf(0)
        case "relu":
            return max(x, mpf(0))
        case "abs":
            return abs(x)
        case "max":
            return max(arguments)
        case "min":
            return min(arguments)
    raise Undefined(name)


def _exp(x: Any) -> Any:
    if x > 460:
        raise Undefined("too large")
    return mpf(0) if x < -2000 else mp.exp(x)


def _bounded(value: Any) -> Any:
    if abs(value) > LARGEST:
        raise Undefined("too large")
    return value
