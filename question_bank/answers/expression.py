"""Formulas over the question's symbols: W^2*V*(1-h2^2), W²V(1 − h₂²), W^T (p - y), f ⊙ c + i ⊙ tanh(g).

Equivalence is decided by values at points of the declared domain and beyond it, in high precision; what these leave open,
by exact normal forms; what is still open then, by a person. Where symbols have shapes, the order of products matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Unreadable,
)
from question_bank.answers.symbols import (
    MOST_SYMBOLS,
    ListedSymbols,
    Symbols,
    Taken,
    cases,
    ranges,
)
from question_bank.grammar.answer_readings import FormulaReading, readings, regrouped
from question_bank.grammar.answer_words import ARRAY_FUNCTIONS, CONSTANTS, FUNCTIONS, PIECEWISE
from question_bank.grammar.exact import Value
from question_bank.grammar.formula import Formula, put
from question_bank.grammar.nodes import Binary, Call, Negated, Node, Number, calls_in, names_in
from question_bank.grammar.relations import ACTIVATION, Relations
from question_bank.grammar.shapes import (
    IDENTITY,
    OPEN,
    SCALAR,
    Sense,
    Shape,
    ShapeFault,
    loosely,
    senses,
    shown,
    sizes,
)
from question_bank.grammar.shown import echo, latex
from question_bank.grammar.syntax import GrammarError
from question_bank.text import check_template, fill

if TYPE_CHECKING:
    from question_bank.grammar.equivalence import Agreement, Pair

Axis = Annotated[int, Field(ge=1, le=6)] | Annotated[str, Field(pattern=r"^[a-zA-Z]$")]

ROUNDED = "the same formula but for rounding; a person decides (fractions stay exact: 1/3)"
ELSEWHERE = (
    "the same at the values that are usual here, another one at negative or large values; "
    "a person decides"
)
OPEN_TO_A_PERSON = "could not be compared by values; a person decides"
_FURTHEST_LAST = ("equal", "elsewhere", "rounded", "unknown")


class ExpressionSpec(ListedSymbols):
    """A formula. `value` is a template in the students' grammar; `symbols` lists them, or gives [low, high] each.

    What is only listed takes positive values, or values of both signs where the formula holds relu, abs, max or min.

    {y: {choice: [0, 1]}} says that y is 0 or 1: the formula is compared for each of these alone.

    `relations` say what a symbol stands for, in terms of symbols and of relations above it: {h3: tanh(z3)}; 1 - h3^2 and
    tanh'(z3) are then the same. {sigma: tanh} says which function sigma is.

    `shapes` makes a symbol a vector or a matrix: W: [n, m], h: [n]; letters are sizes, the same wherever they stand.
    """

    type: Literal["expression"]
    value: str = Field(description="a formula, as a student would type it; may hold {{ values }}")
    symbols: Symbols
    shapes: dict[str, Annotated[tuple[Axis, ...], Field(min_length=1, max_length=2)]] = Field(
        default_factory=dict, description="of vectors and matrices among them: {W: [n, m], x: [m]}"
    )
    relations: Annotated[dict[str, str], Field(max_length=MOST_SYMBOLS)] = Field(
        default_factory=dict,
        description="what symbols stand for, in terms of others: {h3: tanh(z3)}",
    )

    @model_validator(mode="after")
    def _declared(self) -> ExpressionSpec:
        unknown = sorted(set(self.shapes) - set(self.symbols))
        if unknown:
            raise ValueError(f'"{unknown[0]}" has a shape but is no symbol')
        free = sorted(set(self.relations) - set(self.symbols) - {ACTIVATION})
        if free:
            raise ValueError(f'"{free[0]}" has a relation but is no symbol')
        chosen = sorted(set(self.symbols) - set(ranges(self.symbols)))
        twice = [name for name in chosen if name in self.shapes or name in self.relations]
        if twice:
            raise ValueError(f'"{twice[0]}" takes a few values, and has a shape or a relation too')
        return self


class ExpressionKey(Key):
    """The formula in the students' grammar, and the box in which it is compared."""

    omitted_when_default = frozenset({"shapes", "relations"})

    type: Literal["expression"] = "expression"
    value: str
    symbols: dict[str, Taken]
    shapes: dict[str, tuple[Axis, ...]] = Field(default_factory=dict)
    relations: dict[str, str] = Field(default_factory=dict)

    @property
    def asked(self) -> Asked:
        """What reading an answer takes from the key."""
        symbols, shapes = tuple(self.symbols), tuple(self.shapes.items())
        return Asked(symbols, shapes, tuple(self.relations.items()))


@dataclass(frozen=True)
class Asked:
    """The symbols of a formula, their shapes, and what they stand for."""

    symbols: tuple[str, ...]
    shapes: tuple[tuple[str, tuple[Axis, ...]], ...] = ()
    relations: tuple[tuple[str, str], ...] = ()

    @property
    def known(self) -> dict[str, Shape]:
        """Rows and columns of each symbol."""
        return sizes(dict(self.shapes))


class Expression(AnswerType[ExpressionSpec, ExpressionKey]):
    """Formulas, compared by their values."""

    kind = "expression"
    Spec = ExpressionSpec
    Key = ExpressionKey

    def names(self, spec: ExpressionSpec) -> frozenset[str]:
        return check_template(spec.value).union(*map(check_template, spec.relations.values()))

    def bind(self, spec: ExpressionSpec, values: Mapping[str, Value]) -> ExpressionKey:
        key = ExpressionKey(
            value=fill(spec.value, values),
            symbols=spec.symbols,
            shapes=spec.shapes,
            relations={name: fill(text, values) for name, text in spec.relations.items()},
        )
        try:
            formula = key_formula(key)
        except Unreadable as fault:
            raise NoKey(f'the key "{key.value}": {fault.message}') from None
        except ShapeFault as fault:
            raise NoKey(f'the key "{key.value}": {fault}') from None
        idle = _idle(formula, key)
        if idle is not None:
            raise NoKey(
                f'the key "{key.value}": {idle.function} changes nothing; give the symbols another [low, high]'
            )
        return key

    def parse(self, text: str, key: ExpressionKey) -> tuple[Reading, ...]:
        return _read(right_side(text), key.asked, key_formula(key).shape)

    def compare(self, reading: Reading, key: ExpressionKey) -> Comparison:
        found: Formula | _Unfit = reading.value
        expected = key_formula(key)
        if isinstance(found, _Unfit):
            if any(_agreement(meant, expected, key) == "equal" for meant in found.meant):
                return Comparison(
                    None, f"the shapes do not fit as written: {found.why}; a person decides"
                )
            return Comparison(Fraction(0), f"the shapes do not fit: {found.why}")
        if found.shape is not None and found.shape != expected.shape:
            given, wanted = shown(found.shape), shown(expected.shape or found.shape)
            return Comparison(Fraction(0), f"gives {given} where {wanted} is asked for")
        match _agreement(found, expected, key):
            case "equal":
                return Comparison(Fraction(1), "right")
            case "rounded":
                return Comparison(None, ROUNDED)
            case "elsewhere":
                return Comparison(None, ELSEWHERE)
            case "unknown":
                return Comparison(None, OPEN_TO_A_PERSON)
        return Comparison(
            Fraction(0),
            "the sign is the other way round"
            if _opposite(found, expected, key)
            else "not the same formula",
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
        value, symbol = key.value, next(iter(ranges(key.symbols) or key.symbols))
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
    return readings_of(text, tuple(key.symbols), bool(key.shapes))[0].node


@lru_cache(maxsize=256)
def readings_of(text: str, symbols: tuple[str, ...], arrays: bool) -> tuple[FormulaReading, ...]:
    """Every sensible reading of a formula, the usual one first. Raises Unreadable."""
    try:
        return readings(_undollared(text), *_words(symbols, arrays), arrays=arrays)
    except GrammarError as error:
        raise Unreadable(str(error), error.hint) from None


def _words(symbols: tuple[str, ...], arrays: bool) -> tuple[list[str], set[str]]:
    """The names and the functions that a formula may hold."""
    # A question's own symbol wins over a function or constant of the same name (sigma, e).
    functions = {*FUNCTIONS, *(ARRAY_FUNCTIONS if arrays else ())} - set(symbols)
    return [*CONSTANTS, *symbols, *((IDENTITY,) if arrays else ())], functions


def _undollared(text: str) -> str:
    """Without the dollar signs of LaTeX around all of it; blanks in their place keep the columns."""
    if len(text) > 2 and text[0] == text[-1] == "$":
        return f" {text[1:-1]} "
    return text


@dataclass(frozen=True)
class _Unfit:
    """An answer whose shapes do not fit: why, and what may have been meant by it."""

    why: str
    meant: tuple[Formula, ...]


@lru_cache(maxsize=512)
def _relations(asked: Asked) -> Relations:
    """Raises Unreadable or ShapeFault."""
    found = Relations()
    for name, text in asked.relations:
        if name == ACTIVATION and name not in asked.symbols:
            if f"{text}'" not in FUNCTIONS:
                raise Unreadable(f'"{text}" is no function with a derivative here')
            found = replace(found, activation=text)
            continue
        node = readings_of(text, asked.symbols, bool(asked.shapes))[0].node
        early = (names_in(node) & {later for later, _ in asked.relations}) - set(found.formulas)
        if early:
            raise Unreadable(
                f'the relation of "{name}" holds "{min(early)}", which does not stand above it'
            )
        if asked.shapes:
            sense = senses(node, asked.known)[0]
            if sense.shape != asked.known.get(name, SCALAR):
                raise ShapeFault(f"the relation of {name} gives {shown(sense.shape)}", node.at)
            node = sense.node
        found = replace(found, formulas={**found.formulas, name: found.written_out(node)})
    return found


# The formulas of one answer are kept while it is compared with the key and with what mistakes lead to.
@lru_cache(maxsize=256)
def _read(text: str, asked: Asked, wanted: Shape | None) -> tuple[Reading, ...]:
    symbols, whole = asked.symbols, _relations(asked)
    ways = readings_of(text, symbols, bool(asked.shapes))
    if wanted is None:
        return tuple(
            Reading(Formula(whole.written_out(way.node)), echo(way.node), way.remote)
            for way in ways
        )
    known = asked.known
    nodes = [way.node for way in ways if not way.remote]
    others = {way.node for way in ways if way.remote}
    others |= set(regrouped(_undollared(text), *_words(symbols, arrays=True))) - set(nodes)
    found: list[Sense] = []
    meant: list[Sense] = []
    fault: ShapeFault | None = None
    for node in (*nodes, *sorted(others, key=echo)):
        try:
            fitting = senses(node, known, wanted)
            found += [replace(s, remote=True) for s in fitting] if node in others else fitting
        except ShapeFault as unfit:
            fault = fault or unfit
            meant += [sense for sense in loosely(node, known, wanted) if sense.shape == wanted]
    # Another association may fit, and give something else than is asked for: h x^T as (h x)^T.
    if not any(sense.shape == wanted for sense in found) and (meant or not found):
        nothing_fits = _Unfit(
            str(fault), tuple(Formula(whole.written_out(s.node), s.shape) for s in meant)
        )
        return (Reading(nothing_fits, echo(nodes[0])),)
    found += meant
    # A reading of which the shapes do not fit is not meant where another one fits.
    wanted_ones = [sense for sense in found if sense.shape == wanted] or found[:1]
    read = [
        Reading(Formula(whole.written_out(s.node), s.shape), echo(s.node), s.remote)
        for s in wanted_ones
    ]
    return tuple({way.echo: way for way in reversed(read)}.values())[::-1]


def key_formula(key: ExpressionKey) -> Formula:
    """The key as it is compared. Raises Unreadable or ShapeFault."""
    return _key_formula(key.value, key.asked)


@lru_cache(maxsize=512)
def _key_formula(value: str, asked: Asked) -> Formula:
    node = readings_of(value, asked.symbols, bool(asked.shapes))[0].node
    whole = _relations(asked)
    if not asked.shapes:
        return Formula(whole.written_out(node))
    usual = senses(node, asked.known)[0]
    if usual.shape == OPEN:
        raise ShapeFault("the size of I cannot be told", node.at)
    return Formula(whole.written_out(usual.node), usual.shape)


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


def _agreement(found: Formula, expected: Formula, key: ExpressionKey) -> Agreement:
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


def _opposite(found: Formula, expected: Formula, key: ExpressionKey) -> bool:
    from question_bank.grammar.equivalence import is_opposite

    return all(map(is_opposite, _pairs(found, expected, key)))


def _idle(formula: Formula, key: ExpressionKey) -> Call | None:
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


TYPE = Expression()
