"""The `question-bank` command: parses, calls, prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from question_bank.command_line import DONE, FINDINGS, Parser, run, seed
from question_bank.wording import counted

if TYPE_CHECKING:
    import argparse

    from authoring.check_question import Checked
    from question_bank.diagnostics import Diagnostic

ABOUT = """\
The workshop of those who write exam questions: look at them, check them, try
answers, and start new ones. Questions are YAML files; their keys are computed,
and `check` confirms each key by a second, independent route."""


def parser() -> Parser:
    """The command line of `question-bank`."""
    top = Parser(
        prog="question-bank",
        description=ABOUT,
        epilog="example: question-bank try conv_output_size --seed 3 --answer 65",
    )
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser
    )

    check = commands.add_parser(
        "check", help="check questions: schema, draws, keys by two routes, rendering, rules"
    )
    check.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the bank)"
    )
    check.add_argument("--strict", action="store_true", help="warnings count as findings")
    check.add_argument("--draws", type=_count, metavar="N", help="at most N draws of each question")
    check.add_argument("--jobs", type=_count, metavar="N", help="processes (default: the cores)")
    check.add_argument(
        "--again", action="store_true", help="check also what was found clean and did not change"
    )
    check.set_defaults(action=_check)

    exam = commands.add_parser(
        "lint-exam",
        help="judge an exam: enemies, answers given away, runs of keys, time, hand-work",
    )
    exam.add_argument("exam", type=Path, metavar="EXAM.json", help="what `mockexam generate` wrote")
    exam.add_argument("--strict", action="store_true", help="warnings count as findings")
    exam.add_argument(
        "--any-bank", action="store_true", help="go on although the bank has changed since"
    )
    exam.set_defaults(action=_lint_exam)

    listed = commands.add_parser("list", help="list the questions")
    listed.add_argument("--lecture", type=int, action="append", metavar="N", help="of a lecture")
    listed.add_argument("--type", choices=("multiple_choice", "short", "long"), help="of one type")
    listed.set_defaults(action=_list)

    show = commands.add_parser("show", help="show one variant: text, key, mistakes, solution")
    show.add_argument("id", metavar="ID")
    show.add_argument("--seed", type=seed, default=0, metavar="N")
    show.set_defaults(action=_show)

    preview = commands.add_parser("preview", help="a page with three variants, keys and figures")
    preview.add_argument("id", metavar="ID")
    preview.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="default: ID.html in this folder"
    )
    preview.set_defaults(action=_preview)

    blind = commands.add_parser(
        "blind",
        help="questions on paper without keys, for someone to solve, and what came out",
        description="Writes DIR/paper.pdf and DIR/answers.yaml for someone who solves the questions, and DIR/key.json. "
        "Once answers.yaml is filled in, --marked prints a table: question, draw, answer, verdict.",
    )
    blind.add_argument("ids", nargs="*", metavar="ID", help="default: the whole bank")
    blind.add_argument("--lecture", type=int, action="append", metavar="N", help="of a lecture")
    blind.add_argument("--seed", type=seed, default=0, metavar="N")
    blind.add_argument("-o", "--output", type=Path, metavar="DIR", help="where the paper goes")
    blind.add_argument(
        "--marked",
        type=Path,
        action="append",
        metavar="DIR",
        help="mark the answers of a folder and print the table",
    )
    blind.set_defaults(action=_blind)

    new = commands.add_parser("new", help="start a question file from a template")
    new.add_argument("id", metavar="ID")
    new.add_argument("--type", choices=("multiple_choice", "short", "long"), default="short")
    new.add_argument("--lecture", type=int, choices=range(1, 13), default=1, metavar="N")
    new.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="the folder, made where there is none; or the file, DIR/ID.yaml (default: here)",
    )
    new.set_defaults(action=_new)

    brought = commands.add_parser(
        "import", help="bring questions of Moodle XML or GIFT files into the bank's format"
    )
    brought.add_argument("files", nargs="+", type=Path, metavar="FILE", help="Moodle XML or GIFT")
    brought.add_argument(
        "--lecture", type=int, choices=range(1, 13), required=True, metavar="N", help="1 to 12"
    )
    brought.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        required=True,
        help="the folder, made if need be",
    )
    brought.add_argument(
        "--source", metavar="TEXT", help="where keys can be checked (default: the file's name)"
    )
    brought.add_argument(
        "--use",
        choices=("practice", "exam", "both"),
        default="exam",
        help="practice and both let the quiz show them (default: exam)",
    )
    brought.set_defaults(action=_import)

    stats = commands.add_parser("stats", help="what the bank covers, and what is missing")
    stats.add_argument(
        "--plot", type=Path, metavar="FILE.svg", help="the coverage as a picture as well"
    )
    stats.set_defaults(action=_stats)

    tried = commands.add_parser("try", help="the verdict on one answer")
    tried.add_argument("id", nargs="?", metavar="ID")
    tried.add_argument("--part", default="", metavar="P", help="a part of a long question")
    tried.add_argument("--seed", type=seed, default=0, metavar="N")
    tried.add_argument("--type", metavar="TYPE", help="an answer type, without a question")
    tried.add_argument("--key", metavar="TEXT", help="with --type: the right answer")
    tried.add_argument("--tolerance", type=float, metavar="T", help="with --type numeric")
    tried.add_argument("--answer", required=True, metavar="TEXT")
    tried.verbatim = frozenset({"--answer", "--key"})
    tried.set_defaults(action=_try)

    solve = commands.add_parser("solve", help="the closed forms behind the keys, by name")
    solve.add_argument("name", nargs="?", metavar="NAME")
    solve.add_argument("values", nargs="*", metavar="key=value")
    solve.add_argument("--list", action="store_true", help="names, arguments and conventions")
    solve.set_defaults(action=_solve)

    routes = commands.add_parser(
        "routes",
        help="the second routes that a question may name under `verify`",
        epilog="example: question-bank routes conv2d size",
    )
    routes.add_argument(
        "words", nargs="*", metavar="WORD", help="those that hold all of the words (default: all)"
    )
    routes.set_defaults(action=_routes)

    schema = commands.add_parser("schema", help="the JSON Schema of question files, for editors")
    schema.set_defaults(action=_schema)

    for command in (check, exam, listed, show, preview, blind, brought, stats, tried):
        command.add_argument(
            "--bank",
            type=Path,
            action="append",
            metavar="DIR",
            help="a folder of questions (repeatable; default: the course's bank)",
        )
    for command in (check, exam, listed, show, blind, brought, stats, tried, solve, routes):
        command.add_argument("--json", action="store_true", help="JSON for machines")
    return top


def _count(text: str) -> int:
    import argparse

    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"a count is a whole number from 1, not '{text}'")
    return int(text)


def _print_json(data: object) -> None:
    import json

    print(json.dumps(data, ensure_ascii=False, indent=1))


def _check(arguments: argparse.Namespace) -> int:
    from authoring.check import check_files

    checked = list(
        check_files(
            arguments.paths or None,
            arguments.bank,
            draws=arguments.draws,
            jobs=arguments.jobs,
            again=arguments.again,
        )
    )
    unchanged = sum(one.unchanged for one in checked)
    findings = [finding for one in checked for finding in one.findings]
    relevant = [f for f in findings if f.severity == "error" or arguments.strict]
    questions = [one for one in checked if one.question_id]
    draws = sum(one.draws for one in questions)
    if arguments.json:
        _print_json(
            {
                "questions": len(questions),
                "draws": draws,
                "unchanged": unchanged,
                "findings": [_finding(f) for f in findings],
                "left_out": {
                    one.question_id: dict(one.left_out) for one in checked if one.left_out
                },
            }
        )
    else:
        for finding in findings:
            print(finding.render(), file=sys.stderr)
        for one in checked if arguments.paths else ():
            if one.left_out:
                print(_left_out(one), file=sys.stderr)
        found = counted(len(relevant), "finding") if relevant else "no findings"
        since = f"; {unchanged} not changed since they were found clean" if unchanged else ""
        print(f"{counted(len(questions), 'question')}, {counted(draws, 'draw')}: {found}{since}")
    return FINDINGS if relevant else DONE


def _left_out(one: Checked) -> str:
    """The draws that are never made since answers meet in them; no finding, but worth a look where there are many."""
    reasons = ", ".join(f"{why} ({count})" for why, count in one.left_out.items())
    draws = counted(sum(one.left_out.values()), "draw")
    return f"{one.question_id}: {draws} left out beside the {one.draws} usable: {reasons}"


def _finding(found: Diagnostic) -> dict[str, object]:
    where = found.where
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "question": where.what if where else None,
        "hint": found.hint,
    }


def _lint_exam(arguments: argparse.Namespace) -> int:
    from authoring.lint.exam_file import lint_exam_file
    from question_bank.loader import load_bank

    bank = load_bank(arguments.bank)
    findings = list(lint_exam_file(arguments.exam, bank, any_bank=arguments.any_bank))
    relevant = [f for f in findings if f.severity == "error" or arguments.strict]
    if arguments.json:
        _print_json({"findings": [_finding(f) for f in findings]})
    else:
        for finding in findings:
            print(finding.render(), file=sys.stderr)
        print(counted(len(relevant), "finding") if relevant else "no findings")
    return FINDINGS if relevant else DONE


def _list(arguments: argparse.Namespace) -> int:
    from question_bank.loader import load_bank

    chosen = [
        q
        for q in load_bank(arguments.bank).questions.values()
        if (not arguments.lecture or q.lecture in arguments.lecture)
        and arguments.type in (None, q.type)
    ]
    if arguments.json:
        fields = ("id", "title", "lecture", "topic", "type", "points", "difficulty", "use")
        _print_json([{f: getattr(q, f) for f in fields} for q in chosen])
        return DONE
    width = max((len(q.id) for q in chosen), default=0)
    for q in chosen:
        marks = ("parametrised " if q.parametrised else "") + ("figure" if q.has_figure else "")
        kind = q.type.replace("_", " ")
        print(
            f"{q.lecture:>2}  {q.id:<{width}}  {kind:<15}  {q.points:>4g} p  {q.title}  {marks}".rstrip()
        )
    print(counted(len(chosen), "question"), file=sys.stderr)
    return DONE


def _show(arguments: argparse.Namespace) -> int:
    from authoring.measured import as_data as measured_data
    from authoring.measured import of_bank
    from authoring.show import as_data, as_text
    from question_bank.loader import load_bank
    from question_bank.variant import instantiate

    bank = load_bank(arguments.bank)
    question = bank.question(arguments.id)
    measured = of_bank(bank).get(question.id)
    variant = instantiate(question, arguments.seed)
    if arguments.json:
        _print_json({**as_data(question, variant), "measured": measured_data(measured, question)})
    else:
        print(as_text(question, variant))
        print(
            f"\nDifficulty: {question.difficulty} of 5 by the author; {measured or 'not measured in an exam'}"
        )
    return DONE


def _preview(arguments: argparse.Namespace) -> int:
    from authoring.preview import render_preview
    from question_bank.files import write_whole
    from question_bank.loader import load_bank

    question = load_bank(arguments.bank).question(arguments.id)
    target = arguments.output or Path(f"{question.id}.html")
    write_whole(target, render_preview(question))
    print(f"{target}: open it in a browser", file=sys.stderr)
    return DONE


def _blind(arguments: argparse.Namespace) -> int:
    from authoring.blind import as_table, blind_form, record_rows, write_blind
    from question_bank.diagnostics import bad_input
    from question_bank.loader import load_bank

    if (arguments.output is None) == (arguments.marked is None):
        raise bad_input("bad-usage", "blind needs either -o DIR or --marked DIR")
    if arguments.marked is not None:
        rows = [row for folder in arguments.marked for row in record_rows(folder)]
        if arguments.json:
            names = ("question", "draw", "answer", "verdict")
            _print_json([dict(zip(names, row, strict=True)) for row in rows])
        else:
            print(as_table(rows))
        return DONE
    bank = load_bank(arguments.bank)
    chosen = [bank.question(name) for name in arguments.ids] or list(bank.questions.values())
    if arguments.lecture:
        chosen = [question for question in chosen if question.lecture in arguments.lecture]
    if not chosen:
        raise bad_input("no-questions", "no question is left to solve")
    form = blind_form(chosen, arguments.seed, bank.version)
    for path in write_blind(form, arguments.output):
        print(path)
    return DONE


def _new(arguments: argparse.Namespace) -> int:
    from authoring.new import write_new_question

    print(write_new_question(arguments.id, arguments.type, arguments.lecture, arguments.output))
    return DONE


def _import(arguments: argparse.Namespace) -> int:
    from authoring.importing.command import import_files
    from authoring.importing.question_file import Course
    from question_bank.diagnostics import printable

    course = Course(arguments.lecture, arguments.source, arguments.use)
    outcome = import_files(arguments.files, course, arguments.output, arguments.bank)
    if arguments.json:
        _print_json(
            {
                "written": [
                    {"file": str(target), "from": str(one.where), "notes": list(one.notes)}
                    for target, one in outcome.written
                ],
                "left_out": [{"from": str(one.where), "why": one.why} for one in outcome.left_out],
            }
        )
        return FINDINGS if outcome.left_out else DONE
    for target, imported in outcome.written:
        print(target)
        for note in imported.notes:
            print(f"  {printable(note)}")
    for one in outcome.left_out:
        print(printable(f"{one.where}: left out: {one.why}"), file=sys.stderr)
    said = f"{counted(len(outcome.written), 'question')} written, {len(outcome.left_out)} left out"
    print(f"{said}; next: question-bank check {arguments.output}", file=sys.stderr)
    return FINDINGS if outcome.left_out else DONE


def _stats(arguments: argparse.Namespace) -> int:
    from authoring.measured import as_text as measured_text
    from authoring.measured import statistics as measured_statistics
    from authoring.stats import as_text, statistics
    from question_bank.diagnostics import bad_input
    from question_bank.loader import load_bank

    if arguments.plot is not None and arguments.plot.suffix != ".svg":
        message = f"{arguments.plot} would hold an SVG picture"
        raise bad_input("no-svg", message, hint=f"name it {arguments.plot.with_suffix('.svg')}")
    bank = load_bank(arguments.bank)
    data = {**statistics(bank), "measured": measured_statistics(bank)}
    if arguments.plot is not None:
        from authoring.coverage_plot import coverage_plot
        from question_bank.files import write_whole

        write_whole(arguments.plot, coverage_plot(data))
    if arguments.json:
        _print_json(data)
    else:
        print("\n".join([as_text(data), "", *measured_text(data["measured"])]))
    return DONE


def _try(arguments: argparse.Namespace) -> int:
    from authoring.attempt import try_question, try_type
    from question_bank.diagnostics import bad_input, printable
    from question_bank.loader import load_bank
    from templates.richtext import to_terminal

    if (arguments.id is None) == (arguments.type is None):
        raise bad_input("bad-usage", "try needs either a question's ID or --type with --key")
    if arguments.type is not None:
        result = try_type(arguments.type, arguments.key, arguments.tolerance, arguments.answer)
    else:
        question = load_bank(arguments.bank).question(arguments.id)
        result = try_question(question, arguments.seed, arguments.part, arguments.answer)
    if arguments.json:
        _print_json(result)
        return DONE
    # The sentence of a named mistake is the author's Markdown; all others may hold what was answered.
    message = result["message"]
    said = to_terminal(message) if result["mistake"] else printable(message)
    print(f"{result['verdict'].replace('_', ' ')}: {said}")
    if result["read_as"]:
        print(f"read as {printable(result['read_as'])}")
    if result["mistake"]:
        print(f"mistake: {result['mistake']}")
    return DONE


def _solve(arguments: argparse.Namespace) -> int:
    from authoring.solve import solve
    from question_bank.diagnostics import bad_input
    from question_bank.solvers import solvers

    if arguments.list:
        found = solvers().values()
        if arguments.json:
            _print_json(
                [
                    {"name": s.name, "signature": s.signature, "convention": s.convention}
                    for s in found
                ]
            )
            return DONE
        for solver in found:
            print(f"{solver.name} {solver.signature}\n    {' '.join(solver.convention.split())}")
        return DONE
    if arguments.name is None:
        raise bad_input("bad-usage", "solve needs the NAME of a closed form", hint="solve --list")
    value, shown = solve(arguments.name, arguments.values)
    if arguments.json:
        _print_json({"name": arguments.name, "value": value, "shown": shown})
    else:
        print(shown)
    return DONE


def _routes(arguments: argparse.Namespace) -> int:
    from authoring.route_list import routes_with

    found = routes_with(arguments.words)
    if arguments.json:
        _print_json([{"call": one.call, "says": one.says} for one in found])
        return DONE
    for one in found:
        print(f"{one.call}\n    {one.says}")
    print(counted(len(found), "route"), file=sys.stderr)
    return DONE


def _schema(_arguments: argparse.Namespace) -> int:
    from authoring.json_schema import as_file

    sys.stdout.write(as_file())
    return DONE


def main() -> None:
    """Run the command."""
    run(parser())


if __name__ == "__main__":
    main()
