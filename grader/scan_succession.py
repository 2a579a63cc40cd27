"""A paper that was scanned anew, or whose number was corrected: its last scan counts alone, and marks go along.

There is one paper of each student. Another page, another decision about a box or another number makes another submission;
the earlier one is withdrawn, with the reason, and stays in the store. What a person has to look at first is held back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from grader.review.recording import apply_marks
from grader.scan_file import scan_file_in
from grader.scan_records import Fate, Pile, Record, fates, files_of, look_of, recorded_numbers
from leaderboard.decisions import Decision, Kind, decide, standing_decisions
from leaderboard.marks import (
    PersonsMark,
    record_marks,
    record_opinions,
    standing_marks,
    standing_opinions,
)
from leaderboard.store import Store, graded_submissions
from question_bank.wording import counted

ANEW, CORRECTED, HELD = "scanned anew", "number corrected", "held back"


def succeed(store: Store, assignment: str, pile: Pile, by: str) -> list[str]:
    """Let the papers of a pile take the place of earlier records of them; what was done, in words.

    Done again it does nothing; killed halfway, the next run does the rest.
    """
    numbers = recorded_numbers(store, assignment, pile.ready)
    said: list[str] = []
    found = list(fates(store, assignment, pile, numbers))
    decided = standing_decisions(store, assignment)
    gone = set()
    for student, number in numbers.items():
        own = decided.get(number)
        if own is None or own.kind == "restored":
            continue
        if own.reason.startswith((ANEW, CORRECTED, HELD)):
            _decide(store, number, "restored", by, "this scan counts again")
        elif own.kind == "withdrawn":
            gone.add(student)  # by a person, who has the last word
    earlier: dict[str, list[Record]] = defaultdict(list)
    for fate in found:
        if fate.heir in gone:
            continue
        if fate.heir is not None:
            earlier[fate.heir].append(fate.record)
        else:
            said += _held(store, fate, decided.get(fate.record.graded.number), by)
    for student, old in earlier.items():
        said.append(_take_place(store, assignment, student, numbers[student], old, by))
    return said


def unsettled(store: Store, assignment: str, pile: Pile) -> dict[str, str]:
    """Users whose record is not what the scans at hand say, with the reason."""
    numbers = recorded_numbers(store, assignment, pile.ready)
    return {
        fate.record.graded.user: fate.held or "the scans say otherwise than what is recorded (--record)"
        for fate in fates(store, assignment, pile, numbers)
    }  # fmt: skip


def _held(store: Store, fate: Fate, decided: Decision | None, by: str) -> Iterator[str]:
    """Take a record off the board until somebody has decided what is open."""
    number, user = fate.record.graded.number, fate.record.graded.user
    if decided is None or decided.kind != "flagged":
        _decide(store, number, "flagged", by, f"{HELD}: {fate.held}")
    yield f"{user}: what is recorded (submission {number}) is {HELD}: {fate.held}"


def _take_place(
    store: Store, assignment: str, student: str, number: int, old: Sequence[Record], by: str
) -> str:
    along = _along(store, assignment, number, old)
    decided = standing_decisions(store, assignment)
    for record in old:
        before = record.graded.number
        reason = f"{ANEW}: submission {number} takes its place"
        if record.graded.user != student:
            reason = f"{CORRECTED}: this is the paper of {student}, submission {number}"
        _decide(store, before, "withdrawn", by, reason)
        flag = decided.get(before)
        if flag is not None and flag.kind == "flagged" and not flag.reason.startswith(HELD):
            _decide(store, number, "flagged", flag.by, flag.reason)
    others = sorted({record.graded.user for record in old} - {student})
    what = f"was the paper of {' and '.join(others)}, whose record is withdrawn" if others else ANEW
    stays = f"{counted(along.marks, 'mark')} of answers that look the same stay"
    if along.opinions:
        stays += f", and {counted(along.opinions, 'second mark')}"
    if along.lost:
        stays += f"; not those of {', '.join(along.lost)}, which look different now"
    return f"{student}: {what}; {stays}"


@dataclass(frozen=True)
class _Along:
    """How many marks and opinions went along, and the answers whose marks did not."""

    marks: int
    opinions: int
    lost: tuple[str, ...]


def _along(store: Store, assignment: str, number: int, old: Sequence[Record]) -> _Along:
    """Give a submission the later marks and opinions of earlier ones, where the answers look the same."""
    standing = standing_marks(store, assignment)
    (graded,) = (g for g in graded_submissions(store, assignment) if g.number == number)
    files = files_of(store, graded)
    scan = scan_file_in(files)
    by_number = {record.graded.number: record for record in old}

    def same(of: int, check: str) -> bool:
        return scan is not None and by_number[of].look(check) == look_of(scan, files, check)

    found: dict[str, PersonsMark] = {}
    lost: set[str] = set()
    for (of, check), mark in standing.items():
        if of not in by_number:
            continue
        here = found.get(check) or standing.get((number, check))
        if not same(of, check):
            lost.add(check)
        elif here is None or mark.at > here.at:
            found[check] = replace(mark, submission=number)
    second: dict[tuple[str, str], PersonsMark] = {}
    opinions = standing_opinions(store, assignment)
    for (of, check), several in opinions.items():
        for each in several if of in by_number and same(of, check) else ():
            own = [o for o in opinions.get((number, check), ()) if o.by == each.by]
            there = second.get((check, each.by)) or next(iter(own), None)
            if there is None or each.at > there.at:
                second[check, each.by] = replace(each, submission=number)
    record_marks(store, found.values())
    record_opinions(store, second.values())
    if found:
        apply_marks(store, assignment, [number])
    lost -= {check for of, check in standing if of == number} | found.keys()
    return _Along(len(found), len(second), tuple(sorted(lost)))


def _decide(store: Store, number: int, kind: Kind, by: str, reason: str) -> None:
    decide(store, Decision(number, kind, datetime.now(UTC), by, reason))
