"""Answers that wait for a person, on pages: the picture or the text, the rubric, and buttons that decide."""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.browser.serving import farewell, handlers_of, to
from grader.review.command import LONGEST_NOTE, Walk, book_of, walked
from grader.review.groups import Answer, Group, close_to
from grader.review.pictures import picture_of
from grader.review.recording import exact, settle
from grader.review.screen import given_in_words
from grader.review.session import Chosen, Given, Session
from grader.wording import points as points_text
from leaderboard.store import Store
from question_bank.diagnostics import printable
from question_bank.wording import counted
from web.forms import Form, posted
from web.guard import POLICY
from web.problems import Problem, error_pages, problem_of
from web.site import Site
from web.visitors import visitor_of

if TYPE_CHECKING:
    from grader.review.recording import Book

MOST_NAMED = 8
# Columns of formulas are aligned by style attributes.
_FORMULAS = POLICY.replace("style-src 'self'", "style-src 'self'; style-src-attr 'unsafe-inline'")
_HEADLINES = {
    "marks": "Mark",
    "opinions": "Mark as a second person",
    "settlements": "Settle differences",
}


class ReviewDesk:
    """One person's walk through answers; requests come in threads, and one at a time goes on."""

    def __init__(self, store: Store, assignment: str, by: str, walk: Walk) -> None:
        self.store, self.assignment, self.by, self.walk = store, assignment, by, walk
        self.lock = threading.Lock()
        self.session: Session
        self.book: Book
        self.places: dict[str, int] = {}
        self.said = ""
        self.load()

    def load(self) -> None:
        """Read what there is to walk. Raises InputError where there is nothing to mark anew."""
        settle(self.store, self.assignment)
        self.session = Session(walked(self.store, self.assignment, self.by, self.walk))
        self.book = book_of(self.store, self.assignment, self.by, self.session, self.walk)
        self.places = {name_of(group): n for n, group in enumerate(self.session.groups)}

    def stand(self, name: str) -> Group:
        """Stand at a group. Raises Problem where it is not among those that are walked."""
        index = self.places.get(name)
        if index is None:
            raise Problem(
                404,
                "This answer is not among those that wait",
                "It was marked meanwhile, or the server was started anew.",
                cure="Go on from the first page.",
            )
        self.session.go(index - self.session.at)
        return self.session.groups[index]

    def keep(self, group: Group, note: str) -> str:
        """Keep what is chosen and go on; empty, or what stands in the way."""
        self.session.set_note(note)
        if group.overrules and not note:
            return "The machine decided this: say in the note why you decide otherwise. The student reads it."
        given = self.session.keep()
        if given is None:
            return "Choose points first: lines of the rubric, or a number."
        others = self.book.keep(group, given)
        count, points = (
            len(group.answers),
            f"{_points(given.points)} of {_points(group.asked.points)} points",
        )
        who = group.answers[0].user if count == 1 else f"{count} answers"
        if others == count:
            self.said = f"Not kept: somebody else marked {who} meanwhile, and that stands."
        elif others:
            self.said = (
                f"Kept: {count - others} of {who}, {points}. Not kept: {others} that somebody else marked meanwhile, which"
                " stands."
            )
        else:
            self.said = f"Kept: {who}, {points}."
        return ""

    def undo(self) -> str:
        """Take back what was kept last; the group's name, or empty where there is nothing."""
        index = self.session.undo()
        if index is None:
            return ""
        group = self.session.groups[index]
        self.book.take_back(group)
        return name_of(group)

    def next_open(self) -> str:
        """The next group without points, from where the person stands on, then from the start; empty for none."""
        groups, given = self.session.groups, self.session.given
        order = [*range(self.session.at, len(groups)), *range(self.session.at)]
        for index in order:
            if index not in given:
                return name_of(groups[index])
        return ""


def name_of(group: Group) -> str:
    """What a group is called in addresses: its first answer's submission and check."""
    first = group.answers[0]
    return f"{first.submission}-{first.check}"


def review_room(site: Site, desk: ReviewDesk) -> Starlette:
    """The room; behind `web.guard`."""

    def front(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            name = desk.next_open()
            return to(request, "answer", place=name) if name else to(request, "end")

    def answer(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            group = desk.stand(request.path_params["place"])
            return _page(site, request, desk, group)

    def decide(request: Request, form: Form) -> Response:
        visitor_of(request)
        with desk.lock:
            group = desk.stand(request.path_params["place"])
            wish = form.text("do")
            if wish in ("later", "before"):
                desk.session.go(1 if wish == "later" else -1)
                return _here(request, desk)
            fault = _chosen(desk, group, form, wish)
            note = printable(form.text("note").strip().replace("\r\n", "\n"))[:LONGEST_NOTE]
            fault = fault or desk.keep(group, note or desk.session.chosen.note)
            if fault:
                desk.session.set_note(note)
                return _page(site, request, desk, group, fault=fault, typed=form.text("points"))
            return _here(request, desk, "kept")

    def undo(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        with desk.lock:
            name = desk.undo()
            if not name:
                raise Problem(409, "Nothing to take back", "Nothing was kept in this sitting.")
            return to(request, "answer", "undone", place=name)

    def picture(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            shown = _answer_of(desk, request.path_params["place"])
        number = request.path_params["number"]
        if shown is None or not 1 <= number <= len(shown.pictures):
            raise problem_of(404)
        content = picture_of(desk.store, shown.submission, shown.pictures[number - 1])
        if content is None:
            raise problem_of(404)
        return Response(
            content, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"}
        )

    def end(request: Request) -> Response:
        visitor_of(request)
        with desk.lock:
            return site.render(
                request,
                "review/end.html",
                headline=_HEADLINES[desk.book.way],
                assignment=desk.assignment,
                marked=sum(len(desk.session.groups[n].answers) for n in desk.session.given),
                left=desk.session.left(),
                undo=bool(desk.session.order),
                said=_said(request, desk),
                counted=counted,
            )

    def again(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        with desk.lock:
            desk.load()
        return to(request, "front")

    def done(request: Request, form: Form) -> Response:
        del form
        visitor_of(request)
        return farewell(site, request, "All that was marked is kept, and the board follows it.")

    return Starlette(
        routes=[
            Route("/", front, name="front"),
            Route("/end", end, name="end"),
            Route("/again", posted(site, again), methods=["POST"], name="again"),
            Route("/done", posted(site, done), methods=["POST"], name="done"),
            Route("/undo", posted(site, undo), methods=["POST"], name="undo"),
            Route("/answer/{place}", answer, methods=["GET"], name="answer"),
            Route("/answer/{place}", posted(site, decide), methods=["POST"], name="decide"),
            Route("/answer/{place}/picture/{number:int}", picture, name="picture"),
        ],
        exception_handlers={**error_pages(site), **handlers_of(site)},
    )


def _here(request: Request, desk: ReviewDesk, did: str = "") -> Response:
    """Where the person stands now."""
    group = desk.session.group
    return (
        to(request, "end", did)
        if group is None
        else to(request, "answer", did, place=name_of(group))
    )


def _answer_of(desk: ReviewDesk, name: str) -> Answer | None:
    index = desk.places.get(name)
    return None if index is None else desk.session.groups[index].answers[0]


def _chosen(desk: ReviewDesk, group: Group, form: Form, wish: str) -> str:
    """Choose what a form says; empty, or what is wrong with it."""
    session, asked = desk.session, group.asked
    if wish in ("full", "none"):
        session.set_points(Fraction(asked.points).limit_denominator(10_000) if wish == "full" else Fraction(0))  # fmt: skip
        return ""
    if wish == "same":
        return "" if session.same_as_before() else "Nothing was kept for this question before."
    if wish.startswith("as-"):
        first = group.answers[0]
        marks = [mark for mark in (first.mark, *first.opinions) if mark is not None]
        index = int(wish[3:]) if wish[3:].isascii() and wish[3:].isdigit() else len(marks)
        if index >= len(marks):
            return "That is not among what was given."
        session.as_given(marks[index])
        return ""
    lines = {int(line) for line in form.texts("line") if line.isascii() and line.isdigit()}
    typed = form.text("points").strip()
    session.chosen = Chosen(note=session.chosen.note)
    if lines:
        for line in sorted(lines):
            session.toggle(line)
        return ""
    if not typed:
        return ""
    points = exact(typed)
    if points is None or not session.set_points(points):
        return f"Points are a number from 0 to {_points(asked.points)}, like 1.5."
    return ""


def _page(
    site: Site,
    request: Request,
    desk: ReviewDesk,
    group: Group,
    *,
    fault: str = "",
    typed: str | None = None,
) -> Response:
    session, asked, first = desk.session, group.asked, group.answers[0]
    same = [each for each in session.groups if each.asked.name == asked.name]
    chosen = session.chosen
    outright = "" if chosen.points is None else _points(chosen.points)
    marks = [mark for mark in (first.mark, *first.opinions) if mark is not None]
    users = sorted({answer.user for answer in group.answers})
    page = site.render(
        request,
        "review/answer.html",
        status=409 if fault else 200,
        headline=_HEADLINES[desk.book.way],
        name=name_of(group),
        asked=asked,
        first=first,
        pictures=range(1, len(first.pictures) + 1),
        users=", ".join(users[:MOST_NAMED]) + (" ..." if users[MOST_NAMED:] else ""),
        many=len(group.answers),
        # A paper of one's own has its student's number for a form.
        form=first.form if first.form not in (None, first.user) else "",
        at=session.at + 1,
        total=len(session.groups),
        here=same.index(group) + 1,
        here_total=len(same),
        decided=len(session.given),
        chosen=chosen,
        outright=outright if typed is None else typed,
        note=chosen.note,
        kept=_in_words(session.given[session.at]) if session.at in session.given else "",
        standing=given_in_words(first.mark, asked) if first.mark and not first.opinions else "",
        both=[given_in_words(mark, asked) for mark in marks] if first.opinions else [],
        same=_alike(session, group),
        undo=bool(session.order),
        said=_said(request, desk),
        fault=fault,
        points=points_text,
        counted=counted,
        longest=LONGEST_NOTE,
    )
    page.headers["content-security-policy"] = _FORMULAS
    return page


def _said(request: Request, desk: ReviewDesk) -> str:
    return {"kept": desk.said, "undone": "Taken back."}.get(request.query_params.get("did", ""), "")


def _in_words(given: Given) -> str:
    return f"{_points(given.points)} points" + (f" ({given.note})" if given.note else "")


def _alike(session: Session, group: Group) -> dict[str, Any] | None:
    """What the last kept answer to this question got, and whether this one is much like it."""
    for index in reversed(session.order):
        before = session.groups[index]
        if before.asked.name == group.asked.name:
            alike = bool(group.text) and close_to(before.text, group.text)
            return {"points": _points(session.given[index].points), "alike": alike}
    return None


def _points(value: Fraction | float) -> str:
    return points_text(float(value))
