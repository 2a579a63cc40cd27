"""Files that lie in `taken/` and have changed since: their transfer had stalled, and went on after they were taken.

A writer keeps writing into the file that it opened, wherever that was moved to. What lies there then is what was meant
to be handed in, so it is taken in anew, with the moment of now; the submission of the first half stays on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from grader.hand_in.kept_names import within_bounds
from leaderboard.database import explained
from leaderboard.store import Store
from leaderboard.tables import contents, submissions
from leaderboard.times import to_microseconds

EVERY_S = 5.0
SKEW_US = 3_600_000_000
"""By so much the clock of a file server may be off."""
AT_ONCE = 500  # numbers that are asked for in one query


@dataclass(frozen=True)
class _Record:
    """What the store has of a submission; `received` in microseconds since 1970."""

    filename: str
    size: int
    sha256: str
    received: int


@dataclass
class Taken:
    """The folder of what is on record. Remembers what the store has of each file, and which it has looked into."""

    folder: Path
    store: Store
    seconds: Callable[[], float]
    _records: dict[int, _Record | None] = field(default_factory=dict)
    _same: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _looked: float | None = None

    def changed(self) -> dict[Path, str]:
        """The files whose bytes are not those on record, with the names that they came under; looked for now and then."""
        now = self.seconds()
        if self._looked is not None and now - self._looked < EVERY_S:
            return {}
        self._looked = now
        numbered = ((path, _number(path)) for path in self.folder.iterdir())
        there = {path: number for path, number in numbered if number is not None}
        self._ask(there.values())
        return {
            path: record.filename
            for path, number in sorted(there.items())
            if (record := self._records[number]) is not None and self._differs(path, number, record)
        }

    def _differs(self, path: Path, number: int, record: _Record) -> bool:
        if within_bounds(record.filename, before=f"{number}-") != path.name:
            return False  # it was put there by somebody
        try:
            found = path.lstat()
            mark = (found.st_size, found.st_mtime_ns)
            if self._same.get(path) == mark:
                return False
            # Nobody sets back the time of a file's last change of all; it tells files of another store apart.
            old = found.st_ctime_ns // 1000 < record.received - SKEW_US
            # A copy that keeps the time of its file is known by its size.
            whole = found.st_size == record.size and found.st_mtime_ns // 1000 <= record.received
            if not old and not whole and _sha256(path) != record.sha256:
                return True
        except OSError:  # it was cleared away, or cannot be read
            return False
        self._same[path] = mark
        return False

    def _ask(self, numbers: Iterable[int]) -> None:
        unknown = sorted({*numbers} - self._records.keys())
        for at in range(0, len(unknown), AT_ONCE):
            block = unknown[at : at + AT_ONCE]
            query = (
                select(submissions, contents.c.size)
                .join(contents, contents.c.sha256 == submissions.c.sha256)
                .where(submissions.c.id.in_(block), contents.c.erased_at.is_(None))
            )
            with explained(self.store.label), self.store.engine.connect() as connection:
                rows = connection.execute(query).all()
            self._records |= dict.fromkeys(block)
            self._records |= {
                row.id: _Record(
                    row.filename, row.size, row.sha256, to_microseconds(row.received_at)
                )
                for row in rows
            }


def _number(path: Path) -> int | None:
    number = path.name.partition("-")[0]
    usable = number.isascii() and number.isdigit() and len(number) < 16
    return int(number) if usable and path.is_file() and not path.is_symlink() else None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
