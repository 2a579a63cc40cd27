"""`quiz serve`, `quiz serve links`, `quiz serve revoke`: from the options to what is done."""

from __future__ import annotations

import argparse
import csv
import io
import socket
import sys
from datetime import datetime, timedelta
from pathlib import Path

import templates
from leaderboard.store import Store, stored_name
from leaderboard.untrusted import csv_text, visible
from question_bank.command_line import DONE, OUR_FAULT
from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.files import write_whole
from question_bank.loader import load_bank
from question_bank.wording import counted
from quiz.browser.app import practice_app
from quiz.browser.run_web import ASSETS
from quiz.classroom.door import Door
from quiz.classroom.house import Room, class_app
from quiz.classroom.instructor import instructor_app
from quiz.classroom.place import Address, address_of, class_secret, data_at, is_loopback, open_class
from quiz.classroom.processes import GRACE_S, run_processes, shared_sockets
from quiz.classroom.roll import (
    INSTRUCTOR,
    Pass,
    all_members,
    close_to,
    enrol,
    hand_out,
    revoke,
    without_pass,
)
from quiz.classroom.roster import Entry, load_roster
from quiz.classroom.warm import warm
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
        own = open_class(folder)  # connections are a process's own
        # SQLite tidies its log away, on disk, whenever a last connection closes: this one stays open.
        held = own.engine.raw_connection()
        try:
            app = class_app(
                Door(site, own),
                rooms_of(site, own, material, arguments.blueprint),
                Limits(crowd=CROWD),
            )
            answer_requests(app, on, proxies=arguments.proxy or (), grace_s=GRACE_S)
        finally:
            held.close()
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


def rooms_of(site: Site, store: Store, material: Material, blueprint: str) -> list[Room]:
    """The rooms, in the order in which the front page names them. Another one is another line here."""
    seen = Seen()

    def desk_of(user: str) -> Desk:
        return Desk(material, now, Progress(store, user, seen))

    practice = practice_app(site, desk_of, blueprint=blueprint)
    instructor = instructor_app(site, store, material)
    return [
        Room("practice", "Practice", "Questions with fresh numbers, mock exams, progress", practice),
        Room(
            "class",
            "The class",
            "What it finds hard, and who practises",
            instructor,
            frozenset({INSTRUCTOR}),
        ),
    ]


def links(arguments: argparse.Namespace) -> int:
    """`quiz serve links`: links and codes for those who have none, or new ones."""
    if not (arguments.roster or arguments.instructor or arguments.members):
        raise bad_input("bad-usage", "whose links? --roster, --user or --instructor says so")
    folder = data_at(arguments.data)
    address = address_of(arguments.public_url, "127.0.0.1", arguments.at_port, arguments.prefix)
    entries = load_roster(arguments.roster) if arguments.roster else ()
    instructors = [stored_name(name, "user") for name in arguments.instructor or ()]
    store, moment = open_class(folder), now()
    secret = class_secret(folder)
    try:
        _check_roles(store, [entry.user for entry in entries], instructors)
        enrol(store, entries, moment)
        enrol(store, [Entry(name) for name in instructors], moment, role=INSTRUCTOR)
        wanted = [*(entry.user for entry in entries), *instructors]
        if not arguments.renew:
            wanted = without_pass(store, wanted, moment)
        wanted += [name for name in _members(store, arguments.members or ()) if name not in wanted]
        until = moment + timedelta(days=arguments.days)
        hand_out(
            store,
            secret,
            wanted,
            until,
            moment,
            lambda passes: _write(links_csv(passes, address, until), arguments.output),
        )
    finally:
        store.close()
    having = len({*(entry.user for entry in entries), *instructors} - set(wanted))
    more = f"; {counted(having, 'other')} had one already (--renew makes new ones)" if having else ""
    print(
        f"{counted(len(wanted), 'link')} to {address.root}/, good until {until:%Y-%m-%d}{more}",
        file=sys.stderr,
    )
    return DONE


def revoke_links(arguments: argparse.Namespace) -> int:
    """`quiz serve revoke`: end links, codes and sign-ins at once."""
    store = open_class(data_at(arguments.data), must_exist=True)
    try:
        users = _members(store, arguments.members)
        revoke(store, users, now())
    finally:
        store.close()
    print(f"revoked: {', '.join(visible(user) for user in users)}", file=sys.stderr)
    return DONE


def links_csv(passes: list[Pass], address: Address, until: datetime) -> str:
    """One row for each pass: who, the link, the code, and until when both are good."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["user", "name", "id", "link", "code", "good_until"])
    for each in passes:
        member = each.member
        writer.writerow(
            [
                csv_text(member.user),
                csv_text(member.name),
                csv_text(member.number),
                f"{address.root}/enter?pass={each.signed}",
                each.code,
                f"{until:%Y-%m-%d}",
            ]
        )
    return out.getvalue()


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
    _check_roles(store, [entry.user for entry in entries], [])
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


def _check_roles(store: Store, students: list[str], instructors: list[str]) -> None:
    """A name is a student's or an instructor's for good: answers lie under it."""
    known = all_members(store)
    for user in students:
        if user in instructors or (user in known and known[user].role == INSTRUCTOR):
            raise bad_input("two-roles", f"{user} is an instructor, and the roster has the name too")
    for user in instructors:
        if user in known and known[user].role != INSTRUCTOR:
            raise bad_input("two-roles", f"{user} is a student: take another name for an instructor")


def _members(store: Store, users: list[str] | tuple[str, ...]) -> list[str]:
    known = all_members(store)
    for user in users:
        if user not in known:
            raise bad_input(
                "unknown-user",
                f"{user} is no member of the class",
                hint=did_you_mean(user, known) or "the roster says who is",
            )
    return list(dict.fromkeys(users))


def _write(text: str, output: Path | None) -> None:
    if output is None or str(output) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        return
    write_whole(output, text, private=True)
    print(f"wrote {visible(str(output))}", file=sys.stderr)


def _tell(arguments: argparse.Namespace, address: Address, drawn: int, processes: int) -> None:
    told = [
        f"Practice for the class: {address.root}/",
        f"{counted(drawn, 'question')}, "
        f"{'1 process' if processes == 1 else f'{processes} processes'}; Ctrl-C stops it.",
    ]
    if not address.https and not is_loopback(address.host.rpartition(":")[0].strip("[]")):
        told.append("Without https, links, codes and cookies can be read on the way.")
    if arguments.public_url is not None and not arguments.proxy:
        told.append(
            "No --proxy: X-Forwarded-For is not believed, and everybody who comes through a proxy "
            "has its address until they sign in."
        )
    print("\n".join(told), file=sys.stderr)
