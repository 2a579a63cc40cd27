"""A cold start beside `import torch` and one worker; a batch beside the same with fewer layers."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from benchmarks.beside import judge_process, milliseconds, process, seconds, told
from benchmarks.graded_samples import BATCH_NORM, ROOT, TRANSFORMS, code, hand_in

COLD, LAYERS = 1.5, 1.5


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
