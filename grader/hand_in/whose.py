"""Whose a file is that was dropped into a folder: by a pattern, or by the users of a roster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path

from grader.batch_members import user_in

Whose = Callable[[str], str | None]


def by_pattern(pattern: re.Pattern[str]) -> Whose:
    """The user that a pattern finds in the name, as with `--user-from`."""
    return lambda name: user_in(name, pattern)


def by_roster(path: Path) -> Whose:
    """The user of a roster whose name the file's begins with, up to its end or to a sign that is in no name.

    `w0256.zip`, `w0256_second try.zip` and `W0256 (1).zip` are w0256's. InputError for a bad roster.
    """
    from classroom.roster import load_roster

    return among([entry.user for entry in load_roster(path)])


def among(users: Collection[str]) -> Whose:
    """As `by_roster`, for these users; where several fit, the longest."""
    known = {_one_form(user): user for user in sorted(users)}

    def whose(name: str) -> str | None:
        bare = _one_form(name).removesuffix(".zip")
        fitting = [
            user
            for user in known
            if bare.startswith(user) and not bare[len(user) : len(user) + 1].isalnum()
        ]
        return known[max(fitting, key=len)] if fitting else None

    return whose


def _one_form(text: str) -> str:
    # Some systems write an accent as a sign of its own.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
