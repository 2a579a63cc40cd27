"""When a server starts: the class follows its roster, and there must be somebody who can come in."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from classroom.links import check_roles
from classroom.roll import all_members, close_to, enrol, without_pass
from classroom.roster import load_roster
from leaderboard.store import Store
from leaderboard.untrusted import visible
from question_bank.diagnostics import bad_input
from question_bank.wording import counted


def admit_roster(store: Store, roster: Path, moment: datetime) -> None:
    """Follow a roster: who is not in it may not come in any more. Raises InputError."""
    entries = load_roster(roster)
    check_roles(store, [entry.user for entry in entries], [])
    enrol(store, entries, moment)
    users = [entry.user for entry in entries]
    gone = close_to(store, users, moment)
    if gone:
        print(
            f"no longer on the roster, and shut out: {', '.join(map(visible, gone))}",
            file=sys.stderr,
        )
    bare = without_pass(store, users, moment)
    if bare:
        print(
            f"{counted(len(bare), 'user')} of the roster cannot come in yet: "
            f"quiz serve links --roster {visible(str(roster))} -o links.csv",
            file=sys.stderr,
        )


def check_members(store: Store) -> None:
    """Refuse to serve a class that nobody belongs to. Raises InputError."""
    if not all_members(store):
        raise bad_input(
            "no-members",
            "the class has no members, so nobody could come in",
            hint="quiz serve links --roster FILE.csv --instructor NAME -o links.csv",
        )
