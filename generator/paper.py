"""Whom a paper is for, and what it does for them.

A form is what is asked. A paper is a form as one student gets it: with their name, in large print, with
more room. What is asked, and what answers it, stays the same.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

LARGE_PRINT = 16 / 10.5
"""How much larger the type of a paper in large print is: 16 pt instead of 10.5 pt."""


@dataclass(frozen=True)
class Paper:
    """A copy of a form, for somebody or for whoever takes it.

    Attributes:
        form: what names the form and its folder: ``A``, or a folder of a student's own.
        name: the student's name as printed, or None for a blank line to write it on.
        student_id: the student's number as printed, or None for boxes to write it in.
        seat: where they sit, as printed, or None for a blank line to write it on.
        large_print: bigger type on pages of the same size; the same content.
        extra_minutes: added to the exam's time; the cover says the sum.
        extra_space: the room for each answer, as a multiple of the usual (1.0).
    """

    form: str
    name: str | None = None
    student_id: str | None = None
    seat: str | None = None
    large_print: bool = False
    extra_minutes: int = 0
    extra_space: float = 1.0

    @property
    def scale(self) -> float:
        """Return how large the type is, as a multiple of the usual."""
        return LARGE_PRINT if self.large_print else 1.0


@lru_cache(maxsize=64)
def exam_code(assignment: str) -> str:
    """Return what names an exam on its pages: six letters and digits.

    An assignment holds the exam's seed, which no student may learn. To try one seed costs some twenty
    milliseconds of a processor: too much for seeds of 53 bits, and little for those that people think up,
    of which `generator.cautions` warns.
    """
    digest = hashlib.pbkdf2_hmac("sha256", assignment.encode(), b"mockexam paper", 100_000)
    return base64.b32encode(digest).decode()[:6]


def page_code(code: str, form: str, page: int | str) -> str:
    """Return what a page's QR code says: which exam, which form or student, which page."""
    return f"MX1:{code}:{form}:{page}"
