"""Processes that die in the middle, and processes that write at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from leaderboard.boards import board, built_board, configuration_of
from leaderboard.database import connect, database_url
from leaderboard.migrations import RESULTS
from leaderboard.ranking import Board
from leaderboard.store import (
    Store,
    open_store,
    record_submission,
    submission_content,
)
from leaderboard.tables import results, submissions

ROOT = Path(__file__).resolve().parents[2]

PREAMBLE = """
import sys
from datetime import UTC, datetime
from leaderboard.store import open_store, record_result, record_submission

NOW = datetime(2020, 1, 14, tzinfo=UTC)

def report(user, score, graded_at="2020-01-15T00:00:00+00:00"):
    return {"user": user, "assignment": "exercise_3", "score": score, "max_score": 100,
            "pending_points": 0, "percent": score, "passed": True, "pass_mark": 50,
            "graded_at": graded_at, "checks": []}

def submit(store, user, number):
    return record_submission(store, user=user, assignment="exercise_3", filename="x.zip",
                             content=b"%d" % number, received_at=NOW)

url, who = sys.argv[1:3]
"""

# Says what has been promised to be kept: S for a submission, R for a result.
WRITE_FOREVER = """
store = open_store(url)
number = 0
while True:
    user = f"w{number % 3}"
    submission = submit(store, user, number)
    print("S", submission, number, flush=True)
    record_result(store, submission, report(user, number % 50))
    print("R", submission, number % 50, flush=True)
    number += 1
"""

WRITE_TOGETHER = """
sys.stdin.readline()
store = open_store(url)
for number in range(12):
    user = f"w{number % 4}"
    submission = submit(store, user, number)
    record_result(store, submission, report(user, (int(who) * 12 + number) % 40))
"""

RECORD_THE_SAME = """
store = open_store(url)
sys.stdin.readline()
for submission in range(1, 11):
    print(record_result(store, submission, report("w1", submission, f"2020-01-15T00:00:0{who}Z")))
"""


def rebuilt_board(store: Store, assignment: str) -> Board:
    plan = configuration_of(store).plans_of(assignment)[0]
    with store.engine.connect() as connection:
        return built_board(connection, plan)


def start(program: str, url: str, who: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + program, url, str(who)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run_together(program: str, url: str, processes: int) -> list[str]:
    """Start processes that wait for a line, then send it to all; their outputs."""
    running = [start(program, url, who) for who in range(processes)]
    time.sleep(0.5)
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=100)[0] for process in running]
    assert [process.returncode for process in running] == [0] * processes
    return outputs


def scores(store: Store) -> dict[int, list[int]]:
    with store.engine.connect() as connection:
        rows = connection.execute(select(results.c.submission_id, results.c.score)).all()
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.submission_id, []).append(row.score // 1_000_000)
    return found


@pytest.mark.parametrize("promises", [1, 2, 9, 24])
def test_kill_9_in_the_middle_loses_nothing_that_was_promised(url: str, promises: int) -> None:
    with start(WRITE_FOREVER, url) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(promises)]
        time.sleep(0.003 * promises)
        writer.kill()
        said += writer.stdout.readlines()
    promised = [line.split() for line in said if line.endswith("\n")]
    assert len(promised) >= promises

    store = open_store(url)
    found = scores(store)
    for kind, submission, value in promised:
        if kind == "S":
            assert submission_content(store, int(submission)) == value.encode()
        else:
            assert found[int(submission)] == [int(value)]
    assert all(len(each) == 1 for each in found.values())
    assert board(store, "exercise_3") == rebuilt_board(store, "exercise_3")
    store.close()


def test_writers_at_once_lose_and_double_nothing(url: str) -> None:
    # They also race to create the tables: nobody has opened the store before.
    run_together(WRITE_TOGETHER, url, 16)
    store = open_store(url)
    with store.engine.connect() as connection:
        handed_in = connection.execute(select(submissions.c.username)).scalars().all()
    assert Counter(handed_in) == {"w0": 48, "w1": 48, "w2": 48, "w3": 48}
    expected = Counter((who * 12 + number) % 40 for who in range(16) for number in range(12))
    assert Counter(score for (score,) in scores(store).values()) == expected
    assert board(store, "exercise_3") == rebuilt_board(store, "exercise_3")
    store.close()


def test_a_result_recorded_by_processes_at_the_same_time_stands_once(
    url: str, moment: datetime
) -> None:
    store = open_store(url)
    for number in range(10):
        record_submission(
            store,
            user="w1",
            assignment="exercise_3",
            filename="x.zip",
            content=b"%d" % number,
            received_at=moment,
        )
    outputs = run_together(RECORD_THE_SAME, url, 3)
    answers = [output.split() for output in outputs]
    assert all(sum(row[i] == "True" for row in answers) == 1 for i in range(10))
    assert scores(store) == {number: [number] for number in range(1, 11)}
    assert board(store, "exercise_3").entries[0].row.submission == 10
    store.close()


def test_what_a_server_writes_is_kept_whoever_opens_the_store_beside_it(tmp_path, moment):
    # A server keeps connections open; the same process and others open the store and leave it again.
    address = database_url(f"sqlite:///{tmp_path / 'store.db'}")
    server = Store(connect(address, must_exist=False, group=RESULTS, lasting=True), "server")
    mine = {"assignment": "a", "filename": "x.zip", "received_at": moment}
    record_submission(server, user="w1", content=b"1", **mine)
    connect(address, must_exist=False, group=RESULTS).dispose()
    leave = f"from leaderboard.store import open_store; s = open_store({str(address)!r}); s.close()"
    for number in range(2, 5):
        subprocess.run([sys.executable, "-c", leave], check=True, cwd=ROOT)
        record_submission(server, user=f"w{number}", content=b"1", **mine)
    seen = "from leaderboard.store import open_store; from leaderboard.boards import board"
    seen += f"; s = open_store({str(address)!r}); print(len(board(s, 'a').waiting))"
    told = subprocess.run([sys.executable, "-c", seen], check=True, cwd=ROOT, capture_output=True)
    server.close()
    assert told.stdout == b"4\n"
