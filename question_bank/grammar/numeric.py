"""Evaluates a student's formula at a point, in high precision, and compares two formulas at many points.

Forty digits, and a hundred where those leave a doubt, so that cancellation cannot make equal formulas look different
or different ones equal. Values are bounded before each costly step: a tower of powers is refused at once. So is the work
of one comparison; what is not decided within it is unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from mpmath import MPContext

from question_bank.grammar.answer_words import CONSTANTS, FUNCTIONS, PIECEWISE
from question_bank.grammar.nodes import (
    Binary,
    Call,
    Name,
    Negated,
    Node,
    Number,
    calls_in,
    holds_decimals,
)

__all__ = ["CONSTANTS", "FUNCTIONS", "Agreement", "TooLarge", "Undefined", "agreement", "value_at"]

DIGITS, FINE_DIGITS = 40, 100
# A formula without branches is analytic: where two differ at all, they differ at almost every point.
POINTS, BRANCHED_POINTS = 6, 32
# Beyond this magnitude (10^200) nothing is computed: no honest answer of the course gets there.
MAX_LOG = 460

# Relative differences: below SAME they are rounding; above CLEAR (and not shrinking with more digits) they are real.
SAME, CLEAR = 1e-28, 1e-12
# What an answer in decimals may lose by rounding.
ROUNDED = 0.005


def _context(digits: int) -> Any:
    context = MPContext()
    context.dps = digits
    return context


# Contexts of our own: mpmath's shared one could be set to other digits by someone else.
_MP, _FINE = _context(DIGITS), _context(FINE_DIGITS)

Agreement = Literal["equal", "different", "rounded", "unknown"]


class Undefined(Exception):
    """The formula has no real value at this point."""


class TooLarge(Undefined):
    """The formula has a value there that we do not compute."""


class TooLong(TooLarge):
    """The work that a comparison may take is used up."""


@dataclass
class Meter:
    """What a comparison may still cost; one unit is a sum of two numbers, about a microsecond."""

    left: int = 10_000

    def spend(self, units: int) -> None:
        """Raises TooLong when nothing is left."""
        self.left -= units
        if self.left < 0:
            raise TooLong("too long")


# What other operations cost in these units, and how many times as much the finer digits cost.
FUNCTION_COST, POWER_COST, ROOT_COST, FINE_COST = 10, 3, 20, 3


def value_at(node: Node, point: Mapping[str, Any], meter: Meter | None = None) -> Any:
    """The value of a formula at a point, as an mpf of 40 digits. Raises Undefined outside its domain."""
    exact = {name: _MP.mpf(value) for name, value in point.items()}
    return _value(node, exact, _MP, meter or Meter())


def agreement(a: Node, b: Node, domains: Mapping[str, tuple[float, float]]) -> Agreement:
    """Whether the answer `a` agrees with `b` at pseudo-random points of the box of domains.

    One clear difference settles it. Where no point could be compared, or the answer has no value at some of
    them and agrees at the others, it is unknown. `rounded`: it holds decimals, and differs nowhere by more than
    their rounding.
    """
    branched = any(call.function in PIECEWISE for node in (a, b) for call in calls_in(node))
    count = (BRANCHED_POINTS if branched else POINTS) if domains else 1
    agreed = missed = close = undefined = 0
    meter = Meter()
    for index in range(count):
        left, right = (_at(node, domains, index, _MP, meter) for node in (a, b))
        if meter.left < 0:
            missed += count - index
            break
        if isinstance(left, TooLarge) or isinstance(right, Undefined):
            missed += 1
        elif isinstance(left, Undefined):
            undefined += 1
        else:
            verdict = _compare(left, right, (a, b), domains, index, meter)
            if verdict == "unknown":
                missed += 1
            elif verdict == "rounded" and holds_decimals(a):
                close += 1
            elif verdict == "equal":
                agreed += 1
            else:
                return "different"
    if agreed == count:
        return "equal"
    if close and not (missed or undefined):
        return "rounded"
    if undefined and not (agreed or close or missed):
        return "different"
    return "equal" if agreed >= max(1, count // 3) and not (undefined or close) else "unknown"


def _compare(
    left: Any,
    right: Any,
    formulas: tuple[Node, Node],
    domains: Mapping[str, tuple[float, float]],
    index: int,
    meter: Meter,
) -> Agreement:
    difference = _relative(left, right)
    if difference <= SAME:
        return "equal"
    if difference <= CLEAR:
        # Either much was cancelled, or they really differ by very little: more digits tell.
        fine_left, fine_right = (_at(node, domains, index, _FINE, meter) for node in formulas)
        if isinstance(fine_left, Undefined) or isinstance(fine_right, Undefined):
            return "unknown"
        fine = _relative(fine_left, fine_right)
        return "equal" if fine < difference * 1e-20 else "different"
    return "rounded" if difference <= ROUNDED else "different"


def _relative(left: Any, right: Any) -> Any:
    difference = abs(left - right)
    return difference / max(abs(left), abs(right)) if difference else difference


def _at(
    node: Node, domains: Mapping[str, tuple[float, float]], index: int, mp: Any, meter: Meter
) -> Any:
    """The value at a point, or the Undefined that tells why there is none."""
    try:
        return _value(node, _point(tuple(sorted(domains.items())), index, mp is _FINE), mp, meter)
    except Undefined as undefined:
        return undefined


@lru_cache(maxsize=1024)
def _point(
    domains: tuple[tuple[str, tuple[float, float]], ...], index: int, fine: bool
) -> Mapping[str, Any]:
    mp = _FINE if fine else _MP
    return {name: coordinate(name, low, high, index, mp) for name, (low, high) in domains}


def coordinate(name: str, low: float, high: float, index: int, mp: Any = _MP) -> Any:
    """A number of [low, high] that depends on nothing but the name and the index."""
    digest = hashlib.sha256(f"{name}:{index}".encode()).digest()
    share = mp.mpf(int.from_bytes(digest[:16], "big")) / 2**128
    return mp.mpf(low) + (mp.mpf(high) - mp.mpf(low)) * share


def _value(node: Node, point: Mapping[str, Any], mp: Any, meter: Meter) -> Any:
    meter.spend(cost_of(node) * (FINE_COST if mp is _FINE else 1))
    match node:
        case Binary():
            left = _value(node.left, point, mp, meter)
            right = _value(node.right, point, mp, meter)
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
            return -_value(node.operand, point, mp, meter)
        case Call():
            arguments = [_value(argument, point, mp, meter) for argument in node.arguments]
            return function_value(node.function, arguments, mp)
    raise Undefined(type(node).__name__)


def cost_of(node: Node) -> int:
    """The units of one operation on numbers."""
    if isinstance(node, Call):
        return FUNCTION_COST
    if isinstance(node, Binary) and node.operator == "^":
        exponent = node.right
        whole = isinstance(exponent, Number) and exponent.value.denominator == 1
        return POWER_COST if whole else ROOT_COST
    return 1


def operation(operator: str, left: Any, right: Any, mp: Any = _MP) -> Any:
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


def function_value(name: str, arguments: Sequence[Any], mp: Any = _MP) -> Any:
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
        case "transpose" | "diag":
            return x
    return _activation(name, x, mp)


def _log(name: str, x: Any, mp: Any) -> Any:
    if x <= 0:
        raise Undefined("logarithm of a number that is not positive")
    base = {"log2": 2, "log10": 10}.get(name)
    return mp.log(x) if base is None else mp.log(x, base)


def _activation(name: str, x: Any, mp: Any) -> Any:
    match name:
        case "tanh":
            return mp.sign(x) if abs(x) > MAX_LOG else mp.tanh(x)
        case "tanh'":
            return mp.mpf(0) if abs(x) > MAX_LOG else 1 / mp.cosh(x) ** 2
        case "sigmoid" | "sigma" | "softplus'":
            return 1 / (1 + _exp(-x, mp)) if x > -MAX_LOG else mp.mpf(0)
        case "sigmoid'" | "sigma'":
            small = _exp(-abs(x), mp)
            return small / (1 + small) ** 2
        case "softplus":
            return mp.log(1 + _exp(x, mp)) if x < MAX_LOG else x
        case "relu":
            return max(x, mp.mpf(0))
        case "relu'":
            return mp.mpf(1 if x > 0 else 0)
    raise Undefined(name)


def _exp(x: Any, mp: Any) -> Any:
    if x > MAX_LOG:
        raise TooLarge("too large")
    return mp.mpf(0) if x < -2000 else mp.exp(x)


def _bounded(value: Any) -> Any:
    # The binary exponent says the magnitude without a logarithm: 2^665 is about 10^200.
    if value._mpf_[2] + value._mpf_[3] > 665:
        raise TooLarge("too large")
    return value
