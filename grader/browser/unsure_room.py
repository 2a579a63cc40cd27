"""What scans leave open, on pages: the boxes as they were scanned, and one button for each decision.

Decisions go where those of the terminal go. What follows from them (a page that was named, a number that was corrected) is
found when the person asks for it, and at the end.
"""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.browser.serving import farewell, handlers_of, to
from grader.browser.unsure_desk import Doubtful, UnsureDesk, name_of
from grader.scans.decisions import ASIDE, CHECKED, COUNTS, EMPTY
from grader.scans.open_things import Open
from grader.scans.papers import number_sheets
from grader.scans.scanned import OPEN
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
SOMEBODY_ELSES = "Or it is somebody else's: the student's number"
FIELDS = {"student": "Student's number", "page": "Form and page, such as A 2"}


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
            at = desk.things.index(found) if found in desk.things else None
            wish = form.text("do")
            if wish in ("later", "before"):
                if at is None:
                    return to(request, "decided")
                return _beside(request, desk, at + 1 if wish == "later" else max(0, at - 1))
            typed = form.text("said").strip()
            if wish == "type" and (found.about in FIELDS or found.places):
                try:
                    desk.type(found, typed, form.text("join"))
                except Doubtful as doubt:
                    return _page(
                        site, request, desk, found, fault=str(doubt), typed=typed, join=typed
                    )
                except ValueError as error:
                    return _page(
                        site, request, desk, found, fault=_sentence(str(error)), typed=typed
                    )
            else:
                names = {said: words for words, said, _ in CHOICES.get(found.about, ())}
                if wish not in names:
                    raise problem_of(400)
                what = f"box {found.box}" if found.box else found.seen.name
                desk.decide(found, wish, f"{what}: {names[wish].lower()}")
            if at is None:
                return to(request, "decided", "kept")
            return _go_on(request, desk, at + 1, "kept")

    def undo(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        with desk.lock:
            found = desk.undo()
            if found is None:
                raise Problem(
                    409, "Nothing to take back", "Nothing was decided since the last look."
                )
            return to(request, "thing", "kept", place=name_of(found))

    def decided(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            rows = [
                {"place": name_of(t), "words": t.asks, "now": desk.decided.get(t.place, "")}
                for t in desk.earlier
            ]
            return site.render(request, "review/decided.html", rows=rows, said=_said(request, desk))

    def picture(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            names = {thing.file_name for thing in (*desk.things, *desk.earlier)}
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
            sheet, number = form.text("sheet"), form.text("number").strip()
            try:
                before = desk.correct(sheet, number, form.text("join"))
            except LookupError:
                raise problem_of(404) from None
            except Doubtful as doubt:
                return _papers(site, request, desk, str(doubt), join=(sheet, number))
            except ValueError as error:
                return _papers(site, request, desk, fault=_sentence(str(error)))
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
            Route("/decided", decided, name="decided"),
            Route("/papers", papers, methods=["GET"], name="papers"),
            Route("/papers", posted(site, correct), methods=["POST"], name="correct"),
            Route("/end", end, name="end"),
            Route("/again", posted(site, again), methods=["POST"], name="again"),
            Route("/done", posted(site, done), methods=["POST"], name="done"),
        ],
        exception_handlers={**error_pages(site), **handlers_of(site)},
    )


def _thing_at(desk: UnsureDesk, request: Request) -> Open:
    thing = desk.thing(request.path_params["place"])
    if thing is None:
        raise Problem(
            404, "This is not open any more", "It was decided, or another decision settled it.",
            cure="Go on from the first page.",
        )  # fmt: skip
    return thing


def _go_on(request: Request, desk: UnsureDesk, start: int, did: str = "") -> Response:
    at = desk.next_open(start)
    return to(request, "end", did) if at is None else to(request, "thing", did, place=name_of(desk.things[at]))  # fmt: skip


def _beside(request: Request, desk: UnsureDesk, at: int) -> Response:
    return to(request, "thing", place=name_of(desk.things[at])) if at < len(desk.things) else to(request, "end")  # fmt: skip


def _page(
    site: Site,
    request: Request,
    desk: UnsureDesk,
    thing: Open,
    *,
    fault: str = "",
    typed: str = "",
    join: str = "",
) -> Response:
    field = FIELDS.get(thing.about, SOMEBODY_ELSES if thing.places else "")
    return site.render(
        request,
        "review/unsure.html",
        status=409 if fault else 200,
        thing=thing,
        place=name_of(thing),
        choices=CHOICES.get(thing.about, ()),
        field=field,
        alt=_alt(thing),
        whole=not thing.boxes,
        at=desk.things.index(thing) + 1 if thing in desk.things else 0,
        total=len(desk.things),
        decided=len(desk.decided),
        stands=desk.decided.get(thing.place, ""),
        undo=bool(desk.made),
        said=_said(request, desk),
        fault=fault,
        typed=typed,
        join=join,
    )


def _alt(thing: Open) -> str:
    if thing.about == "box" and thing.at is not None:
        return f"The boxes of question {thing.box.split()[0].rstrip('abcdefghijklmnopqrstuvwxyz')} as scanned{', and below on another scan' if thing.beside else ''}; box {thing.box} is framed"
    if thing.about == "student" and thing.boxes:
        return "The boxes of the student number as scanned"
    return f"{thing.seen.name}, the whole page as scanned"


def _said(request: Request, desk: UnsureDesk) -> str:
    return desk.said if request.query_params.get("did") == "kept" else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _papers(
    site: Site,
    request: Request,
    desk: UnsureDesk,
    fault: str = "",
    join: tuple[str, str] = ("", ""),
) -> Response:
    """A row for each paper; of papers with the same number, one for each answer sheet."""
    rows = []
    for paper in desk.found.papers:
        first = next(iter(paper.scans.values()))[0].name if paper.scans else ""
        row = {
            "student": paper.student or "",
            "form": paper.layout.form,
            "scanned": len(paper.scans),
            "pages": paper.layout.page_count,
            "open": paper.number_open,
        }
        sheets = number_sheets(paper)
        named = paper.layout.student_id
        if named is not None:
            sheets = sheets[:1]  # several are scans of one paper
        note = f"one of {len(sheets)} answer sheets with this number" if len(sheets) > 1 else ""
        if named not in (None, paper.student):
            note = f"was printed for {named}"
        rows += [
            row | {"where": seen.name, "sheet": seen.reading.sha256, "note": note}
            for seen in sheets
        ] or [row | {"where": first, "sheet": "", "note": ""}]
    return site.render(
        request,
        "review/papers.html",
        status=409 if fault else 200,
        rows=rows,
        said=_said(request, desk),
        fault=fault,
        join=join,
    )
