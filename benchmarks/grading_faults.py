"""Real gradings that are killed: `python benchmarks/grading_faults.py [--gradings 200] [--kills 40] [--postgres BIN]`.

A folder of submissions, answers and code, graded and recorded by the commands themselves: once as a batch (`grade DIR
--record`), once as a watched folder (`grade --watch`). Again and again the command, or one of its jobs, is killed with
SIGKILL at a random moment, and the command is started again. With --postgres (the folder of a server's binaries, like
/usr/lib/postgresql/15/bin) the same happens on PostgreSQL, whose server is crashed and started again all the while.

At the end every submission must be recorded once, with one result; `leaderboard verify` must find nothing; and every board
must be that of a run that nobody disturbed. Exit status 1 if not.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("MOCKEXAM_SECRET", "for this run")  # the same seeds in every run

from cluster_faults import CODE_EVERY, zipped
from leaderboard_faults import Server, patiently

from leaderboard.boards import all_boards
from leaderboard.store import Store, open_store
from leaderboard.verify import verify

ROOT = Path(__file__).resolve().parents[1]
LONGEST_S = 900.0
FIRST_S, LAST_S = 0.2, 6.0
"""A process is killed within these seconds of its start: while it loads, records, grades, or writes."""
BETWEEN_CRASHES_S = (4.0, 8.0)


def hand_ins(folder: Path, gradings: int) -> None:
    """The submissions, one of each user: answers in one folder, code in another."""
    for number in range(gradings):
        kind = "code" if number % CODE_EVERY == 0 else "answers"
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / f"w{number:04}.zip").write_bytes(zipped(number))


def commands(mode: str, folder: Path, exam: Path) -> list[list[str]]:
    """What grades the submissions, and is run again until it ends well."""
    found = []
    for kind, task in (
        ("answers", ["--exam", str(exam)]),
        ("code", ["--assignment", "exercise-3"]),
    ):
        what = [str(folder / kind), "--record"]
        if mode == "watch":
            what = ["--watch", str(folder / kind), "--once"]
        found.append(
            [sys.executable, "-m", "grader.cli", *what, *task, "--user-from", "^w[0-9]+",
             "-o", str(folder / "reports" / kind), "--jobs", "2", "--device", "cpu"]
        )  # fmt: skip
    return found


def started(command: list[str], url: str, log: Path) -> subprocess.Popen[bytes]:
    """A command of its own."""
    with log.open("a") as out:
        return subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip


def victims(process: subprocess.Popen[bytes]) -> list[int]:
    """The command and the jobs that it has."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    with contextlib.suppress(OSError):
        return [process.pid, *map(int, children.read_text().split())]
    return [process.pid]


def run(command: list[str], url: str, log: Path, kills: int, seen: Counter[str]) -> None:
    """Kill a command so many times, then let it through."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        process = started(command, url, log)
        if kills > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(FIRST_S, LAST_S))  # noqa: S311
        if kills > 0 and process.poll() is None:
            kills -= 1
            # The command is killed two times of three, one of its jobs else, which it must survive.
            chosen = victims(process)
            whom = process.pid if random.random() < 0.67 else random.choice(chosen)  # noqa: S311
            with contextlib.suppress(ProcessLookupError):
                os.kill(whom, signal.SIGKILL)
            seen["commands killed" if whom == process.pid else "jobs killed"] += 1
            if whom != process.pid:
                process.wait()
        status = process.wait()
        if status == 0:
            return  # it was through before all kills were spent
        if status != -signal.SIGKILL:
            seen[f"ends with exit status {status}"] += 1
            time.sleep(0.3)
    raise SystemExit("it did not come to an end")


def standing(store: Store) -> list[Any]:
    """Every board without the moments, which differ from run to run."""
    return [
        (
            board.name,
            sorted((rank, row.user, row.points, row.passed) for rank, row in board.entries),
        )
        for board in all_boards(store)
    ]


def trial(
    name: str, mode: str, url: str, given: argparse.Namespace, exam: Path
) -> tuple[list[Any], bool]:
    """One run with kills; the boards, and whether everything is there once."""
    open_store(url).close()
    begin = time.monotonic()
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(
        prefix="mockexam-gradings-", ignore_cleanup_errors=True
    ) as place:
        folder = Path(place)
        hand_ins(folder, given.gradings)
        for number, command in enumerate(commands(mode, folder, exam)):
            share = given.kills // CODE_EVERY if number else given.kills - given.kills // CODE_EVERY
            run(command, url, folder / "log", share, seen)
        written = len(list((folder / "reports").rglob("*.html")))
        if any("status" in words for words in seen):
            print((folder / "log").read_text()[-1500:])
    store = patiently(lambda: open_store(url))
    found = patiently(lambda: verify(store))
    boards = patiently(lambda: standing(store))
    store.close()
    once = found.counts["submissions"] == found.counts["results"] == given.gradings == written
    print(f"{name}, {mode}: {given.gradings} gradings, {time.monotonic() - begin:.0f} s")
    for words, count in sorted(seen.items()):
        print(f"  {count:4} {words}")
    print(
        f"  in the store: {found.counts}, reports written: {written}, findings: {len(found.findings)}"
    )
    for finding in found.findings:
        print(f"  {finding.render()}")
    return boards, once and not found.findings


def main() -> int:
    """Print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--gradings", type=int, default=200, metavar="N")
    parser.add_argument("--kills", type=int, default=40, metavar="N")
    parser.add_argument(
        "--postgres", type=Path, metavar="BIN", help="the folder of a server's binaries"
    )
    given = parser.parse_args()
    random.seed(7)
    well = []
    with tempfile.TemporaryDirectory(prefix="mockexam-faults-") as place:
        folder = Path(place)
        exam = folder / "exam" / "exam.json"
        make = [
            sys.executable,
            "-m",
            "generator.cli",
            "generate",
            "--seed",
            "7",
            "-o",
            str(exam.parent),
        ]
        subprocess.run(
            make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        calm = argparse.Namespace(gradings=given.gradings, kills=0)
        expected, fine = trial(
            "undisturbed", "batch", f"sqlite:///{folder / 'calm.db'}", calm, exam
        )
        well.append(fine)
        for mode in ("batch", "watch"):
            boards, fine = trial("SQLite", mode, f"sqlite:///{folder / mode}.db", given, exam)
            well += [fine, boards == expected]
            print(f"  boards as in the undisturbed run: {'yes' if boards == expected else 'NO'}")
            if given.postgres is not None:
                boards, fine = on_server(mode, given, exam)
                well += [fine, boards == expected]
                print(
                    f"  boards as in the undisturbed run: {'yes' if boards == expected else 'NO'}"
                )
        shutil.rmtree(folder / "exam")
    return 0 if all(well) else 1


def on_server(mode: str, given: argparse.Namespace, exam: Path) -> tuple[list[Any], bool]:
    """The same on a PostgreSQL server that crashes all the while."""
    server = Server(given.postgres)
    stop, crashes = multiprocessing.Event(), multiprocessing.Value("i", 0)
    crasher = multiprocessing.Process(target=_crasher, args=(server, stop, crashes))
    try:
        open_store(server.url).close()
        crasher.start()
        return trial("PostgreSQL", mode, server.url, given, exam)
    finally:
        stop.set()
        crasher.join()
        print(f"  {crashes.value} crashes of the server")
        server.remove()


def _crasher(server: Server, stop: Any, crashes: Any) -> None:
    random.seed(7)
    while not stop.wait(random.uniform(*BETWEEN_CRASHES_S)):  # noqa: S311
        server.crash()
        server.start()
        crashes.value += 1


if __name__ == "__main__":
    raise SystemExit(main())
