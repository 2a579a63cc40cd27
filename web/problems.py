"""What went wrong, as a page: what, and what to do. Never a traceback."""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from web.site import Site

LOGGER = logging.getLogger("mockexam.web")

Handler = Callable[[Request, Any], Awaitable[Response]]

_WORDS = {
    400: ("This request makes no sense", "Go back, reload the page, and try again."),
    403: ("This is not allowed", "Go back, reload the page, and try again."),
    404: ("There is no such page", "Start from the first page."),
    405: ("This page is not asked for in this way", "Start from the first page."),
    408: ("That took too long", "Send it again, where the connection is better."),
    413: ("That is too large", "Send less at once."),
    421: ("This server does not answer under that name", "Use the address that was printed."),
    429: ("That was a lot at once", "Wait a moment, then reload the page."),
}


class Problem(Exception):
    """A page that cannot be shown, or a form that is not taken: a title, a sentence, and what to do.

    again_s: after how many seconds a program may try again, where that is known.
    """

    def __init__(
        self, status: int, title: str, message: str, *, cure: str = "", again_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.title = title
        self.message = message
        self.cure = cure
        self.headers = {} if again_s is None else {"retry-after": str(math.ceil(again_s))}


def problem_of(status: int, detail: str = "") -> Problem:
    """The problem that a status means; `detail` says more where it is not the status's own phrase."""
    title, cure = _WORDS.get(status, ("That did not work", "Go back and try again."))
    plain = {phrase.phrase for phrase in HTTPStatus} | {"Content Too Large"}
    return Problem(status, title, "" if detail in plain else detail, cure=cure)


def error_pages(site: Site) -> Mapping[Any, Handler]:
    """Exception handlers for a room: problems, refusals of Starlette, and our own faults, as pages."""

    async def problem(request: Request, error: Problem) -> Response:
        return problem_page(site, request, error)

    async def refusal(request: Request, error: HTTPException) -> Response:
        page = problem_page(site, request, problem_of(error.status_code, error.detail))
        page.headers.update(error.headers or {})
        return page

    async def gone(_request: Request, _error: ClientDisconnect) -> Response:
        """Whoever asked went away in the middle: nobody reads the answer, and nothing broke."""
        return Response(status_code=400)

    async def fault(request: Request, error: Exception) -> Response:
        return fault_page(site, request, error)

    return {
        Problem: problem,
        HTTPException: refusal,
        ClientDisconnect: gone,
        Exception: fault,
    }


def problem_page(site: Site, request: Request, problem: Problem) -> Response:
    """The page of a problem; for a program, the same in JSON."""
    if _is_program(request):
        told = {"error": problem.title, "message": problem.message, "cure": problem.cure}
        return JSONResponse(told, problem.status, headers=problem.headers)
    page = site.render(request, "web/problem.html", status=problem.status, problem=problem)
    page.headers.update(problem.headers)
    return page


def _is_program(request: Request) -> bool:
    """Whether it asks for JSON, or brings user and code with it: browsers are never asked for those."""
    asks = "application/json" in request.headers.get("accept", "")
    return asks or request.headers.get("authorization", "").lower().startswith("basic ")


def fault_page(site: Site, request: Request, error: Exception) -> Response:
    """The page of what broke: a problem that the site knows, or our own fault, with a word by which it is found in the log."""
    known = site.known(error)
    if known is not None:
        request.state.fault_told = True
        LOGGER.warning("%s at %s", error, request.url.path)
        return problem_page(site, request, known)
    word = secrets.token_hex(4)
    request.state.fault_told = True
    LOGGER.error("fault %s at %s", word, request.url.path, exc_info=error)
    problem = Problem(
        500,
        "This is our own fault",
        f"Something broke here, and nothing of it counts against you. The log calls it {word}.",
        cure="What you sent before is kept. Reload the page; if it breaks again, report it with that word.",
    )
    return problem_page(site, request, problem)
