"""The app of practice: which address shows what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from question_bank.diagnostics import InputError
from quiz.browser.begin import begin_routes
from quiz.browser.code import code_routes
from quiz.browser.exam import exam_routes
from quiz.browser.practice import practice_routes
from quiz.browser.progress import progress_routes
from quiz.browser.result import result_routes
from quiz.browser.room import Room, Sight, came_back, in_words, sight_of, to
from quiz.browser.served import served_routes
from quiz.code_practice import Judge
from quiz.desk import Desk
from quiz.engine import Refused
from quiz.returned import Returned, keep_returned
from web.problems import Problem, error_pages, problem_of, problem_page
from web.site import Site


def practice_app(
    site: Site,
    desk_of: Callable[[str], Desk],
    *,
    blueprint: str = "mock_exam",
    first_sight: Callable[[str], Sight] | None = None,
    judge: Judge | None = None,
    lasting: bool = True,
) -> Starlette:
    """Practice for the users that the site lets in; to be mounted, and to stand behind `web.guard.guarded`.

    desk_of: the desk of a user, with `progress`; called for each request, so it opens nothing new.
    blueprint: the exam whose points are predicted.
    judge: runs code; without it there are no pages for code.
    lasting: whether what happens is kept beyond this run of the server.
    first_sight: what the first page needs, where `desk_of` has to wait until a bank is read.
    """
    room = Room(
        site,
        desk_of,
        first_sight or (lambda user: sight_of(desk_of(user))),
        blueprint,
        judge is not None,
        lasting,
    )

    async def refused(request: Request, error: Refused) -> Response:
        return await run_in_threadpool(_told, room, request, _problem_of_refusal(error))

    async def bad_input(request: Request, error: InputError) -> Response:
        return await run_in_threadpool(_told, room, request, problem_in(error))

    def problem(request: Request) -> Response:
        """What was said of a form that was not taken."""
        back = came_back(room.kept(request), request, PLACE)
        raise problem_of(404) if back is None else Problem(**back.more)

    handlers: dict[Any, Any] = {**error_pages(site), Refused: refused, InputError: bad_input}
    routes = [
        Route("/problem", problem, name="problem"),
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
PLACE = "problem"
"""Where forms come back to that have no page of their own."""


def problem_in(error: InputError) -> Problem:
    """What a page says of bad input."""
    hint = error.diagnostics[0].hint
    cure = f"{hint[:1].upper()}{hint[1:]}." if hint else _BACK
    return Problem(400, "That cannot be done", in_words(error, hint=False), cure=cure)


def _problem_of_refusal(error: Refused) -> Problem:
    return Problem(409, "Not now", str(error), cure=_BACK)


def _told(room: Room, request: Request, problem: Problem) -> Response:
    """The page of a problem; after a form by a redirect, like every other page."""
    if request.method != "POST" or "application/json" in request.headers.get("accept", ""):
        return problem_page(room.site, request, problem)
    more = {
        "status": problem.status,
        "title": problem.title,
        "message": problem.message,
        "cure": problem.cure,
    }
    try:
        back = keep_returned(room.kept(request), PLACE, Returned({}, more=more), room.site.clock())
    except (InputError, Problem):
        return problem_page(room.site, request, problem)  # the store itself may be what is wrong
    return to(request, "problem", back=back)
