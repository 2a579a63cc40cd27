"""Evaluates a student's formula at a point, in high precision.

Values are bounded before each costly step: a tower of powers is refused at once. Where a function is so flat, or exp so
small, that it could not be seen beside other terms, it has no value here, so that no formula looks like another one for
want of digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mpmath import MPContext

from question_bank.grammar.answer_words import CONSTANTS
from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number

DIGITS, FINE_DIGITS = 40, 130
WHOLE = 1e-30
# Beyond 10^200 nothing is computed, nor an exp below 10^-100: no honest answer of the course gets there.
MAX_LOG, MIN_LOG = 460, -230


def _context(digits: int) -> Any:
    context = MPContext()
    context.dps = digits
    return context


# Contexts of our own: mpmath's shared one could be set to other digits by someone else.
COARSE, FINE = _context(DIGITS), _context(FINE_DIGITS)


class Undefined(Exception):
    """The formula has no real value at this point."""


class TooLarge(Undefined):
    """The formula has a value there that we do not compute."""


class TooLong(TooLarge):
    """The work that a comparison may take is used up."""


@dataclass
class Meter:
    """What may still be spent; one unit is a sum of two numbers, about a microsecond, at `rate` 1."""

    left: int = 10_000
    rate: int = 1

    def spend(self, units: int) -> None:
        """Raises TooLong when nothing is left."""
        self.left -= units * self.rate
        if self.left < 0:
            raise TooLong("too long")


# What other operations cost in these units, and how many times as much the finer digits cost.
FUNCTION_COST, POWER_COST, ROOT_COST, FINE_COST = 10, 3, 20, 4


def value_at(node: Node, point: Mapping[str, Any], meter: Meter | None = None) -> Any:
    """The value of a formula at a point, as an mpf of 40 digits. Raises Undefined outside its domain."""
    exact = {name: COARSE.mpf(value) for name, value in point.items()}
    return evaluated(node, exact, COARSE, meter or Meter())


def coordinate(name: str, low: float, high: float, index: int) -> Any:
    """A number of [low, high] that depends on nothing but the name and the index."""
    return COARSE.mpf(low) + (COARSE.mpf(high) - COARSE.mpf(low)) * _share(name, index)


@lru_cache(maxsize=16_384)
def _share(name: str, index: int) -> Any:
    digest = hashlib.sha256(f"{name}:{index}".encode()).digest()
    return COARSE.mpf(int.from_bytes(digest[:16], "big")) / 2**128


def evaluated(node: Node, point: Mapping[str, Any], mp: Any, meter: Meter) -> Any:
    """The value at a point whose numbers are of the context `mp`. Raises Undefined."""
    meter.spend(cost_of(node))
    match node:
        case Binary():
            left = evaluated(node.left, point, mp, meter)
            right = evaluated(node.right, point, mp, meter)
            return operation(node.operator, left, right, mp)
        case Name():
            if node.name in point:
                return point[node.name]
            if node.name in CONSTANTS:
                return +(mp.e if node.name == "e" else mp.pi)
            raise Undefined(node.name)
        case Number():
            value = node.value
            return mp.mpf(value.numerator) / value.denominator
        case Negated():
            return -evaluated(node.operand, point, mp, meter)
        case Call():
            arguments = [evaluated(argument, point, mp, meter) for argument in node.arguments]
            return function_value(node.function, arguments, mp)
    raise Undefined(type(node).__name__)


def cost_of(node: Node) -> int:
    """The units of one operation on numbers."""
    if isinstance(node, Call):
        return FUNCTION_COST
    if isinstance(node, Binary) and node.operator in ("^", ".^"):
        exponent = node.right
        whole = isinstance(exponent, Number) and exponent.value.denominator == 1
        return POWER_COST if whole else ROOT_COST
    return 1


def operation(operator: str, left: Any, right: Any, mp: Any = COARSE) -> Any:
    """One operation on two numbers. Raises Undefined."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*" | "@" | ".*":
            return _bounded(left * right)
        case "/":
            if right == 0:
                raise Undefined("division by zero")
            return _bounded(left / right)
    return _power(left, right, mp)


def _power(base: Any, exponent: Any, mp: Any) -> Any:
    if base == 0:
        if exponent < 0:
            raise Undefined("division by zero")
        return mp.mpf(1) if exponent == 0 else mp.mpf(0)
    if abs(exponent) > 10**30:
        raise TooLarge("too large")
    whole = exponent == mp.floor(exponent)
    if base < 0 and not whole:
        raise Undefined("root of a negative number")
    if abs(exponent) > 4 and abs(exponent) * abs(mp.log(abs(base))) > MAX_LOG:
        raise TooLarge("too large")
    return _bounded(mp.power(base, int(exponent) if whole else exponent))


def function_value(name: str, arguments: Sequence[Any], mp: Any = COARSE) -> Any:
    """A function at numbers. Raises Undefined outside its domain."""
    x = arguments[0]
    match name:
        case "exp" | "exp'":
            return _exp(x, mp)
        case "ln" | "log" | "log2" | "log10":
            return _log(name, x, mp)
        case "ln'":
            return operation("/", mp.mpf(1), x, mp)
        case "sqrt":
            if x < 0:
                raise Undefined("root of a negative number")
            return mp.sqrt(x)
        case "sin" | "cos" | "tan" | "sin'" | "cos'":
            if abs(x) > 10**6:
                raise TooLarge("too large")
            return (
                mp.cos(x)
                if name == "sin'"
                else -mp.sin(x)
                if name == "cos'"
                else getattr(mp, name)(x)
            )
        case "arctan":
            return mp.atan(x)
        case "sinh" | "cosh" | "sech":
            _exp(abs(x), mp)
            return getattr(mp, name)(x)
        case "max" | "min":
            return max(arguments) if name == "max" else min(arguments)
        case "abs":
            return abs(x)
        case "sign":
            return mp.sign(x)
        case "floor" | "ceil":
            return _step(name, x, mp)
        case "transpose" | "diag":
            return x
    return _activation(name, x, mp)


def _log(name: str, x: Any, mp: Any) -> Any:
    if x <= 0:
        raise Undefined("logarithm of a number that is not positive")
    base = {"log2": 2, "log10": 10}.get(name)
    return mp.log(x) if base is None else mp.log(x, base)


def _step(name: str, x: Any, mp: Any) -> Any:
    """The next whole number; what is one but for the last digits is that one: floor(log10(1000)) is 3."""
    whole = mp.nint(x)
    if abs(x - whole) <= WHOLE:
        return whole
    return mp.floor(x) if name == "floor" else mp.ceil(x)


def _activation(name: str, x: Any, mp: Any) -> Any:
    if abs(x) > _FLAT.get(name, MAX_LOG):
        # There the function is flat: a formula that is another one everywhere else would look the same.
        raise TooLarge("too large")
    match name:
        case "tanh":
            return mp.tanh(x)
        case "tanh'":
            return 1 / mp.cosh(x) ** 2
        case "sigmoid" | "sigma" | "softplus'":
            return 1 / (1 + mp.exp(-x))
        case "sigmoid'" | "sigma'":
            small = mp.exp(-abs(x))
            return small / (1 + small) ** 2
        case "softplus":
            return mp.log(1 + mp.exp(x))
        case "relu":
            return max(x, mp.mpf(0))
        case "relu'":
            return mp.mpf(1 if x > 0 else 0)
    raise Undefined(name)


_FLAT = {
    **dict.fromkeys(("tanh", "tanh'"), -MIN_LOG / 2),
    **dict.fromkeys(("sigmoid", "sigma", "softplus'", "sigmoid'", "sigma'", "softplus"), -MIN_LOG),
    **dict.fromkeys(("relu", "relu'"), float("inf")),
}


def _exp(x: Any, mp: Any) -> Any:
    if not MIN_LOG < x < MAX_LOG:
        raise TooLarge("too large, or too small")
    return mp.exp(x)


def _bounded(value: Any) -> Any:
    # The binary exponent says the magnitude without a logarithm: 2^665 is about 10^200.
    if value._mpf_[2] + value._mpf_[3] > 665:
        raise TooLarge("too large")
    return value
