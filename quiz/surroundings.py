"""What every way to start `quiz` needs: the screen, the student, the time."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, date, datetime
from typing import TextIO

from question_bank.diagnostics import bad_input
from quiz.schedule import no_exam_day
from quiz.screen import Screen, screen
from quiz.store import Progress, open_progress


def progress_of(arguments: argparse.Namespace, *, must_exist: bool = False) -> Progress:
    """The progress of --user, else of who is logged in."""
    return open_progress(_user(arguments.user), must_exist=must_exist)


def _user(given: str | None) -> str:
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "student"  # a container's user without a name


def check_ahead(day: date) -> None:
    """Refuse a day of the exam that is past, or far away. Raises InputError."""
    fault = no_exam_day(day, now().date())
    if fault is not None:
        raise bad_input("bad-date", fault)


def screen_of(arguments: argparse.Namespace, out: TextIO) -> Screen:
    """Standard input and the stream that is written to."""
    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")  # bytes that are no text are an unreadable answer, no fault
    return screen(sys.stdin, out, plain=arguments.plain)


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
