"""Evaluates an author's expression to exact values: whole numbers and fractions stay exact, lists are tuples.

Only what is irrational (exp, ln, a root that is not whole) becomes a float. Every step is counted and every
result is bounded, so that a question file cannot hang or fill the memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
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
)

# bool, int, Fraction, float, str, or a tuple of values.
Value = Any
Function = Callable[..., Value]

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


def evaluate(
    node: Node,
    names: Mapping[str, Value],
    functions: Mapping[str, Function],
    watch: Callable[[str, Value, Value], None] | None = None,
) -> Value:
    """The value of the expression. Raises EvaluationError for unknown names, division by zero, and the like.

    `watch` is told of each arithmetic operation: operator, left, right.
    """
    return _Evaluation(functions, watch).value(node, names)


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


class _Evaluation:
    def __init__(
        self,
        functions: Mapping[str, Function],
        watch: Callable[[str, Value, Value], None] | None = None,
    ) -> None:
        self.functions = functions
        self.watch = watch
        self.steps = 0

    def value(self, node: Node, names: Mapping[str, Value]) -> Value:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise EvaluationError("takes too many steps", node.at)
        return _RULES[type(node)](self, node, names)

    def name(self, node: Name, names: Mapping[str, Value]) -> Value:
        if node.name not in names:
            hint = did_you_mean(node.name, names)
            raise EvaluationError(f'there is no value named "{node.name}"', node.at, hint)
        return names[node.name]

    def items(self, node: ListOf, names: Mapping[str, Value]) -> Value:
        return tuple([self.value(item, names) for item in node.items])

    def negated(self, node: Negated, names: Mapping[str, Value]) -> Value:
        return exact(-_number(self.value(node.operand, names), node))

    def opposite(self, node: Not, names: Mapping[str, Value]) -> bool:
        return not _truth(self.value(node.operand, names), node)

    def binary(self, node: Binary, names: Mapping[str, Value]) -> Value:
        left, right = self.value(node.left, names), self.value(node.right, names)
        if self.watch is not None:
            self.watch(node.operator, left, right)
        return arithmetic(node.operator, left, right, node)

    def choice(self, node: Choice, names: Mapping[str, Value]) -> Value:
        holds = _truth(self.value(node.condition, names), node)
        return self.value(node.then if holds else node.otherwise, names)

    def comprehension(self, node: Comprehension, names: Mapping[str, Value]) -> Value:
        source = self.value(node.source, names)
        if not isinstance(source, tuple):
            raise EvaluationError('"for" needs a list', node.at)
        items = []
        for item in source:
            inner = {**names, node.name: item}
            if node.condition is None or _truth(self.value(node.condition, inner), node):
                items.append(self.value(node.item, inner))
        return tuple(items)

    def comparison(self, node: Compare, names: Mapping[str, Value]) -> bool:
        values = [self.value(operand, names) for operand in node.operands]
        return all(
            _compare(operator, left, right, node)
            for operator, left, right in zip(node.operators, values, values[1:], strict=False)
        )

    def logical(self, node: Logical, names: Mapping[str, Value]) -> bool:
        values = (_truth(self.value(operand, names), node) for operand in node.operands)
        return all(values) if node.operator == "and" else any(values)

    def call(self, node: Call, names: Mapping[str, Value]) -> Value:
        function = self.functions.get(node.function)
        if function is None:
            hint = did_you_mean(node.function, self.functions)
            raise EvaluationError(f'there is no function "{node.function}"', node.at, hint)
        plain = [self.value(argument, names) for argument in node.arguments]
        named = {key: self.value(argument, names) for key, argument in node.named}
        try:
            result = function(*plain, **named)
        except EvaluationError as error:
            raise EvaluationError(f"{node.function}: {error.message}", node.at) from None
        except (ValueError, ZeroDivisionError, OverflowError, IndexError) as error:
            raise EvaluationError(f"{node.function}: {error}", node.at) from None
        except (TypeError, AttributeError, KeyError) as error:
            raise EvaluationError(
                f"{node.function}: does not take these arguments ({error})", node.at
            ) from None
        return _bounded(exact(result), node)

    def index(self, node: Index, names: Mapping[str, Value]) -> Value:
        sequence = self.value(node.sequence, names)
        # Finding a place in a list is no arithmetic that anyone would watch.
        watch, self.watch = self.watch, None
        index = self.value(node.index, names)
        self.watch = watch
        if not isinstance(sequence, (tuple, str)):
            raise EvaluationError("only a list has items", node.at)
        if not isinstance(index, int) or not -len(sequence) <= index < len(sequence):
            raise EvaluationError(f"the list has no item {index}", node.at)
        return sequence[index]


def _number_itself(_run: _Evaluation, node: Number, _names: Mapping[str, Value]) -> Value:
    return exact(node.value)


def _itself(_run: _Evaluation, node: Text | Truth, _names: Mapping[str, Value]) -> Value:
    return node.value


# A table, since a `match` asks a node for one class after another, millions of times in a check of the bank.
_RULES: Mapping[type, Callable[[_Evaluation, Any, Mapping[str, Value]], Value]] = {
    Number: _number_itself,
    Text: _itself,
    Truth: _itself,
    Name: _Evaluation.name,
    ListOf: _Evaluation.items,
    Comprehension: _Evaluation.comprehension,
    Negated: _Evaluation.negated,
    Not: _Evaluation.opposite,
    Binary: _Evaluation.binary,
    Compare: _Evaluation.comparison,
    Logical: _Evaluation.logical,
    Choice: _Evaluation.choice,
    Call: _Evaluation.call,
    Index: _Evaluation.index,
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
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


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
