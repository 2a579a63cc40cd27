"""Whether two formulas over a key's symbols are the same: by values in high precision, and by exact normal forms."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from question_bank.answers.formula_key import ExpressionKey
from question_bank.answers.symbols import cases, ranges
from question_bank.grammar.answer_words import PIECEWISE
from question_bank.grammar.formula import Formula, put
from question_bank.grammar.nodes import Binary, Call, Negated, Node, Number, calls_in
from question_bank.grammar.relations import Relations
from question_bank.grammar.shapes import sizes

if TYPE_CHECKING:
    from question_bank.grammar.equivalence import Agreement, Pair

_FURTHEST_LAST = ("equal", "elsewhere", "rounded", "unknown")


def _pairs(found: Formula, expected: Formula, key: ExpressionKey) -> list[Pair]:
    """What is compared: one pair, or one for each choice of values where symbols take a few alone."""
    from question_bank.grammar.equivalence import Pair
    from question_bank.grammar.sampling import box_of

    box = box_of(ranges(key.symbols), sizes(key.shapes) if key.shapes else None)
    chosen = cases(key.symbols)
    if chosen == [{}]:
        return [Pair(found, expected, box)]
    return [Pair(_at(found, case), _at(expected, case), box) for case in chosen]


def _at(formula: Formula, values: Mapping[str, Node]) -> Formula:
    """The formula with these values of its symbols."""
    return Formula(Relations(values).written_out(formula.node), formula.shape)


def agreement_of(found: Formula, expected: Formula, key: ExpressionKey) -> Agreement:
    """How far two formulas agree over the key's symbols: of several choices of values, where they agree least."""
    agreed: Agreement = "equal"
    for pair in _pairs(found, expected, key):
        one = _of_pair(pair, key)
        if one == "different":
            return one
        agreed = max(agreed, one, key=_FURTHEST_LAST.index)
    return agreed


def _of_pair(pair: Pair, key: ExpressionKey) -> Agreement:
    from question_bank.grammar.equivalence import agreement
    from question_bank.grammar.normal_form import proved_equal

    agreed = agreement(pair)
    if agreed == "unknown" and not key.shapes and proved_equal(pair.a.node, pair.b.node):
        return "equal"
    return agreed


def are_opposite(found: Formula, expected: Formula, key: ExpressionKey) -> bool:
    """Whether one formula is the other with its sign turned."""
    from question_bank.grammar.equivalence import is_opposite

    return all(map(is_opposite, _pairs(found, expected, key)))


def idle(formula: Formula, key: ExpressionKey) -> Call | None:
    """A function with a kink that never leaves one of its branches, such as the ReLU of positive symbols."""
    calls = [call for call in calls_in(formula.node) if call.function in PIECEWISE]
    if not calls:
        return None
    from question_bank.grammar.equivalence import agreement_inside

    for call in calls:
        for branch in _branches(call):
            other = Formula(put(formula.node, call, branch), formula.shape)
            inside = map(agreement_inside, _pairs(other, formula, key))
            if all(agreed == "equal" for agreed in inside):
                return call
    return None


def _branches(call: Call) -> tuple[Node, ...]:
    """What each side of the kink is: z and 0 for relu(z)."""
    first = call.arguments[0]
    zero, one = _constant_like(0, first), _constant_like(1, first)
    sides: dict[str, tuple[Node, ...]] = {
        "relu": (first, zero),
        "relu'": (one, zero),
        "abs": (first, Negated(first)),
        "sign": (one, Negated(one)),
    }
    if call.function in sides:
        return sides[call.function]
    # Every argument lends its shape: max(0, z) has that of z.
    shape = _constant_like(0, *call.arguments)
    return tuple(Binary("+", argument, shape) for argument in call.arguments)


def _constant_like(value: int, *formulas: Node) -> Node:
    """A number in the shape of formulas."""
    node: Node = Number(Fraction(value))
    for formula in formulas:
        node = Binary("+", node, Binary("*", Number(Fraction(0)), formula))
    return node
