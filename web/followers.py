"""Processes that end with the one that started them, also where it was killed and could not say so."""

from __future__ import annotations

import os
import signal
import threading
import time


def end_with(parent: int) -> None:
    """From now on, ask this process to end as soon as its parent is gone."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
