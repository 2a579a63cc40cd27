"""`grade --review` and `--regrade`: what is done with what the store holds. Which options go together, and who does it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from grader.options import walks_of, web_port
from question_bank.command_line import DONE
from question_bank.diagnostics import bad_input
from question_bank.wording import counted

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from grader.grade import Settings
    from grader.intake import Task

HALF = Fraction(1, 2)


def after_grading(
    arguments: argparse.Namespace,
    task: Callable[[argparse.Namespace, None], Task],
    settings: Callable[[argparse.Namespace, None], Settings],
) -> int:
    """Carry out --review or --regrade; `task` and `settings` read what is graded against, and how. Raises InputError."""
    _refuse_misuse(arguments)
    by = arguments.by or getpass.getuser()
    if arguments.review:
        return _review(arguments, by)
    from grader.regrade_command import regrade

    if not arguments.key and not arguments.exam:
        _refuse_without_key(arguments.regrade)
        arguments.assignment = arguments.regrade
    return regrade(arguments, task(arguments, None), settings(arguments, None), by)


def _refuse_misuse(arguments: argparse.Namespace) -> None:
    if arguments.review and arguments.regrade:
        raise bad_input("two-tasks", "--review and --regrade exclude each other")
    walks = walks_of(arguments)
    if arguments.regrade and walks:
        raise bad_input("review-alone", f"{' and '.join(walks)}: only with --review ASSIGNMENT")
    # A table holds the marks of a first person or of a second; a page shows any walk.
    apart = [name for name in walks if name not in ("--web", "--step")]
    if len(apart) > 1 and set(apart) != {"--second", "--points"}:
        raise bad_input("two-tasks", f"{' and '.join(apart)} exclude each other")
    if arguments.step is not None and arguments.points is None:
        raise bad_input("step-of-points", "--step belongs to --points FILE.csv")
    if arguments.web and not set(apart) <= {"--again", "--overrule", "--second", "--settle"}:
        raise bad_input("nothing-to-show", f"{apart[0]} prints and asks nothing: --web has no page")
    if arguments.again == "":
        raise bad_input(
            "again-what",
            "--again needs the id of a question",
            hint="the id of a question stands in key.json and at the top of the screens of --review",
        )
    if arguments.overrule == "" and arguments.user is None:
        raise bad_input(
            "overrule-what",
            "--overrule needs the id of a question, or --user NAME",
            hint="the id of a question stands in key.json and at the top of the screens of --review",
        )
    if arguments.submissions or arguments.record:
        raise bad_input(
            "on-the-store",
            "--review and --regrade work on what was kept with --record",
            hint="leave the submissions away, or grade them with --record first",
        )


def _review(arguments: argparse.Namespace, by: str) -> int:
    from grader.review.command import Walk, review, review_differences, review_log

    if arguments.log:
        return review_log(arguments.review, arguments.json)
    if arguments.differences:
        return review_differences(arguments.review, arguments.json)
    if arguments.points is not None:
        return _points(arguments.review, arguments.points, by, arguments.step, arguments.second)
    overrule = arguments.overrule is not None
    walk = Walk(
        arguments.again,
        overrule,
        arguments.overrule or None,
        arguments.user,
        arguments.second,
        arguments.settle,
    )
    if arguments.web:
        from grader.browser.run_review import review_web

        return review_web(
            arguments.review, by, walk, web_port(arguments), browser=arguments.browser
        )
    return review(arguments.review, by, walk)


def _points(assignment: str, file: Path, by: str, step: Fraction | None, second: bool) -> int:
    from grader.review.command import opened
    from grader.review.points_table import keep_table
    from grader.review.recording import settle

    store = opened(assignment)
    try:
        settle(store, assignment)
        kept = keep_table(store, assignment, file, by, step=step or HALF, second=second)
    finally:
        store.close()
    what = "second mark" if second else "mark"
    print(
        f"{counted(kept.new, f'new {what}')}, {kept.corrected} corrected, {kept.same} stood already",
        file=sys.stderr,
    )
    return DONE


def _refuse_without_key(assignment: str) -> None:
    """An exam is regraded with a key; an exercise brings its own checks."""
    from grader.code import list_assignments

    known = list_assignments()
    if assignment not in known:
        raise bad_input(
            "no-key",
            f'regrading "{assignment}" needs the corrected key of each of its forms',
            hint="add --key KEY.json for each form, or --exam EXAM.json for all of them; without a key only"
            f" exercises are regraded: {', '.join(known)}",
        )
