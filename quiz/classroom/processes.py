"""Several server processes on one port.

Each has a socket of its own at the shared port, over which the system spreads who comes. The sockets are opened before
the processes are: one that has to be started anew takes over its predecessor's, and who waits there waits on.
What was loaded before is shared by all of them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from web.server import listening

QUICK_S = 5.0
MOST_QUICK = 3
"""So many ends in a row right after a start: another start would not help."""
GRACE_S = 10
"""How long a request may still take once the server is to stop."""
STOP_S = GRACE_S + 5.0
_CHECK_S = 0.2


def shared_sockets(port: int, host: str, count: int) -> list[socket.socket]:
    """Sockets at one port, a socket for each process. Raises OSError where another program has the port."""
    # Alone, so that a port that another server shares counts as taken.
    alone = listening(port, host)
    port = alone.getsockname()[1]
    if count == 1:
        return [alone]
    alone.close()
    return [listening(port, host, shared=True) for _ in range(count)]


def run_processes(work: Callable[[socket.socket], None], sockets: Sequence[socket.socket]) -> bool:
    """Run `work` in a process for each socket until Ctrl-C or SIGTERM; whether it ended because it was asked to.

    A process that ends on its own is started again; False where that happens right after the start, again and again.
    """
    gc.collect()
    gc.freeze()  # what is shared stays shared: collections do not touch it
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    running: dict[int, tuple[int, float]] = {}
    quick = 0
    try:
        for place in range(len(sockets)):
            running[_started(work, sockets, place)] = place, time.monotonic()
        while not stopping and quick < MOST_QUICK:
            pid, _ = _ended(running)
            if pid == 0:
                time.sleep(_CHECK_S)
                continue
            place, since = running.pop(pid)
            if stopping:
                break
            quick = quick + 1 if time.monotonic() - since < QUICK_S else 0
            print("a server process ended; it is started again", file=sys.stderr)
            running[_started(work, sockets, place)] = place, time.monotonic()
        return stopping
    finally:
        _stop_all(running)
        for number, handler in before.items():
            signal.signal(number, handler)


def _started(
    work: Callable[[socket.socket], None], sockets: Sequence[socket.socket], place: int
) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        # The server sets its own; what it raises again afterwards ends nothing half-way.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
        for other, each in enumerate(sockets):
            if other != place:
                each.close()
        work(sockets[place])
        status = 0
    except BaseException as error:  # noqa: BLE001 - a child must never return into its parent's work
        print(f"a server process failed: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _follow(parent: int) -> None:
    """End with the parent, also where it was killed and could not say so."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _ended(running: dict[int, tuple[int, float]]) -> tuple[int, int]:
    """One of our processes that has ended, and how; (0, 0) while all run."""
    for pid in running:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return found, status
    return 0, 0


def _stop_all(running: dict[int, tuple[int, float]]) -> None:
    """Ask all of them to end, wait for what they are doing, and end those that do not."""
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    patience = time.monotonic() + STOP_S
    while running and time.monotonic() < patience:
        pid, _ = _ended(running)
        if pid:
            running.pop(pid)
        else:
            time.sleep(0.05)
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
