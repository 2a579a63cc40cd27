"""From the queue to the job processes and back, until it is told to stop. Killed at any moment, nothing is lost.

A submission is claimed, its bytes are laid into a folder, a job grades it, and its result is recorded together with the
end of the claim. Whoever starts next takes up what a killed one had claimed: on the same machine at once, elsewhere when
the lease has ended.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.batch_crew import graded_as_they_come
from grader.batch_desk import Order, Outcome
from grader.batch_members import Member, file_stem
from grader.hand_in.alive import forget_dead, is_dead, working
from grader.hand_in.keep import patiently, refusal, settle
from grader.hand_in.refusals import in_a_line, write_refusal
from grader.held_folders import held_folder, sweep
from grader.wording import summary
from leaderboard.away import is_away
from leaderboard.queue import LEASE_S, claim, give_back, release, renew, try_again
from leaderboard.queued import Claim, workers
from leaderboard.store import Store, submission_content
from question_bank.diagnostics import InputError, printable

RENEW_S = LEASE_S / 4
Say = Callable[[str], None]


@dataclass
class Grading:
    """One run: the store, what to do with each submission, in how many jobs. Changes as it goes.

    look: is called all the while, twice a second or so. stop: ends the run once what is under way is graded.
    """

    store: Store
    order: Order
    jobs: int
    say: Say
    look: Callable[[], None] = lambda: None
    stop: Callable[[], bool] = lambda: False
    seconds: Callable[[], float] = time.monotonic
    _held: dict[int, Claim] = field(default_factory=dict)
    _renewed: float = 0.0
    _away: bool = False

    def run(self) -> None:
        """Grade until `stop` says so. InputError where this machine cannot go on; what it had claimed waits again."""
        sweep()
        with held_folder("queue") as folder, working() as worker:
            patiently(lambda: self._begin(worker), self.say)
            try:
                feed = lambda room: self._feed(worker, folder, room)  # noqa: E731
                with contextlib.closing(graded_as_they_come(feed, self.order, self.jobs)) as graded:
                    for number, outcome in graded:
                        self._keep(number, outcome, folder)
            finally:
                with contextlib.suppress(InputError):  # their leases end by themselves
                    give_back(self.store, self._held.values())

    def _begin(self, worker: str) -> None:
        dead = {name for name in workers(self.store) if name != worker and is_dead(name)}
        freed = release(self.store, dead) + try_again(self.store, self.order.tasks)
        forget_dead()
        if freed:
            self.say(f"{freed} submissions of an earlier run are taken up again")

    def _feed(self, worker: str, folder: Path, room: int) -> Sequence[tuple[int, Member]] | None:
        try:
            if self.stop():
                return None
            self.look()
            if self._held and self.seconds() - self._renewed > RENEW_S:
                renew(self.store, worker)
                self._renewed = self.seconds()
            found = claim(self.store, worker, self.order.tasks, most=room)
            laid = []
            for held in found:
                self._held[held.number] = held
                laid.append((held.number, lay_out(self.store, held, folder)))
        except InputError as error:
            if not is_away(error):
                raise
            if not self._away:
                self.say(f"{error.diagnostics[0].message}; it is asked again")
            self._away = True
            return []
        self._away = False
        return laid

    def _keep(self, number: int, outcome: Outcome, folder: Path) -> None:
        held = self._held.pop(number)
        path = path_of(held, folder)
        kept = patiently(lambda: settle(self.store, held, outcome, self.order, path), self.say)
        shutil.rmtree(path.parent, ignore_errors=True)
        told = refusal(outcome, path)
        if kept and told:
            write_refusal(self.order.outputs, held.receipt, told)
        self.say(said(held, outcome, told, kept=kept))
        for line in outcome.told:
            self.say(f"submission {number}: {line}")
        if outcome.fault:
            self.say(f"submission {number}: our own fault:\n{outcome.fault}")
        if outcome.blocked:
            raise InputError(*outcome.diagnostics)


def lay_out(store: Store, held: Claim, folder: Path) -> Member:
    """Lay the bytes of a claimed submission into a folder, for a job to grade."""
    one, path = held.receipt, path_of(held, folder)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(submission_content(store, one.number))
    return member_of(held, path)


def member_of(held: Claim, path: Path) -> Member:
    """A claimed submission, as a job is told of it; its report goes to the folder of its user."""
    one = held.receipt
    name = printable(one.filename)
    return Member(
        path, name, str(one.number), one.user, one.received_at, one.assignment, file_stem(one.user)
    )


def path_of(held: Claim, folder: Path) -> Path:
    """Where its bytes lie while it is graded: under the name that it came in with."""
    name = PurePosixPath(held.receipt.filename.replace("\\", "/")).name
    end = ".zip" if name.lower().endswith(".zip") else ""
    return folder / str(held.number) / (file_stem(name) + end)


def said(held: Claim, outcome: Outcome, told: Sequence[str], *, kept: bool) -> str:
    """A line about a submission that was graded; `told`: why it was refused, where it was."""
    one = held.receipt
    what = outcome.state if outcome.report is None else summary(outcome.report)
    what += f": {in_a_line(told)}" if told else ""
    late = "" if kept else " (somebody else's result counts: the lease had ended)"
    return f"submission {one.number} of {one.user}, {one.assignment}: {what}{late}"
