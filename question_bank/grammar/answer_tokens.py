"""A student's formula as tokens, each with the column at which it was typed.

What people type and paste is taken as it comes: ·, ×, −, ², ₂, ᵀ, √, ∛, ½, ⌊x⌋, 0.(6), Greek letters, and the LaTeX
of a formula (\\frac, \\cdot, \\sqrt[3]{x}, \\tanh, braces). Any other sign is refused where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from question_bank.grammar.answer_words import FUNCTIONS, spelled
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
    "\\{": "(", "\\}": ")", "⌋": ")", "⌉": ")",
}  # fmt: skip
_COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "odot": ".*", "circ": ".*", "lbrace": "(", "rbrace": ")",
    "lvert": "|", "rvert": "|",
}  # fmt: skip
_DROPPED = {
    "left", "right", "big", "Big", "bigl", "bigr", "quad", "qquad", "displaystyle", "limits",
    "mathrm", "mathbf", "mathit", "mathsf", "boldsymbol", "bm", "operatorname", "text", "rm", "bf",
}  # fmt: skip
_FRACTIONS = {"dfrac": "frac", "tfrac": "frac", "cfrac": "frac"}
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
# A root with an index: \sqrt[3]{8}, and sqrt[3](8). Brackets behind which nothing stands hold what the root is of.
_INDEXED = re.compile(r"\s*\[[^\[\]]{1,40}\]\s*(?=[({\[])")
_INDEXED_COMMAND = re.compile(r"\s*\[[^\[\]]{1,40}\]\s*(?=[({\[\\]|[^\W_])")
_INDICES = {"∛": "3", "∜": "4"}
# The brackets of the next whole number below, and above.
_STEPS = {"⌊": "floor", "⌈": "ceil"}
_STEP_COMMANDS = re.compile(r"\\([lr])(floor|ceil)(?![A-Za-z])")
_STEP_SIGNS = {"lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉"}
_WHOLE_STEP = re.compile("⌊[^⌊⌋⌈⌉]*⌋|⌈[^⌊⌋⌈⌉]*⌉")
# h^2_1 is the square of h_1: the index goes first.
_POWER_FIRST = re.compile(
    r"(?<=[^\W\d_])('*)\^([0-9T]|\{[^{}]{1,12}\})_([0-9]+|[A-Za-z](?!\w|\s*[-+−]\s*[0-9])|\{[^{}]{1,12}\})"
)

# np.dot(W, h), torch.tanh(z): the library does not count where one of its functions is called.
_LIBRARY = re.compile(r"(?<![\w.)\]}'])(?:np|numpy|torch|math)\.(?=[a-z][a-z0-9]*\()")

_LETTER = "A-Za-z" + "".join(_GREEK)
_SUB = "".join(_SUBSCRIPTS)
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*{comma})?|\.[0-9]+)(?:[eE][-+−]?[0-9]+(?![0-9{letters}_.]))?"
_PATTERN = r"""
    (?P<blank>[ \t\r\n\u00a0\u2009\u202f]+|\\[,;:!\ ]|(?<![%(letter)s0-9_.])(?:np|numpy|torch|math)\.(?=[a-z]))
  | (?P<vulgar>(?:[0-9]{1,9}[ ]?)?[%(vulgar)s])
  | (?P<periodic>%(periodic)s)
  | (?P<number>%(number)s)(?:\.\.\.|…)?
  | (?P<command>\\[A-Za-z]+(?:_[A-Za-z0-9]+|_\{[A-Za-z0-9,+-]{1,12}\})?'*)
  | (?P<name>[%(letter)s][%(letter)s0-9]*(?:_[%(letter)s0-9]+|_\{[%(letter)s0-9,+\ −-]{1,12}\}|_\([%(letter)s0-9,+\ −-]{1,12}\)|[%(sub)s]+)*['′’]*)
  | (?P<sup>[%(sup)s]+)
  | (?P<root>[∛∜])
  | (?P<step>[⌊⌈])
  | (?P<op>\*\*|\.\*|\.T(?![A-Za-z0-9_])|//|\\[{}]|[-+*/^(){}\[\],@|=√%%⊤%(signs)s])
"""


# 0.(6), 0.\overline{6} and 0.6̅ repeat what is marked; 0.1666... repeats what stands twice at its end.
_PERIODIC = (
    r"(?P<whole>[0-9]{0,9})\.(?:(?P<fixed>[0-9]{0,9})"
    r"(?:\((?P<bracket>[0-9]{1,9})\)|\\(?:overline|bar)\s*\{(?P<line>[0-9]{1,9})\}|(?P<bars>(?:[0-9]\u0305){1,9}))"
    r"|(?P<before>[0-9]{0,9}?)(?P<block>[0-9]{1,6})(?P=block){1,12}(?:\.\.\.|…))"
)


def _pattern(comma: str) -> re.Pattern[str]:
    number = _NUMBER.format(comma=comma, letters=_LETTER)
    parts = {
        "number": number,
        "vulgar": _VULGAR,
        "periodic": _PERIODIC,
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
    check_length(text)
    text = _LIBRARY.sub(lambda found: " " * len(found[0]), text)
    text = _POWER_FIRST.sub(r"\1_\3^\2", text)
    text = _STEP_COMMANDS.sub(lambda m: _STEP_SIGNS[m[1] + m[2]].rjust(len(m[0])), text)
    _check_steps(text)
    tokens: list[Token] = []
    for token in _tokens(text, _COMMA if decimal_comma else _POINT):
        tokens.append(token)
        if len(tokens) > MAX_TOKENS:
            raise GrammarError(f"more than {MAX_TOKENS} signs", token.at, "shorten the formula")
    tokens.append(Token("end", "", len(text) + 1))
    if "\n" in text:
        _check_lines(text, tokens)
    return tokens


def _check_lines(text: str, tokens: list[Token]) -> None:
    """Raises GrammarError where a line begins without an operator: it is another formula, and no factor of the one before.

    Inside of brackets it goes on.
    """
    depth = 0
    for before, after in pairwise(tokens):
        depth += (before.text == "(") - (before.text == ")")
        ended = before.kind in ("number", "name") or before.text in (")", "|", "%")
        begins = after.kind in ("number", "name", "root") or after.text in ("(", "|", "√")
        if depth == 0 and ended and begins and "\n" in text[before.at - 1 : after.at - 1]:
            raise GrammarError(
                "a new line begins without an operator", after.at, "write the result alone"
            )


def check_length(text: str) -> None:
    """Raises GrammarError for a text that no formula needs."""
    if len(text) > MAX_LENGTH:
        raise GrammarError(
            f"longer than {MAX_LENGTH} characters",
            MAX_LENGTH,
            "write the result, not the way to it",
        )


def _tokens(text: str, pattern: re.Pattern[str]) -> Iterator[Token]:
    position, apart = 0, False
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            raise _no_meaning(text[position], position + 1)
        for token in _of(match, text):
            yield replace(token, apart=True) if apart else token
            apart = False
        apart = apart or match.lastgroup == "blank"
        position = match.end()


def _of(match: re.Match[str], text: str) -> Iterator[Token]:
    """The tokens of one match; the blank has none."""
    kind, typed, at = match.lastgroup, match.group(), match.start() + 1
    if kind in ("name", "command") and _has_index(typed, text, match.end()):
        if before := typed[:-4].rstrip("\\"):
            yield Token("name", canonical_name(before), at)
        yield Token("root", "", match.end() - 3)
    elif kind == "root":
        yield Token("root", _INDICES[typed], at)
    elif kind == "step":
        yield Token("name", _STEPS[typed], at)
        yield Token("op", "(", at)
    elif kind == "number":
        yield Token("number", match["number"].replace(",", ".").replace("−", "-"), at)
    elif kind == "vulgar":
        yield from _fraction(_mixed(typed), at)
    elif kind == "periodic":
        yield from _fraction(_repeated(match), at)
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


def _has_index(typed: str, text: str, end: int) -> bool:
    """Whether a root's index stands behind its name."""
    if typed[-4:].lower() != "sqrt":
        return False
    return bool((_INDEXED_COMMAND if typed[0] == "\\" else _INDEXED).match(text, end))


def _check_steps(text: str) -> None:
    """Raises GrammarError for such brackets that are no pair: ⌊x⌉ is rounded to the nearest."""
    while (rest := _WHOLE_STEP.sub(lambda found: " " * len(found[0]), text)) != text:
        text = rest
    if found := re.search("[⌊⌋⌈⌉]", text):
        raise GrammarError(f'"{found[0]}" has no partner', found.start() + 1, "write ⌊x⌋ or ⌈x⌉")


def _no_meaning(sign: str, at: int) -> GrammarError:
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    return GrammarError(
        f'"{shown}" has no meaning here', at, "numbers, the question's symbols, + - * / ^ and ( )"
    )


def _mixed(typed: str) -> Fraction:
    """1½ is one and a half."""
    below = unicodedata.normalize("NFKC", typed[-1]).replace("⁄", "/")
    return Fraction(typed[:-1].strip() or 0) + Fraction(below)


def _repeated(match: re.Match[str]) -> Fraction:
    """The value of a periodic decimal."""
    fixed = match["fixed"] or match["before"] or ""
    bars = (match["bars"] or "").replace("\u0305", "")
    block = match["bracket"] or match["line"] or bars or match["block"]
    start = Fraction(int(match["whole"] + fixed or 0), 10 ** len(fixed))
    return start + Fraction(int(block), 10 ** len(fixed) * (10 ** len(block) - 1))


def _fraction(value: Fraction, at: int) -> Iterator[Token]:
    yield Token("op", "(", at)
    yield Token("number", str(value.numerator), at)
    yield Token("op", "/", at)
    yield Token("number", str(value.denominator), at)
    yield Token("op", ")", at)


def _command(name: str, at: int) -> Iterator[Token]:
    if name in _COMMANDS:
        yield Token("op", _COMMANDS[name], at)
    elif name in ("top", "intercal"):
        yield Token("name", "T", at)
    elif name not in _DROPPED:
        plain = canonical_name(_FRACTIONS.get(name, name))
        # A root may follow closely: 1/2\\sqrt{x} has two readings, 1/2\\ln x has one.
        yield Token("name", plain, at, apart=plain != "sqrt" and spelled(plain) in FUNCTIONS)


def _superscript(typed: str, at: int) -> Iterator[Token]:
    plain = "".join(_SUPERSCRIPTS[sign] for sign in typed)
    yield Token("op", "^", at)
    yield Token("op", "(", at)
    for piece in re.findall(r"[0-9]+|.", plain):
        kind = "number" if piece.isdigit() else "name" if piece.isalpha() else "op"
        yield Token(kind, piece, at)
    yield Token("op", ")", at)


def canonical_name(name: str) -> str:
    """h_2, h_{2}, h2 and h₂ are one symbol; so are σ and sigma, and x_{t-1} and xₜ₋₁. p_i is never the constant."""
    name = re.sub("[′’]", "'", name).replace("−", "-")
    plain = "".join(_GREEK.get(c, _SUBSCRIPTS.get(c, c)) for c in name)
    plain = re.sub(r"[_{}() ]", "", plain)
    return "p_i" if plain == "pi" and name not in ("pi", "π") else plain
