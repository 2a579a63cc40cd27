"""Signed text: it can be read by anyone, and made by the server alone; it may expire.

For addresses that are handed out (`/enter?pass=...`) and for cookies. A purpose is part of the signature, so that what
was signed for one thing is no good for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime

LONGEST = 2_000
"""Characters of signed text that are looked at."""


class BadSignature(Exception):
    """What was given is not what the server signed; nothing is said about why."""


class Expired(BadSignature):
    """It was signed, and its time is over."""


def sign(secret: bytes, purpose: str, text: str, *, until: datetime | None = None) -> str:
    """The text with its expiry and signature, fit for an address or a cookie."""
    ends = None if until is None else int(until.timestamp())
    body = _encoded(json.dumps([text, ends], ensure_ascii=False, separators=(",", ":")).encode())
    return f"{body}.{_encoded(_digest(secret, purpose, body))}"


def read_signed(secret: bytes, purpose: str, signed: str, now: datetime) -> str:
    """The text that was signed for this purpose. Raises BadSignature, and Expired from its last second on."""
    body, dot, signature = signed[: LONGEST + 1].rpartition(".")
    if not dot or len(signed) > LONGEST:
        raise BadSignature
    expected = _encoded(_digest(secret, purpose, body))
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise BadSignature
    try:
        text, ends = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadSignature from error
    if ends is not None and now.timestamp() >= ends:
        raise Expired
    return str(text)


def _digest(secret: bytes, purpose: str, body: str) -> bytes:
    own = hmac.digest(secret, f"purpose:{purpose}".encode(), hashlib.sha256)
    return hmac.digest(own, body.encode("utf-8", "replace"), hashlib.sha256)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
