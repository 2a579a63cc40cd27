"""The instructor's secret behind generated hidden sets: whoever has it can draw them again.

It is the environment's MOCKEXAM_SECRET, else a file in the data folder that is made when it is
first needed. It never enters a report, a message or a worker.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

from grader.seeds import SECRET_VARIABLE
from question_bank.diagnostics import InputError, Where, bad_input

FILE_NAME = "hidden_sets.secret"
SECRET_BYTES = 32
_LONGEST = 4096


def hidden_key(task: str) -> bytes:
    """32 bytes that the hidden set of a task is drawn from; the secret cannot be found from them.

    Raises InputError where the secret can neither be read nor made.
    """
    given = os.environ.get(SECRET_VARIABLE)
    secret = os.fsencode(given) if given else _from_file(_folder() / FILE_NAME)
    return hmac.digest(secret, f"hidden set 1\0{task}".encode(), hashlib.sha256)


def _folder() -> Path:
    from leaderboard.database import data_folder  # takes time to import, and is seldom needed

    return data_folder().absolute()


def _from_file(path: Path) -> bytes:
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _refused(path, f"the secret cannot be read: {error.strerror}") from None
    try:
        _make(path)
        return _read(path)
    except OSError as error:
        raise _refused(path, f"the secret cannot be made: {error.strerror}") from None


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        content = stream.read(_LONGEST)
    if mode & 0o077:
        raise bad_input(
            "secret-open-to-others",
            f"other users of this machine can read the secret behind the hidden sets (mode {mode:o})",
            where=Where(str(path)),
            hint=f"chmod 600 {path}",
        )
    text = content.strip()
    if len(text) < 2 * SECRET_BYTES:
        raise _refused(path, "the file is too short to hold the secret behind the hidden sets")
    return text


def _make(path: Path) -> None:
    """Write a new secret, unless another process was first: then its secret holds for both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".secret-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(SECRET_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            # A link is whole at once, and never replaces what is there.
            os.link(name, path)
    finally:
        Path(name).unlink()


def _refused(path: Path, reason: str) -> InputError:
    return bad_input(
        "no-secret",
        reason,
        where=Where(str(path)),
        hint=f"set {SECRET_VARIABLE}, or restore the file from a backup: another secret means "
        "other hidden sets, and other scores",
    )
