"""Equations over the question's symbols: y = 2*x + 1, right where both sides agree just where the key's do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
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
from question_bank.answers.expression import Domain, ExpressionKey, _Symbols, parse
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import Binary, Node, holds_decimals
from question_bank.grammar.numeric import ROUNDED, Undefined, coordinate, value_at
from question_bank.grammar.shown import echo, latex
from question_bank.text import check_template, fill

POINTS, STEPS, LOOKS, ENOUGH = 10, 60, 12, 4
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
        match _same_roots(reading.value, Binary("-", left, right), key.symbols):
            case True:
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
            (key.value, turned, doubled), (f"{left} = ({right}) + 1",), (left, "=", "x == = 2")
        )


def _sides(text: str, key: EquationKey) -> tuple[Node, Node]:
    sides = text.strip().strip("$").replace("==", "=").split("=")
    if len(sides) != 2:
        raise Unreadable('needs exactly one "="')
    formula = ExpressionKey(value="", symbols=key.symbols)
    return parse(sides[0], formula), parse(sides[1], formula)


def _same_roots(a: Node, b: Node, domains: Mapping[str, Domain]) -> bool | None:
    """Whether a is a constant times b, or both vanish at the same points; None where neither shows."""
    points = [
        {name: coordinate(name, low, high, index) for name, (low, high) in domains.items()}
        for index in range(POINTS)
    ]
    if _is_multiple(a, b, points):
        return True
    seen = [0, 0]
    for index, (one, other) in enumerate([(b, a), (a, b)]):
        for point in points:
            for name, (low, high) in domains.items():
                # The box is only where formulas are compared: a root may lie somewhat outside of it.
                around = (low - 2 * (high - low), high + 2 * (high - low))
                root = _root(one, point, name, *around)
                value = None if root is None else _value(other, root)
                if root is None or value is None:
                    continue
                nearby = _value(other, {**root, name: root[name] + 1})
                scale = max(1, abs(nearby or 0))
                if abs(value) > TINY * scale:
                    # What is rounded is no other equation, and not the same one: a person decides.
                    near = holds_decimals(a) and abs(value) <= ROUNDED * scale
                    return None if near else False
                seen[index] += 1
    return True if min(seen) >= ENOUGH else None


def _is_multiple(a: Node, b: Node, points: Sequence[Mapping[str, Any]]) -> bool:
    ratios = []
    for point in points:
        left, right = _value(a, point), _value(b, point)
        if left is None or right is None or right == 0:
            return False
        ratios.append(left / right)
    return ratios[0] != 0 and all(abs(ratio / ratios[0] - 1) < TINY for ratio in ratios)


def _value(node: Node, point: Mapping[str, Any]) -> Any:
    try:
        return value_at(node, point)
    except Undefined:
        return None


def _root(
    node: Node, point: Mapping[str, Any], name: str, low: float, high: float
) -> dict[str, Any] | None:
    """A point at which the formula vanishes, found by halving along one symbol."""
    looks = [low + (high - low) * step / LOOKS for step in range(LOOKS + 1)]
    steps = [{**point, name: coordinate(name, at, at, 0)} for at in looks]
    for left, right in pairwise(steps):
        below, above = _value(node, left), _value(node, right)
        if below is not None and above is not None and below * above <= 0:
            return _halved(node, name, left, right, below)
    return None


def _halved(
    node: Node, name: str, left: dict[str, Any], right: dict[str, Any], below: Any
) -> dict[str, Any] | None:
    for _ in range(STEPS):
        middle = {**left, name: (left[name] + right[name]) / 2}
        value = _value(node, middle)
        if value is None:
            return None
        if value * below > 0:
            left = middle
        else:
            right = middle
    # A pole changes the sign too.
    return left if abs(_value(node, left) or 0) < TINY else None


TYPE = Equation()
