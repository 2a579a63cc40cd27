"""What runs on the cluster: a place where submissions are graded one after the other. It touches no store."""

from __future__ import annotations

from pathlib import Path

from grader.batch_desk import Desk, Order, Outcome
from grader.hand_in.grading import member_of, path_of
from grader.held_folders import held_folder, sweep
from leaderboard.queued import Claim


class Bench:
    """A desk in a process of the cluster, with fork servers that stay warm between submissions."""

    def __init__(self, order: Order) -> None:
        sweep()
        self._desk = Desk(order)

    def grade(self, held: Claim, content: bytes) -> tuple[Outcome, Path]:
        """What becomes of a submission, and where its file lay: messages name that place."""
        with held_folder("cluster") as folder:
            path = path_of(held, folder)
            path.parent.mkdir()
            path.write_bytes(content)
            return self._desk.outcome(member_of(held, path)), path
