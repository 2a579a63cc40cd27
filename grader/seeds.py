"""The seed of a grading: fresh for each submission, and nothing that a student could foresee."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets

SEED_BITS = 48
SECRET_VARIABLE = "MOCKEXAM_SECRET"  # noqa: S105 - the name of the variable, no secret


def fresh_seed(assignment: str, content_sha256: str) -> int:
    """A seed for one submission: a number below 2**48.

    With the instructor's secret (the environment's MOCKEXAM_SECRET) it follows from the secret and
    the submission: nobody else can foresee it, and handing the same bytes in again brings no other
    luck. Without one it is drawn anew each time.
    """
    secret = os.environ.get(SECRET_VARIABLE)
    if not secret:
        return secrets.randbits(SEED_BITS)
    message = f"{assignment}\0{content_sha256}".encode("utf-8", "surrogateescape")
    digest = hmac.digest(os.fsencode(secret), message, hashlib.sha256)
    return int.from_bytes(digest[: SEED_BITS // 8], "big")
