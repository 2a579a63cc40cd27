"""What stands left of the sign of equality of a formula: a name of what is asked for, its derivative, or an equal formula.

Of `dh/dx = W V` the right side is the answer. A sign, a coefficient or a word in front of the name (-dh/dx, 2 KL, the
opposite) makes it another statement, and `W u, u = h1` puts a definition where the answer should be: a person looks.
"""

from __future__ import annotations

import re
from itertools import pairwise

from question_bank.answers.base import Unreadable
from question_bank.grammar.answer_tokens import canonical_name

# Each formula on the way is compared with the last one.
_MOST_SIGNS = 4
# No name and no chain of derivatives is longer.
_LONGEST = 300
_BOUND = re.compile(r"[!<>]=?|[≤≥≠≈~∝]|\\(?:neq?|leq?|geq?|approx|lt|gt)(?![A-Za-z])")
_NUMBERED = re.compile(r"\A\s*(?:[0-9]{1,2}[a-z]?|[a-z])[.)]\s*")
# Words for the answer itself. Any other word may turn it into something else: opposite, inverse, half.
_WORDS = frozenset({
    "answer", "result", "solution", "formula", "derivative", "gradient", "grad", "slope", "loss", "cost", "risk", "variance", "var", "mean",
    "output", "error", "objective", "likelihood", "entropy", "nll", "mse", "sse", "bce", "kl", "dkl", "elbo", "loss function",
    "antwort", "ergebnis", "lösung", "formel", "ableitung", "steigung", "verlust", "kosten", "varianz", "mittelwert", "ausgabe", "fehler", "entropie",
})  # fmt: skip
_ARTICLE = re.compile(r"\A(?:the|der|die|das)\s+")
_GREEK = r"\\?(?:alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|psi|omega|mathcal\{L\})"
_INDEX = r"(?:_?\{?[0-9]{1,3}\}?|_\{\w{1,8}(?:[-−+][0-9])?\}|_\w{1,8})"
_LETTER = rf"(?:{_GREEK}|[^\W\d_]{{1,2}}|KL|Var|MSE|NLL|BCE|CE|Loss|loss|cost|Cost)"
# One symbol: h_4, W_out, D_KL, θ; its hat or bar, and its primes.
_SYMBOL = rf"(?:\\(?:hat|bar|tilde|vec)\s*\{{\s*{_LETTER}\s*\}}|{_LETTER}){_INDEX}?"
# f(x, y), L(θ; x), D_KL(q || p): arguments are names.
_ARGUMENT = r"\(\s*[^\W\d]\w*(?:\s*(?:,|;|\|\|?|‖)\s*[^\W\d]\w*){0,7}\s*\)"
_CALL = re.compile(r"\s*\(.*\)\s*\Z")
_PLAIN = re.compile(rf"d?{_SYMBOL}['’′]?\s*(?:{_ARGUMENT})?")
_GRADIENT = re.compile(
    rf"(?:∇|\\nabla|grad)\s*(?:_?\{{?\s*{_SYMBOL}\s*\}}?)?\s*(?:{_SYMBOL}\s*(?:{_ARGUMENT})?)?"
)
_D = r"(?:d|∂|\\partial|\\mathrm\{d\}|δ)\s*"
_OVER = rf"\(?\s*{_D}({_SYMBOL})\s*(?:{_ARGUMENT})?\s*\)?\s*/\s*\(?\s*{_D}({_SYMBOL})\s*\)?"
_FRACTION = rf"\\[dt]?frac\s*\{{\s*{_D}({_SYMBOL})\s*\}}\s*\{{\s*{_D}({_SYMBOL})\s*\}}"
_DERIVATIVE = re.compile(rf"\s*(?:{_FRACTION}|{_OVER})\s*(?:{_ARGUMENT})?\s*(?:[*·⋅]|\\cdot)?\s*")
# d/dx f
_OPERATOR = re.compile(
    rf"(?:\(?\s*{_D}/\s*{_D}{_SYMBOL}\s*\)?|\\[dt]?frac\s*\{{\s*{_D}\}}\s*\{{\s*{_D}{_SYMBOL}\s*\}})\s*\(?\s*(?:{_SYMBOL}\s*(?:{_ARGUMENT})?)?\s*\)?"
)


def terms_of(text: str) -> tuple[tuple[str, ...], list[str]]:
    """What is said to be its names, and the formulas between the signs of equality, of which the last is the answer.

    Raises Unreadable for relations other than equality.
    """
    *before, last = text.split("=")
    if before and (sign := _BOUND.search(text)):
        raise Unreadable(
            f'"{sign[0]}" says more than what the answer is', "write the formula alone"
        )
    if len(before) > _MOST_SIGNS:
        raise Unreadable("has too many signs of equality", "write the formula alone")
    if not all(term.strip() for term in before[1:]):
        raise Unreadable("nothing stands between two signs of equality", "write the formula alone")
    named = [_is_name(term) for term in before]
    names = tuple(term for term, name in zip(before, named, strict=True) if name and term.strip())
    return names, [*(term for term, name in zip(before, named, strict=True) if not name), last]


def symbol_in(name: str) -> str:
    """The symbol that a name is, without its arguments: theta of \\theta and of theta(X)."""
    return canonical_name(_CALL.sub("", name).strip().removeprefix("\\"))


def not_equal(term: str) -> Unreadable:
    """What is said of a term left of the sign of equality that is neither a name nor the same formula."""
    return Unreadable(
        f'"{term.strip()[:40]}" is neither a name of the answer nor the formula behind it',
        "write the formula alone, or a name and the formula",
    )


def _is_name(term: str) -> bool:
    """Whether a term names the answer: nothing, one symbol, or a derivative."""
    term = _NUMBERED.sub("", term).strip().strip("$").strip()
    if len(term) > _LONGEST:
        return False
    if not term or _ARTICLE.sub("", term.lower()) in _WORDS:
        return True
    named = (_PLAIN, _GRADIENT, _OPERATOR)
    return any(pattern.fullmatch(term) for pattern in named) or _is_chain(term)


def _is_chain(term: str) -> bool:
    """Whether it is a derivative, or the product of derivatives that the chain rule makes of one: dL/dh dh/dx."""
    links: list[tuple[str, str]] = []
    at = 0
    while at < len(term):
        found = _DERIVATIVE.match(term, at)
        if found is None:
            return False
        above, below = (canonical_name(name) for name in found.groups() if name)
        links.append((above, below))
        at = found.end()
    return bool(links) and all(one[1] == other[0] for one, other in pairwise(links))
