"""What a person types about scans: whose a paper is, which page it is; read with a word on what is doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.scans.decisions import Standing
from grader.scans.papers import Paper, Seen, number_sheets
from grader.scans.reading import Papers

_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def student_typed(typed: str, places: int) -> str:
    """A student's number for a sheet with so many places. ValueError, in words for people."""
    if not _STUDENT.fullmatch(typed):
        raise ValueError("a student's number has letters, digits, . - _")
    if not (typed.isascii() and typed.isdigit() and len(typed) == places):
        raise ValueError(f"the student's number has {places} digits on this sheet")
    return typed


def page_typed(typed: str, papers: Papers) -> str:
    """Form and page, such as ``A 2``. ValueError, in words for people."""
    form, _, page = typed.rpartition(" ")
    layout = papers.layouts.get(form.strip())
    if layout is None or not (page.isascii() and page.isdigit()):
        raise ValueError("type the form, a blank and the page: A 2")
    if not 1 <= int(page) <= layout.page_count:
        raise ValueError(f"form {layout.form} has the pages 1 to {layout.page_count}")
    return f"{layout.form} {int(page)}"


def taken(found: Sequence[Paper], said: Standing, sheet: Seen, number: str) -> str:
    """``127 has a paper already (s.pdf, page 4)`` where another sheet than this one is theirs; else empty."""
    whose = dict(_owners(found, said))
    if whose.get(sheet, "") == number:
        return ""
    others = [seen.name for seen, owner in whose.items() if owner == number and seen.reading.sha256 != sheet.reading.sha256]  # fmt: skip
    return f"{number} has a paper already ({', '.join(others)})" if others else ""


def _owners(found: Sequence[Paper], said: Standing) -> Iterator[tuple[Seen, str | None]]:
    """Each paper's sheets, and whose they are by the decisions up to now."""
    for paper in found:
        own = paper.layout.student_id is not None
        sheets = next(iter(paper.scans.values())) if own and paper.scans else number_sheets(paper)
        for seen in sheets:
            yield seen, said.get((seen.reading.sha256, "student", ""), paper.student)
