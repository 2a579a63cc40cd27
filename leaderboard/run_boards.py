"""`leaderboard show`, `export` and `why`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderboard.boards import all_boards, assignments, configuration_of, shown
from leaderboard.configuration import Configuration, load_configuration
from leaderboard.formats import BINARY, BY_SUFFIX, Export, written
from leaderboard.ranking import Board, Plan
from leaderboard.store import UNASSIGNED, Store, open_store, stored_name
from leaderboard.untrusted import visible
from question_bank.command_line import DONE
from question_bank.diagnostics import Where, bad_input, did_you_mean
from question_bank.files import write_whole

if TYPE_CHECKING:
    import argparse

MOST_NAMED = 12  # assignments that one error lists


def show(arguments: argparse.Namespace) -> int:
    """`leaderboard show`: boards on standard output."""
    me = None if arguments.user is None else stored_name(arguments.user, "user")
    store, _, boards = _boards(arguments)
    store.close()
    if arguments.json:
        from leaderboard.exports import board_data

        data = {"schema_version": 2, "boards": [board_data(each, me=me) for each in boards]}
        _write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    else:
        from leaderboard.terminal import print_boards

        print_boards(boards, sys.stdout, me=me)
    return DONE


def export(arguments: argparse.Namespace) -> int:
    """`leaderboard export`: boards, or every submission, to a file or standard output."""
    path = None if arguments.output in (None, "-") else Path(arguments.output)
    guessed = "csv" if path is None else BY_SUFFIX.get(path.suffix.lower(), "csv")
    form = arguments.format or guessed
    if form != "csv" and arguments.submissions:
        raise bad_input("bad-usage", f"--submissions is for csv, not for {form}")
    if path is None and form in BINARY and sys.stdout.isatty():
        raise bad_input("bad-usage", f"{form} is no text for a terminal", hint="-o FILE")
    if arguments.submissions:
        return _export_submissions(arguments, path)
    store, configuration, boards = _boards(arguments)
    if form == "csv" and len(boards) > 1 and not arguments.all and not arguments.assignment:
        store.close()
        names = [board.name for board in boards]
        raise bad_input(
            "which-assignment",
            f"there are {len(names)} boards, and a CSV table holds one",
            hint=f"--all writes them one below the other; --assignment NAME one of: {_listed(names)}",
        )
    content = written(form, Export(store, configuration, boards))
    store.close()
    _put(path, content)
    return DONE


def explain(arguments: argparse.Namespace) -> int:
    """`leaderboard why`: a user's ranks, explained."""
    from leaderboard.why import as_data, as_text, why

    user = stored_name(arguments.user, "user")
    store, configuration, known = _open(arguments, empty=True)
    wanted = arguments.assignment
    if wanted is not None:
        plans = _plans(configuration, known, wanted)
        chosen = tuple(dict.fromkeys(plan.assignment for plan in plans))
    else:
        chosen = (*known, UNASSIGNED)  # what was refused before anyone could tell what it is for
    found = why(store, user, configuration, chosen)
    if not found:
        store.close()
        here = "" if wanted is None else " here"
        raise bad_input(
            "unknown-user",
            f'"{user}" has handed in nothing{here}',
            hint="users are named as on the board: leaderboard show",
        )
    if arguments.save is not None:
        counts = {each.entry.row.submission for each in found if each.entry}
        _save(
            store,
            [line.submission for each in found for line in each.lines],
            counts,
            arguments.save,
        )
    store.close()
    if arguments.json:
        _write(json.dumps(as_data(user, found), ensure_ascii=False, indent=2) + "\n")
    else:
        _write(as_text(user, found))
    return DONE


def _save(store: Store, numbers: list[int], counts: set[int], folder: str) -> None:
    """Write each submission, with its report where it has one; say how those that count are confirmed."""
    from leaderboard.store import reports, submission_content

    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise bad_input("cannot-write", str(error.strerror), where=Where(folder)) from None
    for number in dict.fromkeys(numbers):
        write_whole(place / f"{number}.zip", submission_content(store, number))
        log = reports(store, number)
        if log:
            report = json.dumps(log[-1], ensure_ascii=False, indent=1)
            write_whole(place / f"{number}.json", report + "\n")
        if number not in counts:
            continue
        shown_folder = visible(str(place))
        again = f"grade {shown_folder}/{number}.zip --replay {shown_folder}/{number}.json"
        print(f"{again}{_graded_by(log[-1]) if log else ''}", file=sys.stderr)


def _graded_by(report: dict[str, Any]) -> str:
    """What a replay needs besides: the key, which only its owner has, or the name of the assignment."""
    if "key" in report.get("versions", {}):
        return "    # with the --key or --exam that it was graded by"
    return f" --assignment {visible(str(report['assignment']))}"


def _export_submissions(arguments: argparse.Namespace, path: Path | None) -> int:
    import io

    from leaderboard.submissions_csv import write_submissions

    store, _, _ = _open(arguments)
    out = io.StringIO()
    write_submissions(store, out)
    store.close()
    _put(path, out.getvalue())
    return DONE


def _put(path: Path | None, content: str | bytes) -> None:
    if path is None:
        _write(content)
        return
    write_whole(path, content)
    print(f"wrote {visible(str(path))}", file=sys.stderr)


def _write(content: str | bytes) -> None:
    # Bytes: machines read UTF-8, whatever the locale of the terminal is.
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def _boards(arguments: argparse.Namespace) -> tuple[Store, Configuration, list[Board]]:
    """The boards that are asked for, as everybody may see them unless --with-hidden is given."""
    store, configuration, known = _open(arguments)
    given = configuration if arguments.policy else None
    boards = all_boards(store, given)
    if arguments.assignment is not None:
        keys = {plan.key for plan in _plans(configuration, known, arguments.assignment)}
        wanted = arguments.assignment
        boards = [board for board in boards if board.plan.key in keys or board.name == wanted]
    if not arguments.with_hidden:
        boards = shown(boards, datetime.now(UTC))
    return store, configuration, boards


def _open(
    arguments: argparse.Namespace, *, empty: bool = False
) -> tuple[Store, Configuration, tuple[str, ...]]:
    for folder in arguments.bank or ():
        if not Path(folder).is_dir():
            raise bad_input("no-bank", "there is no such folder", where=Where(folder))
    given = None if arguments.policy is None else load_configuration(Path(arguments.policy))[0]
    store = open_store(must_exist=True)
    known = assignments(store)
    if not known and not empty:
        raise bad_input(
            "empty-store",
            "nothing has been recorded yet",
            where=Where(store.label),
            hint="grade SUBMISSION.zip --record keeps a result",
        )
    return store, given or configuration_of(store), known


def _plans(configuration: Configuration, known: tuple[str, ...], name: str) -> list[Plan]:
    """The plans that go by a name: of an assignment, a tab or a phase; none for the total."""
    wanted = stored_name(name, "assignment")
    plans = configuration.all_plans(known)
    found = [p for p in plans if wanted in (p.assignment, p.name, p.name.partition(": ")[0])]
    total = configuration.total
    if found or (total is not None and total.name == wanted):
        return list(found)
    names = sorted({p.name for p in plans} | {p.assignment for p in plans})
    raise bad_input(
        "unknown-assignment",
        f'nothing has been recorded for the assignment "{wanted}", and no board is called so',
        hint=did_you_mean(wanted, names) or f"there are: {_listed(names)}",
    )


def _listed(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f", and {rest} more" if rest > 0 else "")
