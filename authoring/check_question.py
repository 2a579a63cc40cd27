"""Everything that can be said of one question: its draws, keys, marking, typesetting, wording."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from authoring.check_marking import coinciding, not_shown_where_made, samples, shown_first
from authoring.check_route import route_without_effect, second_route, without_route
from authoring.check_texts import figures, typeset
from authoring.faults import Fault, Faults, without_numbers
from authoring.lint.draw import lint_draw
from authoring.lint.file import lint_file
from authoring.lint.habits import OptionSet, option_set
from authoring.lint.item import lint_item
from authoring.lint.places import lint_places
from authoring.places import place_of
from question_bank.derive import value_of
from question_bank.diagnostics import Diagnostic, InputError, Where
from question_bank.effort import question_work
from question_bank.grammar.exact import EvaluationError, Value
from question_bank.loader import COURSE_BANK, shown
from question_bank.schema import Question
from question_bank.strict_yaml import Located, Steps, load_typed, read_text
from question_bank.variant import (
    TurnedDown,
    Variant,
    no_draw,
    tried_draws,
    turned_down,
    usable_parameters,
    variant_of,
)
from question_bank.wording import counted

ALL_DRAWS_UP_TO = 500
SAMPLED_DRAWS = 200
# Digits of hand-work: the hardest draws may take this many times the work of the easiest.
MOST_UNEVEN = 3
FEW_DIGITS = 5
# Enough usable draws for a class with a form each and a practising student.
FEWEST_DRAWS = 50


@dataclass(frozen=True)
class Checked:
    """What was found in one question, and on how many draws."""

    question_id: str
    draws: int
    findings: tuple[Diagnostic, ...]
    unchanged: bool = False  # found clean before, and not looked at again
    # Draws in which a mistake or an option meets another or the key: never made. Reason, and how many.
    left_out: Mapping[str, int] = field(default_factory=dict)


def check_question(question: Question, file: Path, draws: int | None = None) -> Checked:
    """Every draw (up to 500 in all, else 200 seeded ones) of a question, checked. `draws` asks for fewer."""
    text = read_text(file, shown(file))
    located = load_typed(text, shown(file))

    def place(fault: Fault) -> Where:
        return place_of(fault, located, text, question.id)

    faults = Faults(place)
    # The texts of a draw are looked at where no draw before had the same: how many share a fault is not counted.
    once: dict[tuple[str, str], Diagnostic] = {}

    def report(fault: Fault) -> None:
        name = fault.code, without_numbers(fault.message.split(" [", 1)[0])
        if name not in once:
            once[name] = Diagnostic(
                fault.code, fault.message, place(fault), fault.hint, fault.severity
            )

    try:
        parameter_sets, left_out = usable_draws(question, draws)
    except InputError as error:
        for d in error.diagnostics:
            report(Fault(d.code, d.code, d.message, hint=d.hint))
        return Checked(question.id, 0, tuple(once.values()))
    homes: dict[str, dict[str, str]] = {}
    idle = {mistake.name for mistake in question.mistakes if not question.options}
    shown_before: set[str] = set()
    sampled: dict[str, list[Fault]] = {}
    choices: list[OptionSet] = []
    for seed, parameters in enumerate(parameter_sets):
        drawn = ", ".join(f"{k}={v}" for k, v in parameters.items())
        try:
            variant = variant_of(question, seed, parameters)
        except InputError as error:
            for d in error.diagnostics:
                said = without_numbers(d.message)
                faults.seen(Fault(d.code, said, d.message, d.severity, d.hint), seed, drawn)
            continue
        choices += filter(None, [option_set(question, variant)])
        idle -= {mistake.name for part in variant.parts for mistake in part.mistakes}
        for name, label in shown_first(variant).items():
            homes.setdefault(name, {}).setdefault(label, f" [{drawn}]" if drawn else "")
        found_here = [*(route_without_effect(question, variant) if not seed else ())]
        found_here += _marking(question, variant, sampled)
        for fault in found_here:
            faults.seen(fault, seed, drawn)
        if any(fault.code == "slow-route" for fault in found_here):
            break  # the other draws would take as long
        for fault in _reading(question, variant, shown_before):
            told = f"{fault.message} [{drawn}]" if drawn else fault.message
            report(replace(fault, message=told))
    for name in sorted(idle):
        message = f"the mistake {name} leads to no other answer in any draw, or cannot be computed"
        hint = "it may read a value that is defined further down, or change nothing that is asked"
        report(Fault("idle-mistake", name, message, hint=hint, at=_mistake(question, name)))
    for name, message in not_shown_where_made(homes):
        hint = "rule such draws out by `require`"
        report(Fault("mistake-is-right", name, message, hint=hint, at=_mistake(question, name)))
    for uneven in _uneven_work(question, parameter_sets):
        report(Fault("uneven-work", uneven, uneven, "warning", "narrow the domains"))
    if draws is None:
        for message, hint in _few_draws(question, parameter_sets):
            report(Fault("few-draws", message, message, "warning", hint))
    for finding in _of_the_file(question, file, located):
        once.setdefault((finding.code, without_numbers(finding.message)), finding)
    for code, message, severity in (*lint_item(question), *lint_places(choices)):
        report(Fault(code, message, message, severity))
    found = (*faults.diagnostics(len(parameter_sets)), *once.values())
    return Checked(question.id, len(parameter_sets), found, left_out=left_out)


def usable_draws(
    question: Question, draws: int | None = None
) -> tuple[list[dict[str, Value]], Mapping[str, int]]:
    """All usable draws where the domains have at most 500 together, else the first of 200 seeds.

    With them, how many draws were left out since a mistake or an option meets another or the key, by reason. Raises
    InputError where none is left.
    """
    left_out: Counter[str] = Counter()
    usable: list[dict[str, Value]] = []
    total = math.prod(domain.size() for domain in question.parameters.values())
    if question.parameters and draws is None and total <= ALL_DRAWS_UP_TO:
        columns = [list(domain.values()) for domain in question.parameters.values()]
        for row in itertools.product(*columns):
            parameters = dict(zip(question.parameters, row, strict=True))
            reason = turned_down(question, parameters)
            if reason is None:
                usable.append(parameters)
            elif reason.collision:
                left_out[reason.why] += 1
        return usable or [usable_parameters(question, 0)], left_out
    for seed in range(draws or SAMPLED_DRAWS) if question.parameters else (0,):
        reasons: Counter[TurnedDown] = Counter()
        for parameters, reason in tried_draws(question, seed):
            if reason is None:
                usable.append(parameters)
                break
            reasons[reason] += 1
        else:
            raise no_draw(question, reasons)
        left_out.update({r.why: count for r, count in reasons.items() if r.collision})
    return usable, left_out


def _uneven_work(question: Question, draws: Sequence[Mapping[str, Value]]) -> Iterator[str]:
    """Whether the draws differ so much in hand-work that the numbers decide who has the easy exam."""
    try:
        work = sorted(question_work(question, draw).digits for draw in draws)
    except EvaluationError:
        return  # reported where the variant is made
    # Without the rarest twentieth at either end; a few digits make no difference.
    outer = len(work) // 20
    low, high = work[outer], work[-1 - outer]
    if high + FEW_DIGITS > MOST_UNEVEN * (low + FEW_DIGITS):
        yield f"the hand-work of its draws lies between {low} and {high} digits"


def _few_draws(
    question: Question, draws: Sequence[Mapping[str, Value]]
) -> Iterator[tuple[str, str]]:
    """Whether there are too few different draws, and nothing says why; with the cure."""
    if not question.parameters:
        return
    different = len({repr(draw) for draw in draws})
    if different < FEWEST_DRAWS and question.few_draws is None:
        hint = "widen the domains, or say why there are no more: `few_draws: ...`"
        yield f"only {counted(different, 'usable draw')}, and not {FEWEST_DRAWS}", hint
    elif different >= FEWEST_DRAWS and question.few_draws is not None:
        yield (
            f"`few_draws` is not so: there are {FEWEST_DRAWS} usable draws or more",
            "leave it out",
        )


def _mistake(question: Question, name: str) -> Steps:
    return ("mistakes", [mistake.name for mistake in question.mistakes].index(name))


def _of_the_file(question: Question, file: Path, located: Located) -> Iterator[Diagnostic]:
    """What is found in the file alone, with its place there."""
    for label, message, hint in without_route(question):
        where = located.where(("verify", label), question.id)
        yield Diagnostic("no-second-route", message, where, hint)
    of_course = COURSE_BANK.resolve() in file.resolve().parents
    for key, found in lint_file(question, located.data, of_course=of_course):
        where = located.where_key((key,), question.id)
        yield Diagnostic(found.code, found.message, where, severity=found.severity)


def _marking(
    question: Question, variant: Variant, sampled: dict[str, list[Fault]]
) -> Iterator[Fault]:
    """What is wrong with the numbers of a draw: its keys, how answers are marked, its mistakes.

    `sampled` keeps what was found of a part's answers: draws share many of them.
    """
    yield from second_route(question, variant)
    for part in variant.parts:
        name = repr((part.label, part.answer, part.mistakes))
        if name not in sampled:
            sampled[name] = list(samples(part))
        yield from sampled[name]
    yield from coinciding(variant)
    for condition in question.possible:
        if value_of(condition.holds, variant.values) is not True:
            message = f"`possible`: {condition.holds} does not hold of the right values"
            yield Fault("impossible-key", message, message)


def _reading(question: Question, variant: Variant, shown_before: set[str]) -> Iterator[Fault]:
    """What is wrong with what is read of a draw. Texts and figures in `shown_before` are not drawn again."""
    yield from typeset(question, variant, shown_before)
    yield from figures(variant, shown_before)
    yield from _wording(question, variant, shown_before)


def _wording(question: Question, variant: Variant, shown_before: set[str]) -> Iterator[Fault]:
    shown = repr((variant.text, variant.figure, variant.parts))
    if shown not in shown_before:
        shown_before.add(shown)
        for code, message, severity in lint_draw(question, variant):
            yield Fault(code, message, message, severity)
