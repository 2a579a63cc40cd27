"""What every page of practice needs: the server, and the desk of whoever is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from question_bank.wording import counted
from quiz.desk import Desk, Session, resume
from quiz.events import Item
from quiz.store import Progress
from web.problems import Problem
from web.site import Site, address
from web.visitors import visitor_of


@dataclass(frozen=True)
class Room:
    """Practice on a server. `desk_of` gives the desk of a user; it keeps progress.

    blueprint: the exam whose points the progress page predicts.
    """

    site: Site
    desk_of: Callable[[str], Desk]
    blueprint: str = "mock_exam"

    def desk(self, request: Request) -> Desk:
        """The desk of whoever is asking. Raises Problem where nobody has signed in."""
        return self.desk_of(visitor_of(request).user)

    def render(self, request: Request, template: str, **values: Any) -> HTMLResponse:
        """A page of practice, by the name of its template."""
        return self.site.render(request, f"quiz/{template}", **{"counted": counted, **values})


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


def to(request: Request, name: str, fragment: str = "", **parts: Any) -> RedirectResponse:
    """See the page of that name, by GET; `fragment` is where it is read from."""
    place = address(request, name, **parts)
    return RedirectResponse(f"{place}#{fragment}" if fragment else place, 303)
