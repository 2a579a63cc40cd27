"""A worked solution without what the reasons above it have said already."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
# A formula on its own, code, a list or a table is no run of sentences.
_NO_SENTENCES = re.compile(r"\$\$|```|^\s*(?:[-*|]|\d+\.)", re.MULTILINE)


def without_repeats(solution: str, reasons: Iterable[str]) -> str:
    """Leave out the sentences of a solution (Markdown) that stand word for word among the reasons."""
    known = {_plain(sentence) for reason in reasons for sentence in _SENTENCE_END.split(reason)}
    kept = []
    for paragraph in re.split(r"\n\s*\n", solution):
        if _NO_SENTENCES.search(paragraph):
            kept.append(paragraph)
            continue
        new = [s for s in _SENTENCE_END.split(paragraph) if _plain(s) not in known]
        if new:
            kept.append(" ".join(new))
    return "\n\n".join(kept)


def _plain(sentence: str) -> str:
    return " ".join(sentence.split()).rstrip(".").casefold()
