"""`question-bank check`: schema, draws, two-route keys, rendering, item-writing rules."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from authoring import check_cache
from authoring.bounds import ROUTE_CPU_S, TookTooLong, bounded_memory, bounded_time
from authoring.check_marking import coinciding, not_shown_where_made, samples, shown_first
from authoring.faults import Fault, Faults, without_numbers
from authoring.lint.bank import lint_bank
from authoring.lint.draw import lint_draw
from authoring.lint.file import lint_file
from authoring.lint.item import lint_item
from authoring.routes import routes
from question_bank.answers import answer_type
from question_bank.answers.base import Key, NoKey, Spec
from question_bank.answers.marking import mark
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.answers.numeric import close
from question_bank.derive import parsed, value_of
from question_bank.diagnostics import Diagnostic, InputError, Where, did_you_mean
from question_bank.effort import hand_work
from question_bank.grammar.exact import EvaluationError, Value, evaluate, exact
from question_bank.grammar.functions import PLAIN
from question_bank.grammar.nodes import calls_in
from question_bank.grammar.syntax import GrammarError
from question_bank.loader import COURSE_BANK, load_question, question_files, shown
from question_bank.schema import Question, Source
from question_bank.strict_yaml import load_typed, read_text
from question_bank.variant import (
    Part,
    TurnedDown,
    Variant,
    correct_flags,
    instantiate,
    no_draw,
    option_values,
    specs,
    tried_draws,
    turned_down,
    usable_parameters,
    variant_of,
)
from question_bank.wording import counted

ALL_DRAWS_UP_TO = 500
SAMPLED_DRAWS = 200
# Invented answers are typed into the first of them: how a type reads hardly depends on the numbers.
SAMPLES_OF_DRAWS = 20
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


def check_files(
    paths: Sequence[Path] | None,
    folders: Sequence[Path] | None,
    *,
    draws: int | None = None,
    jobs: int | None = None,
    again: bool = False,
) -> Iterator[Checked]:
    """Check the given files and folders, or else the whole bank, on several processes; progress on a terminal.

    Files that cannot be loaded are reported like every other finding, and never stop the rest.
    What was found clean and did not change since is checked `again` only if asked for.
    """
    files = _chosen(paths) if paths else question_files(folders)
    check_cache.forget_the_old()
    changed: dict[Path, str | None] = {}
    for file in files:
        name = check_cache.name_of(file, draws)
        before = check_cache.recall(name) if name and not again else None
        if before is None:
            changed[file] = name
        else:
            yield Checked(file.stem, before, (), unchanged=True)
    for name, checked in zip(changed.values(), _checked(list(changed), draws, jobs), strict=True):
        if name and not checked.findings:
            check_cache.remember(name, checked.draws)
        yield checked
    yield from _twins(files)
    if not paths:
        yield from _bank(files, folders)


def _checked(files: Sequence[Path], draws: int | None, jobs: int | None) -> Iterator[Checked]:
    workers = min(jobs or os.cpu_count() or 1, len(files))
    if workers <= 1:
        yield from _with_progress((_check_file(file, draws) for file in files), len(files))
        return
    yield from _with_progress(_in_processes(files, draws, workers), len(files))


def _in_processes(files: Sequence[Path], draws: int | None, workers: int) -> Iterator[Checked]:
    """Each file checked, in order. Where a process dies, the file it may have died of has one of its own."""
    left = list(files)
    while left:
        done = 0
        try:
            # Fresh interpreters: torch must not be forked once it computed.
            with ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=_one_thread
            ) as pool:
                for checked in pool.map(_check_file, left, itertools.repeat(draws)):
                    done += 1
                    yield checked
        except BrokenProcessPool:
            if workers == 1:
                says = "the process that checked it was ended (was there too little memory?)"
                place = Where(shown(left[done]), what=left[done].stem)
                yield Checked(left[done].stem, 0, (Diagnostic("check-failed", says, place),))
            else:
                yield from _in_processes(left[done : done + 1], draws, 1)
            done += 1
        left = left[done:]


def _one_thread() -> None:
    # The processes share the cores already: threads of torch on top make small tensors many times slower.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _chosen(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    absent = [path for path in paths if not path.exists()]
    if absent:
        # No finding about a question: the command itself is wrong.
        cure = "name question files (*.yaml) or folders with them"
        raise InputError(
            *(Diagnostic("no-file", "there is no such file", Where(str(p)), cure) for p in absent)
        )
    for path in paths:
        files += question_files([path]) if path.is_dir() else [path]
    return files


def _check_file(file: Path, draws: int | None) -> Checked:
    try:
        with bounded_memory():
            return check_question(load_question(file), file, draws)
    except InputError as error:
        return Checked(file.stem, 0, error.diagnostics)
    except Exception as error:  # noqa: BLE001 - one question must not end the check of all others
        says = f"the check of this question failed: {_in_a_line(error)}"
        hint = "where the question is right, this is a fault of mockexam: report it with the file"
        place = Where(shown(file), what=file.stem)
        return Checked(file.stem, 0, (Diagnostic("check-failed", says, place, hint),))


def _in_a_line(error: Exception) -> str:
    """An error that is not ours in a short line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said if len(said) <= 200 else said[:197] + '...'}"


def _twins(files: Sequence[Path]) -> Iterator[Checked]:
    """Ids that two files of the bank share."""
    seen: dict[str, Path] = {}
    for file in files:
        if file.stem in seen:
            where, other = Where(shown(file), 1, 1), shown(seen[file.stem])
            finding = Diagnostic("duplicate-id", f'the id "{file.stem}" is taken by {other}', where)
            yield Checked(file.stem, 0, (finding,))
        seen[file.stem] = file


def _bank(files: Sequence[Path], folders: Sequence[Path] | None) -> Iterator[Checked]:
    """What no question shows alone: habits of the whole bank, and questions that answer each other."""
    questions: dict[str, Question] = {}
    variants: dict[str, Variant] = {}
    places: dict[str, Path] = {}
    for file in files:
        # What cannot be loaded or drawn is reported with its file.
        with contextlib.suppress(InputError):
            question = load_question(file)
            questions[question.id], places[question.id] = question, file
            variants[question.id] = instantiate(question, 0)
    whole = ", ".join(shown(folder) for folder in folders or [COURSE_BANK])
    for question_id, (code, message, severity) in lint_bank(list(questions.values()), variants):
        place = (
            Where(whole)
            if question_id is None
            else Where(shown(places[question_id]), what=question_id)
        )
        yield Checked("", 0, (Diagnostic(code, message, place, severity=severity),))


def _with_progress(found: Iterable[Checked], total: int) -> Iterator[Checked]:
    shows = sys.stderr.isatty()
    for done, checked in enumerate(found, start=1):
        if shows:
            print(f"\r{done}/{total} {checked.question_id:<60.60}", end="", file=sys.stderr)
        yield checked
    if shows:
        print("\r" + " " * 72 + "\r", end="", file=sys.stderr)


def check_question(question: Question, file: Path, draws: int | None = None) -> Checked:
    """Every draw (up to 500 in all, else 200 seeded ones) of a question, checked. `draws` asks for fewer."""
    place = Where(shown(file), what=question.id)
    faults = Faults(place)
    # The texts of a draw are looked at where no draw before had the same: how many share a fault is not counted.
    once: dict[tuple[str, str], Diagnostic] = {}

    def report(found: Diagnostic) -> None:
        once.setdefault((found.code, without_numbers(found.message.split(" [", 1)[0])), found)

    try:
        parameter_sets, left_out = usable_draws(question, draws)
    except InputError as error:
        return Checked(question.id, 0, tuple(_placed(d, place) for d in error.diagnostics))
    homes: dict[str, dict[str, str]] = {}
    idle = {mistake.name for mistake in question.mistakes if not question.options}
    shown_before: set[str] = set()
    worded: Counter[str] = Counter()
    for seed, parameters in enumerate(parameter_sets):
        drawn = ", ".join(f"{k}={v}" for k, v in parameters.items())
        try:
            variant = variant_of(question, seed, parameters)
        except InputError as error:
            for d in error.diagnostics:
                said = without_numbers(d.message)
                faults.seen(Fault(d.code, said, d.message, d.severity, d.hint), seed, drawn)
            continue
        idle -= {mistake.name for part in variant.parts for mistake in part.mistakes}
        for name, label in shown_first(variant).items():
            homes.setdefault(name, {}).setdefault(label, f" [{drawn}]" if drawn else "")
        found_here = list(_marking(question, variant, with_samples=seed < SAMPLES_OF_DRAWS))
        for fault in found_here:
            faults.seen(fault, seed, drawn)
        if any(fault.code == "slow-route" for fault in found_here):
            break  # the other draws would take as long
        for code, message, severity in _reading(question, variant, shown_before, worded):
            told = f"{message} [{drawn}]" if drawn else message
            report(Diagnostic(code, told, place, severity=severity))
    for name in sorted(idle):
        message = f"the mistake {name} leads to no other answer in any draw, or cannot be computed"
        hint = "it may read a value that is defined further down, or change nothing that is asked"
        report(Diagnostic("idle-mistake", message, place, hint))
    for message in not_shown_where_made(homes):
        report(Diagnostic("mistake-is-right", message, place, "rule such draws out by `require`"))
    for uneven in _uneven_work(question, parameter_sets):
        report(Diagnostic("uneven-work", uneven, place, "narrow the domains", "warning"))
    if draws is None:
        for message, hint in _few_draws(question, parameter_sets):
            report(Diagnostic("few-draws", message, place, hint, "warning"))
    for finding in _of_the_file(question, file):
        report(finding)
    for code, message, severity in lint_item(question):
        report(Diagnostic(code, message, place, severity=severity))
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
        work = sorted(hand_work(draw, question.let).digits for draw in draws)
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


def _of_the_file(question: Question, file: Path) -> Iterator[Diagnostic]:
    """What is found in the file alone, with its place there."""
    located = load_typed(read_text(file, shown(file)), shown(file))
    for label, message, hint in _without_route(question):
        where = located.where(("verify", label), question.id)
        yield Diagnostic("no-second-route", message, where, hint)
    of_course = COURSE_BANK.resolve() in file.resolve().parents
    for key, found in lint_file(question, located.data, of_course=of_course):
        where = located.where_key((key,), question.id)
        yield Diagnostic(found.code, found.message, where, severity=found.severity)


def _placed(diagnostic: Diagnostic, place: Where) -> Diagnostic:
    return Diagnostic(diagnostic.code, diagnostic.message, place, diagnostic.hint)


def _marking(question: Question, variant: Variant, *, with_samples: bool) -> Iterator[Fault]:
    """What is wrong with the numbers of a draw: its keys, how answers are marked, its mistakes."""
    yield from _second_route(question, variant)
    if with_samples:
        yield from samples(variant)
    yield from coinciding(variant)
    for condition in question.possible:
        if value_of(condition.holds, variant.values) is not True:
            message = f"`possible`: {condition.holds} does not hold of the right values"
            yield Fault("impossible-key", message, message)


def _reading(
    question: Question, variant: Variant, shown_before: set[str], worded: Counter[str]
) -> Iterator[tuple[str, str, Any]]:
    """What is wrong with what is read of a draw. Texts and figures in `shown_before` are not drawn again."""
    yield from _typeset(variant, shown_before)
    yield from _figures(variant, shown_before)
    yield from _wording(question, variant, worded)


def _wording(
    question: Question, variant: Variant, worded: Counter[str]
) -> Iterator[tuple[str, str, Any]]:
    """Rules on the words, which other numbers hardly change: the first draws with the same words are looked at."""
    shown = [variant.text, *(text for part in variant.parts for text in _printed(part))]
    words = without_numbers("\n".join(shown))
    worded[words] += 1
    if worded[words] <= SAMPLES_OF_DRAWS:
        yield from lint_draw(question, variant)


def _printed(part: Part) -> Iterator[str]:
    yield part.text
    if isinstance(part.answer, MultipleChoiceKey):
        yield from (option.text for option in part.answer.options)


def _second_route(question: Question, variant: Variant) -> Iterator[Fault]:
    for part, spec in zip(variant.parts, specs(question), strict=True):
        if answer_type(part.answer.type).by_person:
            continue
        name = f"part {part.label}" if part.label else "the key"
        verification = question.verify.get(part.label)
        if verification is None:
            message = f"{name} is not verified by a second route"
            yield Fault("no-second-route", name, message)
        elif isinstance(verification, str) and _route_fault(verification):
            continue  # the same on every draw: see _without_route
        elif not isinstance(verification, Source):
            try:
                with bounded_time():
                    agrees, found = _agrees(question, variant, spec, part.answer, verification)
            except (EvaluationError, GrammarError, NoKey) as error:
                message = f"{name}: the second route fails: {error}"
                yield Fault("second-route", name, message)
                continue
            except TookTooLong:
                message = f"{name}: the second route takes more than {ROUTE_CPU_S:g} s"
                yield Fault("slow-route", name, message, hint="narrow the domains")
                continue
            except Exception as error:  # noqa: BLE001 - whatever torch raises is about this draw
                message = f"{name}: the second route fails: {_in_a_line(error)}"
                yield Fault("second-route", name, message, hint="narrow the domains")
                continue
            if not agrees:
                key = answer_type(part.answer.type).written(part.answer)
                message = f"{name} says {key}, the second route {found}"
                yield Fault("wrong-key", name, message)
        elif spec is not None and answer_type(spec.type).computed:
            message = f"{name} is computed, a source does not verify it"
            yield Fault("no-second-route", name, message)


def _without_route(question: Question) -> Iterator[tuple[str, str, str]]:
    """`verify` expressions that call no route, or a function that is not there: label of the part, fault and cure."""
    for label, verification in question.verify.items():
        fault = _route_fault(verification) if isinstance(verification, str) else None
        if fault is not None:
            message, hint = fault
            name = f"part {label}" if label else "the key"
            yield label, f"{name}: {message}", hint


@cache
def _route_fault(expression: str) -> tuple[str, str] | None:
    """What is wrong with the functions that a `verify` calls, and the cure."""
    try:
        called = [call.function for call in calls_in(parsed(expression))]
    except GrammarError:
        return None  # reported where it is evaluated
    known = {**PLAIN, **routes()}
    for function in called:
        if function not in known:
            hint = did_you_mean(function, routes()) or "the routes stand in authoring/routes"
            return f'`verify` calls "{function}", which is no route of authoring/routes', hint
    if not any(function in routes() for function in called):
        return (
            "`verify` calls no route of authoring/routes",
            "call one that does not use the solver of the key, such as a torch_... function",
        )
    return None


def _agrees(
    question: Question, variant: Variant, spec: Spec | None, key: Key, expression: str
) -> tuple[bool, str]:
    result = evaluate(parsed(expression), variant.values, {**PLAIN, **routes()})
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


def texts_of(variant: Variant) -> Iterator[tuple[str, str]]:
    """Every Markdown text of a variant, with what it is."""
    yield "text", variant.text
    yield "solution", variant.solution
    for part in variant.parts:
        name = f"part {part.label}" if part.label else "the question"
        yield f"{name}: text", part.text
        yield f"{name}: solution", part.solution
        yield f"{name}: key", answer_type(part.answer.type).render(part.answer)
        for line in part.rubric:
            yield f"{name}: rubric", line.earns
        for mistake in part.mistakes:
            yield f"{name}: mistake {mistake.name}", mistake.why
        if isinstance(part.answer, MultipleChoiceKey):
            for option in part.answer.options:
                yield f"{name}: option", option.text
                yield f"{name}: reason of an option", option.why or ""


def _typeset(variant: Variant, shown_before: set[str]) -> Iterator[tuple[str, str, Any]]:
    from templates.mathematics import MathError
    from templates.richtext import to_browser, to_print, to_terminal

    for name, text in texts_of(variant):
        if text in shown_before:
            continue
        shown_before.add(text)
        try:
            for render in (to_print, to_browser, to_terminal):
                render(text)
        except MathError as error:
            yield "mathematics", f"{name} does not typeset: {error}", "error"


def _figures(variant: Variant, shown_before: set[str]) -> Iterator[tuple[str, str, Any]]:
    from templates.figures import FigureError, draw

    for figure in [variant.figure, *(part.figure for part in variant.parts)]:
        if figure is None or repr(figure) in shown_before:
            continue
        shown_before.add(repr(figure))
        try:
            draw(figure.name, figure.args)
        except FigureError as error:
            yield "figure", f"the figure {figure.name}: {error}", "error"
