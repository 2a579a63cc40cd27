"""Whether the second route of each key agrees with it."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from authoring.bounds import ROUTE_CPU_S, TookTooLong, bounded_time
from authoring.check_independence import counts, keys_read
from authoring.faults import Fault, in_a_line
from authoring.routes import routes
from question_bank.answers import answer_type
from question_bank.answers.base import Key, NoKey, Spec
from question_bank.answers.closeness import close
from question_bank.answers.marking import mark
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.derive import compiled, parsed
from question_bank.diagnostics import did_you_mean
from question_bank.grammar.exact import EvaluationError, Function, Value, exact
from question_bank.grammar.functions import PLAIN
from question_bank.grammar.nodes import calls_in
from question_bank.grammar.syntax import GrammarError
from question_bank.options import correct_flags, option_values
from question_bank.schema import Question, Source
from question_bank.variant import Variant, specs

_KEPT = 1_000  # results of one route
_WRONG_KEY = "work this draw out by hand: wrong is the answer's value, a line of `let`, or `verify`"
_OWN_WAY = "let a route work it out from the parameters, or from steps above the key"


def second_route(question: Question, variant: Variant) -> Iterator[Fault]:
    """Keys of a draw that are not confirmed: no route, a route that fails or takes too long, another value."""
    for part, spec in zip(variant.parts, specs(question), strict=True):
        if answer_type(part.answer.type).by_person:
            continue
        name = f"part {part.label}" if part.label else "the key"
        place = ("verify", part.label)
        verification = question.verify.get(part.label)
        if verification is None:
            message = f"{name} is not verified by a second route"
            hint = "add it to `verify`; `question-bank routes WORD` finds one"
            yield Fault("no-second-route", name, message, hint=hint, at=("verify",))
        elif isinstance(verification, str) and _route_fault(verification):
            continue  # the same on every draw: see _without_route
        elif not isinstance(verification, Source):
            try:
                with bounded_time():
                    agrees, found = _agrees(question, variant, spec, part.answer, verification)
            except (EvaluationError, GrammarError, NoKey) as error:
                message = f"{name}: the second route fails: {error}"
                hint = "mend the call: `question-bank routes WORD` shows what it takes"
                yield Fault("second-route", name, message, hint=hint, at=place)
                continue
            except TookTooLong:
                message = f"{name}: the second route takes more than {ROUTE_CPU_S:g} s"
                yield Fault("slow-route", name, message, hint="narrow the domains", at=place)
                continue
            except Exception as error:  # noqa: BLE001 - whatever torch raises is about this draw
                message = f"{name}: the second route fails: {in_a_line(error)}"
                yield Fault("second-route", name, message, hint="narrow the domains", at=place)
                continue
            if not agrees:
                key = answer_type(part.answer.type).written(part.answer)
                message = f"{name} says {key}, the second route {found}"
                yield Fault("wrong-key", name, message, hint=_WRONG_KEY, at=place)
        elif spec is not None and answer_type(spec.type).computed:
            message = f"{name} is computed, a source does not verify it"
            hint = "call a route; `question-bank routes WORD` finds one"
            yield Fault("no-second-route", name, message, hint=hint, at=place)


def without_route(question: Question) -> Iterator[tuple[str, str, str]]:
    """`verify` expressions that are no route of their own: label of the part, fault and cure.

    They call no route or a function that is not there, read the key, or are the same whatever a route gives.
    """
    asked = dict(zip(question.labels, specs(question), strict=True))
    for label, verification in question.verify.items():
        if not isinstance(verification, str):
            continue
        fault = _route_fault(verification) or _borrowed(question, asked[label], verification)
        if fault is not None:
            message, hint = fault
            name = f"part {label}" if label else "the key"
            yield label, f"{name}: {message}", hint


def _borrowed(question: Question, spec: Spec | None, verification: str) -> tuple[str, str] | None:
    """What a `verify` takes from the key that it should confirm, and the cure."""
    read = list(keys_read(question, spec, verification))
    if read:
        names = " and ".join(f'"{name}"' for name in read)
        are = (
            "which is the key, or follows from it"
            if len(read) == 1
            else "which are the key, or follow from it"
        )
        return f"`verify` reads {names}, {are}", _OWN_WAY
    return None


def route_without_effect(question: Question, variant: Variant) -> Iterator[Fault]:
    """`verify` expressions of computed keys that give the same whatever their routes give."""
    for label, spec in zip(question.labels, specs(question), strict=True):
        verification = question.verify.get(label)
        if spec is None or not isinstance(verification, str):
            continue
        if _route_fault(verification) or _borrowed(question, spec, verification):
            continue  # reported already
        try:
            with bounded_time():
                matters = counts(verification, variant.values, routes())
        except (TookTooLong, GrammarError):
            continue  # reported where the key is compared
        if not matters:
            name = f"part {label}" if label else "the key"
            message = f"{name}: `verify` gives the same whatever its route gives"
            yield Fault("no-second-route", name, message, hint=_OWN_WAY, at=("verify", label))


@cache
def _route_fault(expression: str) -> tuple[str, str] | None:
    """What is wrong with the functions that a `verify` calls, and the cure."""
    try:
        called = [call.function for call in calls_in(parsed(expression))]
    except GrammarError:
        return None  # reported where it is evaluated
    for function in called:
        if function not in _callable():
            hint = did_you_mean(function, routes()) or "the routes stand in authoring/routes"
            return f'`verify` calls "{function}", which is no route of authoring/routes', hint
    if not any(function in routes() for function in called):
        return (
            "`verify` calls no route of authoring/routes",
            "call one that does not use the solver of the key, such as a torch_... function",
        )
    return None


@cache
def _callable() -> Mapping[str, Function]:
    """What a `verify` may call. Routes are asked the same for many draws: what they gave is kept."""
    return {**PLAIN, **{name: _kept(route) for name, route in routes().items()}}


def _kept(route: Function) -> Function:
    kept: OrderedDict[str, Value] = OrderedDict()

    def call(*plain: Value, **named: Value) -> Value:
        # As text, so that 1, 1.0 and true are three different arguments.
        asked = repr((plain, named))
        if asked not in kept:
            kept[asked] = exact(route(*plain, **named))
            if len(kept) > _KEPT:
                kept.popitem(last=False)
        return kept[asked]

    return call


def _agrees(
    question: Question, variant: Variant, spec: Spec | None, key: Key, expression: str
) -> tuple[bool, str]:
    result = compiled(expression).value(variant.values, _callable())
    if isinstance(key, MultipleChoiceKey) or spec is None:
        flags = correct_flags(question, variant.values)
        if not isinstance(result, (list, tuple)):
            # A number: the options that show it are the right ones.
            shown_values = option_values(question, variant.values)
            number = _rounded(result)
            result = [value is not None and close(value, number, 0) for value in shown_values]
        return tuple(result) == flags, str(list(result))
    # Routes compute in floats: the key's own type compares their result, with room for rounding alone.
    kind, value = answer_type(key.type), _rounded(result)
    reading = kind.of_value(value, key)
    if reading is not None and kind.compare(reading, key).fraction == 1:
        return True, ""
    found = kind.typed(value, key)
    return reading is None and mark(key, found).verdict == "right", found


def _rounded(value: Any) -> Value:
    """Floats that are whole numbers or simple fractions up to rounding noise, as such."""
    if isinstance(value, (list, tuple)):
        return tuple(_rounded(item) for item in value)
    if isinstance(value, float) and math.isfinite(value):
        simple = Fraction(value).limit_denominator(10_000)
        if abs(float(simple) - value) <= 1e-9 * max(1.0, abs(value)):
            return exact(simple)
    return exact(value)
