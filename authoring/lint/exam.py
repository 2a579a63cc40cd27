"""Rules on the questions of one exam, form by form, with the numbers and the order that are printed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from authoring.lint.findings import Finding
from authoring.lint.pairs import MOST_ALIKE, Paper, Weights, declared, gives_away, likeness, paper
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.effort import question_work
from question_bank.grammar.exact import EvaluationError
from question_bank.schema import Question
from question_bank.variant import Variant
from question_bank.wording import counted

# By hand, a point's minute holds about nine multiplications with an addition each.
MOST_OPERATIONS_A_POINT = 9
# One point is about a minute; a whole exam is off by no more than this.
MOST_OFF_TIME = 0.2
# So many multiple-choice questions in a row with the same boxes to tick make people doubt what they know.
LONGEST_RUN = 3
# With fewer multiple-choice questions, a letter that is always or never right is an accident.
FEWEST_FOR_LETTERS = 8


@dataclass(frozen=True)
class Printed:
    """A question of a form under its printed number."""

    number: int
    question: Question
    variant: Variant


def lint_exam(
    form: Sequence[Printed], *, minutes: float, weights: Mapping[str, float] | None = None
) -> Iterator[Finding]:
    """Findings on one form.

    Args:
        form: the questions in printed order.
        minutes: the time of the exam.
        weights: how rare each word is in the bank; without them, in this form.
    """
    papers = [paper(one.variant, one.question.enemies) for one in form]
    numbers = {one.variant.question_id: one.number for one in form}
    weights = weights or Weights([one.printed for one in papers])
    for a, b in itertools.combinations(papers, 2):
        yield from _pair(a, b, numbers, weights)
    yield from _runs(form)
    yield from _letters(form)
    yield from _right_counts(form)
    yield from _work(form)
    yield from _time(form, minutes)


def _pair(
    a: Paper, b: Paper, numbers: Mapping[str, int], weights: Mapping[str, float]
) -> Iterator[Finding]:
    first, second = (f"{numbers[one.question_id]} ({one.question_id})" for one in (a, b))
    if declared(a, b):
        says = f"questions {first} and {second} are enemies: only one may be in an exam"
        yield Finding("enemies", says, "error")
    alike = likeness(a.printed, b.printed, weights)
    if alike > MOST_ALIKE:
        says = f"questions {first} and {second} read nearly alike ({alike:.0%})"
        yield Finding("twins", says, "error")
    for teller, asked, where, of in ((a, b, first, second), (b, a, second, first)):
        told = gives_away(teller, asked)
        if told is not None:
            says = f"the text of question {where} gives away {told} of question {of}"
            yield Finding("gives-away", says, "error")


def _choices(form: Sequence[Printed]) -> list[tuple[int, MultipleChoiceKey]]:
    keys = [(one.number, one.variant.parts[0].answer) for one in form]
    return [(number, key) for number, key in keys if isinstance(key, MultipleChoiceKey)]


def _runs(form: Sequence[Printed]) -> Iterator[Finding]:
    for right, run in itertools.groupby(_choices(form), lambda choice: sorted(choice[1].right)):
        numbers = [number for number, _ in run]
        if len(numbers) > LONGEST_RUN:
            boxes = " and ".join(right) or "no option"
            says = f"the key is {boxes} in each of the questions {numbers[0]} to {numbers[-1]}"
            yield Finding("key-run", says, "warning")


def _letters(form: Sequence[Printed]) -> Iterator[Finding]:
    choices = _choices(form)
    if len(choices) < FEWEST_FOR_LETTERS:
        return
    for letter in sorted(frozenset.intersection(*(frozenset(key.letters) for _, key in choices))):
        right = sum(letter in key.right for _, key in choices)
        if right in (0, len(choices)):
            often = "always" if right else "never"
            says = f"option {letter} is {often} right in {len(choices)} multiple-choice questions"
            yield Finding("key-letters", says, "warning")


def _right_counts(form: Sequence[Printed]) -> Iterator[Finding]:
    choices = _choices(form)
    counts = {len(key.right) for _, key in choices}
    if len(choices) >= FEWEST_FOR_LETTERS and len(counts) == 1:
        (number,) = counts
        says = f"each of {len(choices)} multiple-choice questions has {counted(number, 'right option')}"
        yield Finding("right-counts", f"{says}: students will count on it", "warning")


def _work(form: Sequence[Printed]) -> Iterator[Finding]:
    operations, points = 0, 0.0
    for one in form:
        try:
            work = question_work(one.question, one.variant.parameters)
        except EvaluationError:
            continue  # found by the check of the question
        if work.operations:
            operations += work.operations
            points += one.variant.points
    if operations > MOST_OPERATIONS_A_POINT * points:
        says = (
            f"{operations} operations by hand for the {counted(points, 'point')} that are computed:"
        )
        yield Finding("hand-work", f"{says} more than {MOST_OPERATIONS_A_POINT} a point", "warning")


def _time(form: Sequence[Printed], minutes: float) -> Iterator[Finding]:
    needed = sum(one.variant.minutes for one in form)
    points = sum(one.variant.points for one in form)
    if needed > minutes:
        says = f"its questions take {needed:g} minutes, the exam has {minutes:g}"
        yield Finding("time", says, "error")
    if abs(needed - points) > MOST_OFF_TIME * points:
        says = f"its questions take {needed:g} minutes for {points:g} points: one point is about a minute"
        yield Finding("minutes", says, "warning")
