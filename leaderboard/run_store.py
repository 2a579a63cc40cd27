"""`leaderboard configure`, `withdraw`, `flag`, `reinstate`, `roster`, `erase`, `verify`, `rebuild`, `backup`, `restore`."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from leaderboard.store import Store, open_store
from leaderboard.untrusted import visible
from question_bank.command_line import DONE, FINDINGS
from question_bank.diagnostics import bad_input

if TYPE_CHECKING:
    import argparse


def configure(arguments: argparse.Namespace) -> int:
    """`leaderboard configure`: keep a file of boards, or print or check one."""
    from leaderboard.configuration import load_configuration, read_configuration, shipped_text
    from leaderboard.configure import keep_boards, kept_text

    if arguments.file is not None and arguments.shipped:
        raise bad_input("bad-usage", "--shipped stands in place of FILE; give one of them")
    if arguments.file is None and not arguments.shipped:
        if not arguments.show:
            raise bad_input(
                "bad-usage", "say which boards to keep",
                hint="leaderboard configure FILE; --show prints those that are kept",
            )  # fmt: skip
        store = open_store(must_exist=True)
        text, name = kept_text(store), "kept"
        store.close()
    elif arguments.shipped:
        text, name = shipped_text(), "course.yaml"
    else:
        _, text = load_configuration(Path(arguments.file))
        name = arguments.file
    if arguments.show:
        sys.stdout.write(text)
        return DONE
    plans = read_configuration(text, name).plans
    count = "1 board" if len(plans) == 1 else f"{len(plans)} boards"
    if arguments.check:
        print(f"{visible(name)}: {count}, nothing to complain about")
        return DONE
    store = open_store()
    keep_boards(store, text, file=name, by=_by(arguments), at=datetime.now(UTC))
    store.close()
    print(f"kept {count}; every board was built anew", file=sys.stderr)
    return DONE


def decide(arguments: argparse.Namespace) -> int:
    """`leaderboard withdraw`, `flag` and `reinstate`."""
    from leaderboard.decisions import Decision
    from leaderboard.decisions import decide as decided

    store = open_store(must_exist=True)
    now, by = datetime.now(UTC), _by(arguments)
    user, assignment = decided(
        store, Decision(arguments.submission, arguments.kind, now, by, arguments.reason)
    )
    store.close()
    print(
        f"submission {arguments.submission} of {visible(user)} for {visible(assignment)} is"
        f" {arguments.kind}",
        file=sys.stderr,
    )
    return DONE


def roster(arguments: argparse.Namespace) -> int:
    """`leaderboard roster`: keep people."""
    from leaderboard.people import keep_people, read_roster

    given = read_roster(Path(arguments.file))
    store = open_store()
    count = keep_people(store, given)
    store.close()
    print("kept 1 person" if count == 1 else f"kept {count} people", file=sys.stderr)
    return DONE


def erase_user(arguments: argparse.Namespace) -> int:
    """`leaderboard erase`."""
    from leaderboard.erasure import erase

    store = open_store(must_exist=True)
    if not arguments.yes and not _sure(arguments.user):
        print("nothing was erased", file=sys.stderr)
        return DONE
    done = erase(store, arguments.user, at=datetime.now(UTC), with_results=arguments.with_results)
    store.close()
    count = "1 submission" if done.submissions == 1 else f"{done.submissions} submissions"
    if done.tombstone is not None:
        print(
            f"erased; {count} without their contents stand under {done.tombstone}", file=sys.stderr
        )
    else:
        print(f"erased, and {count} with their results", file=sys.stderr)
    if done.member:
        print(
            "no member of the class any more; codes, links and sign-ins are gone", file=sys.stderr
        )
    print(
        "not reached from here: backups, rosters and reports in files, and practice (quiz --delete-data)",
        file=sys.stderr,
    )
    for each in done.left:
        print(f"not gone yet: {each}", file=sys.stderr)
    return DONE


def _sure(user: str) -> bool:
    if not sys.stdin.isatty():
        raise bad_input(
            "not-sure", "erasing cannot be taken back, and nobody is there to ask", hint="add --yes"
        )
    print(
        f"Erase {visible(user)}? It cannot be taken back. Type yes: ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() == "yes"


def verify_store(arguments: argparse.Namespace) -> int:
    """`leaderboard verify`: 0 where all is as recorded, 1 with findings."""
    from leaderboard.verify import verify

    store = open_store(must_exist=True)
    found = verify(store)
    store.close()
    if arguments.json:
        data = {
            "schema_version": 1,
            "counts": found.counts,
            "boards": found.boards,
            "submissions_without_result": found.open_submissions,
            "findings": [
                {"code": each.code, "message": each.message, "hint": each.hint}
                for each in found.findings
            ],
        }
        print(json.dumps(data, indent=2))
        return FINDINGS if found.findings else DONE
    for each in found.findings:
        print(each.render())
    seen = ", ".join(f"{count} {name}" for name, count in found.counts.items())
    if found.counts:
        print(
            f"{seen}, {found.boards} boards; submissions without a result (refused, or not graded"
            f" yet): {found.open_submissions}"
        )
    print("all as recorded" if not found.findings else f"{len(found.findings)} findings")
    return FINDINGS if found.findings else DONE


def rebuild(arguments: argparse.Namespace) -> int:
    """`leaderboard rebuild`."""
    from leaderboard.configure import rebuild_boards

    del arguments
    store = open_store(must_exist=True)
    rebuild_boards(store)
    store.close()
    print("every board was built anew from the log", file=sys.stderr)
    return DONE


def backup_store(arguments: argparse.Namespace) -> int:
    """`leaderboard backup`."""
    from leaderboard.backup import backup

    store = open_store(must_exist=True)
    _say(backup(store, Path(arguments.file)), f"wrote {visible(arguments.file)}")
    store.close()
    return DONE


def restore_store(arguments: argparse.Namespace) -> int:
    """`leaderboard restore`."""
    from leaderboard.backup import fill, opened_backup

    with opened_backup(
        Path(arguments.file)
    ) as source:  # else a broken one would leave an empty store behind
        store: Store = open_store()
        _say(fill(store, source), f"filled {visible(store.label)}")
        store.close()
    return DONE


def _say(counts: dict[str, int], done: str) -> None:
    print(
        f"{done}: {counts['submissions']} submissions, {counts['results']} results,"
        f" {counts['contents']} contents",
        file=sys.stderr,
    )


def _by(arguments: argparse.Namespace) -> str:
    if arguments.by:
        return str(arguments.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise bad_input(
            "no-login", "this account has no name", hint="--by NAME says who decides"
        ) from None
