"""The app of practice: which address shows what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from question_bank.diagnostics import InputError
from quiz.browser.begin import begin_routes
from quiz.browser.code import code_routes
from quiz.browser.exam import exam_routes
from quiz.browser.practice import practice_routes
from quiz.browser.progress import progress_routes
from quiz.browser.result import result_routes
from quiz.browser.room import Room, Sight, sight_of
from quiz.browser.served import served_routes
from quiz.code_practice import Judge
from quiz.desk import Desk
from quiz.engine import Refused
from web.problems import Problem, error_pages, problem_page
from web.site import Site


def practice_app(
    site: Site,
    desk_of: Callable[[str], Desk],
    *,
    blueprint: str = "mock_exam",
    first_sight: Callable[[str], Sight] | None = None,
    judge: Judge | None = None,
) -> Starlette:
    """Practice for the users that the site lets in; to be mounted, and to stand behind `web.guard.guarded`.

    desk_of: the desk of a user, with `progress`; called for each request, so it opens nothing new.
    blueprint: the exam whose points are predicted.
    judge: runs code; without it there are no pages for code.
    first_sight: what the first page needs, where `desk_of` has to wait until a bank is read.
    """
    room = Room(
        site,
        desk_of,
        first_sight or (lambda user: sight_of(desk_of(user))),
        blueprint,
        judge is not None,
    )

    async def refused(request: Request, error: Refused) -> Response:
        return problem_page(site, request, Problem(409, "Not now", str(error), cure=_BACK))

    async def bad_input(request: Request, error: InputError) -> Response:
        return problem_page(site, request, problem_in(error))

    handlers: dict[Any, Any] = {**error_pages(site), Refused: refused, InputError: bad_input}
    routes = [
        *begin_routes(room),
        *served_routes(room),
        *practice_routes(room),
        *exam_routes(room),
        *result_routes(room),
        *progress_routes(room),
        *(code_routes(room, judge) if judge is not None else ()),
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
