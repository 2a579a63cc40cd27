"""What stands around an answer and says nothing: dollar signs, quotes, a full stop, LaTeX's words for upright type.

`y := 2x` and `w ← v` are equations as well. Prose and code are left as they are.
"""

from __future__ import annotations

import re

_WRAPPED = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathnormal|boldsymbol|bm|operatorname\*?|text(?:rm|bf|it|sf|normal)?)"
    r"\s*\{([^{}]*)\}"
)
_CALLED = re.compile(
    r"\A(?:answer|result|solution|antwort|ergebnis|lösung)\s*[:=]\s*", re.IGNORECASE
)
_ASSIGNS = re.compile(r":=|≔|←|\\(?:coloneqq|gets|leftarrow)(?![A-Za-z])")
_INDEX = re.compile(r"(?<=_\{)\s+")
_QUOTES = re.compile(r"[\"“”„‟«»`]")
# An item in single quotes; a prime, as in tanh'(x), follows a letter.
_QUOTED = re.compile(r"(?:(?<=[\s,;(\[{:])|\A)'([^'\n]{1,40})'(?=[\s,;)\]}]|\Z)")
_DELIMITED = re.compile(r"\A(?:\\\((.*)\\\)|\\\[(.*)\\\])\Z", re.DOTALL)
_STOP = re.compile(r"(?<![.,;])\s*[.;]\s*\Z")
_NOISE = re.compile(r"[\s!-/:-@\[-`{-~…–—−·•]*")


def is_noise(text: str) -> bool:
    """Whether nothing was said: punctuation and signs of arithmetic alone, such as `?` and `---`."""
    return _NOISE.fullmatch(text) is not None


def bare(text: str) -> str:
    """The answer itself. Where something within it is taken out, blanks keep the columns."""
    text = _DELIMITED.sub(lambda found: found[1] or found[2] or "", text.strip())
    text = _WRAPPED.sub(lambda found: found[1].rjust(len(found[0])), text)
    text = _ASSIGNS.sub(lambda found: "=".rjust(len(found[0])), _INDEX.sub("", text))
    text = _QUOTED.sub(r" \1 ", _QUOTES.sub(" ", text)).strip()
    text = _CALLED.sub("", text)
    return undollared(_STOP.sub("", undollared(_STOP.sub("", text))))


def undollared(text: str) -> str:
    """Without the dollar signs around all of it."""
    text = text.strip()
    return (
        text.strip("$").strip()
        if text.count("$") in (2, 4) and text[0] == text[-1] == "$"
        else text
    )
