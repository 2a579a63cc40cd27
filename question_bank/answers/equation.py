"""Equations over the question's symbols: y = 2*x + 1, right where both sides agree just where the key's do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from typing import Annotated, Any, Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Unreadable,
)
from question_bank.answers.expression import (
    Domain,
    ExpressionKey,
    _Symbols,
    bends,
    parse,
    with_signs,
)
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import Binary, Node, holds_decimals
from question_bank.grammar.numeric import ROUNDED, Meter, Undefined, coordinate, value_at
from question_bank.grammar.shown import echo, latex
from question_bank.text import check_template, fill

POINTS, STEPS, ENOUGH, MOST_ROOTS = 10, 60, 4, 3
# Where roots are looked for, in half widths of the domain from its middle.
LOOKS = (0, 0.5, 1, 1.7, 3, 5, 8, 14, 25)
# What the search in one direction may cost (see Meter), and when a value is a zero.
WORK = 9_000
VANISHES = 1e-20
Point = Mapping[str, Any]
TINY = 1e-12


class EquationSpec(_Symbols):
    """`value` is an equation as a template; `symbols` as for expressions."""

    type: Literal["equation"]
    value: str
    symbols: Annotated[dict[str, Domain], Field(min_length=1, max_length=12)]


class EquationKey(Key):
    """The equation, and the box in which it is compared."""

    type: Literal["equation"] = "equation"
    value: str
    symbols: dict[str, Domain]


class Equation(AnswerType[EquationSpec, EquationKey]):
    """Equations, compared by the points that satisfy them."""

    kind = "equation"
    Spec = EquationSpec
    Key = EquationKey

    def names(self, spec: EquationSpec) -> frozenset[str]:
        return check_template(spec.value)

    def bind(self, spec: EquationSpec, values: Mapping[str, Value]) -> EquationKey:
        key = EquationKey(value=fill(spec.value, values), symbols=spec.symbols)
        try:
            _sides(key.value, key)
        except Unreadable as fault:
            raise NoKey(f'the key "{key.value}": {fault.message}') from None
        return key

    def parse(self, text: str, key: EquationKey) -> tuple[Reading, ...]:
        left, right = _sides(text, key)
        return (Reading(Binary("-", left, right), f"{echo(left)} = {echo(right)}"),)

    def compare(self, reading: Reading, key: EquationKey) -> Comparison:
        left, right = _sides(key.value, key)
        expected = Binary("-", left, right)
        match _same_roots(reading.value, expected, key.symbols):
            case True:
                beyond = (
                    _same_roots(reading.value, expected, with_signs(key.symbols))
                    if bends(reading.value) and not bends(expected)
                    else True
                )
                if beyond:
                    return Comparison(Fraction(1), "right")
            case False:
                return Comparison(Fraction(0), "not the same equation")
        return Comparison(None, "could not be compared by values; a person decides")

    def render(self, key: EquationKey) -> str:
        left, right = _sides(key.value, key)
        return f"${latex(left)} = {latex(right)}$"

    def instruction(self, key: EquationKey) -> str:
        return f"an equation in {', '.join(key.symbols)}, with one ="

    def written(self, key: EquationKey) -> str:
        return key.value

    def typed(self, value: Value, key: EquationKey) -> str:
        return str(value)

    def samples(self, key: EquationKey) -> Samples:
        left, right = key.value.split("=")
        turned = f"{right} = {left}"
        doubled = f"2*({left}) = 2*({right})"
        return Samples(
            (key.value, turned, doubled), (f"{left} = ({right}) + 1",), (left, "= 1 =", "x == = 2")
        )


def _sides(text: str, key: EquationKey) -> tuple[Node, Node]:
    sides = text.strip().strip("$").replace("==", "=").split("=")
    if len(sides) != 2:
        raise Unreadable('needs exactly one "="')
    formula = ExpressionKey(value="", symbols=key.symbols)
    return parse(sides[0], formula), parse(sides[1], formula)


def _same_roots(a: Node, b: Node, domains: Mapping[str, Domain]) -> bool | None:
    """Whether a is a constant times b, or both vanish at the same points; None where neither shows."""
    meter = Meter(WORK)
    points = [
        {name: coordinate(name, low, high, index) for name, (low, high) in domains.items()}
        for index in range(POINTS)
    ]
    if _is_multiple(a, b, points, meter):
        return True
    seen, doubtful = [0, 0], False
    for index, (one, other) in enumerate([(b, a), (a, b)]):
        for root, inside in _roots(one, points, domains, Meter(WORK)):
            value = _value(other, root, meter)
            if value is None:
                continue
            nearby = _value(other, {name: at + 1 for name, at in root.items()}, meter)
            scale = max(1, abs(nearby or 0))
            if abs(value) <= TINY * scale:
                seen[index] += 1
            elif holds_decimals(a) and abs(value) <= ROUNDED * scale:
                # What is rounded is no other equation, and not the same one: a person decides.
                return None
            elif one is b or inside:
                return False
            else:
                # A further solution, where the symbols may have no business: y^2 = x^2 for y = x.
                doubtful = True
    return True if min(seen) >= ENOUGH and not doubtful else None


def _is_multiple(a: Node, b: Node, points: Sequence[Point], meter: Meter) -> bool:
    ratios = []
    for point in points:
        left, right = _value(a, point, meter), _value(b, point, meter)
        if left is None or right is None or right == 0:
            return False
        ratios.append(left / right)
    return ratios[0] != 0 and all(abs(ratio / ratios[0] - 1) < TINY for ratio in ratios)


def _value(node: Node, point: Point, meter: Meter) -> Any:
    try:
        return value_at(node, point, meter)
    except Undefined:
        return None


def _roots(
    node: Node, points: Sequence[Point], domains: Mapping[str, Domain], meter: Meter
) -> Iterator[tuple[Point, bool]]:
    """Points at which the formula vanishes, and whether they lie in the domains."""
    for point in points:
        for name, (low, high) in domains.items():
            for root in islice(_along(node, point, name, domains[name], meter), MOST_ROOTS):
                yield root, bool(low <= root[name] <= high)
            if meter.left < 0:
                return


def _along(node: Node, point: Point, name: str, domain: Domain, meter: Meter) -> Iterator[Point]:
    """Roots along one symbol, near its domain first.

    The domain is only where formulas are compared: a root may lie outside of it.
    """
    middle, half = (domain[0] + domain[1]) / 2, (domain[1] - domain[0]) / 2
    for near, far in pairwise(LOOKS):
        for side in (1, -1):
            ends = sorted(middle + side * half * at for at in (near, far))
            left, right = (coordinate(name, at, at, 0) for at in ends)
            root = _zero(lambda at: _value(node, {**point, name: at}, meter), left, right)
            if root is not None:
                yield {**point, name: root}


def _zero(f: Callable[[Any], Any], left: Any, right: Any) -> Any:
    """Where f changes its sign between two points (regula falsi, Illinois); None where it does not, or at a pole."""
    below, above = f(left), f(right)
    if below is None or above is None or below * above > 0:
        return None
    for _ in range(STEPS):
        if below == above:
            return left if below == 0 else None
        middle = right - above * (right - left) / (above - below)
        value = f(middle)
        if value is None:
            return None
        if abs(value) < VANISHES:
            return middle
        if value * above < 0:
            left, below = right, above
        else:
            below = below / 2
        right, above = middle, value
    return None


TYPE = Equation()
