"""Folders for a run's temporary files that a later run removes if this one is killed.

Each folder is locked while its process lives, and the kernel frees the lock however that process
ends. A folder of this name whose lock is free belongs to nobody.

Source: flock(2).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "mockexam-held-"
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class HeldFolder:
    """A locked folder, until `remove`."""

    path: Path
    _lock: list[int] = field(default_factory=list)

    def remove(self) -> None:
        """Delete the folder, then give up the lock; a second call does nothing."""
        if self._lock:
            shutil.rmtree(self.path, ignore_errors=True)
        while self._lock:
            os.close(self._lock.pop())


def hold(purpose: str) -> HeldFolder:
    """A new locked folder that only its owner may enter; raises OSError."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-"))
        try:
            lock = os.open(path, _FLAGS)
        except FileNotFoundError:  # swept away by another run before it could be locked
            continue
        # Where a file system knows no locks, nobody sweeps either.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return HeldFolder(path, [lock])
        os.close(lock)


@contextlib.contextmanager
def held_folder(purpose: str) -> Iterator[Path]:
    """A locked folder for as long as the block lasts."""
    folder = hold(purpose)
    try:
        yield folder.path
    finally:
        folder.remove()


def sweep() -> None:
    """Remove the folders of this user's runs that were killed; those of living ones stay."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            lock = os.open(path, _FLAGS)
        except OSError:  # a link, a file, another user's, or just gone
            continue
        try:
            if os.fstat(lock).st_uid != os.geteuid():
                continue
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:  # its run lives, or this file system knows no locks
            continue
        finally:
            os.close(lock)
