"""`quiz serve links` and `quiz serve revoke`: who gets in, and who no longer does."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classroom.place import class_secret, data_at, open_class
from classroom.roll import INSTRUCTOR, Pass, all_members, enrol, hand_out, revoke, without_pass
from classroom.roster import Entry, load_roster
from leaderboard.serving.address import Address, address_of
from leaderboard.store import Store, stored_name
from leaderboard.untrusted import csv_text, visible
from question_bank.command_line import DONE
from question_bank.diagnostics import Where, bad_input, did_you_mean
from question_bank.files import write_whole
from question_bank.wording import counted


def links(arguments: argparse.Namespace) -> int:
    """`quiz serve links`: links and codes for those who have none, or new ones."""
    if not (arguments.roster or arguments.instructor or arguments.members):
        raise bad_input("bad-usage", "whose links? --roster, --user or --instructor says so")
    folder = data_at(arguments.data)
    address = address_of(arguments.public_url, "127.0.0.1", arguments.at_port, arguments.prefix)
    entries = load_roster(arguments.roster) if arguments.roster else ()
    instructors = [stored_name(name, "user") for name in arguments.instructor or ()]
    store, moment = open_class(folder), datetime.now(UTC)
    secret = class_secret(folder)
    try:
        check_roles(store, [entry.user for entry in entries], instructors)
        enrol(store, entries, moment)
        enrol(store, [Entry(name) for name in instructors], moment, role=INSTRUCTOR)
        wanted = [*(entry.user for entry in entries), *instructors]
        if not arguments.renew:
            wanted = without_pass(store, wanted, moment)
        wanted += [name for name in _members(store, arguments.members or ()) if name not in wanted]
        # Where nobody needs one, a file that is there stays as it is.
        if wanted:
            _spare_codes(arguments.output, wanted)
        until = moment + timedelta(days=arguments.days)
        hand_out(
            store,
            secret,
            wanted,
            until,
            moment,
            lambda passes: _write(passes, address, until, arguments.output),
        )
    finally:
        store.close()
    having = len({*(entry.user for entry in entries), *instructors} - set(wanted))
    more = (
        f"; {counted(having, 'other')} had one already (--renew makes new ones)" if having else ""
    )
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
        revoke(store, users, datetime.now(UTC))
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


def check_roles(store: Store, students: list[str], instructors: list[str]) -> None:
    """A name is a student's or an instructor's for good: answers lie under it."""
    known = all_members(store)
    for user in students:
        if user in instructors or (user in known and known[user].role == INSTRUCTOR):
            raise bad_input(
                "two-roles", f"{user} is an instructor, and the roster has the name too"
            )
    for user in instructors:
        if user in known and known[user].role != INSTRUCTOR:
            raise bad_input(
                "two-roles", f"{user} is a student: take another name for an instructor"
            )


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


def _spare_codes(output: Path | None, wanted: list[str]) -> None:
    """Refuse to write over codes that are still good: nobody can read them out of the store. Raises InputError."""
    if output is None or not output.is_file():
        return
    try:
        rows = list(csv.DictReader(io.StringIO(output.read_text("utf-8-sig"))))
    except (OSError, ValueError, csv.Error):
        rows = [{}]
    users = {csv_text(user) for user in wanted}
    spared = [row.get("user") or "" for row in rows if row.get("user") not in users]
    if not spared:
        return
    named = ", ".join(visible(user) for user in spared[:3] if user) or "others"
    raise bad_input(
        "codes-there",
        f"the file is there, and holds what {named} would lose: codes are kept nowhere else",
        where=Where(str(output)),
        hint="-o names another file; --renew makes new codes for the whole roster",
    )


def _write(passes: list[Pass], address: Address, until: datetime, output: Path | None) -> None:
    text = links_csv(passes, address, until)
    if output is None or str(output) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        return
    if not passes and output.exists():
        return
    write_whole(output, text, private=True)
    print(f"wrote {visible(str(output))}", file=sys.stderr)
