"""From the queue to the cluster and back: claims, sends, records. Several drivers may share a store.

Each submission is claimed in the store before it leaves, and its result is recorded with the end of the claim. What a
worker or a machine took with it is tried again; when the driver dies, or the head of the cluster, the claims it had are
freed by the next driver of this machine at once, elsewhere when their leases end.

Benches are Ray actors, so that fork servers and loaded libraries serve one submission after the other. Each takes its
share of a machine (`cpus`, and a GPU for the assignments in `on_gpu`) for as long as there is work for it.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.batch_crew import PAUSE_S
from grader.batch_desk import Order, Outcome
from grader.batch_members import file_stem
from grader.cluster.bench import Bench
from grader.files import Outputs
from grader.hand_in.alive import forget_dead, is_dead, working
from grader.hand_in.grading import RENEW_S, Say, said
from grader.hand_in.keep import patiently, refusal, settle
from grader.hand_in.refusals import write_refusal
from grader.held_folders import sweep
from grader.intake import Task
from leaderboard.away import is_away
from leaderboard.queue import claim, give_back, release, renew, try_again
from leaderboard.queued import Claim, workers
from leaderboard.store import Store, submission_content
from question_bank.diagnostics import InputError

LOOK_S = 5.0
"""How often it is looked which machines the cluster has."""
ANSWER_S = 10.0
"""For how long a cluster's address is tried."""
IDLE_S = 10.0
"""A bench without work gives its share of the machine back after so long: others may want it."""
DIED = "the process or machine that graded it ended, which is our own fault"


@dataclass(frozen=True)
class Share:
    """What one bench takes of a machine."""

    cpus: float
    gpus: float = 0.0


@dataclass
class _Pool:
    """The benches of one kind; `tasks`: what they grade."""

    share: Share
    tasks: Mapping[str, Task]
    device: str
    room: int = 0
    idle: list[Any] = field(default_factory=list)
    count: int = 0
    worked: float = 0.0


@dataclass
class Driver:
    """One run on a cluster that is connected. Changes as it goes.

    most: so many benches, whatever the cluster has. stop: ends the run once what is under way is graded.
    """

    ray: Any
    store: Store
    order: Order
    outputs: Outputs
    say: Say
    cpus: float = 1.0
    on_gpu: frozenset[str] = frozenset()
    most: int | None = None
    stop: Callable[[], bool] = lambda: False
    _pools: list[_Pool] = field(default_factory=list)
    _pending: dict[Any, tuple[_Pool, Any, Claim]] = field(default_factory=dict)
    _held: dict[int, Claim] = field(default_factory=dict)
    _looked: float = -math.inf
    _renewed: float = 0.0
    _away: bool = False

    def run(self) -> None:
        """Grade until `stop` says so. InputError where the store or a machine cannot go on."""
        sweep()
        cpu = {name: task for name, task in self.order.tasks.items() if name not in self.on_gpu}
        gpu = {name: task for name, task in self.order.tasks.items() if name in self.on_gpu}
        self._pools = [_Pool(Share(self.cpus), cpu, self.order.settings.device)]
        self._pools += [_Pool(Share(self.cpus, 1.0), gpu, "cuda")] if gpu else []
        with working() as worker:
            patiently(lambda: self._begin(worker), self.say)
            try:
                while not (self._stopped() and not self._pending):
                    self._send(worker)
                    self._receive()
            finally:
                with contextlib.suppress(InputError):  # their leases end by themselves
                    give_back(self.store, self._held.values())

    def _begin(self, worker: str) -> None:
        dead = {name for name in workers(self.store) if name != worker and is_dead(name)}
        freed = release(self.store, dead) + try_again(self.store, self.order.tasks)
        forget_dead()
        if freed:
            self.say(f"{freed} submissions of an earlier run are taken up again")

    def _send(self, worker: str) -> None:
        """Claim what the cluster has room for, and send it there."""
        self._look()
        try:
            if self._held and time.monotonic() - self._renewed > RENEW_S:
                renew(self.store, worker)
                self._renewed = time.monotonic()
            for pool in self._pools:
                for held in claim(self.store, worker, pool.tasks, most=self._free(pool)):
                    self._held[held.number] = held
                    content = submission_content(self.store, held.number)
                    bench = pool.idle.pop() if pool.idle else self._bench(pool)
                    self._pending[bench.grade.remote(held, content)] = (pool, bench, held)
                    pool.worked = time.monotonic()
        except InputError as error:
            if not is_away(error):
                raise
            if not self._away:
                self.say(f"{error.diagnostics[0].message}; it is asked again")
            self._away = True
        else:
            self._away = False

    def _stopped(self) -> bool:
        try:
            return self.stop()
        except InputError as error:
            if not is_away(error):
                raise
            return False

    def _receive(self) -> None:
        """Record what has come back; wait a moment for it."""
        if not self._pending:
            time.sleep(PAUSE_S)
            return
        ready, _ = self.ray.wait(list(self._pending), num_returns=1, timeout=PAUSE_S)
        for ref in ready:
            pool, bench, held = self._pending.pop(ref)
            del self._held[held.number]
            try:
                outcome, path = self.ray.get(ref)
            except self.ray.exceptions.RayError:
                # It, its machine, or the way there is gone; the submission is tried again elsewhere.
                pool.count -= 1
                with contextlib.suppress(self.ray.exceptions.RayError):
                    self.ray.kill(bench)
                outcome, path = Outcome("undecided", told=(DIED,)), held_place(held)
            else:
                pool.idle.append(bench)
            self._keep(held, outcome, path)

    def _keep(self, held: Claim, outcome: Outcome, path: Any) -> None:
        kept = patiently(lambda: settle(self.store, held, outcome, self.order, path), self.say)
        if kept and outcome.report is not None:
            folder = self.outputs.below(file_stem(held.receipt.user))
            folder.write(outcome.report, str(held.number))
        told = refusal(outcome, path)
        if kept and told:
            write_refusal(self.outputs, held.receipt, told)
        self.say(said(held, outcome, told, kept=kept))
        for line in outcome.told:
            self.say(f"submission {held.number}: {line}")
        if outcome.fault:
            self.say(f"submission {held.number}: our own fault:\n{outcome.fault}")
        if outcome.blocked:
            raise InputError(*outcome.diagnostics)

    def _free(self, pool: _Pool) -> int:
        busy = sum(each is pool for each, _, _ in self._pending.values())
        return max(0, pool.room - busy)

    def _bench(self, pool: _Pool) -> Any:
        settings = replace(self.order.settings, device=pool.device)
        order = replace(self.order, settings=settings, tasks=pool.tasks, outputs=Outputs())
        made = self.ray.remote(Bench).options(
            num_cpus=pool.share.cpus, num_gpus=pool.share.gpus, max_restarts=0, max_task_retries=0
        )
        pool.count += 1
        return made.remote(order)

    def _look(self) -> None:
        """Which machines there are: they come and go."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        there = self.ray.cluster_resources()
        left = self.most if self.most is not None else math.inf
        for pool in self._pools:
            while pool.idle and time.monotonic() - pool.worked > IDLE_S:
                self._dismiss(pool)
        for pool in reversed(self._pools):  # a GPU needs its share of the CPUs first
            fits = int(there.get("CPU", 0.0) / pool.share.cpus) if pool.share.cpus else math.inf
            if pool.share.gpus:
                fits = min(fits, int(there.get("GPU", 0.0) / pool.share.gpus))
            pool.room = int(min(fits, left))
            there = {**there, "CPU": there.get("CPU", 0.0) - pool.room * pool.share.cpus}
            left -= pool.room
            while pool.count > pool.room and pool.idle:
                self._dismiss(pool)

    def _dismiss(self, pool: _Pool) -> None:
        with contextlib.suppress(self.ray.exceptions.RayError):
            self.ray.kill(pool.idle.pop())
        pool.count -= 1


def held_place(held: Claim) -> Any:
    """Where a submission would have lain that never came back; it names its file."""
    from pathlib import Path

    return Path(file_stem(held.receipt.filename))


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """Ray, connected to a cluster (`local` starts one on this machine). Raises ConnectionError."""
    # Grades are nobody else's business, how many and with what included.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    _must_answer(address)
    more: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(
            address=address,
            namespace="mockexam",
            log_to_driver=False,
            logging_level=logging.ERROR,
            configure_logging=False,
            **more,
        )
    except (ConnectionError, RuntimeError, ValueError, OSError, TimeoutError) as error:
        raise ConnectionError(str(error).strip().splitlines()[0]) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _must_answer(address: str) -> None:
    # Ray itself tries for minutes where nobody listens.
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise ConnectionError(f"nobody answers there ({error})") from error
