"""What every page of practice needs: the server, and the desk of whoever is asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from question_bank.diagnostics import InputError
from question_bank.shelf import Spine
from question_bank.wording import counted
from quiz.desk import Clock, Desk, Session, resume
from quiz.engine import Refused
from quiz.events import Item
from quiz.returned import Returned, find_returned, keep_returned
from quiz.store import Progress
from web.forms import Form
from web.problems import Problem
from web.site import TOKEN, Site, address
from web.visitors import visitor_of


class _Number(IntegerConvertor):
    """A number that a database knows; what is longer is no address of ours."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", _Number())


LARGEST_FORM = 2**20
"""Bytes: an answer in words has up to 20,000 characters, of which each is sent as nine bytes, and a form has several."""


@dataclass(frozen=True)
class Sight:
    """What the first page shows, which need not wait until the bank is read: progress, and the questions by id."""

    progress: Progress
    practised: Mapping[str, Spine]
    clock: Clock


@dataclass(frozen=True)
class Room:
    """Practice on a server. `desk_of` gives the desk of a user, which keeps progress; `sight_of` the first page's part.

    blueprint: the exam whose points the progress page predicts; code: whether code can be run.
    lasting: whether what happens is kept beyond this run of the server.
    """

    site: Site
    desk_of: Callable[[str], Desk]
    sight_of: Callable[[str], Sight]
    blueprint: str = "mock_exam"
    code: bool = False
    lasting: bool = True

    def desk(self, request: Request) -> Desk:
        """The desk of whoever is asking. Raises Problem where nobody has signed in."""
        return self.desk_of(visitor_of(request).user)

    def sight(self, request: Request) -> Sight:
        """The first page's part of it. Raises Problem where nobody has signed in."""
        return self.sight_of(visitor_of(request).user)

    def kept(self, request: Request) -> Progress:
        """Where things of whoever is asking are kept; the bank need not be read for it."""
        return self.sight(request).progress

    def render(self, request: Request, template: str, **values: Any) -> HTMLResponse:
        """A page of practice, by the name of its template."""
        return self.site.render(
            request,
            f"quiz/{template}",
            **{"counted": counted, "code": self.code, "lasting": self.lasting, **values},
        )


def sight_of(desk: Desk) -> Sight:
    """The first page's part of a desk, whose bank is read already."""
    questions = desk.material.questions.values()
    spines = {question.id: Spine(question.lecture, question.topic) for question in questions}
    return Sight(progress_at(desk), spines, desk.clock)


def progress_at(desk: Desk) -> Progress:
    """Where the desk keeps what happens."""
    if desk.progress is None:
        raise AssertionError("a browser's sessions are kept between its requests")
    return desk.progress


def session_at(desk: Desk, request: Request) -> Session:
    """The session that the address names, with an exam's clock looked at. Raises Problem."""
    try:
        return resume(desk, request.path_params["session"])
    except LookupError:
        raise Problem(
            404,
            "There is no such session",
            "It was deleted, or it belongs to someone else.",
            cure="Start a new one from the first page.",
        ) from None


def number_of(session: Session) -> int:
    """The number of a session that is kept."""
    if session.kept is None:
        raise AssertionError("a browser's sessions are kept between its requests")
    return session.kept.number


def item_at(session: Session, request: Request) -> Item:
    """The question that the address names. Raises Problem."""
    item = session.state.item(request.path_params["number"])
    if item is None:
        raise Problem(
            404,
            "There is no such question",
            f"This session has {counted(len(session.state.items), 'question')}.",
            cure="Go on from the first page.",
        )
    return item


def came_back(progress: Progress, request: Request, place: str) -> Returned | None:
    """What came back of the form that led to this page, where one did."""
    return find_returned(progress, place, request.query_params.get("back", "")[:32])


def form_again(found: Returned | None) -> Form | None:
    """The form with what was typed into it."""
    if found is None:
        return None
    return Form({name: tuple(values) for name, values in found.fields.items()})


def send_back(
    desk: Desk, place: str, form: Form, said: str = "", stood: str = "", **more: Any
) -> str:
    """Keep what was typed and what is said of it; returns the word that its page is asked for with."""
    fields = {name: values for name, values in form.fields.items() if name != TOKEN}
    return keep_returned(
        progress_at(desk), place, Returned(fields, said, stood, more), desk.clock()
    )


def in_words(error: Refused | InputError, *, hint: bool = True) -> str:
    """What a page says of what could not be done, as sentences; with what to do, unless it is shown by itself."""
    if isinstance(error, Refused):
        return str(error)
    first = error.diagnostics[0]
    told = [first.message, *([first.hint] if hint and first.hint else [])]
    return " ".join(
        f"{each[:1].upper()}{each[1:]}{'' if each[-1:] in '.!?' else '.'}" for each in told
    )


def question_place(session: int, number: int) -> str:
    """Where forms of a question come back to."""
    return f"s/{session}/q/{number}"


def to(
    request: Request, name: str, fragment: str = "", *, back: str = "", **parts: Any
) -> RedirectResponse:
    """See the page of that name, by GET; `fragment` is where it is read from, `back` what it shows of a form."""
    place = address(request, name, **parts) + (f"?back={back}" if back else "")
    return RedirectResponse(f"{place}#{fragment}" if fragment else place, 303)
