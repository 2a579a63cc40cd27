"""From files of scans to submissions: pages read, papers put together, what is open found.

With a folder for the reports everything is kept below its `scans/`:

    readings.jsonl    what each page shows, by its picture: a run that was killed goes on
    places.jsonl      where pages with open answers lie, by their picture; answers/ has what is written there
    decisions.jsonl   what people decided
    open/             pictures of what is open
    submissions/      what is marked, a folder a student
    pages.csv         what became of each page
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.scan_file import FILE_NAME
from grader.scans.answers import PaperAnswers, answers_of, write_submission
from grader.scans.decisions import Standing, load_decisions, standing
from grader.scans.kept import KeptReadings
from grader.scans.layout import PageCode
from grader.scans.open_things import Open, Told, listed, open_things, told
from grader.scans.papers import Paper, Seen, papers_in
from grader.scans.pictures import ScanPage, pages_of
from grader.scans.reading import Papers, Reading, digest, read_page
from grader.scans.written import Prints, Written, is_crooked
from question_bank.diagnostics import InputError
from question_bank.key import FormKey

SUBMISSIONS, OPEN = "submissions", "open"


@dataclass(frozen=True)
class Source:
    """What is read: files with the names that people call them by, an exam, and where things are kept.

    `prints` are the exam's PDFs by form. `lasting` says whether the folder stays when the command has ended.
    `strays` are names of files beside the scans that are none.
    """

    files: tuple[tuple[Path, str], ...]
    papers: Papers
    keys: tuple[FormKey, ...]
    folder: Path
    prints: Mapping[str, Path] = field(default_factory=dict)
    lasting: bool = True
    strays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scanned:
    """Everything that the scans come to."""

    pages: tuple[Seen, ...]
    papers: tuple[Paper, ...]
    open: tuple[Open, ...]
    told: tuple[Told, ...]
    said: Standing
    written: Written
    # Files of which not all could be read, and why.
    unread: tuple[tuple[str, str], ...] = ()


def scanned(source: Source, tell: Callable[[str], None]) -> Scanned:
    """Read all pages and put them together. Raises InputError where no file can be read.

    A file that cannot be read keeps the others from nothing; it is told.
    """
    said = standing(load_decisions(source.folder))
    kept = KeptReadings(source.folder, source.papers)
    written = Written(source.folder, source.papers, Prints(source.prints, tell))
    broken: dict[str, InputError] = {}
    pages = tuple(_pages(source, kept, written, said, tell, broken))
    if broken and not pages:
        raise InputError(*(each for error in broken.values() for each in error.diagnostics))
    unread = tuple((name, error.diagnostics[0].message) for name, error in broken.items())
    papers = tuple(papers_in(pages, source.papers, said))
    things = open_things(papers, pages, said)
    news = [Told("unread", f"{name} {why}: not read") for name, why in unread]
    news += [Told("stray", f"{name} is no scan, and was not read") for name in source.strays]
    news += told(papers, pages, source.papers)
    news += _crooked(pages, written)
    return Scanned(pages, papers, tuple(things), tuple(news), said, written, unread)


def _crooked(pages: Sequence[Seen], written: Written) -> Iterator[Told]:
    """Pages of open answers that cannot be made straight: nothing is cut out of them."""
    names = [seen.name for seen in pages if is_crooked(written.placed(seen.reading.sha256))]
    if names:
        what = "cannot be made straight: the whole page is shown"
        yield Told("crooked", f"{listed(names)} {what} to whoever marks it", fault=False)


def _pages(
    source: Source,
    kept: KeptReadings,
    written: Written,
    said: Standing,
    tell: Callable[[str], None],
    broken: dict[str, InputError],
) -> Iterator[Seen]:
    for path, name in source.files:
        count = new = 0
        for page in _readable(path, name, broken):
            count += 1
            if page.picture is None:
                reading = Reading("", "damaged", reason=page.error)
            else:
                sha256 = digest(page.picture)
                which = _told_page(said.get((sha256, "page", "")), source.papers)
                known = kept.get(sha256)
                if known is None or (which is not None and known.code != which):
                    known = read_page(page.picture, source.papers, told=which)
                    kept.keep(known)
                    new += 1
                written.see(page.picture, known)
                reading = known
            yield Seen(page.file, page.number, page.of, reading)
        tell(
            f"{name}: {count} {'page' if count == 1 else 'pages'} read"
            + (f", {count - new} of them before" if new < count else "")
        )


def _readable(path: Path, name: str, broken: dict[str, InputError]) -> Iterator[ScanPage]:
    """The pages of a file up to where it breaks off, which `broken` then says."""
    try:
        yield from pages_of(path, name)
    except InputError as error:
        broken[name] = error


def _told_page(said: str | None, papers: Papers) -> PageCode | None:
    form, _, page = (said or "").rpartition(" ")
    return (
        PageCode(papers.exam, form, int(page))
        if form in papers.layouts and page.isdigit()
        else None
    )


@dataclass(frozen=True)
class Ready:
    """A paper that can be marked: its submission's folder, and what it answers."""

    student: str
    folder: Path
    answers: PaperAnswers


def submissions(found: Scanned, keys: Sequence[FormKey], folder: Path) -> tuple[Ready, ...]:
    """Write a submission for each paper whose student is known. Raises InputError."""
    by_form: Mapping[str, FormKey] = {key.form: key for key in keys}
    ready = []
    for paper in found.papers:
        if paper.student is None:
            continue
        answers = answers_of(paper, by_form[paper.layout.form], found.said, found.written)
        place = folder / paper.student
        write_submission(place, paper, answers)
        ready.append(Ready(paper.student, place, answers))
    return tuple(ready)


def outdated(found: Scanned, folder: Path) -> Iterator[Path]:
    """Submissions of an earlier run whose answer sheet is somebody else's by now, or nobody's."""
    owners = {
        seen.reading.sha256: paper.student for paper in found.papers for seen in paper.sheets.values() if seen
    }  # fmt: skip
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            sheets = json.loads((place / FILE_NAME).read_bytes())["sheets"].values()
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            continue
        if any(owners.get(sheet, place.name) != place.name for sheet in sheets):
            yield place


def remove(place: Path) -> None:
    """Take a submission of an earlier run away."""
    shutil.rmtree(place, ignore_errors=True)
