"""From a typed answer to a verdict with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from question_bank.answers import answer_type
from question_bank.answers.base import (
    MAX_ANSWER,
    MAX_PROSE,
    AnswerType,
    Comparison,
    Key,
    Printed,
    Reading,
    Unreadable,
    Verdict,
)
from question_bank.answers.typed import bare, is_noise


@dataclass(frozen=True)
class MistakeKey:
    """The value that a named mistake leads to in one variant, and the sentence that helps."""

    name: str
    why: str
    answer: Key


@dataclass(frozen=True)
class Mark:
    """A verdict; `fraction` of the points is earned (0 while a person is waited for, below 0 where wrong choices cost).

    `ask` holds the readings between which the one who typed the answer may choose, where the verdict depends on it.
    """

    verdict: Verdict
    fraction: Fraction
    message: str
    read_as: str | None = None
    mistake: str | None = None
    reading: Reading | None = None
    ask: tuple[str, ...] = ()


NOTHING = Fraction(0)
NOT_KNOWN = Printed()
MISNAMED = "right, but with the name of something else than what is asked for; a person decides"
# So many readings are echoed.
MOST_SHOWN = 3
# What someone can do whose answer has two readings.
ASK = "tell them which you meant, and write it as one of these next time"


def mark(
    key: Key,
    text: str,
    mistakes: Sequence[MistakeKey] = (),
    chosen: str | None = None,
    printed: Printed = NOT_KNOWN,
) -> Mark:
    """Mark one typed answer against a key; a wrong one is compared with the named mistakes.

    `chosen` is the reading (of an earlier mark's `ask`) that was meant. `printed` holds the names of what is asked for.
    """
    if not text.strip():
        return Mark("not_answered", NOTHING, "not answered")
    kind = answer_type(key.type)
    longest = MAX_PROSE if kind.by_person else MAX_ANSWER
    if len(text) > longest:
        return Mark("unreadable", NOTHING, f"is longer than {longest} characters")
    try:
        readings = kind.parse(text.strip() if kind.by_person else bare(text), key)
    except Unreadable as fault:
        if is_noise(text):
            return Mark(
                "not_answered", NOTHING, "not answered: only signs, no letter and no number"
            )
        cure = fault.hint or kind.instruction(key)
        return Mark("unreadable", NOTHING, printable(f"cannot be read: {fault.message} ({cure})"))
    readings = (*readings, *_by_names(kind, key, readings, printed))
    readings = tuple(replace(r, echo=printable(r.echo)) for r in readings)
    if chosen is not None:
        readings = tuple(r for r in readings if r.echo == chosen) or readings
    usual = _mark_reading(kind, key, readings[0], mistakes)
    others = [(reading, _mark_reading(kind, key, reading, mistakes)) for reading in readings[1:]]
    marks = [usual, *(m for r, m in others if not (r.remote and _is_idle(m, usual)))]
    if len({(m.verdict, m.fraction) for m in marks}) > 1:
        echoes = tuple(dict.fromkeys(m.read_as or "" for m in marks))
        either = " or ".join(echoes[:MOST_SHOWN])
        if len(echoes) > MOST_SHOWN:
            either += f", or in {len(echoes) - MOST_SHOWN} more ways"
        message = f"can be read as {either}; a person decides: {ASK}"
        return Mark("needs_person", NOTHING, message, read_as=either, ask=echoes)
    named = usual.verdict == "right" and readings[0].names
    if named and kind.names_another(readings[0], key, printed):
        return replace(usual, verdict="needs_person", fraction=NOTHING, message=MISNAMED)
    return next((m for m in marks if m.mistake), usual)


def says_nothing(key: Key, text: str) -> bool:
    """Whether an answer counts as not given: nothing, or signs alone that mean nothing where this is asked.

    `{}` is a set without members, and words are read by a person, whatever they are.
    """
    if not is_noise(text):
        return False
    if not text.strip():
        return True
    kind = answer_type(key.type)
    try:
        kind.parse(text.strip() if kind.by_person else bare(text), key)
    except Unreadable:
        return True
    return False


def _by_names(
    kind: AnswerType[Any, Any], key: Key, readings: Sequence[Reading], printed: Printed
) -> list[Reading]:
    """The readings of which the names say that another order is meant than that in which the numbers stand."""
    ordered = [kind.by_names(reading, key, printed) for reading in readings if reading.names]
    values = [reading.value for reading in readings]
    return [reading for reading in ordered if reading and reading.value not in values]


def _is_idle(found: Mark, usual: Mark) -> bool:
    # Nobody means the reading that is not usual, and loses by it.
    if usual.verdict == "right":
        return True
    return found.verdict in ("wrong", "partly_right") and found.fraction < usual.fraction


def _mark_reading(
    kind: AnswerType[Any, Any], key: Key, reading: Reading, mistakes: Sequence[MistakeKey]
) -> Mark:
    comparison = kind.compare(reading, key)
    verdict = _verdict(comparison)
    if verdict not in ("wrong", "partly_right"):
        fraction = comparison.fraction or NOTHING
        return Mark(verdict, fraction, comparison.message, reading.echo, None, reading)
    for mistake in mistakes:
        if kind.compare(reading, mistake.answer).fraction == 1:
            return Mark(
                verdict,
                comparison.fraction or NOTHING,
                mistake.why,
                reading.echo,
                mistake.name,
                reading,
            )
    return Mark(
        verdict, comparison.fraction or NOTHING, comparison.message, reading.echo, None, reading
    )


def printable(text: str) -> str:
    """The text with every sign spelled out that a terminal obeys, or that no file can hold: U+001B."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"U+{ord(c):04X}" for c in text)


def _verdict(comparison: Comparison) -> Verdict:
    if comparison.fraction is None:
        return "needs_person"
    if comparison.fraction == 1:
        return "right"
    return "wrong" if comparison.fraction <= 0 else "partly_right"
