"""The server's secret: made once, kept in a file that its owner alone can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

BYTES = 32


def kept_secret(file: Path) -> bytes:
    """The secret in this file; where there is none yet, a new one is put there.

    With the same secret, cookies and links of an earlier start stay good. Raises OSError.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    found = _read(file)
    if found is not None:
        return found
    made = secrets.token_bytes(BYTES)
    beside = file.with_name(f".{secrets.token_hex(8)}.tmp")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(made)
        if file.exists():
            beside.replace(file)  # a damaged one
            return made
        try:
            os.link(beside, file)
        except FileExistsError:
            # Another process was first: both must have the same one.
            return _read(file) or made
    finally:
        beside.unlink(missing_ok=True)
    return made


def _read(file: Path) -> bytes | None:
    try:
        found = file.read_bytes()
    except FileNotFoundError:
        return None
    return found if len(found) == BYTES else None
