"""`quiz --web`: practice for one student, on loopback, in their browser."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import templates
from leaderboard.database import data_folder
from question_bank.command_line import DONE
from question_bank.diagnostics import bad_input
from question_bank.loader import COURSE_BANK, load_bank
from question_bank.shelf import for_practice
from quiz.browser.app import practice_app
from quiz.browser.room import LARGEST_FORM, Sight
from quiz.code_practice import Judge
from quiz.desk import Desk
from quiz.material import Material
from quiz.store import Progress, open_progress
from quiz.surroundings import check_ahead, now, progress_of
from templates import mathematics_font
from templates.environment import environment
from web.limits import Limits
from web.own import Passes, entrance, open_browser, own_app, own_listener, own_site
from web.pages import assets
from web.secret import kept_secret
from web.server import serve, until_stopped
from web.site import Site

PORT = 8734
HEAD_START_S = 0.6
"""Before the bank is read: the first page goes first."""
FOLDER = Path(templates.__file__).parent
ASSETS = (
    FOLDER / "page.css",
    *(
        FOLDER / "quiz" / name
        for name in ("practice.css", "progress.css", "drafts.js", "saving.js", "practice.js")
    ),
    mathematics_font.FILE,
)


def web(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    listener = _listener(arguments.port)
    port = listener.getsockname()[1]
    with (
        _progress(arguments) as progress,
        contextlib.closing(Judge()) as judge,
        until_stopped(),
    ):
        material, first_sight = _read(arguments, progress)
        site = practice_site(_secret(arguments), port)
        passes = Passes()
        room = practice_app(
            site,
            lambda _: Desk(material(), now, progress),  # there is one student
            blueprint=arguments.blueprint,
            first_sight=first_sight,
            judge=judge,
            lasting=not arguments.no_record,
        )
        app = own_app(site, room, passes, progress.user, Limits(body=LARGEST_FORM))
        print(f"Practice: {entrance(port, passes.lasting)}\nCtrl-C stops it.", file=sys.stderr)
        if arguments.browser:
            open_browser(entrance(port, passes.once()))
        serve(app, listener)
    return DONE


def practice_site(secret: bytes, port: int) -> Site:
    """A server on loopback at this port."""
    return own_site(secret, now, port, environment(), assets(*ASSETS))


def _listener(port: int | None) -> socket.socket:
    try:
        return own_listener(port, usual=PORT)
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_input(
            "port-taken",
            f"port {port} cannot be used: {reason}",
            hint="take another --port, or none",
        ) from None


@contextlib.contextmanager
def _progress(arguments: argparse.Namespace) -> Iterator[Progress]:
    """Where sessions are kept; with --no-record, a store that is gone afterwards."""
    from quiz.store import set_exam_date

    if arguments.exam_date is not None:
        check_ahead(arguments.exam_date)
    with contextlib.ExitStack() as stack:
        if arguments.no_record:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="quiz-"))
            progress = open_progress(arguments.user or "student", f"sqlite:///{folder}/quiz.db")
        else:
            progress = progress_of(arguments)
        stack.callback(progress.close)
        if arguments.exam_date is not None:
            set_exam_date(progress, arguments.exam_date)
        yield progress


def _read(
    arguments: argparse.Namespace, progress: Progress
) -> tuple[Callable[[], Material], Callable[[str], Sight] | None]:
    """The questions, and the first page's part of them where it need not wait.

    The course's own bank is read while the first page is shown; another one, which may have faults, at once.
    """
    if arguments.bank:
        found = Material(load_bank(arguments.bank))
        return (lambda: found), None
    shelf = for_practice(COURSE_BANK)
    reader = ThreadPoolExecutor(max_workers=1)
    reading = reader.submit(_read_later)
    reader.shutdown(wait=False)
    return reading.result, lambda _: Sight(progress, shelf, now)


def _read_later() -> Material:
    time.sleep(HEAD_START_S)
    return Material(load_bank())


def _secret(arguments: argparse.Namespace) -> bytes:
    """With the same secret, pages that are open go on after another start at the same port."""
    if arguments.no_record:
        return secrets.token_bytes(32)
    file = data_folder() / "web.secret"
    try:
        return kept_secret(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_input(
            "cannot-write",
            f"{file} cannot be used: {reason}",
            hint="MOCKEXAM_HOME names another folder",
        ) from None
