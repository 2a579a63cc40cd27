"""What scans leave open, on pages: the boxes as they were scanned, and one button for each decision.

Decisions go where those of the terminal go. What follows from them (a page that was named, a number that was corrected) is
found when the person asks for it, and at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.browser.serving import farewell, handlers_of, to
from grader.scans.cutouts import write_pictures
from grader.scans.decisions import ASIDE, CHECKED, COUNTS, EMPTY, TAKEN_BACK, decide
from grader.scans.open_things import Open
from grader.scans.papers import Paper
from grader.scans.scanned import OPEN, Scanned, Source, scanned
from grader.scans.sitting import READ
from question_bank.wording import counted
from web.forms import Form, posted
from web.problems import Problem, error_pages, problem_of
from web.site import Site
from web.visitors import visitor_of

# What the buttons say and file, with their keys, and the cure that a field asks for.
CHOICES = {
    "box": (("Checked", CHECKED, "y"), ("Not checked", EMPTY, "n")),
    "double": (("This one counts", COUNTS, "y"), ("Put it aside", ASIDE, "n")),
}
FIELDS = {"student": "Student's number", "page": "Form and page, such as A 2"}


@dataclass(frozen=True)
class Made:
    """A decision of this sitting: what it is filed under, in words, and where its thing stood."""

    place: tuple[str, Any, str]
    words: str
    at: int


class UnsureDesk:
    """One person's walk through what is open; requests come in threads, and one at a time goes on."""

    def __init__(
        self, source: Source, found: Scanned, by: str, tell: Callable[[str], None]
    ) -> None:
        self.source, self.found, self.by, self.tell = source, found, by, tell
        self.lock = threading.Lock()
        self.things: list[Open] = []
        self.decided: dict[tuple[str, Any, str], str] = {}
        self.made: list[Made] = []
        self.said = ""
        self._lay_out()

    def look_again(self) -> None:
        """Put the pages together anew, with what was decided. Raises InputError."""
        self.found = scanned(self.source, self.tell)
        self.decided.clear()
        self.made.clear()
        self._lay_out()

    def _lay_out(self) -> None:
        self.things = list(self.found.open)
        files = {name: path for path, name in self.source.files}
        write_pictures(self.things, files, self.source.folder / OPEN)

    def decide(self, thing: Open, said: str, words: str) -> None:
        """Keep a decision. Raises InputError."""
        sha256, what, box = thing.place
        decide(self.source.folder, self.by, sha256, what, said, box)
        self.decided[thing.place] = words
        self.made.append(Made(thing.place, words, self.things.index(thing)))
        self.said = f"Kept: {words}."

    def correct(self, paper: Paper, number: str) -> bool:
        """Say whose paper it is, whatever its sheet was read as; False where no sheet of it was read."""
        sheet = _sheet_name(paper)
        if sheet:
            decide(self.source.folder, self.by, sheet, "student", number)
        return bool(sheet)

    def undo(self) -> int | None:
        """Take the last decision back; where it stood, or None for nothing."""
        if not self.made:
            return None
        last = self.made.pop()
        sha256, what, box = last.place
        decide(self.source.folder, self.by, sha256, what, TAKEN_BACK, box)
        self.decided.pop(last.place, None)
        self.said = f"Taken back: {last.words}."
        return last.at

    def next_open(self, start: int) -> int | None:
        """The next thing without a decision, from `start` (0) on, then from the first; None for none."""
        count = len(self.things)
        order = [*range(start, count), *range(min(start, count))]
        return next((n for n in order if self.things[n].place not in self.decided), None)


def unsure_room(site: Site, desk: UnsureDesk) -> Starlette:
    """The room; behind `web.guard`."""

    def front(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            return _go_on(request, desk, 0)

    def thing(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            return _page(site, request, desk, _thing_at(desk, request))

    def choose(request: Request, form: Form) -> Response:
        visitor_of(request)
        with desk.lock:
            found = _thing_at(desk, request)
            at = desk.things.index(found)
            wish = form.text("do")
            if wish == "later":
                return _beside(request, desk, at + 1)
            if wish == "before":
                return _beside(request, desk, max(0, at - 1))
            typed = form.text("said").strip()
            if found.about in FIELDS and wish == "type":
                try:
                    said = READ[found.about][1](typed, desk.source.papers)
                except ValueError as error:
                    return _page(
                        site, request, desk, found, fault=_sentence(str(error)), typed=typed
                    )
                desk.decide(found, said, f"{found.seen.name} is {said}")
            else:
                names = {said: words for words, said, _ in CHOICES.get(found.about, ())}
                if wish not in names:
                    raise problem_of(400)
                what = f"box {found.box}" if found.box else found.seen.name
                desk.decide(found, wish, f"{what}: {names[wish].lower()}")
            return _go_on(request, desk, at + 1, "kept")

    def undo(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        with desk.lock:
            at = desk.undo()
            if at is None:
                raise Problem(
                    409, "Nothing to take back", "Nothing was decided since the last look."
                )
            return to(request, "thing", "kept", place=_name(desk.things[at]))

    def picture(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            names = {thing.file_name for thing in desk.things}
        name = request.path_params["file"]
        if name not in names:
            raise problem_of(404)
        file: Path = desk.source.folder / OPEN / name
        if not file.is_file():
            raise problem_of(404)
        return Response(file.read_bytes(), media_type="image/png", headers={"cache-control": "private, max-age=3600"})  # fmt: skip

    def papers(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            return _papers(site, request, desk)

    def correct(request: Request, form: Form) -> Response:
        visitor_of(request)
        with desk.lock:
            paper = _paper_at(desk, form)
            try:
                number = READ["student"][1](form.text("number").strip(), desk.source.papers)
            except ValueError as error:
                return _papers(site, request, desk, fault=_sentence(str(error)))
            before = paper.student or "nobody"
            if not desk.correct(paper, number):
                raise problem_of(400)
            desk.look_again()
            desk.said = f"Kept: the paper of {before} is {number}'s."
            return to(request, "papers", "kept")

    def end(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            left = sum(thing.place not in desk.decided for thing in desk.things)
            return site.render(
                request,
                "review/unsure_end.html",
                made=len(desk.made),
                left=left,
                said=_said(request, desk),
                counted=counted,
            )

    def again(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        with desk.lock:
            desk.look_again()
            return _go_on(request, desk, 0)

    def done(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        return farewell(site, request, "All that was decided is kept; the papers are marked now.")

    return Starlette(
        routes=[
            Route("/", front, name="front"),
            Route("/open/{place}", thing, methods=["GET"], name="thing"),
            Route("/open/{place}", posted(site, choose), methods=["POST"], name="choose"),
            Route("/undo", posted(site, undo), methods=["POST"], name="undo"),
            Route("/picture/{file}", picture, name="picture"),
            Route("/papers", papers, methods=["GET"], name="papers"),
            Route("/papers", posted(site, correct), methods=["POST"], name="correct"),
            Route("/end", end, name="end"),
            Route("/again", posted(site, again), methods=["POST"], name="again"),
            Route("/done", posted(site, done), methods=["POST"], name="done"),
        ],
        exception_handlers={**error_pages(site), **handlers_of(site)},
    )


def _name(thing: Open) -> str:
    """What a thing is called in addresses."""
    return thing.file_name.removesuffix(".png")


def _thing_at(desk: UnsureDesk, request: Request) -> Open:
    for thing in desk.things:
        if _name(thing) == request.path_params["place"]:
            return thing
    raise Problem(
        404, "This is not open any more", "It was decided, or another decision settled it.",
        cure="Go on from the first page.",
    )  # fmt: skip


def _go_on(request: Request, desk: UnsureDesk, start: int, did: str = "") -> Response:
    at = desk.next_open(start)
    return to(request, "end", did) if at is None else to(request, "thing", did, place=_name(desk.things[at]))  # fmt: skip


def _beside(request: Request, desk: UnsureDesk, at: int) -> Response:
    return to(request, "thing", place=_name(desk.things[at])) if at < len(desk.things) else to(request, "end")  # fmt: skip


def _page(
    site: Site, request: Request, desk: UnsureDesk, thing: Open, *, fault: str = "", typed: str = ""
) -> Response:
    return site.render(
        request,
        "review/unsure.html",
        status=409 if fault else 200,
        thing=thing,
        place=_name(thing),
        choices=CHOICES.get(thing.about, ()),
        field=FIELDS.get(thing.about, ""),
        alt=_alt(thing),
        whole=not thing.boxes,
        at=desk.things.index(thing) + 1,
        total=len(desk.things),
        decided=len(desk.decided),
        stands=desk.decided.get(thing.place, ""),
        undo=bool(desk.made),
        said=_said(request, desk),
        fault=fault,
        typed=typed,
    )


def _alt(thing: Open) -> str:
    if thing.about == "box" and thing.at is not None:
        return f"The boxes of question {thing.box.split()[0].rstrip('abcdefghijklmnopqrstuvwxyz')} as scanned{', and below on another scan' if thing.beside else ''}; box {thing.box} is framed"
    if thing.about == "student":
        return "The boxes of the student number as scanned"
    return f"{thing.seen.name}, the whole page as scanned"


def _said(request: Request, desk: UnsureDesk) -> str:
    return desk.said if request.query_params.get("did") == "kept" else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _sheet_name(paper: Paper) -> str:
    """What tells a paper of a shared form apart: the picture of its answer sheet; empty where none was read."""
    for sheet in paper.layout.pages:
        seen = paper.sheets.get(sheet.page)
        if sheet.digits and seen is not None:
            return seen.reading.sha256
    return ""


def _paper_at(desk: UnsureDesk, form: Form) -> Paper:
    for paper in desk.found.papers:
        if _sheet_name(paper) and _sheet_name(paper) == form.text("sheet"):
            return paper
    raise problem_of(404)


def _papers(site: Site, request: Request, desk: UnsureDesk, fault: str = "") -> Response:
    rows = [
        {
            "student": paper.student or "",
            "form": paper.layout.form,
            "scanned": len(paper.scans),
            "pages": paper.layout.page_count,
            "where": next(iter(paper.scans.values()))[0].name if paper.scans else "",
            "sheet": _sheet_name(paper),
            "open": paper.number_open,
        }
        for paper in desk.found.papers
    ]
    return site.render(
        request,
        "review/papers.html",
        status=409 if fault else 200,
        rows=rows,
        said=_said(request, desk),
        fault=fault,
    )
