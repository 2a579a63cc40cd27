"""What people decided about these scans, to be looked at again: the last decision stands, the earlier ones stay in the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from grader.scans.decisions import ASIDE, CHECKED, COUNTS, EMPTY, About, Decision
from grader.scans.layout import SheetPage
from grader.scans.open_things import Open, number_places
from grader.scans.papers import Paper, Seen

_WORDS = {CHECKED: "checked", EMPTY: "not checked", COUNTS: "this one counts", ASIDE: "put aside"}
Place = tuple[str, About, str]


def decided_things(
    found: Sequence[Paper], pages: Sequence[Seen], log: Sequence[Decision], of: str = ""
) -> list[Open]:
    """Everything that stands decided, in the order of the scans; with `of` (a student's number, a file, or a page as
    it is called), what is decided of that alone, and the number of its paper, even where that was read.
    """
    last: dict[Place, Decision] = {}
    for each in log:
        last[each.page, each.about, each.box] = each
    standing = {place: each for place, each in last.items() if each.said}
    things = [thing for thing in _pages(pages, standing) if not of or of in (thing.seen.file, thing.seen.name)]  # fmt: skip
    for paper in found:
        things += [
            thing
            for thing in _of_paper(paper, standing, always=bool(of))
            if not of
            or of in (paper.student, paper.layout.student_id, thing.seen.file, thing.seen.name)
        ]
    order = {(seen.file, seen.number): place for place, seen in enumerate(pages)}
    unique = {thing.place: thing for thing in reversed(things)}
    return sorted(unique.values(), key=lambda thing: order[thing.seen.file, thing.seen.number])


def _pages(pages: Sequence[Seen], standing: Mapping[Place, Decision]) -> Iterator[Open]:
    for seen in pages:
        decision = standing.get((seen.reading.sha256, "page", ""))
        if decision is not None:
            yield Open("page", seen, f"{seen.name}: {_by(decision)}. Which page is it?")


def _of_paper(paper: Paper, standing: Mapping[Place, Decision], *, always: bool) -> Iterator[Open]:
    for sheet in paper.layout.pages:
        for seen in paper.scans.get(sheet.page, ()):
            if seen.reading.kind == "sheet":
                yield from _of_sheet(paper, sheet, seen, standing, always=always)


def _of_sheet(
    paper: Paper, sheet: SheetPage, seen: Seen, standing: Mapping[Place, Decision], *, always: bool
) -> Iterator[Open]:
    sha256, places = seen.reading.sha256, number_places(sheet)
    number = standing.get((sha256, "student", ""))
    named = paper.layout.student_id
    if number or (always and paper.student and (places or named)):
        read = f"{paper.student} is crossed" if named is None else f"it names {named}"
        what = read if number is None else _by(number)
        asks = f"{seen.name}, form {paper.layout.form}: {what}. Whose is it?"
        yield Open("student", seen, asks, boxes=sheet.digits, places=places)
    if double := standing.get((sha256, "double", "")):
        asks = f"{seen.name}, {paper.student}: {_by(double)}. Does this one count?"
        yield Open("double", seen, asks, places=places)
    for box in sheet.boxes:
        if decision := standing.get((sha256, "box", box.name)):
            row = tuple(each for each in sheet.boxes if each.question == box.question)
            whose = paper.student or f"form {paper.layout.form}"
            asks = f"{seen.name}, {whose}: box {box.name}: {_by(decision)}. Is it checked?"
            yield Open("box", seen, asks, box.name, row, box)


def _by(decision: Decision) -> str:
    said = _WORDS.get(decision.said, decision.said)
    return f'"{said}", decided by {decision.by}, {decision.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC'
