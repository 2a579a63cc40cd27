"""An author's expression as nodes: arithmetic, comparisons, logic, lists, indexing, comprehensions and text.

Power binds right and above a leading minus: -2^2 is -4. The bounds (length, nesting, nodes, digits) hold for the
students' formulas of `answer_syntax` too.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction

from question_bank.grammar.nodes import (
    Binary,
    Call,
    Choice,
    Compare,
    Comprehension,
    Index,
    ListOf,
    Logical,
    Name,
    Negated,
    Node,
    Not,
    Number,
    Text,
    Truth,
)

MAX_LENGTH = 600
MAX_TOKENS = 300
MAX_DEPTH = 40
MAX_DIGITS = 30
MAX_EXPONENT = 60
MAX_IMPLIED = 60


class GrammarError(Exception):
    """Not an expression of the grammar: a message, the column (from 1), and a cure where one is known."""

    def __init__(self, message: str, column: int, hint: str | None = None) -> None:
        super().__init__(f"{message} (at character {column})")
        self.message = message
        self.column = column
        self.hint = hint


@dataclass(frozen=True)
class Token:
    """kind is one of number, name, text, op, root, end; `at` is the column, from 1.

    `apart` says that a blank stands before it in a student's formula, or the backslash of a function in LaTeX.
    """

    kind: str
    text: str
    at: int
    apart: bool = False


_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r\n]+)
  | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+(?![0-9A-Za-z_.]))?)
  | (?P<name>[A-Za-zα-ωΑ-Ω][A-Za-z0-9α-ωΑ-Ω]*(?:_[A-Za-z0-9α-ωΑ-Ω]+|_\{[A-Za-z0-9α-ωΑ-Ω,+-]{1,12}\})*'*)
  | (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
  | (?P<op>\*\*|//|<=|>=|==|!=|[-+*/%^()\[\],<>=.])
    """,
    re.VERBOSE,
)


def tokenize(text: str) -> list[Token]:
    """Split into tokens. Raises GrammarError at the first character that has no meaning."""
    if len(text) > MAX_LENGTH:
        raise GrammarError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise GrammarError(f'"{text[position]}" has no meaning here', position + 1)
        kind = match.lastgroup or "blank"
        if kind != "blank":
            tokens.append(Token(kind, match.group(), position + 1))
            if len(tokens) > MAX_TOKENS:
                raise GrammarError(f"more than {MAX_TOKENS} signs", position + 1)
        position = match.end()
    tokens.append(Token("end", "", len(text) + 1))
    return tokens


def parse_author(text: str) -> Node:
    """An author's expression (`let`, `require`, `correct`, figure arguments, `verify`)."""
    return _AuthorParser(tokenize(text)).whole()


class _Parser(ABC):
    """Precedence climbing over the arithmetic that both dialects share."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def accept(self, *operators: str) -> Token | None:
        token = self.tokens[self.position]
        if token.text in operators and token.kind == "op":
            self.position += 1
            return token
        return None

    def expect(self, operator: str) -> Token:
        found = self.accept(operator)
        if found is None:
            raise self.unexpected(f'"{operator}" is missing')
        return found

    def unexpected(self, message: str | None = None) -> GrammarError:
        if self.token.kind == "end":
            return GrammarError(message or "ends too early", self.token.at)
        return GrammarError(message or f'"{self.token.text}" does not fit here', self.token.at)

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise GrammarError("is empty", 1)
        node = self.expression()
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def nested(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError(f"nested deeper than {MAX_DEPTH} levels", self.token.at)
        node = self.expression()
        self.depth -= 1
        return node

    def expression(self) -> Node:
        return self.sum()

    def sum(self) -> Node:
        node = self.product()
        while found := self.accept("+", "-"):
            node = Binary(found.text, node, self.product(), found.at)
        return node

    def product(self) -> Node:
        node = self.signed()
        while found := self.accept("*", "/", "//", "%"):
            node = Binary(found.text, node, self.signed(), found.at)
        return node

    def signed(self) -> Node:
        sign = self.accept("-", "+")
        if sign is None:
            return self.power()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError("too many signs in a row", sign.at)
        operand = self.signed()
        self.depth -= 1
        return Negated(operand, sign.at) if sign.text == "-" else operand

    def power(self) -> Node:
        base = self.postfix()
        found = self.accept("^", "**")
        if found is None:
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError("too many powers in a row", found.at)
        exponent = self.signed()
        self.depth -= 1
        return Binary("^", base, exponent, found.at)

    def postfix(self) -> Node:
        return self.atom()

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number(self.advance())
        if token.kind == "name":
            return self.name(self.advance())
        if self.accept("("):
            node = self.nested()
            self.expect(")")
            return node
        raise self.unexpected()

    def number(self, token: Token) -> Number:
        mantissa, _, exponent = token.text.lower().partition("e")
        if sum(c.isdigit() for c in mantissa) > MAX_DIGITS:
            raise GrammarError(f"a number with more than {MAX_DIGITS} digits", token.at)
        if exponent and (len(exponent) > 4 or abs(int(exponent)) > MAX_EXPONENT):
            raise GrammarError(f"a power of ten beyond {MAX_EXPONENT}", token.at)
        value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
        return Number(value, "." in mantissa or bool(exponent), token.at)

    @abstractmethod
    def name(self, token: Token) -> Node:
        """What a name stands for: the dialects differ here."""

    def arguments(self) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...]]:
        """What stands between the parentheses of a call; the opening one is already read."""
        plain: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not self.accept(")"):
            following = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
            if self.token.kind == "name" and following.kind == "op" and following.text == "=":
                keyword = self.advance().text
                self.advance()
                named.append((keyword, self.nested()))
            else:
                plain.append(self.nested())
            if not self.accept(","):
                self.expect(")")
                break
        return tuple(plain), tuple(named)


_WORDS = {"and", "or", "not", "if", "else", "for", "in", "true", "false", "True", "False"}


class _AuthorParser(_Parser):
    def word(self, word: str) -> Token | None:
        if self.token.kind == "name" and self.token.text == word:
            return self.advance()
        return None

    def expression(self) -> Node:
        node = self.either()
        found = self.word("if")
        if found is None:
            return node
        condition = self.either()
        if not self.word("else"):
            raise self.unexpected('"else" is missing')
        return Choice(condition, node, self.expression(), found.at)

    def either(self) -> Node:
        operands = [self.both()]
        while self.word("or"):
            operands.append(self.both())
        return operands[0] if len(operands) == 1 else Logical("or", tuple(operands))

    def both(self) -> Node:
        operands = [self.negation()]
        while self.word("and"):
            operands.append(self.negation())
        return operands[0] if len(operands) == 1 else Logical("and", tuple(operands))

    def negation(self) -> Node:
        found = self.word("not")
        if found is None:
            return self.comparison()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError('too many "not" in a row', found.at)
        node = Not(self.negation(), found.at)
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        operands, operators = [self.sum()], []
        at = self.token.at
        while True:
            if found := self.accept("<", "<=", ">", ">=", "==", "!="):
                operators.append(found.text)
            elif self.word("in"):
                operators.append("in")
            elif self.token.kind == "op" and self.token.text == "=":
                raise GrammarError('"=" is no comparison', self.token.at, 'write "=="')
            else:
                break
            operands.append(self.sum())
        return Compare(tuple(operators), tuple(operands), at) if operators else operands[0]

    def postfix(self) -> Node:
        node = self.atom()
        while found := self.accept("["):
            node = Index(node, self.nested(), found.at)
            self.expect("]")
        return node

    def atom(self) -> Node:
        token = self.token
        if token.kind == "text":
            return Text(self.advance().text[1:-1], token.at)
        if self.accept("["):
            return self.list_from(token.at)
        return super().atom()

    def list_from(self, at: int) -> Node:
        if self.accept("]"):
            return ListOf((), at)
        first = self.nested()
        if self.word("for"):
            variable = self.advance()
            if variable.kind != "name" or variable.text in _WORDS:
                raise GrammarError('a name is missing after "for"', variable.at)
            if not self.word("in"):
                raise self.unexpected('"in" is missing')
            source = self.either()
            condition = self.either() if self.word("if") else None
            self.expect("]")
            return Comprehension(first, variable.text, source, condition, at)
        items = [first]
        while self.accept(","):
            if self.token.kind == "op" and self.token.text == "]":
                break
            items.append(self.nested())
        self.expect("]")
        return ListOf(tuple(items), at)

    def name(self, token: Token) -> Node:
        if token.text in ("true", "True", "false", "False"):
            return Truth(token.text.lower() == "true", token.at)
        if token.text in _WORDS:
            raise GrammarError(f'"{token.text}" does not fit here', token.at)
        if self.accept("("):
            plain, named = self.arguments()
            return Call(token.text, plain, named, token.at)
        return Name(token.text, token.at)
