"""Whether the name in front of a formula is that of what the question asks for: dh3/dx1, and not dx1/dh3 or h3.

What is asked for is taken from the part's text: the derivatives that it prints, or says in words. L, f and the like are people's own names
where the question does not use them, and nothing is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from question_bank.answers.base import Printed
from question_bank.answers.naming import plain_name

_BLANK = re.compile(r"(?<=\{)\s+|\s+(?=\})")
_DERIVATIVE = re.compile(r"\(?\s*d\s*(\w+)\s*(?:\([^()]*\))?\s*\)?\s*/\s*\(?\s*d\s*(\w+)")
_OPERATOR = re.compile(r"\A\(?\s*d\s*/\s*d\s*(\w+)\s*\)?\s*(?:\(?\s*(\w+))?")
_GRADIENT = re.compile(r"\A(?:∇|\\nabla|grad)\s*(?:_\s*\{?\s*\\?(\w+)\}?)?")
_PLAIN = re.compile(r"\A(\w+)\s*(?:\(.*\))?\Z")
_IN_WORDS = re.compile(
    r"\b(?:gradients?|derivatives?|slope) of (\w+)(?:\([^()]*\))? with respect to (\w+)",
    re.IGNORECASE,
)
_OF_DERIVATIVES = re.compile(
    r"derivative|gradient|slope|jacobian|sensitiv|ableitung|steigung|\bd\w*/d\w|∇|nabla|'",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(?<=\w)[ijk]\Z")
_NUMBER = re.compile(r"[0-9]+\Z")
# What people call a loss or a function that has another name in the question, or none; "" leaves it open.
_OWN = frozenset({"", "L", "J", "E", "C", "f", "F", "loss", "Loss", "cost", "Cost"})


@dataclass(frozen=True)
class _Said:
    """A derivative of `above` by `below`; without `below`, the quantity itself. Empty where the name leaves it open."""

    above: str = ""
    below: str = ""


def names_another_formula(names: Sequence[str], symbols: Sequence[str], printed: Printed) -> bool:
    """Whether a name is that of another derivative, or of another quantity, than the one that is asked for."""
    texts = [text for text in map(_readable, printed.texts) if text]
    if not texts:
        return False
    asked = _asked(texts[0])
    known = {*symbols, *(word for text in texts for word in re.findall(r"\w+", text))}
    return any(_is_another(name, asked, texts, known) for name in names)


@lru_cache(maxsize=256)
def _readable(text: str) -> str:
    """A printed text, or a name, with its formulas as they are typed."""
    return plain_name(_BLANK.sub("", text)).strip()


def _asked(text: str) -> list[_Said]:
    """The derivatives that a text prints or says."""
    pairs = [*_DERIVATIVE.findall(text), *_IN_WORDS.findall(text)]
    return [_Said(above, below) for above, below in pairs]


def _is_another(name: str, asked: list[_Said], texts: list[str], known: set[str]) -> bool:
    typed = _readable(name)
    if said := _derivative(name, typed):
        if not asked:
            return not any(map(_OF_DERIVATIVES.search, texts))
        own = _OWN - known
        return not any(
            (not said.below or _same(said.below, one.below))
            and (one.above in said.above or _same(said.above, one.above) or said.above in own)
            for one in asked
        )
    plain = _PLAIN.match(typed)
    if plain is None:
        return False
    if asked:
        return any(_same(plain[1], one.above) for one in asked)
    # A quantity of the question that the part does not speak of.
    here, *before = [set(re.findall(r"\w+", text)) for text in texts]
    return plain[1] not in here and any(plain[1] in words for words in before)


def _derivative(name: str, typed: str) -> _Said | None:
    """The derivative that a name stands for: of several, as the chain rule has them, of the first by the last."""
    if found := _DERIVATIVE.findall(typed):
        return _Said(found[0][0], found[-1][1])
    if operator := _OPERATOR.match(typed):
        return _Said(operator[2] or "", operator[1])
    if (gradient := _GRADIENT.match(name.strip())) and gradient[1]:
        return _Said("", _readable(gradient[1]))
    return None


def _same(one: str, other: str) -> bool:
    """Whether two names are one, but for an index that stands for all, or is left out: sigma and sigmaj, x and x1."""
    one, other = _INDEX.sub("", one), _INDEX.sub("", other)
    return one == other or one == _NUMBER.sub("", other) or _NUMBER.sub("", one) == other
