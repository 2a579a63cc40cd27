"""Whom a paper is for, and what it does for them.

A form is what is asked. A paper is a form as one student gets it: with their name, in large print, with
more room. What is asked, and what answers it, stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

LARGE_PRINT = 1.4
"""How much larger the type of a paper in large print is: 14.7 pt instead of 10.5 pt."""

MOST_EXTRA_SPACE = 4.0
"""No answer gets more than so many times its room."""


@dataclass(frozen=True)
class Paper:
    """A copy of a form, for somebody or for whoever takes it.

    Attributes:
        form: what names the form and its folder: ``A``, or a folder of a student's own.
        name: the student's name as printed, or None for a blank line to write it on.
        student_id: the student's number as printed, or None for boxes to write it in.
        large_print: bigger type on the same pages' size; the same content.
        extra_minutes: added to the exam's time; the cover says the sum.
        extra_space: the room for each answer, as a multiple of the usual (1.0).
    """

    form: str
    name: str | None = None
    student_id: str | None = None
    large_print: bool = False
    extra_minutes: int = 0
    extra_space: float = 1.0
