"""Attacks, hostile zips, and zips and modules by chance: `python benchmarks/hostile.py [--count N]`.

    attacks             every one of tests/grader/code/attacks, graded against the checks it aims at:
                        one that earns a point has scored
    hostile zips        every one of tests/grader/archive/test_archive.py: one that is accepted, or
                        after which a file more is anywhere in its folder or the temporary one, was written
    zips by chance      N ordinary or odd zips, damaged: a traceback, a hang, or a file that should not be
    modules by chance   N right modules of all assignments (NumPy and torch), damaged and graded, a full
                        report (JSON, page, Gradescope) written and read back: a traceback, a hang, a lost report

Beside each count stands its limit, 0. N is 10,000 where nothing else is said, which takes some hours;
`--only` takes one of the four. Exit status 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from grader.archive import read_submission
from grader.code.judge import Workshop
from question_bank.diagnostics import InputError
from tests.grader.archive.test_archive import HOSTILE, SMALL
from tests.grader.code import by_chance, test_attacks

T = TypeVar("T")
COUNT = 10_000
PATIENCE_S = 300  # a case that has not ended by itself by then is ended
EVERY_S = 60.0  # a line on standard error says how far it is
HUNG, LOST, TRACEBACK = "hangs", "lost reports", "tracebacks"


def main() -> int:
    """Print the counts; 1 when one is above its limit."""
    kinds: dict[str, Callable[[int], tuple[int, Counter[str]]]] = {
        "attacks": attacks,
        "hostile-zips": hostile_zips,
        "zips": zips,
        "modules": modules,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=COUNT, help=f"by chance (default {COUNT:,})")
    parser.add_argument("--only", choices=sorted(kinds), action="append")
    arguments = parser.parse_args()
    missed = False
    for name, run in kinds.items():
        if arguments.only and name not in arguments.only:
            continue
        start = time.monotonic()
        tried, counts = run(arguments.count)
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        print(
            f"{name:13} {tried:>7,} tried: {said}  ({time.monotonic() - start:.0f} s)", flush=True
        )
        missed = missed or any(counts.values())
    print("limit: 0 of each")
    return int(missed)


def attacks(_: int) -> tuple[int, Counter[str]]:
    """How many there are, and how many earned a point."""
    counts: Counter[str] = Counter(scored=0, tracebacks=0)
    names = sorted(test_attacks.TABLE["attacks"])
    shop = Workshop()
    try:
        for name in told(names, "attacks"):
            honest = tuple(test_attacks.TABLE["attacks"][name].get("honest", ()))
            try:
                checks = test_attacks.graded(name, shop).checks
            except Exception:  # noqa: BLE001 - counted, and shown
                counts[TRACEBACK] += shown(name)
                continue
            scored = [c.id for c in checks if c.points and not c.id.startswith(honest)]
            if scored:
                counts["scored"] += 1
                print(f"{name} scored: {', '.join(scored)}", file=sys.stderr)
    finally:
        shop.close()
    return len(names), counts


def hostile_zips(_: int) -> tuple[int, Counter[str]]:
    """How many there are, how many were accepted, and how many left a file behind."""
    counts: Counter[str] = Counter(accepted=0, written=0, tracebacks=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tempfile.tempdir = str(folder)  # where the grader would unpack
        try:
            for title, (data, _says) in HOSTILE.items():
                path = folder / "submission.zip"
                path.write_bytes(data)
                try:
                    read_submission(path, SMALL)
                    counts["accepted"] += 1
                    print(f"{title}: accepted", file=sys.stderr)
                except InputError:
                    pass
                except Exception:  # noqa: BLE001 - counted, and shown
                    counts[TRACEBACK] += shown(title)
                counts["written"] += list(folder.iterdir()) != [path]
        finally:
            tempfile.tempdir = None
    return len(HOSTILE), counts


def zips(count: int) -> tuple[int, Counter[str]]:
    """How many were tried, and in how many something happened that must not."""
    with tempfile.TemporaryDirectory() as folder:
        return by_number(
            count, "zips", lambda number: by_chance.check_zip(number, Path(folder)),
            [TRACEBACK, HUNG, "other failures"],
        )  # fmt: skip


def modules(count: int) -> tuple[int, Counter[str]]:
    """How many were tried, and in how many something happened that must not."""
    shop = Workshop()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return by_number(
                count, "modules",
                lambda number: by_chance.check_module(number, shop, Path(folder)),
                [TRACEBACK, HUNG, LOST, "other failures"],
            )  # fmt: skip
    finally:
        shop.close()


def by_number(
    count: int, what: str, check: Callable[[int], object], kinds: list[str]
) -> tuple[int, Counter[str]]:
    """Check the cases 0 to `count` - 1, and count what they failed by."""
    counts: Counter[str] = Counter(dict.fromkeys(kinds, 0))
    signal.signal(signal.SIGALRM, hung)
    for number in told(range(count), what):
        try:
            signal.alarm(PATIENCE_S)
            check(number)
            signal.alarm(0)
        except by_chance.HangError:
            counts[HUNG] += shown(f"{what} {number}")
        except by_chance.LostReportError:
            counts[LOST] += shown(f"{what} {number}")
        except AssertionError:
            counts["other failures"] += shown(f"{what} {number}")
        except Exception:  # noqa: BLE001 - counted, and shown
            counts[TRACEBACK] += shown(f"{what} {number}")
    return count, counts


def hung(_signal: int, _frame: object) -> None:
    """Raise in the case that is under way."""
    raise by_chance.HangError(f"not ended after {PATIENCE_S} s")


def told(items: Sequence[T], what: str) -> Iterator[T]:
    """The items, with a line on how far it is every minute."""
    last = time.monotonic()
    for done, item in enumerate(items):
        if time.monotonic() - last > EVERY_S:
            last = time.monotonic()
            print(f"{what}: {done:,} of {len(items):,}", file=sys.stderr, flush=True)
        yield item


def shown(case: str) -> int:
    """Print the exception that is handled; 1, to be counted."""
    print(f"{case}:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    os.environ.setdefault("MOCKEXAM_SECRET", "for the benchmark")
    raise SystemExit(main())
