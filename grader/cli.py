"""The `grade` command: parses, calls, prints."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from grader import options
from grader.hand_in.options import refuse_misuse
from question_bank.command_line import DONE, FINDINGS, Parser, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.batch import BatchResult
    from grader.batch_desk import Order
    from grader.batch_members import Found, Member
    from grader.files import Outputs
    from grader.grade import Settings
    from grader.intake import Task
    from grader.publication.publish import Publication
    from grader.replay import Earlier
    from question_bank.key import FormKey


def parser() -> Parser:
    """The command line of `grade`."""
    return options.parser(grade)


def grade(arguments: argparse.Namespace) -> int:
    """`grade SUBMISSION ...`: reports out, exit status."""
    from question_bank.diagnostics import Where, bad_input

    for folder in arguments.bank or ():
        if not folder.is_dir():
            raise bad_input("no-bank", "there is no such folder", where=Where(str(folder)))
    if arguments.list:
        return _list()
    refuse_misuse(arguments)
    if arguments.analyse:
        from grader.analysis.command import analyse_results, order_of

        return analyse_results(order_of(arguments))
    if arguments.watch or arguments.serve or arguments.cluster:
        return _take_in(arguments)
    if arguments.review or arguments.regrade:
        from grader.after_grading import after_grading

        return after_grading(arguments, _task, _settings)
    if walks := options.walks_of(arguments):
        where = "--unsure, or --review ASSIGNMENT" if walks == ["--web"] else "--review ASSIGNMENT"
        raise bad_input("review-alone", f"{' and '.join(walks)}: only with {where}")
    _refuse_misuse_of_publication(arguments)
    if _scans_given(arguments):
        return _scans(arguments)
    if arguments.publish is not None:
        return _publish(arguments)
    # Everything that can be wrong with the command itself comes before the first submission is touched.
    found = _found(arguments)
    _refuse_misuse(arguments, found)
    earlier = _earlier(arguments)
    outputs = _outputs(arguments, found)
    order = _order(arguments, earlier, outputs, found)
    if found.is_batch:
        return _batch(found, order, arguments.jobs)
    return _one(found.members[0], order, earlier)


def _list() -> int:
    from grader.code import list_assignments, load_assignment

    for name in list_assignments():
        assignment = load_assignment(name)
        print(f"{name}  {assignment.title} (pass mark {assignment.pass_mark:g} %)")
    return DONE


def _take_in(arguments: argparse.Namespace) -> int:
    """--watch and --serve: what is handed in is recorded, and graded from there."""
    task, settings = _task(arguments, None), _settings(arguments, None)
    if arguments.watch:
        from grader.hand_in.command import watch

        return watch(arguments, task, settings)
    if arguments.cluster:
        from grader.cluster.command import cluster

        return cluster(arguments, task, settings)
    from grader.hand_in.server import serve

    return serve(arguments, task, settings)


def _scans_given(arguments: argparse.Namespace) -> bool:
    """Whether the submissions are scans of papers. Raises InputError where only some of them are."""
    from grader.scan_paths import are_scans
    from question_bank.diagnostics import Where, bad_input

    scans = [path for path in arguments.submissions if are_scans(path)]
    others = [path for path in arguments.submissions if path not in scans]
    if scans and others:
        raise bad_input(
            "mixed",
            f"is no scan, and {scans[0]} is one",
            where=Where(str(others[0])),
            hint="grade scans by themselves",
        )
    if arguments.unsure and not scans:
        raise bad_input(
            "no-scans",
            "--unsure belongs to scans",
            hint="grade SCANS.pdf --exam EXAM.json --unsure",
        )
    return bool(scans)


def _scans(arguments: argparse.Namespace) -> int:
    """Scanned papers: pages in, reports out."""
    import getpass

    from grader.batch import run_batch
    from grader.batch_desk import Order
    from grader.files import Outputs
    from grader.scans.command import ScanOrder, grade_scans

    _refuse_misuse_of_scans(arguments)
    outputs = Outputs(arguments.output, gradescope=arguments.format == "gradescope")
    outputs.check(arguments.submissions, [])
    task = _task(arguments, None)
    published = None if arguments.publish is None else _publication(arguments, task.keys)
    order = Order(task, _settings(arguments, None), outputs, arguments.record, resume=True)
    wanted = ScanOrder(
        paths=tuple(arguments.submissions),
        exam=arguments.exam,
        key_files=tuple(arguments.key or ()),
        order=order,
        decide=arguments.unsure,
        again=arguments.again,
        by=arguments.by or getpass.getuser(),
        json=arguments.json,
        web=arguments.web,
        port=options.web_port(arguments),
        browser=arguments.browser,
        publication=published,
    )

    def run(members: Sequence[Member], order: Order) -> BatchResult:
        return run_batch(members, order, jobs=arguments.jobs, watch=lambda _row: None)

    def show(result: BatchResult) -> None:
        if arguments.json != "-":
            _print_batch(result, reports=outputs.folder is None)

    return grade_scans(wanted, run, show, _tell)


def _refuse_misuse_of_scans(arguments: argparse.Namespace) -> None:
    from question_bank.diagnostics import bad_input

    if bool(arguments.exam) == bool(arguments.key):
        raise bad_input(
            "no-key",
            "scans are read against an exam's layout and key",
            hint="add --exam EXAM.json, or --key KEY.json with layout.json beside it",
        )
    for name in ("assignment", "user", "user_from", "replay", "html"):
        if getattr(arguments, name):
            word = name.replace("_", "-")
            raise bad_input("not-for-scans", f"--{word} is not for scans", hint="leave it away")
    if arguments.unsure and arguments.output is None:
        raise bad_input(
            "no-folder", "--unsure needs a folder to keep decisions in", hint="add -o DIR"
        )


def _refuse_misuse_of_publication(arguments: argparse.Namespace) -> None:
    from question_bank.diagnostics import bad_input

    for name in ("grades", "with_solutions"):
        if getattr(arguments, name) and arguments.publish is None:
            word = name.replace("_", "-")
            raise bad_input("publication-alone", f"--{word} belongs to --publish DIR")
    if arguments.publish is not None and bool(arguments.exam) == bool(arguments.key):
        raise bad_input(
            "no-key",
            "--publish needs the exam",
            hint="add --exam EXAM.json, or --key KEY.json for each form",
        )


def _publish(arguments: argparse.Namespace) -> int:
    """--publish without scans: the tables of what the store holds."""
    from grader.publication.held import held_in_store
    from grader.publication.publish import publish_tables
    from leaderboard.store import open_store
    from question_bank.diagnostics import bad_input

    if arguments.submissions:
        raise bad_input(
            "publish-alone",
            "--publish takes scans, for marked copies, or no submissions",
            hint="grade the others with --record first",
        )
    if arguments.with_solutions:
        raise bad_input("no-scans", "--with-solutions belongs to copies of scanned papers")
    keys = _task(arguments, None).keys
    wanted = _publication(arguments, keys)
    store = open_store(must_exist=True)
    try:
        held = held_in_store(store, keys[0].assignment)
        table = publish_tables(store, keys, arguments.exam, wanted, _tell, held)
    finally:
        store.close()
    return FINDINGS if any(line.state == "open" for line in table.lines) else DONE


def _publication(arguments: argparse.Namespace, keys: tuple[FormKey, ...]) -> Publication:
    """What is to be published; a key of grades with faults is refused before anything is done."""
    from grader.publication.grade_key import load_grade_key
    from grader.publication.publish import Publication, bonus_assignments

    grades, full = arguments.grades, max(key.total_points for key in keys)

    def known() -> set[str]:
        return bonus_assignments(must_exist=not arguments.record)

    key = None if grades is None else load_grade_key(grades, full, keys[0].assignment, known)
    return Publication(arguments.publish, key, arguments.with_solutions)


def _found(arguments: argparse.Namespace) -> Found:
    from dataclasses import replace

    from grader.batch_members import find_members
    from question_bank.diagnostics import bad_input

    if not arguments.submissions:
        raise bad_input(
            "no-submission", "nothing to grade", hint="name a zip file or a folder (grade --help)"
        )
    folder = None if _to_file(arguments) else arguments.output
    found = find_members(arguments.submissions, output=folder, user_from=arguments.user_from)
    if found.is_batch or arguments.user is None:
        return found
    return replace(found, members=(replace(found.members[0], user=arguments.user),))


def _to_file(arguments: argparse.Namespace) -> bool:
    """Whether -o names the file of a results.json rather than a folder."""
    output = arguments.output
    return arguments.format == "gradescope" and output is not None and output.suffix == ".json"


def _refuse_misuse(arguments: argparse.Namespace, found: Found) -> None:
    from question_bank.diagnostics import bad_input

    tasks = [f"--{name}" for name in ("assignment", "key", "exam") if getattr(arguments, name)]
    if len(tasks) > 1:
        named = " and ".join(tasks)
        raise bad_input("two-tasks", f"{named} exclude each other", hint="give one of them")
    if found.is_batch:
        for name in ("json", "html", "replay"):
            if getattr(arguments, name):
                raise bad_input(
                    "one-report",
                    f"--{name} is for one submission",
                    hint="-o DIR writes the reports of several into a folder",
                )
        if arguments.user:
            raise bad_input(
                "one-user",
                "--user is for one submission",
                hint="--user-from PATTERN finds the user in the name of each",
            )
    if arguments.user and arguments.user_from:
        raise bad_input("two-users", "--user and --user-from exclude each other")
    if arguments.record and not (arguments.user or arguments.user_from):
        raise bad_input(
            "no-user",
            "--record needs the user who handed in",
            hint="--user NAME for one submission, --user-from PATTERN for several",
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


def _outputs(arguments: argparse.Namespace, found: Found) -> Outputs:
    from grader.files import STANDARD_OUTPUT, Outputs

    folder, json, gradescope = arguments.output, arguments.json, arguments.format == "gradescope"
    if _to_file(arguments) and not found.is_batch and json is None:
        folder, json = None, str(folder)
    if gradescope and folder is None and json is None and not found.is_batch:
        json = STANDARD_OUTPUT
    outputs = Outputs(folder, json, arguments.html, gradescope)
    given = (*(arguments.key or ()), arguments.exam, arguments.replay)
    paths = [member.path for member in found.members] + [path for path in given if path]
    outputs.check(paths, [member.stem for member in found.members])
    return outputs


def _order(
    arguments: argparse.Namespace, earlier: Earlier | None, outputs: Outputs, found: Found
) -> Order:
    from grader.batch_desk import Order

    task, settings = _task(arguments, earlier), _settings(arguments, earlier)
    return Order(task, settings, outputs, arguments.record, resume=found.is_batch)


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
    chosen = earlier.seed if earlier else arguments.seed
    return Settings(
        chosen,
        arguments.device,
        arguments.allow_weak_sandbox,
        not arguments.without_solutions,
        arguments.data,
    )


def _one(member: Member, order: Order, earlier: Earlier | None) -> int:
    """Grade a single submission in this process."""
    from grader.batch_desk import Desk, concerns
    from grader.files import STANDARD_OUTPUT
    from grader.isolation import told
    from question_bank.diagnostics import InputError

    try:
        with Desk(order) as desk:
            report = desk.grade(member, _tell)
    except InputError as error:
        if order.outputs.gradescope and concerns(error, member.path):
            from grader.gradescope import refused_results_json

            order.outputs.write_json(refused_results_json(error.diagnostics))
        raise
    for line in told([report]):
        _tell(line)
    if order.outputs.json != STANDARD_OUTPUT:
        from grader.terminal import print_report

        print_report(report, sys.stdout)
    if earlier is None:
        return DONE
    from grader.replay import differs

    return FINDINGS if differs(report, earlier, _tell) else DONE


def _batch(found: Found, order: Order, jobs: int) -> int:
    """Grade several: whatever becomes of one of them, the others are graded."""
    from grader.batch import as_recorded, run_batch, write_summary
    from grader.batch_progress import watching
    from grader.batch_summary import totals

    for name in found.passed_over:
        _tell(f"{name} is no submission and was passed over")
    with watching(len(found.members)) as watch:
        result = run_batch(found.members, order, jobs=jobs, watch=watch)
    try:
        if order.record and not result.blocked:
            result = as_recorded(result, order)
        if not result.blocked:
            write_summary(result, order)
    finally:
        _print_batch(result, reports=order.outputs.folder is None)
    if result.blocked:
        raise result.blocked
    if result.interrupted:
        raise KeyboardInterrupt
    if result.fault:
        raise result.fault
    count = totals(result.rows)
    return FINDINGS if count["refused"] or count["undecided"] else DONE


def _print_batch(result: BatchResult, *, reports: bool) -> None:
    from grader.batch_summary import in_words
    from grader.terminal import print_report, print_summary

    print(in_words(result.rows, not_reached=result.not_reached), file=sys.stderr)
    for row in result.rows if reports else ():
        if row.report is not None:
            print_report(row.report, sys.stdout)
            print()
    print_summary(result.rows, sys.stdout)
    sys.stdout.flush()


def _tell(line: str) -> None:
    from grader.batch_progress import tell

    tell(line)


def main() -> NoReturn:
    """Run the command; the process ends with its exit status."""
    run(parser())


if __name__ == "__main__":
    main()
