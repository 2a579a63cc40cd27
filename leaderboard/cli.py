"""The `leaderboard` command: parses, calls, prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from question_bank.command_line import DONE, Parser, run

if TYPE_CHECKING:
    import argparse

    from leaderboard.store import Store

MOST_NAMED = 12  # assignments that one error lists
FORMATS = ("csv", "json", "markdown", "html")
BY_SUFFIX = {".csv": "csv", ".json": "json", ".md": "markdown", ".html": "html", ".htm": "html"}

ABOUT = """\
The results that were kept, ranked and exported.

Each user's best submission counts. Equal scores share a rank, the earlier one
first; the next rank counts everyone above (#1, #1, #3). Score is in points;
times are UTC.

Results are kept by `grade --record`: in mockexam.db in the folder
MOCKEXAM_HOME (default: your data folder), or in the PostgreSQL database that
DATABASE_URL names."""

ABOUT_EXPORT = """\
Write one assignment's board as CSV, JSON, Markdown or a web page.

Without --assignment there must be only one. Names are made harmless for the
format they go to. An existing FILE is replaced in one step."""


def parser() -> Parser:
    """The command line of `leaderboard`."""
    top = Parser(
        prog="leaderboard",
        description=ABOUT,
        epilog="example: leaderboard export --assignment exercise-3 -o board.html",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    shown = commands.add_parser(
        "show",
        help="show the board of an assignment, or every board",
        description="Show the board of an assignment, or every board one after the other.",
        epilog="example: leaderboard show --assignment exercise-3 --user w0256",
    )
    _common(shown)
    shown.add_argument("--user", metavar="ME", help="mark this user's row")
    shown.add_argument("--json", action="store_true", help="JSON for machines")
    shown.set_defaults(action=show)

    written = commands.add_parser(
        "export",
        help="write a board as CSV, JSON, Markdown or a web page",
        description=ABOUT_EXPORT,
        epilog="example: leaderboard export --assignment exercise-3 -o board.html",
    )
    _common(written)
    written.add_argument(
        "--format", choices=FORMATS, help="default: what FILE's name says, else csv"
    )
    written.add_argument(
        "-o", "--output", metavar="FILE", help="where to write; default: standard output"
    )
    written.set_defaults(action=export)
    return top


def show(arguments: argparse.Namespace) -> int:
    """`leaderboard show`: boards on standard output."""
    from leaderboard.store import board, stored_name

    me = None if arguments.user is None else stored_name(arguments.user, "user")
    store, names = _open(arguments)
    chosen = names if arguments.assignment is None else [_known(arguments.assignment, names)]
    boards = [board(store, name) for name in chosen]
    store.close()
    if arguments.json:
        import json

        from leaderboard.exports import board_data

        data = {"schema_version": 1, "boards": [board_data(each, me=me) for each in boards]}
        _write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    else:
        from leaderboard.terminal import print_boards

        print_boards(boards, sys.stdout, me=me)
    return DONE


def export(arguments: argparse.Namespace) -> int:
    """`leaderboard export`: one board to a file or standard output."""
    from pathlib import Path

    from leaderboard.exports import WRITERS
    from leaderboard.store import board
    from question_bank.files import write_whole

    store, names = _open(arguments)
    wanted = arguments.assignment
    chosen = board(store, _only(names) if wanted is None else _known(wanted, names))
    store.close()
    path = None if arguments.output in (None, "-") else Path(arguments.output)
    guessed = "csv" if path is None else BY_SUFFIX.get(path.suffix.lower(), "csv")
    text = WRITERS[arguments.format or guessed](chosen)
    if path is None:
        _write(text)
    else:
        write_whole(path, text)
        from leaderboard.untrusted import visible

        print(f"wrote {visible(str(path))}", file=sys.stderr)
    return DONE


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--assignment", metavar="NAME", help="the board of this assignment")
    command.add_argument(
        "--bank",
        action="append",
        metavar="DIR",
        help="taken as by every command; a board comes from results alone and reads no question",
    )


def _write(text: str) -> None:
    # Bytes: machines read UTF-8, whatever the locale of the terminal is.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


def _open(arguments: argparse.Namespace) -> tuple[Store, list[str]]:
    from pathlib import Path

    from leaderboard.store import assignments, open_store
    from question_bank.diagnostics import Where, bad_input

    for folder in arguments.bank or ():
        if not Path(folder).is_dir():
            raise bad_input("no-bank", "there is no such folder", where=Where(folder))
    store = open_store(must_exist=True)
    names = list(assignments(store))
    if not names:
        raise bad_input(
            "empty-store",
            "nothing has been recorded yet",
            where=Where(store.label),
            hint="grade SUBMISSION.zip --record keeps a result",
        )
    return store, names


def _known(name: str, names: list[str]) -> str:
    from leaderboard.store import stored_name
    from question_bank.diagnostics import bad_input, did_you_mean

    wanted = stored_name(name, "assignment")
    if wanted in names:
        return wanted
    raise bad_input(
        "unknown-assignment",
        f'nothing has been recorded for the assignment "{wanted}"',
        hint=did_you_mean(wanted, names) or f"there are: {_listed(names)}",
    )


def _only(names: list[str]) -> str:
    from question_bank.diagnostics import bad_input

    if len(names) == 1:
        return names[0]
    raise bad_input(
        "which-assignment",
        f"there are {len(names)} assignments, and an export holds one",
        hint=f"--assignment NAME, one of: {_listed(names)}",
    )


def _listed(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f", and {rest} more" if rest > 0 else "")


def main() -> NoReturn:
    """Run the command; the process ends with its exit status."""
    run(parser())


if __name__ == "__main__":
    main()
