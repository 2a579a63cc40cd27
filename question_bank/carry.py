"""Error carried forward: a later part is also marked against what follows from the student's own earlier answers.

Answers that one named mistake leads to are carried, whatever they spare. Of all others, those that cannot be (the
author says which, and shapes with an axis below 1) and those that are zero and leave nothing to do are refused, and
a person decides where the student's values leave less to do than was meant (own_values.py). A person also decides,
after lists that are mostly right and after a named mistake too, where what follows takes no work to write down
(no_work.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from question_bank.answers import answer_type
from question_bank.answers.base import Verdict
from question_bank.answers.marking import NOTHING, Mark, mark
from question_bank.answers.number_term import Typed
from question_bank.answers.numeric import NumericKey, of_rounded
from question_bank.grammar.exact import EvaluationError, Value
from question_bank.mistakes import AND, after_own_answers, bound, credited
from question_bank.no_work import is_zero, without_work
from question_bank.own_values import (
    Way,
    flat,
    impossible,
    is_mostly_right,
    leaves_nothing,
    spared,
    starts_at_zero,
    way_to,
)

if TYPE_CHECKING:
    from question_bank.key import MarkedAnswer


def carried_forward(
    answer: MarkedAnswer, text: str, earlier: Sequence[MarkedAnswer]
) -> MarkedAnswer:
    """The answer against what follows from the student's own earlier ones."""
    sources = {name: _labelled(label, earlier) for name, label in answer.part.carry.items()}
    unread = [s.label for s in sources.values() if _waits_unread(s)]
    if unread:
        message = f"may follow from your own answer to {_all(unread)}, which a person reads first"
        return replace(answer, mark=_left_open(answer.mark, message))
    if short := [s.label for s in sources.values() if _lacks_an_entry(s)]:
        message = f"may follow from your own answer to {_all(short)}, of which an entry is left out: a person decides"
        return replace(answer, mark=_left_open(answer.mark, message))
    starts: dict[str, Value] = {}
    for name, source in sources.items():
        value = _own_value(source)
        if value is not None:
            starts[name] = value
    if not starts:
        return answer
    try:
        way = way_to(answer.question, answer.part, starts)
    except EvaluationError:
        own = [sources[name].label for name in starts]
        return _refused(answer, own, "nothing that can be computed follows from it")
    if not way.starts:
        return answer
    return _along(answer, text, way, {n: s for n, s in sources.items() if n in way.starts})


def _along(
    answer: MarkedAnswer, text: str, way: Way, sources: Mapping[str, MarkedAnswer]
) -> MarkedAnswer:
    """The answer against where the way from the student's own answers (by the value that each is) ends."""
    labels = [source.label for source in sources.values()]
    named = all(_is_one_mistake(source) for source in sources.values())
    trusted = all(
        _is_one_mistake(source) or is_mostly_right(way.own[name], way.right[name])
        for name, source in sources.items()
    )
    why = None if named else _no_shape(way, sources) or impossible(answer.question, way)
    if why is not None:
        return _refused(answer, labels, why)
    key = bound(answer.part, way.own)
    if key is None:
        return _refused(answer, labels, "nothing that can be answered follows from it")
    if isinstance(key, NumericKey) and any(map(_may_be_rounded, sources.values())):
        key = of_rounded(key)
    nothing = leaves_nothing(answer.question, way) or (
        starts_at_zero(way) and is_zero(key, answer.part.key)
    )
    # A zero that itself follows from an earlier slip was not chosen, and waits for a person below.
    chosen = all(s.mark.verdict in ("wrong", "partly_right") for s in sources.values())
    if nothing and chosen and not trusted:
        return _refused(answer, labels, "it is zero throughout, which leaves nothing to do here")
    easier = None if trusted else spared(answer.question, way)
    answer = replace(answer, carried_from=tuple(labels), follows=key)
    again = _against_own(answer, text, way, honest=easier is None)
    if again is not None and again.verdict == "needs_person":
        message = f"with your own answer to {_all(labels)}: {again.message}"
        return replace(answer, mark=_left_open(again, message))
    # What the answer has earned by itself, it keeps.
    if again is None or again.fraction * Fraction(answer.part.carry_credit) <= answer.mark.fraction:
        return answer if again is None or again.mistake is None else _named(answer, again)
    easier = easier or without_work(
        key, answer.part.key, again.reading, way, named=named, trusted=trusted
    )
    if easier is not None:
        message = (
            f"follows from your own answer to {_all(labels)}, which leaves less to do than was meant"
            f" ({easier}): a person decides"
        )
        return replace(answer, mark=_left_open(again, message))
    slips = dict.fromkeys(s.mark.mistake for s in sources.values() if s.mark.mistake)
    return replace(answer, mark=_as_carried(answer, again, AND.join(slips) or None))


def _is_one_mistake(source: MarkedAnswer) -> bool:
    """Whether one named mistake leads to the answer; two at once lead to nearly any small number."""
    return source.slip is not None and AND not in source.slip


def _no_shape(way: Way, sources: Mapping[str, MarkedAnswer]) -> str | None:
    """Why a student's value is no shape, where one was asked for; None where none is amiss."""
    shapes = [way.own[n] for n, source in sources.items() if source.part.key.type == "shape"]
    empty = any(axis < 1 for shape in shapes for axis in flat(shape))
    return "no axis of a shape is below 1" if empty else None


def _may_be_rounded(source: MarkedAnswer) -> bool:
    """Whether the answer was typed as decimals, so that whoever works with it may go on with what they stand for."""
    value = None if source.mark.reading is None else source.mark.reading.value
    return isinstance(value, Typed) and value.rounded


def _labelled(label: str, earlier: Sequence[MarkedAnswer]) -> MarkedAnswer:
    return next(e for e in earlier if e.part.label == label)


def _waits_unread(source: MarkedAnswer) -> bool:
    unread = source.mark.verdict in ("needs_person", "unreadable")
    return unread and source.mark.reading is None


def _lacks_an_entry(source: MarkedAnswer) -> bool:
    """Whether a list has an empty place, and a wrong number with which someone may have gone on."""
    reading, kind = source.mark.reading, answer_type(source.part.answer["type"])
    if source.mark.verdict not in ("wrong", "partly_right") or reading is None:
        return False
    if kind.carried(reading) is not None:
        return False
    (entries,) = reading.value
    return sum(one is not None for one in entries) > source.mark.fraction * len(entries)


def _own_value(source: MarkedAnswer) -> Value | None:
    """What the student goes on with, where it is not, or may not be, what the key says."""
    off_key = (
        source.mark.verdict in ("wrong", "partly_right", "needs_person")
        or source.carried_from
        or source.corrected
    )
    if not off_key or source.mark.reading is None:
        return None
    return answer_type(source.part.answer["type"]).carried(source.mark.reading)


def _refused(answer: MarkedAnswer, labels: Sequence[str], why: str) -> MarkedAnswer:
    told = f"your own answer to {_all(labels)} is not carried forward: {why.strip().rstrip('.')}"
    mark = replace(answer.mark, message=f"{answer.mark.message} ({told})")
    return replace(answer, mark=mark)


def _against_own(answer: MarkedAnswer, text: str, way: Way, *, honest: bool) -> Mark | None:
    """The answer against what follows from the student's own values, slips on top of them included."""
    assert answer.follows is not None  # noqa: S101 - set where there is a way
    printed = answer.question.printed(answer.part)
    again = mark(answer.follows, text, printed=printed)
    if again.verdict == "needs_person":
        return again
    if again.verdict not in ("right", "partly_right", "wrong"):
        return None
    if again.verdict == "right" or answer.slip is not None:
        return again
    starts: Mapping[str, Value] = {name: way.own[name] for name in way.starts}
    for slip in after_own_answers(answer.question, answer.part, starts):
        if mark(slip.answer, text, printed=printed).verdict == "right":
            named = replace(again, mistake=slip.name, message=slip.why)
            return credited(named, slip.credit) if honest else named
    return again


def _named(answer: MarkedAnswer, again: Mark) -> MarkedAnswer:
    """An answer that earns no more, whose slip shows when it is compared with the student's own values."""
    message = f"with your own answer to {_all(answer.carried_from)}: {again.message}"
    return replace(answer, mark=replace(answer.mark, mistake=again.mistake, message=message))


def _left_open(found: Mark, message: str) -> Mark:
    return Mark("needs_person", NOTHING, message, found.read_as, None, found.reading)


def _as_carried(answer: MarkedAnswer, again: Mark, slip: str | None) -> Mark:
    """The mark of an answer that follows from earlier ones, in which `slip` was made: both paths, and what it earns."""
    fraction = again.fraction * Fraction(answer.part.carry_credit)
    earned = "full points" if fraction == 1 else f"{fraction} of the points"
    if slip is not None:
        by_itself = f"wrong: {slip.replace(AND, ' and ').replace('_', ' ')}"
    else:
        # The sentence on a mistake that was not made here would only confuse.
        by_itself = answer.mark.message if answer.slip is None else "wrong"
    in_part = " in part" if again.fraction < 1 else ""
    message = (
        f"follows from your own answer to {_all(answer.carried_from)}{in_part}: {earned}"
        f" (by itself {by_itself})"
    )
    if again.mistake is not None:
        message = f"{message}. {again.message}"
    verdict: Verdict = "right" if fraction == 1 else "partly_right"
    mistake = again.mistake or slip
    return replace(again, verdict=verdict, fraction=fraction, message=message, mistake=mistake)


def _all(labels: Sequence[str]) -> str:
    return " and ".join(labels)
