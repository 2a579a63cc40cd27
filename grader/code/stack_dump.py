"""What Python's faulthandler writes when a process is ended from outside: where its code was.

Source: Python's documentation, faulthandler (Dumping the traceback).
"""

from __future__ import annotations

import re

_DUMP = re.compile(
    r"(?:^Fatal Python error: [^\n]*\n\s*)?"
    r"^(?:Stack|(?:Current t|T)hread 0x[0-9a-f]+[^\n(]*) \(most recent call first\):\n"
    r"(?P<frames>(?:  [^\n]*(?:\n|$))*)"
    r"(?:\nExtension modules: [^\n]*(?:\n|$))?",
    re.MULTILINE,
)
_OWN = re.compile(
    r'^  File "[^"\n]*?(?P<file>exercise_code/[\w/.-]+)", line (?P<line>\d+) in ', re.MULTILINE
)


def without_dumps(output: str) -> tuple[str, str]:
    """What was printed without the dumps, and the innermost line of the submission in them.

    `exercise_code/layers.py:12`, or "" where none of its lines is in them. The student's code may
    have printed the like itself: what is said is for the student alone.
    """
    place = ""
    for dump in _DUMP.finditer(output):
        own = _OWN.search(dump["frames"])
        if own and not place:
            place = f"{own['file']}:{own['line']}"
    return _DUMP.sub("", output), place
