"""Error carried forward: a later part is also marked against what follows from the student's own earlier answers.

Values that would spare the work (zero, equal entries, another order of magnitude) are not carried, or a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from question_bank.answers import answer_type
from question_bank.answers.base import Key, Verdict
from question_bank.answers.marking import NOTHING, Mark, mark
from question_bank.grammar.exact import Value
from question_bank.mistakes import after_own_answers, credited, key_under

if TYPE_CHECKING:
    from question_bank.key import MarkedAnswer


def carried_forward(
    answer: MarkedAnswer, text: str, earlier: Sequence[MarkedAnswer]
) -> MarkedAnswer:
    """The answer against what follows from the student's own earlier ones."""
    own = {e.part.label: e for e in earlier}
    replaced: dict[str, Value] = {}
    honest = True
    for name, label in answer.part.carry.items():
        source = own[label]
        off_key = (
            source.mark.verdict in ("wrong", "partly_right")
            or source.carried_from
            or source.corrected
        )
        if not off_key or source.mark.reading is None:
            continue
        kind = answer_type(source.part.answer["type"])
        value = kind.carried(source.mark.reading)
        if value is None:
            continue
        right = kind.carried(kind.parse(kind.written(source.part.key), source.part.key)[0])
        if set(_flat(value)) == {0}:
            return answer
        honest = honest and _comparable(value, right)
        replaced[name] = value
    key = key_under(answer.question, answer.part, (), replaced) if replaced else None
    if key is None:
        return answer
    honest = honest and (not _is_trivial(key) or _is_trivial(answer.part.key))
    sources = tuple(f"{answer.question.number}{answer.part.carry[name]}" for name in replaced)
    again = _against_own(answer, text, key, replaced, honest=honest)
    # What the answer has earned by itself, it keeps.
    if again is None or again.fraction * Fraction(answer.part.carry_credit) <= answer.mark.fraction:
        return answer if again is None or again.mistake is None else _named(answer, again, sources)
    follows = f"follows from your own answer to {' and '.join(sources)}"
    if not honest:
        message = (
            f"{follows}, whose value leaves this part less to do than was meant: a person decides"
        )
        waits = Mark("needs_person", NOTHING, message, again.read_as, None, again.reading)
        return replace(answer, mark=waits, follows=key)
    return replace(
        answer, mark=_as_carried(answer, again, follows), carried_from=sources, follows=key
    )


def _against_own(
    answer: MarkedAnswer, text: str, key: Key, carried: Mapping[str, Value], *, honest: bool
) -> Mark | None:
    """The answer against what follows from the student's own values, slips on top of them included."""
    again = mark(key, text)
    if again.verdict not in ("right", "partly_right", "wrong"):
        return None
    if again.verdict == "right" or answer.mark.mistake is not None:
        return again
    for slip in after_own_answers(answer.question, answer.part, carried):
        if mark(slip.answer, text).verdict == "right":
            named = replace(again, mistake=slip.name, message=slip.why)
            return credited(named, slip.credit) if honest else named
    return again


def _named(answer: MarkedAnswer, again: Mark, sources: tuple[str, ...]) -> MarkedAnswer:
    """An answer that earns no more, whose slip shows when it is compared with the student's own values."""
    message = f"with your own answer to {' and '.join(sources)}: {again.message}"
    return replace(answer, mark=replace(answer.mark, mistake=again.mistake, message=message))


def _as_carried(answer: MarkedAnswer, again: Mark, follows: str) -> Mark:
    """The mark of an answer that follows from earlier ones: both paths, and what it earns."""
    fraction = again.fraction * Fraction(answer.part.carry_credit)
    earned = "full points" if fraction == 1 else f"{fraction} of the points"
    by_itself = f"by itself {answer.mark.message}" if answer.mark.mistake is None else ""
    if again.fraction < 1:
        follows = f"{follows} in part"
    message = f"{follows}: {earned}" + (f" ({by_itself})" if by_itself else "")
    if again.mistake is not None:
        message = f"{message}. {again.message}"
    verdict: Verdict = "right" if fraction == 1 else "partly_right"
    return replace(again, verdict=verdict, fraction=fraction, message=message)


# A carried value may be this many times larger or smaller than the right one.
MOST_APART = 1000


def _comparable(value: Value, right: Value) -> bool:
    """Whether a wrong value leaves the later parts their work.

    Zeros where the right value has none, equal entries where they differ, or another order of magnitude can make
    them trivial: what follows from such values is looked at by a person. A value that is zero throughout is not
    carried forward at all.
    """
    if isinstance(value, tuple) and isinstance(right, tuple):
        if len(value) != len(right) or (_alike(value) and not _alike(right)):
            return False
        return all(_comparable(a, b) for a, b in zip(value, right, strict=True))
    if isinstance(value, tuple) or isinstance(right, tuple):
        return False
    if value == 0:
        return bool(right == 0)
    return bool(right == 0 or 1 / MOST_APART <= abs(value / right) <= MOST_APART)


def _alike(values: tuple[Value, ...]) -> bool:
    return len(values) > 1 and len({abs(v) if not isinstance(v, tuple) else v for v in values}) == 1


def _is_trivial(key: Key) -> bool:
    """Whether a key is zero, or the same number everywhere: an answer that needs no work."""
    kind = answer_type(key.type)
    value = kind.carried(kind.parse(kind.written(key), key)[0])
    flat = _flat(value)
    return bool(flat) and (set(flat) == {0} or (len(flat) > 1 and len(set(flat)) == 1))


def _flat(value: Value) -> tuple[Value, ...]:
    if isinstance(value, tuple):
        return tuple(entry for item in value for entry in _flat(item))
    return () if value is None else (value,)
