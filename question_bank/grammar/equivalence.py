"""Whether two formulas are the same, by their values: in the box that the question declares, and beyond it.

Forty digits tell formulas apart, and 130 whether they do agree, so that cancellation cannot make equal formulas look
different, nor a small term be lost. The work of one comparison is bounded; what is not decided within it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Literal

from question_bank.grammar.arrays import rows_of
from question_bank.grammar.formula import LONG, Formula, digits_of, places
from question_bank.grammar.nodes import Number
from question_bank.grammar.numeric import (
    COARSE,
    FINE,
    FINE_COST,
    Meter,
    TooLarge,
    Undefined,
    evaluated,
    operation,
)
from question_bank.grammar.sampling import (
    Box,
    Point,
    beside_constants,
    beside_zeros,
    beyond,
    converted,
    inside,
)
from question_bank.grammar.syntax import GrammarError

# A formula that does not bend is analytic: where two differ at all, they differ at almost every point.
POINTS, BENT_POINTS, ARRAY_POINTS = 6, 32, 4
# The point to whose values the others are related, where formulas are the same up to a factor.
ANCHOR = 99
# Points beside constants and bends in the box, and beyond it.
MOST_BESIDE, MOST_BEYOND, MOST_ARRAYS_BEYOND = 60, 200, 36
# What the points of the box may cost, the search for those beside bends, these themselves, those beyond the box, and one
# point in fine digits.
WORK, BENT_WORK, BESIDE_WORK, BEYOND_WORK, FINE_WORK = 10_000, 10_000, 10_000, 16_000, 20_000

# Relative differences: below ALIKE, and above it, more digits tell: with these there is none below SAME, nor where it is
# only so large a share of what it was, since rounding goes with the digits.
ALIKE, SAME, SHRINKS = 1e-28, 1e-100, 1e-60
# A constant below this may be lost beside other terms.
TINIEST = 1e-90
# What an answer in decimals may lose by rounding, and what does not count at all where they have many digits.
ROUNDED, FULL = Fraction(5, 1000), 1e-9
# So many digits make a decimal a rounded number, with a little more than rounding takes.
SHORT, SLACK = 3, Fraction(102, 100)
# How many decimals of a formula may be rounded ones, and how far the last of many digits may be off.
MOST_DECIMALS = 12
LAST = Fraction(3, 2)

Agreement = Literal["equal", "different", "rounded", "elsewhere", "unknown"]
Values = tuple[Any, ...]
# A point of the box by its number, or any other.
Where = int | Point


@dataclass(frozen=True)
class Pair:
    """The answer `a` and the key `b`; with `factor`, one may be a constant times the other."""

    a: Formula
    b: Formula
    box: Box
    factor: bool = False


def agreement(pair: Pair) -> Agreement:
    """How the answer agrees with the key.

    equal: everywhere. different: somewhere in the box. rounded: it holds decimals, and differs nowhere by more than their
    rounding. elsewhere: equal in the box, and different beyond it. unknown: it has no value at some points, or too little
    could be compared.
    """
    found = agreement_inside(pair)
    bent = (pair.a.bends or pair.b.bends) and pair.a.node != pair.b.node
    if found == "equal" and bent and _differs_beyond(pair):
        return "elsewhere"
    return found


def _is_out_of_reach(formula: Formula) -> bool:
    """Whether it holds a constant too small or too large to be computed with."""
    try:
        return any(constant < TINIEST for constant in formula.constants[-1:])
    except (
        GrammarError
    ):  # a symbol of few values, put in, has made one that was none while it was read
        return True


def agreement_inside(pair: Pair) -> Agreement:
    """How the answer agrees with the key at the points of the box."""
    if any(_is_out_of_reach(one) for one in (pair.a, pair.b)):
        return "unknown"
    bent = bool(pair.a.bends or pair.b.bends)
    count = ARRAY_POINTS if pair.a.arrays else BENT_POINTS if bent else POINTS
    tally = _Tally()
    meter = Meter(WORK)
    for index in range(count):
        left, right = (_metered(pair, one, index, meter) for one in (pair.a, pair.b))
        if meter.left < 0:
            tally.missed += count - index
            break
        if tally.add(_compared(pair, index, left, right, not tally.agreed)):
            return "different"
    found = tally.verdict(count)
    if found in ("equal", "rounded") and bent and pair.a.node != pair.b.node:
        left_over = BESIDE_WORK
        for point in _beside(pair):
            (left, cost), (right, more) = (_at(pair, one, point, False) for one in (pair.a, pair.b))
            left_over -= cost + more
            if left_over < 0:
                break
            beside = _compared(pair, point, left, right, False)
            if beside == "different":
                return "different"
            if beside == "rounded":
                found = "rounded"
    return found


def is_opposite(pair: Pair) -> bool:
    """Whether the answer is the key with the sign the other way round."""
    meter = Meter(WORK)
    for index in range(POINTS):
        left, right = (_metered(pair, one, index, meter) for one in (pair.a, pair.b))
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            return False
        if _distance(tuple(-x for x in left), right) > ALIKE:
            return False
    return True


@dataclass
class _Tally:
    """What was found at points."""

    agreed: int = 0
    rounded: int = 0
    missed: int = 0
    undefined: int = 0

    def add(self, found: str) -> bool:
        """Counts; whether it settles that formulas differ."""
        match found:
            case "equal":
                self.agreed += 1
            case "rounded":
                self.rounded += 1
            case "missed":
                self.missed += 1
            case "undefined":
                self.undefined += 1
        return found == "different"

    def verdict(self, count: int) -> Agreement:
        """Of so many points."""
        if self.rounded and not (self.missed or self.undefined):
            return "rounded"
        if self.undefined and not (self.agreed or self.rounded or self.missed):
            return "different"
        if self.undefined or self.rounded or self.agreed < max(1, count // 3):
            return "unknown"
        return "equal"


def _compared(pair: Pair, where: Where, left: Any, right: Any, finely: bool) -> str:
    """What two values at a point say: equal, rounded, different; missed or undefined where there are none."""
    if isinstance(left, TooLarge) or isinstance(right, Undefined):
        return "missed"
    if isinstance(left, Undefined):
        return "undefined"
    difference = _distance(left, right)
    if difference > ALIKE or finely:
        # Either much was cancelled, or they really differ: more digits tell.
        fine_left, fine_right = (_at(pair, one, where, True)[0] for one in (pair.a, pair.b))
        if isinstance(fine_left, Undefined) or isinstance(fine_right, Undefined):
            return "missed"
        fine = _distance(fine_left, fine_right)
        if fine > max(SAME, difference * SHRINKS):
            return _rounding(pair, where, (fine_left, fine_right))
    return "equal"


def _distance(left: Values, right: Values) -> Any:
    largest = max(max(abs(x), abs(y)) for x, y in zip(left, right, strict=True))
    return max(abs(x - y) for x, y in zip(left, right, strict=True)) / largest if largest else 0


def _rounding(pair: Pair, where: Where, values: tuple[Values, Values]) -> str:
    """What a difference is: none where decimals of many digits explain it, rounding, or a real one."""
    if not (pair.a.decimals or pair.b.decimals):
        return "different"
    scale = max(*map(abs, values[1]), *(_size(pair, index) for index in range(POINTS)))
    off = max(abs(x - y) for x, y in zip(*values, strict=True))
    if off <= FULL * scale and _explained(pair, where, values, (pair.a, pair.b), _in_full):
        return "equal"
    return "rounded" if _explained(pair, where, values, (pair.a,), _in_short) else "different"


def _in_full(number: Number) -> Fraction:
    """How far a decimal of many digits may be from the number that it stands for."""
    if digits_of(number) < LONG:
        return Fraction(0)
    last: Fraction = max(LAST / 10 ** places(number), abs(number.value) / 10**LONG)
    return last


def _in_short(number: Number) -> Fraction:
    """How far a decimal may be from a number for which someone may have written it."""
    last = Fraction(1, 10 ** places(number)) if digits_of(number) >= SHORT else Fraction(0)
    return SLACK * max(last, ROUNDED * abs(number.value))


def _size(pair: Pair, index: int) -> Any:
    values, _ = _at(pair, pair.b, index, False)
    return 0 if isinstance(values, Undefined) else max(map(abs, values))


def _explained(
    pair: Pair,
    where: Where,
    values: tuple[Values, Values],
    formulas: Sequence[Formula],
    room_of: Callable[[Number], Fraction],
) -> bool:
    """Whether a difference is no more than what other values of the decimals in these formulas make."""
    room = [0] * len(values[0])
    for formula in formulas:
        own = values[0] if formula is pair.a else values[1]
        rounded = [number for number in formula.decimals if room_of(number)]
        for number in rounded[:MOST_DECIMALS]:
            moved = formula.moved(number, room_of(number))
            shifted, _ = _related(moved, pair.box, _point(pair, where), False, pair.factor)
            if isinstance(shifted, Undefined):
                return False
            room = [r + abs(x - y) for r, x, y in zip(room, shifted, own, strict=True)]
    return all(abs(x - y) <= r * (1 + FULL) for x, y, r in zip(*values, room, strict=True))


def _beside(pair: Pair) -> Iterator[Point]:
    """Points beside the bends of both formulas, and beside their constants."""
    meter = Meter(BENT_WORK)

    def found() -> Iterator[Point]:
        for formula in (pair.a, pair.b):
            for bend in formula.bends:
                place = Formula(bend, formula.shape)
                names = [name for name, _ in pair.box.domains if name in place.names]
                yield from beside_zeros(partial(_or_none, place, meter), names, pair.box)
        yield from beside_constants(pair.box, _constants(pair))

    for point in islice(found(), MOST_BESIDE):
        if meter.left < 0:
            return
        yield point


def _or_none(formula: Formula, meter: Meter, point: Point) -> Values | None:
    try:
        return values_at(formula, point, COARSE, meter)
    except Undefined:
        return None


def _constants(pair: Pair) -> Sequence[float]:
    return sorted({*pair.a.constants, *pair.b.constants}, reverse=True)


def _differs_beyond(pair: Pair) -> bool:
    """Whether the formulas differ at other signs or magnitudes, where both have a value."""
    left_over = BEYOND_WORK
    most = MOST_ARRAYS_BEYOND if pair.a.arrays else MOST_BEYOND
    box = pair.box.of(pair.a.names | pair.b.names)
    for point in islice(beyond(box, _constants(pair)), most):
        (left, cost), (right, more) = (_at(pair, one, point, False) for one in (pair.a, pair.b))
        left_over -= cost + more
        if left_over < 0:
            return False
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            continue
        if _compared(pair, point, left, right, False) in ("different", "rounded"):
            return True
    return False


def _metered(pair: Pair, formula: Formula, index: int, meter: Meter) -> Any:
    values, cost = _at(pair, formula, index, False)
    meter.left -= cost
    return values


def _point(pair: Pair, where: Where) -> Point:
    return inside(pair.box, where) if isinstance(where, int) else where


def _at(pair: Pair, formula: Formula, where: Where, fine: bool) -> tuple[Any, int]:
    """The values of a formula, or the Undefined that tells why there are none, and what they cost."""
    if isinstance(where, int):
        return _known(formula, pair.box, where, fine, pair.factor)
    return _related(formula, pair.box, where, fine, pair.factor)


# One answer is compared with many keys at the same points.
@lru_cache(maxsize=8192)
def _known(formula: Formula, box: Box, index: int, fine: bool, factor: bool) -> tuple[Any, int]:
    return _related(formula, box, inside(box, index), fine, factor)


def _related(
    formula: Formula, box: Box, point: Point, fine: bool, factor: bool
) -> tuple[Values | Undefined, int]:
    """The values at a point, as shares of those at the anchor where a factor does not count, and what they cost.

    Undefined in place of values says why there are none.
    """
    work, mp = (FINE_WORK, FINE) if fine else (WORK, COARSE)
    meter = Meter(work, FINE_COST if fine else 1)
    points = (point, inside(box, ANCHOR)) if factor else (point,)
    try:
        values, *whole = (
            values_at(formula, converted(at, mp) if fine else at, mp, meter) for at in points
        )
        if whole:
            values = tuple(operation("/", x, y, mp) for x, y in zip(values, whole[0], strict=True))
    except Undefined as undefined:
        return undefined, work - meter.left
    return values, work - meter.left


def values_at(formula: Formula, point: Point, mp: Any, meter: Meter) -> Values:
    """The value of a formula, or all entries of its array. Raises Undefined."""
    if not formula.arrays:
        return (evaluated(formula.node, point, mp, meter),)
    return tuple(x for row in rows_of(formula.node, point, mp, meter) for x in row)
