"""What `mockexam` says of an exam, to people and to machines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from question_bank.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from generator.record import ExamRecord
    from question_bank.diagnostics import Diagnostic
    from question_bank.loader import Bank


def say_what_there_is(record: ExamRecord, bank: Bank) -> None:
    """Title, seed, points and a line for each section of an exam."""
    from generator.record import form_of

    first = form_of(record, record.forms[0], bank.questions)
    labels = ", ".join(form.label for form in record.forms)
    many = f"form{'' if len(record.forms) == 1 else 's'} {labels}"
    if record.students:
        many = counted(len(record.students), "student")
        many += ", a form for each" if len(record.students) > 1 else ", a form of their own"
    print(f"{first.title} · {first.course}")
    print(
        f"seed {record.seed} · {counted(first.total_points, 'point')} · {counted(first.minutes, 'minute')} ·"
        f" {many} · assignment {record.assignment}\n"
    )
    rows = [("Section", "Questions", "Points", "Lectures")]
    for section in first.sections:
        lectures = sorted({question.variant.lecture for question in section.questions})
        rows.append(
            (
                section.title,
                str(len(section.questions)),
                f"{section.points:g}",
                ", ".join(map(str, lectures)),
            )
        )
    covered = {question.variant.lecture for question in first.questions}
    rows.append(
        (
            "Total",
            str(len(first.questions)),
            f"{first.total_points:g}",
            counted(len(covered), "lecture"),
        )
    )
    print(table(rows, right={1, 2}))


def list_files(files: Sequence[Path], *, by_student: bool) -> None:
    """Every file; of a class, those of the first student stand for all."""
    each: dict[Path, list[Path]] = {}
    for file in files:
        each.setdefault(file.parent, []).append(file)
    # What is of the whole exam lies above the folders of the students.
    whole = min(each, key=lambda folder: len(folder.parts))
    folders = [folder for folder in each if folder != whole]
    shown = [*each[whole], *each[folders[0]]] if by_student else files
    for file in shown:
        print(f"  {file}")
    if by_student and len(folders) > 1:
        print(f"  ... and so for each of the {len(folders)} students")


def as_data(record: ExamRecord, bank: Bank, target: Path, files: Sequence[Path]) -> dict[str, Any]:
    """The same for machines."""
    from generator.record import form_of

    first = form_of(record, record.forms[0], bank.questions)
    return {
        "folder": str(target),
        "assignment": record.assignment,
        "seed": record.seed,
        "bank_version": record.bank_version,
        "points": first.total_points,
        "minutes": first.minutes,
        "forms": [form.label for form in record.forms],
        "students": len(record.students),
        "sections": [
            {
                "title": section.title,
                "questions": [question.variant.question_id for question in section.questions],
                "points": section.points,
                "lectures": sorted({q.variant.lecture for q in section.questions}),
            }
            for section in first.sections
        ],
        "files": [str(file) for file in files],
    }


def print_json(data: Any) -> None:
    """Data on standard output, indented."""
    import json

    print(json.dumps(data, ensure_ascii=False, indent=2))


def table(rows: Sequence[tuple[str, ...]], right: set[int]) -> str:
    """Rows in columns; those in `right` (from 0) are set to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def warn(cautions: Iterable[Diagnostic]) -> None:
    """Warnings go where errors go; the work goes on."""
    for caution in cautions:
        print(f"mockexam: {caution.render()}", file=sys.stderr, flush=True)


def tell(step: str) -> None:
    """What is going on, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"{step} ...", file=sys.stderr, flush=True)


def progress(done: int, total: int) -> None:
    """A bar for whoever waits at a terminal; where output is kept, nothing."""
    if not sys.stderr.isatty():
        return
    import os

    width = 30
    full = width * done // max(total, 1)
    # Colour is left out where it is not wanted, and so is every letter that ASCII lacks.
    bar = "#" * full + "." * (width - full)
    if not os.environ.get("NO_COLOR"):
        bar = f"\033[32m{bar[:full]}\033[0m{bar[full:]}"
    end = "\r\033[K" if done == total else ""
    print(f"\rrendering [{bar}] {done}/{total}{end}", end="", file=sys.stderr, flush=True)
