"""The `leaderboard` command: parses; `run_boards`, `run_store` and `serving` do the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from leaderboard.serving.options import add_listening, add_reached, refresh_seconds
from question_bank.command_line import Parser, run

if TYPE_CHECKING:
    import argparse

FORMATS = (
    "csv", "json", "markdown", "html", "xlsx", "parquet", "moodle", "canvas", "gradescope", "lti",
)  # fmt: skip

ABOUT = """\
The results that were kept, ranked and exported.

Which boards there are, and by which rule each is ranked, is said by a file of
boards: `leaderboard configure FILE` keeps one. The course's comes with the
program: each user's best submission counts, equal scores share a rank, and the
next rank counts everyone above (#1, #1, #3). An assignment without a tab in
the file has a board all the same. Score is in points; times are UTC.

Results are kept by `grade --record`: in mockexam.db in the folder
MOCKEXAM_HOME (default: your data folder), or in the PostgreSQL database that
DATABASE_URL names."""

ABOUT_EXPORT = """\
Write boards for other programs and people.

csv, json, markdown, html (one page, a tab for each board), xlsx, parquet (needs
the extra `parquet`); moodle and canvas: a gradebook to import; gradescope: the
leaderboard lists of results.json; lti: bodies for an LTI score service.

Without --assignment every board is written. CSV holds one board, or with --all
every board, one below the other. Names are made harmless for the format they
go to. An existing FILE is replaced in one step."""

ABOUT_CONFIGURE = """\
Keep another file of boards, and build every board anew from the log.

A file names tabs; each is the board of an assignment under a rule of its own:
which submission counts, deadline and late penalty, phases, ties, pass mark,
until when it is hidden. docs/leaderboard.md has all that can be said.
--show prints the file that is kept; --check only reads FILE."""

ABOUT_ERASE = """\
Erase a person: name and ids, what was handed in, file names, messages.

By default results stay under a tombstone (erased-1), so that nobody else's
rank moves; with --with-results they go, and whoever stood below moves up.
Whoever was a member of the class is none any more: name, code and sign-ins go,
too; take the line out of the roster, or the next start makes it anew.
It cannot be taken back. Not reached from here: backups, reports that were
written to files, and practice (`quiz --delete-data` deletes that). Copies of
the database's own that are left are told."""

ABOUT_VERIFY = """\
Look whether the store holds what was recorded, and change nothing.

Bytes against their hashes, reports against what was taken from them, results
without a gap, rows without their owners, and every board and rank against one
built from the log. Exit status 1, with what to do, if something is wrong."""

ABOUT_BACKUP = """\
Write the whole store, practice too, into an SQLite file while others write.

The file is looked into before it gets its name. `leaderboard restore FILE`
fills an empty store from it, on SQLite or PostgreSQL, so it is also how a
course moves from one to the other."""


ABOUT_SERVE = """\
Show the boards as a live page: the page of `export --format html`, made anew
when something has changed, however many look. Boards that are hidden until a
date stay hidden; nobody signs in, and no name but the users' is shown.

It listens on this machine; a reverse proxy makes it public (--public-url,
--proxy, --prefix). `quiz serve` shows the same page to a class, with each
student's own ranks."""

SERVE_PORT = 8735


def parser() -> Parser:
    """The command line of `leaderboard`."""
    top = Parser(
        prog="leaderboard",
        description=ABOUT,
        epilog="example: leaderboard export --assignment exercise-3 -o board.html",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _boards(commands)
    _rules(commands)
    _store(commands)
    _served(commands)
    return top


def _served(commands: Any) -> None:
    served = commands.add_parser(
        "serve",
        help="show the boards as a live page, on a server",
        description=ABOUT_SERVE,
        epilog="example: leaderboard serve --public-url https://board.example.org --proxy 127.0.0.1",
    )
    add_reached(served, port=SERVE_PORT)
    add_listening(served)
    served.add_argument(
        "--refresh",
        type=refresh_seconds,
        default=30,
        metavar="N",
        help="open pages ask every N seconds whether something is new (30)",
    )
    served.add_argument(
        "--bank",
        action="append",
        metavar="DIR",
        help="taken as by every command; a board comes from results alone and reads no question",
    )
    served.set_defaults(action=_lazily("serving.command", "serve"))


def _boards(commands: Any) -> None:
    shown = commands.add_parser(
        "show",
        help="show the board of an assignment, or every board",
        description="Show the board of an assignment, or every board one after the other.",
        epilog="example: leaderboard show --assignment exercise-3 --user w0256",
    )
    _choice(shown)
    shown.add_argument("--user", metavar="ME", help="mark this user's row")
    shown.add_argument("--json", action="store_true", help="JSON for machines")
    shown.set_defaults(action=_lazily("run_boards", "show"))

    written = commands.add_parser(
        "export",
        help="write boards as CSV, web page, workbook, gradebook and more",
        description=ABOUT_EXPORT,
        epilog="example: leaderboard export --assignment exercise-3 -o board.html",
    )
    _choice(written)
    written.add_argument(
        "--format", choices=FORMATS, help="default: what FILE's name says, else csv"
    )
    written.add_argument(
        "-o", "--output", metavar="FILE", help="where to write; default: standard output"
    )
    written.add_argument("--all", action="store_true", help="csv: every board, one below the other")
    written.add_argument(
        "--submissions", action="store_true", help="csv: every submission instead of boards"
    )
    written.set_defaults(action=_lazily("run_boards", "export"))

    why = commands.add_parser(
        "why",
        help="explain a user's ranks, submission by submission",
        description="Explain a user's ranks: which submission counts and why, the rule, ties, what being late cost, how it was graded.",
        epilog="example: leaderboard why w0256 --assignment exercise-3",
    )
    why.add_argument("user", metavar="USER", help="as on the board")
    _choice(why, hidden=False)
    why.add_argument("--json", action="store_true", help="JSON for machines")
    why.add_argument(
        "--save",
        metavar="DIR",
        help="write every submission into DIR, its bytes and its report where it has one; what counts is ready for `grade --replay`",
    )
    why.set_defaults(action=_lazily("run_boards", "explain"))


def _rules(commands: Any) -> None:
    configure = commands.add_parser(
        "configure",
        help="keep another file of boards: tabs, rules, deadlines",
        description=ABOUT_CONFIGURE,
        epilog="example: leaderboard configure --shipped --show",
    )
    configure.add_argument("file", metavar="FILE", nargs="?", help="a file of boards (YAML)")
    configure.add_argument(
        "--shipped", action="store_true", help="the course's boards instead of FILE"
    )
    what = configure.add_mutually_exclusive_group()
    what.add_argument("--show", action="store_true", help="print the file, and keep nothing")
    what.add_argument("--check", action="store_true", help="read the file, and keep nothing")
    _by(configure)
    configure.set_defaults(action=_lazily("run_store", "configure"))

    for name, kind, about in (
        ("withdraw", "withdrawn", "take a submission off the board; it stays in the store"),
        ("flag", "flagged", "take a submission off the board until it is looked into"),
        ("reinstate", "restored", "put a submission back that was withdrawn or flagged"),
    ):
        decided = commands.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ". `leaderboard why USER` has the numbers.",
        )
        decided.add_argument("submission", metavar="NUMBER", type=int, help="of the submission")
        decided.add_argument("--reason", metavar="TEXT", default="", help="is kept with it")
        _by(decided)
        decided.set_defaults(action=_lazily("run_store", "decide"), kind=kind)


def _store(commands: Any) -> None:
    roster = commands.add_parser(
        "roster",
        help="keep who is behind the users, for gradebooks",
        description="Keep people from a CSV file, in place of what was known of the same users. Columns: user, and any of name, email, id_number, canvas_id, sis_user_id, sis_login_id, section, lti_user_id. No board shows them.",
    )
    roster.add_argument("file", metavar="FILE", help="CSV, UTF-8, with a line of column names")
    roster.set_defaults(action=_lazily("run_store", "roster"))

    erased = commands.add_parser(
        "erase", help="erase a person; the rank may stay", description=ABOUT_ERASE
    )
    erased.add_argument("user", metavar="USER", help="as on the board")
    erased.add_argument("--with-results", action="store_true", help="results and ranks go, too")
    erased.add_argument("--yes", action="store_true", help="do not ask")
    erased.set_defaults(action=_lazily("run_store", "erase_user"))

    verified = commands.add_parser(
        "verify", help="look whether the store holds what was recorded", description=ABOUT_VERIFY
    )
    verified.add_argument("--json", action="store_true", help="JSON for machines")
    verified.set_defaults(action=_lazily("run_store", "verify_store"))

    rebuilt = commands.add_parser(
        "rebuild",
        help="build every board anew from the log",
        description="Build everything anew that follows from the log: who handed in, and each user's best and last result on every board.",
    )
    rebuilt.set_defaults(action=_lazily("run_store", "rebuild"))

    for name, about, text in (
        ("backup", "write the whole store into a file", ABOUT_BACKUP),
        ("restore", "fill an empty store from a backup", "Fill an empty store from a backup, which stays as it is."),
    ):  # fmt: skip
        moved = commands.add_parser(name, help=about, description=text)
        moved.add_argument("file", metavar="FILE", help="the backup, an SQLite file")
        moved.set_defaults(action=_lazily("run_store", f"{name}_store"))


def _choice(command: argparse.ArgumentParser, *, hidden: bool = True) -> None:
    command.add_argument(
        "--assignment", metavar="NAME", help="the boards of this assignment, or this tab"
    )
    command.add_argument(
        "--policy", metavar="FILE", help="rank by this file of boards, this once, from the log"
    )
    if hidden:
        command.add_argument(
            "--with-hidden", action="store_true", help="boards that are hidden until a date, too"
        )
    command.add_argument(
        "--bank",
        action="append",
        metavar="DIR",
        help="taken as by every command; a board comes from results alone and reads no question",
    )


def _by(command: argparse.ArgumentParser) -> None:
    command.add_argument("--by", metavar="NAME", help="who decides; default: your login")


def _lazily(module: str, function: str) -> Any:
    """The action, imported when it is called: --help stays as quick as Python."""

    def action(arguments: argparse.Namespace) -> int:
        from importlib import import_module

        status: int = getattr(import_module(f"leaderboard.{module}"), function)(arguments)
        return status

    return action


def main() -> NoReturn:
    """Run the command; the process ends with its exit status."""
    run(parser())


if __name__ == "__main__":
    main()
