"""`quiz serve`: from its options to a server that runs."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
from pathlib import Path

import templates
from leaderboard.store import Store
from leaderboard.untrusted import visible
from question_bank.command_line import DONE, OUR_FAULT
from question_bank.diagnostics import bad_input
from question_bank.loader import load_bank
from question_bank.wording import counted
from quiz.browser.app import practice_app
from quiz.browser.run_web import ASSETS
from quiz.classroom.door import Door
from quiz.classroom.gate import Gate, gated
from quiz.classroom.house import Room, class_app
from quiz.classroom.instructor import instructor_app
from quiz.classroom.links import check_roles
from quiz.classroom.place import Address, address_of, class_secret, data_at, is_loopback, open_class
from quiz.classroom.processes import GRACE_S, run_processes, shared_sockets
from quiz.classroom.roll import (
    INSTRUCTOR,
    all_members,
    close_to,
    enrol,
    without_pass,
)
from quiz.classroom.roster import load_roster
from quiz.classroom.warm import warm
from quiz.code_practice import Judge
from quiz.desk import Clock, Desk
from quiz.material import Material
from quiz.seen import Seen
from quiz.store import Progress
from quiz.surroundings import now
from templates.environment import environment
from web.limits import Limits
from web.pages import assets, joined
from web.server import serve as answer_requests
from web.site import Site

CROWD = 200
"""Students behind one address, in a lecture hall."""
GATES = (
    # A mock exam takes more than a second to put together, statistics half of one; code some seconds.
    Gate("POST", "/begin", at_once=2, waiting=40),
    Gate("GET", "/progress", at_once=1, waiting=40),
    Gate("POST", "/code/", at_once=1, waiting=10),
)
STYLES = Path(templates.__file__).parent / "classroom" / "classroom.css"


def serve(arguments: argparse.Namespace) -> int:
    """`quiz serve`: until Ctrl-C or SIGTERM."""
    folder = data_at(arguments.data)
    sockets = _sockets(arguments)
    port = sockets[0].getsockname()[1]
    address = address_of(arguments.public_url, arguments.host, port, arguments.prefix)
    store = open_class(folder)
    try:
        _admit(store, arguments.roster)
        _check_members(store)
    finally:
        store.close()
    material = Material(load_bank(arguments.bank))
    site = class_site(class_secret(folder), address)
    drawn = warm(material, site.environment)
    _tell(arguments, address, drawn, len(sockets))

    def work(on: socket.socket) -> None:
        # Threads change often, so that a page need not wait while an exam is put together.
        sys.setswitchinterval(0.001)
        own = open_class(folder, lasting=True)  # connections are a process's own
        try:
            with contextlib.closing(Judge()) as judge:
                rooms = rooms_of(site, own, material, judge, arguments.blueprint)
                app = class_app(Door(site, own), rooms, Limits(crowd=CROWD))
                answer_requests(app, on, proxies=arguments.proxy or (), grace_s=GRACE_S)
        finally:
            own.close()

    return DONE if run_processes(work, sockets) else OUR_FAULT


def class_site(secret: bytes, address: Address, clock: Clock = now) -> Site:
    """The server of a class at its address."""
    return Site(
        secret=secret,
        clock=clock,
        hosts=frozenset({address.host}),
        environment=joined(environment()),
        assets=assets(*ASSETS, STYLES),
        https=address.https,
        prefix=address.prefix,
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
        Room(
            "class",
            "The class",
            "What it finds hard, and who practises",
            instructor,
            frozenset({INSTRUCTOR}),
        ),
    ]


def _sockets(arguments: argparse.Namespace) -> list[socket.socket]:
    host = "127.0.0.1" if arguments.host == "localhost" else arguments.host
    try:
        return shared_sockets(arguments.at_port, host, arguments.processes)
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_input(
            "port-taken",
            f"port {arguments.at_port} of {arguments.host} cannot be used: {reason}",
            hint="--port takes another one",
        ) from None


def _admit(store: Store, roster: Path | None) -> None:
    """Follow the roster, where it is given: who is not in it may not come in any more."""
    if roster is None:
        return
    entries, moment = load_roster(roster), now()
    check_roles(store, [entry.user for entry in entries], [])
    enrol(store, entries, moment)
    users = [entry.user for entry in entries]
    gone = close_to(store, users, moment)
    if gone:
        print(
            f"no longer on the roster, and shut out: {', '.join(map(visible, gone))}",
            file=sys.stderr,
        )
    bare = without_pass(store, users, moment)
    if bare:
        print(
            f"{counted(len(bare), 'user')} of the roster cannot come in yet: "
            f"quiz serve links --roster {visible(str(roster))} -o links.csv",
            file=sys.stderr,
        )


def _check_members(store: Store) -> None:
    if not all_members(store):
        raise bad_input(
            "no-members",
            "the class has no members, so nobody could come in",
            hint="quiz serve links --roster FILE.csv --instructor NAME -o links.csv",
        )


def _tell(arguments: argparse.Namespace, address: Address, drawn: int, processes: int) -> None:
    many = "1 process" if processes == 1 else f"{processes} processes"
    told = [
        f"Practice for the class: {address.root}/",
        f"{counted(drawn, 'question')}, {many}; Ctrl-C stops it.",
    ]
    if not address.https and not is_loopback(address.host.rpartition(":")[0].strip("[]")):
        told.append("Without https, links, codes and cookies can be read on the way.")
    if arguments.public_url is not None and not arguments.proxy:
        told.append(
            "No --proxy: X-Forwarded-For is not believed, and everybody who comes through a proxy "
            "has its address until they sign in."
        )
    print("\n".join(told), file=sys.stderr)
