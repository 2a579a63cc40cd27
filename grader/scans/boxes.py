"""What the boxes of a paper's answer sheet say: as they were read, and as a person decided.

A decision on a box is about that box of the paper, whichever scan it was made on. Where another scan clearly shows
otherwise, neither has the last word: a person looks at both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.scans.decisions import ASIDE, CHECKED, COUNTS, Standing
from grader.scans.layout import SheetPage
from grader.scans.marks import CHECKED as CHECKED_STATES
from grader.scans.papers import Paper, Seen


@dataclass(frozen=True)
class Contrary:
    """A scan that shows a box otherwise than a person decided, and the scan that this was decided on."""

    scan: Seen
    decided_on: Seen
    said: str


@dataclass(frozen=True)
class Shown:
    """A box: whether it is checked (None: open), and whether a person decided that."""

    checked: bool | None
    decided: bool = False
    contrary: Contrary | None = None


def boxes_on(paper: Paper, sheet: SheetPage, said: Standing) -> Mapping[str, Shown]:
    """Each box of a sheet by name. Of a sheet without a scan that counts there is nothing."""
    counts = paper.sheets.get(sheet.page)
    if counts is None:
        return {}
    scans = {counts.reading.sha256: counts}
    for seen in paper.scans.get(sheet.page, ()):
        if seen.reading.kind == "sheet":
            scans.setdefault(seen.reading.sha256, seen)
    chosen = any(said.get((sha, "double", "")) == COUNTS for sha in scans)
    rivals = {
        sha: seen
        for sha, seen in scans.items()
        if seen is counts or not (chosen or said.get((sha, "double", "")) == ASIDE)
    }
    found = {}
    for place, box in enumerate(sheet.boxes):
        told = {sha: said[sha, "box", box.name] for sha in scans if (sha, "box", box.name) in said}
        state = counts.reading.states[place]
        read = None if state == "unsure" else state in CHECKED_STATES
        if not told:
            found[box.name] = Shown(read)
            continue
        last = _last(told, box.name, said)
        checked = told[last] == CHECKED
        if last != counts.reading.sha256 and paper.layout.student_id is None and read is None:
            # Two sheets with one number may be two students': what holds for one says nothing of the other.
            found[box.name] = Shown(None)
            continue
        contrary = [
            seen
            for sha, seen in rivals.items()
            if sha not in told
            and (shows := seen.reading.states[place]) != "unsure"
            and (shows in CHECKED_STATES) != checked
        ]
        if contrary:
            both = Contrary(contrary[0], scans[last], told[last])
            found[box.name] = Shown(None, contrary=both)
        else:
            found[box.name] = Shown(checked, decided=True)
    return found


def _last(told: Mapping[str, str], box: str, said: Standing) -> str:
    """The scan of the last decision on a box."""
    if len(told) == 1:
        return next(iter(told))
    return [sha for sha, about, name in said if about == "box" and name == box and sha in told][-1]
