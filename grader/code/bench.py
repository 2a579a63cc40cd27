"""What a test works with: fresh numbers, a worker to ask, and the words for what it found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.code.frames import Raised, Reply
from grader.code.sandbox.host import Limits, Worker, WorkerEndedError, WorkerKind, Zygote
from grader.code.sanitise import one_line
from grader.report import Verdict


@dataclass(frozen=True)
class Finding:
    """How a test went, in words for the student."""

    verdict: Verdict
    message: str
    mistake: str | None = None


class FoundError(Exception):
    """Ends a test early with what was found."""

    def __init__(
        self, message: str, *, mistake: str | None = None, verdict: Verdict = "wrong"
    ) -> None:
        super().__init__(message)
        self.finding = Finding(verdict, message, mistake)


@dataclass(frozen=True)
class CodeTest:
    """One test of the judge: what it runs, on which file."""

    run: Callable[[Bench], Finding]
    file: str


class Benches:
    """The workers of one submission: one of each kind, replaced when it has ended."""

    def __init__(self, zygotes: Mapping[WorkerKind, Zygote], folder: Path, limits: Limits) -> None:
        self._zygotes, self._folder, self._limits = zygotes, folder, limits
        self._workers: dict[WorkerKind, Worker] = {}

    def ask(self, kind: WorkerKind, steps: list[dict[str, Any]], seed: int) -> Reply:
        """Send steps to the worker of a kind; a worker that ends over it is forgotten."""
        if kind not in self._workers:
            self._workers[kind] = self._zygotes[kind].open(self._folder, self._limits)
        try:
            return self._workers[kind].ask(steps, seed)
        except BaseException:
            self._workers.pop(kind).close()
            raise

    def close(self) -> None:
        """End all workers."""
        while self._workers:
            self._workers.popitem()[1].close()


class Bench:
    """One test's view: its own random numbers, and the worker of its kind."""

    def __init__(
        self, benches: Benches, worker: WorkerKind, name: str, seed: int, device: str
    ) -> None:
        self._benches, self._worker, self.device = benches, worker, device
        words = hashlib.sha256(f"{seed}:{name}".encode()).digest()
        self.rng = np.random.default_rng(list(words))
        self._worker_seed = int.from_bytes(words[:4], "little")

    def ask(self, steps: list[dict[str, Any]]) -> Reply:
        """The worker's answer, whatever it is; raises FoundError when the worker ended over it."""
        try:
            return self._benches.ask(self._worker, steps, self._worker_seed)
        except WorkerEndedError as error:
            printed = f" It had printed: {one_line(error.output)}" if error.output.strip() else ""
            raise FoundError(f"The code gave no result: {error.reason}.{printed}") from None

    def results(self, steps: list[dict[str, Any]], doing: str) -> Mapping[str, Any]:
        """What the steps sent; raises FoundError when the code raised or something is missing."""
        reply = self.ask(steps)
        if reply.missing is not None:
            raise FoundError(
                f"The submission has no {one_line(reply.missing)}.", verdict="not_answered"
            )
        if reply.raised is not None:
            raise raised(reply.raised, doing)
        if reply.seen:
            raise FoundError(
                "The code calls a finished recurrent layer of torch "
                f"({', '.join(one_line(name, 40) for name in reply.seen)}) where the task is to "
                "write it. A person will look at it.",
                verdict="needs_person",
            )
        if not {step["label"] for step in steps if step["do"] == "send"} <= set(reply.sent):
            raise FoundError("The code gave no result: the reply was not complete.")
        return reply.sent


def raised(error: Raised, doing: str) -> FoundError:
    """The finding for an exception of the student's code."""
    place = f" ({one_line(error.place, 80)})" if error.place else ""
    if error.type_name == "NotImplementedError":
        return FoundError(f"It is not implemented yet{place}.", verdict="not_answered")
    what = "SystemExit (sys.exit or exit)" if error.type_name == "SystemExit" else error.type_name
    text = one_line(error.text).rstrip(".")
    return FoundError(f"{doing} raised {one_line(what, 60)}{': ' + text if text else ''}{place}.")
