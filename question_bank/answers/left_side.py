"""What stands left of a sign of equality: a name for the answer, such as W_out or f(2), or an equation in what is asked.

Of `2x = 4` it is x that an answer should give: 4 is no answer then, and neither is it of `x^2 = 4`.
"""

from __future__ import annotations

import re

from question_bank.answers.base import Unreadable
from question_bank.answers.brackets import unwrapped
from question_bank.grammar.answer_words import CONSTANTS

# No name and no formula of a question is longer.
_LONGEST = 300
# 1) x, 2. Schicht, 4a): numbers of a list, of a question, or in an order.
_NUMBERED = re.compile(r"\A(?:[0-9]{1,2}[a-z]?|[a-z])[.)]\s*(?=[^\W\d]|\Z)")
_DERIVATIVE = re.compile(
    r"\\[dt]?frac\s*\{\s*(?:d|∂|\\partial)[^{}]{0,40}\}\s*\{\s*(?:d|∂|\\partial)[^{}]{0,40}\}"
    r"|[d∂δ]\w{0,12}\s*/\s*[d∂δ]\w{1,12}"
)
_DECORATED = re.compile(
    r"\\(?:hat|bar|tilde|vec|d?dot|overline|widehat|widetilde|mathcal|mathbb)"
    r"\s*(?:\{([^{}]{0,20})\}|([^\W\d]))"
)
_LOWER = re.compile(r"_\s*\{([^{}]{0,20})\}")
_INDEX = re.compile(
    r"\^\s*\{?\s*(?:T|\\top|\*|\+|'|\([^(){}]{0,12}\)|\[[^\[\]{}]{0,12}\]|[-−]1(?=\s*\}?\s*\())\s*\}?"
    r"|[ᵀ⊤*†⁺](?=\s*\Z)|['′’]|(?<=\w)\s+[0-9]{1,2}(?=\s*\Z)"
)
# Squares that are names of their own: a variance, a norm.
_SQUARE = r"(?:_\{?\w{1,5}\}?)?(?:\s*\^\s*\{?\s*2\s*\}?)?(?:_\{?\w{1,5}\}?)?"
_VARIANCE = re.compile(rf"(?:σ|\\?sigma(?![a-z])){_SQUARE}")
# Of a norm ||w||, and of |W|, a determinant or how many belong to a set, the value is asked for, not w.
_MEASURED = re.compile(
    rf"(?:(\|\||\\\||‖)[^|‖]{{1,40}}(?:\|\||\\\||‖)|\|\s*\\?[A-ZΑ-Ω]\w*(?:\([^()|]*\))?\s*\|){_SQUARE}"
)
_TIMES = re.compile(r"(?<=[0-9)])\s*[xX]\s*(?=[0-9(])")
_SUM = re.compile(
    r"(?:[Σ∑]|\\sum(?![a-z]))(?:_(?:\{[^{}]{0,20}\}|\w{1,5}))?(?:\^(?:\{[^{}]{0,20}\}|\w))?"
)
# Top-5: no difference.
_LONG_NAME = re.compile(r"([^\W\d]{3,})-[0-9]{1,2}(?!\w)")
_CALL = re.compile(r"([^\W\d]\w*)\s*[(\[{]([^()\[\]{}]*)[)\]}]")
# Functions that are undone to find what stands inside of them.
_UNDONE = ("sqrt", "wurzel", "ln", "log", "log2", "log10", "lg", "ld", "exp", "abs", "sin", "cos", "tan", "frac", "dfrac", "tfrac")  # fmt: skip
_BARE_CALL = re.compile(rf"(?<!\w)(?:{'|'.join(_UNDONE)})\s+([^\W\d])(?!\w)")
_WORD = re.compile(r"[^\W\d]\w*")
_OPERATION = re.compile(r"[0-9+*/^√|·×⋅÷−-]|\\(?:cdot|times)(?![A-Za-z])")


def check_left_side(term: str, working: str = "") -> None:
    """Raises Unreadable for a term in one name that is more than this name, such as 2x and x^2.

    A name can have an index, an argument, or several words; a formula of several names (f*i) is worked out from them,
    and so is one of one name where the working shows its number: 2/λ = 2/10.
    """
    if len(term) > _LONGEST:
        raise Unreadable("a long formula without a value", "write the result alone")
    left = _plain(term)
    names = {word for word in _WORD.findall(left) if word not in CONSTANTS}
    if len(names) != 1 or not _OPERATION.search(_WORD.sub(" ", left)):
        return
    if not _is_put_in(min(names), term, working):
        raise Unreadable(
            f'says what "{term.strip()[:40]}" is, and that is more than a name',
            "write the result alone, or a name and the result",
        )


def _is_put_in(name: str, term: str, working: str) -> bool:
    """Whether the working is the term with a number in place of the name."""
    term, working = (re.sub(r"[\s()*·⋅×{}]|\\cdot", "", text) for text in (term, working))
    put_in = re.escape(term).replace(re.escape(name), r"[-−]?[0-9]+(?:[.,/][0-9]+)*")
    return name in term and bool(re.fullmatch(put_in, working))


def _plain(term: str) -> str:
    """The term with each name as one word: f(2), W_out and \\hat{y} as f, W and y."""
    left = term.strip().replace("²", "^2").replace("³", "^3")
    left = _LOWER.sub(lambda found: "_" + re.sub(r"\W", "", found[1]), _NUMBERED.sub("", left))
    left = _DERIVATIVE.sub("derivative", _VARIANCE.sub("variance", left))
    left = _DECORATED.sub(
        lambda found: f"{found[1] or found[2]}d", _MEASURED.sub(" measured ", left)
    )
    left = _SUM.sub(" ", _LONG_NAME.sub(r"\1", left))
    left = _BARE_CALL.sub(r"\1 +", _TIMES.sub("*", _INDEX.sub("", left)))
    while (flat := _CALL.sub(_named, left)) != left:
        left = flat
    try:
        return unwrapped(left)
    except Unreadable:
        return left


def _named(call: re.Match[str]) -> str:
    """A call as its name, where it is none that is undone, and no product: x(x - 1)."""
    name, inner = call.groups()
    if name.lower() in _UNDONE:
        return f"{inner} +"
    product = name in _WORD.findall(inner) and _OPERATION.search(inner)
    return f"{name} {inner} +" if product else name
