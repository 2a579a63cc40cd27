"""Evaluates an author's expression to exact values: whole numbers and fractions stay exact, lists are tuples.

Only what is irrational (exp, ln, a root that is not whole) becomes a float. Every step is counted and every
result is bounded, so that a question file cannot hang or fill the memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import add, ge, gt, le, lt, mul, sub
from typing import Any

from question_bank.diagnostics import did_you_mean
from question_bank.grammar.nodes import (
    Binary,
    Call,
    Choice,
    Compare,
    Comprehension,
    Index,
    ListOf,
    Logical,
    Name,
    Negated,
    Node,
    Not,
    Number,
    Text,
    Truth,
    children,
)

# bool, int, Fraction, float, str, or a tuple of values.
Value = Any
Function = Callable[..., Value]
Watch = Callable[[str, Value, Value], None]

MAX_STEPS = 200_000
MAX_LENGTH = 20_000
MAX_BITS = 4_096


class EvaluationError(Exception):
    """The expression has no value: why, and at which column of it."""

    def __init__(self, message: str, column: int = 1, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.hint = hint


class Expression:
    """An expression made ready to be evaluated again and again, with other values: each node has become a function."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._rule = _rule(node)
        self._size = _size(node)

    def value(
        self,
        names: Mapping[str, Value],
        functions: Mapping[str, Function],
        watch: Watch | None = None,
    ) -> Value:
        """The value of the expression. Raises EvaluationError for unknown names, division by zero, and the like.

        `watch` is told of each arithmetic operation: operator, left, right.
        """
        run = _Run(functions, watch)
        run.step(self._size, self._node)
        return self._rule(names, run)


def exact(value: Value) -> Value:
    """A fraction with denominator 1 as a whole number; lists as tuples; everything else as it is."""
    kind = type(value)
    if kind is int or kind is float:
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value
    if isinstance(value, (list, tuple)):
        return tuple([exact(item) for item in value])
    return value


class _Run:
    """One evaluation: what may be called, who watches, and the steps taken so far."""

    def __init__(self, functions: Mapping[str, Function], watch: Watch | None) -> None:
        self.functions = functions
        self.watch = watch
        self.steps = 0

    def step(self, nodes: int, node: Node) -> None:
        self.steps += nodes
        if self.steps > MAX_STEPS:
            raise EvaluationError("takes too many steps", node.at)


Rule = Callable[[Mapping[str, Value], _Run], Value]


def _rule(node: Node) -> Rule:
    return _RULES[type(node)](node)


def _size(node: Node) -> int:
    """The steps of one evaluation, without repetitions."""
    return 1 + sum(_size(child) for child in children(node))


def _constant(node: Text | Truth) -> Rule:
    value = node.value
    return lambda _names, _run: value


def _number_itself(node: Number) -> Rule:
    value = exact(node.value)
    return lambda _names, _run: value


def _name(node: Name) -> Rule:
    name = node.name

    def value(names: Mapping[str, Value], _run: _Run) -> Value:
        try:
            return names[name]
        except KeyError:
            hint = did_you_mean(name, names)
            message = f'there is no value named "{name}"'
            raise EvaluationError(message, node.at, hint) from None

    return value


def _items(node: ListOf) -> Rule:
    rules = [_rule(item) for item in node.items]
    return lambda names, run: tuple([rule(names, run) for rule in rules])


def _negated(node: Negated) -> Rule:
    operand = _rule(node.operand)
    return lambda names, run: exact(-_number(operand(names, run), node))


def _not(node: Not) -> Rule:
    operand = _rule(node.operand)
    return lambda names, run: not _truth(operand(names, run), node)


def _binary(node: Binary) -> Rule:
    left, right, operator = _rule(node.left), _rule(node.right), node.operator
    on_whole_numbers = _ON_WHOLE_NUMBERS.get(operator)

    def value(names: Mapping[str, Value], run: _Run) -> Value:
        a, b = left(names, run), right(names, run)
        if run.watch is not None:
            run.watch(operator, a, b)
        if on_whole_numbers is not None and type(a) is int and type(b) is int:
            return _bounded(on_whole_numbers(a, b), node)
        return arithmetic(operator, a, b, node)

    return value


def _choice(node: Choice) -> Rule:
    condition, then, otherwise = _rule(node.condition), _rule(node.then), _rule(node.otherwise)

    def value(names: Mapping[str, Value], run: _Run) -> Value:
        return (then if _truth(condition(names, run), node) else otherwise)(names, run)

    return value


def _comprehension(node: Comprehension) -> Rule:
    source, item, name = _rule(node.source), _rule(node.item), node.name
    condition = None if node.condition is None else _rule(node.condition)
    size = _size(node.item) + (0 if node.condition is None else _size(node.condition))

    def value(names: Mapping[str, Value], run: _Run) -> Value:
        listed = source(names, run)
        if not isinstance(listed, tuple):
            raise EvaluationError('"for" needs a list', node.at)
        items = []
        inner = dict(names)
        for entry in listed:
            run.step(size, node)
            inner[name] = entry
            if condition is None or _truth(condition(inner, run), node):
                items.append(item(inner, run))
        return tuple(items)

    return value


def _comparison(node: Compare) -> Rule:
    operands = [_rule(operand) for operand in node.operands]
    operators = node.operators

    def value(names: Mapping[str, Value], run: _Run) -> bool:
        values = [operand(names, run) for operand in operands]
        for place, operator in enumerate(operators):
            if not _compare(operator, values[place], values[place + 1], node):
                return False
        return True

    return value


def _logical(node: Logical) -> Rule:
    operands = [_rule(operand) for operand in node.operands]
    decides = node.operator == "or"

    def value(names: Mapping[str, Value], run: _Run) -> bool:
        for operand in operands:
            if _truth(operand(names, run), node) is decides:
                return decides
        return not decides

    return value


def _call(node: Call) -> Rule:
    plain = [_rule(argument) for argument in node.arguments]
    named = {key: _rule(argument) for key, argument in node.named}

    def value(names: Mapping[str, Value], run: _Run) -> Value:
        function = run.functions.get(node.function)
        if function is None:
            hint = did_you_mean(node.function, run.functions)
            raise EvaluationError(f'there is no function "{node.function}"', node.at, hint)
        arguments = [rule(names, run) for rule in plain]
        options = {key: rule(names, run) for key, rule in named.items()}
        try:
            result = function(*arguments, **options)
        except EvaluationError as error:
            raise EvaluationError(f"{node.function}: {error.message}", node.at) from None
        except (ValueError, ZeroDivisionError, OverflowError, IndexError) as error:
            raise EvaluationError(f"{node.function}: {error}", node.at) from None
        except (TypeError, AttributeError, KeyError) as error:
            raise EvaluationError(
                f"{node.function}: does not take these arguments ({error})", node.at
            ) from None
        return _bounded(exact(result), node)

    return value


def _index(node: Index) -> Rule:
    sequence, index = _rule(node.sequence), _rule(node.index)

    def value(names: Mapping[str, Value], run: _Run) -> Value:
        listed = sequence(names, run)
        # Finding a place in a list is no arithmetic that anyone would watch.
        watch, run.watch = run.watch, None
        place = index(names, run)
        run.watch = watch
        if not isinstance(listed, (tuple, str)):
            raise EvaluationError("only a list has items", node.at)
        if not isinstance(place, int) or not -len(listed) <= place < len(listed):
            raise EvaluationError(f"the list has no item {place}", node.at)
        return listed[place]

    return value


_RULES: Mapping[type, Callable[[Any], Rule]] = {
    Number: _number_itself,
    Text: _constant,
    Truth: _constant,
    Name: _name,
    ListOf: _items,
    Comprehension: _comprehension,
    Negated: _negated,
    Not: _not,
    Binary: _binary,
    Compare: _comparison,
    Logical: _logical,
    Choice: _choice,
    Call: _call,
    Index: _index,
}

# What stays whole on whole numbers, and cannot fail: most of what is worked out.
_ON_WHOLE_NUMBERS: Mapping[str, Callable[[int, int], int]] = {
    "+": add,
    "-": sub,
    "*": mul,
}


def arithmetic(operator: str, left: Value, right: Value, node: Node) -> Value:
    """One operation on numbers, exact where it can be; + also joins lists and texts."""
    if operator == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        return _bounded(left + right, node)
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return _bounded(left + right, node)
    a, b = _number(left, node), _number(right, node)
    try:
        match operator:
            case "+":
                result: Value = a + b
            case "-":
                result = a - b
            case "*":
                result = a * b
            case "/":
                result = a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / b
            case "//":
                result = a // b
            case "%":
                result = a % b
            case _:
                result = _power(a, b, node)
    except ZeroDivisionError:
        raise EvaluationError("a division by zero", node.at) from None
    except OverflowError:
        raise EvaluationError("a number too large", node.at) from None
    return _bounded(exact(result), node)


def _power(base: Fraction | float, exponent: Fraction | float, node: Node) -> Value:
    if isinstance(exponent, int) and not isinstance(base, float):
        size = max(abs(Fraction(base).numerator), Fraction(base).denominator)
        if size.bit_length() * abs(exponent) > MAX_BITS:
            raise EvaluationError("a power too large", node.at)
        return Fraction(base) ** exponent
    if base < 0 and not (isinstance(exponent, int) or float(exponent).is_integer()):
        raise EvaluationError("a root of a negative number", node.at)
    result = float(base) ** float(exponent)
    if not isinstance(result, float):
        raise EvaluationError("a power that is not real", node.at)
    return result


def _number(value: Value, node: Node) -> int | Fraction | float:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Fraction, float)):
        kind = "a list" if isinstance(value, tuple) else f"{value!r}"
        raise EvaluationError(f"{kind} is no number", node.at)
    return value


def _truth(value: Value, node: Node) -> bool:
    if not isinstance(value, bool):
        raise EvaluationError(f"{value!r} is neither true nor false", node.at)
    return value


def _compare(operator: str, left: Value, right: Value, node: Node) -> bool:
    if operator == "==":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if operator == "in":
        if not isinstance(right, (tuple, str)):
            raise EvaluationError('"in" needs a list', node.at)
        return left in right
    if isinstance(left, tuple) or isinstance(right, tuple):
        raise EvaluationError("lists have no order", node.at)
    a, b = _number(left, node), _number(right, node)
    return _ORDERS[operator](a, b)


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def _bounded(value: Value, node: Node) -> Value:
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if value.bit_length() <= MAX_BITS:
            return value
        raise EvaluationError("a number too large", node.at)
    if isinstance(value, Fraction) and value.denominator.bit_length() > MAX_BITS:
        raise EvaluationError("a fraction too long", node.at)
    if isinstance(value, float) and not math.isfinite(value):
        raise EvaluationError("not a finite number", node.at)
    if isinstance(value, tuple) and len(value) > MAX_LENGTH:
        raise EvaluationError("a list too long", node.at)
    return value
