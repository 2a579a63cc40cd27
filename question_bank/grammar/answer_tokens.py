"""A student's formula as tokens, each with the column at which it was typed.

What people type and paste is taken as it comes: ·, ×, −, ², ₂, ᵀ, √, Greek letters, and the LaTeX of a formula
(\\frac, \\cdot, \\sqrt, \\tanh, braces). Any other sign is refused where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from question_bank.grammar.syntax import MAX_LENGTH, MAX_TOKENS, GrammarError, Token

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon", "η": "eta",
    "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "π": "pi", "ρ": "rho",
    "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "Delta",
    "Σ": "Sigma", "Φ": "Phi", "Ω": "Omega", "Λ": "Lambda", "Θ": "Theta", "Γ": "Gamma",
}  # fmt: skip
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₜₙᵢⱼₖₘₓ", "0123456789+-tnijkmx", strict=True))
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵗᵀ⁽⁾", "0123456789+-ntT()", strict=True))
_SIGNS = {
    "−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "∙": "*", "•": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/",
    "⊙": ".*", "∘": ".*", "**": "^", "{": "(", "}": ")", "[": "(", "]": ")", "⊤": "T",
}  # fmt: skip
_COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "odot": ".*", "circ": ".*", "lbrace": "(", "rbrace": ")",
    "lvert": "|", "rvert": "|",
}  # fmt: skip
_DROPPED = {"left", "right", "big", "Big", "bigl", "bigr", "quad", "qquad", "displaystyle"}

_LETTER = "A-Za-z" + "".join(_GREEK)
_SUB = "".join(_SUBSCRIPTS)
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*{comma})?|\.[0-9]+)(?:[eE][-+−]?[0-9]+(?![0-9{letters}_.]))?"
_PATTERN = r"""
    (?P<blank>[ \t\r\n\u00a0\u2009\u202f]+|\\[,;:!\ ])
  | (?P<number>%(number)s)
  | (?P<command>\\[A-Za-z]+(?:_[A-Za-z0-9]+|_\{[A-Za-z0-9,+-]{1,12}\})?'*)
  | (?P<name>[%(letter)s][%(letter)s0-9]*(?:_[%(letter)s0-9]+|_\{[%(letter)s0-9,+\ −-]{1,12}\}|[%(sub)s]+)*['′]*)
  | (?P<sup>[%(sup)s]+)
  | (?P<op>\*\*|\.\*|\.T(?![A-Za-z0-9_])|//|[-+*/^(){}\[\],@|=√%%⊤%(signs)s])
"""


def _pattern(comma: str) -> re.Pattern[str]:
    number = _NUMBER.format(comma=comma, letters=_LETTER)
    parts = {
        "number": number,
        "letter": _LETTER,
        "sub": _SUB,
        "sup": "".join(_SUPERSCRIPTS),
        "signs": "".join(sign for sign in _SIGNS if ord(sign[0]) > 127),
    }
    return re.compile(_PATTERN % parts, re.VERBOSE)


_POINT, _COMMA = _pattern(""), _pattern("|,[0-9]+")


def answer_tokens(text: str, decimal_comma: bool = False) -> list[Token]:
    """The tokens of a formula; kinds are number, name, op and end.

    With `decimal_comma`, a comma between digits belongs to the number. Raises GrammarError with the column.
    """
    if len(text) > MAX_LENGTH:
        raise GrammarError(
            f"longer than {MAX_LENGTH} characters",
            MAX_LENGTH,
            "write the result, not the way to it",
        )
    tokens: list[Token] = []
    for token in _tokens(text, _COMMA if decimal_comma else _POINT):
        tokens.append(token)
        if len(tokens) > MAX_TOKENS:
            raise GrammarError(f"more than {MAX_TOKENS} signs", token.at, "shorten the formula")
    tokens.append(Token("end", "", len(text) + 1))
    return tokens


def _tokens(text: str, pattern: re.Pattern[str]) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        at = position + 1
        if match is None:
            raise _no_meaning(text[position], at)
        kind, typed = match.lastgroup or "blank", match.group()
        if kind == "number":
            yield Token("number", typed.replace(",", ".").replace("−", "-"), at)
        elif kind == "name":
            yield Token("name", canonical_name(typed), at)
        elif kind == "command":
            yield from _command(typed[1:], at)
        elif kind == "sup":
            yield from _superscript(typed, at)
        elif kind == "op":
            sign = _SIGNS.get(typed, typed)
            if sign == ".T":
                yield Token("op", "^", at)
                sign = "T"
            yield Token("name" if sign == "T" else "op", sign, at)
        position = match.end()


def _no_meaning(sign: str, at: int) -> GrammarError:
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    return GrammarError(
        f'"{shown}" has no meaning here', at, "numbers, the question's symbols, + - * / ^ and ( )"
    )


def _command(name: str, at: int) -> Iterator[Token]:
    if name in _COMMANDS:
        yield Token("op", _COMMANDS[name], at)
    elif name in ("top", "intercal"):
        yield Token("name", "T", at)
    elif name not in _DROPPED:
        yield Token("name", canonical_name(name), at)


def _superscript(typed: str, at: int) -> Iterator[Token]:
    plain = "".join(_SUPERSCRIPTS[sign] for sign in typed)
    yield Token("op", "^", at)
    yield Token("op", "(", at)
    for piece in re.findall(r"[0-9]+|.", plain):
        kind = "number" if piece.isdigit() else "name" if piece.isalpha() else "op"
        yield Token(kind, piece, at)
    yield Token("op", ")", at)


def canonical_name(name: str) -> str:
    """h_2, h_{2}, h2 and h₂ are one symbol; so are σ and sigma, and x_{t-1} and xₜ₋₁."""
    name = name.replace("′", "'").replace("−", "-")
    plain = "".join(_GREEK.get(c, _SUBSCRIPTS.get(c, c)) for c in name)
    return re.sub(r"[_{} ]", "", plain)
