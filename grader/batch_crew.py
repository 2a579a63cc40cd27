"""Job processes: each grades one submission after the other; one that dies costs the batch nothing.

A job is started with a new interpreter, not forked: it shares nothing with this process but a pipe.
What goes over the pipe is pickled by this program on both sides; no student's code runs in either.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from grader.batch_desk import Desk, Order, Outcome
from grader.batch_members import Member

LONGEST_S = 3600.0  # for one submission; a job that takes longer hangs, which is our own fault
END_S = 10.0  # what a job gets to end its fork servers and remove its folders
PAUSE_S = 0.5  # after which it is looked whether more has come in
AGAIN_S = 0.01  # after which a job tries to leave once more
ATTEMPTS = 2
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from grader.batch_crew import work; work(int(sys.argv[1]))"
)


@dataclass
class _Job:
    process: subprocess.Popen[bytes]
    pipe: Connection
    number: int = 0  # of the member it has
    member: Member | None = None
    attempt: int = 1
    since: float = 0.0


def graded_by_jobs(
    members: Sequence[Member], order: Order, jobs: int
) -> Generator[tuple[int, Outcome], None, None]:
    """Grade the members in `jobs` processes; each one's position and outcome, as they become ready.

    A member whose job dies is tried once more in a new one; then it is undecided. When the caller
    stops early, what is under way is given up and the jobs end.
    """
    if members:
        all_at_once = iter([list(enumerate(members))])
        yield from graded_as_they_come(lambda _room: next(all_at_once, None), order, jobs)


def graded_as_they_come(
    feed: Callable[[int], Sequence[tuple[int, Member]] | None], order: Order, jobs: int
) -> Generator[tuple[int, Outcome], None, None]:
    """As `graded_by_jobs`, for members that come in while others are graded, each with a number of its own.

    `feed` is asked at least every PAUSE_S seconds for the members that there is room for (it may give more, or none),
    until it gives None: then what it gave before is graded to its end.
    """
    waiting: deque[tuple[int, Member, int]] = deque()
    busy: list[_Job] = []
    idle: list[_Job] = []
    open_still = True
    try:
        while open_still or waiting or busy:
            if open_still:
                more = feed(jobs - len(busy) - len(waiting))
                open_still = more is not None
                waiting.extend((number, member, 1) for number, member in more or ())
            while waiting and len(busy) < jobs:
                job = idle.pop() if idle else _start(order, jobs)
                job.number, job.member, job.attempt = waiting.popleft()
                job.since = time.monotonic()
                busy.append(job)
                with contextlib.suppress(OSError):  # it died: seen below
                    job.pipe.send(job.member)
            ends = [job.since + LONGEST_S - time.monotonic() for job in busy]
            ends += [PAUSE_S] if open_still else []
            if not ends:
                break
            ready = wait([job.pipe for job in busy], max(0.0, min(ends)))
            for job in list(busy):
                late = time.monotonic() - job.since > LONGEST_S
                if job.pipe not in ready and not late:
                    continue
                busy.remove(job)
                outcome = _received(job) if job.pipe in ready else None
                if outcome is not None:
                    idle.append(job)
                    yield job.number, outcome
                    continue
                status = _end(job)
                if job.attempt < ATTEMPTS and job.member is not None:
                    waiting.appendleft((job.number, job.member, job.attempt + 1))
                else:
                    yield job.number, _given_up(status, late=late)
    finally:
        for job in [*busy, *idle]:
            job.pipe.close()  # one that waits for work ends at this
        for job in busy:
            job.process.send_signal(signal.SIGTERM)
        for job in [*busy, *idle]:
            _end(job)


def _start(order: Order, jobs: int) -> _Job:
    ours, theirs = socket.socketpair()
    threads = str(max(1, len(os.sched_getaffinity(0)) // jobs))
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(theirs.fileno()), json.dumps(sys.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            # Threads of several jobs on the same cores slow torch down many times.
            env={"OMP_NUM_THREADS": threads, **os.environ},
            # Ctrl-C is for this process, which ends the jobs in good order.
            start_new_session=True,
        )
    job = _Job(process, Connection(ours.detach()))
    with contextlib.suppress(OSError):
        job.pipe.send(order)
    return job


def _received(job: _Job) -> Outcome | None:
    try:
        outcome: Outcome = job.pipe.recv()
    except (EOFError, OSError):
        return None
    return outcome


def _end(job: _Job) -> int:
    """End a job and give its exit status."""
    job.pipe.close()
    try:
        return job.process.wait(END_S)
    except subprocess.TimeoutExpired:
        job.process.kill()
        return job.process.wait()


def _given_up(status: int, *, late: bool) -> Outcome:
    how = f"exit status {status}"
    if late:
        how = f"no result after {LONGEST_S:g} s"
    elif status < 0:
        how = f"signal {-status}"
    told = (
        f"the process that graded it ended {ATTEMPTS} times ({how}), which is our own fault: "
        "nothing is lost, and the next run grades it again"
    )
    return Outcome("undecided", told=(told,))


def work(handle: int) -> None:
    """What a job does: an order, then submissions in and outcomes out, until the pipe closes."""
    heed_the_end()
    # Ended or killed, the parent closes the pipe; what is under way then is finished and kept.
    try:
        with (
            contextlib.suppress(EOFError, OSError),
            Connection(handle) as pipe,
            Desk(pipe.recv()) as desk,
        ):
            while True:
                pipe.send(desk.outcome(pipe.recv()))
    finally:
        for told in (signal.SIGTERM, signal.SIGALRM):
            signal.signal(told, signal.SIG_IGN)


def heed_the_end() -> None:
    """From now on SIGTERM ends this process in good order, wherever it finds it."""
    signal.signal(signal.SIGTERM, _leave)
    sys.unraisablehook = _leave_later


def _leave(_signal: int, _frame: object) -> None:
    # An exception, so that fork servers end and folders go away on the way out.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + signal.SIGTERM)


def _leave_later(lost: sys.UnraisableHookArgs) -> None:
    # Python drops an exception raised in a finalizer, as an import has them; the job would go on.
    if not issubclass(lost.exc_type, SystemExit):
        sys.__unraisablehook__(lost)
        return
    signal.signal(signal.SIGALRM, _leave)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
