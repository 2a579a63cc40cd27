"""The `mockexam` command: parses, calls, prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from generator.terminal import (
    as_data,
    list_files,
    print_json,
    progress,
    say_what_there_is,
    table,
    tell,
    warn,
)
from question_bank.command_line import DONE, Parser, run

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from generator.make import SizesOf
    from generator.record import ExamRecord
    from generator.students import Student
    from question_bank.loader import Bank

EXPORT_FORMATS = ("moodle", "qti21", "qti3", "canvas", "gift", "html")

ABOUT = """\
Make exams from a blueprint and the question bank: papers, solutions and keys.

An exam is one folder: exam.json (for the instructor), and a folder for each form
(A, B, ...) or each student with exam.pdf, solutions.pdf, key.json and layout.json.
All forms hold the same questions with numbers and an order of their own."""

ABOUT_GENERATE = """\
Choose questions that meet a blueprint, and write the exam.

BLUEPRINT is the name of a shipped blueprint (`mockexam blueprints` lists them) or
the path of a YAML file; without it, the course's exam is made. The same bank,
blueprint and seed make the same exam, byte for byte.

With --students, each student of a table gets a form of their own, and there are
seat lists (seats.csv, seats.pdf). The table is a CSV file with the columns id and
name, and where wanted seat, room, group, form (students with the same word get the
same questions and numbers), large_print, extra_minutes and extra_space.

What was stopped goes on: the same command, run again, makes what is missing."""

ABOUT_REGENERATE = """\
Write an exam again from its exam.json.

Questions, numbers and order come from the file. Without -o, the folder of
EXAM.json is replaced."""


ABOUT_EXPORT = """\
Write an exam for a learning management system, from its exam.json.

  moodle  Moodle XML            gift    GIFT, Moodle's text format
  qti21   QTI 2.1, a package    canvas  QTI 1.2 as Canvas reads it, a package
  qti3    QTI 3.0, a package    html    a page to print, for students

html holds no key. All other formats hold keys and solutions by their nature: they
are for the system, and for nobody else. No system keeps everything: what is not
kept is said in short, and question by question in FILE.losses.json."""


def parser() -> Parser:
    """The command line of `mockexam`."""
    top = Parser(
        prog="mockexam",
        description=ABOUT,
        epilog="example: mockexam generate --seed 7 --forms 2 -o exam",
    )
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser
    )

    made = commands.add_parser(
        "generate",
        help="choose questions and write an exam",
        description=ABOUT_GENERATE,
        epilog="example: mockexam generate mock_exam --seed 7 --forms 2 -o exam",
    )
    made.add_argument("blueprint", nargs="?", metavar="BLUEPRINT", help="default: mock_exam")
    made.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="default: a fresh one, printed; best so for an exam that counts",
    )
    made.add_argument(
        "--language",
        choices=("en", "de"),
        help="of all that is printed around the questions; default: the blueprint's",
    )
    whose = made.add_mutually_exclusive_group()
    whose.add_argument("--forms", type=int, metavar="K", help="forms A, B, ...; default: 1")
    whose.add_argument(
        "--students", metavar="FILE.csv", help="a form for each student of this table"
    )
    made.add_argument(
        "--disjoint",
        action="store_true",
        help="no question on two forms; without it, forms differ in numbers and order",
    )
    made.add_argument(
        "--lecture",
        type=int,
        action="append",
        default=[],
        metavar="N",
        help="of a blueprint for one lecture at a time, such as quiz_sheet: which (repeatable)",
    )
    made.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="EXAM.json",
        help="use no question of this earlier exam (repeatable)",
    )
    made.add_argument(
        "--replace", action="store_true", help="let another exam in the folder go, keys and all"
    )
    _common(made)
    made.set_defaults(action=generate)

    again = commands.add_parser(
        "regenerate",
        help="write an exam again from its exam.json",
        description=ABOUT_REGENERATE,
        epilog="example: mockexam regenerate exam/exam.json -o again",
    )
    again.add_argument("exam", metavar="EXAM.json", help="what `mockexam generate` wrote")
    again.add_argument(
        "--any-bank", action="store_true", help="go on although the bank has changed since"
    )
    _common(again)
    again.set_defaults(action=regenerate)

    exported = commands.add_parser(
        "export",
        help="write an exam for Moodle, Canvas, QTI players or the browser",
        description=ABOUT_EXPORT,
        epilog="example: mockexam export exam/exam.json --to moodle -o exam.xml",
    )
    exported.add_argument("exam", metavar="EXAM.json", help="what `mockexam generate` wrote")
    exported.add_argument(
        "--to",
        required=True,
        choices=EXPORT_FORMATS,
        metavar="FORMAT",
        help=" | ".join(EXPORT_FORMATS),
    )
    exported.add_argument(
        "-o", "--output", metavar="FILE", help="default: named after the exam, in this folder"
    )
    exported.add_argument(
        "--form", action="append", metavar="A", help="this form alone (repeatable; default: all)"
    )
    exported.add_argument(
        "--any-bank", action="store_true", help="go on although the bank has changed since"
    )
    _bank_and_json(exported)
    exported.set_defaults(action=export)

    listed = commands.add_parser(
        "blueprints",
        help="list the shipped blueprints",
        description="List the shipped blueprints, or print one as a start for your own.",
        epilog="example: mockexam blueprints mock_exam > my_exam.yaml",
    )
    listed.add_argument("name", nargs="?", metavar="NAME", help="print this one")
    listed.add_argument("--json", action="store_true", help="JSON for machines")
    listed.add_argument(
        "--schema", action="store_true", help="the JSON Schema of blueprint files, for editors"
    )
    listed.set_defaults(action=blueprints)
    return top


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", metavar="DIR", help="the folder of the exam")
    _bank_and_json(command)


def _bank_and_json(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--jobs", type=int, metavar="N", help="render on so many processors; default: all"
    )
    command.add_argument(
        "--bank",
        action="append",
        metavar="DIR",
        help="a folder of questions (repeatable; default: the course's bank)",
    )
    command.add_argument("--json", action="store_true", help="JSON for machines")


def generate(arguments: argparse.Namespace) -> int:
    """`mockexam generate`: choose, arrange, render, write."""
    from pathlib import Path

    from generator.batch import checked_jobs
    from generator.blueprint import COURSE_EXAM, for_lectures, load_blueprint, with_disjoint_forms
    from generator.cautions import guessable_seed
    from generator.exam import assignment_name, form_labels
    from generator.files import check_target, spare_another_exam
    from generator.heads import heads_of
    from generator.make import check_seed, make_exam
    from generator.record import for_students, load_record, record_of
    from question_bank.diagnostics import bad_input
    from question_bank.loader import load_bank

    # What costs nothing to refuse is refused before any work.
    forms = 1 if arguments.forms is None else arguments.forms
    form_labels(forms)
    jobs = checked_jobs(arguments.jobs)
    if arguments.seed is not None:
        check_seed(arguments.seed)
    students = _students(arguments.students)
    name = COURSE_EXAM if arguments.blueprint is None else arguments.blueprint
    source = for_lectures(
        load_blueprint(
            name,
            lambda: heads_of(load_bank(_folders(arguments.bank)).questions),
            language=arguments.language,
        ),
        arguments.lecture,
    )
    if arguments.disjoint:
        source = with_disjoint_forms(source)
    if source.blueprint.forms == "disjoint" and students:
        raise bad_input(
            "disjoint-students",
            "students get the same questions with their own numbers, and the forms shall be disjoint",
            hint="leave --students or --disjoint out",
        )
    seed = _seed(arguments, source.blueprint.id)
    target = Path(arguments.output or assignment_name(source.blueprint, seed))
    check_target(target)
    warn(guessable_seed(seed, source.blueprint.use))
    earlier = [load_record(Path(file)) for file in arguments.exclude]
    excluded = tuple(sorted({name for record in earlier for name in record.question_ids()}))

    def prepare(sizes_of: SizesOf) -> tuple[ExamRecord, Bank]:
        tell("reading the question bank")
        bank = load_bank(_folders(arguments.bank))
        tell("choosing questions and drawing their numbers")
        exam = make_exam(source, bank, seed=seed, forms=forms, excluded=excluded, sizes_of=sizes_of)
        record = record_of(exam, excluded)
        if students:
            record = for_students(record, students, bank.questions, sizes_of)
        if not arguments.replace:
            spare_another_exam(target, record)
        return record, bank

    return _write(prepare, target, jobs, replace=arguments.replace, as_json=arguments.json)


def _seed(arguments: argparse.Namespace, blueprint_id: str) -> int:
    """The seed asked for; else that of the exam that goes on in the folder; else a fresh one."""
    from pathlib import Path

    from generator.cautions import fresh_seed
    from generator.files import seed_of_unfinished

    if arguments.seed is not None:
        seed: int = arguments.seed
        return seed
    if arguments.output and not arguments.replace:
        found = seed_of_unfinished(Path(arguments.output), blueprint_id)
        if found is not None:
            print(
                f"mockexam: goes on with the seed {found} of the exam that was stopped",
                file=sys.stderr,
            )
            return found
    return fresh_seed()


def _students(file: str | None) -> tuple[Student, ...]:
    if file is None:
        return ()
    from pathlib import Path

    from generator.students import load_students
    from templates.fonts.coverage import unprintable

    return load_students(Path(file), unprintable=unprintable)


def regenerate(arguments: argparse.Namespace) -> int:
    """`mockexam regenerate`: the same exam once more."""
    from pathlib import Path

    from generator.batch import checked_jobs
    from generator.files import check_target
    from generator.record import checked, load_record, other_versions
    from question_bank.loader import load_bank

    jobs = checked_jobs(arguments.jobs)
    file = Path(arguments.exam)
    record = load_record(file)
    target = Path(arguments.output) if arguments.output else file.parent
    check_target(target)
    differences = other_versions(record)

    def prepare(_: SizesOf) -> tuple[ExamRecord, Bank]:
        bank = load_bank(_folders(arguments.bank))
        return checked(record, bank, str(file), any_bank=arguments.any_bank), bank

    if differences:
        print(
            f"mockexam: {file}: made with other versions, so its pages may differ: "
            + "; ".join(differences),
            file=sys.stderr,
        )
    return _write(
        prepare, target, jobs, replace=True, as_json=arguments.json, differences=differences
    )


def export(arguments: argparse.Namespace) -> int:
    """`mockexam export`: the exam for another system, and what that system does not keep."""
    from pathlib import Path

    from generator.export.exporting import as_data, chosen_forms, exports, place_of, write_exports
    from generator.export.losses import in_short
    from generator.record import load_record, rebuild
    from question_bank.loader import load_bank
    from templates.fonts.coverage import unprintable

    file = Path(arguments.exam)
    record = load_record(file)
    labels = chosen_forms(record, arguments.form, str(file))
    place = place_of(record, arguments.to, arguments.form, arguments.output, file)
    bank = load_bank(_folders(arguments.bank))
    exam = rebuild(record, bank, str(file), any_bank=arguments.any_bank)
    tell("exporting")
    papers = {
        form.label: form.student.paper(unprintable)
        for form in record.forms
        if form.student is not None
    }
    made = exports([form for form in exam.forms if form.label in labels], arguments.to, papers)
    named = arguments.output is not None
    files = write_exports(made, arguments.to, exam.assignment, place, named=named)
    losses = [loss for one in made for loss in one.losses]
    if arguments.json:
        print_json(as_data(made, arguments.to, exam.assignment, files))
        return DONE
    if arguments.to != "html":
        print("\n".join(in_short(arguments.to, losses)), file=sys.stderr)
    print("written:")
    for written in files:
        print(f"  {written}")
    return DONE


def blueprints(arguments: argparse.Namespace) -> int:
    """`mockexam blueprints`: what is shipped."""
    from generator.blueprint import load_blueprint, shipped_blueprints
    from question_bank.diagnostics import bad_input, did_you_mean

    if arguments.schema:
        from generator.blueprint_schema import json_schema

        print_json(json_schema())
        return DONE
    shipped = shipped_blueprints()
    if arguments.name is not None:
        if arguments.name not in shipped:
            raise bad_input(
                "no-blueprint",
                f'no blueprint "{arguments.name}" is shipped',
                hint=did_you_mean(arguments.name, shipped) or f"shipped: {', '.join(shipped)}",
            )
        text = shipped[arguments.name].read_text(encoding="utf-8")
        if arguments.json:
            print_json(load_blueprint(arguments.name).blueprint.model_dump(mode="json"))
        else:
            print(text, end="")
        return DONE
    found = {name: load_blueprint(name).blueprint for name in shipped}
    if arguments.json:
        print_json(
            [
                {"name": name, "title": b.title, "minutes": b.minutes, "points": b.points}
                for name, b in found.items()
            ]
        )
        return DONE
    rows = [("Name", "Title", "Points", "Minutes")]
    rows += [(n, b.title, f"{b.points:g}", f"{b.minutes:g}") for n, b in found.items()]
    print(table(rows, right={2, 3}))
    return DONE


def _folders(folders: list[str] | None) -> list[Path] | None:
    from pathlib import Path

    return None if folders is None else [Path(folder) for folder in folders]


def _write(
    prepare: Callable[[SizesOf], tuple[ExamRecord, Bank]],
    target: Path,
    jobs: int,
    *,
    replace: bool,
    as_json: bool,
    differences: tuple[str, ...] = (),
) -> int:
    """Write an exam, while workers warm up from the very start, and say what there is."""
    from contextlib import nullcontext

    from generator.batch import new_crew, sizes_by
    from generator.cautions import far_apart, odd_names
    from generator.crew import LostWorker
    from generator.files import write_exam
    from templates.fonts.coverage import unprintable

    with new_crew(jobs) or nullcontext() as crew:
        record, bank = prepare(sizes_by(crew))
        warn(odd_names(record.students, unprintable))
        try:
            written = write_exam(
                record, bank.questions, target, crew=crew, replace=replace, progress=progress
            )
        except (KeyboardInterrupt, LostWorker):
            print("\nmockexam: what is finished stays; the same command goes on", file=sys.stderr)
            raise
    page = str(target / "certificate.pdf")
    warn(far_apart(written.certificate, page, of_students=bool(record.students)))
    if as_json:
        data = as_data(record, bank, target, written.files)
        certified = written.certificate
        data["comparable"] = None if certified is None else certified.comparable
        print_json({**data, "resumed": written.resumed, "other_versions": list(differences)})
        return DONE
    say_what_there_is(record, bank)
    print("\nwritten:")
    list_files(written.files, by_student=bool(record.students))
    return DONE


def main() -> NoReturn:
    """Run the command; the process ends with its exit status."""
    run(parser())


if __name__ == "__main__":
    main()
