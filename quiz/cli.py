"""The `quiz` command: parses, calls, prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from question_bank.command_line import Parser, run, seed
from quiz.serve_options import add_serve

if TYPE_CHECKING:
    import argparse
    from datetime import date

ABOUT = """\
Practise with fresh variants of the bank's questions, in the terminal. Each
answer is marked as `grade` marks it, with the slip behind a wrong one, hints, a
worked solution, and another variant where wanted. Questions that are kept for
exams are never drawn.

What you answer is kept at once, in mockexam.db in the folder MOCKEXAM_HOME
(default: your data folder), or in the database that DATABASE_URL names; nothing
is lost when the terminal goes away. `quiz --resume` goes on.

At the keyboard: ? hint, ?? solution, :s skip, :v another variant, :q leave. In
an exam: :n next, :b back, :g N go to question N, :o overview, :done hand in.
Through a pipe: one answer a line (`quiz --seed 1 < answers.txt`). Figures are
described, and drawn into mockexam/figures in your cache folder (~/.cache, or
XDG_CACHE_HOME) for a browser; after a month they are removed.

`quiz --web` shows the same in a browser: a server that answers this machine
alone, at an address that nobody else knows."""

EXAMPLES = """\
examples:
  quiz --lecture 9 -n 5
  quiz --due --exam-date 2099-02-14
  quiz --weakest --confidence
  quiz --exam
  quiz --web
  quiz --stats --html progress.html"""


def parser() -> Parser:
    """The command line of `quiz`."""
    top = Parser(prog="quiz", description=ABOUT, epilog=EXAMPLES)
    asked = top.add_argument_group("what is asked")
    asked.add_argument(
        "--lecture", type=int, action="append", metavar="N", help="a lecture (repeatable)"
    )
    asked.add_argument("--topic", metavar="T", help="topics that hold this text")
    asked.add_argument("-n", "--count", type=_count, default=10, metavar="N", help="questions (10)")
    asked.add_argument("--seed", type=seed, metavar="N", help="the same questions again")
    modes = asked.add_mutually_exclusive_group()
    modes.add_argument(
        "--due", action="store_true", help="what is due to be repeated, then what is new"
    )
    modes.add_argument("--weakest", action="store_true", help="the weakest topics first")
    modes.add_argument(
        "--exam", action="store_true", help="a mock exam against the clock, graded at its end"
    )
    modes.add_argument(
        "--resume", action="store_true", help="go on with the session that was left last"
    )
    asked.add_argument(
        "--blueprint",
        default="mock_exam",
        metavar="NAME|FILE",
        help="the exam of --exam, and of the points that --stats predicts (mock_exam)",
    )
    asked.add_argument(
        "--exam-date",
        type=_date,
        metavar="YYYY-MM-DD",
        help="the day of the exam, before which everything is repeated; remembered",
    )
    asked.add_argument(
        "--confidence", action="store_true", help="ask after each answer whether you are sure"
    )
    asked.add_argument(
        "--bank",
        type=Path,
        action="append",
        metavar="DIR",
        help="a folder of questions (repeatable; default: the course's bank)",
    )
    shown = top.add_argument_group("how it is shown")
    shown.add_argument(
        "--web", action="store_true", help="in the browser: a small server on this machine alone"
    )
    shown.add_argument(
        "--port", type=_port, metavar="P", help="with --web: its port (8734, else any that is free)"
    )
    shown.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="with --web: print the address and start no browser",
    )
    shown.add_argument(
        "--plain", action="store_true", help="no colour, for screen readers and logs"
    )
    shown.add_argument(
        "--json", action="store_true", help="results as JSON on stdout; the quiz goes to stderr"
    )
    kept = top.add_argument_group("what is kept")
    kept.add_argument("--user", metavar="NAME", help="whose progress it is (your login name)")
    kept.add_argument("--no-record", action="store_true", help="keep nothing of this session")
    does = kept.add_mutually_exclusive_group()
    does.add_argument(
        "--stats",
        action="store_true",
        help="mastery by lecture, confidence, what is due, predicted points",
    )
    does.add_argument(
        "--export-data", type=Path, metavar="FILE", help="write everything that is kept, as JSON"
    )
    does.add_argument(
        "--delete-data",
        action="store_true",
        help="delete everything that is kept, after a question",
    )
    kept.add_argument("--html", type=Path, metavar="FILE", help="with --stats: a page with plots")
    kept.add_argument("--yes", action="store_true", help="with --delete-data: do not ask")
    top.set_defaults(action=quiz)
    add_serve(top)
    return top


def _count(text: str) -> int:
    import argparse

    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"a count is a whole number from 1 to 1000, not '{text}'")
    return int(text)


def _port(text: str) -> int:
    import argparse

    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:6]) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not '{text}'")
    return int(text)


def _date(text: str) -> date:
    import argparse
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a date is written YYYY-MM-DD, not '{text}'") from None


def quiz(arguments: argparse.Namespace) -> int:
    """`quiz`: practise, or show and handle what is kept."""
    from question_bank.diagnostics import bad_input

    about_data = arguments.stats or arguments.export_data or arguments.delete_data
    modes = ("due", "weakest", "exam", "resume")
    chosen = [f"--{name}" for name in modes if getattr(arguments, name)]
    if about_data and (chosen or arguments.no_record):
        other = (chosen or ["--no-record"])[0]
        raise bad_input("bad-usage", f"{other} does not go with what is kept; use one of them")
    if arguments.html is not None and not arguments.stats:
        raise bad_input(
            "bad-usage", "--html writes the page of --stats", hint="quiz --stats --html FILE"
        )
    if arguments.no_record and (arguments.due or arguments.weakest or arguments.resume):
        raise bad_input(
            "bad-usage", f"{chosen[0]} needs what is kept, and --no-record keeps nothing"
        )
    fixed = arguments.exam or arguments.resume
    if (fixed and arguments.topic) or (arguments.resume and arguments.lecture):
        word = "--topic" if arguments.topic else "--lecture"
        raise bad_input(
            "bad-usage", f"{word} does not go with {chosen[0]}, which has its questions"
        )
    if arguments.web:
        _check_web(arguments, chosen)
        from quiz.browser.run_web import web

        return web(arguments)
    if arguments.port is not None or not arguments.browser:
        word = "--port" if arguments.port is not None else "--no-browser"
        raise bad_input("bad-usage", f"{word} goes with --web")
    from quiz import run_data, run_session

    if arguments.stats:
        return run_data.stats(arguments)
    if arguments.export_data:
        return run_data.export_data(arguments)
    if arguments.delete_data:
        return run_data.delete_data(arguments)
    return run_session.practise(arguments)


def _check_web(arguments: argparse.Namespace, modes: list[str]) -> None:
    """Pages ask themselves what is to be practised."""
    from question_bank.diagnostics import bad_input

    others = {
        "--lecture": arguments.lecture,
        "--topic": arguments.topic,
        "--seed": arguments.seed is not None,
        "--plain": arguments.plain,
        "--json": arguments.json,
        "--confidence": arguments.confidence,
        "--stats": arguments.stats,
        "--export-data": arguments.export_data,
        "--delete-data": arguments.delete_data,
    }
    given = [*modes, *(word for word, value in others.items() if value)]
    if given:
        raise bad_input(
            "bad-usage", f"{given[0]} does not go with --web", hint="its pages offer all of that"
        )


def main() -> None:
    """Run the command."""
    run(parser())


if __name__ == "__main__":
    main()
