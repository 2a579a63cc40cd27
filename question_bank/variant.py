"""A question with a seed: concrete numbers, text, options, key and solution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from question_bank.answers import answer_type
from question_bank.answers.base import Key, NoKey, Spec
from question_bank.answers.marking import MistakeKey, mark
from question_bank.answers.number_term import Typed
from question_bank.answers.numeric import NO_ROUNDING
from question_bank.derive import derive, names_read, value_of, values_under
from question_bank.diagnostics import InputError, Where, bad_input
from question_bank.draws import draw
from question_bank.grammar.exact import EvaluationError, Value
from question_bank.grammar.syntax import GrammarError
from question_bank.options import choice_key, options_alike
from question_bank.schema import Figure, Mistake, Question, Type
from question_bank.text import TemplateFault, fill

MAX_DRAWS = 500
MOST_REASONS = 3  # that one error names


@dataclass(frozen=True)
class FigureCall:
    """A figure with concrete arguments (plain JSON values) and its alternative text."""

    name: str
    args: dict[str, Any]
    alt: str


@dataclass(frozen=True)
class RubricLine:
    """What earns points where a person marks (Markdown)."""

    points: float
    earns: str


@dataclass(frozen=True)
class Condition:
    """What must hold of values that are carried forward, and why (Markdown)."""

    holds: str
    why: str


@dataclass(frozen=True)
class Part:
    """What is asked and marked at once; a question without parts has one with the label ""."""

    label: str
    text: str
    points: float
    figure: FigureCall | None
    answer: Key
    mistakes: tuple[MistakeKey, ...]
    solution: str
    rubric: tuple[RubricLine, ...]
    carry: dict[str, str]
    spec: Spec | None
    carry_credit: str = "1"


@dataclass(frozen=True)
class Variant:
    """Texts are Markdown with $math$; `parameters` and `values` are exact."""

    question_id: str
    seed: int
    title: str
    lecture: int
    topic: str
    type: Type
    points: float
    minutes: float
    difficulty: int
    parameters: dict[str, Value]
    let: dict[str, str]
    values: dict[str, Value]
    text: str
    figure: FigureCall | None
    parts: tuple[Part, ...]
    solution: str
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    possible: tuple[Condition, ...] = ()


class _Unusable(Exception):
    """The draw is turned down: a requirement does not hold."""


def instantiate(question: Question, seed: int) -> Variant:
    """The variant of a question for a seed (a whole number from 0): a pure function.

    Raises InputError when the question has no usable draw or a value of it cannot be computed.
    """
    if seed < 0:
        raise bad_input("bad-seed", f"a seed is a whole number from 0, not {seed}")
    return variant_of(question, seed, usable_parameters(question, seed))


@dataclass(frozen=True)
class TurnedDown:
    """Why a draw is not made; a `collision` is one of answers, which no author asked to be turned down."""

    why: str
    collision: bool


def usable_parameters(question: Question, seed: int) -> dict[str, Value]:
    """The first draw for this seed that meets the question's requirements."""
    reasons: Counter[TurnedDown] = Counter()
    for parameters, reason in tried_draws(question, seed):
        if reason is None:
            return parameters
        reasons[reason] += 1
    raise no_draw(question, reasons)


def no_draw(question: Question, reasons: Counter[TurnedDown]) -> InputError:
    """The error on a question of which no draw can be used, by how often each reason turned one down."""
    often = reasons.most_common(MOST_REASONS)
    if not question.parameters:
        message = f"the question cannot be used: {often[0][0].why}"
    else:
        message = f"none of {sum(reasons.values())} draws can be used: "
        message += "; ".join(f"{reason.why} (in {count})" for reason, count in often)
    hint = "widen the domains, loosen `require`, or mend the mistake that is named"
    return bad_input("no-draw", message, where=Where(question.id), hint=hint)


def tried_draws(
    question: Question, seed: int
) -> Iterator[tuple[dict[str, Value], TurnedDown | None]]:
    """The draws of a seed in the order in which they are tried, each with why it is turned down."""
    for counter in range(MAX_DRAWS if question.parameters else 1):
        parameters = draw(question.id, question.parameters, seed, counter)
        yield parameters, turned_down(question, parameters)


def turned_down(question: Question, parameters: Mapping[str, Value]) -> TurnedDown | None:
    """Why these parameters make no variant: `require`, or answers that cannot be told apart; None if they make one."""
    try:
        with _faults_of(question):
            values = _required(question, parameters)
            keys = _keys(question, values)
            wrong = {m.name: _keys_under(question, values, m) for m in question.mistakes}
            met = _not_told_apart(keys, wrong) or options_alike(question, values)
    except _Unusable as unusable:
        return TurnedDown(f"`require` does not hold: {unusable}", collision=False)
    return None if met is None else TurnedDown(met, collision=True)


def _required(question: Question, parameters: Mapping[str, Value]) -> dict[str, Value]:
    read = [(condition, names_read(condition)) for condition in question.require]

    def check(name: str, values: Mapping[str, Value]) -> None:
        # A condition is tested as soon as its values are there, so that it can guard those below it.
        for condition, names in read:
            ready = (not names or name in names) and names <= values.keys()
            if ready and value_of(condition, values) is not True:
                raise _Unusable(condition)

    return derive(parameters, question.let, after=check)


def _keys(question: Question, values: Mapping[str, Value]) -> list[Key]:
    return [
        answer_type(spec.type).bind(spec, values)
        for spec in specs(question)
        if spec is not None and _has_key(spec)
    ]


def _has_key(spec: Spec) -> bool:
    """Whether mistakes can change what is right: not where a person marks."""
    return not answer_type(spec.type).by_person


def specs(question: Question) -> tuple[Spec | None, ...]:
    """What each part asks for; None for multiple choice, whose options are the question's."""
    if question.parts:
        return tuple(part.answer for part in question.parts)
    return (question.answer,)


def _keys_under(
    question: Question, right: Mapping[str, Value], mistake: Mistake
) -> list[Key | None]:
    """The keys that the mistake leads to; None where it leads to nothing that can be answered."""
    try:
        values = values_under(question, right, mistake)
    except EvaluationError:
        return [None for spec in specs(question) if spec is not None and _has_key(spec)]
    return [_bound(spec, values) for spec in specs(question) if spec is not None and _has_key(spec)]


def _bound(spec: Spec, values: Mapping[str, Value]) -> Key | None:
    try:
        key: Key = answer_type(spec.type).bind(spec, values)
    except (NoKey, EvaluationError):
        return None
    return key


def same(a: Key, b: Key) -> bool:
    """Whether an answer that is right for b, in decimals, is right for a, or may be."""
    if a == b:
        return True
    kind = answer_type(a.type)
    found = kind.of_key(b)
    if found is not None:
        comparison = kind.compare(replace(found, value=_in_decimals(found.value)), a)
        return comparison.fraction == 1 or comparison.message == NO_ROUNDING
    written = kind.written(b)
    try:
        hash(a)
    except TypeError:  # a key with a list in it
        return mark(a, written).verdict == "right"
    return _is_right(a, written)


def _in_decimals(value: Any) -> Any:
    """What was read with its fractions as floats, as if they had been typed so."""
    if isinstance(value, tuple):
        return tuple(_in_decimals(item) for item in value)
    if isinstance(value, Typed):
        return Typed(_in_decimals(value.value), rounded=True)
    return float(value) if isinstance(value, Fraction) else value


# A draw is looked at before it is taken and again when it is made, with the same keys.
@lru_cache(maxsize=4096)
def _is_right(key: Key, text: str) -> bool:
    return mark(key, text).verdict == "right"


def _not_told_apart(keys: list[Key], wrong: Mapping[str, list[Key | None]]) -> str | None:
    """The mistake that changes no key, or two that cannot be told apart in the part where both show first."""
    if not keys:
        return None
    first: dict[int, dict[str, Key]] = {}
    for name, changed in wrong.items():
        shows = next(
            (
                (i, w)
                for i, (k, w) in enumerate(zip(keys, changed, strict=True))
                if w is not None and not same(k, w)
            ),
            None,
        )
        if shows is None and None not in changed:
            return f"the mistake {name} leads to the key"
        if shows is None:
            continue  # leads to nothing that can be answered: never recognised, never confused
        part, answer = shows
        for other, theirs in first.get(part, {}).items():
            if same(answer, theirs) or same(theirs, answer):
                return f"the mistakes {other} and {name} lead to the same answer"
        first.setdefault(part, {})[name] = answer
    return None


def variant_of(question: Question, seed: int, parameters: Mapping[str, Value]) -> Variant:
    """The variant for given parameters; the seed then orders the options."""
    with _faults_of(question):
        values = derive(parameters, question.let)
        return Variant(
            question_id=question.id,
            seed=seed,
            title=question.title,
            lecture=question.lecture,
            topic=question.topic,
            type=question.type,
            points=question.points,
            minutes=question.minutes,
            difficulty=question.difficulty,
            parameters=dict(parameters),
            let=dict(question.let),
            values=values,
            text=fill(question.text, values),
            figure=_figure(question.figure, values),
            parts=_parts(question, seed, values),
            mistakes={mistake.name: mistake for mistake in question.mistakes},
            possible=tuple(Condition(c.holds, fill(c.why, values)) for c in question.possible),
            solution=fill(question.solution, values) if question.solution else "",
        )


def _parts(question: Question, seed: int, values: dict[str, Value]) -> tuple[Part, ...]:
    if question.options:
        key: Key = choice_key(question, seed, values)
        return (_single(question, values, key, (), None),)
    mistakes = _mistake_values(question, values)
    if question.answer is not None:
        key = answer_type(question.answer.type).bind(question.answer, values)
        found = _mistake_keys(question.answer, key, mistakes)
        return (_single(question, values, key, found, question.answer),)
    parts: list[Part] = []
    for label, part in zip(question.labels, question.parts, strict=True):
        key = answer_type(part.answer.type).bind(part.answer, values)
        parts.append(
            Part(
                label=label,
                text=_asked(fill(part.text, values), key),
                points=part.points,
                figure=_figure(part.figure, values),
                answer=key,
                mistakes=_own_first(_mistake_keys(part.answer, key, mistakes), parts),
                solution=fill(part.solution, values),
                rubric=tuple(RubricLine(r.points, fill(r.earns, values)) for r in part.rubric),
                carry=dict(part.carry),
                carry_credit=part.carry_credit,
                spec=part.answer,
            )
        )
    return tuple(parts)


def _asked(text: str, key: Key) -> str:
    """The text of a part with the items that its answer type prints below it."""
    return "\n\n".join(filter(None, [text, answer_type(key.type).printed(key)]))


def _single(
    question: Question,
    values: dict[str, Value],
    key: Key,
    mistakes: tuple[MistakeKey, ...],
    spec: Spec | None,
) -> Part:
    return Part(
        label="",
        text=_asked("", key),
        points=question.points,
        figure=None,
        answer=key,
        mistakes=mistakes,
        solution="",
        rubric=tuple(RubricLine(r.points, fill(r.earns, values)) for r in question.rubric),
        carry={},
        spec=spec,
    )


def _mistake_values(
    question: Question, values: dict[str, Value]
) -> list[tuple[Mistake, dict[str, Value], str]]:
    """Each mistake with all values under it and its sentence; `wrong` in the sentence reads those values."""
    found = []
    for mistake in question.mistakes:
        try:
            wrong = values_under(question, values, mistake)
        except EvaluationError:
            continue
        found.append((mistake, wrong, fill(mistake.why, {**values, "wrong": wrong})))
    return found


def _mistake_keys(
    spec: Spec, key: Key, mistakes: list[tuple[Mistake, dict[str, Value], str]]
) -> tuple[MistakeKey, ...]:
    if not _has_key(spec):
        return ()
    found = []
    for mistake, wrong, why in mistakes:
        answer = _bound(spec, wrong)
        if answer is not None and not same(key, answer):
            found.append(MistakeKey(mistake.name, why, answer))
    return tuple(found)


def _own_first(found: tuple[MistakeKey, ...], earlier: Sequence[Part]) -> tuple[MistakeKey, ...]:
    """Mistakes that show here first stand before those that an earlier answer would have shown."""
    before = {mistake.name for part in earlier for mistake in part.mistakes}
    return tuple(sorted(found, key=lambda mistake: mistake.name in before))


def _figure(figure: Figure | None, values: Mapping[str, Value]) -> FigureCall | None:
    if figure is None:
        return None
    args = {name: _figure_argument(value, values) for name, value in figure.args.items()}
    return FigureCall(figure.name, args, fill(figure.alt, values))


def _figure_argument(argument: Any, values: Mapping[str, Value]) -> Any:
    from question_bank.figure_arguments import is_template

    if isinstance(argument, dict):
        return {key: _figure_argument(value, values) for key, value in argument.items()}
    if isinstance(argument, list):
        return [_figure_argument(value, values) for value in argument]
    if isinstance(argument, str):
        return (
            fill(argument, values) if is_template(argument) else _json(value_of(argument, values))
        )
    return argument


def _json(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value if isinstance(value, (bool, int, str)) else float(value)


@contextmanager
def _faults_of(question: Question) -> Iterator[None]:
    """Turns what can go wrong in a question's own expressions into an InputError that names it."""
    try:
        yield
    except (EvaluationError, GrammarError) as error:
        raise bad_input(
            "bad-question", error.message, where=Where(question.id), hint=error.hint
        ) from error
    except TemplateFault as fault:
        raise bad_input("bad-question", fault.message, where=Where(question.id)) from fault
    except NoKey as error:
        raise bad_input("no-key", str(error), where=Where(question.id)) from error
