"""What stands around an answer and says nothing: dollar signs, quotes, a full stop, LaTeX's words for upright type.

`y := 2x` and `w ← v` are equations as well. Prose and code are left as they are.
"""

from __future__ import annotations

import re

from question_bank.answers.base import Unreadable

_WRAPPED = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathnormal|boldsymbol|bm|operatorname\*?|text(?:rm|bf|it|sf|normal)?)"
    r"\s*\{([^{}]*)\}"
)
_CALLED = re.compile(
    r"\A(?:(?:answer|result|solution|antwort|ergebnis|lösung)\s*[:=]\s*|fa[ck]tor\s+(?=[0-9\\]))",
    re.IGNORECASE,
)
_ASSIGNS = re.compile(r":=|≔|←|\\(?:coloneqq|gets|leftarrow)(?![A-Za-z])")
# Pasted along with the text from pages, and seen by nobody.
_WITHOUT_WIDTH = re.compile("[\u200b\u2060\ufeff]")
# No one needs so many blanks, and patterns with two places for blanks try every way to share them.
_MANY_BLANKS = re.compile(r"(?:\s|\\[ ,;:!]){9,}")
_INDEX = re.compile(r"(?<=_\{)\s+")
# LaTeX's comma without a blank behind it.
_TIGHT_COMMA = re.compile(r"(?<=[0-9])\{([,.])\}(?=[0-9])")
_QUOTES = re.compile(r"[\"“”„‟«»`]")
# An item in single quotes; a prime, as in tanh'(x), follows a letter.
_QUOTED = re.compile(r"(?:(?<=[\s,;(\[{:])|\A)'([^'\n]{1,40})'(?=[\s,;)\]}]|\Z)")
_DELIMITED = re.compile(r"\A(?:\\\((.*)\\\)|\\\[(.*)\\\])\Z", re.DOTALL)
_STOP = re.compile(r"(?<![.,;])\s*[.;]\s*\Z")
_NOISE = re.compile(r"[\s!-/:-@\[-`{-~…–—−·•]*")


# A list, or the name of the next answer: "31, b" and "31 b" of a = 31, b = 32.
_BRACKETED = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_ANOTHER = re.compile(r"[;\n]|,\s|,(?=[^\W\d])|[0-9]\s+[^\W\d]\w*(?:\s+\w+)*\Z")


def check_formula(term: str) -> None:
    """Raises Unreadable where a term without a value, left of a sign of equality, may hold another answer."""
    while (flat := _BRACKETED.sub("0", term)) != term:
        term = flat
    if _ANOTHER.search(term):
        raise Unreadable("holds more than one answer", "write the result alone")


def is_noise(text: str) -> bool:
    """Whether nothing was said: punctuation and signs of arithmetic alone, such as `?` and `---`."""
    return _NOISE.fullmatch(text) is not None


def bare(text: str) -> str:
    """The answer itself. Where something within it is taken out, blanks keep the columns."""
    text = _WITHOUT_WIDTH.sub("", text).strip()
    text = _DELIMITED.sub(lambda found: found[1] or found[2] or "", text)
    text = _WRAPPED.sub(lambda found: found[1].rjust(len(found[0])), text)
    text = _ASSIGNS.sub(lambda found: "=".rjust(len(found[0])), _INDEX.sub("", text))
    text = _MANY_BLANKS.sub(_few_blanks, _QUOTES.sub(" ", _TIGHT_COMMA.sub(r"\1", text)))
    text = _QUOTED.sub(r" \1 ", text).strip()
    text = _CALLED.sub("", text)
    return undollared(_STOP.sub("", undollared(_STOP.sub("", text))))


def _few_blanks(found: re.Match[str]) -> str:
    return "\n" if "\n" in found[0] else " "


def undollared(text: str) -> str:
    """Without the dollar signs around all of it."""
    text = text.strip()
    return (
        text.strip("$").strip()
        if text.count("$") in (2, 4) and text[0] == text[-1] == "$"
        else text
    )
