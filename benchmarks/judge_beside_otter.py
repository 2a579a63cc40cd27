"""One submission of ten checks: the judge beside otter-grader."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import zipfile
from pathlib import Path

from benchmarks.beside import judge_process, milliseconds, process, seconds, told
from benchmarks.graded_samples import code, hand_in

HERE = Path(__file__).resolve().parent / "judge_speed"
TIMES_OTTER_RUN, TIMES_OTTER_LOOP = 40.0, 25.0


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
