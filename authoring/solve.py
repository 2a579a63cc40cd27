"""`question-bank solve`: a closed form called by name."""

from __future__ import annotations

import inspect
from fractions import Fraction
from typing import Any

from question_bank.derive import value_of
from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.grammar.exact import EvaluationError, Value, exact
from question_bank.grammar.syntax import GrammarError
from question_bank.solvers import solvers
from question_bank.text import plain


def solve(name: str, assignments: list[str]) -> tuple[Any, str]:
    """The value of a closed form, as JSON data and as text. Raises InputError for impossible values."""
    solver = solvers().get(name)
    if solver is None:
        hint = did_you_mean(name, solvers()) or "`question-bank solve --list` shows them"
        raise bad_input("unknown-solver", f'there is no closed form "{name}"', hint=hint)
    usage = f"{name} {solver.signature}"
    arguments: dict[str, Value] = {}
    for assignment in assignments:
        key, sign, text = assignment.partition("=")
        if not sign:
            raise bad_input("bad-usage", f'"{assignment}" is not of the form key=value', hint=usage)
        if key not in inspect.signature(solver.function).parameters:
            known = inspect.signature(solver.function).parameters
            raise bad_input(
                "unknown-argument",
                f'{name} takes no "{key}"',
                hint=did_you_mean(key, known) or usage,
            )
        try:
            arguments[key] = value_of(text, {})
        except (GrammarError, EvaluationError) as error:
            raise bad_input("bad-value", f"{key}: {error}", hint=usage) from None
    try:
        inspect.signature(solver.function).bind(**arguments)
        value = exact(solver.function(**arguments))
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise bad_input("impossible", f"{name}: {error}") from None
    except (TypeError, AttributeError, IndexError) as error:
        raise bad_input("bad-value", f"{name}: {error}", hint=usage) from None
    return _json(value), plain(value)


def _json(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return str(value) if isinstance(value, Fraction) else value
