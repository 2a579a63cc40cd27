"""`grade --analyse`: what an exam's results say about its questions, as a page, tables and JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from question_bank.command_line import DONE, FINDINGS
from question_bank.diagnostics import Where, bad_input, printable

if TYPE_CHECKING:
    import argparse

    from grader.analysis.analysis import Analysis
    from grader.analysis.proposals import Proposal
    from grader.analysis.reading import Results
    from question_bank.key import FormKey


@dataclass(frozen=True)
class AnalysisOrder:
    """What to analyse: reports at these paths, or, without any, what the store holds; and where it goes.

    `json`: a file or `-`. `record` keeps what was measured for the bank's statistics, of questions of `bank`.
    """

    reports: tuple[Path, ...]
    exam: Path
    folder: Path | None
    json: str | None
    record: bool
    bank: tuple[Path, ...] | None


# What the command has for other tasks.
_ELSEWHERE = (
    "assignment", "key", "user", "user_from", "replay", "html", "review", "regrade", "unsure", "log", "again",
    "overrule", "watch", "serve", "cluster",
)  # fmt: skip


def order_of(arguments: argparse.Namespace) -> AnalysisOrder:
    """What the command line asks for. Raises InputError."""
    if arguments.exam is None:
        raise bad_input(
            "no-exam",
            "--analyse needs the exam, with the keys of its forms beside it",
            hint="add --exam EXAM.json",
        )
    for name in _ELSEWHERE:
        if getattr(arguments, name):
            word = name.replace("_", "-")
            raise bad_input(
                "not-for-analysis", f"--{word} is not for --analyse", hint="leave it away"
            )
    folder: Path | None = arguments.output
    if folder is None and arguments.json is None:
        raise bad_input("no-folder", "--analyse needs a folder to write to", hint="add -o DIR")
    if folder is not None and any(folder.resolve() == p.resolve() for p in arguments.submissions):
        raise bad_input(
            "cannot-write",
            "holds the reports that are analysed",
            where=Where(str(folder)),
            hint="give the analysis a folder of its own with -o",
        )
    return AnalysisOrder(
        reports=tuple(arguments.submissions),
        exam=arguments.exam,
        folder=folder,
        json=arguments.json,
        record=arguments.record,
        bank=None if arguments.bank is None else tuple(arguments.bank),
    )


def analyse_results(order: AnalysisOrder) -> int:
    """Analyse, write, and print what an instructor should know first; 1 where a key looks wrong."""
    from grader.analysis.analysis import analyse
    from grader.analysis.proposals import proposal
    from grader.analysis.reading import own_forms, results_from_files, results_from_store
    from grader.analysis.responses import responses_of
    from grader.keys import keys_of_exam

    keys, own = keys_of_exam(order.exam), own_forms(order.exam)
    results = results_from_files(order.reports, keys) if order.reports else results_from_store(keys)
    responses = responses_of(results.reports, keys, own_forms=own, notes=results.notes)
    if not responses.students:
        raise bad_input("no-answers", "no paper has an answer: there is nothing to analyse")
    found = analyse(responses)
    folder = order.folder or Path()
    proposals = [
        proposal(each, keys, folder, order.exam, own_forms=own) for each in found.suspicions
    ]
    _write(order, found, proposals)
    if order.json != "-":
        _print(found, proposals)
    if order.record:
        _record(order, found, results, keys)
    return FINDINGS if any(s.strength == "strong" for s in found.suspicions) else DONE


def _write(order: AnalysisOrder, found: Analysis, proposals: Sequence[Proposal]) -> None:
    from grader.analysis.page import render_page
    from grader.analysis.tables import items_csv, options_csv, students_csv, to_json
    from question_bank.files import write_whole

    text = to_json(found, proposals)
    if order.json == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
    elif order.json is not None:
        write_whole(Path(order.json), text)
    if order.folder is None:
        return
    files = {
        "items.csv": items_csv(found),
        "options.csv": options_csv(found),
        "students.csv": students_csv(found),
        "analysis.json": text,
        "analysis.html": render_page(found, proposals),
    }
    for mend in proposals:
        files |= mend.files
    for name, content in files.items():
        path = order.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise bad_input(
                "cannot-write", f"{path.parent} cannot be made: {error.strerror}"
            ) from None
        write_whole(path, content)
    print(f"{order.folder / 'analysis.html'}: open it in a browser", file=sys.stderr)


def _print(found: Analysis, proposals: Sequence[Proposal]) -> None:
    from grader.analysis.names import label
    from grader.analysis.words import summary

    for sentence in (*summary(found), *(f"Note: {note}." for note in found.responses.notes)):
        print(printable(sentence))
    for each, mend in zip(found.suspicions, proposals, strict=True):
        forms = f" (form {', '.join(each.forms)})" if each.forms else ""
        print()
        print(printable(f"{label(each.item)}  {each.item.id}{forms}: {each.strength}"))
        for reason in each.reasons:
            print(printable(f"  - {reason.sentence}"))
        print(printable(f"  look at {each.look_at}"))
        print(printable(f"  {mend.command}   # {mend.change}"))


def _record(
    order: AnalysisOrder, found: Analysis, results: Results, keys: Sequence[FormKey]
) -> None:
    from grader.analysis.recording import sitting_of
    from leaderboard.database import data_folder
    from question_bank.loader import load_bank
    from question_bank.measured import FOLDER, keep_sitting

    bank = load_bank(order.bank)
    sitting = sitting_of(found, results.reports, keys, bank)
    path = keep_sitting(data_folder() / FOLDER, sitting)
    other = sorted({a.question for a in sitting.answers if a.version is None})
    if other:
        print(
            f"{len(other)} of its questions read otherwise in the bank now: kept as an earlier version",
            file=sys.stderr,
        )
    print(f"kept for `question-bank stats` in {path}", file=sys.stderr)
