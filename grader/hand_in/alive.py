"""Which runs live: each has a name in the queue, and a lock that the kernel frees however it ends.

The locks lie in the data folder, and never among temporary files: services have folders for these of their own, and
would take one another for dead. Of a run whose lock is not to be seen from here (another machine, another data folder)
nothing is known, and its lease alone says when it has ended.

Source: flock(2).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

from leaderboard.database import data_folder

_END = ".lock"


@contextlib.contextmanager
def working() -> Iterator[str]:
    """The name of a run in the queue, which lives for as long as the block lasts."""
    token = secrets.token_hex(8)
    lock = _locked(token)
    try:
        yield f"{socket.gethostname()}:{token}"
    finally:
        if lock is not None:
            _path(token).unlink(missing_ok=True)
            os.close(lock)


def is_dead(worker: str) -> bool:
    """Whether a run has ended, by what can be seen from here."""
    host, _, token = worker.rpartition(":")
    return host == socket.gethostname() and token.isalnum() and _is_free(_path(token))


def forget_dead() -> None:
    """Remove the locks of runs that were killed. For afterwards: claims of theirs then wait for the leases' ends."""
    with contextlib.suppress(OSError):
        for path in _folder().glob(f"{socket.gethostname()}-*{_END}"):
            if _is_free(path):
                path.unlink(missing_ok=True)


def _locked(token: str) -> int | None:
    """The open lock; None where the data folder takes none, and the lease is all there is."""
    path = _path(token)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Locked before it has its name: nobody finds it free.
        beside = path.with_name(f".{token}.tmp")
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        beside.rename(path)
    except OSError:
        return None
    return lock


def _is_free(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # none that can be seen from here
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # its run lives, or this file system knows no locks
        return False
    finally:
        os.close(lock)
    return True


def _folder() -> Path:
    return data_folder() / "workers"


def _path(token: str) -> Path:
    return _folder() / f"{socket.gethostname()}-{token}{_END}"
