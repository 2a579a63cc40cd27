"""The `grade` command: parses, calls, prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from question_bank.command_line import DONE, FINDINGS, Parser, run

if TYPE_CHECKING:
    from grader.files import Outputs
    from grader.grade import Settings
    from grader.intake import Task
    from grader.replay import Earlier
    from grader.report import Report

LONGEST_USER = 200  # characters
LARGEST_SEED = 2**63 - 1

ABOUT = """\
Grade submissions: answers to an exam's form (answers.yaml) against its key, or
the code of an exercise against the course's references, in a locked process.

The report goes to the terminal; --json and --html write it to files, -o writes
both for each submission into a folder. --record keeps it for the leaderboard.

Exit status: 0 graded, however few the points; 1 some of several submissions
were refused or have undecided checks, or a replay differs; 2 refused, or bad
usage; 3 our own fault."""

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
    what.add_argument(
        "--bank",
        type=Path,
        action="append",
        metavar="DIR",
        help="taken as by every command; a form's key.json marks it without the bank",
    )
    how = top.add_argument_group("how")
    how.add_argument("--user", type=_user, metavar="NAME", help="who handed it in")
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
    from question_bank.diagnostics import Where, bad_input

    for folder in arguments.bank or ():
        if not folder.is_dir():
            raise bad_input("no-bank", "there is no such folder", where=Where(str(folder)))
    if arguments.list:
        return _list()
    _refuse_misuse(arguments)
    # Everything that can be wrong with the command itself comes before the first submission is touched.
    earlier = _earlier(arguments)
    outputs = _outputs(arguments)
    task, settings = _task(arguments, earlier), _settings(arguments, earlier)
    if len(arguments.submissions) > 1:
        return _batch(arguments, task, settings, outputs)
    report = _grade_one(arguments.submissions[0], arguments, task, settings)
    outputs.write(report, arguments.submissions[0])
    if arguments.json != "-":
        from grader.terminal import print_report

        print_report(report, sys.stdout)
    return FINDINGS if earlier and _differs(report, earlier) else DONE


def _user(text: str) -> str:
    import unicodedata

    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > LONGEST_USER:
        raise argparse.ArgumentTypeError(f"a user's name has 1 to {LONGEST_USER} characters")
    return name


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(
            f"a seed is a whole number from 0 to {LARGEST_SEED}, not '{text}'"
        )
    return int(text)


def _list() -> int:
    from grader.code import list_assignments, load_assignment

    for name in list_assignments():
        assignment = load_assignment(name)
        print(f"{name}  {assignment.title} (pass mark {assignment.pass_mark:g} %)")
    return DONE


def _refuse_misuse(arguments: argparse.Namespace) -> None:
    from question_bank.diagnostics import bad_input

    tasks = [f"--{name}" for name in ("assignment", "key", "exam") if getattr(arguments, name)]
    if not arguments.submissions:
        raise bad_input(
            "no-submission", "nothing to grade", hint="name a zip file or a folder (grade --help)"
        )
    if len(tasks) > 1:
        named = " and ".join(tasks)
        raise bad_input("two-tasks", f"{named} exclude each other", hint="give one of them")
    if len(arguments.submissions) > 1:
        for name in ("json", "html", "replay"):
            if getattr(arguments, name):
                raise bad_input(
                    "one-report",
                    f"--{name} is for one submission",
                    hint="-o DIR writes the reports of several into a folder",
                )
        if arguments.user:
            raise bad_input("one-user", "--user is for one submission")
    if arguments.record and not arguments.user:
        raise bad_input(
            "no-user",
            "--record needs the user who handed in",
            hint="grade one submission at a time, with --user NAME",
        )
    if arguments.replay and (arguments.record or arguments.seed is not None):
        other = "--record" if arguments.record else "--seed"
        raise bad_input(
            "replay-alone",
            f"--replay and {other} exclude each other",
            hint="a replay takes its seed from the report, and keeps nothing",
        )


def _earlier(arguments: argparse.Namespace) -> Earlier | None:
    if arguments.replay is None:
        return None
    from grader.replay import read_earlier

    return read_earlier(arguments.replay)


def _outputs(arguments: argparse.Namespace) -> Outputs:
    from grader.files import Outputs, stems_for

    outputs = Outputs(
        arguments.output, arguments.json, arguments.html, stems_for(arguments.submissions)
    )
    given = (*arguments.submissions, *(arguments.key or ()), arguments.exam, arguments.replay)
    outputs.check([path for path in given if path is not None])
    return outputs


def _task(arguments: argparse.Namespace, earlier: Earlier | None) -> Task:
    from grader.intake import Task
    from grader.keys import keys_of_exam, load_keys

    if arguments.exam:
        return Task(keys=keys_of_exam(arguments.exam))
    if arguments.key:
        return Task(keys=load_keys(arguments.key))
    name = arguments.assignment
    if name is not None:
        from grader.code import load_assignment

        load_assignment(name)  # an unknown name is misuse, whatever the submissions are
    elif earlier is not None:
        from grader.code import list_assignments

        name = earlier.assignment if earlier.assignment in list_assignments() else None
    return Task(exercise=name)


def _settings(arguments: argparse.Namespace, earlier: Earlier | None) -> Settings:
    from grader.grade import Settings

    if arguments.device == "cuda":
        from grader.code.judge import resolve_device

        resolve_device("cuda")
    seed = earlier.seed if earlier else arguments.seed
    return Settings(seed, arguments.device, arguments.allow_weak_sandbox)


def _batch(arguments: argparse.Namespace, task: Task, settings: Settings, outputs: Outputs) -> int:
    """Grade several: whatever becomes of one of them, the others are graded."""
    from grader.terminal import print_one_line, print_report
    from question_bank.diagnostics import InputError

    graded = refused = undecided = 0
    faults: list[Exception] = []
    for path in arguments.submissions:
        try:
            report = _grade_one(path, arguments, task, settings)
            outputs.write(report, path)
        except InputError as error:
            for diagnostic in error.diagnostics:
                print(f"grade: {diagnostic.render()}", file=sys.stderr)
            refused += 1
            continue
        except Exception as error:  # noqa: BLE001 - raised again when the others are done
            _tell(f"{path}: not graded, which is our own fault")
            faults.append(error)
            continue
        graded += 1
        undecided += any(check.verdict == "undecided" for check in report.checks)
        print_one_line(report, path.name, sys.stdout)
        if arguments.output is None:
            print_report(report, sys.stdout)
            print()
        sys.stdout.flush()
    print(
        f"{graded} graded, {refused} refused"
        + (f", {undecided} with undecided checks" if undecided else "")
        + (f", {len(faults)} not graded through our own fault" if faults else ""),
        file=sys.stderr,
    )
    if faults:
        raise faults[0]
    return FINDINGS if refused or undecided else DONE


def _grade_one(path: Path, arguments: argparse.Namespace, task: Task, settings: Settings) -> Report:
    from datetime import UTC, datetime

    from grader.grade import grade_accepted
    from grader.intake import accept

    now = datetime.now(UTC)
    if arguments.record:
        from grader.record import grade_recorded

        return grade_recorded(
            path, task, settings, user=arguments.user, received_at=now, tell=_tell
        )
    return grade_accepted(
        accept(path, task, arguments.user), settings, user=arguments.user, submitted_at=now
    )


def _tell(line: str) -> None:
    from question_bank.diagnostics import printable

    print(printable(f"grade: {line}"), file=sys.stderr)


def _differs(report: Report, earlier: Earlier) -> bool:
    from grader.replay import differences

    found = differences(report, earlier)
    for line in found:
        _tell(f"the replay differs: {line}")
    if not found:
        _tell("the replay gives every verdict again")
    return bool(found)


def main() -> NoReturn:
    """Run the command; the process ends with its exit status."""
    run(parser())
