"""Whether what follows from a student's own values takes no work to write down.

Numbers can be chosen so that 0, 1 and -1 alone follow (a ReLU that is closed), and a number of one's own can be copied.
Only the numbers count that the answer and what follows have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from question_bank.answers import answer_type
from question_bank.answers.base import Key, Reading
from question_bank.grammar.exact import Value
from question_bank.own_values import ROUNDED, Way, flat

PLAIN = frozenset({0, 1, -1})
# Roots and exponentials carry rounding: numbers that are closer are one number.
SAME = 1e-9


@dataclass(frozen=True)
class _Entry:
    """A number of what follows, the right one in its place, and what was typed there, where that is known."""

    follows: Value
    right: Value
    typed: Value | None = None

    @property
    def is_right(self) -> bool:
        return _same(self.follows, self.right)

    def is_number(self, number: Value) -> bool:
        """Whether a number follows here, or was typed for what follows."""
        return _same(self.follows, number) or (self.typed is not None and self.typed == number)

    def copies(self, other: _Entry) -> bool:
        """Whether it is the other number, as it is meant to be."""
        return _same(self.follows, other.follows) and _same(self.right, other.right)


def is_zero(follows: Key, key: Key) -> bool:
    """Whether all that follows is zero where something else is right."""
    found, right = _numbers(follows), _numbers(key)
    return set(found) == {0} != set(right)


def without_work(
    follows: Key, key: Key, found: Reading | None, way: Way, *, named: bool, trusted: bool
) -> str | None:
    """Why the answer `found` took no work, given what follows and the key; None where it took some.

    One 0, 1 or -1 throughout tells, and so do these alone where they make up half of the answer, unless a mistake that
    is `named` leads there. Where the student's values are `trusted`, of their own numbers one number throughout tells (a
    zero that stays zero), and one that makes up half of the answer, since one of a list can be chosen for that: a maximum.
    """
    entries = _in_common(follows, key, found)
    gained = [e for e in entries if not e.is_right]
    if not gained:
        return None
    found_there, meant = {e.follows for e in entries}, {e.right for e in entries}
    if not named and len(found_there) == 1 and found_there <= PLAIN and found_there != meant:
        (number,) = found_there
        return f"what follows is only {number}"
    half = len(gained) > 1 and 2 * len(gained) >= len(entries)
    if not named and half and _are_plain(gained):
        return "what follows is only 0, 1 and -1, where something else is right"
    own = _changed(way, one_number=trusted)
    if not named and (len(found_there) == 1 or 2 * len(gained) >= len(entries)):
        own = _changed(way, one_number=False)
        trusted = False
    if not all(any(e.is_number(o.follows) for o in own) for e in gained):
        return None
    if trusted and all(any(e.copies(o) for o in own) for e in gained):
        return None
    return "what follows is only your own number again"


def _are_plain(gained: list[_Entry]) -> bool:
    """Whether nothing but 0, 1 and -1 is gained, and not all of it is meant to be that."""
    return all(e.follows in PLAIN for e in gained) and not all(e.right in PLAIN for e in gained)


def _in_common(follows: Key, key: Key, found: Reading | None) -> list[_Entry]:
    wanted, right = _numbers(follows), _numbers(key)
    if len(wanted) != len(right):
        return []
    entries = [_Entry(a, b) for a, b in zip(wanted, right, strict=True)]
    typed = () if found is None else _carried(follows, found)
    if len(typed) != len(entries):
        return entries
    hits = [
        replace(e, typed=t)
        for t, e in zip(typed, entries, strict=True)
        if abs(t - e.follows) <= ROUNDED * abs(e.follows)
    ]
    return hits or entries


def _changed(way: Way, *, one_number: bool) -> list[_Entry]:
    """The student's own numbers that are not the right ones, beside them; of values of `one_number` throughout alone."""
    changed: list[_Entry] = []
    for name in way.starts:
        own, right = flat(way.own[name]), flat(way.right[name])
        if not one_number or len(set(own)) == 1:
            # Where a value has more or fewer numbers, the last right one stands beside those that are left over.
            beside = (*right, *right[-1:] * len(own))[: len(own)]
            changed += [_Entry(a, b) for a, b in zip(own, beside, strict=True) if not _same(a, b)]
    return changed


def _numbers(key: Key) -> tuple[Value, ...]:
    reading = answer_type(key.type).of_key(key)
    return () if reading is None else _carried(key, reading)


def _carried(key: Key, reading: Reading) -> tuple[Value, ...]:
    value = answer_type(key.type).carried(reading)
    return () if value is None else flat(value)


def _same(a: Value, b: Value) -> bool:
    same: bool = abs(a - b) <= SAME * abs(b)
    return same
