"""How many submissions `grade DIR` grades in a second: `python benchmarks/batch.py [--count 200]`.

Small zips of code (each its own bytes) are graded by one job and by two, fully locked where the
machine allows it, each run into a new folder; a second run over the same folder shows what it costs
to see that nothing is left to do. Times are of the whole command, its start included.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "tests/grader/code/submissions/layers/right/im2col_by_strides/exercise_code/layers.py"
JOBS = (1, 2)


def hand_in(folder: Path, count: int) -> None:
    """Write `count` zips that differ in a comment."""
    text = CODE.read_text("utf-8")
    for number in range(count):
        with zipfile.ZipFile(folder / f"w{number:04}.zip", "w") as archive:
            archive.writestr("exercise_code/layers.py", f"{text}\n# {number}\n")


def seconds(folder: Path, output: Path, jobs: int) -> float:
    """Wall-clock seconds of one `grade` over the folder; an error if it fails."""
    command = [
        sys.executable, "-c", "from grader.cli import main; main()",
        str(folder), "-o", str(output), "--jobs", str(jobs), "--seed", "1",
    ]  # fmt: skip
    start = time.perf_counter()
    subprocess.run(
        command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return time.perf_counter() - start


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--count", type=int, default=200, metavar="N", help="submissions")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="mockexam-benchmark-") as name:
        folder = Path(name, "hand-in")
        folder.mkdir()
        hand_in(folder, count)
        print(f"{count} submissions, {len(os.sched_getaffinity(0))} cores")
        for jobs in JOBS:
            output = Path(name, f"reports-{jobs}")
            first, again = (seconds(folder, output, jobs) for _ in range(2))
            totals = json.loads((output / "summary.json").read_text("utf-8"))["totals"]
            report = json.loads((output / "w0000.json").read_text("utf-8"))
            print(
                f"jobs {jobs}: {first:7.1f} s, {count / first:6.1f} submissions/s, "
                f"{len(report['checks'])} checks each; once more: {again:5.1f} s, "
                f"{totals['kept']} kept"
            )
    missing = ", ".join(report["missing_layers"]) or "none"
    print(f"isolation: {', '.join(report['sandbox'])}; missing: {missing}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
