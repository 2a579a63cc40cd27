"""Formulas as quotients of polynomials, exactly: decides what values at points leave open.

Symbols and everything that is no polynomial (tanh(x), 256^n) are atoms, told apart by their own normal forms. Two
equal normal forms prove that formulas are equal; different ones prove nothing. The work is bounded by the number
of terms.
"""

from __future__ import annotations

from fractions import Fraction

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number

MAX_TERMS = 120
MAX_POWER = 12
MAX_BITS = 2_000

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, Fraction]
Quotient = tuple[Polynomial, Polynomial]

_ONE: Polynomial = {(): Fraction(1)}


class TooMuch(Exception):
    """More terms than are worth the time."""


def proved_equal(a: Node, b: Node) -> bool:
    """Whether the formulas have the same normal form; False says nothing."""
    try:
        top_a, bottom_a = _quotient(a)
        top_b, bottom_b = _quotient(b)
        return _times(top_a, bottom_b) == _times(top_b, bottom_a)
    except TooMuch:
        return False


def _quotient(node: Node) -> Quotient:
    match node:
        case Number():
            return _constant(node.value), _ONE
        case Name():
            return _atom(node.name)
        case Negated():
            top, bottom = _quotient(node.operand)
            return _times(top, _constant(Fraction(-1))), bottom
        case Call():
            shown = ",".join(_label(argument) for argument in node.arguments)
            return _atom(f"{node.function}({shown})")
        case Binary():
            return _binary(node)
    raise TooMuch


def _binary(node: Binary) -> Quotient:
    if node.operator == "^":
        return _power(node)
    top, bottom = _quotient(node.left)
    other_top, other_bottom = _quotient(node.right)
    match node.operator:
        case "+" | "-":
            sign = Fraction(1 if node.operator == "+" else -1)
            right = _times(_times(other_top, bottom), _constant(sign))
            return _plus(_times(top, other_bottom), right), _times(bottom, other_bottom)
        case "*":
            return _times(top, other_top), _times(bottom, other_bottom)
        case "/" if other_top:
            return _times(top, other_bottom), _times(bottom, other_top)
    raise TooMuch


def _power(node: Binary) -> Quotient:
    exponent = _whole(_quotient(node.right))
    if exponent is None:
        return _atom(f"({_label(node.left)})^({_label(node.right)})")
    if abs(exponent) > MAX_POWER:
        raise TooMuch
    top, bottom = _quotient(node.left)
    if exponent < 0:
        if not top:
            raise TooMuch
        top, bottom = bottom, top
    result: Quotient = (_ONE, _ONE)
    for _ in range(abs(exponent)):
        result = (_times(result[0], top), _times(result[1], bottom))
    return result


def _whole(quotient: Quotient) -> int | None:
    top, bottom = quotient
    if set(top) <= {()} and set(bottom) == {()}:
        value = top.get((), Fraction(0)) / bottom[()]
        return value.numerator if value.denominator == 1 else None
    return None


def _label(node: Node) -> str:
    """The normal form as text; formulas with the same one are equal."""
    top, bottom = _quotient(node)
    lead = bottom[min(bottom)]
    return "/".join(
        repr(sorted((m, str(c / lead)) for m, c in part.items())) for part in (top, bottom)
    )


def _atom(name: str) -> Quotient:
    return {((name, 1),): Fraction(1)}, _ONE


def _constant(value: Fraction) -> Polynomial:
    return {(): value} if value else {}


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for monomial, coefficient in b.items():
        total[monomial] = total.get(monomial, Fraction(0)) + coefficient
    return _checked(total)


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > MAX_TERMS**2:
        raise TooMuch
    product: Polynomial = {}
    for left, x in a.items():
        for right, y in b.items():
            powers = dict(left)
            for name, power in right:
                powers[name] = powers.get(name, 0) + power
            monomial = tuple(sorted(powers.items()))
            product[monomial] = product.get(monomial, Fraction(0)) + x * y
    return _checked(product)


def _checked(polynomial: Polynomial) -> Polynomial:
    kept = {monomial: c for monomial, c in polynomial.items() if c}
    if len(kept) > MAX_TERMS or any(
        max(c.numerator.bit_length(), c.denominator.bit_length()) > MAX_BITS for c in kept.values()
    ):
        raise TooMuch
    return kept
