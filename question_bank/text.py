"""Question texts: Jinja templates in a sandbox, over nothing but the values of a draw.

Only output, arithmetic, comparison, filters, conditions and bounded loops are let through (the template's tree
is checked against a whitelist when a question is loaded), so that a bank from elsewhere cannot call, import,
or grow without bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from question_bank.grammar.exact import Value

MAX_TEMPLATE = 8_000
MAX_TEXT = 20_000


class TemplateFault(Exception):
    """A template that cannot be rendered: why, and in which line of it (from 1)."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def plain(value: Value) -> str:
    """A value as text: 12, 2/3, 0.25, [1, 2, 3]."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(plain(item) for item in value) + "]"
    return str(value)


def tex(value: Value) -> str:
    """A value as LaTeX: fractions stacked, vectors as columns, matrices with their rows."""
    if isinstance(value, Fraction):
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    if isinstance(value, int) and not isinstance(value, bool):
        return thousands(value) if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return _tex_float(value)
    if isinstance(value, (tuple, list)):
        rows = [row if isinstance(row, (tuple, list)) else (row,) for row in value]
        body = r" \\ ".join(" & ".join(tex(item) for item in row) for row in rows)
        return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
    return plain(value)


def _tex_float(value: float) -> str:
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def row(value: Value) -> str:
    """A list as a row vector in LaTeX."""
    return r"\begin{pmatrix} " + " & ".join(tex(item) for item in value) + r" \end{pmatrix}"


def paren(value: Value) -> str:
    """LaTeX, in parentheses where a leading minus (or a fraction under a power) would be misread."""
    negative = isinstance(value, (int, float, Fraction)) and value < 0
    return f"({tex(value)})" if negative else tex(value)


def signed(value: Value) -> str:
    """LaTeX with its sign in front: `+ 3`, `- 3`; for sums that go on."""
    return f"- {tex(-value)}" if value < 0 else f"+ {tex(value)}"


def coefficient(value: Value) -> str:
    """LaTeX of a factor in front of a symbol: 1 and -1 are not written out."""
    return {1: "", -1: "-"}.get(value, tex(value))


def thousands(value: Value) -> str:
    """A whole number with its digits in groups of three: 25 088, as LaTeX."""
    return f"{int(value):,}".replace(",", r"\,")


def fixed(value: Value, digits: int = 2) -> str:
    """Rounded to a number of decimals."""
    return f"{float(value):.{min(int(digits), 12)}f}"


def percent(value: Value) -> str:
    """A share as a percentage, without needless decimals."""
    return f"{float(value) * 100:g}"


def by(value: Value) -> str:
    """A shape as LaTeX: 32 x 16 x 16."""
    return r" \times ".join(str(item) for item in value)


def numeral(value: Value) -> str:
    """A small whole number in words, for running text."""
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return words[value] if isinstance(value, int) and 0 <= value <= 10 else plain(value)


_PLAIN_NAME = re.compile(
    r"\{\{ *([A-Za-z][A-Za-z0-9_]*)((?:\[[0-9]\])*) *(?:\| *([a-z]+)(?:\(([0-9])\))? *)?\}\}"
)
# What means something else to Jinja than the name of a value.
_WORDS = frozenset(
    {"and", "else", "if", "in", "is", "loop", "not", "or", "recursive", "with", "without"}
    | {"false", "False", "none", "None", "true", "True"}
)
FILTERS: Mapping[str, Callable[..., str]] = {
    "tex": tex,
    "row": row,
    "paren": paren,
    "signed": signed,
    "coefficient": coefficient,
    "thousands": thousands,
    "fixed": fixed,
    "percent": percent,
    "by": by,
    "words": numeral,
    "plain": plain,
}

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getitem,
    nodes.Getattr,
    nodes.Filter,
    nodes.Keyword,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Neg,
    nodes.Concat,
    nodes.List,
    nodes.Tuple,
)


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(side, (int, float, Fraction)) for side in (left, right)):
            raise SecurityError("only numbers can be multiplied")
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=1)
def _sandbox() -> _Sandbox:
    environment = _Sandbox(
        autoescape=False,
        undefined=StrictUndefined,
        finalize=lambda value: plain(value) if not isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        # LaTeX writes {# and {% in the middle of formulas more often than questions need comments.
        comment_start_string="{##",
        comment_end_string="##}",
    )
    environment.filters = dict(FILTERS)
    environment.tests = {}
    environment.globals = {}
    return environment


@lru_cache(maxsize=8192)
def check_template(source: str) -> frozenset[str]:
    """The names that a template reads. Raises TemplateFault for what no question text may hold."""
    if len(source) > MAX_TEMPLATE:
        raise TemplateFault(f"is longer than {MAX_TEMPLATE} characters")
    pieces = _plain_pieces(source)
    if pieces is not None:
        return frozenset(piece.name for piece in pieces if isinstance(piece, _Output))
    try:
        tree = _sandbox().parse(source)
    except TemplateSyntaxError as error:
        raise TemplateFault(error.message or "is no template", error.lineno) from None
    loops = 0
    read: set[str] = set()
    bound: set[str] = {"loop"}
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            raise TemplateFault(f"{type(node).__name__} is not allowed in a question", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            known = ", ".join(sorted(FILTERS))
            raise TemplateFault(f'there is no filter "{node.name}" (known: {known})', node.lineno)
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise TemplateFault(f'"{node.attr}" is not allowed in a question', node.lineno)
        if isinstance(node, nodes.For):
            loops += 1
            if loops > 4:
                raise TemplateFault("has more than four loops", node.lineno)
        if isinstance(node, nodes.Name):
            (read if node.ctx == "load" else bound).add(node.name)
    return frozenset(read - bound)


@dataclass(frozen=True)
class _Output:
    """`{{ name[0] | filter(2) }}`: a value, what is taken of it, and how it is written."""

    name: str
    items: tuple[int, ...]
    filter: str
    digits: int | None

    def text(self, values: Mapping[str, Value]) -> str:
        value = values[self.name]
        for item in self.items:
            value = value[item]
        if self.filter:
            more = () if self.digits is None else (self.digits,)
            return FILTERS[self.filter](value, *more)
        return value if isinstance(value, str) else plain(value)


@lru_cache(maxsize=8192)
def _plain_pieces(source: str) -> tuple[str | _Output, ...] | None:
    """A template with nothing but `{{ name }}`, `{{ name[0] | filter }}` and such; None for any other.

    Half the texts of a bank are so, and need neither a parser nor a compiler.
    """
    if "{%" in source or "{##" in source or "{{{" in source or "\r" in source:
        return None
    pieces: list[str | _Output] = []
    end = 0
    for found in _PLAIN_NAME.finditer(source):
        name, items, used, digits = found.groups(default="")
        if name in _WORDS or (used and used not in FILTERS):
            return None
        output = _Output(name, tuple(map(int, items[1::3])), used, int(digits) if digits else None)
        pieces += [source[end : found.start()], output]
        end = found.end()
    pieces.append(source[end:])
    left = any(isinstance(piece, str) and "{{" in piece for piece in pieces)
    return None if left else tuple(pieces)


def _filled_plainly(source: str, values: Mapping[str, Value]) -> str | None:
    """The text of a plain template; None for any other, and for what cannot be filled in."""
    pieces = _plain_pieces(source)
    if pieces is None or len(source) > MAX_TEMPLATE:
        return None
    try:
        text = "".join(p if isinstance(p, str) else p.text(values) for p in pieces)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
        return None
    return text.strip() if len(text) <= MAX_TEXT else None


def _walk(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(below for child in node.iter_child_nodes() for below in _walk(child))]


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Template:
    check_template(source)
    return _sandbox().from_string(source)


def fill(source: str, values: Mapping[str, Value]) -> str:
    """The text of a template with the values of a draw. Raises TemplateFault."""
    if "{{" not in source and "{%" not in source:
        return source.strip()
    filled = _filled_plainly(source, values)
    if filled is not None:
        return filled
    try:
        pieces, size = [], 0
        for piece in _compiled(source).generate(dict(values)):
            size += len(piece)
            if size > MAX_TEXT:
                raise TemplateFault(f"becomes longer than {MAX_TEXT} characters")
            pieces.append(piece)
    except UndefinedError as error:
        raise TemplateFault(error.message or "reads a name that has no value") from None
    except (SecurityError, TemplateRuntimeError) as error:
        raise TemplateFault(str(error)) from None
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, KeyError, IndexError) as error:
        raise TemplateFault(f"cannot be filled in: {error}") from None
    return "".join(pieces).strip()
