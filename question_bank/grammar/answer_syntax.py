"""A student's formula: a Pratt parser over a whitelist of symbols and functions.

Power binds right and above a leading minus (-2^2 is -4). A product that is left out binds like a written one;
where that can be read in two ways (1/2x), `answer_readings` gives both. Depth, nodes, digits and powers are bounded, so
that no text costs more than some milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from question_bank.diagnostics import did_you_mean
from question_bank.grammar.answer_names import names_of
from question_bank.grammar.answer_size import check_size
from question_bank.grammar.answer_tokens import answer_tokens
from question_bank.grammar.answer_words import spelled
from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number
from question_bank.grammar.syntax import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_IMPLIED,
    MAX_TOKENS,
    GrammarError,
    Token,
)

_LEFT = {"+": 10, "-": 10, "*": 20, "/": 20, "@": 20}
_IMPLIED, _TIGHT, _SIGN, _POWER, _ROOT = 20, 22, 24, 30, 31
# How much the product by entry may bind beside other products: as they do, before them, or after them.
ENTRY, ENTRY_FIRST, ENTRY_LAST = 20, 23, 15

# A level of `tight` or `reach` that reads a formula otherwise than the level below does.
Fork = tuple[Literal["tight", "reach"], int]


@dataclass(frozen=True)
class Way:
    """One way to read a formula.

    `tight` lets a left-out product bind more than a quotient: 1/2x is then 1/(2x); at 1, a blank behind a fraction of
    two numbers (1/2 x) keeps it whole, at 2 nothing does. `reach` is how far a bare root, or a power of e, goes: at 0
    over its first factor (√2x is √2 times x), at 1 over all that is glued to it, at 2 over every left-out product.
    With `arrays`, a left-out product is a product of matrices (@). `entry` is how much a product by entry binds.
    """

    decimal_comma: bool = False
    tight: int = 0
    reach: int = 0
    arrays: bool = False
    entry: int = ENTRY


USUAL = Way()


def parse_answer(
    text: str, symbols: Iterable[str] = (), functions: Iterable[str] = (), way: Way = USUAL
) -> Node:
    """The nodes of a formula over the given symbols and functions. Raises GrammarError."""
    return parsed_answer(text, symbols, functions, way)[0]


def parsed_answer(
    text: str, symbols: Iterable[str], functions: Iterable[str], way: Way
) -> tuple[Node, frozenset[Fork]]:
    """The nodes of a formula, and at which other ways they would be others. Raises GrammarError."""
    parser = _Parser(answer_tokens(text, way.decimal_comma), symbols, functions, way)
    node = parser.whole()
    check_size(node)
    return node, frozenset(parser.forks)


class _Parser:
    def __init__(
        self,
        tokens: list[Token],
        symbols: Iterable[str],
        functions: Iterable[str],
        way: Way,
    ) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.bars = 0
        self.implied = 0
        self.names = names_of(symbols, functions)
        self.way = way
        self.strengths = {**_LEFT, ".*": way.entry}
        self.forks: set[Fork] = set()
        # Where a fraction of two numbers has just ended.
        self.fraction_end = -1

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at_op(self, *operators: str) -> bool:
        return self.token.kind == "op" and self.token.text in operators

    def ahead_op(self, operator: str) -> bool:
        """Whether the token behind this one is that operator."""
        ahead = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        return ahead.kind == "op" and ahead.text == operator

    def accept(self, *operators: str) -> Token | None:
        return self.advance() if self.at_op(*operators) else None

    def expect(self, operator: str, cure: str) -> None:
        if not self.accept(operator):
            raise GrammarError(f'"{operator}" is missing', self.token.at, cure)

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise GrammarError("is empty", 1)
        node = self.expression(0)
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def unexpected(self) -> GrammarError:
        token = self.token
        if token.kind == "end":
            return GrammarError("ends too early", token.at, "finish the formula")
        cures = {
            "=": "write only what stands right of the sign of equality",
            ",": "a decimal is written 0.5 or 0,5",
            ")": "there is no bracket to close",
        }
        return GrammarError(
            f'"{token.text}" does not fit here', token.at, cures.get(token.text, "leave it out")
        )

    def expression(self, least: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError(
                f"nested deeper than {MAX_DEPTH} levels", self.token.at, "shorten the formula"
            )
        node = self.prefix()
        while True:
            node_after = self.infix(node, least)
            if node_after is None:
                self.depth -= 1
                return node
            node = node_after

    def prefix(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number(self.advance())
        if token.kind == "name":
            return self.name()
        if sign := self.accept("-", "+"):
            operand = self.expression(_SIGN)
            return Negated(operand, sign.at) if sign.text == "-" else operand
        if self.accept("("):
            node = self.expression(0)
            self.expect(")", "close every bracket")
            return node
        if token.kind == "root" or self.at_op("√"):
            return self.root()
        if self.bars == 0 and (found := self.accept("|")):
            self.bars += 1
            node = self.expression(0)
            self.expect("|", "close the bars of the absolute value")
            self.bars -= 1
            return Call("abs", (node,), (), found.at)
        raise self.unexpected()

    def infix(self, left: Node, least: int) -> Node | None:
        token = self.token
        if self.at_op("^"):
            return self.power(left) if least <= _POWER else None
        if token.kind == "op" and token.text in self.strengths:
            strength = self.strengths[token.text]
            if strength <= least:
                return None
            self.advance()
            if token.text == "/" and _is_number(left) and self.token.kind == "number":
                self.fraction_end = self.position + 1
            return Binary(token.text, left, self.expression(strength), token.at)
        strength = self.implied_strength()
        if token.kind == "number" and least < strength:
            raise GrammarError(
                f'a sign is missing before "{token.text}"', token.at, "write * for a product"
            )
        if not self.starts_factor() or strength <= least:
            return None
        return self.implied_product(left, strength)

    def implied_strength(self) -> int:
        """How much a product binds here that is left out."""
        if self.position == self.fraction_end and self.token.apart:
            self.forks.add(("tight", 2))
            return _TIGHT if self.way.tight == 2 else _IMPLIED
        return _TIGHT if self.way.tight else _IMPLIED

    def implied_product(self, left: Node, strength: int) -> Node:
        at = self.token.at
        self.implied += 1
        if self.implied > MAX_IMPLIED:
            raise GrammarError(
                f"more than {MAX_IMPLIED} products without a sign", at, "write * for a product"
            )
        operator = "@" if self.way.arrays else "*"
        return Binary(operator, left, self.expression(strength), at)

    def starts_factor(self) -> bool:
        return (
            self.token.kind in ("name", "root")
            or self.at_op("(", "√")
            or (self.bars == 0 and self.at_op("|"))
        )

    def root(self) -> Node:
        """√2, ∛8, and \\sqrt[3]{8} with its index in brackets."""
        token = self.advance()
        if token.kind == "root" and not token.text:
            self.expect("(", "write the index of a root in brackets")
            index = self.expression(0)
            self.expect(")", "close every bracket")
            if self.accept("("):
                node = self.expression(0)
                self.expect(")", "close every bracket")
            else:
                node = self.bare_argument(token, "write \\sqrt[3]{8}")
            return _root(node, index, token.at)
        index = Number(Fraction(token.text)) if token.kind == "root" else _TWO
        node = self.expression(_ROOT)
        if self.tokens[self.position - 1].text != ")" and self.ends_in_one(node):
            raise GrammarError('"√" needs parentheses', token.at, "write sqrt(x)")
        return _root(self.reached(node), index, token.at)

    def reached(self, node: Node) -> Node:
        """The first factor below a root, or of a power of e, with the factors behind it that this way takes in.

        Brackets say by themselves where it ends.
        """
        if self.tokens[self.position - 1].text in (")", "|"):
            return node
        while self.starts_factor():
            glued = self.token.kind == "name" and not self.token.apart
            needed = 1 if glued else 2
            self.forks.add(("reach", needed))
            if self.way.reach < needed:
                break
            node = self.implied_product(node, _SIGN)
        return node

    def power(self, base: Node) -> Node:
        sign = self.advance()
        if self.transposes():
            return Call("transpose", (base,), (), sign.at)
        # Right associative: the exponent takes powers of its own, and a sign.
        exponent = self.expression(_POWER)
        if isinstance(base, Name) and base.name == "e":
            exponent = self.reached(exponent)
        return Binary("^", base, exponent, sign.at)

    def transposes(self) -> bool:
        """Reads T after ^, in brackets or not, where T is no symbol of the question; of arrays, t as well."""
        ahead = [t.text for t in self.tokens[self.position : self.position + 3] if t.kind != "end"]
        if "T" in self.names.symbols:
            return False
        small = self.way.arrays and ahead[:1] == ["t"] and not self.names.knows("t")
        if (ahead[:1] == ["T"] or small) and self.token.kind == "name":
            self.position += 1
            return True
        if self.way.arrays and ahead == ["(", "t", ")"] and not self.names.knows("t"):
            self.position += 3
            return True
        if (
            self.token.kind == "name"
            and self.token.text[:1] == "T"
            and self.names.knows(ahead[0][1:])
        ):
            # W^Td: the transposed W times d.
            token = self.token
            self.tokens[self.position] = Token("name", token.text[1:], token.at + 1)
            return True
        if ahead == ["(", "T", ")"]:
            self.position += 3
            return True
        return False

    def number(self, token: Token) -> Number:
        mantissa, _, exponent = token.text.lower().partition("e")
        if sum(c.isdigit() for c in mantissa) > MAX_DIGITS:
            raise GrammarError(f"a number with more than {MAX_DIGITS} digits", token.at, "round it")
        if exponent and (len(exponent) > 4 or abs(int(exponent)) > MAX_EXPONENT):
            raise GrammarError(f"a power of ten beyond {MAX_EXPONENT}", token.at, "a smaller one")
        value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
        return Number(value, "." in mantissa or bool(exponent), token.at)

    def name(self) -> Node:
        token = self.token
        if token.text in self.names.symbols:
            self.advance()
            return Name(self.names.symbols[token.text], token.at)
        function = spelled(token.text)
        if function in self.names.functions:
            self.advance()
            return self.call(function, token)
        if token.text == "frac":
            self.advance()
            return self.fraction(token)
        if (stem := self.names.stem(token.text)) is not None:
            self.advance()
            return Name(self.names.symbols[stem], token.at)
        pieces = self.names.split(token.text)
        if pieces is None or self.ahead_op("("):
            # In xexp(2) nobody means the product of x, e, x and p.
            pieces = self.names.function_of(token.text) or pieces
        if pieces is None:
            raise self.unknown(token)
        if len(self.tokens) + len(pieces) > MAX_TOKENS:
            raise GrammarError(f"more than {MAX_TOKENS} signs", token.at, "shorten the formula")
        # The pieces take the word's place, so that in WV^2 the power belongs to V alone.
        self.tokens[self.position : self.position + 1] = [
            Token("number" if piece.isdigit() else "name", piece, token.at, token.apart and not n)
            for n, piece in enumerate(pieces)
        ]
        return self.name()

    def fraction(self, token: Token) -> Node:
        parts: list[Node] = []
        for which in ("numerator", "denominator"):
            if self.token.kind == "number" and self.token.text.isdigit():
                parts.append(self.digit())
                continue
            if self.token.kind == "name" and self.token.text in self.names.symbols:
                parts.append(self.name())
                continue
            self.expect("(", f"\\frac needs a {which} in braces")
            parts.append(self.expression(0))
            self.expect(")", "close every brace")
        return Binary("/", parts[0], parts[1], token.at)

    def digit(self) -> Number:
        """\\frac23 and \\frac2n: without braces, LaTeX takes one sign."""
        token = self.token
        first, rest = token.text[:1], token.text[1:]
        if rest:
            self.tokens[self.position] = Token("number", rest, token.at + 1)
        else:
            self.advance()
        return self.number(Token("number", first, token.at))

    def call(self, function: str, token: Token) -> Node:
        cure = f"write {function}(x)"
        power = self.power_of_function(function, token)
        if self.accept("("):
            node: Node = Call(function, tuple(self.arguments()), (), token.at)
        else:
            node = Call(function, (self.bare_argument(token, cure),), (), token.at)
        return node if power is None else Binary("^", node, power, token.at)

    def power_of_function(self, function: str, token: Token) -> Number | None:
        """tanh^2(x) and tanh²(x) are squares of the value; any other power there is refused."""
        if not self.accept("^"):
            return None
        bracket = self.accept("(")
        exponent = self.token
        if exponent.kind != "number" or not exponent.text.isdigit():
            raise GrammarError(
                f'a power right after "{function}" can be read in two ways',
                token.at,
                f"write {function}(x)^2",
            )
        power = self.number(self.advance())
        if bracket:
            self.expect(")", "close every bracket")
        return power

    def bare_argument(self, token: Token, cure: str) -> Node:
        """ln 2, tanh z, ln|x| and \\ln\\frac{1}{2}: one value, where nothing after it could belong to it too."""
        argument = self.token
        if argument.kind == "number":
            node: Node = self.number(self.advance())
        elif argument.kind == "name" and argument.text in self.names.symbols:
            self.advance()
            node = Name(self.names.symbols[argument.text], argument.at)
        elif (self.bars == 0 and self.at_op("|")) or self.at_braces():
            node = self.prefix()
        else:
            raise GrammarError(f'"{token.text}" needs parentheses', token.at, cure)
        if (
            self.at_op("^", "/", "*", "@", ".*")
            or self.token.kind == "number"
            or self.starts_factor()
            or self.ends_in_one(node)
        ):
            raise GrammarError(f'"{token.text}" needs parentheses', token.at, cure)
        return node

    def ends_in_one(self, node: Node) -> bool:
        """Whether a sum goes on behind a bare 1: ln 1-p is meant as ln(1-p), since nobody writes ln 1; ln 1 - ln p is not."""
        if node != _ONE or not self.at_op("+", "-"):
            return False
        ahead = self.tokens[self.position + 1]
        return ahead.kind != "name" or spelled(ahead.text) not in self.names.functions

    def at_braces(self) -> bool:
        """Whether LaTeX's fraction or root stands here, of which the braces say where it ends."""
        fraction = self.token.kind == "name" and self.token.text == "frac"
        return fraction or (self.token.text == "sqrt" and self.ahead_op("("))

    def arguments(self) -> Iterator[Node]:
        bars, self.bars = self.bars, 0
        while not self.accept(")"):
            yield self.expression(0)
            if not self.accept(","):
                self.expect(")", "close every bracket")
                break
        self.bars = bars

    def unknown(self, token: Token) -> GrammarError:
        shown = token.text if len(token.text) <= 40 else token.text[:40] + "..."
        if token.text.lower() in ("tr", "trace") and self.way.arrays:
            cure = "tr is the trace; the transposed W is written W^T"
            return GrammarError(f'"{shown}" is no function here', token.at, cure)
        hint = did_you_mean(token.text[:40], [*self.names.symbols.values(), *self.names.functions])
        if hint is None:
            known = ", ".join(sorted(self.names.symbols.values())) or "numbers only"
            hint = f"known here: {known}"
        return GrammarError(f'"{shown}" is not a symbol of this question', token.at, hint)


_ONE, _TWO = Number(Fraction(1)), Number(Fraction(2))


def _is_number(node: Node) -> bool:
    return isinstance(node.operand if isinstance(node, Negated) else node, Number)


def _root(node: Node, index: Node, at: int) -> Node:
    """The root of this index; the odd one of -8 is minus that of 8."""
    if not isinstance(index, Number) or index.value.denominator != 1 or index.value < 1:
        return Binary("^", node, Binary("/", Number(Fraction(1)), index, at), at)
    if index.value == 2:
        return Call("sqrt", (node,), (), at)
    if isinstance(node, Negated) and index.value % 2:
        return Negated(_root(node.operand, index, at), at)
    return Binary("^", node, Binary("/", Number(Fraction(1)), index, at), at)
