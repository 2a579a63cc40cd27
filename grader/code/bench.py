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

from grader.code.finished_layers import GONE
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
    def open(self, submission: Path, limits: Limits, /, *, own_work: bool) -> Worker: ...


Opens = Callable[[WorkerKind], _Server]
_STAND_IN = re.compile(r"((\w+)[\w.]*) was used, but (.+)", re.DOTALL)
_FINISHED = re.compile(rf"(torch's [\w.]+) {re.escape(GONE)}")
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

    @classmethod
    def of(cls, finding: Finding) -> FoundError:
        """The same finding for another test."""
        return FoundError(finding.message, mistake=finding.mistake, verdict=finding.verdict)


class EndedError(FoundError):
    """The worker ended over the code, for this reason; `printed` is a sentence on what it had printed."""

    def __init__(self, reason: str, printed: str) -> None:
        super().__init__(f"The code gave no result: {reason}.{printed}")
        self._reason, self._printed = reason, printed

    def while_loading(self, file: str) -> Finding:
        """What is to say of a file that could not even be loaded."""
        return Finding(
            "wrong",
            f"Loading {file} gave no result: {self._reason}. Nothing in it can be tested until that is "
            "mended, and it was not tried again. What stands outside of functions and classes runs "
            'when the file is loaded: training, tests and plots belong under if __name__ == "__main__".'
            f"{self._printed}",
            mistake="ended-while-loading",
        )


@dataclass(frozen=True)
class CodeTest:
    """One test of the judge: what it runs, on which file.

    A `file` that ends in "/" is a folder, in which some file must be. `own_work`: the task is to
    write what a library has finished, so it runs in a worker that has nothing finished.
    `task`: the hidden set that it needs, and `mark` what its score must be above.
    """

    run: Callable[[Bench], Finding]
    file: str
    own_work: bool = False
    task: Task | None = None
    mark: Callable[[HiddenSets], float] | None = None
    by_clock: bool = False  # what it finds depends on how long something takes


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
    """The workers of one submission, replaced when they have ended: of each kind one, and one more
    that has nothing finished for own work. Nothing that code leaves behind in one reaches another.

    `total_s`: how long its code may take by the clock, all requests together. `loaded`: its files
    that came to an end when they were loaded; `broken`: what is to say of those that did not.
    """

    def __init__(self, zygotes: Opens, folder: Path, limits: Limits, total_s: float) -> None:
        self._zygotes, self._folder, self._limits = zygotes, folder, limits
        self._total_s = self._left_s = total_s
        self._hung = False
        self.loaded: set[str] = set()
        self.broken: dict[str, Finding] = {}
        self._workers: dict[tuple[WorkerKind, bool], Worker] = {}

    def ask(
        self, kind: WorkerKind, steps: list[dict[str, Any]], seed: int, *, own_work: bool
    ) -> Reply:
        """Send steps to the worker of a kind; a worker that ends over it is forgotten.

        `own_work`: to the one that has nothing finished. Raises OutOfTimeError before a request for
        which no time is left.
        """
        if self._left_s <= 0:
            raise OutOfTimeError(self._total_s, hung=self._hung)
        which = kind, own_work
        if which not in self._workers:
            server = self._zygotes(kind)
            self._workers[which] = server.open(self._folder, self._limits, own_work=own_work)
        start = time.monotonic()
        try:
            return self._workers[which].ask(steps, seed)
        except BaseException as error:
            self._workers.pop(which).close()
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
        file: str = "",
        own_work: bool = False,
    ) -> None:
        self._file, self._own_work = file, own_work
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
        self._load()
        return self._asked(steps, quiet=quiet)

    def _load(self) -> None:
        """Load the file by itself before it is first used; one that ends the worker is not tried again."""
        benches, file = self._benches, self._file
        if file in benches.broken:
            raise FoundError.of(benches.broken[file])
        if file in benches.loaded or not file.endswith(".py"):
            return
        module = file.removesuffix(".py").replace("/", ".")
        # The class of the module: loading it is all that this comes to.
        step = {"do": "call", "target": f"{module}:__class__", "args": ["loaded"], "as": "module"}
        try:
            self._asked([step], quiet=False)
        except EndedError as error:
            benches.broken[file] = error.while_loading(file)
            raise FoundError.of(benches.broken[file]) from None
        benches.loaded.add(file)

    def _asked(self, steps: list[dict[str, Any]], *, quiet: bool) -> Reply:
        try:
            return self._benches.ask(
                self._worker, steps, self._worker_seed, own_work=self._own_work
            )
        except WorkerEndedError as error:
            shown = not quiet and error.output.strip()
            printed = f" It had printed: {one_line(error.output)}" if shown else ""
            raise EndedError(error.reason, printed) from None
        except OutOfTimeError as error:
            if error.hung:
                # Its own endless calls used the time up.
                raise FoundError(f"Not reached: {error} with the checks before this one.") from None
            raise FoundError(
                f"Not reached: {error}, and every call came to an end. It may be the machine: a "
                "person will look at it.",
                verdict="undecided",
            ) from None

    def results(self, steps: list[dict[str, Any]], doing: str) -> Mapping[str, Any]:
        """What the steps sent; raises FoundError when the code raised or something is missing."""
        reply = self.ask(steps)
        if reply.missing is not None:
            raise FoundError(
                f"The submission has no {one_line(reply.missing)}.", verdict="not_answered"
            )
        if reply.raised is not None:
            raise raised(reply.raised, doing, self._worker)
        if not {step["label"] for step in steps if step["do"] == "send"} <= set(reply.sent):
            raise FoundError("The code gave no result: the reply was not complete.")
        return reply.sent


def raised(error: Raised, doing: str, worker: WorkerKind = "torch") -> FoundError:
    """The finding for an exception of the student's code."""
    place = f" ({one_line(error.place, 80)})" if error.place else ""
    if error.type_name == "NotImplementedError":
        return FoundError(f"It is not implemented yet{place}.", verdict="not_answered")
    finished = _FINISHED.search(error.text)
    if finished:
        return FoundError(
            f"{doing} used {one_line(finished[1], 80)}{place}, a finished recurrent layer, where the "
            "task is to write it. It is not there for this check, and earns nothing by itself: a "
            "person will look at it.",
            verdict="needs_person",
        )
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
