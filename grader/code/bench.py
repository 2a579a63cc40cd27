"""What a test works with: fresh numbers, a worker to ask, and the words for what it found."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from grader.code.frames import Raised, Reply
from grader.code.hidden.sets import HiddenSets, Task
from grader.code.models.trained import Trained
from grader.code.sandbox.conversation import Limits, Worker, WorkerEndedError
from grader.code.sandbox.kinds import WorkerKind, stand_ins
from grader.code.sanitise import one_line
from grader.code.tolerances import tolerance_of
from grader.report import Verdict

Size = TypeVar("Size")


class _Server(Protocol):
    def open(self, submission: Path, limits: Limits, /) -> Worker: ...


Opens = Callable[[WorkerKind], _Server]
_STAND_IN = re.compile(r"((\w+)[\w.]*) was used, but (.+)", re.DOTALL)
_NO_MODULE = re.compile(r"No module named '(exercise_code[\w.]*)'")


@dataclass(frozen=True)
class Finding:
    """How a test went, in words for the student. `score` is what was measured of a trained model."""

    verdict: Verdict
    message: str
    mistake: str | None = None
    score: float | None = None


class FoundError(Exception):
    """Ends a test early with what was found.

    `detail` says the same more shortly, at one input; what has one is worth a look at smaller
    inputs too.
    """

    def __init__(
        self,
        message: str,
        *,
        mistake: str | None = None,
        verdict: Verdict = "wrong",
        detail: str | None = None,
    ) -> None:
        super().__init__(message)
        self.finding = Finding(verdict, message, mistake)
        self.detail = detail


@dataclass(frozen=True)
class CodeTest:
    """One test of the judge: what it runs, on which file.

    A `file` that ends in "/" is a folder, in which some file must be. `own_work`: the task is to
    write what a library has finished, so a right answer whose text reaches for the finished thing
    waits for a person. `task`: the hidden set that it needs, and `mark` what its score must be above.
    """

    run: Callable[[Bench], Finding]
    file: str
    own_work: bool = False
    task: Task | None = None
    mark: Callable[[HiddenSets], float] | None = None


def large_to_small(
    attempt: Callable[[Size], None], sizes: Sequence[Size], smaller: Sequence[Size]
) -> None:
    """Try all `sizes`; after a failure go on to the `smaller` ones, and tell the last that fails.

    `attempt` draws an input of a size and raises FoundError where the code is wrong at it. The
    verdict and the mistake are those of the first failure: a small input may fit several.
    """
    for size in sizes:
        try:
            attempt(size)
        except FoundError as error:
            detail = _smallest(attempt, smaller) if error.detail else None
            if detail is None:
                raise
            found = error.finding
            raise FoundError(
                f"{found.message} The smallest input that fails: {detail}",
                mistake=found.mistake,
                verdict=found.verdict,
            ) from None


def _smallest(attempt: Callable[[Size], None], smaller: Sequence[Size]) -> str | None:
    detail: str | None = None
    for size in smaller:
        try:
            attempt(size)
        except FoundError as error:
            if error.detail is None:
                break
            detail = error.detail
        else:
            break
    return detail


class OutOfTimeError(Exception):
    """The submission's code has had all the time that it gets. `hung`: because it did not come to an end."""

    def __init__(self, seconds: float, *, hung: bool) -> None:
        super().__init__(f"the submission's code has had its {seconds:g} s")
        self.hung = hung


class Benches:
    """The workers of one submission: one of each kind, replaced when it has ended.

    `total_s`: how long its code may take by the clock, all requests together.
    """

    def __init__(self, zygotes: Opens, folder: Path, limits: Limits, total_s: float) -> None:
        self._zygotes, self._folder, self._limits = zygotes, folder, limits
        self._total_s = self._left_s = total_s
        self._hung = False
        self._workers: dict[WorkerKind, Worker] = {}
        self._alone: dict[WorkerKind, str] = {}

    def ask(
        self, kind: WorkerKind, steps: list[dict[str, Any]], seed: int, *, alone: str = ""
    ) -> Reply:
        """Send steps to the worker of a kind; a worker that ends over it is forgotten.

        `alone`: the only file that the worker may have loaded before, where a look at that file's
        text is to say what its code can reach. Raises OutOfTimeError before a request for which no
        time is left.
        """
        if self._left_s <= 0:
            raise OutOfTimeError(self._total_s, hung=self._hung)
        before = self._alone.setdefault(kind, alone)
        if alone and alone != before and kind in self._workers:
            self._workers.pop(kind).close()
        self._alone[kind] = alone
        if kind not in self._workers:
            self._workers[kind] = self._zygotes(kind).open(self._folder, self._limits)
        start = time.monotonic()
        try:
            return self._workers[kind].ask(steps, seed)
        except BaseException as error:
            self._workers.pop(kind).close()
            limit = min(self._limits.wall_s, self._limits.cpu_s)
            ended = isinstance(error, WorkerEndedError)
            self._hung = self._hung or (ended and time.monotonic() - start >= limit / 2)
            raise
        finally:
            self._left_s -= time.monotonic() - start

    def close(self) -> None:
        """End all workers."""
        while self._workers:
            self._workers.popitem()[1].close()


class Bench:
    """One test's view: its own random numbers, and the worker of its kind."""

    def __init__(
        self,
        benches: Benches,
        worker: WorkerKind,
        name: str,
        seed: int,
        device: str,
        trained: Trained | None = None,
        *,
        alone: str = "",
    ) -> None:
        self._alone = alone
        self._benches, self._worker, self.device = benches, worker, device
        self.trained = trained or Trained()
        self.tolerance = tolerance_of(name)
        words = hashlib.sha256(f"{seed}:{name}".encode()).digest()
        self.rng = np.random.default_rng(list(words))
        self._worker_seed = int.from_bytes(words[:4], "little")

    def ask(self, steps: list[dict[str, Any]], *, quiet: bool = False) -> Reply:
        """The worker's answer, whatever it is; raises FoundError when the worker ended over it.

        `quiet`: what it had printed is not shown, as it may speak of hidden inputs.
        """
        try:
            return self._benches.ask(self._worker, steps, self._worker_seed, alone=self._alone)
        except WorkerEndedError as error:
            shown = not quiet and error.output.strip()
            printed = f" It had printed: {one_line(error.output)}" if shown else ""
            raise FoundError(f"The code gave no result: {error.reason}.{printed}") from None
        except OutOfTimeError as error:
            if error.hung:
                # Its own endless calls used the time up.
                raise FoundError(f"Not reached: {error} with the checks before this one.") from None
            raise FoundError(
                f"Not reached: {error}, and every call came to an end. It may be the machine: a "
                "person will look at it.",
                verdict="undecided",
            ) from None

    def results(
        self, steps: list[dict[str, Any]], doing: str, *, finished_layers: bool = False
    ) -> Mapping[str, Any]:
        """What the steps sent; raises FoundError when the code raised or something is missing.

        `finished_layers`: the task leaves the choice, so torch's recurrent layers may be called.
        """
        reply = self.ask(steps)
        if reply.missing is not None:
            raise FoundError(
                f"The submission has no {one_line(reply.missing)}.", verdict="not_answered"
            )
        if reply.raised is not None:
            raise raised(reply.raised, doing, self._worker)
        if not finished_layers:
            finished(reply)
        if not {step["label"] for step in steps if step["do"] == "send"} <= set(reply.sent):
            raise FoundError("The code gave no result: the reply was not complete.")
        return reply.sent


def finished(reply: Reply) -> None:
    """Raise FoundError where the watch saw a finished recurrent layer being called."""
    if reply.seen:
        raise FoundError(
            "The code calls a finished recurrent layer of torch "
            f"({', '.join(one_line(name, 40) for name in reply.seen)}) where the task is to "
            "write it. A person will look at it.",
            verdict="needs_person",
        )


def raised(error: Raised, doing: str, worker: WorkerKind = "torch") -> FoundError:
    """The finding for an exception of the student's code."""
    place = f" ({one_line(error.place, 80)})" if error.place else ""
    if error.type_name == "NotImplementedError":
        return FoundError(f"It is not implemented yet{place}.", verdict="not_answered")
    helper = _helper_not_installed(error, worker)
    if helper:
        return FoundError(
            f"{doing} used {one_line(helper, 60)}, which is not installed where submissions are "
            f"graded{place}. That is not your fault: a person will look at it.",
            verdict="needs_person",
        )
    lacking = _NO_MODULE.match(error.text) if error.type_name == "ModuleNotFoundError" else None
    if lacking:
        file = one_line(lacking[1].replace(".", "/"), 80)
        return FoundError(
            f"The code imports {one_line(lacking[1], 80)}{place}, but the submission has no "
            f"{file}.py. Hand it in with your own files: the course's helper files belong into "
            "the zip, as they came.",
            mistake="file-not-handed-in",
        )
    if error.type_name in ("SyntaxError", "IndentationError", "TabError"):
        text = one_line(error.text).rstrip(".")
        return FoundError(
            f"Python cannot read the file{place}: {error.type_name}: {text}. Nothing in it can be tested until that "
            "is mended; running the file shows the same error.",
            mistake="syntax-error",
        )
    if not place and error.text == "'NoneType' object is not subscriptable":
        return FoundError(
            f"{doing} returned None, where a tuple of results was expected: is the return missing, "
            "or does it stand in one branch alone?"
        )
    what = "SystemExit (sys.exit or exit)" if error.type_name == "SystemExit" else error.type_name
    text = one_line(error.text).rstrip(".")
    says = f"raised {one_line(what, 60)}{': ' + text if text else ''}{place}."
    # These do not depend on the input, so a smaller one has nothing to add.
    everywhere = error.type_name in (
        "NameError",
        "ImportError",
        "ModuleNotFoundError",
        "MemoryError",
    )
    detail = None if everywhere else f"{doing} {says}"
    return FoundError(f"{doing} {says}", detail=detail)


def _helper_not_installed(error: Raised, worker: WorkerKind) -> str | None:
    """The package behind a stand-in that was used; torch in a task for NumPy is no helper."""
    used = _STAND_IN.fullmatch(error.text) if error.type_name == "ImportError" else None
    if used is None or used[2] == "torch":
        return None
    return used[1] if stand_ins(worker).get(used[2]) == used[3] else None
