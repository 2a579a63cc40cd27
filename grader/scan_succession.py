"""A paper that was scanned anew: its last scan counts alone, and marks of answers that look the same go along.

There is one paper of each student. Another page, or another decision about a box, makes other bytes, and so another
submission; the earlier one is withdrawn, with the reason, and stays in the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.archive import read_submission
from grader.files import submission_bytes
from grader.kept_files import kept_file
from grader.review.recording import apply_marks
from grader.scan_file import scan_file_in
from leaderboard.decisions import Decision, decide, standing_decisions
from leaderboard.marks import PersonsMark, record_marks, standing_marks
from leaderboard.store import Graded, Store, graded_submissions, known_submission
from question_bank.diagnostics import InputError
from question_bank.wording import counted

REASON = "scanned anew"


def succeed(store: Store, assignment: str, user: str, folder: Path, by: str) -> str:
    """Let the submission of this folder take the place of the user's earlier scans; what was done, in words.

    Empty where nothing had to be done. Done again it does nothing; killed halfway, the next run does the rest.
    """
    digest = hashlib.sha256(submission_bytes(folder)).hexdigest()
    known = known_submission(store, user=user, assignment=assignment, content_sha256=digest)
    if known is None or not known.has_result:
        return ""
    decided = standing_decisions(store, assignment)
    mine = [each for each in graded_submissions(store, assignment) if each.user == user]
    files = {each.number: _files(store, each) for each in mine} if len(mine) > 1 else {}
    earlier = [
        each.number
        for each in mine
        if each.number != known.number
        and scan_file_in(files[each.number]) is not None
        and not _is(decided.get(each.number), "withdrawn")
    ]
    now = datetime.now(UTC)
    own = decided.get(known.number)
    if own is not None and _is(own, "withdrawn") and own.reason.startswith(REASON):
        decide(store, Decision(known.number, "restored", now, by, "this scan counts again"))
    if not earlier:
        return ""
    taken = _marks_along(store, assignment, known.number, earlier, files)
    for number in earlier:
        reason = f"{REASON}: submission {known.number} takes its place"
        decide(store, Decision(number, "withdrawn", now, by, reason))
    return f"{REASON}; {counted(taken, 'mark')} of answers that look the same stay"


def _marks_along(
    store: Store,
    assignment: str,
    number: int,
    earlier: list[int],
    files: Mapping[int, Mapping[str, bytes]],
) -> int:
    """Give a submission the later marks of earlier ones, where the answers look the same; how many."""
    standing = standing_marks(store, assignment)
    found: dict[str, PersonsMark] = {}
    for (of, check), mark in standing.items():
        here = found.get(check) or standing.get((number, check))
        newer = here is None or mark.at > here.at
        if of in earlier and newer and _look(files[of], check) == _look(files[number], check):
            found[check] = replace(mark, submission=number)
    record_marks(store, found.values())
    if found:
        apply_marks(store, assignment, [number])
    return len(found)


def _look(files: Mapping[str, bytes], check: str) -> tuple[bytes, ...]:
    """The pictures of an answer."""
    said = scan_file_in(files)
    names = () if said is None else said.pictures.get(check, ())
    return tuple(files.get(name, b"") for name in names)


def _is(decision: Decision | None, kind: str) -> bool:
    return decision is not None and decision.kind == kind


def _files(store: Store, graded: Graded) -> Mapping[str, bytes]:
    with kept_file(store, graded) as path:
        try:
            return read_submission(path).files
        except InputError:
            return {}
