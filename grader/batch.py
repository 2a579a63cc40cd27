"""Grading many submissions: each once, whatever becomes of the others, and none twice.

With a folder for the reports a batch can be stopped at any point, kill -9 included: every report is
written whole or not at all, and a second run keeps those that stand and grades what is missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.batch_crew import graded_by_jobs
from grader.batch_desk import Order, Outcome
from grader.batch_kept import kept_report
from grader.batch_members import Member
from grader.batch_progress import Watch
from grader.batch_summary import Row, to_summary_csv, to_summary_json
from grader.report import Report
from question_bank.diagnostics import Diagnostic, InputError, Where
from question_bank.files import write_whole


class FaultElsewhere(Exception):
    """A fault of ours in a job; its text is what happened, then the job's traceback."""


@dataclass(frozen=True)
class BatchResult:
    """The rows in the order of the submissions; `blocked` is what ended the batch early, if anything did."""

    rows: tuple[Row, ...]
    not_reached: int = 0
    interrupted: bool = False
    blocked: InputError | None = None
    fault: FaultElsewhere | None = None


def run_batch(members: Sequence[Member], order: Order, *, jobs: int, watch: Watch) -> BatchResult:
    """Grade the members that need it; `watch` gets each row as soon as it is ready.

    Ends early, with what was done kept, at Ctrl-C and where nothing can go on (the disk is full,
    the sandbox too weak).
    """
    rows: dict[int, Row] = {}
    interrupted, blocked = False, None
    try:
        with contextlib.closing(_outcomes(members, order, jobs)) as outcomes:
            for number, outcome in outcomes:
                if outcome.blocked:
                    blocked = InputError(*outcome.diagnostics)
                    break
                rows[number] = Row(members[number], outcome)
                watch(rows[number])
    except KeyboardInterrupt:
        interrupted = True
    done = tuple(rows[number] for number in sorted(rows))
    faults = [row.outcome.fault for row in done if row.outcome.fault]
    fault = FaultElsewhere(_named(faults[0])) if faults else None
    return BatchResult(done, len(members) - len(done), interrupted, blocked, fault)


def as_recorded(result: BatchResult, order: Order) -> BatchResult:
    """The rows with what is on record of them: marks that people gave, regradings. Their reports are written so.

    What is not on record stays as it was graded now. Raises InputError.
    """
    from grader.record import on_record

    rows = []
    with on_record(must_exist=not order.record) as recorded:
        for row in result.rows:
            log = () if row.report is None else recorded(row.member, row.report.assignment)
            rows.append(row if row.report is None or not log else _recorded(row, log[-1], order))
    return replace(result, rows=tuple(rows))


def _recorded(row: Row, last: Report, order: Order) -> Row:
    report = row.report
    if report is None:
        raise AssertionError("the caller has looked")
    # Solutions are for those that this run writes for, whatever an earlier one was asked for.
    solutions = {check.id: check.solution for check in report.checks}
    checks = tuple(replace(check, solution=solutions.get(check.id)) for check in last.checks)
    # A regrading read the zip that is kept of a folder: the same submission, by which the next run knows its report.
    shown = replace(last, checks=checks, content_sha256=report.content_sha256)
    if (shown.checks, shown.versions) == (report.checks, report.versions):
        return row
    order.outputs.below(row.member.folder).write(shown, row.member.stem)
    return replace(row, outcome=replace(row.outcome, report=shown))


def write_summary(result: BatchResult, order: Order) -> None:
    """summary.json and summary.csv in the folder of the reports. Raises InputError."""
    folder = order.outputs.folder
    if folder is not None:
        order.outputs.make_folder()
        write_whole(folder / "summary.json", to_summary_json(result.rows))
        write_whole(folder / "summary.csv", to_summary_csv(result.rows))


def _outcomes(
    members: Sequence[Member], order: Order, jobs: int
) -> Generator[tuple[int, Outcome], None, None]:
    """What stands and what is refused at once, then what the jobs grade."""
    to_grade: list[int] = []
    with _record_of(order) as recorded:
        for number, member in enumerate(members):
            if member.user is None and order.record:
                yield number, Outcome("refused", diagnostics=(_nobodys(member),))
            elif kept := kept_report(member, order, recorded):
                yield number, Outcome("kept", kept)
            else:
                to_grade.append(number)
    chosen = [members[number] for number in to_grade]
    with contextlib.closing(graded_by_jobs(chosen, order, min(jobs, len(chosen)))) as graded:
        for position, outcome in graded:
            yield to_grade[position], outcome


@contextlib.contextmanager
def _record_of(order: Order) -> Iterator[Callable[[Member, str], Sequence[Report]]]:
    if not order.record:
        yield lambda _member, _assignment: ()
        return
    from grader.record import on_record

    with on_record() as recorded:
        yield recorded


def _nobodys(member: Member) -> Diagnostic:
    return Diagnostic(
        "no-user",
        "its name does not say who handed it in",
        Where(str(member.path)),
        "--user-from PATTERN must find the user in each name, or record it by itself with --user",
    )


def _named(trace: str) -> str:
    """What happened first, then all of the traceback."""
    last = trace.strip().splitlines()[-1]
    return f"{last}\n{trace}"
