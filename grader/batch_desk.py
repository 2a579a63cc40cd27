"""Where submissions are graded one after the other, with fork servers that stay warm between them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from grader.batch_members import Member
from grader.fault_log import faults_told
from grader.files import Outputs
from grader.grade import Settings, grade_accepted
from grader.intake import Task, accept
from grader.report import Report
from question_bank.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from grader.code.judge import Workshop

# graded: now; kept: by an earlier run; refused: it cannot be graded; undecided: our own fault.
State = Literal["graded", "kept", "refused", "undecided"]


@dataclass(frozen=True)
class Order:
    """What to do with each submission, whichever process does it.

    `tasks`, by assignment, are for members that name theirs.
    """

    task: Task
    settings: Settings
    outputs: Outputs = field(default_factory=Outputs)
    record: bool = False
    resume: bool = False  # a submission that is on record already is not recorded again
    tasks: Mapping[str, Task] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    `diagnostics` say why it was refused, `told` what else a person should know; `fault` is the
    traceback of a fault of ours. `blocked` says what kept us from going on with any submission.
    """

    state: State
    report: Report | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    told: tuple[str, ...] = ()
    fault: str | None = None
    blocked: bool = False


class Desk:
    """Grades submissions by one order; a context, because fork servers must be ended."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._workshop: Workshop | None = None

    def grade(self, member: Member, tell: Callable[[str], None]) -> Report:
        """Grade one submission, and write and record what the order asks for. Raises InputError."""
        order = self.order
        with faults_told(tell):
            report = self._report(member, tell)
        order.outputs.below(member.folder).write(report, member.stem)
        return report

    def _report(self, member: Member, tell: Callable[[str], None]) -> Report:
        order, now = self.order, datetime.now(UTC)
        if order.record and member.user is not None:
            from grader.record import grade_recorded

            return grade_recorded(
                member.path, order.task, order.settings, user=member.user, received_at=now,
                tell=tell, resume=order.resume, workshop=self._shop,
            )  # fmt: skip
        task = order.task if member.assignment is None else order.tasks[member.assignment]
        accepted = accept(member.path, task, member.user)
        return grade_accepted(
            accepted,
            order.settings,
            user=member.user,
            submitted_at=member.received_at or now,
            workshop=self._shop,
        )

    def outcome(self, member: Member) -> Outcome:
        """What becomes of one submission; never an exception."""
        told: list[str] = []
        try:
            report = self.grade(member, told.append)
        except InputError as error:
            refused = concerns(error, member.path)
            return Outcome(
                "refused" if refused else "undecided", None, error.diagnostics, tuple(told),
                blocked=not refused,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a fault in one must not end the others
            text = "".join(traceback.format_exception(error))
            self.close()
            return Outcome("undecided", told=tuple(told), fault=text)
        return Outcome("graded", report, told=tuple(told))

    def _shop(self) -> Workshop:
        if self._workshop is None:
            from grader.code.judge import Workshop

            self._workshop = Workshop()
        return self._workshop

    def close(self) -> None:
        """End the fork servers; they start again at need."""
        if self._workshop is not None:
            self._workshop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def concerns(error: InputError, path: Path) -> bool:
    """Whether an error is about the submission at `path`: not about this machine, the store or a full disk."""
    return all(
        each.code == "other-assignment"  # a report of its name stands already
        or (each.where is not None and f"{each.where.file}/".startswith(f"{path}/"))
        for each in error.diagnostics
    )
