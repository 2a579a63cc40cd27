"""Measuring one thing beside another: processes that answer, seconds of commands, ratios told."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


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
        str(ROOT / "benchmarks/warm_judge.py"),
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
