"""The options of `grade --watch`, `--serve` and `--cluster`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from leaderboard.serving.options import add_listening, add_reached, process_count, whole

PORT = 8736
MOST_MB = 512
LARGEST_MB = 100
MODES = ("watch", "serve", "cluster")


def add_hand_in(top: argparse.ArgumentParser) -> None:
    """Add them to the command."""
    taken = top.add_argument_group("taking hand-ins in (everything is recorded, then graded)")
    modes: Any = taken.add_mutually_exclusive_group()
    modes.add_argument(
        "--watch",
        type=Path,
        metavar="DIR",
        help="grade what is dropped into a folder, by --user-from or --roster; results go to -o",
    )
    modes.add_argument(
        "--serve",
        action="store_true",
        help="take hand-ins in browsers and by POST /submissions, and grade them; the class is that of `quiz serve links`",
    )
    modes.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="grade what waits in the store on a Ray cluster: HOST:PORT, auto, or local for one on this machine",
    )
    taken.add_argument(
        "--offer",
        action="append",
        metavar="NAME",
        help="with --serve: an exercise that is taken in (repeatable; default: those with a tab on the boards); with --cluster: one that is graded (default: all)",
    )
    taken.add_argument(
        "--once",
        action="store_true",
        help="with --watch and --cluster: leave when nothing waits any more",
    )
    taken.add_argument(
        "--roster",
        type=Path,
        metavar="FILE.csv",
        help="with --watch: file names begin with one of its users; with --serve: only its students come in",
    )
    taken.add_argument(
        "--largest",
        type=_megabytes,
        default=LARGEST_MB,
        metavar="MB",
        help=f"with --serve: a submission has at most so many megabytes ({LARGEST_MB})",
    )
    taken.add_argument(
        "--show-solutions",
        action="store_true",
        help="with --serve: reports show worked solutions at once, not only when nothing can count any more",
    )
    taken.add_argument(
        "--cpus",
        type=_cpus,
        default=1,
        metavar="N",
        help="with --cluster: CPUs for each submission (1); --jobs N: at most so many at a time",
    )
    taken.add_argument(
        "--gpu",
        action="append",
        metavar="NAME",
        help="with --cluster: an assignment whose submissions get a GPU each (repeatable)",
    )
    add_reached(taken, port=PORT)
    add_listening(taken)
    taken.add_argument(
        "--processes",
        type=process_count,
        default=1,
        metavar="N",
        help="with --serve: processes that answer browsers (1); --jobs is for grading",
    )


def refuse_misuse(arguments: argparse.Namespace) -> None:
    """Refuse what does not go with taking hand-ins in, and what goes with nothing else. Raises InputError."""
    from question_bank.diagnostics import bad_input

    if arguments.review or arguments.regrade:
        given_modes = [name for name in MODES if getattr(arguments, name, None)]
        if given_modes:
            raise bad_input(
                "two-tasks", f"--{given_modes[0]} goes with neither --review nor --regrade"
            )
    mode = next((name for name in MODES if getattr(arguments, name, None)), None)
    for word, given, modes in (
        ("--offer", arguments.offer, ("serve", "cluster")),
        ("--once", arguments.once, ("watch", "cluster")),
        ("--roster", arguments.roster, ("watch", "serve")),
        ("--cpus", arguments.cpus != 1, ("cluster",)),
        ("--gpu", arguments.gpu, ("cluster",)),
        ("--largest", arguments.largest != LARGEST_MB, ("serve",)),
        ("--show-solutions", arguments.show_solutions, ("serve",)),
        ("--public-url", arguments.public_url, ("serve",)),
        ("--prefix", arguments.prefix, ("serve",)),
        ("--port", arguments.at_port != PORT and not arguments.web, ("serve",)),
        ("--host", arguments.host != "127.0.0.1", ("serve",)),
        ("--proxy", arguments.proxy, ("serve",)),
        ("--processes", arguments.processes != 1, ("serve",)),
    ):
        if given and mode not in modes:
            named = " or ".join(f"--{name}" for name in modes)
            raise bad_input("bad-usage", f"{word} goes with {named}")
    if mode is None:
        return
    others = {
        "a submission": arguments.submissions,
        "--user": arguments.user,
        "--seed": arguments.seed is not None,
        "--replay": arguments.replay,
        "--json": arguments.json,
        "--html": arguments.html,
        "--unsure": arguments.unsure,
        "--web": arguments.web,
        "--publish": arguments.publish,
        "--by": arguments.by,
        "--user-from": arguments.user_from if mode != "watch" else None,
        "-o": arguments.output if mode == "serve" else None,
    }
    wrong = [word for word, given in others.items() if given]
    if wrong:
        raise bad_input("bad-usage", f"{wrong[0]} does not go with --{mode}")
    tasks = [f"--{name}" for name in ("assignment", "key", "exam") if getattr(arguments, name)]
    if len(tasks) > 1:
        raise bad_input("two-tasks", f"{' and '.join(tasks)} exclude each other")


def _cpus(text: str) -> int:
    return whole(text, 1, 1024, "a number of CPUs")


def _megabytes(text: str) -> int:
    return whole(text, 1, MOST_MB, "a number of megabytes")
