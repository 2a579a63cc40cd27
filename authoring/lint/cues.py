"""Cues: what points to the key for someone who does not know the subject."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from authoring.lint.findings import Finding
from authoring.lint.text import content_words

_BETWEEN = re.compile(r"\s*(?:[,;+]|\band\b|\bwith\b|\bthen\b)\s*")
# Shorter words (batch, units) are rarely what gives a key away.
LONG_WORD = 5


def convergence(texts: Sequence[str], flags: Sequence[bool]) -> Iterator[Finding]:
    """The one right option shares more of its elements with the others than any of them does."""
    if sum(flags) != 1:
        return
    elements = [_elements(text) for text in texts]
    if min(len(found) for found in elements) < 2:
        return
    shared = [
        sum(len(mine & other) for place, other in enumerate(elements) if place != own)
        for own, mine in enumerate(elements)
    ]
    key = flags.index(True)
    # Two elements, each shared with another option at least.
    if shared[key] >= 2 and all(shared[key] > n for i, n in enumerate(shared) if i != key):
        says = f'the key shares most elements with the other options: "{texts[key]}"'
        yield Finding("converging-options", says, "warning")


def _elements(text: str) -> frozenset[str]:
    return frozenset(p for p in _BETWEEN.split(text.lower().strip(" .")) if p)


def echoed_words(
    stem: str, texts: Sequence[str], flags: Sequence[bool], rare: Collection[str]
) -> Iterator[Finding]:
    """A rare word of the stem that every right option repeats and no wrong one.

    Args:
        stem: the question's text.
        texts: the options.
        flags: which of them are right.
        rare: the words that few questions of the bank have (as `content_words` gives them).
    """
    right = [content_words(t) for t, flag in zip(texts, flags, strict=True) if flag]
    wrong = [content_words(t) for t, flag in zip(texts, flags, strict=True) if not flag]
    if not right or not wrong:
        return
    alone = frozenset.intersection(*right) - frozenset().union(*wrong)
    for word in sorted(alone & content_words(stem)):
        if len(word) >= LONG_WORD and word in rare:
            says = f'the stem\'s word "{word}..." stands in the key alone'
            yield Finding("echoed-word", says, "warning")
