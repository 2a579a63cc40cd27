"""Numbers that several names share: h1 = h2 = 2, y = -8, or A and B: 2, C: 3, are three numbers each."""

from __future__ import annotations

import re

from question_bank.answers.base import Unreadable
from question_bank.answers.brackets import split, unwrapped
from question_bank.answers.entries import AND
from question_bank.grammar.answer_words import CONSTANTS

# No list of a question is longer.
_LONGEST = 300
_NAME = re.compile(
    r"[∂∇]?[^\W\d]\w*['’′]*(?:_\{\w{1,8}\})?(?:\([\w,;|]{1,30}\))?(?:\s?/\s?[∂d]?[^\W\d]\w*(?:_\{\w{1,8}\})?)?"
)
_LABEL = re.compile(r"\A([^=:]+):\s*(?=\S)")
_SIGN = re.compile(r"\A[-−–]\s*")


def with_shared_names(text: str) -> tuple[str, int] | None:
    """The list with each name and its number by itself, and how many numbers that makes; None where no number has several names."""
    if len(text) > _LONGEST or not re.search("[=:]", text):
        return None
    try:
        pieces = [p for p in split(unwrapped(AND.sub(", ", text.strip())), ",;\n") if p]
    except Unreadable:
        return None
    found: list[str] = []
    waiting: list[str] = []
    several = False
    for piece in pieces:
        terms = [term.strip() for term in _LABEL.sub(r"\1=", piece).split("=")]
        names = [*waiting, *(term for term in terms if _is_name(term))]
        values = [term for term in terms if not _is_name(term)]
        waiting = [] if values else names
        if values:
            several = several or len(names) > 1
            found += [_alone(name, values) for name in names] or values
    if waiting or not several:
        return None
    return "; ".join(found), len(found)


def _alone(name: str, values: list[str]) -> str:
    """One name with its number, which is turned where the name has a minus: -b = 3."""
    bare = _SIGN.sub("", name)
    return f"{name} = {' = '.join(values)}" if bare == name else f"{bare} = -({values[-1]})"


def _is_name(term: str) -> bool:
    bare = _SIGN.sub("", term)
    return bare not in CONSTANTS and _NAME.fullmatch(bare) is not None
