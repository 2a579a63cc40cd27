"""Whether a second route is one: it must not read the key that it confirms, and what it gives must count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from question_bank.answers import answer_type
from question_bank.answers.base import NoKey, Spec
from question_bank.derive import compiled, parsed
from question_bank.grammar.exact import Value
from question_bank.grammar.functions import PLAIN
from question_bank.grammar.nodes import names_in
from question_bank.grammar.syntax import GrammarError
from question_bank.schema import Question
from question_bank.text import TemplateFault

# What a route might have given instead: if none of it changes the result, the route does not count.
_OTHER_RESULTS: tuple[Callable[[Any], Any], ...] = (
    lambda number: number + 1,
    lambda number: -7 * number - 3,
)


def keys_read(question: Question, spec: Spec | None, verification: str) -> Iterator[str]:
    """The names that `verify` reads although they are the key, or follow from it."""
    try:
        needs = {name: names_in(parsed(line)) for name, line in question.let.items()}
        found = {name for name in _asked_for(question, spec) if name in needs}
        read = names_in(parsed(verification))
    except (GrammarError, TemplateFault, NoKey):
        return  # reported where it is evaluated
    for name in reversed(question.let):
        # Another name for the same value.
        if name in found and question.let[name].strip() in needs:
            found.add(question.let[name].strip())
    for name, above in needs.items():
        if above & found:
            found.add(name)
    yield from sorted(read & found)


def _asked_for(question: Question, spec: Spec | None) -> set[str]:
    """The names in the expression of the key. Whether a statement is right may depend on what it says."""
    if spec is not None:
        return set(answer_type(spec.type).names(spec))
    return {
        name
        for option in question.options
        if option.value is not None and option.correct is True
        for name in names_in(parsed(option.value))
    }


def counts(expression: str, values: Mapping[str, Value], routes: Mapping[str, Any]) -> bool:
    """Whether what the routes give makes a difference to the result."""
    given: dict[str, Any] = {}
    try:
        result = compiled(expression).value(values, {**PLAIN, **_changed(routes, given, None)})
        for other in _OTHER_RESULTS:
            changed = _changed(routes, given, other)
            if compiled(expression).value(values, {**PLAIN, **changed}) != result:
                return True
    except Exception:  # noqa: BLE001 - a result that cannot be used otherwise has been used
        return True
    return False


def _changed(
    routes: Mapping[str, Any], given: dict[str, Any], other: Callable[[Any], Any] | None
) -> dict[str, Callable[..., Any]]:
    """The routes with other results; `given` keeps what they really give, so that none runs twice on the same."""

    def changed(name: str) -> Callable[..., Any]:
        def instead(*arguments: Any) -> Any:
            call = repr((name, arguments))
            if call not in given:
                given[call] = routes[name](*arguments)
            return given[call] if other is None else _each(given[call], other)

        return instead

    return {name: changed(name) for name in routes}


def _each(value: Any, other: Callable[[Any], Any]) -> Any:
    """A result with all its numbers changed, truth values turned, and words marked."""
    if isinstance(value, (list, tuple)):
        return type(value)(_each(entry, other) for entry in value)
    if isinstance(value, bool):
        return not value
    return f"{value}?" if isinstance(value, str) else other(value)
