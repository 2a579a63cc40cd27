"""Formulas over the question's symbols: W^2*V*(1-h2^2), W²V(1 − h₂²), W^T (p - y), f ⊙ c + i ⊙ tanh(g).

Equivalence is decided by values at points of the declared domain, in high precision; what these leave open, by exact
normal forms; what is still open then, by a person. Where symbols have shapes, the order of products matters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Spec,
    Unreadable,
)
from question_bank.grammar.answer_syntax import readings
from question_bank.grammar.answer_words import CONSTANTS, FUNCTIONS, PIECEWISE
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import Binary, Call, Negated, Node, Number, calls_in, children
from question_bank.grammar.shown import echo, latex
from question_bank.grammar.syntax import GrammarError
from question_bank.text import check_template, fill

Domain = tuple[float, float]
Axis = Annotated[int, Field(ge=1, le=6)] | Annotated[str, Field(pattern=r"^[a-zA-Z]$")]
USUAL: Domain = (0.3, 1.7)
# Where signs matter: with positive values alone, relu(z) is z.
SIGNED: Domain = (-1.7, 1.7)
# Where a formula of the usual values is led to whatever else it may be: min(w, 5) is w up to 5.
WIDE: Domain = (-17.0, 17.0)

_ROUNDED = "the same formula but for rounding; a person decides (fractions stay exact: 1/3)"

_POSITIVE = "the same formula where all symbols are positive; a person decides"


_KINK = re.compile(rf"\||(?<![a-z])(?:{'|'.join(PIECEWISE)})(?![a-z])", re.IGNORECASE)


class _Symbols(Spec):
    # A plain list of names takes a usual domain.
    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: object) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("symbols"), list):
            return data
        domain = SIGNED if _KINK.search(str(data.get("value"))) else USUAL
        return {**data, "symbols": dict.fromkeys(data["symbols"], domain)}


class ExpressionSpec(_Symbols):
    """A formula. `value` is a template in the students' grammar; `symbols` lists them, or gives [low, high] each.

    What is only listed takes positive values, or values of both signs where the formula holds relu, abs, max or min.

    `shapes` makes a symbol a vector or a matrix: W: [n, m], h: [n]; letters are sizes, the same wherever they stand.
    """

    type: Literal["expression"]
    value: str
    symbols: Annotated[dict[str, Domain], Field(min_length=1, max_length=12)]
    shapes: dict[str, Annotated[tuple[Axis, ...], Field(min_length=1, max_length=2)]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _declared(self) -> ExpressionSpec:
        unknown = sorted(set(self.shapes) - set(self.symbols))
        if unknown:
            raise ValueError(f'"{unknown[0]}" has a shape but is no symbol')
        return self


class ExpressionKey(Key):
    """The formula in the students' grammar, and the box in which it is compared."""

    omitted_when_default = frozenset({"shapes"})

    type: Literal["expression"] = "expression"
    value: str
    symbols: dict[str, Domain]
    shapes: dict[str, tuple[Axis, ...]] = Field(default_factory=dict)


class Expression(AnswerType[ExpressionSpec, ExpressionKey]):
    """Formulas, compared by their values."""

    kind = "expression"
    Spec = ExpressionSpec
    Key = ExpressionKey

    def names(self, spec: ExpressionSpec) -> frozenset[str]:
        return check_template(spec.value)

    def bind(self, spec: ExpressionSpec, values: Mapping[str, Value]) -> ExpressionKey:
        key = ExpressionKey(
            value=fill(spec.value, values), symbols=spec.symbols, shapes=spec.shapes
        )
        try:
            node = parse(key.value, key)
        except Unreadable as fault:
            raise NoKey(f'the key "{key.value}": {fault.message}') from None
        if key.shapes:
            _check_shapes(node, key)
        idle = _idle(node, key)
        if idle is not None:
            raise NoKey(
                f'the key "{key.value}": {idle.function} changes nothing; give the symbols another [low, high]'
            )
        return key

    def parse(self, text: str, key: ExpressionKey) -> tuple[Reading, ...]:
        nodes = _readings(right_side(text), key)
        found = [Reading((node, False), echo(node)) for node in nodes]
        if key.shapes:
            found = [way for reading in found for way in _by_shapes(reading, key)]
        return tuple({reading.echo: reading for reading in reversed(found)}.values())[::-1]

    def compare(self, reading: Reading, key: ExpressionKey) -> Comparison:
        from question_bank.grammar.arrays import ShapeFault

        node, by_entry = reading.value
        try:
            agreed = _agreement(node, key, by_entry)
        except ShapeFault as fault:
            return Comparison(Fraction(0), f"the shapes do not fit: {fault}")
        match agreed:
            case "equal":
                return Comparison(Fraction(1), "right")
            case "rounded":
                return Comparison(None, _ROUNDED)
            case "positive":
                return Comparison(None, _POSITIVE)
            case "unknown":
                return Comparison(None, "could not be compared by values; a person decides")
        opposite = _agreement(Negated(node), key, by_entry) == "equal"
        return Comparison(
            Fraction(0), "the sign is the other way round" if opposite else "not the same formula"
        )

    def render(self, key: ExpressionKey) -> str:
        return f"${latex(parse(key.value, key))}$"

    def instruction(self, key: ExpressionKey) -> str:
        names = ", ".join(key.symbols)
        if key.shapes:
            return f"a formula in {names}; W h is the product of matrices, .* the one by entry, W^T transposed"
        return f"a formula in {names}, such as 2*{next(iter(key.symbols))}^2"

    def written(self, key: ExpressionKey) -> str:
        return key.value

    def typed(self, value: Value, key: ExpressionKey) -> str:
        return str(value)

    def samples(self, key: ExpressionKey) -> Samples:
        value, symbol = key.value, next(iter(key.symbols))
        unreadable = (f"{symbol} +* 2", f"(({symbol}", "os.system('id')", f"{symbol}..")
        if key.shapes:
            right: tuple[str, ...] = (value, f"({value})", f"1*({value}) + 0")
            return Samples(right, (f"({value}) + 1", f"2*({value})"), unreadable)
        return Samples(
            (value, f"({value})", f"1*({value}) + 0", f"({value})*{symbol}/{symbol}"),
            (f"({value}) + 1", f"({value}) + {symbol}"),
            unreadable,
        )


def right_side(text: str) -> str:
    """What stands right of the only sign of equality."""
    return text.rpartition("=")[2] if text.count("=") == 1 else text


def parse(text: str, key: ExpressionKey) -> Node:
    """The usual reading of a formula over the key's symbols, e and pi. Raises Unreadable."""
    return _readings(text, key)[0]


def _readings(text: str, key: ExpressionKey) -> tuple[Node, ...]:
    # A question's own symbol wins over a function or constant of the same name (sigma, e).
    functions = frozenset(FUNCTIONS) - set(key.symbols)
    try:
        return readings(
            _undollared(text), [*CONSTANTS, *key.symbols], functions, arrays=bool(key.shapes)
        )
    except GrammarError as error:
        raise Unreadable(str(error), error.hint) from None


def _undollared(text: str) -> str:
    """Without the dollar signs of LaTeX around all of it; blanks in their place keep the columns."""
    if len(text) > 2 and text[0] == text[-1] == "$":
        return f" {text[1:-1]} "
    return text


@lru_cache(maxsize=512)
def _key_node(value: str, symbols: tuple[str, ...], arrays: bool) -> Node:
    functions = frozenset(FUNCTIONS) - set(symbols)
    return readings(value, [*CONSTANTS, *symbols], functions, arrays=arrays)[0]


def _agreement(node: Node, key: ExpressionKey, by_entry: bool) -> str:
    expected = _key_node(_undollared(key.value), tuple(key.symbols), bool(key.shapes))
    if key.shapes:
        from question_bank.grammar import arrays

        return arrays.agreement(node, expected, key.symbols, arrays.sizes(key.shapes), by_entry)
    from question_bank.grammar.normal_form import proved_equal
    from question_bank.grammar.numeric import agreement

    found = agreement(node, expected, key.symbols)
    if found == "unknown" and proved_equal(node, expected):
        return "equal"
    if found == "equal" and bends(node) and not bends(expected):
        # Equal where all is positive: |w| is w there, and whether w may be negative a person knows.
        beyond = agreement(node, expected, with_signs(key.symbols))
        return "positive" if beyond == "different" else "equal"
    return found


def bends(node: Node) -> bool:
    """Whether a formula may follow another on positive values and leave it at negative ones, as |w| and w."""
    if isinstance(node, Binary) and node.operator == "^" and not _whole(node.right):
        return True
    bent = isinstance(node, Call) and node.function in PIECEWISE | {"sqrt"}
    return bent or any(bends(child) for child in children(node))


def _whole(node: Node) -> bool:
    number = node.operand if isinstance(node, Negated) else node
    return isinstance(number, Number) and number.value.denominator == 1


def with_signs(symbols: Mapping[str, Domain]) -> dict[str, Domain]:
    """The box, wider and with both signs for what takes the usual values."""
    return {name: WIDE if box == USUAL else box for name, box in symbols.items()}


def _by_shapes(reading: Reading, key: ExpressionKey) -> list[Reading]:
    """A written * of two square arrays is read as their product, and by entry."""
    from question_bank.grammar.arrays import ShapeFault, sizes

    shapes = sizes(key.shapes)
    node, _ = reading.value

    try:
        kinds = {_kinds_of(at, shapes) for at in _stars(node)} - {("scale", "scale")}
    except ShapeFault:
        return [reading]
    # Where a star of the same answer can only be the product of matrices, so are the others.
    if ("matrix", "entry") not in kinds or ("matrix", "matrix") in kinds:
        return [reading]
    return [
        Reading((node, False), f"{reading.echo} with * as the product of matrices"),
        Reading((node, True), f"{reading.echo} with * by entry"),
    ]


def _stars(node: Node) -> list[Binary]:
    """The written products that can be meant in two ways."""
    found = [star for child in children(node) for star in _stars(child)]
    if not isinstance(node, Binary) or node.operator != "*":
        return found
    # No one takes the product by entry of a diagonal matrix.
    diagonal = any(isinstance(x, Call) and x.function == "diag" for x in (node.left, node.right))
    return found if diagonal else [*found, node]


def _kinds_of(star: Binary, shapes: Mapping[str, tuple[int, int]]) -> tuple[str | None, str | None]:
    """How the shapes let a * be read: first as the product of matrices, then by entry."""
    from question_bank.grammar.arrays import product_kind, shape_of

    left, right = shape_of(star.left, shapes, False), shape_of(star.right, shapes, False)
    return product_kind("*", left, right, False), product_kind("*", left, right, True)


def _idle(node: Node, key: ExpressionKey) -> Call | None:
    """A function with a kink that never leaves one of its branches, such as the ReLU of positive symbols."""
    for call in calls_in(node):
        for branch in _branches(call) if call.function in PIECEWISE else ():
            if _agreement(_put(node, call, branch), key, by_entry=False) == "equal":
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


def _put(node: Node, old: Node, new: Node) -> Node:
    """The formula with another node in the place of one."""
    if node is old:
        return new
    match node:
        case Negated():
            return replace(node, operand=_put(node.operand, old, new))
        case Binary():
            left, right = _put(node.left, old, new), _put(node.right, old, new)
            return replace(node, left=left, right=right)
        case Call():
            return replace(node, arguments=tuple(_put(x, old, new) for x in node.arguments))
    return node


def _check_shapes(node: Node, key: ExpressionKey) -> None:
    from question_bank.grammar.arrays import ShapeFault, shape_of, sizes

    try:
        shape_of(node, sizes(key.shapes), False)
    except ShapeFault as fault:
        raise NoKey(f'the key "{key.value}": {fault}') from None


TYPE = Expression()
