"""`grade --cluster`: a driver in a process of its own, started again whenever the cluster is lost."""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import signal
import threading
from importlib.util import find_spec

from grader.batch_desk import Order
from grader.batch_progress import tell
from grader.files import Outputs
from grader.grade import Settings
from grader.hand_in.command import watched_tasks
from grader.hand_in.offers import offered
from grader.intake import Task
from leaderboard.boards import configuration_of
from leaderboard.queued import is_done
from leaderboard.store import open_store
from question_bank.command_line import BAD_INPUT, DONE, OUR_FAULT
from question_bank.diagnostics import InputError, bad_input
from web.followers import end_with
from web.server import until_stopped

AGAIN_S = 5.0
STOP_S = 60.0
NO_CLUSTER = (
    4  # how a driver says that there is none; the library ends the process by itself with others
)


def cluster(arguments: argparse.Namespace, task: Task, settings: Settings) -> int:
    """Grade what waits in the store on a Ray cluster, until Ctrl-C or SIGTERM, or with --once until nothing waits."""
    if find_spec("ray") is None:
        raise bad_input(
            "no-ray",
            "--cluster needs Ray, which is not installed",
            hint='pip install "mockexam[cluster]" on every machine of the cluster',
        )
    outputs = Outputs(arguments.output, gradescope=arguments.format == "gradescope")
    outputs.check([], [])
    store = open_store()
    try:
        offers = (
            offered(task, arguments.offer or (), configuration_of(store)) if arguments.offer else ()
        )
    finally:
        store.close()
    tasks = {offer.assignment: offer.task for offer in offers} or watched_tasks(task)
    unknown = sorted(set(arguments.gpu or ()) - tasks.keys())
    if unknown:
        raise bad_input(
            "unknown-assignment",
            f'--gpu names "{unknown[0]}", which is not graded here',
            hint=f"graded are: {', '.join(tasks)}",
        )
    order = Order(task, settings, tasks=tasks)
    return _drivers(arguments, order, outputs)


def _drivers(arguments: argparse.Namespace, order: Order, outputs: Outputs) -> int:
    """One driver after the other, as long as they are lost."""
    asked = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: asked.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    context, connected_once = multiprocessing.get_context("fork"), False
    try:
        while True:
            process = context.Process(target=_drive, args=(arguments, order, outputs))
            process.start()
            while process.is_alive() and not asked.is_set():
                process.join(0.5)
            if asked.is_set():
                process.terminate()
                process.join(STOP_S)
                if process.is_alive():
                    process.kill()
                    process.join()
                return DONE
            status = process.exitcode
            connected_once = connected_once or status not in (NO_CLUSTER, BAD_INPUT)
            if status in (DONE, BAD_INPUT) or (status == NO_CLUSTER and not connected_once):
                return DONE if status == DONE else BAD_INPUT
            tell(
                f"the cluster was lost; it is looked for again in {AGAIN_S:g} s, and nothing is lost"
            )
            asked.wait(AGAIN_S)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _drive(arguments: argparse.Namespace, order: Order, outputs: Outputs) -> None:
    """What a driver's process does; its exit status says how it ended."""
    import os

    from grader.cluster.driver import Driver, connected

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(os.getppid())
    status = OUR_FAULT
    with until_stopped(), contextlib.closing(open_store()) as store:
        try:
            with connected(arguments.cluster) as ray:
                tell(f"grading on the cluster at {arguments.cluster}; Ctrl-C stops it")
                Driver(
                    ray,
                    store,
                    order,
                    outputs,
                    tell,
                    arguments.cpus,
                    frozenset(arguments.gpu or ()),
                    arguments.jobs if arguments.jobs > 1 else None,
                    lambda: arguments.once and is_done(store, order.tasks),
                ).run()
            status = DONE
        except ConnectionError as error:
            tell(f"no cluster at {arguments.cluster}: {error}")
            status = NO_CLUSTER
        except InputError as error:
            for each in error.diagnostics:
                tell(each.render())
            status = BAD_INPUT
    raise SystemExit(status)
