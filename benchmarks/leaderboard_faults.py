"""Gradings that are killed: `python benchmarks/leaderboard_faults.py [--gradings 200] [--postgres BIN]`.

Each grading is a process that goes the way of `grade --record`: keep the submission, grade (here a few
milliseconds of waiting, and points that follow from the bytes), record the result. It is killed with
SIGKILL at a random moment, what it left is looked at; it is killed once more, now after it has opened the
store, and then let through. Four of them run side by side. With --postgres (the folder of a server's binaries, like /usr/lib/postgresql/15/bin) the same
happens on PostgreSQL, whose server is crashed and started again all the while.

What a process said it had recorded must be there at once. At the end every submission must stand once,
with one result, `leaderboard verify` must find nothing, and every board must be that of a run that nobody
disturbed. Exit status 1 if not.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leaderboard.boards import all_boards
from leaderboard.store import (
    Store,
    known_submission,
    open_store,
    record_result,
    record_submission,
)
from leaderboard.verify import verify
from question_bank.diagnostics import InputError

START = datetime(2020, 1, 1, tzinfo=UTC)
SIDE_BY_SIDE = 4
KILLS_EACH = 2
FIRST_GUESS_S = (0.2, 0.1)  # a grading from its start, and from when it has opened the store
BETWEEN_CRASHES_S = (3.0, 6.0)
PATIENCE_S = 60


@dataclass(frozen=True)
class Task:
    """One submission, and all that follows from it."""

    number: int

    @property
    def user(self) -> str:
        """One of 23 users."""
        return f"w{self.number % 23:04}"

    @property
    def assignment(self) -> str:
        """One of three."""
        return f"exercise-{self.number % 3}"

    @property
    def content(self) -> bytes:
        """The bytes that are handed in."""
        return f"submission {self.number}".encode()

    @property
    def digest(self) -> str:
        """Their SHA-256."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def score(self) -> int:
        """Points from 0 to 39: ties are common."""
        return int(self.digest[:4], 16) % 40


def grade(url: str, task: Task, say: Callable[[bytes], Any]) -> None:
    """What `grade --record` does with one submission; `say` is told what has been recorded."""
    store = open_store(url)
    say(b"O")
    mine = {"user": task.user, "assignment": task.assignment}
    known = known_submission(store, **mine, content_sha256=task.digest)
    if known is None:
        number = record_submission(
            store, **mine, filename="x.zip", content=task.content,
            received_at=START + timedelta(minutes=task.number),
        )  # fmt: skip
    else:
        number = known.number
    say(b"S")
    time.sleep(0.005)
    graded_at = datetime.now(UTC).isoformat()  # differs from run to run, as it does in a real one
    record_result(
        store, number,
        {**mine, "score": task.score, "max_score": 40, "pending_points": 0, "percent": task.score * 2.5,
         "passed": task.score >= 20, "pass_mark": 20, "graded_at": graded_at,
         "checks": [{"points": task.score, "max_points": 40, "verdict": "partly_right"}]},
    )  # fmt: skip
    say(b"R")


def attempt(
    url: str, task: Task, kill_after: float | None, *, once_open: bool = False
) -> tuple[bool, bytes]:
    """Run a grading in a process of its own, and perhaps kill it; whether it ended well, and what it said.

    kill_after: seconds from its start or, `once_open`, from when it has opened the store.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            grade(url, task, lambda word: os.write(writer, word))
            status = 0
        except InputError:
            status = 2  # the server is away: the next attempt takes it up
        finally:
            os._exit(status)
    os.close(writer)
    said = b""
    if kill_after is not None:
        if once_open:
            said = os.read(reader, 1)  # nothing where it has ended without
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    said += os.read(reader, 16)
    os.close(reader)
    code = os.waitstatus_to_exitcode(status)
    if code == 1:
        raise SystemExit(f"a grading of task {task.number} failed by itself")
    return code == 0, said.removeprefix(b"O")


def patiently(look: Callable[[], Any]) -> Any:
    """Ask a store that may be away for a moment."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return look()
        except InputError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def held(url: str, task: Task) -> bytes:
    """What the store has of a task: nothing, S, or SR."""
    store = open_store(url)
    known = known_submission(
        store, user=task.user, assignment=task.assignment, content_sha256=task.digest
    )
    store.close()
    return b"" if known is None else b"SR" if known.has_result else b"S"


def drive(url: str, numbers: range, out: Any) -> None:
    """Grade some tasks, each killed before it is let through."""
    random.seed(numbers.start)
    seen: Counter[str] = Counter()
    whole, opened = FIRST_GUESS_S
    for number in numbers:
        task = Task(number)
        for once_open in (False, True):
            longest = opened if once_open else whole
            moment = random.uniform(0, longest)  # noqa: S311
            _, said = attempt(url, task, moment, once_open=once_open)
            kept = patiently(lambda task=task: held(url, task))
            seen[
                {b"": "before anything was kept", b"S": "between", b"SR": "after the result"}[kept]
            ] += 1
            if len(said) > len(kept):
                seen["LOST"] += 1
        until = time.monotonic() + PATIENCE_S
        start = time.monotonic()
        while not attempt(url, task, None)[0]:
            seen["attempts that found no server"] += 1
            if time.monotonic() > until:
                raise SystemExit("the server did not come back")
            time.sleep(0.1)
            start = time.monotonic()
        # What it takes now, beside the others: the next is killed within it.
        whole = 0.7 * whole + 0.3 * (time.monotonic() - start)
        opened = whole / 2
    out.put(seen)


def standing(store: Store) -> list[Any]:
    """Every board, without the numbers of submissions, which depend on who came first."""
    return [
        (
            board.name,
            [(rank, row.user, row.received, row.points, row.passed) for rank, row in board.entries],
        )
        for board in all_boards(store)
    ]


def undisturbed(folder: Path, gradings: int) -> list[Any]:
    """The boards as they should be."""
    url = f"sqlite:///{folder / 'undisturbed.db'}"
    open_store(url).close()
    for number in range(gradings):
        attempt(url, Task(number), None)
    store = open_store(url)
    boards = standing(store)
    store.close()
    return boards


def disturbed(name: str, url: str, gradings: int, expected: list[Any]) -> bool:
    """The run with kills; prints what happened, and says whether all is as it should be."""
    open_store(url).close()
    out: Any = multiprocessing.Queue()
    drivers = [
        multiprocessing.Process(target=drive, args=(url, range(n, gradings, SIDE_BY_SIDE), out))
        for n in range(SIDE_BY_SIDE)
    ]  # fmt: skip
    for driver in drivers:
        driver.start()
    seen: Counter[str] = sum((out.get() for _ in drivers), Counter())
    for driver in drivers:
        driver.join()
    store = patiently(lambda: open_store(url))
    found = patiently(lambda: verify(store))
    same = standing(store) == expected
    store.close()
    whole = {"contents": gradings, "submissions": gradings, "results": gradings}
    well = same and not found.findings and found.counts == whole and not seen["LOST"]
    print(f"{name}: {gradings} gradings, {gradings * KILLS_EACH} times kill -9")
    for words, count in sorted(seen.items()):
        print(f"  {count:4} {words}")
    print(f"  in the store: {found.counts}, findings: {len(found.findings)}")
    for finding in found.findings:
        print(f"  {finding.render()}")
    print(
        f"  lost: {seen['LOST']}; boards as in the undisturbed run: {'yes' if same else 'NO'}",
        flush=True,
    )
    return well


class Server:
    """A PostgreSQL server of one's own, that can be crashed."""

    def __init__(self, binaries: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mockexam-faults-"))
        self.as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.as_server:
            shutil.chown(self.folder, "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.binaries = binaries
        self._run("initdb", "-D", "data", "-U", "postgres", "--auth=trust")
        self.start()

    @property
    def url(self) -> str:
        """The address of the server's own database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait for it."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        )
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def crash(self) -> None:
        """End it at once, without a checkpoint: it has to recover from its log."""
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")

    def remove(self) -> None:
        """End it and delete what it kept."""
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        command = [*self.as_server, str(self.binaries / program), *words]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--gradings", type=int, default=200, metavar="N")
    parser.add_argument(
        "--postgres", type=Path, metavar="BIN", help="the folder of a server's binaries"
    )
    arguments = parser.parse_args()
    well = []
    with tempfile.TemporaryDirectory(prefix="mockexam-faults-") as name:
        folder = Path(name)
        expected = undisturbed(folder, arguments.gradings)
        url = f"sqlite:///{folder / 'disturbed.db'}"
        well.append(disturbed("SQLite", url, arguments.gradings, expected))
    if arguments.postgres is not None:
        server = Server(arguments.postgres)
        stop = multiprocessing.Event()
        crashes = multiprocessing.Value("i", 0)
        crasher = multiprocessing.Process(target=_crasher, args=(server, stop, crashes))
        try:
            open_store(server.url).close()
            crasher.start()
            well.append(disturbed("PostgreSQL", server.url, arguments.gradings, expected))
        finally:
            stop.set()
            crasher.join()
            print(f"  {crashes.value} crashes of the server")
            server.remove()
    return 0 if all(well) else 1


def _crasher(server: Server, stop: Any, crashes: Any) -> None:
    random.seed(7)
    while not stop.wait(random.uniform(*BETWEEN_CRASHES_S)):  # noqa: S311
        server.crash()
        server.start()
        crashes.value += 1


if __name__ == "__main__":
    raise SystemExit(main())
