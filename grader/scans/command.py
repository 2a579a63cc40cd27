"""`grade SCANS.pdf --exam exam.json`: pages in, reports out, and an account of every page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from grader.held_folders import held_folder
from question_bank.command_line import DONE, FINDINGS
from question_bank.diagnostics import Where, bad_input
from question_bank.wording import counted

if TYPE_CHECKING:
    from grader.batch import BatchResult
    from grader.batch_desk import Order
    from grader.batch_members import Member
    from grader.publication.publish import Publication
    from grader.scan_records import Pile
    from grader.scans.reading import Papers
    from grader.scans.scanned import Ready, Scanned, Source
    from leaderboard.store import Store

Tell = Callable[[str], None]
Run = Callable[[Sequence["Member"], "Order"], "BatchResult"]
Show = Callable[["BatchResult"], None]
FOLDER = "scans"
PRINT = "exam.pdf"
"""Of a form, beside its layout and key."""
_NEEDED = {"pypdfium2": "pypdfium2", "cv2": "opencv-python-headless", "zxingcpp": "zxing-cpp"}


def check_installed() -> None:
    """Raise InputError where a package is missing that reads scans."""
    missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise bad_input(
            "no-scan-packages",
            f"reading scans needs {' and '.join(missing)}",
            hint="pip install 'mockexam[scans]'",
        )


@dataclass(frozen=True)
class ScanOrder:
    """What to do with scans: `order` is for the papers that come out of them, `by` is who decides."""

    paths: tuple[Path, ...]
    exam: Path | None
    key_files: tuple[Path, ...]
    order: Order
    decide: bool
    by: str
    json: str | None
    web: bool = False
    port: int | None = None
    browser: bool = True
    again: str | None = None
    publication: Publication | None = None


def grade_scans(wanted: ScanOrder, run: Run, show: Show, tell: Tell) -> int:
    """Read, let a person decide if asked to, mark, account. Raises InputError."""
    check_installed()
    import cv2

    from grader.scans.scanned import scanned

    cv2.setNumThreads(1)
    with ExitStack() as stack:
        source = _source(wanted, lambda: stack.enter_context(held_folder(FOLDER)))
        found = scanned(source, tell)
        if wanted.decide:
            from grader.scans.deciding import decided

            found = decided(found, source, wanted, tell)
        if wanted.order.record:
            _refuse_fewer_pages(found, source)
        result, waiting, ready = _marked(found, source, wanted.order, run)
        pile = _pile(found, ready, waiting)
        if wanted.order.record:
            _succeed(source, pile, wanted.by, tell)
        result = _summed_up(result, wanted)
        show(result)
        _account(found, source, wanted, waiting, tell)
        _end(result)
        unpublished = wanted.publication is not None and _published(
            found, source, wanted, tell, pile, [each.student for each in waiting]
        )
    totals_bad = any(
        row.outcome.state in ("refused", "undecided") or row.undecided for row in result.rows
    )
    faults = any(each.fault for each in found.told)
    return FINDINGS if totals_bad or faults or found.open or unpublished else DONE


def _source(wanted: ScanOrder, passing: Callable[[], Path]) -> Source:
    """What is read; without a folder for the reports, all is kept in a `passing` one."""
    from grader.scan_paths import scan_files, strays
    from grader.scans.scanned import Source

    output = wanted.order.outputs.folder
    if output is not None and output.resolve() in [path.resolve() for path in wanted.paths]:
        raise bad_input(
            "cannot-write", "holds the scans", where=Where(str(output)),
            hint="give the reports a folder of their own with -o",
        )  # fmt: skip
    files = scan_files(wanted.paths)
    names = [name for _, name in files]
    for name in names:
        if names.count(name) > 1:
            raise bad_input("same-name", f"two files are called {name}", hint="rename one of them")
    for path, _ in files:
        if not path.exists():
            raise bad_input("cannot-read", "cannot be read: No such file", where=Where(str(path)))
    if not files:
        raise bad_input("no-scans", "holds no scans", where=Where(str(wanted.paths[0])))
    layouts, papers = _papers(wanted)
    prints = {
        layout.form: path.parent / PRINT
        for layout, path in zip(papers.layouts.values(), layouts, strict=True)
    }
    folder = passing() if output is None else output / FOLDER
    keys = wanted.order.task.keys
    return Source(
        files, papers, keys, folder, prints, lasting=output is not None, strays=strays(wanted.paths)
    )


def _papers(wanted: ScanOrder) -> tuple[list[Path], Papers]:
    """The layouts' files, and what they say."""
    from grader.scans.layout import layout_files_of_exam, load_layouts
    from grader.scans.reading import papers_of

    if wanted.exam is not None:
        files = layout_files_of_exam(wanted.exam)
    else:
        files = [path.parent / "layout.json" for path in wanted.key_files]
    return files, papers_of(load_layouts(files))


def _marked(
    found: Scanned, source: Source, order: Order, run: Run
) -> tuple[BatchResult, tuple[Ready, ...], tuple[Ready, ...]]:
    """Mark the papers; those (second) that a person must look at first are not recorded yet. All papers come third."""
    from grader.batch_members import Member
    from grader.scans.scanned import SUBMISSIONS, outdated, remove, submissions

    folder = source.folder / SUBMISSIONS
    for place in outdated(found, folder):
        for file in order.outputs.files_of(place.name):
            file.unlink(missing_ok=True)
        remove(place)
    ready = submissions(found, source.keys, folder)
    members = {
        each.student: Member(each.folder, each.student, each.student, each.student)
        for each in ready
    }
    waiting = tuple(each for each in ready if each.answers.unsure)
    late = {each.student for each in waiting} if order.record else set()
    result = run([m for name, m in members.items() if name not in late], order)
    if late and not (result.blocked or result.interrupted):
        more = run([members[name] for name in sorted(late)], replace(order, record=False))
        result = replace(
            result, rows=(*result.rows, *more.rows), not_reached=result.not_reached + more.not_reached,
            interrupted=more.interrupted, blocked=more.blocked, fault=result.fault or more.fault,
        )  # fmt: skip
    return result, waiting, ready


def _summed_up(result: BatchResult, wanted: ScanOrder) -> BatchResult:
    """Write the summary; where results are kept or published, what is on record counts, people's marks included."""
    from grader.batch import as_recorded, write_summary

    kept = wanted.order.record or wanted.publication is not None
    if kept and not result.blocked:
        result = as_recorded(result, wanted.order)
    if not result.blocked:
        write_summary(result, wanted.order)
    return result


def _pile(found: Scanned, ready: Sequence[Ready], waiting: Sequence[Ready]) -> Pile:
    """What can be recorded, and whose each answer sheet is."""
    from grader.scan_records import Pile

    owners = {
        seen.reading.sha256: paper.student
        for paper in found.papers
        for sheet in paper.layout.pages
        for seen in paper.scans.get(sheet.page, ())
        if seen.reading.kind == "sheet"
    }
    return Pile(
        {each.student: each.folder for each in ready if each not in waiting},
        owners,
        [each.student for each in waiting if each.answers.disputed],
    )


def _refuse_fewer_pages(found: Scanned, source: Source) -> None:
    """Before anything is written: see that no paper holds less than what is recorded of it. Raises InputError."""
    from grader.scans.fewer import refuse_fewer
    from leaderboard.store import open_store

    store = open_store()
    try:
        refuse_fewer(store, source.keys[0].assignment, found)
    finally:
        store.close()


def _succeed(source: Source, pile: Pile, by: str, tell: Tell) -> None:
    """Let what was recorded now take the place of earlier scans of the same papers."""
    from grader.scan_succession import succeed
    from leaderboard.store import open_store

    store = open_store()
    try:
        for line in succeed(store, source.keys[0].assignment, pile, by):
            tell(line)
    finally:
        store.close()


def _account(
    found: Scanned, source: Source, wanted: ScanOrder, waiting: Sequence[Ready], tell: Tell
) -> None:
    from grader.scans.account import in_words, to_csv, to_json
    from question_bank.files import write_whole

    if source.lasting:
        source.folder.mkdir(parents=True, exist_ok=True)
        write_whole(source.folder / "pages.csv", to_csv(found))
        write_whole(source.folder / "pages.json", to_json(found))
    if wanted.json == "-":
        sys.stdout.write(to_json(found))
    elif wanted.json is not None:
        write_whole(Path(wanted.json), to_json(found))
    tell(in_words(found))
    for each in found.told:
        tell(each.message)
    if found.open:
        tell(
            f"{counted(len(found.open), 'decision')} to make: add --unsure"
            + ("" if source.lasting else " and -o DIR")
        )
    if waiting and wanted.order.record:
        names = ", ".join(each.student for each in waiting[:8]) + (", ..." if waiting[8:] else "")
        tell(f"not recorded before somebody has looked at the answer sheet: {names}")


def _published(
    found: Scanned,
    source: Source,
    wanted: ScanOrder,
    tell: Tell,
    pile: Pile,
    waiting: Sequence[str],
) -> bool:
    """Write what is published; whether somebody's copy is missing, or a result is not final."""
    from grader.publication.copies import LOOK
    from grader.publication.held import held_in_store
    from grader.publication.publish import publish_copies, publish_tables
    from grader.scan_succession import unsettled
    from leaderboard.store import open_store

    if wanted.publication is None:
        raise AssertionError("the caller has looked")
    store = open_store(must_exist=True)
    try:
        assignment = source.keys[0].assignment
        held = (
            unsettled(store, assignment, pile)
            | dict.fromkeys(_without_record(store, assignment, waiting), LOOK)
            | held_in_store(store, assignment)
        )
        table = publish_tables(store, source.keys, wanted.exam, wanted.publication, tell, held)
        made = publish_copies(found, source, store, table, wanted.publication, tell, held)
    finally:
        store.close()
    return bool(made.without or held)


def _without_record(store: Store, assignment: str, students: Sequence[str]) -> list[str]:
    """The students of whom nothing is on record: where a sheet cannot be read, it may have been entered by hand."""
    from leaderboard.decisions import not_withdrawn

    known = {graded.user for graded in not_withdrawn(store, assignment)}
    return [student for student in students if student not in known]


def _end(result: BatchResult) -> None:
    if result.blocked:
        raise result.blocked
    if result.interrupted:
        raise KeyboardInterrupt
    if result.fault:
        raise result.fault
