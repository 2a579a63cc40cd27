"""The moment of intake in a folder's name, signed: students write to the place where it lies.

    20200114T074259.123456Z-3f2a9c41-0b5d...    the moment, something that tells equal ones apart, the signature

What is signed is the moment with the name and the bytes of the file. So the moment is believed of nothing else: neither
of a folder that somebody made, nor of another file in a folder of ours, nor of one that was changed since.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from datetime import UTC, datetime

from grader.seeds import SECRET_VARIABLE
from leaderboard.database import data_folder
from question_bank.diagnostics import Where, bad_input
from web.secret import kept_secret

FILE_NAME = "intake.secret"
_FORM = "%Y%m%dT%H%M%S.%fZ"
_SIGNED = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-([0-9a-f]{8})(?:-([0-9a-f]{64}))?\Z")


def intake_secret() -> bytes:
    """What moments are signed with: MOCKEXAM_SECRET, else a file in the data folder. InputError where there can be none."""
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return os.fsencode(given)
    path = data_folder() / FILE_NAME
    try:
        return kept_secret(path)
    except OSError as error:
        raise bad_input(
            "secret-unusable",
            f"the secret behind the moments of intake cannot be kept: {error.strerror}",
            where=Where(str(path)),
            hint="the data folder must be writable; MOCKEXAM_HOME names another",
        ) from None


def signed(secret: bytes, moment: datetime, name: str, content: bytes) -> str:
    """The name of the folder in which a file is taken at this moment."""
    at = moment.astimezone(UTC).strftime(_FORM)
    apart = secrets.token_hex(4)
    return f"{at}-{apart}-{_signature(secret, at, apart, name, content)}"


def is_moment(folder: str) -> bool:
    """Whether a name is of the form of such a folder, whoever made it."""
    return _SIGNED.match(folder) is not None


def moment_of(secret: bytes, folder: str, name: str, content: bytes) -> datetime | None:
    """The moment at which this file was taken; None where we never said so."""
    found = _SIGNED.match(folder)
    if found is None or found[3] is None:
        return None
    at, apart, given = found.groups()
    if not hmac.compare_digest(given, _signature(secret, at, apart, name, content)):
        return None
    return datetime.strptime(at, _FORM).replace(tzinfo=UTC)


def _signature(secret: bytes, at: str, apart: str, name: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    # No name holds a NUL.
    said = f"moment of intake 1\0{at}\0{apart}\0{digest}\0".encode() + os.fsencode(name)
    return hmac.new(secret, said, hashlib.sha256).hexdigest()
