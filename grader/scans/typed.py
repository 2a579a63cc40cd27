"""What a person types about scans: whose a paper is, which page it is; read with a word on what is doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.scans.decisions import Standing
from grader.scans.papers import Paper, Seen, number_sheets
from grader.scans.reading import Papers

_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def student_typed(typed: str, places: int) -> str:
    """A student's number for a sheet with so many places (0: it names its student). ValueError, in words for people."""
    if not _STUDENT.fullmatch(typed):
        raise ValueError("a student's number has letters, digits, . - _")
    if places and not (typed.isascii() and typed.isdigit() and len(typed) == places):
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


def doubts(found: Sequence[Paper], papers: Papers, said: Standing, sheet: Seen, number: str) -> str:
    """Why a number has to be confirmed, and what it would mean; empty where it needs no confirmation.

    ``127 has a paper already (s.pdf, page 4). If both are one paper``: another sheet than this one is theirs. Whoever
    wrote on a paper that names somebody else should have a paper in this exam.
    """
    code = sheet.reading.code
    layout = None if code is None else papers.layouts.get(code.form)
    named = layout is not None and layout.student_id is not None
    whose = dict(_owners(found, said))
    if whose.get(sheet, "") == number:
        return ""
    same = {seen for paper in found if named for seen in number_sheets(paper) if sheet in number_sheets(paper)}  # fmt: skip
    others = [seen.name for seen, owner in whose.items() if owner == number and seen not in same and seen.reading.sha256 != sheet.reading.sha256]  # fmt: skip
    if others:
        meant = "If this one is theirs, and the other is not" if named else "If both are one paper"
        return f"{number} has a paper already ({', '.join(others)}). {meant}"
    if named and number not in [each.student_id for each in papers.layouts.values()]:
        return f"no paper was printed for {number}. If they wrote this one"
    return ""


def _owners(found: Sequence[Paper], said: Standing) -> Iterator[tuple[Seen, str | None]]:
    """Each paper's sheets, and whose they are by the decisions up to now."""
    for paper in found:
        sheets = number_sheets(paper)
        if not sheets and paper.scans and paper.student is not None:
            sheets = next(iter(paper.scans.values()))
        for seen in sheets:
            yield seen, said.get((seen.reading.sha256, "student", ""), paper.student)
