"""Formulas over the question's symbols: W^2*V*(1-h2^2), W²V(1 − h₂²), 2x(1-x).

Equivalence is decided by values at points of the declared domain, in high precision. Where no point decides, a
person does.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, field_validator

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
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import (
    Binary,
    Call,
    Name,
    Negated,
    Node,
    Number,
    calls_in,
    names_in,
)
from question_bank.grammar.syntax import GrammarError, parse_answer
from question_bank.text import check_template, fill

Domain = tuple[float, float]
USUAL: Domain = (0.3, 1.7)


class _Symbols(Spec):
    @field_validator("symbols", mode="before", check_fields=False)
    @classmethod
    def _listed(cls, symbols: object) -> object:
        # A plain list of names takes the usual domain.
        return dict.fromkeys(symbols, USUAL) if isinstance(symbols, list) else symbols


class ExpressionSpec(_Symbols):
    """A formula. `value` is a template in the students' grammar; `symbols` lists them, or gives [low, high] each."""

    type: Literal["expression"]
    value: str
    symbols: Annotated[dict[str, Domain], Field(min_length=1, max_length=12)]


class ExpressionKey(Key):
    """The formula in the students' grammar, and the box in which it is compared."""

    type: Literal["expression"] = "expression"
    value: str
    symbols: dict[str, Domain]


class Expression(AnswerType[ExpressionSpec, ExpressionKey]):
    """Formulas, compared by their values."""

    kind = "expression"
    Spec = ExpressionSpec
    Key = ExpressionKey

    def names(self, spec: ExpressionSpec) -> frozenset[str]:
        return check_template(spec.value)

    def bind(self, spec: ExpressionSpec, values: Mapping[str, Value]) -> ExpressionKey:
        key = ExpressionKey(value=fill(spec.value, values), symbols=spec.symbols)
        try:
            parse(key.value, key)
        except Unreadable as fault:
            raise NoKey(f'the key "{key.value}": {fault.message}') from None
        return key

    def parse(self, text: str, key: ExpressionKey) -> tuple[Reading, ...]:
        side = text.rpartition("=")[2] if text.count("=") == 1 else text
        node = parse(side, key)
        return (Reading(node, echo(node)),)

    def compare(self, reading: Reading, key: ExpressionKey) -> Comparison:
        from question_bank.grammar.numeric import agreement

        expected = parse(key.value, key)
        match agreement(reading.value, expected, key.symbols):
            case "equal":
                return Comparison(Fraction(1), "right")
            case "unknown":
                return Comparison(None, "has no value where it was compared; a person decides")
        opposite = agreement(Negated(reading.value), expected, key.symbols) == "equal"
        return Comparison(
            Fraction(0), "the sign is the other way round" if opposite else "not the same formula"
        )

    def render(self, key: ExpressionKey) -> str:
        return f"${latex(parse(key.value, key))}$"

    def instruction(self, key: ExpressionKey) -> str:
        return f"a formula in {', '.join(key.symbols)}, such as 2*{next(iter(key.symbols))}^2"

    def written(self, key: ExpressionKey) -> str:
        return key.value

    def samples(self, key: ExpressionKey) -> Samples:
        value, symbol = key.value, next(iter(key.symbols))
        return Samples(
            (value, f"({value})", f"1*({value}) + 0", f"({value})*{symbol}/{symbol}"),
            (f"({value}) + 1", f"({value}) + {symbol}"),
            ("x +* 2", "((", "os.system('id')", f"{symbol}."),
        )


def parse(text: str, key: ExpressionKey) -> Node:
    """The nodes of a formula over the key's symbols, e and pi. Raises Unreadable."""
    from question_bank.grammar.numeric import CONSTANTS, FUNCTIONS

    # A question's own symbol wins over a function or constant of the same name (sigma, e).
    functions = [name for name in FUNCTIONS if name not in key.symbols]
    try:
        node = parse_answer(text, [*CONSTANTS, *key.symbols], functions)
    except GrammarError as error:
        raise Unreadable(str(error), error.hint) from None
    for call in calls_in(node):
        if len(call.arguments) != FUNCTIONS[call.function]:
            raise Unreadable(f'"{call.function}" takes {FUNCTIONS[call.function]} value')
    return node


_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


def echo(node: Node, above: int = 0) -> str:
    """The formula as it was read, with every product written out."""
    match node:
        case Number():
            return _wrapped(str(node.value), above > 2 and node.value.denominator != 1)
        case Name():
            return node.name
        case Negated():
            return _wrapped(f"-{echo(node.operand, 3)}", above >= 2)
        case Call():
            return f"{node.function}({', '.join(echo(a) for a in node.arguments)})"
        case Binary():
            own = _STRENGTH[node.operator]
            left = echo(node.left, own + (node.operator == "^"))
            right = echo(node.right, own + (node.operator in "-/"))
            blank = " " if own == 1 else ""
            return _wrapped(f"{left}{blank}{node.operator}{blank}{right}", own < above)
    raise AssertionError(f"no formula holds {node!r}")


_NAMED = {"exp", "ln", "log", "sin", "cos", "tan", "tanh", "max", "min"}
_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "pi", "sigma", "tau", "phi", "omega",
}  # fmt: skip


def latex(node: Node, above: int = 0) -> str:
    """The formula as LaTeX: quotients as fractions, products without a sign."""
    match node:
        case Number():
            value = node.value
            if value.denominator == 1:
                return str(value)
            return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
        case Name():
            return _latex_name(node.name)
        case Negated():
            return _fenced(f"-{latex(node.operand, 3)}", above >= 2)
        case Call():
            return _latex_call(node)
        case Binary(operator="/"):
            fraction = rf"\frac{{{latex(node.left)}}}{{{latex(node.right)}}}"
            return _fenced(fraction, above > 4)
        case Binary(operator="^"):
            return _fenced(f"{latex(node.left, 5)}^{{{latex(node.right)}}}", above > 4)
        case Binary():
            own = _STRENGTH[node.operator]
            left = latex(node.left, own)
            right = latex(node.right, own + (node.operator == "-"))
            number_follows = right[:1].isdigit()
            sign = {"+": " + ", "-": " - "}.get(node.operator) or (
                r" \cdot " if number_follows else r"\,"
            )
            return _fenced(f"{left}{sign}{right}", own < above)
    raise AssertionError(f"no formula holds {node!r}")


def _latex_call(node: Call) -> str:
    arguments = ", ".join(latex(argument) for argument in node.arguments)
    if node.function == "sqrt":
        return rf"\sqrt{{{arguments}}}"
    if node.function == "abs":
        return rf"\left|{arguments}\right|"
    if node.function in ("sigmoid", "sigma"):
        return rf"\sigma\!\left({arguments}\right)"
    if node.function == "log2":
        return rf"\log_2\!\left({arguments}\right)"
    name = rf"\{node.function}" if node.function in _NAMED else rf"\operatorname{{{node.function}}}"
    return rf"{name}\!\left({arguments}\right)"


def _latex_name(name: str) -> str:
    stem, _, index = name.partition("_")
    if not index and len(name) > 1 and name not in _GREEK:
        digits = len(name) - len(name.rstrip("0123456789"))
        if digits:
            stem, index = name[:-digits], name[-digits:]
    shown = rf"\{stem}" if stem in _GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    return f"{shown}_{{{index.strip('{}')}}}" if index else shown


def _wrapped(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _fenced(text: str, needed: bool) -> str:
    return rf"\left({text}\right)" if needed else text


def symbols_of(node: Node) -> frozenset[str]:
    """The symbols that a formula reads."""
    return names_in(node)


TYPE = Expression()
