"""`grade --serve`: hand-ins over HTTP for a class, and grading beside the pages."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import templates
from classroom.admission import admit_roster, check_members
from classroom.boards import boards_room
from classroom.door import Door
from classroom.house import Room, class_app
from classroom.place import class_secret, data_at, open_class
from grader.batch_desk import Order
from grader.batch_progress import tell
from grader.grade import Settings
from grader.hand_in.desk import MEGABYTE, HandInDesk
from grader.hand_in.grading import Grading
from grader.hand_in.offers import Offer, offered
from grader.hand_in.room import NAME, hand_in_app
from grader.hand_in.sending import program_routes
from grader.intake import Task
from leaderboard.boards import configuration_of
from leaderboard.migrations import RESULTS
from leaderboard.serving.address import Address
from leaderboard.serving.away import store_away
from leaderboard.serving.options import opened, warnings
from question_bank.command_line import BAD_INPUT, DONE, OUR_FAULT
from question_bank.diagnostics import InputError
from question_bank.wording import counted
from templates.environment import environment
from web.limits import Limits
from web.pages import assets, joined
from web.processes import GRACE_S, run_processes
from web.server import serve as answer_requests
from web.site import Site

CROWD = 200
"""Students behind one address, in a lecture hall."""
FOLDER = Path(templates.__file__).parent
ASSETS = (
    FOLDER / "page.css",
    FOLDER / "classroom" / "classroom.css",
    FOLDER / "hand_in" / "hand_in.css",
    FOLDER / "hand_in" / "hand_in.js",
)
FORM_BYTES = 64 * 1024
"""What a form has beside its file."""


def serve(arguments: argparse.Namespace, task: Task, settings: Settings) -> int:
    """Take and grade until Ctrl-C or SIGTERM."""
    folder = data_at(None)
    exercises = arguments.offer or ([task.exercise] if task.exercise else [])
    store = open_class(folder, (RESULTS,))
    try:
        offers = offered(task, exercises, configuration_of(store))
        if arguments.roster is not None:
            admit_roster(store, arguments.roster, datetime.now(UTC))
        check_members(store)
    finally:
        store.close()
    sockets, address = opened(arguments, arguments.processes)
    site = hand_in_site(class_secret(folder), address)
    largest = arguments.largest * MEGABYTE

    def work(on: socket.socket) -> None:
        own = open_class(folder, (RESULTS,), lasting=True)  # connections are a process's own
        try:
            desk = HandInDesk(
                own, by_name(offers), site.clock, largest, solutions=arguments.show_solutions
            )
            door = Door(site, own)
            rooms = [hand_in_room(door, desk), boards_room(site, own)]
            limits = Limits(crowd=CROWD, files=upload_limits(address.prefix, largest))
            app = class_app(door, rooms, limits, more=program_routes(door, desk))
            answer_requests(app, on, proxies=arguments.proxy or (), grace_s=GRACE_S)
        finally:
            own.close()

    told = [
        f"Hand-in for the class: {address.root}/",
        f"Taken in: {', '.join(offer.assignment for offer in offers)}.",
        f"{counted(arguments.jobs, 'job')} to grade; Ctrl-C stops it, and nothing is lost.",
        *warnings(arguments, address),
    ]
    print("\n".join(told), file=sys.stderr)
    beside = grading_beside(folder, offers, settings, arguments.jobs)
    return DONE if run_processes(work, sockets, beside=[beside]) else OUR_FAULT


def hand_in_room(door: Door, desk: HandInDesk) -> Room:
    """The room where hand-ins are taken."""
    return Room(NAME, "Hand in", "Submissions, receipts, reports", hand_in_app(door, desk))


def by_name(offers: tuple[Offer, ...]) -> dict[str, Offer]:
    """The offers by the names of their assignments."""
    return {offer.assignment: offer for offer in offers}


def upload_limits(prefix: str, largest: int) -> dict[str, int]:
    """The addresses that take files, and the bytes that a request to each may bring."""
    paths = (f"{prefix}/{NAME}/submissions", f"{prefix}/submissions")
    return dict.fromkeys(paths, largest + FORM_BYTES)


def grading_beside(
    folder: Path, offers: tuple[Offer, ...], settings: Settings, jobs: int
) -> Callable[[], None]:
    """What grades beside the pages, in a process of its own: intake goes on whatever becomes of it."""

    def beside() -> None:
        store = open_class(folder, (RESULTS,))
        tasks = {offer.assignment: offer.task for offer in offers}
        try:
            with contextlib.closing(store):
                Grading(store, Order(Task(), settings, tasks=tasks), jobs, tell).run()
        except InputError as error:
            for each in error.diagnostics:
                tell(f"nothing can be graded here: {each.render()}")
            raise SystemExit(BAD_INPUT) from None

    return beside


def hand_in_site(
    secret: bytes, address: Address, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Site:
    """The server at its address."""
    return Site(
        secret=secret,
        clock=clock,
        hosts=frozenset({address.host}),
        environment=joined(environment()),
        assets=assets(*ASSETS),
        https=address.https,
        prefix=address.prefix,
        known=store_away,
    )
