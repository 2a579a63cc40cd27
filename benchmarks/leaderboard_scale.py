"""A million submissions on the leaderboard: `python benchmarks/leaderboard_scale.py [--postgres URL] [--count N]`.

2,000 users hand in for nine assignments. The log is written into an SQLite file and, with --postgres
(the address of a server on which a database may be made and dropped), into PostgreSQL; DuckDB gets
the same rows. Printed are, for each database: how long one board takes (median and worst of all nine,
three times each), the rebuild of every board from the log, and the exports as CSV: every board, and
every submission. At the end the boards of both databases are compared, line by line.

Reports are short here (300 bytes); an index keeps boards from reading them. Needs: pip install duckdb.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leaderboard.boards import all_boards, configuration_of, kept_board
from leaderboard.exports import csv_boards
from leaderboard.standings import rebuild
from leaderboard.store import Store, open_store
from leaderboard.submissions_csv import write_submissions

USERS = 2_000
START = datetime(2020, 1, 1, tzinfo=UTC)
TABS = (
    "introduction", "softmax-classifier", "two-layer-net", "features", "fully-connected-net",
    "segmentation", "keypoints", "mnist-rnn", "bonus",
)  # fmt: skip
CHECKS = [
    {"id": "model.score", "points": 0, "max_points": 100, "verdict": "right", "message": "x" * 150}
]
LOG = {
    "contents": ("sha256", "size", "bytes"),
    "submissions": ("id", "username", "assignment", "filename", "sha256", "received_at"),
    "results": (
        "id", "submission_id", "sequence", "graded_at", "score", "max_score", "pending_points",
        "percent", "passed", "pass_mark", "outcome_sha256", "report_sha256", "report",
    ),
}  # fmt: skip


def write_log(folder: Path, count: int) -> None:
    """The log as CSV files, one for each table; the same for the same count."""
    random.seed(count)
    report = json.dumps({"checks": CHECKS})
    moment = START
    with (
        (folder / "submissions.csv").open("w", newline="") as handed_in,
        (folder / "results.csv").open("w", newline="") as graded,
    ):
        submissions, results = csv.writer(handed_in), csv.writer(graded)
        for number in range(1, count + 1):
            moment += timedelta(microseconds=random.randrange(1, 20_000_000))  # noqa: S311
            user, tab = random.randrange(USERS), random.choice(TABS)  # noqa: S311
            score = random.randrange(100_000_000)  # noqa: S311
            at = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
            submissions.writerow((number, f"w{user:04}", tab, f"{number}.zip", "0" * 64, at))
            results.writerow((
                number, number, 1, at, score, 100_000_000, 0, score,
                int(score > 50_000_000), 50_000_000, "0" * 64, "0" * 64, report,
            ))  # fmt: skip
    (folder / "contents.csv").write_text(f"{'0' * 64},1,78\n")


def rows_of(file: Path) -> Iterator[list[str]]:
    """The rows of a CSV file."""
    with file.open(newline="") as stream:
        yield from csv.reader(stream)


def fill_sqlite(folder: Path, path: Path) -> None:
    """Write the log into an SQLite store."""
    with sqlite3.connect(path) as connection:
        for table, columns in LOG.items():
            marks = ",".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})",  # noqa: S608
                rows_of(folder / f"{table}.csv"),
            )
    connection.close()


def fill_postgres(folder: Path, url: str) -> None:
    """Write the log into a PostgreSQL store."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        for table, columns in LOG.items():
            command = f"COPY {table} ({','.join(columns)}) FROM STDIN (FORMAT csv)"
            with cursor.copy(command) as copy, (folder / f"{table}.csv").open("rb") as stream:
                while block := stream.read(1 << 20):
                    copy.write(block)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and of this process on a processor: on a busy machine the clock says little."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s (CPU {self.cpu:.2f})"


def seconds(work: Callable[[], Any]) -> Took:
    """How long it takes."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - clock, time.process_time() - cpu)


def boards_took(times: list[Took]) -> str:
    """One board, in milliseconds."""
    clock, cpu = [t.clock * 1000 for t in times], [t.cpu * 1000 for t in times]
    middle = statistics.median
    return f"{middle(clock):.1f} ms (fastest {min(clock):.1f}, CPU {middle(cpu):.1f})"


def measure(store: Store, folder: Path, name: str) -> str:
    """Print the figures of one store; returns its boards as CSV."""

    def rebuilt() -> None:
        with store.engine.execution_options(writes=True).begin() as connection:
            rebuild(connection)

    again = seconds(rebuilt)
    plans = [p for p in configuration_of(store).plans if p.assignment in TABS]
    with store.engine.connect() as connection:
        times = [seconds(lambda plan=plan: kept_board(connection, plan)) for plan in plans * 3]
    text = ""

    def boards() -> None:
        nonlocal text
        text = csv_boards(all_boards(store))

    exported = seconds(boards)
    target = folder / f"{name}.csv"

    def log() -> None:
        with target.open("w", encoding="utf-8", newline="") as out:
            write_submissions(store, out)

    every = seconds(log)
    lines = target.read_bytes().count(b"\n") - 1
    print(
        f"{name:12} one board {boards_took(times)}"
        f" | rebuild {again} | all boards as CSV {exported}"
        f" | {lines:,} submissions as CSV {every}",
        flush=True,
    )
    return text


def measure_duckdb(folder: Path) -> None:
    """Print the same for DuckDB, which works every board out from the log each time."""
    import duckdb

    base = duckdb.connect()
    base.execute("SET threads = 2")
    base.execute(
        "CREATE TABLE submissions (id BIGINT, username TEXT, assignment TEXT, filename TEXT, sha256 TEXT, received_at TIMESTAMP)"
    )
    base.execute(
        "CREATE TABLE results (id BIGINT, submission_id BIGINT, sequence INT, graded_at TIMESTAMP, score BIGINT, max_score BIGINT,"
        " pending BIGINT, percent BIGINT, passed INT, pass_mark BIGINT, outcome TEXT, hash TEXT, report TEXT)"
    )
    for table in ("submissions", "results"):
        base.execute(f"COPY {table} FROM '{folder / table}.csv'")
    best = (
        "SELECT *, rank() OVER (PARTITION BY assignment ORDER BY score DESC) AS place FROM ("
        " SELECT s.username, s.assignment, s.received_at, r.score, r.passed, row_number() OVER"
        " (PARTITION BY s.assignment, s.username ORDER BY r.score DESC, s.received_at, s.id) AS n"
        " FROM submissions s JOIN results r ON r.submission_id = s.id {}) WHERE n = 1"
    )
    times = [
        seconds(
            lambda tab=tab: base.execute(best.format(f"WHERE s.assignment = '{tab}'")).fetchall()
        )
        for tab in TABS * 3
    ]
    everything = seconds(lambda: base.execute(f"CREATE TABLE boards AS {best.format('')}"))
    ordered = "SELECT * FROM boards ORDER BY assignment, place"
    boards = seconds(lambda: base.execute(f"COPY ({ordered}) TO '{folder / 'duck.csv'}' (HEADER)"))
    log = (
        "SELECT s.id, s.username, s.assignment, s.received_at, r.score, r.passed FROM submissions s"
        " JOIN results r ON r.submission_id = s.id ORDER BY s.id"
    )
    every = seconds(lambda: base.execute(f"COPY ({log}) TO '{folder / 'duck_log.csv'}' (HEADER)"))
    print(
        f"{'DuckDB':12} one board {boards_took(times)}"
        f" | rebuild {everything} | all boards as CSV {boards}"
        f" | every submission as CSV {every}",
        flush=True,
    )


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--count", type=int, default=1_000_000, metavar="N", help="submissions")
    parser.add_argument("--postgres", metavar="URL", help="a server's address, without a database")
    arguments = parser.parse_args()
    print(
        f"{arguments.count:,} submissions, {USERS} users, {len(TABS)} assignments, {os.cpu_count()} cores"
    )
    texts: list[str] = []
    with tempfile.TemporaryDirectory(prefix="mockexam-benchmark-") as name:
        folder = Path(name)
        print(
            f"log written in {seconds(lambda: write_log(folder, arguments.count))}",
            flush=True,
        )
        path = folder / "store.db"
        store = open_store(f"sqlite:///{path}")
        print(f"SQLite filled in {seconds(lambda: fill_sqlite(folder, path))}", flush=True)
        texts.append(measure(store, folder, "SQLite"))
        store.close()
        if arguments.postgres:
            texts.append(_on_postgres(folder, arguments.postgres.rstrip("/")))
        measure_duckdb(folder)
    same = all(text == texts[0] for text in texts)
    print("the boards are the same, line by line" if same else "the boards differ")
    return 0 if same else 1


def _on_postgres(folder: Path, server: str) -> str:
    import psycopg

    name = f"mockexam_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        store = open_store(f"{server}/{name}")
        took = seconds(lambda: fill_postgres(folder, f"{server}/{name}"))
        print(f"PostgreSQL filled in {took}", flush=True)
        text = measure(store, folder, "PostgreSQL")
        store.close()
        return text
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    raise SystemExit(main())
