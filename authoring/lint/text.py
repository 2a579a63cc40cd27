"""Words, sentences and formulas of Markdown texts, as the rules look at them."""

from __future__ import annotations

import re

_MATH = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_EMPHASIS = re.compile(r"\*\*.+?\*\*", re.DOTALL)
_WORD = re.compile(r"[A-Za-zÄÖÜäöüß][A-Za-zÄÖÜäöüß0-9]*(?:[-'][A-Za-z0-9]+)*")
# A sentence ends at a mark that is followed by a capital, a formula, or nothing: not at "0.5" or "e.g. so".
_END = re.compile(r"(?<=[.?!:])\s+(?=[A-ZÄÖÜ$*`])|\n\s*\n")

# Words that are in every question and say nothing about its subject.
COMMON = frozenset(
    re.findall(
        r"\w+",
        """
    a about above after all also among an and any apply are as at be because been before below between both but by
    can case change compute could did do does each either else every exactly few find first follow following for
    from give given gives has have hold holds how if in into is it its itself just large least less let made make
    makes many may mean means more most much must no nor not now number numbers of on once one only or order other
    others out over part parts per point points right same second see show shown shows since small so some still
    such take taken takes than that the their them then there these they this those three through to together too
    true two under until up use used uses using value values was way well were what when where which while whose
    why will with without would write
    """,
    )
)


def prose(text: str) -> str:
    """The text without its formulas and code."""
    return _MATH.sub(" ", _CODE.sub(" ", text))


def words(text: str) -> list[str]:
    """The words of the prose, in small letters, in order."""
    return [word.lower() for word in _WORD.findall(prose(text))]


def stem_of_word(word: str) -> str:
    """A word without the endings of its forms: layers and layer, halving and halves are the same."""
    for ending in ("ings", "ing", "ies", "ied", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def content_words(text: str) -> frozenset[str]:
    """The words that carry the subject, each without its ending."""
    return frozenset(stem_of_word(word) for word in words(text) if word not in COMMON)


def sentences(text: str) -> list[str]:
    """The sentences and separate paragraphs of a text."""
    return [piece.strip() for piece in _END.split(text) if piece.strip()]


def question_sentences(text: str) -> list[str]:
    """The sentences that ask; the last one where none ends in a question mark."""
    found = sentences(text)
    return [sentence for sentence in found if sentence.rstrip("*_ ").endswith("?")] or found[-1:]


def without_emphasis(text: str) -> str:
    """The text without what stands in bold."""
    return _EMPHASIS.sub(" ", text)
