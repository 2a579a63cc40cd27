"""Grading on a cluster: whatever is taken away from it, each submission has one result. Skipped where Ray is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from grader.batch_desk import Order
from grader.cluster import driver as driving
from grader.cluster.driver import Driver
from grader.files import Outputs
from grader.grade import Settings
from grader.intake import Task
from leaderboard.queue import hand_in
from leaderboard.queued import counts, is_done, standing
from leaderboard.store import open_store, reports
from leaderboard.verify import verify
from tests.grader.conftest import RIGHT, ROOT

WITH_RAY = find_spec("ray") is not None
MOMENT = datetime(2020, 1, 15, tzinfo=UTC)


class RayError(Exception):
    """As Ray's own."""


class FakeRay:
    """Ray in this process: an actor grades when its result is asked for; `fate` says what becomes of each task."""

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self, fate, cpus=2.0, gpus=0.0):
        self.fate, self.resources = fate, {"CPU": cpus, "GPU": gpus}
        self.made: list[dict] = []
        self.killed = self.tasks = 0

    def cluster_resources(self):
        return self.resources

    def remote(self, kind):
        def options(**share):
            def make(order):
                self.made.append(
                    {**share, "device": order.settings.device, "tasks": set(order.tasks)}
                )
                return SimpleNamespace(grade=SimpleNamespace(remote=self._task(kind(order))))

            return SimpleNamespace(remote=make)

        return SimpleNamespace(options=options)

    def _task(self, bench):
        def remote(held, content):
            self.tasks += 1
            return (self.tasks, lambda: bench.grade(held, content))

        return remote

    def wait(self, refs, num_returns, timeout):
        return refs[:num_returns], refs[num_returns:]

    def get(self, ref):
        number, work = ref
        if self.fate(number) == "dies":
            raise RayError
        return work()

    def kill(self, _actor):
        self.killed += 1


@pytest.fixture
def store():
    opened = open_store()
    yield opened
    opened.close()


def other_task(key):
    return Task(keys=(key.model_copy(update={"assignment": "other"}),))


@pytest.fixture
def run(store, key, work, monkeypatch):
    """Grade what waits on a cluster of this process; the cluster, and what was said."""
    monkeypatch.setattr(driving, "PAUSE_S", 0.0)
    tasks = {key.assignment: Task(keys=(key,)), "other": other_task(key)}

    def once(fate=lambda _number: "lives", **more):
        ray, said = FakeRay(fate, **more.pop("has", {})), []
        order = Order(Task(), Settings(seed=1), tasks=tasks)
        Driver(
            ray,
            store,
            order,
            Outputs(work / "reports"),
            said.append,
            stop=lambda: is_done(store, tasks),
            **more,
        ).run()
        return ray, said

    return once


@pytest.fixture
def handed(store, key, hand_in):
    def some(count, assignment=None):
        return [
            hand_in_one(
                store,
                f"w{n:04}",
                assignment or key.assignment,
                hand_in(f"{RIGHT}# {n}\n").read_bytes(),
            )
            for n in range(count)
        ]

    return some


def hand_in_one(store, user, assignment, content):
    return hand_in(
        store,
        user=user,
        assignment=assignment,
        filename=f"{user}.zip",
        content=content,
        received_at=MOMENT,
    ).number


def test_what_waits_is_graded_and_recorded_by_the_driver(store, handed, run, work):
    numbers = handed(5)
    ray, said = run()
    assert [len(reports(store, number)) for number in numbers] == [1] * 5
    assert counts(store) == {"done": 5}
    assert len(ray.made) == 2, "as many benches as there are CPUs, each used again"
    assert sorted(path.parent.name for path in (work / "reports").rglob("*.json")) == [
        f"w{n:04}" for n in range(5)
    ]
    assert not verify(store).findings
    assert len([line for line in said if line.startswith("submission ")]) == 5


def test_what_dies_with_a_worker_is_graded_by_another(store, handed, run):
    numbers = handed(6)
    ray, _ = run(lambda number: "dies" if number in (1, 2, 4) else "lives")
    assert [len(reports(store, number)) for number in numbers] == [1] * 6
    assert ray.killed >= 3


def test_what_every_worker_dies_at_is_given_up_and_the_others_are_graded(
    store, handed, run, monkeypatch
):
    numbers = handed(3)
    seen: dict[int, int] = {}
    genuine = FakeRay.get

    def get(self, ref):
        outcome, path = genuine(self, ref)
        if outcome.report.user == "w0001":
            seen[1] = seen.get(1, 0) + 1
            raise RayError
        return outcome, path

    monkeypatch.setattr(FakeRay, "get", get)
    run()
    assert seen == {1: 3}
    assert standing(store, numbers[1]).state == "given_up"
    assert counts(store) == {"done": 2, "given_up": 1}


def test_assignments_on_a_gpu_have_benches_of_their_own(store, handed, run, key):
    handed(1), handed(1, "other")
    ray, _ = run(on_gpu=frozenset({"other"}), has={"cpus": 4.0, "gpus": 1.0}, cpus=2.0)
    shares = [
        (each["num_cpus"], each["num_gpus"], each["device"], each["tasks"]) for each in ray.made
    ]
    assert (2.0, 1.0, "cuda", {"other"}) in shares
    assert (2.0, 0.0, "auto", {key.assignment}) in shares
    assert all(each["max_restarts"] == each["max_task_retries"] == 0 for each in ray.made)


def test_without_a_gpu_its_assignments_wait(store, handed, key, run):
    handed(1)
    other = handed(1, "other")[0]
    ray = FakeRay(lambda _number: "lives")
    tasks = {key.assignment: Task(keys=(key,)), "other": other_task(key)}
    order = Order(Task(), Settings(seed=1), tasks=tasks)
    Driver(
        ray, store, order, Outputs(), lambda _line: None, on_gpu=frozenset({"other"}),
        stop=lambda: is_done(store, {key.assignment}),
    ).run()  # fmt: skip
    assert standing(store, other).state == "waiting"


def test_at_most_so_many_are_under_way(handed, run):
    handed(4)
    ray, _ = run(most=1, has={"cpus": 16.0})
    assert len(ray.made) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cluster", "auto", "--user-from", "x"], "--user-from does not go with --cluster"),
        (["--cluster", "auto", "--roster", "x"], "--roster goes with --watch or --serve"),
        (["--cpus", "2", "a.zip"], "--cpus goes with --cluster"),
        (["--cluster", "auto", "--cpus", "0"], "a number of CPUs is a whole number from 1 to 1024"),
        (["--cluster", "auto", "--watch", "."], "not allowed with argument"),
    ],
)
def test_misuse_is_one_message(work, grade, words, said):
    ran = grade(*words)
    assert ran.status == 2
    assert said in ran.err


def test_where_ray_is_missing_it_says_how_to_get_it(work, grade, monkeypatch):
    monkeypatch.setattr("grader.cluster.command.find_spec", lambda _name: None)
    ran = grade("--cluster", "auto")
    assert ran.status == 2
    assert 'pip install "mockexam[cluster]"' in ran.err


@pytest.mark.skipif(not WITH_RAY, reason="Ray is not installed: pip install 'mockexam[cluster]'")
def test_a_cluster_that_is_not_there_is_told(work, home_of_its_own):
    ran = subprocess.run(
        [sys.executable, "-m", "grader.cli", "--cluster", "127.0.0.1:1", "--once"],
        cwd=work, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "no cluster at 127.0.0.1:1" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
@pytest.mark.skipif(not WITH_RAY, reason="Ray is not installed: pip install 'mockexam[cluster]'")
def test_three_nodes_of_which_one_part_after_the_other_is_lost():
    ran = subprocess.run(
        [sys.executable, "benchmarks/cluster_faults.py", "--gradings", "20"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "heads lost" in ran.stdout
    assert "each has one result: yes; boards as in the undisturbed run: yes" in ran.stdout
