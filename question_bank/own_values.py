"""Whether a student's own values leave a later part the work that was meant.

Values go on with their consequences: the `let` lines between them and the part's answer, its *way*. Along the way
the student's numbers are compared with the right ones, so that nobody is spared work by answering ones or zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from question_bank.answers import answer_type
from question_bank.derive import derive, names_read, value_of
from question_bank.effort import work_of
from question_bank.grammar.exact import EvaluationError, Value

if TYPE_CHECKING:
    from question_bank.key import KeyPart, KeyQuestion

# A number on the way may be this many times larger or smaller than the right one.
MOST_APART = 1000
# Of the operations on the right way, this share must be left.
LEAST_WORK = Fraction(1, 2)
# Half a step of the third digit, of the smallest number that has three.
ROUNDED = 0.005
# In a list of two, entries of one size are no accident to wonder at; equal ones are.
FEWEST_OF_ONE_SIZE = 3


@dataclass(frozen=True)
class Way:
    """From a student's values to a part's answer.

    `starts` are the values that reach it and `lines` the `let` lines between; `right` and `own` hold all values, as
    they should be and as they follow from the student's.
    """

    starts: frozenset[str]
    lines: tuple[str, ...]
    right: Mapping[str, Value]
    own: Mapping[str, Value]


def way_to(question: KeyQuestion, part: KeyPart, starts: Mapping[str, Value]) -> Way:
    """The way to the part's answer; beyond another of the starts, a value reaches nothing.

    Raises EvaluationError where a line on it has no value.
    """
    assert part.spec is not None  # noqa: S101 - a part that carries has a spec
    kind = answer_type(part.spec["type"])
    needed = set(kind.names(kind.Spec.model_validate(part.spec)))
    for name in reversed(question.let):
        if name in needed and name not in starts:
            needed |= names_read(question.let[name])
    reached = set(starts)
    lines = []
    right = derive(question.parameters, question.let)
    own = {**right, **starts}
    for name, expression in question.let.items():
        if name not in starts and not reached.isdisjoint(names_read(expression)):
            reached.add(name)
            if name in needed:
                lines.append(name)
                own[name] = value_of(expression, own)
    return Way(frozenset(starts) & needed, tuple(lines), right, own)


def impossible(question: KeyQuestion, way: Way) -> str | None:
    """The author's sentence on a condition that the student's values break; None where all hold."""
    touched = way.starts | set(way.lines)
    for condition in question.possible:
        if touched.isdisjoint(names_read(condition.holds)):
            continue
        try:
            holds = value_of(condition.holds, way.own) is True
        except EvaluationError:
            holds = False
        if not holds:
            return condition.why
    return None


def spared(question: KeyQuestion, way: Way) -> str | None:
    """Why the student's values leave less to do than was meant; None where they do not."""
    for name in (*sorted(way.starts), *way.lines):
        if (reason := _easier(way.own[name], way.right[name])) is not None:
            return reason
    left, meant = _operations(question, way)
    if left < LEAST_WORK * meant:
        return f"{left} of {meant} operations are left"
    return None


def is_mostly_right(own: Value, right: Value) -> bool:
    """Whether of a list, at least half of the numbers that give work (not 0, 1 or -1) are the right ones, to three digits.

    One number throughout hits some of them by chance, and is never mostly right.
    """
    mine, theirs = flat(own), flat(right)
    if len(mine) != len(theirs) or len(set(mine)) < 2:
        return False
    pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if not _is_plain((b,))]
    hits = sum(abs(a - b) <= ROUNDED * abs(b) for a, b in pairs)
    return bool(pairs) and 2 * hits >= len(pairs)


def starts_at_zero(way: Way) -> bool:
    """Whether one of the student's values is zero throughout."""
    return any(set(flat(way.own[name])) == {0} for name in way.starts)


def leaves_nothing(question: KeyQuestion, way: Way) -> bool:
    """Whether a value is zero throughout and thereby spares most of the work, or all that there is."""
    if not starts_at_zero(way):
        return False
    left, meant = _operations(question, way)
    return meant == 0 or left < LEAST_WORK * meant


def _operations(question: KeyQuestion, way: Way) -> tuple[int, int]:
    """Operations on the way that are not trivial, with the student's values and with the right ones."""
    lines = [question.let[name] for name in way.lines]
    return work_of(lines, way.own).operations, work_of(lines, way.right).operations


def _easier(own: Value, right: Value) -> str | None:
    mine, theirs = flat(own), flat(right)
    if len(mine) != len(theirs):
        return "a step has more or fewer numbers than it should"
    if any(_far_apart(a, b) for a, b in zip(mine, theirs, strict=True)):
        return f"a number is more than {MOST_APART} times larger or smaller than it should be"
    if len(mine) > 1 and _is_plain(mine) and not _is_plain(theirs):
        return "a step holds only 0, 1 and -1"
    if len(mine) >= FEWEST_OF_ONE_SIZE and _has_one_size(mine) and not _has_one_size(theirs):
        return "a step holds numbers of one size only"
    if len(set(mine)) == 1 < len(set(theirs)):
        return "a step holds one number throughout"
    return None


def _far_apart(own: Value, right: Value) -> bool:
    return own != 0 != right and not 1 / MOST_APART <= abs(own / right) <= MOST_APART


def _is_plain(numbers: tuple[Value, ...]) -> bool:
    return all(abs(number) in (0, 1) for number in numbers)


def _has_one_size(numbers: tuple[Value, ...]) -> bool:
    return len({abs(number) for number in numbers} - {0}) <= 1


def flat(value: Value) -> tuple[Value, ...]:
    """The numbers of a value in order; texts and truths are none."""
    return tuple(_numbers(value))


def _numbers(value: Value) -> Iterator[Value]:
    if isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, Fraction, float)) and not isinstance(value, bool):
        yield value
