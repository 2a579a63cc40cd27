"""The words of the `grade` command: its options, and how their values are read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from grader.hand_in.options import PORT, add_hand_in
from question_bank.command_line import Parser, seed

if TYPE_CHECKING:
    import re
    from fractions import Fraction

MOST_JOBS = 64

ABOUT = """\
Grade submissions: answers to an exam's form (answers.yaml) against its key, or
the code of an exercise against the course's references, in a locked process.

The report goes to the terminal; --json and --html write it to files, -o writes
both for each submission into a folder. --record keeps it for the leaderboard.

A folder of zip files or of submissions is graded as a batch, and so are several
submissions: -o DIR then holds a report for each, summary.csv and summary.json.
A batch that was stopped goes on where it was when it is started again.

Scans of printed papers are read with --exam: pages in any order and whichever
way up; what is not certain waits for a person (--unsure), and every page is
accounted for. Open answers on paper wait for a person.

--analyse says what an exam's results tell of its questions: difficulty,
discrimination, options, reliability, forms, and keys that look wrong first.

--watch DIR takes what is dropped into a folder, --serve takes hand-ins from
browsers: recorded first, with the time of intake, then graded; both go on where
they were stopped, kill -9 included.

Exit status: 0 graded, however few the points; 1 some of several submissions
were refused or have undecided checks, a replay differs, scans leave something
open, or a key looks wrong; 2 refused, or bad usage; 3 our own fault."""

EXAMPLES = """\
examples:
  grade answers.zip --exam exam/exam.json --user w0256
  grade code.zip --assignment exercise-3 --html report.html
  grade hand-in --exam exam/exam.json --jobs 2 -o reports
  grade hand-in -o reports --record --user-from '^(?P<user>w[0-9]+)'
  grade code.zip --format gradescope --json results.json
  grade scans.pdf --exam exam/exam.json -o reports
  grade reports --analyse --exam exam/exam.json -o analysis
  grade --review mock_exam-7 --web
  grade scans.pdf --exam exam/exam.json -o reports --publish published --grades grades.yaml
  grade --watch inbox --exam exam/exam.json --user-from '^w[0-9]+' -o reports
  grade --serve --offer exercise-3 --public-url https://hand-in.example.org --proxy 127.0.0.1"""


def parser(action: Callable[[argparse.Namespace], int]) -> Parser:
    """The command line of `grade`, which `action` carries out."""
    top = Parser(prog="grade", description=ABOUT, epilog=EXAMPLES)
    top.add_argument(
        "submissions",
        nargs="*",
        type=Path,
        metavar="SUBMISSION",
        help="a zip file, a folder with its files, a folder of submissions, or scans of papers",
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
    how.add_argument(
        "--user-from",
        type=_pattern,
        metavar="PATTERN",
        help="who handed in each of several: a regular expression, searched in the name of the "
        "submission; its group (?P<user>...), or all that it matches",
    )
    how.add_argument("--seed", type=seed, metavar="N", help="repeat a grading (default: fresh)")
    how.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="grade N submissions at a time"
    )
    how.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="hidden test data for trained models (default: generated from the secret)",
    )
    how.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where code runs: auto takes a GPU for references only, cuda for torch submissions too",
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
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="NAME.json and NAME.html here; of several also summary.csv and summary.json",
    )
    out.add_argument("--json", metavar="FILE", help="the report as JSON (- for standard output)")
    out.add_argument("--html", type=Path, metavar="FILE", help="the report as a page")
    out.add_argument(
        "--format",
        choices=("report", "gradescope"),
        default="report",
        help="what --json writes: gradescope is its results.json (-o FILE.json does the same)",
    )
    out.add_argument(
        "--without-solutions",
        action="store_true",
        help="leave the worked solutions out of the report",
    )
    out.add_argument("--record", action="store_true", help="keep the result for the leaderboard")
    _scans(top)
    _analysis(top)
    _after(top)
    _publication(top)
    _pages(top)
    add_hand_in(top)
    top.set_defaults(action=action)
    return top


def _scans(top: Parser) -> None:
    scans = top.add_argument_group(
        "scanned papers (SCANS.pdf, TIFF, JPEG, PNG, or a folder of them)"
    )
    scans.add_argument(
        "--unsure",
        action="store_true",
        help="decide what the scans leave open, in this terminal (or --web), then mark; needs -o DIR",
    )


def _analysis(top: Parser) -> None:
    learn = top.add_argument_group("what the results say about the exam")
    learn.add_argument(
        "--analyse",
        action="store_true",
        help="difficulty, discrimination, options, reliability, forms and keys that look wrong, as a page and tables in "
        "-o DIR; SUBMISSION are then the reports of an exam (files, or what -o wrote); without any, what --record "
        "kept. With --record the measured difficulty joins the statistics of the question bank",
    )


def _after(top: Parser) -> None:
    after = top.add_argument_group("after grading (what was kept with --record)")
    after.add_argument(
        "--review",
        metavar="ASSIGNMENT",
        help="mark what waits for a person, question by question, in this terminal (or --web)",
    )
    after.add_argument(
        "--again",
        nargs="?",
        const="",
        metavar="WHAT",
        help="with --review: what people marked of this question (its id), to be marked anew; with --unsure: what was "
        "decided, to be decided anew (of one student's number or file of scans, then also a number that was read)",
    )
    after.add_argument(
        "--overrule",
        nargs="?",
        const="",
        metavar="QUESTION",
        help="with --review: what the machine decided of this question (its id), of --user NAME, or of both (then also "
        "4a as printed), to be decided anew, with a reason",
    )
    after.add_argument(
        "--points",
        type=Path,
        metavar="FILE.csv",
        help="with --review: points from a table, user,question,points or a column for each answer; all of it or nothing",
    )
    after.add_argument(
        "--step",
        type=_step,
        metavar="POINTS",
        help="with --points: what points are multiples of (default: 0.5)",
    )
    after.add_argument(
        "--second",
        action="store_true",
        help="with --review: mark as a second person, without a look at the first's marks; they count once settled",
    )
    after.add_argument(
        "--differences",
        action="store_true",
        help="with --review: print where two persons differ, and how often (--json for machines), and leave",
    )
    after.add_argument(
        "--settle", action="store_true", help="with --review: decide where two persons differ"
    )
    after.add_argument(
        "--log",
        action="store_true",
        help="with --review: print who marked or regraded what and when (--json for machines), and leave",
    )
    after.add_argument(
        "--regrade",
        metavar="ASSIGNMENT",
        help="grade all of it again with a corrected key (--key, --exam): shows who moves, then records",
    )
    after.add_argument("--dry-run", action="store_true", help="with --regrade: record nothing")
    after.add_argument(
        "--never-lower", action="store_true", help="with --regrade: no answer loses points by it"
    )
    after.add_argument(
        "--by",
        type=_user,
        metavar="NAME",
        help="who decides, reviews or regrades (default: your login)",
    )


def _publication(top: Parser) -> None:
    given = top.add_argument_group(
        "publication (of an exam: --exam or --key; with scans also marked copies)"
    )
    given.add_argument(
        "--publish",
        type=Path,
        metavar="DIR",
        help="write grades.csv, gradebooks for Moodle and Canvas, and copies/STUDENT.pdf of scanned papers into DIR",
    )
    given.add_argument(
        "--grades",
        type=Path,
        metavar="KEY.yaml",
        help="with --publish: from points to grades, and bonus",
    )
    given.add_argument(
        "--with-solutions",
        action="store_true",
        help="with --publish: put the form's solutions behind each copy",
    )


def _pages(top: Parser) -> None:
    pages = top.add_argument_group("in the browser, in place of the terminal")
    pages.add_argument(
        "--web",
        action="store_true",
        help="with --unsure or --review: on pages that this machine alone can see (--port P: at this port)",
    )
    pages.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="with --web: only print the address",
    )


def walks_of(arguments: argparse.Namespace) -> list[str]:
    """The options of --review that were given, by name."""
    given = {
        "--again": arguments.again is not None and not arguments.unsure,
        "--overrule": arguments.overrule is not None,
        "--log": arguments.log,
        "--points": arguments.points is not None,
        "--step": arguments.step is not None,
        "--second": arguments.second,
        "--differences": arguments.differences,
        "--settle": arguments.settle,
        "--web": arguments.web and not arguments.unsure,
    }
    return [name for name, there in given.items() if there]


def web_port(arguments: argparse.Namespace) -> int | None:
    """The port that was asked for with --web; None where any will do."""
    return None if arguments.at_port == PORT else int(arguments.at_port)


def _user(text: str) -> str:
    from grader.intake import LONGEST_USER, normal_name

    name = normal_name(text)
    if not name or len(name) > LONGEST_USER:
        raise argparse.ArgumentTypeError(f"a user's name has 1 to {LONGEST_USER} characters")
    return name


def _pattern(text: str) -> re.Pattern[str]:
    import re

    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"is no regular expression: {error}") from None


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"is a whole number from 1 to {MOST_JOBS}, not '{text}'")
    return int(text)


def _step(text: str) -> Fraction:
    from fractions import Fraction

    try:
        step = Fraction(text.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        step = Fraction(0)
    if not 0 < step <= 10 or step.denominator > 100:
        raise argparse.ArgumentTypeError(f"is a number of points such as 0.5, not '{text}'")
    return step
