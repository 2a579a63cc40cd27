"""The app of practice: which address shows what."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from question_bank.diagnostics import InputError
from quiz.browser.begin import begin_routes
from quiz.browser.exam import exam_routes
from quiz.browser.practice import practice_routes
from quiz.browser.progress import progress_routes
from quiz.browser.result import result_routes
from quiz.browser.room import Room
from quiz.browser.served import served_routes
from quiz.desk import Desk
from quiz.engine import Refused
from web.problems import Problem, error_pages, problem_page
from web.site import Site


def practice_app(
    site: Site, desk_of: Callable[[str], Desk], *, blueprint: str = "mock_exam"
) -> Starlette:
    """Practice for the users that the site lets in; to be mounted, and to stand behind `web.guard.guarded`.

    desk_of: the desk of a user, with `progress`; called for each request, so it opens nothing new.
    blueprint: the exam whose points are predicted.
    """
    room = Room(site, desk_of, blueprint)

    async def refused(request: Request, error: Refused) -> Response:
        return problem_page(site, request, Problem(409, "Not now", str(error), cure=_BACK))

    async def bad_input(request: Request, error: InputError) -> Response:
        return problem_page(site, request, problem_in(error))

    handlers = {**error_pages(site), Refused: refused, InputError: bad_input}
    routes = [
        *begin_routes(room),
        *served_routes(room),
        *practice_routes(room),
        *exam_routes(room),
        *result_routes(room),
        *progress_routes(room),
    ]
    return Starlette(routes=routes, exception_handlers=handlers)


_BACK = "Go back to the session from the first page."


def problem_in(error: InputError) -> Problem:
    """What a page says of bad input."""
    first = error.diagnostics[0]
    message = first.message[:1].upper() + first.message[1:]
    return Problem(
        400,
        "That cannot be done",
        f"{message}." if message[-1:] not in ".!?" else message,
        cure=f"{first.hint[:1].upper()}{first.hint[1:]}." if first.hint else _BACK,
    )
