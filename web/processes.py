"""Several server processes on one port, and others beside them.

Each has a socket of its own at the shared port, over which the system spreads who comes. The sockets are opened before
the processes are: one that has to be started anew takes over its predecessor's, and who waits there waits on.
What was loaded before is shared by all of them.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import FrameType

from web.followers import end_with
from web.server import listening, until_stopped

Work = Callable[[socket.socket], None]
Beside = Callable[[], None]

QUICK_S = 5.0
MOST_QUICK = 3
"""So many ends in a row right after a start: another start would not help."""
AGAIN_S = 30.0
"""What runs beside the servers is started again no sooner than so long after its last start."""
GRACE_S = 10
"""How long a request may still take once the server is to stop."""
STOP_S = GRACE_S + 5.0
_CHECK_S = 0.5


@dataclass(frozen=True)
class Running:
    """A process that does the task at this place, and since when."""

    process: ForkProcess
    place: int
    since: float


def shared_sockets(port: int, host: str, count: int) -> list[socket.socket]:
    """Sockets at one port, a socket for each process. Raises OSError where another program has the port."""
    # Alone, so that a port that another server shares counts as taken.
    alone = listening(port, host)
    port = alone.getsockname()[1]
    if count == 1:
        return [alone]
    alone.close()
    return [listening(port, host, shared=True) for _ in range(count)]


def run_processes(
    work: Work, sockets: Sequence[socket.socket], *, beside: Sequence[Beside] = ()
) -> bool:
    """Run `work` in a process for each socket until Ctrl-C or SIGTERM; whether it ended because it was asked to.

    beside: what else is done all the while, in a process each. A process that ends on its own is started again; False
    where that happens right after the start, again and again.
    """
    tasks = [
        *(partial(_work, work, sockets, place) for place in range(len(sockets))),
        *(partial(_other, each, sockets) for each in beside),
    ]
    gc.collect()
    gc.freeze()  # what is shared stays shared: collections do not touch it
    asked = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    running = [_started(tasks, place) for place in range(len(tasks))]
    quick = 0
    try:
        while not asked.is_set() and quick < MOST_QUICK:
            wait([each.process.sentinel for each in running if each.process.is_alive()], _CHECK_S)
            for each in [each for each in running if not each.process.is_alive()]:
                if asked.is_set():
                    break
                age = time.monotonic() - each.since
                if each.place >= len(sockets):
                    # Pages go on without it; it may be mended meanwhile.
                    if age < AGAIN_S:
                        continue
                    print("what runs beside the server is started again", file=sys.stderr)
                else:
                    quick = quick + 1 if age < QUICK_S else 0
                    print("a server process ended; it is started again", file=sys.stderr)
                running.remove(each)
                running.append(_started(tasks, each.place))
        return asked.is_set()
    finally:
        _stop_all(running)
        for number, handler in before.items():
            signal.signal(number, handler)


def _started(tasks: Sequence[Beside], place: int) -> Running:
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_do, args=(tasks[place], os.getpid()))
    process.start()
    return Running(process, place, time.monotonic())


def _do(task: Beside, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with until_stopped():
        # Within: until then a signal only does what it does to the process that this one was forked from.
        end_with(parent)
        task()


def _work(work: Work, sockets: Sequence[socket.socket], place: int) -> None:
    for other, each in enumerate(sockets):
        if other != place:
            each.close()
    work(sockets[place])


def _other(beside: Beside, sockets: Sequence[socket.socket]) -> None:
    for each in sockets:
        each.close()
    beside()


def _stop_all(running: Sequence[Running]) -> None:
    """Ask all of them to end, wait for what they are doing, and end those that do not."""
    for each in running:
        each.process.terminate()
    patience = time.monotonic() + STOP_S
    for each in running:
        each.process.join(max(patience - time.monotonic(), 0))
        if each.process.is_alive():
            each.process.kill()
            each.process.join()
