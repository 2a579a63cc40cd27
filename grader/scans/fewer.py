"""Scans that hold less of a paper than what is recorded of it take no record's place: a page would be lost."""

from __future__ import annotations

from collections.abc import Iterator

from grader.scan_records import Record, records
from grader.scans.answers import has_answers, pages_with_answers
from grader.scans.papers import Paper
from grader.scans.scanned import Scanned
from leaderboard.decisions import not_withdrawn
from leaderboard.store import Store
from question_bank.diagnostics import Diagnostic, InputError


def refuse_fewer(store: Store, assignment: str, found: Scanned) -> None:
    """Raises InputError with each paper of which recorded pages with answers are in none of these scans."""
    papers = {paper.student: paper for paper in found.papers if paper.student is not None}
    owners = {
        seen.reading.sha256: paper
        for paper in found.papers
        for sheet in paper.layout.pages
        for seen in paper.scans.get(sheet.page, ())
    }
    here = {seen.reading.sha256 for seen in found.pages}
    # What is whole now loses nothing: only the records of others have to be opened.
    suspects = {student for student, paper in papers.items() if not _whole(paper)}
    faults = []
    sound = papers.keys() - suspects
    but = [each.number for each in not_withdrawn(store, assignment) if each.user in sound]
    for record in records(store, assignment, but) if suspects else ():
        sheets = [owners[sha] for sha in record.scan.sheets.values() if sha in owners]
        paper = sheets[0] if sheets else papers.get(record.graded.user)
        if paper is not None and (lost := list(_lost(record, paper, here))):
            faults.append(_fault(record, lost))
    if faults:
        raise InputError(*faults)


def _whole(paper: Paper) -> bool:
    layout, there = paper.layout, pages_with_answers(paper)
    return all(n in there for n in range(1, layout.page_count + 1) if has_answers(layout, n))


def _lost(record: Record, paper: Paper, here: set[str]) -> Iterator[str]:
    """Recorded pages that the paper lacks; those that these scans have as somebody else's are not lost."""
    there = {str(number) for number in pages_with_answers(paper)}
    for page, pictures in record.scan.pages.items():
        if page not in there and not here.intersection(pictures):
            yield page


def _fault(record: Record, lost: list[str]) -> Diagnostic:
    pages = f"page{'' if len(lost) == 1 else 's'} {', '.join(lost)}"
    number = record.graded.number
    return Diagnostic(
        "fewer-pages",
        f"{record.graded.user}: these scans do not hold {pages}, which submission {number} has on record",
        None,
        "name the earlier scans as well, all in one command (what was read is not read again); where they do not belong to"
        f" this paper, `leaderboard withdraw {number} --reason WHY` first",
    )
