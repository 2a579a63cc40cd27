"""Of code that waits for a person: the lines that the machine's message speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping

# As much as fits on a screen beside the rest, with the head of a usual function.
LINES_BEFORE, LINES_AFTER = 12, 4


def code_named(message: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Lines around the place "file:line" that a message names, numbered; none where it names none."""
    place = re.search(r"\(([\w./-]+\.py):(\d{1,7})\)", message)
    if not place or place[1] not in files:
        return ()
    named = int(place[2])
    lines = files[place[1]].decode(errors="replace").splitlines()
    first = max(named - LINES_BEFORE, 1)
    return tuple(
        f"{'>' if number == named else ' '} {number:4}  {line}"
        for number, line in enumerate(lines[first - 1 : named + LINES_AFTER], first)
    )
