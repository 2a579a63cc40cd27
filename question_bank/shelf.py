"""What a bank holds, told from the first words of its files: for a page that cannot wait until all is read.

The course's own bank is read thoroughly elsewhere; this looks at a file's lines `lecture:`, `topic:` and `use:` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"^(lecture|topic|use): *(.+?) *$", re.MULTILINE)
_QUOTES = "\"'"


@dataclass(frozen=True)
class Spine:
    """A question as it stands on the shelf."""

    lecture: int
    topic: str


def for_practice(folder: Path) -> Mapping[str, Spine]:
    """The questions below a folder that may be practised, by id, in the order of lectures and ids."""
    found = {}
    for file in folder.rglob("*.yaml"):
        words = dict(_LINE.findall(file.read_text("utf-8")))
        if words.get("use") != "exam" and words.get("lecture", "").isdigit():
            found[file.stem] = Spine(int(words["lecture"]), words["topic"].strip(_QUOTES))
    return dict(sorted(found.items(), key=lambda entry: (entry[1].lecture, entry[0])))
