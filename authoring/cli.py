"""The command `question-bank`."""

from __future__ import annotations

import argparse
from pathlib import Path

from question_bank.command_line import Parser, run


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    top = Parser(prog="question-bank", description="Write, check and look at exam questions.")
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    check = commands.add_parser("check", help="check questions: schema, draws, keys by two routes, rendering, rules")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="question files (default: the whole bank)")
    check.add_argument("--strict", action="store_true", help="warnings count as findings")
    check.add_argument("--draws", type=int, metavar="N", help="check only N draws of each question")
    check.set_defaults(action=_check)
    for command in (check,):
        command.add_argument("--bank", type=Path, action="append", metavar="DIR", help="a folder of questions (default: the course's bank)")
    return top


def _check(arguments: argparse.Namespace) -> int:
    import sys

    from authoring.check import check_question
    from question_bank.loader import load_bank, load_question

    if arguments.paths:
        files = {q.id: (q, path) for path in arguments.paths for q in [load_question(path)]}
    else:
        bank = load_bank(arguments.bank)
        files = {q.id: (q, bank.files[q.id]) for q in bank.questions.values()}
    count = draws = 0
    for question, file in files.values():
        checked = check_question(question, file, arguments.draws)
        draws += checked.draws
        for finding in checked.findings:
            if finding.severity == "error" or arguments.strict:
                count += 1
            print(finding.render(), file=sys.stderr)
    print(f"{len(files)} questions, {draws} draws: {count or 'no'} findings")
    return 1 if count else 0


def main() -> None:
    """Run the command."""
    run(parser())
