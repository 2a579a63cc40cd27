"""The `quiz` command: parses, calls, prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from question_bank.command_line import DONE, Parser, run, seed

if TYPE_CHECKING:
    import argparse

    from quiz.session import Session

ABOUT = """\
Practise with fresh variants of the bank's questions, in the terminal. Each
answer is marked as `grade` marks it, with the slip behind a wrong one and a
worked solution. Questions that are kept for exams are never drawn. Figures are
described, and drawn into mockexam/figures in your cache folder (~/.cache, or
XDG_CACHE_HOME) for a browser; after a month they are removed.

Works through a pipe: one answer a line (`quiz --seed 1 < answers.txt`)."""


def parser() -> Parser:
    """The command line of `quiz`."""
    top = Parser(prog="quiz", description=ABOUT, epilog="example: quiz --lecture 9 -n 5")
    top.add_argument(
        "--lecture", type=int, action="append", metavar="N", help="a lecture (repeatable)"
    )
    top.add_argument("--topic", metavar="T", help="topics that hold this text")
    top.add_argument("-n", "--count", type=_count, default=10, metavar="N", help="questions (10)")
    top.add_argument("--seed", type=seed, metavar="N", help="the same questions again")
    top.add_argument("--plain", action="store_true", help="no colour, for screen readers and logs")
    top.add_argument(
        "--json", action="store_true", help="results as JSON on stdout; the quiz goes to stderr"
    )
    top.add_argument(
        "--bank",
        type=Path,
        action="append",
        metavar="DIR",
        help="a folder of questions (repeatable; default: the course's bank)",
    )
    top.set_defaults(action=practise)
    return top


def _count(text: str) -> int:
    import argparse

    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"a count is a whole number from 1 to 1000, not '{text}'")
    return int(text)


def practise(arguments: argparse.Namespace) -> int:
    """`quiz`: ask, mark, explain."""
    import secrets

    from question_bank.loader import load_bank
    from quiz.session import Wish, start
    from quiz.terminal import face, play, print_result

    chosen = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    wish = Wish(tuple(arguments.lecture or ()), arguments.topic, arguments.count, chosen)
    out = sys.stderr if arguments.json else sys.stdout
    shown = face(sys.stdin, out, plain=arguments.plain)
    session = play(start(load_bank(arguments.bank), wish), shown)
    print_result(session, shown)
    shown.console.print(f"The same questions again: --seed {chosen}", style="dim")
    if arguments.json:
        import json

        print(json.dumps(_data(session, chosen), ensure_ascii=False, indent=1))
    return DONE


def _data(session: Session, seed: int) -> dict[str, Any]:
    from quiz.session import tally

    total = tally(session.outcomes)
    return {
        "seed": seed,
        "earned": total.earned,
        "possible": total.possible,
        "asked": len(session.prompts),
        "answers": [
            {
                "label": o.prompt.label,
                "question": o.prompt.question.id,
                "seed": o.prompt.question.seed,
                "answer": o.answer,
                "verdict": o.mark.verdict,
                "points": o.points,
                "max_points": o.prompt.part.points,
                "mistake": o.mark.mistake,
                "read_as": o.mark.read_as,
            }
            for o in session.outcomes
        ],
    }


def main() -> None:
    """Run the command."""
    run(parser())


if __name__ == "__main__":
    main()
