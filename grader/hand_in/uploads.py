"""Uploads under way: so many of each user, so many bytes of all; counted before anything of a body is read.

What has come of a body lies in the folder for temporary files (TMPDIR) until its last byte is there. So nobody fills
that alone, and where it is full all the same, who sends is told to send again.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.datastructures import FormData
from starlette.requests import Request

from web.problems import LOGGER, Problem

EACH = 2
"""Uploads of one user at a time: one that a second try has overtaken may still be there."""
ROOM = 2 * 1024**3
"""Bytes of all uploads under way, for each process that answers."""
AGAIN_S = 30
MOST_FIELDS = 10
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass
class Uploads:
    """What is under way in one process. Changes with each upload."""

    each: int = EACH
    room: int = ROOM
    _of: Counter[str] = field(default_factory=Counter)
    _bytes: int = 0

    @asynccontextmanager
    async def receiving(self, request: Request, user: str, largest: int) -> AsyncIterator[FormData]:
        """The form that a user sends, with its file. `largest`: bytes that count where the size was not announced.

        Raises Problem: 429 for one too many of this user, 503 where there is no room.
        """
        announced = request.headers.get("content-length", "")
        size = int(announced) if announced.isdigit() else largest
        if self._of[user] >= self.each:
            raise Problem(
                429,
                "One thing after the other",
                f"{self.each} of your submissions are on their way already.",
                cure="Wait until they are here, then send this one.",
                again_s=AGAIN_S,
            )
        if self._bytes and self._bytes + size > self.room:
            raise _no_room()
        self._of[user] += 1
        self._bytes += size
        try:
            async with _form(request) as data:
                yield data
        finally:
            self._bytes -= size
            self._of[user] -= 1
            if not self._of[user]:
                del self._of[user]


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    try:
        data = await request.form(max_files=1, max_fields=MOST_FIELDS)
    except OSError as error:
        if not is_full(error):
            raise
        LOGGER.warning("no room for a submission in the folder for temporary files: %s", error)
        raise _no_room() from None
    try:
        yield data
    finally:
        await data.close()


def is_full(error: OSError) -> bool:
    """Whether a file could not be written because its disk, or what one may use of it, is full."""
    return error.errno in _NO_ROOM


def _no_room() -> Problem:
    return Problem(
        503,
        "There is no room for it just now",
        "Much is being handed in at the moment. What was recorded before is kept; this was not.",
        cure="Send it again in a minute.",
        again_s=AGAIN_S,
    )
