"""Pages put together as the papers that students handed in, in whatever order they were scanned.

A student's own paper says on each page whose it is. Of a form that many take, only the answer sheet says it, in the
digits that the student crossed: the pages that follow one another in a scan belong together, as long as their form
stays the same and their numbers rise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grader.scans.decisions import ASIDE, COUNTS, Standing
from grader.scans.layout import Layout, SheetPage
from grader.scans.marks import CHECKED as CHECKED_STATES
from grader.scans.reading import Papers, Reading


@dataclass(frozen=True)
class Seen:
    """A page of a file (`number` from 1, `of` so many), as it was read."""

    file: str
    number: int
    of: int
    reading: Reading

    @property
    def name(self) -> str:
        """What people call it: ``scans.pdf, page 3``."""
        return f"{self.file}, page {self.number}" if self.of > 1 else self.file


@dataclass
class Paper:
    """What was scanned of one paper.

    `sheets` are the pages of the answer sheet by number, that count; None where several contradict each other, or
    none of them can be read. `scans` are all scans of each page.
    """

    layout: Layout
    student: str | None
    scans: dict[int, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    sheets: dict[int, Seen | None] = field(default_factory=dict)
    # Why the student's number is not known; empty where it is.
    number_open: str = ""
    # Pages that were put aside with their answer sheet, which is another scan of this paper's: they count for nobody.
    aside: list[Seen] = field(default_factory=list)

    @property
    def missing(self) -> list[int]:
        """The numbers of the pages that were not scanned."""
        return [n for n in range(1, self.layout.page_count + 1) if n not in self.scans]


def papers_in(pages: Sequence[Seen], papers: Papers, said: Standing) -> list[Paper]:
    """The papers, in the order of the exam where they name their student, else as they were scanned."""
    own: dict[str, Paper] = {}
    shared: list[Paper] = []
    last: Seen | None = None
    for seen in pages:
        code = seen.reading.code
        if code is None or seen.reading.kind in ("foreign", "blank"):
            continue
        layout = papers.layouts[code.form]
        if layout.student_id is not None:
            paper = own.setdefault(code.form, Paper(layout, layout.student_id))
        else:
            before = None if last is None else last.reading.code
            goes_on = (
                before is not None
                and last is not None
                and last.file == seen.file
                and before.form == code.form
                and before.page < code.page
            )
            if not goes_on:
                shared.append(Paper(layout, None))
            paper, last = shared[-1], seen
        paper.scans[code.page].append(seen)
    for paper in shared:
        _name(paper, said)
    for paper in own.values():
        paper.student = _decided_student(paper, said) or paper.student
    _refuse_two_forms([*own.values(), *shared])
    found = [*(own[form] for form in papers.layouts if form in own), *_of_one_student(shared, said)]
    for paper in found:
        for page, scans in paper.scans.items():
            if paper.layout.sheet(page) is not None:
                same_paper = paper.layout.student_id is not None
                paper.sheets[page] = chosen(scans, said, may_differ=same_paper)
    return found


def _refuse_two_forms(shared: Sequence[Paper]) -> None:
    """Nobody takes two forms: where one number is on papers of both, it is open whose they are."""
    forms: dict[str | None, set[str]] = defaultdict(set)
    for paper in shared:
        forms[paper.student].add(paper.layout.form)
    for paper in shared:
        if paper.student is not None and len(forms[paper.student]) > 1:
            named = " and ".join(sorted(forms[paper.student]))
            paper.number_open = f"{paper.student} is on papers of the forms {named}"
            paper.student = None


def _of_one_student(shared: Iterable[Paper], said: Standing) -> Iterator[Paper]:
    """Papers with the same number as one: a page that was scanned twice, or two students with one number."""
    by_student: dict[tuple[str, str], list[Paper]] = {}
    for paper in shared:
        if paper.student is None:
            yield paper
        else:
            by_student.setdefault((paper.layout.form, paper.student), []).append(paper)
    for parts in by_student.values():
        whole = Paper(parts[0].layout, parts[0].student)
        aside = [part for part in parts if len(parts) > 1 and _is_aside(part, parts, said)]
        for part in parts:
            for page, scans in part.scans.items():
                # The sheet stays, so that it can be decided otherwise; what was written elsewhere goes with it.
                if any(part is each for each in aside) and whole.layout.sheet(page) is None:
                    whole.aside += scans
                else:
                    whole.scans[page] += scans
        yield whole


def _is_aside(part: Paper, parts: Sequence[Paper], said: Standing) -> bool:
    """Whether a person put the answer sheet of a part aside, or said that another one counts."""
    sheets = number_sheets(part)
    counting = {
        seen.reading.sha256
        for each in parts
        for seen in number_sheets(each)
        if said.get((seen.reading.sha256, "double", "")) == COUNTS
    }
    if any(seen.reading.sha256 in counting for seen in sheets):
        return False
    put = [said.get((seen.reading.sha256, "double", "")) == ASIDE for seen in sheets]
    return bool(sheets) and (bool(counting) or all(put))


def number_sheets(paper: Paper) -> list[Seen]:
    """The scans of the answer sheet that whose a paper is is filed under; each picture once.

    Of a shared form they have the number's digits; a paper that names its student may be somebody else's all the same.
    """
    found: dict[str, Seen] = {}
    for sheet in paper.layout.pages:
        says = bool(sheet.digits) or paper.layout.student_id is not None
        for seen in paper.scans.get(sheet.page, ()) if says else ():
            if seen.reading.kind == "sheet":
                found.setdefault(seen.reading.sha256, seen)
    return list(found.values())


def _decided_student(paper: Paper, said: Standing) -> str | None:
    """Who wrote a paper that names another student, by the last decision on a scan of its answer sheet."""
    sheets = {seen.reading.sha256 for seen in number_sheets(paper)}
    told = [who for (page, about, _), who in said.items() if about == "student" and page in sheets]
    return told[-1] if told else None


def chosen(scans: Sequence[Seen], said: Standing, *, may_differ: bool) -> Seen | None:
    """The scan of a page of an answer sheet that counts; None where a person must say.

    Several count as one where they are the same picture, or `may_differ` (the page says whose it is) and they show the
    same marks: then the one that leaves least open.
    """
    pictures = {seen.reading.sha256: seen for seen in scans if seen.reading.kind == "sheet"}
    for sha256, seen in pictures.items():
        if said.get((sha256, "double", "")) == COUNTS:
            return seen
    left = [seen for sha, seen in pictures.items() if said.get((sha, "double", "")) != ASIDE]
    if not left:
        return None
    best = min(left, key=lambda seen: seen.reading.states.count("unsure"))
    if len(left) == 1 or (may_differ and all(_agree(best.reading, s.reading) for s in left)):
        return best
    return None


def _agree(one: Reading, other: Reading) -> bool:
    return all(
        "unsure" in (a, b) or (a in CHECKED_STATES) == (b in CHECKED_STATES)
        for a, b in zip(one.states, other.states, strict=True)
    )


def _name(paper: Paper, said: Standing) -> None:
    """Find the student's number on the answer sheet."""
    for sheet in paper.layout.pages:
        if not sheet.digits:
            continue
        for seen in paper.scans.get(sheet.page, ()):
            if seen.reading.kind == "sheet":
                told = said.get((seen.reading.sha256, "student", ""))
                paper.student, paper.number_open = (told, "") if told else number_on(seen, sheet)
                return
    paper.number_open = "its answer sheet was not scanned, or cannot be read"


def number_on(seen: Seen, sheet: SheetPage) -> tuple[str | None, str]:
    """The number that is crossed on a sheet, or why it is open."""
    states = seen.reading.states[len(sheet.boxes) :]
    crossed: dict[int, list[int]] = {box.place: [] for box in sheet.digits}
    for box, state in zip(sheet.digits, states, strict=True):
        if state == "unsure":
            return None, f"{box.name} is not clear"
        if state in CHECKED_STATES:
            crossed[box.place].append(box.digit)
    if not any(crossed.values()):
        return None, "no student number is crossed"
    for place, digits in sorted(crossed.items()):
        if len(digits) != 1:
            what = "no digit is" if not digits else f"{' and '.join(map(str, digits))} are"
            return None, f"{what} crossed at place {place + 1} of the student number"
    return "".join(str(crossed[place][0]) for place in sorted(crossed)), ""
