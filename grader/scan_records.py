"""What the store holds of scanned papers, and whose its answer sheets are by the scans at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.archive import read_submission
from grader.files import submission_bytes
from grader.kept_files import kept_file
from grader.scan_file import ScanFile, scan_file_in
from leaderboard.decisions import not_withdrawn
from leaderboard.store import Graded, Store, known_submission
from question_bank.diagnostics import InputError


@dataclass(frozen=True)
class Pile:
    """What scans come to: the folders of the papers that can be recorded, by student, and whose each answer sheet is.

    `owners` has every answer sheet of the scans by its picture: of a paper that waits as well, None where it is nobody's.
    `disputed` are students on whose sheet, as it was read, a person has to decide something: not those of whom a sheet
    cannot be read, which may have been entered by hand.
    """

    ready: Mapping[str, Path]
    owners: Mapping[str, str | None]
    disputed: Collection[str] = ()


@dataclass(frozen=True)
class Record:
    """A scanned paper in the store that was not withdrawn."""

    graded: Graded
    scan: ScanFile
    files: Mapping[str, bytes]

    def look(self, check: str) -> tuple[bytes, ...]:
        """The pictures of an answer, in whatever order its pages were scanned."""
        return look_of(self.scan, self.files, check)


def look_of(scan: ScanFile, files: Mapping[str, bytes], check: str) -> tuple[bytes, ...]:
    """The pictures of an answer."""
    return tuple(sorted(files.get(name, b"") for name in scan.pictures.get(check, ())))


def recorded_numbers(store: Store, assignment: str, ready: Mapping[str, Path]) -> dict[str, int]:
    """The submissions that the folders of these students are recorded as."""
    found = {}
    for student, folder in ready.items():
        digest = hashlib.sha256(submission_bytes(folder)).hexdigest()
        known = known_submission(store, user=student, assignment=assignment, content_sha256=digest)
        if known is not None and known.has_result:
            found[student] = known.number
    return found


def records(store: Store, assignment: str, but: Sequence[int] = ()) -> Iterator[Record]:
    """The scanned papers that were not withdrawn; without those of some numbers, which are not opened."""
    for graded in not_withdrawn(store, assignment):
        if graded.number in but:
            continue
        files = files_of(store, graded)
        scan = scan_file_in(files)
        if scan is not None:
            yield Record(graded, scan, files)


def files_of(store: Store, graded: Graded) -> Mapping[str, bytes]:
    """The files of a submission; none where it cannot be read."""
    with kept_file(store, graded) as path:
        try:
            return read_submission(path).files
        except InputError:
            return {}


@dataclass(frozen=True)
class Fate:
    """What the scans at hand mean for a record: the student whose paper takes its place, or why it is held back."""

    record: Record
    heir: str | None
    held: str = ""


def fates(store: Store, assignment: str, pile: Pile, numbers: Mapping[str, int]) -> Iterator[Fate]:
    """Of each record that these scans supersede or call into question; others of another pile are left alone.

    Its answer sheet says whose it is: the number on it may have been corrected. A sheet that is not among the scans
    leaves the student.
    """
    for record in records(store, assignment, tuple(numbers.values())):
        user = record.graded.user
        own = [pile.owners[sha] for sha in record.scan.sheets.values() if sha in pile.owners]
        heirs = [owner for owner in own if owner in numbers]
        moved = [owner for owner in own if owner != user]
        if heirs:
            yield Fate(record, heirs[0])
        elif moved:
            whose = "nobody's" if moved[0] is None else f"{moved[0]}'s"
            yield Fate(record, None, f"its answer sheet is {whose} by the scans")
        elif user in numbers:
            yield Fate(record, user)
        elif user in pile.disputed:
            yield Fate(record, None, "a person has to look at its answer sheet first (--unsure)")
