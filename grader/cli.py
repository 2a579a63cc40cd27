"""The `grade` command: parses, calls, prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from question_bank.command_line import DONE, FINDINGS, Parser, run

if TYPE_CHECKING:
    from datetime import datetime

    from grader.grade import Settings, Task
    from grader.report import Report

ABOUT = """\
Grade submissions: answers to an exam's form (answers.yaml) against its key, or
the code of an exercise against the course's references, in a locked process.

The report goes to the terminal; --json and --html write it to files, -o writes
both for each submission into a folder. --record keeps it for the leaderboard."""

EXAMPLES = """\
examples:
  grade answers.zip --exam exam/exam.json --user w0256
  grade code.zip --assignment exercise-3 --html report.html
  grade hand-in/*.zip --exam exam/exam.json -o reports"""


def parser() -> Parser:
    """The command line of `grade`."""
    top = Parser(prog="grade", description=ABOUT, epilog=EXAMPLES)
    top.add_argument(
        "submissions", nargs="*", type=Path, metavar="SUBMISSION", help="a zip file or a folder"
    )
    what = top.add_argument_group("what to grade against (inferred where the files leave no doubt)")
    what.add_argument("--assignment", metavar="NAME", help="an exercise (see --list)")
    what.add_argument(
        "--key", type=Path, action="append", metavar="KEY.json", help="a form's key (repeatable)"
    )
    what.add_argument(
        "--exam", type=Path, metavar="EXAM.json", help="an exam with its forms' keys beside it"
    )
    what.add_argument("--list", action="store_true", help="list the exercises and leave")
    how = top.add_argument_group("how")
    how.add_argument("--user", metavar="NAME", help="who handed it in")
    how.add_argument("--seed", type=_seed, metavar="N", help="repeat a grading (default: fresh)")
    how.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where references run"
    )
    how.add_argument(
        "--allow-weak-sandbox",
        action="store_true",
        help="grade code even where this machine cannot lock it in properly",
    )
    how.add_argument(
        "--replay",
        type=Path,
        metavar="REPORT.json",
        help="grade again with that report's seed, and say what differs",
    )
    out = top.add_argument_group("where the report goes")
    out.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="NAME.json and NAME.html here"
    )
    out.add_argument("--json", metavar="FILE", help="the report as JSON (- for standard output)")
    out.add_argument("--html", type=Path, metavar="FILE", help="the report as a page")
    out.add_argument("--record", action="store_true", help="keep the result for the leaderboard")
    top.set_defaults(action=grade)
    return top


def grade(arguments: argparse.Namespace) -> int:
    """`grade SUBMISSION ...`: reports out, exit status."""
    from question_bank.diagnostics import InputError, bad_input

    if arguments.list:
        return _list()
    if not arguments.submissions:
        raise bad_input(
            "no-submission", "nothing to grade", hint="name a zip file or a folder (grade --help)"
        )
    several = len(arguments.submissions) > 1
    if several and (arguments.json or arguments.html or arguments.replay):
        raise bad_input(
            "one-report",
            "--json, --html and --replay are for one submission",
            hint="write several reports into a folder with -o DIR",
        )
    if several and arguments.user and arguments.record:
        raise bad_input("one-user", "--user with --record is for one submission")
    if arguments.record and not arguments.user:
        raise bad_input("no-user", "--record needs the user", hint="add --user NAME")
    task, settings = _task(arguments), _settings(arguments)
    status = DONE
    for path in arguments.submissions:
        try:
            report = _grade_one(path, task, settings, arguments)
        except InputError as error:
            if not several:
                raise
            for diagnostic in error.diagnostics:
                print(f"grade: {diagnostic.render()}", file=sys.stderr)
            status = FINDINGS
            continue
        undecided = any(check.verdict == "undecided" for check in report.checks)
        if several and undecided:
            status = FINDINGS
        if arguments.replay and _replayed(report, arguments.replay):
            status = FINDINGS
    return status


def _seed(text: str) -> int:
    if not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0, not '{text}'")
    return int(text)


def _list() -> int:
    from grader.code import list_assignments, load_assignment

    for name in list_assignments():
        assignment = load_assignment(name)
        print(f"{name}  {assignment.title} (pass mark {assignment.pass_mark:g} %)")
    return DONE


def _task(arguments: argparse.Namespace) -> Task:
    from grader.grade import Task, keys_of_exam, load_key
    from question_bank.diagnostics import bad_input

    given = [name for name in ("assignment", "key", "exam") if getattr(arguments, name)]
    if len(given) > 1:
        named = " and ".join(f"--{name}" for name in given)
        raise bad_input("two-tasks", f"{named} exclude each other", hint="give one of them")
    if arguments.exam:
        return Task(keys=keys_of_exam(arguments.exam))
    if arguments.key:
        return Task(keys=tuple(load_key(path) for path in arguments.key))
    return Task(assignment=arguments.assignment)


def _settings(arguments: argparse.Namespace) -> Settings:
    from grader.files import read_report
    from grader.grade import Settings

    seed = arguments.seed
    if arguments.replay:
        seed = read_report(arguments.replay)["seed"]
    return Settings(seed, arguments.device, arguments.allow_weak_sandbox)


def _grade_one(path: Path, task: Task, settings: Settings, arguments: argparse.Namespace) -> Report:
    from datetime import UTC, datetime

    from grader.files import write_reports
    from grader.grade import grade as grade_submission
    from grader.terminal import print_report

    submitted_at = datetime.now(UTC)
    kept = _keep(path, task, arguments, submitted_at) if arguments.record else None
    report = grade_submission(path, task, settings, user=arguments.user, submitted_at=submitted_at)
    if kept is not None:
        _record(kept, path, report, arguments.user, submitted_at)
    write_reports(report, path, arguments.output, arguments.json, arguments.html)
    if arguments.json != "-":
        print_report(report, sys.stdout)
    return report


def _keep(
    path: Path, task: Task, arguments: argparse.Namespace, received_at: datetime
) -> tuple[int | None, bytes]:
    """The submission's bytes are kept before it is graded, even when it is refused then."""
    from grader.files import submission_bytes
    from leaderboard.store import open_store, record_submission

    content = submission_bytes(path)
    name = task.keys[0].assignment if task.keys else task.assignment
    if name is None:
        # Which assignment it is only turns out when its files are read.
        return None, content
    submission = record_submission(
        open_store(),
        user=arguments.user,
        assignment=name,
        filename=path.name,
        content=content,
        received_at=received_at,
    )
    return submission, content


def _record(
    kept: tuple[int | None, bytes], path: Path, report: Report, user: str, received_at: datetime
) -> None:
    from grader.report import as_data
    from leaderboard.store import open_store, record_result, record_submission

    submission, content = kept
    store = open_store()
    if submission is None:
        submission = record_submission(
            store,
            user=user,
            assignment=report.assignment,
            filename=path.name,
            content=content,
            received_at=received_at,
        )
    record_result(store, submission, as_data(report))


def _replayed(report: Report, earlier: Path) -> bool:
    from grader.files import read_report
    from grader.grade import differences

    found = differences(report, read_report(earlier))
    for line in found:
        print(f"grade: replay differs: {line}", file=sys.stderr)
    if not found:
        print("replay: every verdict is the same", file=sys.stderr)
    return bool(found)


def main() -> None:
    """Run the command."""
    run(parser())
