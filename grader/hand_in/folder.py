"""A folder that hand-ins are dropped into: taken when they stand still, kept, and never taken twice.

    DIR/w0256.zip           what is dropped in, by whatever copies, syncs or renames
    DIR/.taking/MOMENT/     what is being taken, under its own name, in a folder that is named after the moment of intake
    DIR/taken/17-w0256.zip  what is on record, under the submission's number
    DIR/not-taken/          what could not be: no user in its name, or nothing that can be kept; why stands beside it

A file is first moved to .taking, then recorded, then moved on. Whoever is killed in between is followed by a run that
finds it there, with the time of its intake, and records it unless it is on record already. That time is signed: what
others put there counts from the moment at which it is found. One file that cannot be
moved or read stays where it is, is told, and keeps nobody else's from being taken.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from grader.batch_members import is_archive
from grader.files import Outputs, submission_bytes
from grader.hand_in.kept_names import free_name, within_bounds
from grader.hand_in.moments import intake_secret, is_moment, moment_of, signed
from grader.hand_in.refusals import in_a_line, write_refusal
from grader.hand_in.taken import Taken
from grader.hand_in.whose import Whose
from leaderboard.queue import hand_in, refuse_waiting
from leaderboard.queued import Receipt
from leaderboard.store import UNASSIGNED, Store
from leaderboard.untrusted import visible
from question_bank.diagnostics import InputError, Where, bad_input
from question_bank.files import write_whole

STILL_S = 2.0
"""A file that has not changed for so long is whole, if its end is that of a zip file."""
STILL_BROKEN_S = 30.0
"""One without such an end may be on its way still, over a connection that stalls; then it is taken as it is."""
UNFINISHED = frozenset({".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart"})
_WHY = ".why.txt"

Found = TypeVar("Found")
Seen = tuple[tuple[int, int, int], float]
AssignmentOf = Callable[[Path], tuple[str | None, list[str]]]
"""The assignment that a file is for; None, with the reasons, where that cannot be seen."""


@dataclass
class Watched:
    """A watched folder, looked into again and again. Remembers what it saw of each file."""

    folder: Path
    store: Store
    whose: Whose
    assignment_of: AssignmentOf
    say: Callable[[str], None]
    seconds: Callable[[], float]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    outputs: Outputs = field(default_factory=Outputs)
    _seen: dict[Path, Seen] = field(default_factory=dict)
    _looked: bool = False
    _passed_over: set[str] = field(default_factory=set)
    _stuck: dict[Path, str] = field(default_factory=dict)
    _changed: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._secret = intake_secret()
        self._on_record = Taken(self._taken, self.store, self.seconds)

    def prepare(self) -> None:
        """See that the folder can be used. InputError where it cannot."""
        if not self.folder.is_dir():
            raise bad_input("no-folder", "there is no such folder", where=Where(str(self.folder)))
        try:
            for each in (self._taking, self._taken, self._not_taken):
                each.mkdir(exist_ok=True)
                # Whoever may write into a folder may make one in it, and take it away again.
                probe = each / f".{secrets.token_hex(8)}"
                probe.mkdir()
                owner = probe.lstat().st_uid  # on a share, not always who we are
                probe.rmdir()
                if each == self._taking and each.lstat().st_uid != owner:
                    raise _not_ours(each)
            # Nobody else needs it; where modes mean nothing, the folder is as it is.
            with contextlib.suppress(OSError):
                self._taking.chmod(0o700)
        except OSError as error:
            raise _unusable(self.folder, error) from None

    def look(self) -> list[Receipt]:
        """Take what stands still; first what an earlier run was about to take. InputError where nothing can be kept."""
        try:
            self._changed |= self._on_record.changed()
            ready = list(self._still())
            left = self._left()
        except OSError as error:
            raise _unusable(self.folder, error) from None
        for path in ready:
            begun = self._each(path, self._begun)
            left += [begun] if begun else []
        self._looked = True
        return [receipt for path in left if (receipt := self._each(path, self._take))]

    def is_quiet(self) -> bool:
        """Whether it was looked into, and the last look found nothing that still has to be taken, and can be."""
        return self._looked and not self._seen.keys() - self._stuck.keys()

    def _each(self, path: Path, step: Callable[[Path], Found | None]) -> Found | None:
        """A step with one file; what fails is told once, and tried again at each look."""
        try:
            found = step(path)
        except OSError as error:
            self.prepare()
            why = error.strerror or "the file system refuses it"
            if self._stuck.get(path) != why:
                self._stuck[path] = why
                self.say(f"{visible(path.name)} cannot be taken in: {why}; it is tried again")
            return None
        self._stuck.pop(path, None)
        return found

    def _left(self) -> list[Path]:
        """What was being taken when a run ended, the first first; folders that it left empty are removed."""
        found = []
        for each in sorted(self._taking.iterdir()):
            inside = [each]
            if each.is_dir() and not each.is_symlink():
                inside = sorted(each.iterdir())
                if not inside:
                    each.rmdir()
            found += inside
        return found

    def _still(self) -> Iterator[Path]:
        """The files that have stood still for long enough, those that were dropped in first first."""
        now = self.seconds()
        there: dict[Path, Seen] = {}
        for entry in os.scandir(self.folder):
            name = entry.name
            if name.startswith((".", "~")) or Path(name).suffix.lower() in UNFINISHED:
                continue
            path = Path(entry.path)
            try:
                if not entry.is_file(follow_symlinks=False) or not is_archive(path):
                    self._pass_over(name)
                    continue
                found = entry.stat(follow_symlinks=False)
            except OSError:  # it was taken away at this moment
                continue
            there[path] = self._since(path, found, now)
        there |= self._still_changing(now)
        first = sorted(there, key=lambda path: (there[path][0][2], path.name))
        self._seen = there
        for path in first:
            stood = now - there[path][1]
            if stood >= STILL_BROKEN_S or (stood >= STILL_S and zipfile.is_zipfile(path)):
                yield path

    def _still_changing(self, now: float) -> dict[Path, Seen]:
        there = {}
        for path in list(self._changed):
            try:
                found = path.lstat()
            except OSError:
                del self._changed[path]
                continue
            there[path] = self._since(path, found, now)
        return there

    def _since(self, path: Path, found: os.stat_result, now: float) -> Seen:
        """What is seen of a file, and since when it has been so."""
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        before, since = self._seen.get(path, (mark, now))
        return mark, since if before == mark else now

    def _begun(self, path: Path) -> Path:
        """Move a file to what is being taken: from here on it has its moment of intake."""
        name = self._changed.get(path, path.name)
        try:
            content = submission_bytes(path)
        except InputError:  # it is set aside in a moment, with the reason
            content = b""
        begun = self._taking / signed(self._secret, self.now(), name, content)
        begun.mkdir()
        target = begun / name
        path.rename(target)
        if self._changed.pop(path, None) is not None:
            number = path.name.partition("-")[0]
            self.say(
                f"{visible(target.name)} has changed since it was taken in as submission {number}"
            )
        self._seen.pop(path, None)
        return target

    def _take(self, path: Path) -> Receipt | None:
        name = path.name
        if not is_moment(path.parent.name):
            self._set_aside(path, "it lay among the files that are being taken")
            return None
        user = self.whose(name)
        if user is None:
            self._set_aside(path, "its name does not say who handed it in")
            return None
        if not stat.S_ISREG(path.lstat().st_mode):
            self._set_aside(path, "it is no file")
            return None
        try:
            content = submission_bytes(path)
        except InputError as error:
            self._set_aside(path, error.diagnostics[0].message)
            return None
        received = moment_of(self._secret, path.parent.name, name, content)
        if received is None:
            received = self.now()
            self.say(
                f"{visible(name)}: its moment of intake was not written by us, or its bytes have changed since; "
                "it counts as taken now"
            )
        assignment, why = self.assignment_of(path)
        receipt = hand_in(
            self.store,
            user=user,
            assignment=assignment or UNASSIGNED,
            filename=name,
            content=content,
            received_at=received,
        )
        if assignment is None:
            refuse_waiting(self.store, receipt.number, why)
            write_refusal(self.outputs, receipt, why)
            self.say(f"{visible(name)}: refused: {in_a_line(why)}")
        before = f"{receipt.number}-"
        self._move(path, free_name(self._taken, within_bounds(name, before=before)))
        user = visible(user)
        again = ", the same bytes as before" if receipt.again else ""
        self.say(f"{visible(name)}: taken in as submission {receipt.number} of {user}{again}")
        return receipt

    def _set_aside(self, path: Path, why: str) -> None:
        name = visible(path.name)
        target = free_name(self._not_taken, path.name, after=_WHY)
        write_whole(
            target.with_name(f"{target.name}{_WHY}"),
            f"{name} was not taken in: {why}.\nNothing of it was recorded.\n",
        )
        self._move(path, target)
        self.say(f"{name}: not taken in, {why}; it lies in {target.parent.name}/")

    def _move(self, path: Path, target: Path) -> None:
        """Out of what is being taken, and the folder of its moment away with it."""
        path.rename(target)
        if path.parent != self._taking:
            path.parent.rmdir()

    def _pass_over(self, name: str) -> None:
        if name in self._passed_over or name in {self._taken.name, self._not_taken.name}:
            return
        self._passed_over.add(name)
        self.say(f"{visible(name)} is no submission and was passed over")

    @property
    def _taking(self) -> Path:
        return self.folder / ".taking"

    @property
    def _taken(self) -> Path:
        return self.folder / "taken"

    @property
    def _not_taken(self) -> Path:
        return self.folder / "not-taken"


def _not_ours(folder: Path) -> InputError:
    return bad_input(
        "folder-not-ours",
        "was made by somebody else, who could take hand-ins away from it",
        where=Where(str(folder)),
        hint="look into it, and remove it: it is made anew",
    )


def _unusable(folder: Path, error: OSError) -> InputError:
    return bad_input(
        "folder-unusable",
        f"cannot be watched: {error.strerror}",
        where=Where(str(error.filename or folder)),
        hint="hand-ins are moved within it: it must be writable",
    )
