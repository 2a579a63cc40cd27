"""Bounds on what the check of one question may take, so that a single question cannot take the machine."""

from __future__ import annotations

import contextlib
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What a process may take beyond what it has: many times the most that a question of the course needs.
MEMORY = 4 << 30
ROUTE_CPU_S = 20.0


class TookTooLong(Exception):
    """A computation was ended after the processor time that it was granted."""


@contextlib.contextmanager
def bounded_memory(more: int = MEMORY) -> Iterator[None]:
    """Within it, allocations beyond `more` bytes fail with MemoryError, or torch's RuntimeError, and end no process.

    Only where the system tells how much a process has (Linux); elsewhere nothing is bounded.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _data() + more if _DATA.exists() else None
    if limit is None or (hard != resource.RLIM_INFINITY and limit > hard):
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


_DATA = Path("/proc/self/statm")


def _data() -> int:
    return int(_DATA.read_text().split()[5]) * resource.getpagesize()


@contextlib.contextmanager
def bounded_time(seconds: float = ROUTE_CPU_S) -> Iterator[None]:
    """Within it, TookTooLong is raised after so much processor time (a busy machine ends nothing early).

    Signals reach the main thread alone: in any other, nothing is bounded.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
