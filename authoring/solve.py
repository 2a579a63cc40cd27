"""`question-bank solve`: a closed form called by name."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, get_type_hints

from authoring.bounds import TookTooLong, bounded_memory, bounded_time
from authoring.solve_arguments import fitted
from question_bank.derive import value_of
from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.grammar.exact import EvaluationError, Value, exact
from question_bank.grammar.syntax import GrammarError
from question_bank.solvers import Solver, solvers
from question_bank.text import plain

MOST_SECONDS = 0.9
# Of a whole number, or of either side of a fraction: what still fits on a screen.
MOST_BITS = 10_000
# Python's own words about lists that do not fit together.
_OF_PYTHON = re.compile(r"zip\(\)|unpack|empty|arg is|object|index|Exceeds")


def solve(name: str, assignments: list[str]) -> tuple[Any, str]:
    """The value of a closed form, as JSON data and as text. Raises InputError for impossible values."""
    solver = solvers().get(name)
    if solver is None:
        hint = did_you_mean(name, solvers()) or "`question-bank solve --list` shows them"
        raise bad_input("unknown-solver", f'there is no closed form "{name}"', hint=hint)
    usage = f"{name} {solver.signature}"
    arguments = _arguments(solver, assignments, usage)
    try:
        with bounded_memory(), bounded_time(MOST_SECONDS):
            value = _printable(exact(solver.function(**arguments)))
    except TookTooLong:
        raise bad_input("impossible", f"{name}: takes too long with these values") from None
    except ZeroDivisionError:
        raise bad_input("impossible", f"{name}: divides by zero with these values") from None
    except (OverflowError, MemoryError):
        raise bad_input("impossible", f"{name}: a number becomes too large") from None
    except (ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        if isinstance(error, ValueError) and not _OF_PYTHON.search(str(error)):
            raise bad_input("impossible", f"{name}: {error}") from None
        says = f"{name}: the lists do not fit together in their lengths or nesting"
        raise bad_input("bad-value", says, hint=usage) from None
    return _json(value), plain(value)


def _arguments(solver: Solver, assignments: list[str], usage: str) -> Mapping[str, Value]:
    known = inspect.signature(solver.function).parameters
    hints = get_type_hints(solver.function)
    arguments: dict[str, Value] = {}
    for assignment in assignments:
        key, sign, text = assignment.partition("=")
        if not sign:
            raise bad_input("bad-usage", f'"{assignment}" is not of the form key=value', hint=usage)
        if key not in known:
            hint = did_you_mean(key, known) or usage
            raise bad_input("unknown-argument", f'{solver.name} takes no "{key}"', hint=hint)
        if key in arguments:
            raise bad_input("bad-usage", f"{key} is given twice", hint=usage)
        try:
            arguments[key] = fitted(key, hints[key], _value(text, hints[key]))
        except (GrammarError, EvaluationError) as error:
            raise bad_input("bad-value", f"{key}: {error}", hint=usage) from None
        except ValueError as error:
            raise bad_input("bad-value", f"{solver.name}: {error}", hint=usage) from None
    for key, parameter in known.items():
        if key not in arguments and parameter.default is inspect.Parameter.empty:
            raise bad_input("bad-value", f"{solver.name}: {key} is missing", hint=usage)
    return arguments


def _value(text: str, annotation: Any) -> Value:
    # A word stands for itself where a text is asked for: scheme=he.
    if annotation is str and re.fullmatch(r"[A-Za-z]\w*", text):
        return text
    return value_of(text, {})


def _printable(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_printable(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise OverflowError
    if isinstance(value, Fraction):
        _printable(value.numerator)
        _printable(value.denominator)
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise OverflowError
    return value


def _json(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return str(value) if isinstance(value, Fraction) else value
