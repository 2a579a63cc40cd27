"""Whether what follows from a student's own values takes no work to write down.

One 0, 1 or -1 throughout can be guessed from numbers that were chosen for it, and a student's own number can be
copied. Only the numbers count that the answer and what follows have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from question_bank.answers import answer_type
from question_bank.answers.base import Key, Reading
from question_bank.grammar.exact import Value
from question_bank.own_values import ROUNDED, Way, flat

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN = frozenset({0, 1, -1})
# Roots and exponentials carry rounding: numbers that are closer are one number.
SAME = 1e-9


@dataclass(frozen=True)
class _Entry:
    """A number of what follows, and the right one in its place."""

    follows: Value
    right: Value

    @property
    def is_right(self) -> bool:
        return _same(self.follows, self.right)


def is_zero(follows: Key, key: Key) -> bool:
    """Whether all that follows is zero where something else is right."""
    found, right = _numbers(follows), _numbers(key)
    return set(found) == {0} != set(right)


def without_work(
    follows: Key, key: Key, found: Reading | None, way: Way, *, named: bool
) -> str | None:
    """Why the answer `found` took no work, given what follows and the key; None where it took some.

    After a `named` mistake a number may be copied where the right answer copies the right number as well.
    """
    entries = _in_common(follows, key, found)
    gained = [e for e in entries if not e.is_right]
    if not gained:
        return None
    mine, theirs = {e.follows for e in entries}, {e.right for e in entries}
    if len(mine) == 1 and mine <= PLAIN and mine != theirs:
        (number,) = mine
        return f"what follows is only {number}"
    own = _changed(way)
    if all(any(_same(e.follows, o.follows) for o in own) for e in gained):
        meant = all(
            any(_same(e.follows, o.follows) and _same(e.right, o.right) for o in own)
            for e in gained
        )
        return None if named and meant else "what follows is only your own number again"
    return None


def _in_common(follows: Key, key: Key, found: Reading | None) -> list[_Entry]:
    wanted, right = _numbers(follows), _numbers(key)
    if len(wanted) != len(right):
        return []
    entries = [_Entry(a, b) for a, b in zip(wanted, right, strict=True)]
    typed = () if found is None else _carried(follows, found)
    if len(typed) != len(entries):
        return entries
    hits = [
        e
        for t, e in zip(typed, entries, strict=True)
        if abs(t - e.follows) <= ROUNDED * abs(e.follows)
    ]
    return hits or entries


def _changed(way: Way) -> list[_Entry]:
    """The student's own numbers that are not the right ones, beside the right ones where there are as many."""
    changed: list[_Entry] = []
    for name in way.starts:
        own, right = flat(way.own[name]), flat(way.right[name])
        beside: Sequence[Value] = right if len(own) == len(right) else ["none"] * len(own)
        changed += [_Entry(a, b) for a, b in zip(own, beside, strict=True) if not _same(a, b)]
    return changed


def _numbers(key: Key) -> tuple[Value, ...]:
    reading = answer_type(key.type).of_key(key)
    return () if reading is None else _carried(key, reading)


def _carried(key: Key, reading: Reading) -> tuple[Value, ...]:
    value = answer_type(key.type).carried(reading)
    return () if value is None else flat(value)


def _same(a: Value, b: Value) -> bool:
    return a == b or (not isinstance(b, str) and abs(a - b) <= SAME * abs(b))
