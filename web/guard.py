"""What stands around every app: names, origins, sizes, rates, headers, and who is asking."""

from __future__ import annotations

import asyncio
import math
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.limits import Limits
from web.problems import Problem, fault_page, problem_of, problem_page
from web.site import Site
from web.visitors import read_visitor

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not no-referrer: a form's Origin would then be "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # Pages show how things stand; the back button asks again.
    "cache-control": "no-store",
}
_READING = frozenset({"GET", "HEAD"})


def guarded(app: ASGIApp, site: Site, limits: Limits) -> ASGIApp:
    """The app behind the guard. What it answers keeps headers of its own, such as another policy for one page."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        scope.setdefault("state", {})
        request = Request(scope, receive)
        visitor = read_visitor(site, request)
        request.state.visitor = visitor
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if site.https:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        who = visitor.user if visitor else f"at {request.client.host if request.client else ''}"
        try:
            _check_source(site, request.method, request.headers)
            wait = limits.wait(who, crowd=visitor is None)
            if wait:
                page = problem_page(site, request, problem_of(429))
                page.headers["retry-after"] = str(math.ceil(wait))
                await page(scope, receive, with_headers)
                return
            await app(scope, _bounded(request, receive, limits), with_headers)
        except ClientDisconnect:
            return
        except Problem as problem:
            await problem_page(site, request, problem)(scope, receive, with_headers)
        except Exception as error:
            # Starlette raises a fault again after its handler has shown the page.
            if getattr(request.state, "fault_told", False):
                return
            if started:
                raise
            await fault_page(site, request, error)(scope, receive, with_headers)

    return guard


def _bounded(request: Request, receive: Receive, limits: Limits) -> Receive:
    """The body, piece by piece, up to its limit and in its time.

    Raises Problem: 413, at once where the size was announced, and 408.
    """
    most = limits.most(request.url.path)
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()) or int(announced[:20]) > most:
        raise _too_large(most)
    size, whole = 0, False
    now = asyncio.get_running_loop().time
    until = now() + limits.patience(request.url.path)

    async def receive_some() -> Message:
        nonlocal size, whole
        if whole:
            return await receive()  # no more than the word that whoever asked is gone
        try:
            async with asyncio.timeout_at(min(until, now() + limits.pause_s)):
                message = await receive()
        except TimeoutError:
            raise problem_of(408, "The form did not come to its end in time.") from None
        whole = not message.get("more_body", False)
        size += len(message.get("body", b""))
        if size > most:
            raise _too_large(most)
        return message

    return receive_some


def _too_large(most: int) -> Problem:
    unit, name = (2**20, "MB") if most >= 2**20 else (2**10, "kB")
    return problem_of(413, f"At most {most // unit} {name} are taken here.")


def _check_source(site: Site, method: str, headers: Headers) -> None:
    """Refuse names that are not ours (a foreign name may point to this machine), and forms of foreign pages."""
    if headers.get("host", "").lower() not in site.hosts:
        raise problem_of(421)
    if method in _READING:
        return
    if method != "POST":
        raise problem_of(405)
    origin = headers.get("origin")
    if origin is not None:
        scheme = "https" if site.https else "http"
        try:
            found = urlsplit(origin)
        except ValueError:
            raise problem_of(403) from None
        if found.scheme != scheme or found.netloc.lower() not in site.hosts:
            raise problem_of(403, "The form was sent from a page of another server.")
    elif headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise problem_of(403, "The form was sent from a page of another server.")
