"""Rendering the forms of an exam, on several processor cores where there are several forms.

The workers come from a fork server: a fresh process that has imported the renderer once and
nothing else, so that no thread of the caller (the solver's, for one) is copied half-way.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from generator.exam import Form

# Below this, starting workers takes longer than they save.
WORTH_WORKERS = 2


Render = Callable[[Form, str], bytes]


def render(form: Form, name: str) -> bytes:
    """Render one file of a form: ``exam.pdf`` or ``solutions.pdf``."""
    from generator.render import render_exam, render_solutions

    return render_exam(form) if name == "exam.pdf" else render_solutions(form)


def rendered(
    forms: Sequence[Form], with_render: Render = render
) -> Iterator[tuple[str, str, bytes]]:
    """Render every form; yield form label, file name and PDF, in a fixed order."""
    jobs = [(form, name) for form in forms for name in ("exam.pdf", "solutions.pdf")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if len(forms) < WORTH_WORKERS or cores < WORTH_WORKERS:
        for form, name in jobs:
            yield form.label, name, with_render(form, name)
        return
    context = get_context("forkserver")
    context.set_forkserver_preload(["generator.render"])
    pool = ProcessPoolExecutor(min(cores, len(forms)), context, initializer=_leave_signals)
    try:
        waiting = [(form.label, name, pool.submit(with_render, form, name)) for form, name in jobs]
        for label, name, future in waiting:
            yield label, name, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_signals() -> None:
    # Ctrl-C reaches every process of the terminal: the parent alone reacts to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
