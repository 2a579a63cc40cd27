"""`quiz serve`: from its options to a server that runs."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
from pathlib import Path

import templates
from classroom.admission import admit_roster, check_members
from classroom.boards import boards_room
from classroom.door import Door
from classroom.house import Room, class_app
from classroom.place import class_secret, data_at, open_class
from classroom.roll import INSTRUCTOR
from grader.grade import Settings
from grader.hand_in.desk import MEGABYTE, HandInDesk
from grader.hand_in.offers import Offer, offered
from grader.hand_in.options import LARGEST_MB
from grader.hand_in.sending import program_routes
from grader.hand_in.server import ASSETS as HAND_IN_ASSETS
from grader.hand_in.server import by_name, grading_beside, hand_in_room, upload_limits
from grader.intake import Task
from grader.keys import keys_of_exam
from leaderboard.boards import configuration_of
from leaderboard.migrations import RESULTS
from leaderboard.serving.address import Address
from leaderboard.serving.away import store_away
from leaderboard.serving.options import opened, warnings
from leaderboard.store import Store
from question_bank.command_line import DONE, OUR_FAULT
from question_bank.loader import load_bank
from question_bank.wording import counted
from quiz.browser.app import practice_app
from quiz.browser.room import LARGEST_FORM
from quiz.browser.run_web import ASSETS
from quiz.classroom.instructor import instructor_app
from quiz.classroom.warm import warm
from quiz.code_practice import Judge
from quiz.desk import Clock, Desk
from quiz.material import Material
from quiz.seen import Seen
from quiz.store import Progress
from quiz.surroundings import now
from quiz.tables import PRACTICE
from templates.environment import environment
from web.gate import Gate, gated
from web.limits import Limits
from web.pages import assets, joined
from web.processes import GRACE_S, run_processes
from web.server import serve as answer_requests
from web.site import Site

LARGEST = LARGEST_MB * MEGABYTE
CLASS_SCRIPT = Path(templates.__file__).parent / "classroom" / "classroom.js"
GROUPS = (PRACTICE, RESULTS)
CROWD = 200
"""Students behind one address, in a lecture hall."""
GATES = (
    # A mock exam takes more than a second to put together, statistics half of one; code some seconds.
    Gate("POST", "/begin", at_once=2, waiting=40),
    Gate("GET", "/progress", at_once=1, waiting=40),
    Gate("POST", "/code/", at_once=1, waiting=10, each=1),
)


def serve(arguments: argparse.Namespace) -> int:
    """`quiz serve`: until Ctrl-C or SIGTERM."""
    folder = data_at(arguments.data)
    sockets, address = opened(arguments, arguments.processes)
    store = open_class(folder, GROUPS)
    try:
        if arguments.roster is not None:
            admit_roster(store, arguments.roster, now())
        check_members(store)
        offers = _offers(arguments, store)
    finally:
        store.close()
    material = Material(load_bank(arguments.bank))
    site = class_site(class_secret(folder), address)
    drawn = warm(material, site.environment)
    _tell(arguments, address, drawn, len(sockets))

    def work(on: socket.socket) -> None:
        # Threads change often, so that a page need not wait while an exam is put together.
        sys.setswitchinterval(0.001)
        own = open_class(folder, GROUPS, lasting=True)  # connections are a process's own
        try:
            with contextlib.closing(Judge()) as judge:
                rooms = rooms_of(site, own, material, judge, arguments.blueprint)
                door, desk = Door(site, own), HandInDesk(own, by_name(offers), now, LARGEST)
                rooms[1:1] = [hand_in_room(door, desk)] if offers else []
                uploads = upload_limits(address.prefix, LARGEST)
                limits = Limits(crowd=CROWD, body=LARGEST_FORM, files=uploads)
                more = program_routes(door, desk) if offers else ()
                app = class_app(door, rooms, limits, more=more)
                answer_requests(app, on, proxies=arguments.proxy or (), grace_s=GRACE_S)
        finally:
            own.close()

    beside = [grading_beside(folder, offers, Settings(), arguments.jobs)] if offers else []
    return DONE if run_processes(work, sockets, beside=beside) else OUR_FAULT


def class_site(secret: bytes, address: Address, clock: Clock = now) -> Site:
    """The server of a class at its address."""
    return Site(
        secret=secret,
        clock=clock,
        hosts=frozenset({address.host}),
        environment=joined(environment()),
        assets=assets(*dict.fromkeys([*ASSETS, *HAND_IN_ASSETS, CLASS_SCRIPT])),
        https=address.https,
        prefix=address.prefix,
        known=store_away,
    )


def rooms_of(
    site: Site, store: Store, material: Material, judge: Judge, blueprint: str
) -> list[Room]:
    """The rooms, in the order in which the front page names them. Another one is another line here."""
    seen = Seen()

    def desk_of(user: str) -> Desk:
        return Desk(material, now, Progress(store, user, seen))

    practice = practice_app(site, desk_of, blueprint=blueprint, judge=judge)
    instructor = instructor_app(site, store, material)
    return [
        Room(
            "practice",
            "Practice",
            "Questions with fresh numbers, mock exams, code, progress",
            gated(practice, GATES),
        ),
        boards_room(site, store),
        Room(
            "class",
            "The class",
            "What it finds hard, and who practises",
            instructor,
            frozenset({INSTRUCTOR}),
        ),
    ]


def _offers(arguments: argparse.Namespace, store: Store) -> tuple[Offer, ...]:
    """What is handed in here; nothing, where nothing is named. Raises InputError."""
    if not arguments.hand_in and arguments.hand_in_exam is None:
        return ()
    exam = arguments.hand_in_exam
    task = Task() if exam is None else Task(keys=keys_of_exam(exam))
    return offered(task, arguments.hand_in or (), configuration_of(store))


def _tell(arguments: argparse.Namespace, address: Address, drawn: int, processes: int) -> None:
    many = "1 process" if processes == 1 else f"{processes} processes"
    told = [
        f"Practice for the class: {address.root}/",
        f"{counted(drawn, 'question')}, {many}; Ctrl-C stops it.",
        *warnings(arguments, address),
    ]
    print("\n".join(told), file=sys.stderr)
