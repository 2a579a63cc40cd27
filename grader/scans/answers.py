"""What a paper answers, as a submission: answers.yaml, scan.json on what waits for a person, and pictures of that.

From here on a scanned paper is marked, kept, reviewed and regraded as anything else that is handed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.scan_file import FILE_NAME, PICTURES, Waiting
from grader.scans.boxes import Shown, boxes_on
from grader.scans.decisions import Standing
from grader.scans.layout import Layout, SheetPage
from grader.scans.papers import Paper
from grader.scans.written import Written
from question_bank.answers.multiple_choice import NONE
from question_bank.files import write_whole
from question_bank.key import FormKey


@dataclass(frozen=True)
class PaperAnswers:
    """The letters that are checked at each answered question, and what waits: label to why.

    `pictures` are files with what was written by hand, by label; `bare` the labels where nothing is to be seen.
    """

    checked: Mapping[str, tuple[str, ...]]
    waiting: Mapping[str, Waiting]
    pictures: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    bare: tuple[str, ...] = ()

    @property
    def disputed(self) -> bool:
        """Whether a person must decide something about the answer sheet as it was read."""
        return any(why in ("unsure", "doubled") for why in self.waiting.values())

    @property
    def unsure(self) -> bool:
        """Whether a person must look at the answer sheet before its marks are final."""
        return any(why not in ("paper", "unscanned") for why in self.waiting.values())


def answers_of(
    paper: Paper, key: FormKey, said: Standing, written: Written | None = None
) -> PaperAnswers:
    """What a paper answers, by its form's key; with what was cut out, also pictures of what is written by hand."""
    pictures, bare = ({}, ()) if written is None else _by_hand(paper, written)
    checked: dict[str, tuple[str, ...]] = {}
    waiting: dict[str, Waiting] = {}
    on_sheet = {str(box.question): sheet for sheet in paper.layout.pages for box in sheet.boxes}
    for label in key.labels():
        sheet = on_sheet.get(label)
        if sheet is None:
            # Where no page of open answers was scanned, that is how the exam is marked.
            waiting[label] = "unscanned" if pictures and label not in pictures else "paper"
            continue
        if paper.sheets.get(sheet.page) is None:
            waiting[label] = _why_not(paper, sheet)
            continue
        letters = _letters(label, sheet, boxes_on(paper, sheet, said))
        if letters is None:
            waiting[label] = "unsure"
        elif letters:
            checked[label] = letters
    return PaperAnswers(checked, waiting, pictures, bare)


def _by_hand(paper: Paper, written: Written) -> tuple[dict[str, tuple[Path, ...]], tuple[str, ...]]:
    """Pictures of the open answers by label, and the labels where all of them are bare."""
    pictures: dict[str, tuple[Path, ...]] = {}
    with_ink: set[str] = set()
    for space in paper.layout.answers:
        if space.answer in pictures:
            continue
        files: dict[Path, None] = {}
        for page in sorted({s.page for s in paper.layout.answers if s.answer == space.answer}):
            for seen in paper.scans.get(page, ()):
                sha256 = seen.reading.sha256
                found = written.files(sha256, space.answer, paper.layout.spaces(page))
                files |= dict.fromkeys(found)
                placed = written.placed(sha256)
                if found and (placed is None or space.answer not in placed.bare):
                    with_ink.add(space.answer)
        if files:
            pictures[space.answer] = tuple(files)
    return pictures, tuple(label for label in pictures if label not in with_ink)


def pages_with_answers(paper: Paper) -> dict[int, list[str]]:
    """The pictures of each page that was read and has room for answers, by its number."""
    found = {}
    for number in sorted(paper.scans):
        names = {
            s.reading.sha256 for s in paper.scans[number] if s.reading.kind in ("sheet", "page")
        }
        if names and has_answers(paper.layout, number):
            found[number] = sorted(names)
    return found


def has_answers(layout: Layout, page: int) -> bool:
    """Whether a page has boxes or room for open answers."""
    return layout.sheet(page) is not None or bool(layout.spaces(page))


def _why_not(paper: Paper, sheet: SheetPage) -> Waiting:
    kinds = {seen.reading.kind for seen in paper.scans.get(sheet.page, ())}
    if not kinds:
        return "missing"
    return "doubled" if "sheet" in kinds else "unreadable"


def _letters(label: str, sheet: SheetPage, shown: Mapping[str, Shown]) -> tuple[str, ...] | None:
    """The checked options of a question; None where a person must look."""
    boxes = [box for box in sheet.boxes if str(box.question) == label]
    if any(shown[box.name].checked is None for box in boxes):
        return None
    checked = [box for box in boxes if shown[box.name].checked]
    options = tuple(box.option for box in checked)
    if contradicts(options) and not all(shown[box.name].decided for box in checked):
        return None
    return options


def contradicts(options: tuple[str, ...]) -> bool:
    """Whether both an option and the box that none is right are checked."""
    return NONE in options and len(options) > 1


def write_submission(folder: Path, paper: Paper, answers: PaperAnswers) -> None:
    """Write a submission's files into its folder; the same answers, the same bytes. Raises InputError."""
    pictures = {
        label: [f"{PICTURES}/{label}-{n}.jpg" for n, _ in enumerate(files, start=1)]
        for label, files in answers.pictures.items()
    }
    (folder / PICTURES if pictures else folder).mkdir(parents=True, exist_ok=True)
    named = {
        folder / name: file
        for label, names in pictures.items()
        for name, file in zip(names, answers.pictures[label], strict=True)
    }
    for target, file in named.items():
        write_whole(target, file.read_bytes())
    for old in sorted((folder / PICTURES).iterdir()) if (folder / PICTURES).is_dir() else ():
        if old not in named:
            old.unlink()  # of an earlier run, which had other pages
    lines = [f"form: {json.dumps(paper.layout.form)}", "answers:"]
    lines += [
        f"  {label}: [{', '.join(() if options == (NONE,) else options)}]"
        for label, options in answers.checked.items()
    ]
    if not answers.checked:
        lines[-1] = "answers: {}"
    write_whole(folder / "answers.yaml", "\n".join(lines) + "\n")
    sheets = {str(n): seen.reading.sha256 for n, seen in sorted(paper.sheets.items()) if seen}
    data = {
        "schema_version": 1,
        "waiting": dict(answers.waiting),
        "sheets": sheets,
        "pages": {str(number): names for number, names in pages_with_answers(paper).items()},
        "pictures": pictures,
        "bare": list(answers.bare),
    }
    write_whole(folder / FILE_NAME, json.dumps(data, indent=1) + "\n")
