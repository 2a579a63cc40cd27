"""Writing an export: all of it or nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from question_bank.diagnostics import Where, bad_input

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Put text or bytes into a file in one step: a reader, or a crash, sees the old file or the new one.

    A link is followed. What is no ordinary file (a pipe, /dev/null) is written to, not replaced.
    private: a new file can be read by its owner alone. InputError when the place cannot be written to.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        beside = target.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            handle = os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666
            )
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(target.parent)
    except (OSError, RuntimeError, ValueError) as error:
        # RuntimeError: links in a circle; ValueError: a NUL in the name.
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise bad_input(
            "cannot-write", f"the file cannot be written: {reason}", where=Where(str(path))
        ) from None


def _sync_folder(folder: Path) -> None:
    # Without it the new name itself may be lost with the power; some file systems cannot do it.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
