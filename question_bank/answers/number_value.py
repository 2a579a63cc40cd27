"""The value of a number that was typed as a term: exact where it can be, else a float."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from question_bank.answers.base import Unreadable
from question_bank.grammar.answer_readings import check_arity
from question_bank.grammar.nodes import Binary, Call, Negated, Node, Number
from question_bank.grammar.syntax import GrammarError

# A number beyond this is no answer to any question of the course (about 300 digits: still a float).
MAX_BITS = 1000


def exact_value(node: Node) -> Fraction | None:
    """The value by exact arithmetic, or None where that is not possible. Raises Unreadable."""
    match node:
        case Number():
            return node.value
        case Negated():
            inner = exact_value(node.operand)
            return None if inner is None else -inner
        case Binary():
            left, right = exact_value(node.left), exact_value(node.right)
            if left is None or right is None:
                return None
            return _bounded(_operation(node.operator, Fraction(left), Fraction(right)))
        case Call(function="floor" | "ceil", arguments=(argument,)):
            inner = exact_value(argument)
            if inner is None:
                return None
            return Fraction(math.floor(inner) if node.function == "floor" else math.ceil(inner))
    return None


def _bounded(value: Fraction | None) -> Fraction | None:
    if value is not None and max(abs(value.numerator), value.denominator).bit_length() > MAX_BITS:
        raise Unreadable("a number with too many digits")
    return value


def _operation(operator: str, left: Fraction, right: Fraction) -> Fraction | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise Unreadable("a division by zero")
            return left / right
    if right.denominator != 1:
        return None
    size = max(abs(left.numerator), left.denominator).bit_length()
    if size * abs(right.numerator) > MAX_BITS:
        raise Unreadable("a number with too many digits")
    if left == 0 and right < 0:
        raise Unreadable("a division by zero")
    return left**right.numerator


def real_value(node: Node) -> float:
    """The value as a float. Raises Unreadable where there is none."""
    from question_bank.grammar.numeric import Undefined, value_at

    _arity(node)
    try:
        value: Any = float(value_at(node, {}))
    except Undefined as error:
        raise Unreadable(f"has no value ({error})") from None
    if not math.isfinite(value):
        raise Unreadable("is not a finite number")
    return float(value)


def _arity(node: Node) -> None:
    """Raises Unreadable where a function gets the wrong number of arguments."""
    try:
        check_arity(node)
    except GrammarError as error:
        raise Unreadable(str(error), error.hint) from None
