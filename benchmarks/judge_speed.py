"""The judge beside its rival and its limits: `python benchmarks/judge_speed.py --otter PYTHON`.

Three figures, each measured beside what it is held against, in turn, so that a busy moment of the
machine hits both; a ratio is the median of the ratios of the rounds. Exit status 1 when one misses
its limit.

otter    one submission of 10 checks (spatial batch norm, convolution, max pooling), from the zip to
         the report on disk, by a warm and fully locked judge; against `otter run` on the same
         functions with ten tests (the judge at least 40 times faster), and against otter's
         programmatic interface in a loop, warm (25 times). PYTHON is an interpreter in whose
         environment otter-grader, ipykernel and torch are installed; without it there is no figure.
cold     `grade ZIP`, started anew, against `import torch` started anew plus one locked worker from a
         warm fork server: at most 1.5 times, for a NumPy task and for a torch task.
batch    200 submissions of these 10 checks by a warm judge, against the same with resource limits
         only (the calls that the other layers need are denied to it): at most 1.5 times.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent / "judge_speed"
BANK = ROOT / "tests/grader/code/submissions"
BATCH_NORM = BANK / "exercise-3/right/batchnorm_by_axis_sums/exercise_code/layers.py"
CONVOLUTION = BANK / "layers/right/im2col_by_strides/exercise_code/layers.py"
TRANSFORMS = BANK / "exercise-3/right/normalize_plain/exercise_code/transforms.py"
sys.path.insert(0, str(ROOT))

TIMES_OTTER_RUN, TIMES_OTTER_LOOP, COLD, LAYERS = 40.0, 25.0, 1.5, 1.5
CHECKS, FAULT = 10, 2


def code() -> str:
    """The student's functions, in NumPy."""
    return f"{BATCH_NORM.read_text('utf-8')}\n\n{CONVOLUTION.read_text('utf-8')}"


def hand_in(path: Path, member: str, text: str) -> Path:
    """Write a zip with one file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, text)
    return path


def judge(output: Path) -> Generator[tuple[float, str], Path, None]:
    """A warm judge: for each zip sent, the seconds from the zip to the report on disk, and what it was locked by."""
    from grader.archive import read_submission
    from grader.code import grade_code, load_assignment
    from grader.code.judge import Workshop
    from grader.files import Outputs
    from grader.report import report_from

    layers = load_assignment("layers")
    of_batch_norm = tuple(
        check
        for check in load_assignment("exercise-3").checks
        if check.id.startswith("spatial_batchnorm")
    )
    ten = layers.model_copy(update={"checks": (*of_batch_norm, *layers.checks)})
    outputs, shop = Outputs(output), Workshop()
    try:
        path = yield 0.0, ""
        while True:
            start = time.perf_counter()
            submission = read_submission(path)
            result = grade_code(
                submission, ten, seed=1, allow_weak_sandbox=True, workshop=shop, device="cpu"
            )
            report = report_from(
                result.checks, user=None, assignment=ten.id, title=ten.title, form=None,
                submitted_at=datetime.now(UTC), pass_mark=ten.pass_mark, device=result.device,
                seed=1, content_sha256=submission.sha256, versions={},
                sandbox=result.sandbox_layers, missing_layers=result.missing_layers,
            )  # fmt: skip
            outputs.write(report, path.stem)
            taken = time.perf_counter() - start
            if len(report.checks) != CHECKS or report.score != report.max_score:
                raise RuntimeError(f"not full marks: {report}")
            lacking = ", ".join(result.missing_layers) or "none"
            path = yield taken, f"{', '.join(result.sandbox_layers)}; missing: {lacking}"
    finally:
        shop.close()


def deny_all_layers() -> None:
    """From here on this process and its children have resource limits to lock workers in, and no more."""
    import ctypes

    from grader.code.sandbox import limits, seccomp
    from grader.code.sandbox.syscalls import MACHINE, syscall

    names = ("unshare", "setresuid", "setgroups")
    column = 0 if MACHINE == "x86_64" else 1
    numbers = [seccomp.CALLS[name][column] for name in names]
    numbers += [444, {"x86_64": 317, "aarch64": 277}[MACHINE]]  # Landlock, seccomp
    # The benchmark's filter is made of the sandbox's own parts; nobody else needs one.
    instruction, program_type = seccomp._instruction, seccomp._Program  # noqa: SLF001
    program = [instruction(0x20, 0)]
    for number in numbers:
        program += [instruction(0x15, number or 0, 0, 1), instruction(0x06, 0x00050000 | 1)]
    text = b"".join([*program, instruction(0x06, 0x7FFF0000)])
    buffer = ctypes.create_string_buffer(text, len(text))
    filter_ = program_type(len(text) // 8, ctypes.addressof(buffer))
    limits.forbid_new_privileges()
    syscall("seccomp", 1, 0, ctypes.byref(filter_))


def serve(output: Path, *, bare: bool) -> None:
    """For each line with names of zips: their seconds, one by one, and the layers. In a process of its own."""
    if bare:
        deny_all_layers()
    judging = judge(output)
    next(judging)
    for line in sys.stdin:
        found = [judging.send(Path(name)) for name in json.loads(line)]
        print(json.dumps([[seconds for seconds, _ in found], found[-1][1]]), flush=True)
    judging.close()


@contextmanager
def process(*command: str) -> Iterator[Callable[[str], str]]:
    """A process that answers each line with a line."""
    started = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    to, back = started.stdin, started.stdout
    if to is None or back is None:
        raise RuntimeError("no pipes")

    def ask(line: str) -> str:
        to.write(line + "\n")
        to.flush()
        answer = back.readline()
        if not answer:
            raise RuntimeError(f"{command[:3]} ended")
        return answer

    try:
        yield ask
    finally:
        to.close()
        started.wait(60)
        back.close()


def judge_process(output: Path, *, bare: bool = False) -> list[str]:
    """The command of a warm judge."""
    return [
        sys.executable,
        str(Path(__file__).resolve()),
        "--serve",
        str(output),
        *(["--bare"] * bare),
    ]


def seconds(command: list[str], environment: dict[str, str] | None = None) -> float:
    """Wall-clock seconds of a command; an error if it fails."""
    start = time.perf_counter()
    subprocess.run(
        command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=environment,
    )  # fmt: skip
    return time.perf_counter() - start


def told(what: str, ratios: list[float], limit: float, *, at_least: bool) -> bool:
    """Print one ratio with its limit and range; whether the limit is kept."""
    ratio = statistics.median(ratios)
    kept = ratio >= limit if at_least else ratio <= limit
    sign, verdict = (">=" if at_least else "<="), "ok" if kept else "MISSED"
    print(
        f"  {what}: {ratio:.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f}), "
        f"limit {sign} {limit:g}: {verdict}",
        flush=True,
    )
    return kept


def milliseconds(values: list[float]) -> str:
    """A median in words."""
    return f"{statistics.median(values) * 1000:.0f} ms"


# ------------------------------------------------------------------------------------ figures


def notebook(folder: Path) -> tuple[Path, Path]:
    """The same functions as a notebook, and otter's autograder with the ten tests."""
    cell = {"cell_type": "code", "id": "functions", "metadata": {}, "outputs": []}
    path = folder / "layers.ipynb"
    path.write_text(
        json.dumps(
            {
                "cells": [{**cell, "execution_count": None, "source": code()}],
                "metadata": {
                    "kernelspec": {"name": "python3", "display_name": "Python 3"},
                    "language_info": {"name": "python"},
                },
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        ),
        encoding="utf-8",
    )
    autograder = folder / "autograder.zip"
    with zipfile.ZipFile(autograder, "w") as archive:
        archive.write(HERE / "ten_tests.py", "tests/layers.py")
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "pdf": False}))
    return path, autograder


def against_otter(otter: str, folder: Path, rounds: int) -> bool:
    """One submission of ten checks, warm."""
    print("one submission of 10 checks, warm and locked, beside otter")
    probe = "import ipykernel, otter, torch; print(otter.__version__, torch.__version__)"
    there = subprocess.run([otter, "-c", probe], capture_output=True, text=True, check=False)
    if there.returncode:
        last = (there.stderr.strip().splitlines() or ["it does not start"])[-1]
        print(f"  NOT MEASURED: {otter} has no otter-grader with ipykernel and torch ({last})")
        return False
    print("  otter-grader {}, torch {}".format(*there.stdout.split()))
    graded, autograder = notebook(folder)
    zipped = json.dumps([str(hand_in(folder / "ten.zip", "exercise_code/layers.py", code()))] * 5)
    script = Path(otter).parent / "otter"
    results = folder / "otter"
    results.mkdir()
    run = [
        str(script), "run", "--no-logo", "-a", str(autograder), "-o", str(results), str(graded)
    ]  # fmt: skip
    loop = [otter, str(HERE / "otter_loop.py"), str(graded), str(autograder)]
    # otter starts a kernel by the name of python3 that the path holds.
    os.environ["PATH"] = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    ours: list[float] = []
    by_run: list[float] = []
    by_loop: list[float] = []
    with process(*judge_process(folder / "reports")) as ask, process(*loop) as ask_otter:
        ask(zipped)
        ask_otter("")
        for _ in range(rounds):
            by_run.append(seconds(run))
            taken, locked = json.loads(ask(zipped))
            ours.append(statistics.median(taken))
            answer = ask_otter("").split()
            by_loop.append(float(answer[0]))
    score = json.loads((results / "results.json").read_text("utf-8"))["tests"]
    full = [(test.get("score"), test.get("max_score")) for test in score if test.get("max_score")]
    if answer[1] != answer[2] or any(found != most for found, most in full) or not full:
        print(f"  NOT MEASURED: otter did not give full marks ({answer[1:]}, {full})")
        return False
    print(f"  locked by: {locked}")
    print(
        f"  grade {milliseconds(ours)}; otter run {milliseconds(by_run)}; "
        f"otter's interface, warm {milliseconds(by_loop)}; medians of {rounds} rounds"
    )
    kept = [
        told("otter run / grade", [a / b for a, b in zip(by_run, ours, strict=True)],
             TIMES_OTTER_RUN, at_least=True),
        told("otter's interface / grade", [a / b for a, b in zip(by_loop, ours, strict=True)],
             TIMES_OTTER_LOOP, at_least=True),
    ]  # fmt: skip
    return all(kept)


def cold(folder: Path, rounds: int) -> bool:
    """`grade ZIP` from nothing."""
    from grader.code.sandbox.conversation import Limits
    from grader.code.sandbox.host import Zygote
    from grader.code.sandbox.kinds import WorkerKind

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    tasks: dict[WorkerKind, Path] = {
        "numpy": hand_in(folder / "numpy.zip", "exercise_code/layers.py", BATCH_NORM.read_text()),
        "torch": hand_in(
            folder / "torch.zip", "exercise_code/transforms.py", TRANSFORMS.read_text()
        ),
    }
    empty = folder / "empty"
    empty.mkdir()
    bare = [sys.executable, "-c", "import torch"]
    kept = []
    for kind, path in tasks.items():
        command = [
            sys.executable, "-c", "from grader.cli import main; main()", str(path),
            "--assignment", "exercise-3", "--seed", "1",
        ]  # fmt: skip
        with Zygote(kind) as zygote:
            zygote.hello()

            def worker(zygote: Zygote = zygote) -> float:
                start = time.perf_counter()
                opened = zygote.open(empty, Limits())
                opened.ask([], 1)
                taken = time.perf_counter() - start
                opened.close()
                return taken

            seconds(bare), seconds(command, environment), worker()
            found = [
                (seconds(bare), seconds(command, environment), worker()) for _ in range(rounds)
            ]
        imports, grades, workers = (list(column) for column in zip(*found, strict=True))
        print(f"cold grade of a {kind} task, medians of {rounds} rounds")
        print(
            f"  grade ZIP {milliseconds(grades)}; import torch {milliseconds(imports)}; "
            f"one locked worker {milliseconds(workers)}"
        )
        ratios = [g / (i + w) for i, g, w in found]
        kept.append(told("grade / (import + worker)", ratios, COLD, at_least=False))
    return all(kept)


def batch(folder: Path, count: int) -> bool:
    """Many submissions, with all layers and with resource limits only."""
    zips = [
        str(hand_in(folder / f"{n}.zip", "exercise_code/layers.py", f"{code()}\n# {n}\n"))
        for n in range(count)
    ]
    full: list[float] = []
    bare: list[float] = []
    with (
        process(*judge_process(folder / "full")) as ask,
        process(*judge_process(folder / "bare", bare=True)) as ask_bare,
    ):
        for first in (ask, ask_bare):
            first(json.dumps(zips[:5]))
        for start in range(0, count, 10):
            some = json.dumps(zips[start : start + 10])
            for taken, answer in ((full, ask), (bare, ask_bare)):
                times, locked = json.loads(answer(some))
                taken.append(sum(times))
                if answer is ask:
                    locked_full = locked
    print(f"a batch of {count} submissions of 10 checks, tens in turn")
    print(f"  locked by: {locked_full}\n  the other: {locked}")
    print(
        f"  all layers {sum(full):.1f} s ({count / sum(full):.1f} submissions/s); "
        f"resource limits only {sum(bare):.1f} s"
    )
    ratios = [a / b for a, b in zip(full, bare, strict=True)]
    return told("all layers / resource limits only", ratios, LAYERS, at_least=False)


def main() -> int:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    options.add_argument("--otter", metavar="PYTHON", help="interpreter that has otter-grader")
    options.add_argument("--rounds", type=int, default=9, help="rounds of otter and cold")
    options.add_argument("--count", type=int, default=200, help="submissions of the batch")
    options.add_argument("--only", choices=("otter", "cold", "batch"), action="append")
    options.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if arguments.serve:
        serve(arguments.serve, bare=arguments.bare)
        return 0
    only = arguments.only or ["otter", "cold", "batch"]
    folder = Path(tempfile.mkdtemp(prefix="mockexam-benchmark-"))
    kept = []
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    try:
        if "otter" in only and arguments.otter:
            kept.append(against_otter(arguments.otter, folder, arguments.rounds))
        elif "otter" in only:
            print("otter: NOT MEASURED, the rival is not there: name its interpreter with --otter")
        if "cold" in only:
            kept.append(cold(folder, arguments.rounds))
        if "batch" in only:
            kept.append(batch(folder, arguments.count))
    except subprocess.CalledProcessError as error:
        print(f"{error.cmd}: exit status {error.returncode}", file=sys.stderr)
        print(error.stderr.decode(errors="replace"), file=sys.stderr)
        return FAULT
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(not all(kept))


if __name__ == "__main__":
    sys.exit(main())
