"""The desk where hand-ins are taken over HTTP: what it takes, how large and how often, and what it tells of each."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from grader.batch_members import file_stem
from grader.hand_in.keep import lines
from grader.hand_in.offers import Offer, Timing, timing
from grader.hand_in.uploads import Uploads, is_full
from grader.held_folders import held_folder
from grader.intake import accept
from leaderboard.boards import configuration_of
from leaderboard.queue import hand_in, refuse_waiting
from leaderboard.queued import Receipt, Standing, standing, standings_of
from leaderboard.store import Store, reports
from question_bank.diagnostics import InputError
from web.limits import Limits
from web.problems import Problem

MEGABYTE = 1024 * 1024
AT_ONCE = 3
"""Submissions that are written down at a time; each lies in memory while it is."""


@dataclass(frozen=True)
class HandInDesk:
    """What a server takes in. `largest`: bytes; `solutions`: whether reports show worked solutions at once."""

    store: Store
    offers: Mapping[str, Offer]
    clock: Callable[[], datetime]
    largest: int
    solutions: bool = False
    rate: Limits = field(default_factory=lambda: Limits(rate=1 / 30, burst=10))
    uploads: Uploads = field(default_factory=Uploads)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def timing(self, assignment: str, moment: datetime | None = None) -> Timing:
        """Whether what is handed in counts: now, or at a moment."""
        return timing(configuration_of(self.store), assignment, moment or self.clock())

    def take(
        self, user: str, assignment: str, filename: str, file: BinaryIO, moment: datetime
    ) -> Receipt:
        """Take a submission: on record, in the queue, and refused at once where it can be seen that it is none.

        `moment`: when its last byte had arrived, however long the store lets it wait. In a turn of `turns`. Raises
        Problem, and InputError where the store cannot keep it.
        """
        offer = self._open_offer(assignment, moment)
        self._count(user)
        content = file.read(self.largest + 1)
        if not content:
            raise Problem(
                400, "Nothing was handed in", "The file is empty.", cure="Choose a zip file."
            )
        if len(content) > self.largest:
            raise Problem(
                413,
                "That is too large",
                f"A submission has at most {self.largest // MEGABYTE} MB here.",
                cure="Leave out data sets and whatever else is not asked for.",
            )
        receipt = hand_in(
            self.store,
            user=user,
            assignment=offer.assignment,
            filename=filename,
            content=content,
            received_at=moment,
        )
        if not receipt.again:
            told = self._refusal(offer, receipt, content)
            if told:
                refuse_waiting(self.store, receipt.number, told)
        return receipt

    def check_rate(self, user: str) -> None:
        """Raise Problem (429) for whom `take` would refuse for its rate; counts nothing."""
        self._count(user)
        self.rate.give_back(user)

    def mine(self, user: str) -> list[Standing]:
        """What a user handed in, the last first."""
        return standings_of(self.store, user)

    def one(self, user: str, number: int) -> Standing:
        """A submission of a user. Raises Problem (404) for others' as for none."""
        found = standing(self.store, number) if 0 < number < 2**53 else None
        if found is None or found.receipt.user != user:
            raise Problem(
                404, "There is no such submission of yours", "", cure="See what you handed in."
            )
        return found

    def report(self, found: Standing) -> dict[str, Any] | None:
        """The report that stands, as its user may see it; None where there is none yet."""
        log = reports(self.store, found.receipt.number)
        if not log:
            return None
        report = log[-1]
        if not self.solutions and not self.timing(found.receipt.assignment).last:
            # Another try may count, and the way to the answer would be in it.
            checks = [{**check, "solution": None} for check in report["checks"]]
            report = {**report, "checks": checks}
        return report

    def title(self, assignment: str) -> str:
        """What an assignment is called."""
        offer = self.offers.get(assignment)
        return assignment if offer is None else offer.title

    def _count(self, user: str) -> None:
        wait = self.rate.wait(user)
        if wait:
            raise Problem(
                429,
                "You have handed in often",
                "A submission is graded for each; what you handed in before is kept.",
                cure=f"Try again in {math.ceil(wait)} seconds.",
                again_s=wait,
            )

    def _open_offer(self, assignment: str, moment: datetime) -> Offer:
        offer = self.offers.get(assignment)
        if offer is None:
            named = ", ".join(self.offers)
            raise Problem(
                400, "For what is it?", "Say which assignment it is for.", cure=f"One of: {named}."
            )
        when = self.timing(assignment, moment)
        if when.window == "early":
            raise Problem(
                403, "It is too early", f"{offer.title} {when.words}.", cure="Hand it in then."
            )
        return offer

    def _refusal(self, offer: Offer, receipt: Receipt, content: bytes) -> list[str]:
        """Why it will not be graded, as far as that can be seen at once; nothing where it may be."""
        end = ".zip" if receipt.filename.lower().endswith(".zip") else ""
        with held_folder("hand-in") as folder:
            path = folder / (
                file_stem(receipt.filename.replace("\\", "/").rpartition("/")[2]) + end
            )
            try:
                path.write_bytes(content)
                accept(path, offer.task, receipt.user)
            except InputError as error:
                return lines(error.diagnostics, path)
            except OSError as error:
                if not is_full(error):
                    raise
                # It is on record: whoever grades it sees what it is.
        return []
