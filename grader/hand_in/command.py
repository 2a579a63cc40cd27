"""`grade --watch`: a folder that hand-ins are dropped into, from the options to the end of the run."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from grader.batch_desk import Order
from grader.batch_progress import tell
from grader.code import list_assignments
from grader.files import Outputs
from grader.grade import Settings
from grader.hand_in.folder import Watched
from grader.hand_in.grading import Grading
from grader.hand_in.whose import Whose, by_pattern, by_roster
from grader.intake import Task, accept
from leaderboard.queued import is_done
from leaderboard.store import open_store
from question_bank.command_line import DONE
from question_bank.diagnostics import InputError, Where, bad_input
from web.server import until_stopped


def watch(arguments: argparse.Namespace, task: Task, settings: Settings) -> int:
    """Take and grade until Ctrl-C or SIGTERM, or with --once until nothing waits."""
    folder: Path = arguments.watch
    outputs = Outputs(arguments.output, gradescope=arguments.format == "gradescope")
    outputs.check([folder], [])
    whose = _whose(arguments)
    tasks = watched_tasks(task)
    order = Order(task, settings, outputs, tasks=tasks)
    store = open_store()
    watched = Watched(
        folder,
        store,
        whose,
        lambda path: assignment_of(path, task),
        tell,
        time.monotonic,
        outputs=outputs,
    )
    watched.prepare()

    def look() -> None:
        watched.look()

    def stop() -> bool:
        return arguments.once and watched.is_quiet() and is_done(store, tasks)

    try:
        with _alone(folder), until_stopped():
            tell(f"watching {folder}; Ctrl-C stops it, and the next start goes on")
            Grading(store, order, arguments.jobs, tell, look, stop).run()
    finally:
        store.close()
    return DONE


def watched_tasks(task: Task) -> dict[str, Task]:
    """By assignment, what a folder's submissions are graded against; every exercise, where none is named."""
    if task.assignment is not None:
        return {task.assignment: task}
    return {name: Task(exercise=name) for name in list_assignments()}


def assignment_of(path: Path, task: Task) -> tuple[str | None, list[str]]:
    """The assignment that a file is for; None, with the reasons, where that cannot be seen."""
    if task.assignment is not None:
        return task.assignment, []
    try:
        return accept(path, Task(), None).assignment, []
    except InputError as error:
        return None, [each.render().replace(str(path), path.name) for each in error.diagnostics]


def _whose(arguments: argparse.Namespace) -> Whose:
    if arguments.roster and arguments.user_from:
        raise bad_input("two-users", "--roster and --user-from exclude each other")
    if arguments.roster:
        return by_roster(arguments.roster)
    if arguments.user_from:
        return by_pattern(arguments.user_from)
    raise bad_input(
        "no-user",
        "a watched folder's files must say who handed them in",
        hint="--user-from '^(?P<user>w[0-9]+)' finds the user in each name, --roster FILE.csv knows the users",
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While this is open, no other run takes from the folder. InputError where one does."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise bad_input(
                "watched-already",
                "another `grade --watch` is at this folder",
                where=Where(str(folder)),
            ) from None
        except OSError:
            tell(f"{folder} lies where nothing can be locked: see that only one run watches it")
        yield
    finally:
        os.close(handle)
