"""Worker processes that stay warm: one for each core, started early, fed one job at a time.

They come from a fork server that has imported the renderer and nothing else, so that no thread of the caller
(the solver's, for one) is copied half-way. A worker ends when its pipe does: whatever kills the caller, no
worker is left behind.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Self

from question_bank.diagnostics import Diagnostic, InputError

Work = Callable[[Any, Any], Any]


class LostWorker(RuntimeError):
    """A worker process ended before its job did: killed, or out of memory."""


@dataclass(frozen=True)
class _Task:
    """What a worker does with each job that follows."""

    work: Work
    shared: Any


@dataclass(frozen=True)
class _Failed:
    """What went wrong in a worker, in a form that crosses a pipe."""

    diagnostics: tuple[Diagnostic, ...] = ()
    trace: str = ""


@dataclass
class Crew:
    """Worker processes. They start in the background, while the caller goes on.

    Args:
        size: how many.
        preload: modules that the fork server imports before it makes workers.
        ready: what the first worker does of its own accord while it waits for the first job. The others
            leave the processors to the caller until then: what they save later, it would wait for now.
    """

    size: int
    preload: tuple[str, ...] = ()
    ready: Callable[[], None] | None = None
    _pipes: list[Connection] = field(default_factory=list)
    _processes: list[Any] = field(default_factory=list)
    _fault: list[BaseException] = field(default_factory=list)
    _starting: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._starting = threading.Thread(target=self._start, daemon=True)
        self._starting.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._starting is not None:
            self._starting.join()
        for pipe in self._pipes:
            pipe.close()
        # They write nothing, and whatever they made has been received or is not wanted any more.
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()

    def _start(self) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload(list(self.preload))
        try:
            for number in range(self.size):
                ours, theirs = context.Pipe()
                self._pipes.append(ours)
                ready = self.ready if number == 0 else None
                process = context.Process(target=_serve, args=(theirs, ready), daemon=True)
                process.start()
                theirs.close()
                self._processes.append(process)
        except Exception as fault:  # noqa: BLE001 - told to whoever waits for the workers
            self._fault.append(fault)

    def ask(self, work: Work, job: Any) -> Any:
        """Have the first worker, the one that is ready, do ``work(None, job)``. Errors as of `map`."""
        ((_, result),) = self.map(work, None, (job,))
        return result

    def map(self, work: Work, shared: Any, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do jobs in any order; yield each with what ``work(shared, job)`` returned.

        Raises:
            InputError: what a job raised.
            RuntimeError: a fault in a job, or a worker that is gone.
        """
        if self._starting is None:
            raise RuntimeError("a crew works inside its with block")
        self._starting.join()
        if self._fault:
            raise self._fault[0]
        waiting = iter(jobs)
        busy: dict[Connection, Any] = {}
        for pipe in self._pipes:
            with _lost():
                pipe.send(_Task(work, shared))
            _give(pipe, waiting, busy)
        while busy:
            # What `wait` gives back are those of our connections that have something to say.
            for pipe in [pipe for pipe in wait(list(busy)) if isinstance(pipe, Connection)]:
                job = busy.pop(pipe)
                with _lost():
                    result = pipe.recv()
                if isinstance(result, _Failed):
                    if result.diagnostics:
                        raise InputError(*result.diagnostics)
                    raise RuntimeError(result.trace)  # noqa: TRY004 - a fault of ours, not a wrong type
                _give(pipe, waiting, busy)
                yield job, result


def _give(pipe: Connection, waiting: Iterator[Any], busy: dict[Connection, Any]) -> None:
    for job in waiting:
        with _lost():
            pipe.send(job)
        busy[pipe] = job
        return


@contextlib.contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise LostWorker(
            "a worker process ended before its work did: out of memory, or killed"
        ) from error


def _serve(pipe: Connection, ready: Callable[[], None] | None) -> None:
    # Ctrl-C reaches every process of the terminal: the caller alone reacts to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if ready is not None:
        ready()
    # The collector would walk through everything imported, many times in each job.
    gc.collect()
    gc.freeze()
    gc.disable()
    with contextlib.suppress(EOFError, ConnectionError):
        task: _Task = pipe.recv()
        while True:
            job = pipe.recv()
            if isinstance(job, _Task):
                task = job
                continue
            pipe.send(_done(task.work, task.shared, job))
            # What a job leaves in circles goes; what it leaves to be kept is not looked through again.
            gc.collect()
            gc.freeze()


def _done(work: Work, shared: Any, job: Any) -> Any:
    try:
        return work(shared, job)
    except InputError as error:
        return _Failed(diagnostics=error.diagnostics)
    except Exception:  # noqa: BLE001 - told to the caller, who raises it
        return _Failed(trace=traceback.format_exc())
