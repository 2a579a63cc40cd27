"""Formulas as quotients of polynomials, exactly: decides what values at points leave open.

Symbols and everything that is no polynomial (tanh(x), 256^n) are atoms, told apart by their own normal forms. Two
equal normal forms prove that formulas are equal; different ones prove nothing. The number of terms, their digits and
the multiplications of one proof are bounded.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from fractions import Fraction

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number

MAX_TERMS = 120
MAX_POWER = 12
MAX_BITS = 2_000
# Multiplications of two terms in one proof: some 10 ms.
MAX_WORK = 2_000

Monomial = tuple[tuple[int, int], ...]
Polynomial = dict[Monomial, Fraction]
Quotient = tuple[Polynomial, Polynomial]

_ONE: Polynomial = {(): Fraction(1)}


class TooMuch(Exception):
    """More than is worth the time."""


@dataclass
class _Proof:
    """The atoms met so far, numbered in order, and the multiplications still allowed."""

    atoms: dict[Hashable, int] = field(default_factory=dict)
    left: int = MAX_WORK


def proved_equal(a: Node, b: Node) -> bool:
    """Whether the formulas have the same normal form; False says nothing."""
    proof = _Proof()
    try:
        top_a, bottom_a = _quotient(a, proof)
        top_b, bottom_b = _quotient(b, proof)
        return _times(top_a, bottom_b, proof) == _times(top_b, bottom_a, proof)
    except TooMuch:
        return False


def _quotient(node: Node, proof: _Proof) -> Quotient:
    match node:
        case Number():
            return _constant(node.value), _ONE
        case Name():
            return _atom(node.name, proof)
        case Negated():
            top, bottom = _quotient(node.operand, proof)
            return {monomial: -c for monomial, c in top.items()}, bottom
        case Call():
            forms = tuple(_form(argument, proof) for argument in node.arguments)
            return _atom((node.function, *forms), proof)
        case Binary(operator="^"):
            return _power(node, proof)
        case Binary():
            return _binary(node, proof)
    raise TooMuch


def _binary(node: Binary, proof: _Proof) -> Quotient:
    top, bottom = _quotient(node.left, proof)
    other_top, other_bottom = _quotient(node.right, proof)
    match node.operator:
        case "+" | "-":
            sign = Fraction(1 if node.operator == "+" else -1)
            right = {m: sign * c for m, c in _times(other_top, bottom, proof).items()}
            return _plus(_times(top, other_bottom, proof), right), _times(
                bottom, other_bottom, proof
            )
        case "*":
            return _times(top, other_top, proof), _times(bottom, other_bottom, proof)
        case "/" if other_top:
            return _times(top, other_bottom, proof), _times(bottom, other_top, proof)
    raise TooMuch


def _power(node: Binary, proof: _Proof) -> Quotient:
    exponent = _whole(_quotient(node.right, proof))
    if exponent is None:
        return _atom(("^", _form(node.left, proof), _form(node.right, proof)), proof)
    if abs(exponent) > MAX_POWER:
        raise TooMuch
    top, bottom = _quotient(node.left, proof)
    if exponent < 0:
        if not top:
            raise TooMuch
        top, bottom = bottom, top
    result: Quotient = (_ONE, _ONE)
    for _ in range(abs(exponent)):
        result = (_times(result[0], top, proof), _times(result[1], bottom, proof))
    return result


def _whole(quotient: Quotient) -> int | None:
    top, bottom = quotient
    if set(top) <= {()} and set(bottom) == {()}:
        value = top.get((), Fraction(0)) / bottom[()]
        return value.numerator if value.denominator == 1 else None
    return None


def _form(node: Node, proof: _Proof) -> Hashable:
    """The normal form as a key: formulas with the same one are equal."""
    top, bottom = _quotient(node, proof)
    lead = bottom[min(bottom)]
    return tuple(frozenset((m, c / lead) for m, c in part.items()) for part in (top, bottom))


def _atom(key: Hashable, proof: _Proof) -> Quotient:
    # A number stands for the atom: its own form, written out, would double with each level of nesting.
    number = proof.atoms.setdefault(key, len(proof.atoms))
    return {((number, 1),): Fraction(1)}, _ONE


def _constant(value: Fraction) -> Polynomial:
    return {(): value} if value else {}


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for monomial, coefficient in b.items():
        total[monomial] = total.get(monomial, Fraction(0)) + coefficient
    return _checked(total)


def _times(a: Polynomial, b: Polynomial, proof: _Proof) -> Polynomial:
    proof.left -= len(a) * len(b)
    if proof.left < 0:
        raise TooMuch
    product: Polynomial = {}
    for left, x in a.items():
        for right, y in b.items():
            powers = dict(left)
            for atom, power in right:
                powers[atom] = powers.get(atom, 0) + power
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
