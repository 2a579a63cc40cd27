"""What a question refers to: names, functions, mistakes and parts that nothing in it defines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from question_bank.answers import answer_type
from question_bank.answers.base import Spec
from question_bank.diagnostics import Diagnostic, Where, did_you_mean
from question_bank.figure_arguments import expressions_in
from question_bank.grammar.nodes import Node, calls_in, names_in
from question_bank.grammar.syntax import GrammarError
from question_bank.schema import Figure, Question
from question_bank.strict_yaml import Located, Steps
from question_bank.text import TemplateFault, check_template
from question_bank.wording import counted


def unresolved(question: Question, located: Located) -> Iterator[Diagnostic]:
    """Names, functions and labels that nothing defines."""
    known = set(question.parameters)
    hidden = _named_in_faults(located)
    for name, expression in question.let.items():
        if name in known:
            yield Diagnostic(
                "duplicate-name", f'"{name}" is already defined', located.where(("let", name))
            )
        yield from _expression(expression, known | hidden, located, ("let", name))
        known.add(name)
    known |= hidden
    for i, condition in enumerate(question.require):
        yield from _expression(condition, known, located, ("require", i))
    for i, must in enumerate(question.possible):
        yield from _expression(must.holds, known, located, ("possible", i, "holds"))
        yield from _template(must.why, known, located, ("possible", i, "why"))
    yield from _plain(question, located)
    yield from _texts(question, known, located)
    yield from _figure(question.figure, known, located, ("figure",))
    yield from _mistakes(question, known, located)
    yield from _options(question, known, located)
    yield from _answers(question, known, located)


def _named_in_faults(located: Located) -> set[str]:
    """Names that a second `parameters` or `let` defines: it is reported, what uses them is right."""
    return {name for path in (("parameters",), ("let",)) for name in located.doubled.get(path, ())}


# What is printed or listed as it stands.
_PLAIN = ("title", "topic", "source", "convention", "few_draws", "objectives")
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")


def _plain(question: Question, located: Located) -> Iterator[Diagnostic]:
    """Values where none is filled in: the title of a question is the same in each draw."""
    for key in _PLAIN:
        written = getattr(question, key) or ()
        entries = (
            [((key,), written)]
            if isinstance(written, str)
            else [((key, n), text) for n, text in enumerate(written)]
        )
        for path, text in entries:
            if found := _TEMPLATE.search(text or ""):
                says = f'"{found[0]}": {key} is the same in every draw, and no value is filled in'
                cure = "say it without the value; texts, solutions and reasons hold values"
                yield Diagnostic("template", says, located.where(path), cure)


def _texts(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    for key in ("text", "solution"):
        yield from _template(getattr(question, key), known, located, (key,))
    for i, line in enumerate(question.rubric):
        yield from _template(line.earns, known, located, ("rubric", i, "earns"))
    for p, part in enumerate(question.parts):
        yield from _template(part.text, known, located, ("parts", p, "text"))
        yield from _template(part.solution, known, located, ("parts", p, "solution"))
        yield from _figure(part.figure, known, located, ("parts", p, "figure"))
        for i, line in enumerate(part.rubric):
            yield from _template(line.earns, known, located, ("parts", p, "rubric", i, "earns"))


def _mistakes(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for i, mistake in enumerate(question.mistakes):
        place = ("mistakes", i)
        if mistake.name and mistake.name in seen:
            yield Diagnostic(
                "duplicate-name",
                f'a second mistake "{mistake.name}"',
                located.where((*place, "name")),
            )
        seen.add(mistake.name)
        for name, expression in mistake.set.items():
            if name not in known:
                yield Diagnostic(
                    "unknown-name",
                    f'the mistake changes "{name}", which is neither a parameter nor a let',
                    located.where((*place, "set", name)),
                    did_you_mean(name, known) or "define it under parameters or let",
                )
            yield from _expression(expression, known, located, (*place, "set", name))
        yield from _template(mistake.why, known | {"wrong"}, located, (*place, "why"))


def _mistake_names(located: Located) -> set[str]:
    # From the data: a mistake with an error in it is still there to be named.
    listed = located.data.get("mistakes")
    named = (
        [m.get("name") for m in listed if isinstance(m, dict)] if isinstance(listed, list) else ()
    )
    return {name for name in named if isinstance(name, str)}


def _options(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    mistakes = _mistake_names(located)
    for i, option in enumerate(question.options):
        place = ("options", i)
        yield from _template(option.text, known, located, (*place, "text"))
        yield from _template(option.why, known, located, (*place, "why"))
        if option.value is not None:
            yield from _expression(option.value, known, located, (*place, "value"))
        if isinstance(option.correct, str):
            yield from _expression(option.correct, known, located, (*place, "correct"))
        if option.mistake is not None and option.mistake not in mistakes:
            yield Diagnostic(
                "unknown-mistake",
                f'there is no mistake "{option.mistake}"',
                located.where((*place, "mistake")),
                did_you_mean(option.mistake, mistakes),
            )
    valued = sum(option.value is not None for option in question.options)
    shown_options = [o for o in question.options if o.text is not None or o.value is not None]
    if valued not in (0, len(shown_options)):
        yield Diagnostic(
            "mixed-options", "either all options have a value, or none", located.where(("options",))
        )


def _answers(question: Question, known: set[str], located: Located) -> Iterator[Diagnostic]:
    asked: list[tuple[Steps, Spec | None]] = [
        ((), question.answer),
        *((("parts", i), part.answer) for i, part in enumerate(question.parts)),
    ]
    for place, spec in asked:
        if spec is None:
            continue
        path = (*place, "answer", "value")
        try:
            read = answer_type(spec.type).names(spec)
        except GrammarError as error:
            yield Diagnostic("bad-expression", str(error), located.where(path), error.hint)
        except TemplateFault as fault:
            yield Diagnostic("template", fault.message, located.where(path))
        else:
            yield from _unknown(read, known, located, path)
        if answer_type(spec.type).by_person:
            yield from _rubric(question, place, located)
    for p, part in enumerate(question.parts):
        for name, label in part.carry.items():
            path = ("parts", p, "carry", name)
            yield from _unknown({name}, known, located, path)
            if label not in question.labels[:p]:
                yield Diagnostic(
                    "unknown-part",
                    f'"{label}" is no earlier part',
                    located.where(path),
                    f"earlier parts: {', '.join(question.labels[:p]) or 'none'}",
                )
    for label in question.verify:
        if label not in question.labels:
            yield Diagnostic(
                "unknown-part",
                f'"{label}" is no part of this question',
                located.where(("verify", label)),
                f"its parts: {', '.join(question.labels)}"
                if question.parts
                else "a question without parts has one route: verify: EXPRESSION",
            )


def _rubric(
    question: Question, place: tuple[str | int, ...], located: Located
) -> Iterator[Diagnostic]:
    asked: Any = question.parts[int(place[1])] if place else question
    if asked.points is None or any(line.points is None for line in asked.rubric):
        return  # reported already, and whether they add up cannot be told
    total = sum(line.points for line in asked.rubric)
    if total != asked.points:
        yield Diagnostic(
            "rubric-points",
            f"the rubric gives {counted(total, 'point')}, and the answer is worth {asked.points:g}",
            located.where((*place, "rubric") if asked.rubric else (*place, "answer")),
            "a text answer needs a rubric whose points add up to the question's",
        )


def _figure(
    figure: Figure | None, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    if figure is None:
        return
    yield from _template(figure.alt, known, located, (*path, "alt"))
    for place, expression in expressions_in(figure.args, (*path, "args")):
        yield from _expression(expression, known, located, place)


def _template(
    source: str | None, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    if source is None:
        return
    try:
        yield from _unknown(check_template(source), known, located, path)
    except TemplateFault as fault:
        where = located.where(path)
        if fault.line > 1 and where.line is not None:
            where = Where(where.file, where.line + fault.line)
        yield Diagnostic("template", fault.message, where)


def _expression(
    expression: str | None, known: set[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    from question_bank.derive import functions, parsed

    if expression is None:
        return
    try:
        node: Node = parsed(expression)
    except GrammarError as error:
        yield Diagnostic(
            "bad-expression", f'"{expression}": {error}', located.where(path), error.hint
        )
        return
    yield from _unknown(names_in(node), known, located, path)
    for call in calls_in(node):
        if call.function not in functions():
            yield Diagnostic(
                "unknown-function",
                f'there is no function "{call.function}"',
                located.where(path),
                did_you_mean(call.function, functions())
                or "`question-bank solve --list` shows them",
            )


def _unknown(
    read: Iterable[str], known: Iterable[str], located: Located, path: tuple[str | int, ...]
) -> Iterator[Diagnostic]:
    for name in sorted(set(read) - set(known)):
        yield Diagnostic(
            "unknown-name",
            f'nothing is named "{name}"',
            located.where(path),
            did_you_mean(name, known) or "define it under parameters or let (before it is used)",
        )
