"""Grading on a cluster that loses its parts: `python benchmarks/cluster_faults.py [--gradings 60] [--postgres BIN]`.

A Ray cluster of three nodes on this machine, submissions that wait in the store, and `grade --cluster` on them. While it
grades, processes that grade are killed (SIGKILL), a node, the driver with everything that it started, and in the end the
head of the cluster with all its nodes; what was lost is started again, as systemd would do it. With --postgres (the folder
of a server's binaries) the store is on PostgreSQL, whose server is crashed, too.

At the end each submission must have one result, `leaderboard verify` must find nothing, and every board must be that of a
run that nobody disturbed. Exit status 1 if not. Needs the extra `cluster`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ.setdefault("MOCKEXAM_SECRET", "for this run")  # the same seeds in both runs

from leaderboard_faults import Server, patiently, standing

from grader.batch_desk import Order
from grader.grade import Settings
from grader.hand_in.grading import Grading
from grader.intake import Task
from grader.keys import keys_of_exam
from leaderboard.queue import hand_in
from leaderboard.queued import counts, is_done
from leaderboard.store import Store, open_store
from leaderboard.verify import verify

START = datetime(2020, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "grader" / "samples" / "exercise-3"
CODE_EVERY = 5
"""One in so many hands in code, which takes seconds to grade; the others answers, which take milliseconds."""
PATIENCE_S = 600.0
EXAM = "mock_exam-7"


def zipped(number: int) -> bytes:
    """What submission `number` holds: no two are the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if number % CODE_EVERY == 0:
            for path in sorted((SAMPLE / "exercise_code").rglob("*.py")):
                archive.writestr(str(path.relative_to(SAMPLE)), path.read_bytes())
            archive.writestr("exercise_code/number.py", f"NUMBER = {number}\n")
        else:
            chosen = ", ".join(f"{n}: [{'abcd'[(n + number) % 4]}]" for n in range(1, 10))
            archive.writestr("answers.yaml", f"form: A\nanswers: {{{chosen}}}\n# {number}\n")
    return out.getvalue()


def fill(store: Store, gradings: int) -> None:
    """Hand everything in."""
    for number in range(gradings):
        assignment = "exercise-3" if number % CODE_EVERY == 0 else EXAM
        hand_in(
            store, user=f"w{number % 23:04}", assignment=assignment, filename=f"{number}.zip",
            content=zipped(number), received_at=START + timedelta(minutes=number),
        )  # fmt: skip


def undisturbed(folder: Path, exam: Path, gradings: int) -> list[Any]:
    """The boards as they should be."""
    store = open_store(f"sqlite:///{folder / 'undisturbed.db'}")
    fill(store, gradings)
    tasks = {EXAM: Task(keys=keys_of_exam(exam)), "exercise-3": Task(exercise="exercise-3")}
    order = Order(Task(), Settings(device="cpu"), tasks=tasks)
    Grading(store, order, 2, lambda _: None, stop=lambda: is_done(store, tasks)).run()
    boards = standing(store)
    store.close()
    return boards


class Drivers:
    """`grade --cluster`, one for the answers and one for the code, each started again when it has ended."""

    def __init__(self, folder: Path, exam: Path, address: str, url: str) -> None:
        self.address = address
        self.words = [["--exam", str(exam)], ["--offer", "exercise-3"]]
        self.folder = folder
        self.settings = {**os.environ, "DATABASE_URL": url, "MOCKEXAM_HOME": str(folder / "home")}
        self.log = (folder / "drivers.log").open("a")
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start those that are not running."""
        self.running = [
            each if each is not None and each.poll() is None else self._started(words)
            for each, words in zip([*self.running, None, None], self.words, strict=False)
        ]

    def _started(self, words: list[str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "grader.cli", "--cluster", self.address, "--device", "cpu"]
        return subprocess.Popen(
            [*command, *words], cwd=ROOT, env=self.settings, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to them and to what they started here."""
        for each in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()

    def end(self) -> None:
        """Ask them to end."""
        for each in self.running:
            each.terminate()
        for each in self.running:
            try:
                each.wait(90)
            except subprocess.TimeoutExpired:
                os.killpg(each.pid, signal.SIGKILL)
                each.wait()
        self.log.close()


class Nodes:
    """The cluster: a head and two nodes with a CPU each, all on this machine."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self) -> None:
        """Start all of it."""
        from ray.cluster_utils import Cluster

        quiet = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80_000_000}
        self.cluster = Cluster(
            initialize_head=True, head_node_args={**quiet, "gcs_server_port": self.port}
        )
        self.cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
        self.cluster.add_node(num_cpus=1, object_store_memory=80_000_000)

    @property
    def address(self) -> str:
        """Where drivers find it."""
        return str(self.cluster.address)

    def lose_a_node(self) -> None:
        """A node is gone at once, and another one comes."""
        lost = min(self.cluster.worker_nodes, key=str)
        self.cluster.remove_node(lost, allow_graceful=False)
        self.cluster.add_node(num_cpus=1, object_store_memory=80_000_000)

    def lose_the_head(self) -> None:
        """Everything is gone at once, and comes again at the same address."""
        self.cluster.remove_node(self.cluster.head_node, allow_graceful=False)
        self.cluster.shutdown()
        self.start()

    def lose_a_worker(self) -> bool:
        """A process that grades is gone; False where there is none now."""
        found = [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and _title(entry).startswith("ray::Bench")
        ]
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(random.choice(found), signal.SIGKILL)  # noqa: S311
        return bool(found)


def _title(entry: Path) -> str:
    try:
        return entry.joinpath("cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
    except OSError:
        return ""


def disturbed(
    url: str, exam: Path, folder: Path, gradings: int, server: Server | None
) -> Counter[str]:
    """The run with losses; what happened."""
    seen: Counter[str] = Counter()
    store = open_store(url)
    fill(store, gradings)
    nodes = Nodes()
    drivers = Drivers(folder, exam, nodes.address, url)
    begin, until = time.monotonic(), time.monotonic() + PATIENCE_S

    def done() -> int:
        return int(patiently(lambda: counts(store)).get("done", 0))

    def driver() -> None:
        drivers.kill()
        drivers.start()

    losses: list[tuple[str, Callable[[], Any]]] = [
        ("workers killed", nodes.lose_a_worker),
        ("nodes lost", nodes.lose_a_node),
        ("workers killed", nodes.lose_a_worker),
        ("drivers killed", driver),
        ("workers killed", nodes.lose_a_worker),
        *(
            [("crashes of the database", lambda: (server.crash(), server.start()))]
            if server
            else []
        ),
        ("heads lost", nodes.lose_the_head),
    ]
    try:
        drivers.start()
        for place, (words, lose) in enumerate(losses, start=1):
            share = gradings * place // (len(losses) + 2)
            while done() < share and time.monotonic() < until:
                time.sleep(0.1)
            for _ in range(50):
                if lose() is not False:
                    seen[words] += 1
                    break
                time.sleep(0.1)
        while done() < gradings and time.monotonic() < until:
            drivers.start()
            time.sleep(0.5)
    finally:
        drivers.end()
        nodes.cluster.shutdown()
        store.close()
    print(f"  {time.monotonic() - begin:.0f} s")
    return seen


def main() -> int:
    """Print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--gradings", type=int, default=60, metavar="N")
    parser.add_argument(
        "--postgres", type=Path, metavar="BIN", help="the folder of a server's binaries"
    )
    arguments = parser.parse_args()
    random.seed(7)
    server = None if arguments.postgres is None else Server(arguments.postgres)
    with tempfile.TemporaryDirectory(
        prefix="mockexam-cluster-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
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
        expected = undisturbed(folder, exam, arguments.gradings)
        url = server.url if server else f"sqlite:///{folder / 'disturbed.db'}"
        try:
            seen = disturbed(url, exam, folder, arguments.gradings, server)
            store = patiently(lambda: open_store(url))
            found = verify(store)
            same, left = standing(store) == expected, counts(store)
            store.close()
        finally:
            if server:
                server.remove()
        print(
            f"{'PostgreSQL' if server else 'SQLite'}: {arguments.gradings} gradings on three nodes"
        )
        for words, count in sorted(seen.items()):
            print(f"  {count:4} {words}")
        print(f"  in the store: {found.counts}, states: {left}, findings: {len(found.findings)}")
        for finding in found.findings:
            print(f"  {finding.render()}")
        once = found.counts["submissions"] == found.counts["results"] == arguments.gradings
        print(
            f"  each has one result: {'yes' if once else 'NO'}; boards as in the undisturbed run: {'yes' if same else 'NO'}"
        )
        if not (once and same and not found.findings):
            print((folder / "drivers.log").read_text()[-3000:])
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
