"""A room for the person who started the command, until they say that they are done."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import templates
from question_bank.diagnostics import InputError, bad_input
from templates.environment import environment
from web.own import (
    Passes,
    entrance,
    open_browser,
    own_app,
    own_listener,
    own_site,
    stop_serving,
)
from web.pages import assets
from web.problems import Problem, problem_page
from web.server import serve, until_stopped
from web.site import Site, address

FOLDER = Path(templates.__file__).parent
ASSETS = (FOLDER / "page.css", FOLDER / "review" / "review.css", FOLDER / "review" / "review.js")


def serve_room(
    room: Callable[[Site], Starlette], by: str, port: int | None, *, browser: bool, what: str
) -> None:
    """Serve a room to its one visitor until they are done, or Ctrl-C. Raises InputError where the port is taken."""
    try:
        listener = own_listener(port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_input(
            "port-taken", f"port {port} cannot be used: {reason}", hint="take another --port, or none"
        ) from None  # fmt: skip
    taken = listener.getsockname()[1]
    with until_stopped():
        site = room_site(secrets.token_bytes(32), taken)
        passes = Passes()
        app = own_app(site, room(site), passes, by)
        print(
            f"{what}: {entrance(taken, passes.lasting)}\nCtrl-C stops it; what was decided is kept.",
            file=sys.stderr,
        )
        if browser:
            open_browser(entrance(taken, passes.once()))
        serve(app, listener)


def room_site(secret: bytes, port: int) -> Site:
    """The server of a room at this port."""
    return own_site(secret, lambda: datetime.now(UTC), port, environment(), assets(*ASSETS))


def handlers_of(site: Site) -> dict[Any, Any]:
    """How a room tells of bad input."""

    async def bad(request: Request, error: InputError) -> Response:
        first = error.diagnostics[0]
        message = first.message[:1].upper() + first.message[1:] + "."
        cure = f"{first.hint[:1].upper()}{first.hint[1:]}." if first.hint else ""
        return problem_page(site, request, Problem(409, "That cannot be done", message, cure=cure))

    return {InputError: bad}


def farewell(site: Site, request: Request, sentence: str) -> Response:
    """The last page; the server ends once it is sent."""
    page = site.render(request, "review/done.html", sentence=sentence)
    page.background = BackgroundTask(stop_serving)
    return page


def to(request: Request, name: str, did: str = "", **parts: Any) -> RedirectResponse:
    """See the page of that name, by GET; `did` is what it says was done."""
    place = address(request, name, **parts)
    return RedirectResponse(f"{place}?did={did}" if did else place, 303)
