"""How long `--help` takes, beside the bare start of the same Python: `python benchmarks/startup.py`.

Every round starts bare Python and each command once, one after the other, so that a busy moment of the machine hits all of them alike; the ratio is
median over median. Exit status 1 when a ratio is above the limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path

LIMIT = 4.0
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("question-bank",),
    ("question-bank", "check"),
    ("question-bank", "try"),
    ("mockexam",),
    ("mockexam", "generate"),
    ("grade",),
    ("leaderboard",),
    ("leaderboard", "show"),
    ("quiz",),
)


def seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """Wall-clock seconds from starting a command to its end; an error if it fails."""
    start = time.perf_counter()
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
        env=environment,
        cwd="/",
    )
    return time.perf_counter() - start


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of each command in each round; the bare start stands under the empty name."""
    scripts = Path(sysconfig.get_path("scripts"))
    # A clean environment: a PYTHONPATH or an option of the caller's would slow both sides.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    lines: dict[str, list[str]] = {"": [sys.executable, "-c", "pass"]}
    for name, *rest in COMMANDS:
        lines[" ".join((name, *rest))] = [str(scripts / name), *rest, "--help"]
    for line in lines.values():  # the first start writes byte code
        seconds(line, environment)
    taken: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(rounds):
        for name, line in lines.items():
            taken[name].append(seconds(line, environment))
    return taken


def main() -> int:
    """Print the table; 1 when a command is above the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21, help="starts per command (default 21)")
    parser.add_argument("--limit", type=float, default=LIMIT, help=f"default {LIMIT}")
    arguments = parser.parse_args()
    try:
        taken = measure(arguments.rounds)
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)}: exit status {error.returncode}", file=sys.stderr)
        print(error.stderr.decode(errors="replace"), file=sys.stderr)
        return 2
    except FileNotFoundError as error:
        print(f"{error.filename} is missing: is the project installed?", file=sys.stderr)
        return 2
    medians = {name: statistics.median(values) for name, values in taken.items()}
    bare = medians.pop("")
    print(
        f"bare Python {sys.version.split()[0]}: {bare * 1000:.1f} ms, median of {arguments.rounds}"
    )
    print(f"{'command':28} {'ms':>7} {'ratio':>6}  limit {arguments.limit}")
    for name, median in medians.items():
        verdict = "" if median <= arguments.limit * bare else "  too slow"
        print(f"{name + ' --help':28} {median * 1000:7.1f} {median / bare:6.2f}{verdict}")
    return int(max(medians.values()) > arguments.limit * bare)


if __name__ == "__main__":
    sys.exit(main())
