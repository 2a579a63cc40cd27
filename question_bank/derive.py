"""From parameters to derived values: the `let` lines in order, with some of them overridden.

An override is how a mistake works (a wrong step in place of the right one) and how an error is carried forward
(the student's own value in place of the right one): everything below it follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from question_bank.diagnostics import InputError
from question_bank.grammar.exact import EvaluationError, Expression, Function, Value
from question_bank.grammar.functions import PLAIN
from question_bank.grammar.nodes import Node, names_in
from question_bank.grammar.syntax import GrammarError, parse_author

if TYPE_CHECKING:
    from question_bank.schema import Mistake, Question

Override = Callable[[Mapping[str, Value]], Value]


@lru_cache(maxsize=1)
def functions() -> Mapping[str, Function]:
    """What an author's expression may call: plain functions and the solvers."""
    from question_bank.solvers import solvers

    return {**PLAIN, **{name: solver.function for name, solver in solvers().items()}}


@lru_cache(maxsize=8192)
def parsed(expression: str) -> Node:
    """The nodes of an author's expression. Raises GrammarError."""
    return parse_author(expression)


@lru_cache(maxsize=8192)
def compiled(expression: str) -> Expression:
    """An author's expression, ready to be evaluated. Raises GrammarError."""
    return Expression(parsed(expression))


def value_of(expression: str, names: Mapping[str, Value]) -> Value:
    """The value of an author's expression. Raises EvaluationError or GrammarError."""
    return compiled(expression).value(names, functions())


@lru_cache(maxsize=8192)
def names_read(expression: str) -> frozenset[str]:
    """The values that an author's expression reads. Raises GrammarError."""
    return names_in(parsed(expression))


def derive_changed(
    right: Mapping[str, Value], let: Mapping[str, str], overrides: Mapping[str, Override]
) -> dict[str, Value]:
    """`derive` with overrides, from the values without them: what no override reaches is not worked out again."""
    values: dict[str, Value] = {}
    changed: set[str] = set()
    for name, value in right.items():
        values[name] = value
        if name in let and not changed.isdisjoint(names_read(let[name])):
            values[name] = _line(name, let[name], values)
        if name in overrides:
            values[name] = overrides[name](values)
        if values[name] is not value:
            changed.add(name)
    return values


def values_under(
    question: Question, values: Mapping[str, Value], mistake: Mistake
) -> dict[str, Value]:
    """All values with the mistake made, from the right ones."""
    overrides = {name: by_expression(expression) for name, expression in mistake.set.items()}
    return derive_changed(values, question.let, overrides)


def derive(
    parameters: Mapping[str, Value],
    let: Mapping[str, str],
    overrides: Mapping[str, Override] | None = None,
    after: Callable[[str, Mapping[str, Value]], None] | None = None,
) -> dict[str, Value]:
    """Parameters and `let` values, in order.

    An override of a name is called with all values so far, the name's own right value among them. `after` is
    called once each value is there.
    """
    overrides = overrides or {}
    values: dict[str, Value] = {}
    for name, value in parameters.items():
        values[name] = value
        _finish(name, values, overrides, after)
    for name, expression in let.items():
        values[name] = _line(name, expression, values)
        _finish(name, values, overrides, after)
    return values


def _line(name: str, expression: str, values: Mapping[str, Value]) -> Value:
    try:
        return value_of(expression, values)
    except EvaluationError as error:
        raise EvaluationError(f"let {name}: {error.message}", error.column, error.hint) from None


def _finish(
    name: str,
    values: dict[str, Value],
    overrides: Mapping[str, Override],
    after: Callable[[str, Mapping[str, Value]], None] | None,
) -> None:
    if name in overrides:
        values[name] = overrides[name](values)
    if after is not None:
        after(name, values)


def by_expression(expression: str) -> Override:
    """An override that evaluates an expression over the values so far."""
    return lambda values: value_of(expression, values)


def by_value(value: Value) -> Override:
    """An override by a fixed value: an earlier answer carried forward."""
    return lambda _values: value


Failure = (EvaluationError, GrammarError, InputError)
