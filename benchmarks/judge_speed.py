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
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.judge_beside_limits import batch, cold
from benchmarks.judge_beside_otter import against_otter

FAULT = 2


def main() -> int:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    options.add_argument("--otter", metavar="PYTHON", help="interpreter that has otter-grader")
    options.add_argument("--rounds", type=int, default=9, help="rounds of otter and cold")
    options.add_argument("--count", type=int, default=200, help="submissions of the batch")
    options.add_argument("--only", choices=("otter", "cold", "batch"), action="append")
    arguments = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
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
