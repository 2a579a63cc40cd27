"""A student's formula: a Pratt parser over a whitelist of symbols and functions.

Power binds right and above a leading minus (-2^2 is -4). A product that is left out binds like a written one;
where that can be read in two ways (1/2x), `readings` gives both. Depth, nodes, digits and powers are bounded, so
that no text costs more than some milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product

from question_bank.diagnostics import did_you_mean
from question_bank.grammar.answer_size import check_size
from question_bank.grammar.answer_tokens import answer_tokens, canonical_name
from question_bank.grammar.answer_words import (
    ARRAY_FUNCTIONS,
    CONSTANTS,
    FUNCTIONS,
    PIECEWISE,
    spelled,
)
from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number, children
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
_ENTRY, _ENTRY_FIRST, _ENTRY_LAST = 20, 23, 15


def parse_answer(
    text: str,
    symbols: Iterable[str] = (),
    functions: Iterable[str] = (),
    *,
    decimal_comma: bool = False,
    tight: bool = False,
    arrays: bool = False,
    entry: int = _ENTRY,
) -> Node:
    """The nodes of a formula over the given symbols and functions. Raises GrammarError.

    `tight` lets a left-out product bind more than a quotient: 1/2x is then 1/(2x). With `arrays`, a left-out product
    is a product of matrices (@). `entry` is how much a product by entry binds.
    """
    tokens = answer_tokens(text, decimal_comma)
    node = _Parser(tokens, symbols, functions, tight, arrays, entry).whole()
    check_size(node)
    return node


def regrouped(text: str, symbols: Iterable[str], functions: Iterable[str]) -> tuple[Node, ...]:
    """The readings of a formula of arrays in which its products by entry bind more or less than its other products.

    What W a ⊙ b is, (W a) ⊙ b or W (a ⊙ b), nobody has agreed on.
    """
    if not any(token.text == ".*" for token in answer_tokens(text, False)):
        return ()
    found: dict[Node, None] = {}
    for entry in (_ENTRY_FIRST, _ENTRY_LAST):
        try:
            found |= dict.fromkeys(readings(text, symbols, functions, arrays=True, entry=entry))
        except GrammarError:
            continue
    return tuple(found)


def readings(
    text: str,
    symbols: Iterable[str],
    functions: Iterable[str],
    arrays: bool = False,
    entry: int = _ENTRY,
) -> tuple[Node, ...]:
    """Every sensible reading, the usual one first. Raises GrammarError when there is none."""
    symbols, functions = tuple(symbols), tuple(functions)
    found: dict[Node, None] = {}
    fault: GrammarError | None = None
    braced = _with_braces(text, symbols)
    commas = (False, True) if _comma_in_number(text) else (False,)
    ways = (False, True) if "/" in text or "÷" in text or "⁄" in text else (False,)
    for typed, comma, tight in product(dict.fromkeys((text, braced)), commas, ways):
        try:
            node = parse_answer(
                typed,
                symbols,
                functions,
                decimal_comma=comma,
                tight=tight,
                arrays=arrays,
                entry=entry,
            )
            check_arity(node)
        except GrammarError as error:
            fault = fault or error
        else:
            found[node] = None
    if fault is not None and not found:
        raise fault
    return tuple(found)


def _with_braces(text: str, symbols: Iterable[str]) -> str:
    """h_t-1 as h_{t-1}, where the question has such a symbol."""
    for symbol in symbols:
        stem, _, index = canonical_name(symbol).rpartition("t")
        if stem and re.fullmatch(r"[-+][0-9]", index):
            pattern = rf"(?<![A-Za-z0-9_]){re.escape(stem)}_?t *[{index[0]}−] *{index[1]}(?![\w.])"
            text = re.sub(pattern, f"{stem}_{{t{index}}}", text)
    return text


def _comma_in_number(text: str) -> bool:
    return any(
        text[i] == "," and text[i - 1].isdigit() and text[i + 1].isdigit()
        for i in range(1, len(text) - 1)
    )


def check_arity(node: Node) -> None:
    """Raises GrammarError where a function gets the wrong number of values."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Call):
            least, most = {**FUNCTIONS, **ARRAY_FUNCTIONS}[node.function]
            given = len(node.arguments)
            if not least <= given <= most:
                wanted = str(least) if least == most else f"{least} to {most}"
                raise GrammarError(
                    f'"{node.function}" takes {wanted}, not {given}, values', node.at
                )
        stack += children(node)


def _by_spelling(symbols: Iterable[str]) -> dict[str, str]:
    """The symbols by what they are typed as."""
    found = {canonical_name(symbol): symbol for symbol in symbols}
    if "p_i" in found:
        found["pi"] = found["p_i"]  # typed without its underscore, as any other symbol may be
    return found


class _Parser:
    def __init__(
        self,
        tokens: list[Token],
        symbols: Iterable[str],
        functions: Iterable[str],
        tight: bool,
        arrays: bool,
        entry: int,
    ) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.bars = 0
        self.implied = 0
        self.symbols: Mapping[str, str] = _by_spelling(symbols)
        self.functions = frozenset(functions)
        self.implied_power = _TIGHT if tight else _IMPLIED
        self.arrays = arrays
        self.strengths = {**_LEFT, ".*": entry}

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at_op(self, *operators: str) -> bool:
        return self.token.kind == "op" and self.token.text in operators

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
        if found := self.accept("√"):
            return Call("sqrt", (self.expression(_ROOT),), (), found.at)
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
            return Binary(token.text, left, self.expression(strength), token.at)
        if token.kind == "number" and least < self.implied_power:
            raise GrammarError(
                f'a sign is missing before "{token.text}"', token.at, "write * for a product"
            )
        if not self.starts_factor() or self.implied_power <= least:
            return None
        self.implied += 1
        if self.implied > MAX_IMPLIED:
            raise GrammarError(
                f"more than {MAX_IMPLIED} products without a sign",
                token.at,
                "write * for a product",
            )
        operator = "@" if self.arrays else "*"
        return Binary(operator, left, self.expression(self.implied_power), token.at)

    def starts_factor(self) -> bool:
        return (
            self.token.kind == "name"
            or self.at_op("(", "√")
            or (self.bars == 0 and self.at_op("|"))
        )

    def power(self, base: Node) -> Node:
        sign = self.advance()
        if self.transposes():
            return Call("transpose", (base,), (), sign.at)
        # Right associative: the exponent takes powers of its own, and a sign.
        return Binary("^", base, self.expression(_POWER), sign.at)

    def transposes(self) -> bool:
        """Reads T after ^, in brackets or not, where T is no symbol of the question."""
        ahead = [t.text for t in self.tokens[self.position : self.position + 3] if t.kind != "end"]
        if "T" in self.symbols:
            return False
        if ahead[:1] == ["T"] and self.token.kind == "name":
            self.position += 1
            return True
        if self.token.kind == "name" and self.token.text[:1] == "T" and self.knows(ahead[0][1:]):
            # W^Td: the transposed W times d.
            token = self.token
            self.tokens[self.position] = Token("name", token.text[1:], token.at + 1)
            return True
        if ahead == ["(", "T", ")"]:
            self.position += 3
            return True
        return False

    def knows(self, name: str) -> bool:
        """Whether the name is a symbol, or symbols side by side."""
        return name in self.symbols or self.split(name) is not None

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
        if token.text in self.symbols:
            self.advance()
            return Name(self.symbols[token.text], token.at)
        function = spelled(token.text)
        if function in self.functions:
            self.advance()
            return self.call(function, token)
        if token.text == "frac":
            self.advance()
            return self.fraction(token)
        if (stem := self.stem(token.text)) is not None:
            self.advance()
            return Name(self.symbols[stem], token.at)
        pieces = self.split(token.text) or self.function_of(token.text)
        if pieces is None:
            raise self.unknown(token)
        if len(self.tokens) + len(pieces) > MAX_TOKENS:
            raise GrammarError(f"more than {MAX_TOKENS} signs", token.at, "shorten the formula")
        # The pieces take the word's place, so that in WV^2 the power belongs to V alone.
        self.tokens[self.position : self.position + 1] = [
            Token("number" if piece.isdigit() else "name", piece, token.at) for piece in pieces
        ]
        return self.name()

    def fraction(self, token: Token) -> Node:
        parts: list[Node] = []
        for which in ("numerator", "denominator"):
            if self.token.kind == "number" and self.token.text.isdigit():
                parts.append(self.digit())
                continue
            self.expect("(", f"\\frac needs a {which} in braces")
            parts.append(self.expression(0))
            self.expect(")", "close every brace")
        return Binary("/", parts[0], parts[1], token.at)

    def digit(self) -> Number:
        """\\frac23: without braces, LaTeX takes one sign."""
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
        """ln 2, tanh z and ln|x|: one value, where nothing after it could belong to it too."""
        argument = self.token
        if argument.kind == "number":
            node: Node = self.number(self.advance())
        elif argument.kind == "name" and argument.text in self.symbols:
            self.advance()
            node = Name(self.symbols[argument.text], argument.at)
        elif self.bars == 0 and self.at_op("|"):
            node = self.prefix()
        else:
            raise GrammarError(f'"{token.text}" needs parentheses', token.at, cure)
        if (
            self.at_op("^", "/", "*", "@", ".*")
            or self.token.kind == "number"
            or self.starts_factor()
        ):
            raise GrammarError(f'"{token.text}" needs parentheses', token.at, cure)
        return node

    def arguments(self) -> Iterator[Node]:
        bars, self.bars = self.bars, 0
        while not self.accept(")"):
            yield self.expression(0)
            if not self.accept(","):
                self.expect(")", "close every bracket")
                break
        self.bars = bars

    def split(self, name: str) -> list[str] | None:
        """`WV` as W times V, when it falls into known symbols in exactly one way."""
        # For each end, in how many ways (2: several) the name falls apart so far, and where the last piece begins.
        ways, begins = [1] + [0] * len(name), [0] * (len(name) + 1)
        longest = max(map(len, self.symbols), default=0)
        for end in range(1, len(name) + 1):
            for start in range(max(0, end - longest), end):
                if ways[start] and name[start:end] in self.symbols:
                    ways[end], begins[end] = min(2, ways[end] + ways[start]), start
        if ways[-1] != 1:
            return None
        pieces, end = [], len(name)
        while end:
            pieces.append(name[begins[end] : end])
            end = begins[end]
        return pieces[::-1] if len(pieces) > 1 else None

    def stem(self, name: str) -> str | None:
        """The symbol without its running index: σ_j is σ where the question has no σ_1, and no j."""
        stem, index = name[:-1].removesuffix("_"), name[-1:]
        own = set(self.symbols) - set(CONSTANTS)
        if index not in ("i", "j", "k") or index in own or stem not in own:
            return None
        return stem if sum(symbol.startswith(stem) for symbol in own) == 1 else None

    def function_of(self, name: str) -> list[str] | None:
        """`ln2` as ln 2 and `lnx` as ln x, in exactly one way; not `log2`, which is a function by itself."""
        found = [
            [name[:end], name[end:]]
            for end in range(2, len(name))
            if spelled(name[:end])
            in self.functions - PIECEWISE  # nobody means relu by a word such as reluz
            and (name[end:] in self.symbols or self.takes_number(name[:end], name[end:]))
        ]
        return found[0] if len(found) == 1 else None

    def takes_number(self, function: str, number: str) -> bool:
        return bool(re.fullmatch("[0-9]+", number)) and spelled(function) not in ("log", "sigma")

    def unknown(self, token: Token) -> GrammarError:
        shown = token.text if len(token.text) <= 40 else token.text[:40] + "..."
        if token.text.lower() in ("tr", "trace") and self.arrays:
            cure = "tr is the trace; the transposed W is written W^T"
            return GrammarError(f'"{shown}" is no function here', token.at, cure)
        hint = did_you_mean(token.text[:40], [*self.symbols.values(), *self.functions])
        if hint is None:
            known = ", ".join(sorted(self.symbols.values())) or "numbers only"
            hint = f"known here: {known}"
        return GrammarError(f'"{shown}" is not a symbol of this question', token.at, hint)
