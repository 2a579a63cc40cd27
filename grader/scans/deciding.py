"""A person decides what scans leave open, or what was decided before: in the terminal, or on pages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from grader.scans.cutouts import write_pictures
from grader.scans.decided import decided_things
from grader.scans.decisions import load_decisions
from grader.scans.open_things import Open
from grader.scans.scanned import OPEN, Scanned, Source, scanned
from grader.scans.sitting import Sitting
from question_bank.diagnostics import bad_input

if TYPE_CHECKING:
    from grader.scans.command import ScanOrder


def decided(
    found: Scanned, source: Source, wanted: ScanOrder, tell: Callable[[str], None]
) -> Scanned:
    """What stands after a person has decided what they would, in the terminal or on pages."""
    if wanted.web:
        from grader.browser.run_unsure import unsure_web

        if wanted.again is not None:
            # What is unknown is refused before pages are served; these show all decisions.
            _again(found, source, wanted.again)
        return unsure_web(source, found, wanted.by, wanted.port, tell, browser=wanted.browser)
    files = {name: path for path, name in source.files}
    passed: set[object] = set()
    first = () if wanted.again is None else _again(found, source, wanted.again)
    while things := first or [thing for thing in found.open if thing.place not in passed]:
        first = ()
        write_pictures(things, files, source.folder / OPEN)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            for thing in things:
                print(f"{thing.asks}\n  {source.folder / OPEN / thing.file_name}")
            tell("decisions are taken at a terminal: run the command in one")
            return found
        stayed = Sitting(things, found.papers, source.papers, source.folder, wanted.by).run()
        passed |= {thing.place for thing in things}
        # A page that was named, a number that was corrected: what follows from it may be open too.
        found = scanned(source, tell)
        if not stayed:
            return found
    return found


def _again(found: Scanned, source: Source, of: str) -> list[Open]:
    """What was decided, of one paper or of all. Raises InputError where there is nothing."""
    things = decided_things(found.papers, found.pages, load_decisions(source.folder), of)
    if not things:
        what = f'of "{of}"' if of else "of these scans"
        raise bad_input(
            "nothing-decided", f"nobody decided anything {what}",
            hint="--again takes a student's number, or a file of scans" if of else None,
        )  # fmt: skip
    return things
