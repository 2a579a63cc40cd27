"""The hand-work of a draw: how much arithmetic the way to its key takes on paper.

An exam allows no calculator, so two students whose numbers differ should have the same work. Every operation
of the `let` lines between what the paper shows and what it asks for is counted, inside the closed forms too,
with the digits that it moves: 7 x 8 is one multiplication of one digit by one; 0 x 8, 1 x 8 and x + 0 are none;
1/3 + 1/4 is worth two of them and the sum. It is a measure to compare the draws of one question with, not minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank.derive import compiled, functions, value_of
from question_bank.grammar.exact import EvaluationError, Value
from question_bank.needed import lines_of_work, names_needed
from question_bank.schema import Question

FLOAT_DIGITS = 3  # as many as one writes of an irrational number


@dataclass(frozen=True)
class Work:
    """`operations` that are not trivial, and the `digits` that they move."""

    operations: int
    digits: int


def question_work(question: Question, parameters: Mapping[str, Value]) -> Work:
    """The work of a draw, from what the paper shows to the answers. Raises EvaluationError where one has no value."""
    needed = names_needed(question)
    let = {name: line for name, line in question.let.items() if name in needed}
    return hand_work(parameters, let, lines_of_work(question))


def hand_work(
    parameters: Mapping[str, Value], let: Mapping[str, str], counted: Collection[str] | None = None
) -> Work:
    """The work of the `let` lines that are `counted` (default: all). Raises EvaluationError where one has no value."""
    tally = _Tally()
    counting = tally.watched_functions()
    values = dict(parameters)
    for name, expression in let.items():
        if counted is None or name in counted:
            values[name] = compiled(expression).value(values, counting, tally.add)
        else:
            values[name] = value_of(expression, values)
    return Work(tally.operations, tally.digits)


def work_of(expressions: Iterable[str], values: Mapping[str, Value]) -> Work:
    """The work of some expressions alone, where all that they read is there. Raises EvaluationError."""
    tally = _Tally()
    counting = tally.watched_functions()
    for expression in expressions:
        compiled(expression).value(values, counting, tally.add)
    return Work(tally.operations, tally.digits)


class _Tally:
    def __init__(self) -> None:
        self.operations = self.digits = 0

    def add(self, operator: str, left: Value, right: Value) -> None:
        cost = cost_of(operator, left, right)
        if cost:
            self.operations += 1
            self.digits += cost

    def watched_functions(self) -> dict[str, Callable[..., Value]]:
        return {name: self.watched(function) for name, function in functions().items()}

    def watched(self, function: Callable[..., Value]) -> Callable[..., Value]:
        """The function, given numbers that report each operation on them."""

        def call(*plain: Value, **named: Value) -> Value:
            before = self.operations, self.digits
            try:
                result = function(
                    *(self.number(v) for v in plain),
                    **{name: self.number(v) for name, v in named.items()},
                )
            except (TypeError, AttributeError, ValueError, EvaluationError):
                # A function that insists on plain numbers, or a real fault, which the plain call shows.
                self.operations, self.digits = before
                return function(*plain, **named)
            return _plain(result)

        return call

    def number(self, value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(self.number(item) for item in value)
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            return value
        if isinstance(value, int):
            return _whole(value, self)
        return _fraction(value, self)


def cost_of(operator: str, left: Value, right: Value) -> int:
    """Digits that one operation on two numbers moves; 0 for one that needs no work, or is on no numbers."""
    for value in (left, right):
        if isinstance(value, bool) or not isinstance(value, (int, Fraction, float)):
            return 0
    a, b = digits_of(left), digits_of(right)
    if operator in "+-":
        if 0 in (left, right):
            return 0
        if _denominator(left) == _denominator(right):
            return max(a, b)
        return a + b + max(a, b)
    if operator == "**":
        return 0 if right in (0, 1) or abs(left) in (0, 1) else a * a * int(min(abs(right), 8))
    if operator == "*":
        return 0 if left == 0 or right == 0 or 1 in (abs(left), abs(right)) else a * b
    return 0 if left == 0 or abs(right) == 1 else a * b


def digits_of(value: Fraction | float) -> int:
    """Digits that one writes: of a whole number without the zeros at its end; of a fraction both parts."""
    if isinstance(value, float):
        return FLOAT_DIGITS
    if value.denominator != 1:
        return digits_of(int(value.numerator)) + digits_of(int(value.denominator))
    return max(1, len(str(abs(int(value))).rstrip("0")))


def _denominator(value: Fraction | float) -> int:
    return int(value.denominator) if isinstance(value, Fraction) else 1


def _plain(value: Value) -> Value:
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    if isinstance(value, _Whole):
        return int(value)
    if isinstance(value, _Part):
        return Fraction(int(value.numerator), int(value.denominator))
    return value


class _Whole(int):
    """A whole number that reports what is done with it."""

    tally: _Tally


class _Part(Fraction):
    """A fraction that reports what is done with it."""

    __slots__ = ("tally",)
    tally: _Tally


def _whole(value: int, tally: _Tally) -> _Whole:
    number = _Whole(value)
    number.tally = tally
    return number


def _fraction(value: Fraction, tally: _Tally) -> _Part:
    number = _Part(value.numerator, value.denominator)
    number.tally = tally
    return number


def _reporting(operator: str, name: str, *, reflected: bool) -> Callable[[Any, Any], Any]:
    def operation(self: _Whole | _Part, other: Any) -> Any:
        mine, theirs = _plain(self), _plain(other)
        result = getattr(mine, name)(theirs)
        if result is NotImplemented:
            return NotImplemented
        left, right = (theirs, mine) if reflected else (mine, theirs)
        self.tally.add(operator, left, right)
        return self.tally.number(result)

    return operation


for _class in (_Whole, _Part):
    for _operator, _stem in (
        ("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "truediv"), ("//", "floordiv"),
        ("%", "mod"), ("**", "pow"),
    ):  # fmt: skip
        setattr(_class, f"__{_stem}__", _reporting(_operator, f"__{_stem}__", reflected=False))
        setattr(_class, f"__r{_stem}__", _reporting(_operator, f"__r{_stem}__", reflected=True))
    _class.__neg__ = lambda self: self.tally.number(-_plain(self))  # type: ignore[method-assign]
