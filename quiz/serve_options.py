"""The options of `quiz serve` and of what belongs to it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from leaderboard.serving.options import add_listening, add_reached, process_count, whole

if TYPE_CHECKING:
    from collections.abc import Callable

PORT = 8734
SHARED = frozenset({"bank", "blueprint"})
"""Options of `quiz` that mean the same before `serve` and after it."""

ABOUT = """\
Practice for a class: a server behind a reverse proxy. Students come in by a
link of their own, or with user and code; an instructor sees what the class
finds hard, as it happens.

Make the class first (`quiz serve links`). Answers lie in mockexam.db in the
folder of --data, or in the database that DATABASE_URL names; so several
processes, and several machines, can serve one class. Stop it at any time: what
was answered is kept, and students go on after the next start."""

EXAMPLES = """\
examples:
  quiz serve links --roster class.csv --instructor ada --public-url https://quiz.example.org -o links.csv
  quiz serve --public-url https://quiz.example.org --proxy 127.0.0.1
  quiz serve revoke --user w0256"""

ABOUT_LINKS = """\
Make the class from a roster (CSV with the columns user and, where wanted, name
and id), and write a link and a code for everyone who has none: columns user,
name, id, link, code, good_until. They are shown here and nowhere else; the
store keeps a hash of the code.

With --renew, or for those named by --user, there are new ones, and the old
ones stop to work at once."""


def add_serve(top: argparse.ArgumentParser) -> None:
    """Add `serve`, and what belongs to it, to the command."""
    commands = top.add_subparsers(title="for a class", metavar="serve")
    served = commands.add_parser(
        "serve", help="practice for a class, on a server", description=ABOUT, epilog=EXAMPLES
    )
    _reached(served, first=True)
    add_listening(served)
    served.add_argument(
        "--roster", type=Path, metavar="FILE.csv", help="let in only the students in it"
    )
    served.add_argument(
        "--processes",
        type=process_count,
        default=2,
        metavar="N",
        help="server processes (2): one for each core",
    )
    served.add_argument(
        "--bank",
        type=Path,
        action="append",
        default=argparse.SUPPRESS,
        metavar="DIR",
        help="a folder of questions (repeatable; default: the course's bank)",
    )
    served.add_argument(
        "--blueprint",
        default=argparse.SUPPRESS,
        metavar="NAME|FILE",
        help="the exam whose points the progress page predicts (mock_exam)",
    )
    served.add_argument(
        "--hand-in",
        action="append",
        metavar="NAME",
        help="take hand-ins for this exercise too, as `grade --serve` does (repeatable)",
    )
    served.add_argument(
        "--hand-in-exam",
        type=Path,
        metavar="EXAM.json",
        help="take hand-ins for this exam too",
    )
    served.add_argument(
        "--jobs", type=process_count, default=1, metavar="N", help="jobs that grade hand-ins (1)"
    )
    served.set_defaults(action=_checked(top, _serve))
    more = served.add_subparsers(title="the class", metavar="COMMAND")

    links = more.add_parser(
        "links", help="make the class; write links and codes", description=ABOUT_LINKS
    )
    links.add_argument(
        "--roster",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FILE.csv",
        help="the students",
    )
    links.add_argument(
        "--instructor", action="append", metavar="NAME", help="an instructor (repeatable)"
    )
    links.add_argument(
        "--user",
        dest="members",
        action="append",
        metavar="NAME",
        help="new ones for this member (repeatable)",
    )
    links.add_argument("--renew", action="store_true", help="new ones for those who have some, too")
    links.add_argument(
        "--days", type=_days, default=180, metavar="N", help="how long they are good (180)"
    )
    links.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write; default: standard output"
    )
    _reached(links)
    links.set_defaults(action=_checked(top, _links))

    revoked = more.add_parser("revoke", help="end links, codes and sign-ins of members, at once")
    revoked.add_argument(
        "--user",
        dest="members",
        action="append",
        required=True,
        metavar="NAME",
        help="whose (repeatable)",
    )
    _kept(revoked)
    revoked.set_defaults(action=_checked(top, _revoke))


def _checked(
    top: argparse.ArgumentParser, action: Callable[[argparse.Namespace], int]
) -> Callable[[argparse.Namespace], int]:
    """The action, refused where options of practice in a terminal stand before it."""

    def checked(arguments: argparse.Namespace) -> int:
        from question_bank.diagnostics import bad_input

        for option in top._actions:  # noqa: SLF001 - argparse tells its options only so
            given = getattr(arguments, option.dest, option.default)
            if option.option_strings and option.dest not in SHARED and given != option.default:
                raise bad_input("bad-usage", f"{option.option_strings[-1]} does not go with serve")
        return action(arguments)

    return checked


def _reached(command: argparse.ArgumentParser, *, first: bool = False) -> None:
    add_reached(command, port=PORT, first=first)
    _kept(command, first=first)


def _kept(command: argparse.ArgumentParser, *, first: bool = False) -> None:
    command.add_argument(
        "--data",
        type=Path,
        default=None if first else argparse.SUPPRESS,
        metavar="DIR",
        help="the folder of database and server's secret (default: MOCKEXAM_HOME, else your data folder)",
    )


def _days(text: str) -> int:
    return whole(text, 1, 3_650, "a number of days")


def _serve(arguments: argparse.Namespace) -> int:
    from quiz.classroom.command import serve

    return serve(arguments)


def _links(arguments: argparse.Namespace) -> int:
    from classroom.links import links

    return links(arguments)


def _revoke(arguments: argparse.Namespace) -> int:
    from classroom.links import revoke_links

    return revoke_links(arguments)
