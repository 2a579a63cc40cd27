"""Where in its file a fault of a question is to be mended."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher

from authoring.faults import Fault
from question_bank.diagnostics import Where
from question_bank.strict_yaml import Located, Steps

# The keys of the file that a finding is about, by its code; the first that is there.
_KEYS: dict[str, tuple[str, ...]] = {
    "no-draw": ("require", "mistakes", "options", "parameters"),
    "few-draws": ("parameters",),
    "uneven-work": ("parameters",),
    "impossible-key": ("possible",),
    "mistakes-coincide": ("mistakes",),
    "minutes": ("minutes",),
    "points": ("points", "parts"),
    "rubric-points": ("rubric", "parts"),
    "mistakes": ("mistakes", "answer", "options", "parts"),
    "convention": ("text",),
    "negative-stem": ("text",),
    "alternative-text": ("figure", "parts"),
}


def place_of(fault: Fault, located: Located, text: str, question_id: str) -> Where:
    """The line of a fault in the text of its file; the options' where a rule on options says no more."""
    keys = _KEYS.get(fault.code, ("options",))
    path = fault.at or next(((key,) for key in keys if (key,) in located.keys), ())
    if not path:
        return Where(located.file, what=question_id)
    find = located.where if fault.at else located.where_key
    where = find(path, question_id)
    line = None
    if fault.near:
        line = _line_like(fault.near, text, where.line or 1, _end(located, path))
    return where if line is None else replace(where, line=line, column=None)


def _end(located: Located, path: Steps) -> int | None:
    """The first line below a value that belongs to something else."""
    begin = located.where(path).line or 1
    below = [
        line
        for places in (located.keys, located.places)
        for other, (line, _) in places.items()
        if line > begin and other[: len(path)] != path
    ]
    return min(below, default=None)


def _line_like(near: str, text: str, begin: int, end: int | None) -> int | None:
    """The line that holds most of a piece of the text, whose values were filled in since."""
    lines = text.splitlines()[begin - 1 : None if end is None else max(end - 1, begin)]
    word = re.match(r"\\[A-Za-z]+|\S+", near)
    holding = [n for n, line in enumerate(lines) if word and word[0] in line]
    likeness = {n: _common(near, lines[n]) for n in holding or range(len(lines))}
    best = max(likeness, key=lambda n: likeness[n], default=None)
    return None if best is None or not likeness[best] else begin + best


def _common(near: str, line: str) -> int:
    found = SequenceMatcher(None, near, line, autojunk=False).find_longest_match()
    return found.size
