"""From the queue to results: each is graded with its own moment and recorded once, whatever ends in the middle."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch_desk import Desk, Order, Outcome
from grader.files import Outputs
from grader.grade import Settings
from grader.hand_in import grading, keep
from grader.hand_in.alive import is_dead, working
from grader.hand_in.grading import Grading
from grader.hand_in.keep import patiently
from grader.intake import Task
from leaderboard.boards import board
from leaderboard.queue import claim, hand_in
from leaderboard.queued import counts, is_done, standing, workers
from leaderboard.store import content, open_store, reports
from question_bank.diagnostics import InputError, Where, bad_input
from question_bank.key import dumps
from tests.grader.conftest import RIGHT, ROOT

MOMENT = datetime(2020, 1, 15, 23, 58, 59, tzinfo=UTC)


@pytest.fixture
def store():
    opened = open_store()
    yield opened
    opened.close()


@pytest.fixture
def in_this_process(monkeypatch):
    """Jobs as calls; what is fed is graded at once."""

    def graded(feed, order, jobs):
        with Desk(order) as desk:
            while (more := feed(jobs)) is not None:
                for number, member in more:
                    yield number, desk.outcome(member)

    monkeypatch.setattr(grading, "graded_as_they_come", graded)


@pytest.fixture
def run(store, key):
    """Grade until nothing waits; returns what was said."""
    tasks = {key.assignment: Task(keys=(key,))}

    def once(**more):
        said: list[str] = []
        order = Order(Task(), Settings(seed=1), tasks=tasks)
        Grading(store, order, 2, said.append, stop=lambda: is_done(store, tasks), **more).run()
        return said

    return once


@pytest.fixture
def handed(store, key, hand_in_file):
    def one(user="w0256", answers=RIGHT, filename=None):
        return hand_in(
            store, user=user, assignment=key.assignment, filename=filename or f"{user}.zip",
            content=hand_in_file(answers), received_at=MOMENT,
        ).number  # fmt: skip

    return one


@pytest.fixture
def hand_in_file(hand_in):
    return lambda answers: hand_in(answers, name="made.zip").read_bytes()


def test_what_waits_is_graded_with_the_moment_of_its_intake(
    store, key, handed, run, in_this_process
):
    number = handed()
    said = run()
    (report,) = reports(store, number)
    assert datetime.fromisoformat(report["submitted_at"]) == MOMENT
    assert report["user"] == "w0256"
    assert standing(store, number).state == "done"
    assert board(store, key.assignment).entries[0].row.user == "w0256"
    assert any(line.startswith(f"submission {number} of w0256") for line in said)
    # What a later review goes by.
    assert content(store, hashlib.sha256(dumps(key).encode()).hexdigest())


def test_what_cannot_be_graded_is_refused_in_words_that_name_no_folder(
    store, key, handed, in_this_process, tmp_path
):
    number = handed(answers="form: Z\nanswers: {}", filename="../../my answers.zip")
    tasks = {key.assignment: Task(keys=(key,))}
    order = Order(Task(), Settings(seed=1), Outputs(tmp_path / "reports"), tasks=tasks)
    said: list[str] = []
    Grading(store, order, 2, said.append, stop=lambda: is_done(store, tasks)).run()
    found = standing(store, number)
    assert found.state == "refused"
    assert found.told
    assert "/" not in found.told[0].split(":")[0].removesuffix("/answers.yaml")
    assert "mockexam-held" not in found.told[0]
    # Whoever runs it reads why, on one line, and beside the reports.
    (line,) = [each for each in said if "refused: " in each]
    assert "form Z" in line or '"Z"' in line
    assert "\n" not in line
    written = (tmp_path / "reports" / "w0256" / f"{number}.refused.txt").read_text()
    assert found.told[0] in written


def test_a_fault_of_ours_costs_nobody_and_is_tried_again(store, handed, run, monkeypatch):
    numbers = [handed("w1"), handed("w2")]
    faults = {numbers[0]: 2}

    def graded(feed, order, jobs):
        with Desk(order) as desk:
            while (more := feed(jobs)) is not None:
                for number, member in more:
                    if faults.get(number, 0):
                        faults[number] -= 1
                        yield number, Outcome("undecided", fault="Traceback: broken")
                    else:
                        yield number, desk.outcome(member)

    monkeypatch.setattr(grading, "graded_as_they_come", graded)
    said = run()
    assert counts(store) == {"done": 2}
    assert any("our own fault" in line for line in said)


def test_where_this_machine_cannot_grade_all_of_it_waits_again(store, handed, run, monkeypatch):
    number, other = handed("w1"), handed("w2")
    weak = bad_input("weak-sandbox", "this machine cannot lock code in")

    def graded(feed, order, jobs):
        for number, _ in feed(jobs):
            yield number, Outcome("undecided", diagnostics=weak.diagnostics, blocked=True)

    monkeypatch.setattr(grading, "graded_as_they_come", graded)
    with pytest.raises(InputError, match="cannot lock code in"):
        run()
    assert counts(store) == {"waiting": 2}
    (first, _) = claim(store, "x", {standing(store, number).receipt.assignment}, most=2)
    assert (first.number, first.attempt) == (number, 1)
    assert other


@contextlib.contextmanager
def another_run(tmp: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A run in a process of its own, whose temporary files lie where nobody else sees them: its name, and kill -9."""
    tmp.mkdir()
    program = "from grader.hand_in.alive import working\nwith working() as name: print(name, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp)},
    )  # fmt: skip
    try:
        name = process.stdout.readline().strip()
        shutil.rmtree(tmp)
        yield name, lambda: (process.kill(), process.wait())
    finally:
        process.kill()
        process.communicate()


def test_a_run_that_was_killed_is_taken_up_at_once(
    store, key, handed, run, in_this_process, tmp_path, home_of_its_own
):
    number = handed()
    with another_run(tmp_path / "tmp") as (worker, kill):
        claim(store, worker, {key.assignment}, most=1)
        kill()
        assert is_dead(worker)
    said = run()
    assert standing(store, number).state == "done"
    assert "1 submissions of an earlier run are taken up again" in said
    assert list((home_of_its_own / "workers").iterdir()) == []


def test_a_run_that_lives_keeps_its_claims_whatever_is_seen_of_its_temporary_files(
    store, key, handed, run, in_this_process, tmp_path
):
    number, other = handed("w1"), handed("w2")
    with another_run(tmp_path / "tmp") as (worker, _):
        claim(store, worker, {key.assignment}, most=1)
        assert not is_dead(worker)
        order = Order(Task(), Settings(seed=1), tasks={key.assignment: Task(keys=(key,))})
        stop = lambda: standing(store, other).state == "done"  # noqa: E731
        Grading(store, order, 2, lambda _line: None, stop=stop).run()
        assert standing(store, number).state == "claimed"
        assert workers(store) == {worker}


def test_of_runs_whose_locks_are_not_to_be_seen_nothing_is_known(monkeypatch, tmp_path):
    assert not is_dead("another.machine:0123456789abcdef")
    with another_run(tmp_path / "tmp") as (worker, kill):
        kill()
    assert is_dead(worker)
    with working() as own:
        assert not is_dead(own)
    assert not is_dead(own)
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "another"))
    assert not is_dead(worker)


def test_without_a_data_folder_a_run_goes_by_its_lease(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "file" / "home"))
    with working() as worker:
        assert not is_dead(worker)


def test_a_database_that_is_away_for_a_while_costs_nothing(
    store, handed, run, in_this_process, monkeypatch
):
    number = handed()
    away = bad_input("store-unreachable", "the server cannot be reached", where=Where("db"))
    genuine_claim, genuine_settle, calls = grading.claim, grading.settle, []

    def sometimes(genuine):
        def step(*words, **named):
            calls.append(genuine)
            if calls.count(genuine) <= 2:
                raise away
            return genuine(*words, **named)

        return step

    monkeypatch.setattr(keep, "PAUSE_S", 0.001)
    monkeypatch.setattr(grading, "claim", sometimes(genuine_claim))
    monkeypatch.setattr(grading, "settle", sometimes(genuine_settle))
    said = run()
    assert len(reports(store, number)) == 1
    assert sum("cannot be reached" in line for line in said) == 2


def test_a_database_that_is_away_when_it_is_asked_whether_to_stop_costs_nothing(
    store, key, handed, in_this_process
):
    number = handed()
    tasks = {key.assignment: Task(keys=(key,))}
    away = iter([bad_input("store-unreachable", "away")])

    def stop():
        for error in away:
            raise error
        return is_done(store, tasks)

    order = Order(Task(), Settings(seed=1), tasks=tasks)
    Grading(store, order, 2, lambda _line: None, stop=stop).run()
    assert len(reports(store, number)) == 1


def test_patience_ends_and_other_errors_are_no_matter_of_it():
    away = bad_input("store-unreachable", "away")
    pauses: list[float] = []

    def fails():
        raise away

    with pytest.raises(InputError, match="away"):
        patiently(fails, lambda _: None, pause=pauses.append)
    assert sum(pauses) == keep.PATIENCE_S

    def full():
        raise bad_input("store-full", "the disk is full")

    pauses.clear()
    with pytest.raises(InputError, match="disk is full"):
        patiently(full, lambda _: None, pause=pauses.append)
    assert pauses == []


# --- the command, and its end by kill -9


def watch(folder: Path, home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "grader.cli", "--watch", "inbox", "--key", "key.json",
            "--user-from", "^w[0-9]+", "-o", "reports", *words,
        ],
        cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MOCKEXAM_HOME": str(home)},
    )  # fmt: skip


@pytest.mark.slow
def test_the_command_takes_grades_and_writes_and_goes_on_after_kill_9(
    work, key_file, hand_in, store, home_of_its_own
):
    for number in range(12):
        hand_in(RIGHT + f"# {number}\n", name=f"inbox/w{number:04}.zip")
    first = watch(work, home_of_its_own, "--jobs", "2")
    until = time.monotonic() + 60
    while not counts(store).get("done"):
        assert time.monotonic() < until
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = watch(work, home_of_its_own, "--once", "--jobs", "2")
    said = second.communicate(timeout=120)[1]
    assert second.returncode == 0, said
    assert counts(store) == {"done": 12}
    assert [len(reports(store, number)) for number in range(1, 13)] == [1] * 12
    written = sorted((work / "reports").glob("*/*.json"))
    assert len(written) == 12
    assert json.loads(written[0].read_text())["user"] == written[0].parent.name
    assert sorted(path.name for path in (work / "inbox").glob("*.zip")) == []
    assert len(list((work / "inbox" / "taken").iterdir())) == 12


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch", "none", "--key", "key.json", "--user-from", "x"], "there is no such folder"),
        (["--watch", ".", "--key", "key.json"], "must say who handed them in"),
        (
            ["--watch", ".", "--key", "key.json", "--user-from", "x", "--roster", "y"],
            "exclude each other",
        ),
        (["--watch", ".", "--serve"], "not allowed with argument"),
        (["--watch", ".", "--user", "w1"], "--user does not go with --watch"),
        (["--watch", ".", "a.zip"], "a submission does not go with --watch"),
        (["--serve", "--once"], "--once goes with --watch"),
        (["--offer", "exercise-3", "a.zip"], "--offer goes with --serve"),
        (["--watch", ".", "--review", "x"], "--watch goes with neither --review nor --regrade"),
        (["--serve", "--key", "key.json", "--assignment", "exercise-3"], "exclude each other"),
        (["--serve", "--largest", "0"], "a number of megabytes is a whole number from 1 to 512"),
        (["--serve", "--offer", "exercise-33", "--port", "0"], "exercise-33"),
        (["--serve", "--port", "0"], "the class has no members"),
    ],
)
def test_misuse_is_one_message(work, key_file, grade, words, said):
    ran = grade(*words)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
