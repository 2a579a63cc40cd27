"""Whether two equations, each as a formula that is to vanish, hold at the same points.

Each is solved for one symbol after the other, from points of the box and from points beyond it, and the solutions are
put into the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice, pairwise
from typing import Any, Literal

from question_bank.grammar.formula import LONG, Domain, Formula, digits_of
from question_bank.grammar.nodes import Binary
from question_bank.grammar.numeric import COARSE, FINE, FINE_COST, Meter, Undefined, evaluated
from question_bank.grammar.sampling import Box, Point, beyond, converted, inside, zero_between

POINTS, ENOUGH, MOST_ROOTS = 5, 4, 5
# From how many of them the search goes far away, and looks for zeros without a change of sign; starts beyond the box.
WIDELY, TURNS, FAR_POINTS = 2, 1, 8
# Where roots are looked for: in half widths of the domain from its middle, far away, and beside each constant.
LOOKS = (0, 1, 2, 4, 8, 25)
FAR = (100.0, 1_000.0, 10_000.0)
BESIDE, MOST_CONSTANTS = (0.9, 1.1), 4
# What one search for the roots of one formula may cost (see Meter), and the fine values at all roots.
WORK, FINE_WORK = 5_000, 12_000
# Shares of the size nearby: what counts as zero, and where decimals are rounded, after many digits or few.
VANISHES, TINY, ROUNDED = 1e-50, 1e-12, 0.005
SECANTS = 9
# A share that is seen in coarse digits.
CLEARLY = 1e-9
# What is left of a value where a formula touches 0, of the values around.
TOUCHES = 1e-9
# How far off such a place may be, as a share of the size nearby: a fourth power is flat around it.
NEARBY = 0.02

Same = Literal["equal", "different", "rounded", "elsewhere", "unknown"]


@dataclass(frozen=True)
class Root:
    """A point where a formula vanishes; `inside` where all symbols are in their domains, `far` beyond the box.

    Where it only touches 0 (`touched`), the point is known in coarse digits.
    """

    point: Point
    inside: bool
    far: bool
    touched: bool = False


def same_roots(a: Formula, b: Formula, box: Box) -> Same:
    """How the solutions of the answer `a` agree with those of the key `b`.

    elsewhere: they are the same in the box, and a has others beyond it, or lacks some there.
    """
    meter = Meter(FINE_WORK, FINE_COST)
    far = bool(a.bends or b.bends)
    rounded = bool(a.decimals)
    tolerance = TINY if any(map(_long, (*a.decimals, *b.decimals))) else VANISHES
    seen, missed = {a: 0, b: 0}, 0
    found: set[str] = set()

    def searches() -> Iterator[tuple[Formula, Formula, tuple[Root, ...]]]:
        yield a, b, roots(a, box, far, thorough=True)
        yield b, a, roots(b, box, far, thorough=False)
        # What seems equal is looked at more closely: most answers are not.
        if not found and min(seen.values()) >= ENOUGH:
            yield a, b, further_roots(a, b, box)

    for one, other, places in searches():
        for root in places:
            off = _off(other, root.point, meter)
            if off is None or (root.touched and tolerance < off <= NEARBY):
                continue
            if off <= tolerance:
                seen[one] += 1
            elif rounded and off <= ROUNDED:
                found.add("rounded")
            elif root.inside or (one is b and not root.far):
                return "different"
            else:
                # A further solution, where the symbols may have no business: y^2 = x^2 for y = x.
                found.add("elsewhere")
                missed += 1
        if missed >= ENOUGH and not (seen[one] or "rounded" in found):
            # No solution in common.
            return "different"
    if found:
        return "elsewhere" if "elsewhere" in found else "rounded"
    return "equal" if min(seen.values()) >= ENOUGH else "unknown"


def _long(number: Any) -> bool:
    return digits_of(number) >= LONG


def _off(formula: Formula, point: Point, meter: Meter) -> Any:
    """How far a formula is from 0 at a point, as a share of its size nearby; None where it has no value."""
    off = None
    for mp in (COARSE, FINE):
        here = converted(point, mp)
        value = _value(formula, here, mp, meter)
        if value is None:
            return None
        nearby = _value(formula, {name: at + 1 for name, at in here.items()}, mp, meter)
        off = abs(value) / max(1, abs(nearby or 0))
        if off > CLEARLY:
            break
    return off


def _value(formula: Formula, point: Mapping[str, Any], mp: Any, meter: Meter) -> Any:
    try:
        return evaluated(formula.node, point, mp, meter)
    except Undefined:
        return None


@lru_cache(maxsize=256)
def roots(formula: Formula, box: Box, far: bool, thorough: bool) -> tuple[Root, ...]:
    """Points at which the formula vanishes, in fine digits; with `far`, some from points beyond the box too.

    A `thorough` search looks for further solutions too: far away, beside constants, and where the sign does not change.
    """
    near = [inside(box, index) for index in range(POINTS)]
    found = list(_solved(formula, box, near[:WIDELY], thorough, _crossings))
    found += _solved(formula, box, near[WIDELY:], False, _crossings)
    if thorough:
        turns = _solved(formula, box, near[:TURNS], thorough, _turns)
        found += [replace(root, touched=True) for root in turns]
    if far:
        beyond_box = islice(beyond(box, formula.constants), FAR_POINTS)
        far_roots = _solved(formula, box, beyond_box, True, _crossings)
        found += [replace(root, inside=False, far=True) for root in far_roots]
    return tuple(found)


@lru_cache(maxsize=256)
def further_roots(a: Formula, b: Formula, box: Box) -> tuple[Root, ...]:
    """Roots of a that b lacks, however close to one of b's they lie: those of the quotient of both."""
    quotient = Formula(Binary("/", a.node, b.node))
    starts = [inside(box, index) for index in range(WIDELY)]
    found = list(_solved(quotient, box, starts, True, _crossings))
    turns = _solved(quotient, box, starts[:TURNS], True, _turns)
    return (*found, *(replace(root, touched=True) for root in turns))


def _solved(
    formula: Formula,
    box: Box,
    starts: Iterable[Point],
    thorough: bool,
    way: Callable[[_Line], Iterator[Any]],
) -> Iterator[Root]:
    """Roots along each symbol in turn from each start, with what one search may cost."""
    meter = Meter(WORK)
    for start in starts:
        for name, domain in box.domains:
            # A formula without symbols vanishes everywhere or nowhere.
            if name in formula.names or not formula.names:
                line = _Line(formula, start, name, domain, thorough, meter)
                for at in islice(way(line), MOST_ROOTS):
                    within = bool(domain[0] <= at <= domain[1])
                    yield Root({**converted(start, FINE), name: at}, within, False)
        if meter.left < 0:
            return


@dataclass(frozen=True)
class _Line:
    """A formula along one symbol, from a start."""

    formula: Formula
    start: Point
    name: str
    domain: Domain
    thorough: bool
    meter: Meter

    def value(self, at: Any) -> Any:
        """The value; None where there is none."""
        return _value(self.formula, {**self.start, self.name: at}, COARSE, self.meter)

    def slope(self, at: Any) -> Any:
        """The difference of the values close by on both sides; None where there are none."""
        before, after = self.value(at - self.step), self.value(at + self.step)
        return None if before is None or after is None else after - before

    @property
    def step(self) -> Any:
        """A step that is small beside the domain."""
        return COARSE.mpf(self.domain[1] - self.domain[0]) * COARSE.mpf(10) ** -12

    def pieces(self) -> Iterator[tuple[Any, Any]]:
        """Where to look, near the domain first: it is only where formulas are compared."""
        middle, half = sum(self.domain) / 2, (self.domain[1] - self.domain[0]) / 2
        reach = [half * at for at in LOOKS]
        if self.thorough:
            constants = self.formula.constants[:MOST_CONSTANTS]
            far = {*FAR, *(c * by for c in constants for by in BESIDE)}
            reach += sorted(distance for distance in far if distance > reach[-1])
        for near, beyond_it in pairwise(reach):
            for sign in (1, -1):
                ends = middle + sign * near, middle + sign * beyond_it
                # Where one side is multiplied by a symbol, it vanishes there, and maybe without a value beyond.
                places = (ends[0], 0, ends[1]) if self.thorough and ends[0] * ends[1] < 0 else ends
                yield from pairwise(map(COARSE.mpf, places))


def _crossings(line: _Line) -> Iterator[Any]:
    """Where the formula changes its sign."""
    known = cache(line.value)
    for left, right in line.pieces():
        if known(left) == 0:
            yield FINE.mpf(left)
            continue
        guess = zero_between(line.value, left, right, known(left), known(right))
        exact = None if guess is None else _refined(line, guess)
        if exact is not None:
            yield exact


def _turns(line: _Line) -> Iterator[Any]:
    """Where it touches 0 without changing its sign, as (x - 100)^2 does."""
    known, slope = cache(line.value), cache(line.slope)
    for left, right in line.pieces():
        below, above = known(left), known(right)
        if below is None or above is None or below * above <= 0:
            continue
        turn = zero_between(line.slope, left, right, slope(left), slope(right))
        touched = None if turn is None else line.value(turn)
        if touched is not None and abs(touched) <= TOUCHES * max(abs(below), abs(above)):
            yield FINE.mpf(turn)


def _refined(line: _Line, guess: Any) -> Any:
    """The root in fine digits (secant method); None where there is none, but a pole or a jump."""
    meter = Meter(line.meter.left, FINE_COST)
    start = converted(line.start, FINE)

    def value(at: Any) -> Any:
        return _value(line.formula, {**start, line.name: at}, FINE, meter)

    old, new = FINE.mpf(guess) + FINE.mpf(line.step), FINE.mpf(guess)
    before, here = value(old), value(new)
    for _ in range(SECANTS):
        if before is None or here is None or abs(here) <= VANISHES or here == before:
            break
        old, new = new, new - here * (new - old) / (here - before)
        before, here = here, value(new)
    line.meter.left = meter.left
    return new if here is not None and abs(here) <= VANISHES * max(1, abs(new)) else None
