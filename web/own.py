"""A room for the one person who started it: on loopback alone, let in by a word that stands in their terminal.

on = own_listener(port, usual=8734)
site = own_site(secret, clock, on.getsockname()[1], environment, assets(...))
passes = Passes()
app = own_app(site, room, passes, "ada")
print(entrance(site, passes.lasting))
open_browser(entrance(site, passes.once()))
with until_stopped():
    serve(app, on)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from web.guard import guarded
from web.limits import Limits
from web.pages import asset_files, joined
from web.problems import Problem, error_pages
from web.server import LOOPBACK, listening
from web.site import Site
from web.visitors import admit

if TYPE_CHECKING:
    from jinja2 import Environment

    from web.pages import Asset


class Passes:
    """What lets the person in: one word for as long as the server runs, and words that work once."""

    def __init__(self) -> None:
        self.lasting = secrets.token_urlsafe(18)
        self._once: set[str] = set()

    def once(self) -> str:
        """A word that works once: what a browser is started with can be seen by others on the machine."""
        word = secrets.token_urlsafe(18)
        self._once.add(word)
        return word

    def good(self, word: str) -> bool:
        """Whether the word lets in; one that works once is used up."""
        if word in self._once:
            self._once.discard(word)
            return True
        return secrets.compare_digest(word.encode("utf-8", "replace"), self.lasting.encode())


def own_listener(port: int | None, *, usual: int = 0) -> socket.socket:
    """A socket on loopback at this port; without one at the usual port, or where that is taken at any.

    Raises OSError where the port that was asked for cannot be used.
    """
    if port is not None:
        return listening(port)
    try:
        return listening(usual)
    except OSError:
        return listening(0)


def own_site(
    secret: bytes,
    clock: Callable[[], datetime],
    port: int,
    environment: Environment,
    assets: Mapping[str, Asset],
) -> Site:
    """A server on loopback at this port; `environment` has the room's templates."""
    return Site(
        secret=secret,
        clock=clock,
        hosts=frozenset(f"{name}:{port}" for name in (LOOPBACK, "localhost")),
        environment=joined(environment),
        assets=assets,
        cookie=f"mockexam-{port}",
    )


def own_app(
    site: Site, room: ASGIApp, passes: Passes, user: str, limits: Limits | None = None
) -> ASGIApp:
    """A room for one person who is let in by a pass; `limits` where its forms need others than usual."""

    def enter(request: Request) -> Response:
        if not passes.good(request.query_params.get("pass", "")):
            raise Problem(
                403,
                "This address is used up",
                "It let someone in already, or belongs to an earlier start.",
                cure="Use the address that the command prints in the terminal.",
            )
        response = RedirectResponse("/", 303)
        admit(response, site, user)
        return response

    routes = [
        Route("/enter", enter),
        Mount("/assets", asset_files(site)),
        Mount("/", room),
    ]
    inside = Starlette(routes=routes, exception_handlers=error_pages(site))
    return guarded(inside, site, limits or Limits())


def entrance(port: int, word: str) -> str:
    """The address that lets in with this word."""
    return f"http://{LOOPBACK}:{port}/enter?pass={word}"


def open_browser(address: str) -> None:
    """Start the browser, where there is a screen for one; it may take its time."""

    def start() -> None:
        with contextlib.suppress(Exception):
            webbrowser.open(address)

    windows = sys.platform in ("darwin", "win32")
    if windows or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        threading.Thread(target=start, daemon=True).start()


def stop_serving() -> None:
    """End this process's server as SIGTERM would: open requests are finished, and what comes after it goes on."""
    os.kill(os.getpid(), signal.SIGTERM)
