"""The judge: runs an assignment's checks against a submission and says how each one went.

It holds inputs, references and verdicts. The submission's code runs in workers; what comes back
is compared here, and nothing of the student's is ever imported or unpickled.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import pkgutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from grader.archive import Submission
from grader.code import checks as checks_package
from grader.code.assignment import CheckSpec, CodeAssignment
from grader.code.bench import Bench, Benches, CodeTest, Finding, FoundError
from grader.code.hidden.sets import HiddenSets
from grader.code.models.trained import Trained
from grader.code.sandbox.conversation import Limits, SandboxError
from grader.code.sandbox.floor import require_floor
from grader.code.sandbox.host import Zygote
from grader.code.sandbox.kinds import WorkerKind
from grader.code.spawner import Spawner
from grader.held_folders import held_folder, sweep
from grader.report import Check
from question_bank.diagnostics import Diagnostic, InputError

log = logging.getLogger(__name__)
Servers = Mapping[WorkerKind, Zygote | Spawner]
_UNDECIDED = (
    "This check could not be carried out, which is the grader's fault and not yours. "
    "No points are lost; a person will look at it."
)


@dataclass(frozen=True)
class CodeResult:
    """Checks in the assignment's order; the layers around the workers; where references ran.

    `pass_mark`: what the score must be above where it is a trained model's metric, else None.
    `hidden`: for each hidden set that was used, what it was made from and its fingerprint.
    """

    checks: tuple[Check, ...]
    sandbox_layers: tuple[str, ...]
    missing_layers: tuple[str, ...]
    device: str
    pass_mark: float | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)


@cache
def all_tests() -> Mapping[str, CodeTest]:
    """Every test of the judge by its id: each module of `checks` lists its own in TESTS."""
    found: dict[str, CodeTest] = {}
    for module in pkgutil.iter_modules(checks_package.__path__):
        tests = getattr(
            importlib.import_module(f"{checks_package.__name__}.{module.name}"), "TESTS", {}
        )
        found |= tests
    return found


def resolve_device(name: str) -> str:
    """The device for references: "auto" takes the GPU where there is one."""
    import torch

    available = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if available else "cpu"
    if name.startswith("cuda") and not available:
        raise InputError(
            Diagnostic(
                code="no-gpu",
                message=f"device {name!r} was asked for, but torch finds no GPU here",
                hint="use --device cpu or --device auto",
            )
        )
    return name


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """While packages load: the garbage collector walks them over and over, and nothing is garbage."""
    first, running = "torch" not in sys.modules, gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if first:
            # Nor will it be: not looked at again while grading, nor at the end of the process.
            gc.freeze()
        if running:
            gc.enable()


class Workshop:
    """Servers to share between submissions: one for each kind of worker, started at need.

    `spawned`: workers for torch are started one by one, as on a GPU, wherever they run.
    """

    def __init__(self, *, spawned: bool = False) -> None:
        self._spawned = spawned
        self._zygotes: dict[WorkerKind, Zygote] = {}
        self._spawners: dict[str, Spawner] = {}
        sweep()

    def start(self, kinds: set[WorkerKind]) -> Mapping[WorkerKind, Zygote]:
        """The fork servers of these kinds; new ones start side by side."""
        for kind in kinds - set(self._zygotes):
            self._zygotes[kind] = Zygote(kind)
        return self._zygotes

    def start_on(self, device: str, kinds: set[WorkerKind], limits: Limits) -> Servers:
        """The servers for these kinds where torch is to compute on `device`; NumPy has no other."""
        if "torch" not in kinds or (device == "cpu" and not self._spawned):
            return self.start(kinds)
        if device not in self._spawners:
            self._spawners[device] = Spawner(device, limits)
        return {**self.start(kinds - {"torch"}), "torch": self._spawners[device]}

    def close(self) -> None:
        """End all servers."""
        while self._zygotes:
            self._zygotes.popitem()[1].close()
        while self._spawners:
            self._spawners.popitem()[1].close()


def grade_code(
    submission: Submission,
    assignment: CodeAssignment,
    *,
    seed: int,
    device: str = "cpu",
    allow_weak_sandbox: bool = False,
    workshop: Workshop | None = None,
    data: Path | None = None,
) -> CodeResult:
    """Run every check of `assignment` on `submission`.

    References run on `device`; torch code of the submission does so too where it is a GPU that was
    asked for by name ("auto" takes one for references only). What is not right there is run again on
    the CPU, whose verdict counts: a verdict does not depend on the device.

    The same submission and seed give the same verdicts. `workshop` keeps fork servers warm from
    one submission to the next; `data` holds the test data for trained models, where it is not to be
    generated. Raises InputError where the sandbox is too weak (and weakness was not allowed), the
    device is not there, or the test data are wrong; never because of what the submission does.
    """
    kinds = {kind for file, kind in assignment.files.items() if _holds(submission, file)}
    limits = Limits(**assignment.limits.model_dump(exclude={"total_wall_s"}))
    total_s = assignment.limits.total_wall_s
    shop = workshop or Workshop()
    try:
        # The fork servers import torch while this process does, for the references.
        there = device if device.startswith("cuda") else "cpu"
        if there != "cpu":
            resolve_device(there)
        zygotes = shop.start_on(there, kinds, limits)
        with _without_collector():
            device = resolve_device(device)
            tests = {spec.id: _test(spec, assignment) for spec in assignment.checks}
        layers, missing = _layers(zygotes, kinds, allow_weak=allow_weak_sandbox)
        trained = Trained(tuple(submission.files), HiddenSets(data))
        hidden = _hidden_sets(tests.values(), submission, trained.hidden)
        with _unpacked(submission) as folder:
            benches = Benches(zygotes.__getitem__, folder, limits, total_s)
            # Fork servers for a second try start at need: most submissions need none.
            again = Benches(lambda kind: shop.start({kind})[kind], folder, limits, total_s)

            def bench_for(spec: CheckSpec, of: Benches) -> Bench:
                test = tests[spec.id]
                kind = assignment.files[test.file]
                return Bench(
                    of, kind, spec.id, seed, device, trained, file=test.file, own_work=test.own_work
                )

            try:
                checks = tuple(
                    _check(
                        spec,
                        tests[spec.id],
                        submission,
                        bench_for(spec, benches),
                        bench_for(spec, again) if there != "cpu" else None,
                        by_metric=assignment.scored_by == "metric",
                    )
                    for spec in assignment.checks
                )
            finally:
                benches.close()
                again.close()
    finally:
        if workshop is None:
            shop.close()
    mark = _mark(assignment, tests, trained.hidden)
    return CodeResult(checks, layers, missing, device, mark, hidden)


def _holds(submission: Submission, file: str) -> bool:
    """Whether a file is there, or something in a folder."""
    if file.endswith("/"):
        return any(name.startswith(file) for name in submission.files)
    return file in submission.files


def _hidden_sets(
    tests: Iterable[CodeTest], submission: Submission, sets: HiddenSets
) -> Mapping[str, str]:
    """Read or draw every hidden set that will be needed, before any code of a student runs."""
    tasks = {test.task for test in tests if test.task and _holds(submission, test.file)}
    found: dict[str, str] = {}
    for task in sorted(tasks):
        hidden = sets.get(task)
        origin = "generated" if hidden.generated else "given"
        found[task] = f"{origin} {hidden.fingerprint}"
    return found


def _mark(
    assignment: CodeAssignment, tests: Mapping[str, CodeTest], sets: HiddenSets
) -> float | None:
    """What the sum of the measured scores must be above; None where points decide."""
    if assignment.scored_by == "points":
        return None
    counted = [tests[spec.id].mark for spec in assignment.checks if spec.points]
    return sum(mark(sets) for mark in counted if mark is not None)


def _test(spec: CheckSpec, assignment: CodeAssignment) -> CodeTest:
    test = all_tests().get(spec.id)
    if test is None:
        raise InputError(
            Diagnostic(
                code="unknown-check",
                message=f"assignment {assignment.id} lists the check {spec.id}, which no test has",
                hint=f"the tests are: {', '.join(sorted(all_tests()))}",
            )
        )
    if test.file not in assignment.files:
        raise InputError(
            Diagnostic(
                code="unknown-file",
                message=f"the check {spec.id} of {assignment.id} tests {test.file}, which is not "
                "among its files",
                hint=f"add {test.file} to files, with numpy or torch",
            )
        )
    return test


def _layers(
    zygotes: Servers, kinds: set[WorkerKind], *, allow_weak: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Layers that all workers have, and those that one of them lacks."""
    common: list[str] | None = None
    missing: dict[str, str] = {}
    for kind in sorted(kinds):
        hello = zygotes[kind].hello()
        require_floor(hello, allow_weak=allow_weak)
        names = list(hello["layers"])
        common = names if common is None else [name for name in common if name in names]
        missing |= hello["missing"]
    for name, reason in sorted(missing.items()):
        log.info("no %s here: %s", name, reason)
    return tuple(common or ()), tuple(sorted(missing))


@contextlib.contextmanager
def _unpacked(submission: Submission) -> Iterator[Path]:
    """The submission's files in a folder of their own, which goes away afterwards."""
    with held_folder("submission") as root:
        for member, content in submission.files.items():
            path = root / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for folder, folders, files in os.walk(root):
            # A worker may run under another user, who must be able to read them.
            for entry in (*folders, *files):
                Path(folder, entry).chmod(0o755 if entry in folders else 0o644)
        root.chmod(0o755)
        yield root


def _check(
    spec: CheckSpec,
    test: CodeTest,
    submission: Submission,
    bench: Bench,
    on_cpu: Bench | None,
    *,
    by_metric: bool,
) -> Check:
    start = time.perf_counter()
    if not _holds(submission, test.file):
        finding = Finding("not_answered", f"The submission has no {test.file}.")
    else:
        finding = _carry_out(spec, test, bench)
        if on_cpu is not None and finding.verdict != "right":
            finding = _second(finding, _carry_out(spec, test, on_cpu), bench.device)
        finding = _granted(finding, spec)
    return Check(
        id=spec.id,
        title=spec.title,
        points=_points(finding, spec, by_metric=by_metric),
        max_points=spec.points,
        verdict=finding.verdict,
        message=finding.message,
        mistake=finding.mistake,
        seconds=round(time.perf_counter() - start, 4),
        by_clock=test.by_clock,
    )


def _second(there: Finding, here: Finding, device: str) -> Finding:
    """What counts of a try on a device that was not right, and one on the CPU."""
    if here.verdict != "right":
        return here
    return replace(here, message=f"{here.message} (So on the CPU; on {device}: {there.message})")


def _granted(finding: Finding, spec: CheckSpec) -> Finding:
    """A wrong answer by a mistake that the assignment gives a share of the points for."""
    if finding.verdict == "wrong" and finding.mistake in spec.partial:
        return replace(finding, verdict="partly_right")
    return finding


def _points(finding: Finding, spec: CheckSpec, *, by_metric: bool) -> float:
    if by_metric and finding.score is not None:
        return min(finding.score, spec.points)
    if finding.verdict == "partly_right":
        return round(spec.points * spec.partial.get(finding.mistake or "", 0.0), 4)
    return spec.points if finding.verdict == "right" else 0.0


def _carry_out(spec: CheckSpec, test: CodeTest, bench: Bench) -> Finding:
    try:
        # Whatever numbers come back: none of them is our own fault.
        with np.errstate(all="ignore"):
            return test.run(bench)
    except FoundError as error:
        return error.finding
    except InputError:  # the instructor's data, not the student's work
        raise
    except SandboxError:
        log.exception("the worker for %s could not be set up", spec.id)
    except Exception:
        # A fault of ours must cost nobody points, and must not sink the other checks.
        log.exception("the test %s failed by itself", spec.id)
    return Finding("undecided", _UNDECIDED)
