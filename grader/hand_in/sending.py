"""How a submission gets in over HTTP: the page's form, and `POST /submissions` for programs.

    curl -u w0256:CODE -F assignment=exercise-3 -F file=@code.zip https://hand-in.example.org/submissions

The form comes with the token of its page. A program brings user and code with each request instead (HTTP Basic): no
browser sends those by itself, since the server never asks for them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from classroom.door import Door, member_by_code, member_of
from classroom.roll import Member
from grader.hand_in.desk import HandInDesk
from grader.hand_in.shown import as_json
from grader.page import render_page
from grader.report import report_of
from leaderboard.queued import Receipt
from web.problems import Problem
from web.site import TOKEN, address, token_for

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

Endpoint = Callable[[Request], Awaitable[Response]]


def form_endpoint(door: Door, desk: HandInDesk) -> Endpoint:
    """The page's form: with its token, by whoever is signed in; answers with the receipt's page."""

    async def endpoint(request: Request) -> Response:
        member = member_of(request)
        async with _upload(desk, request, member) as data:
            moment = desk.clock()  # its last byte is there
            _check_token(door, request, data)
            receipt = await _in_turn(desk, member, data, moment)
        return RedirectResponse(address(request, "receipt", number=receipt.number), 303)

    return endpoint


def program_routes(door: Door, desk: HandInDesk) -> list[Route]:
    """`POST /submissions`, and what became of each: JSON, for programs that bring user and code."""

    async def send(request: Request) -> Response:
        member = await run_in_threadpool(_by_code, door, request)
        async with _upload(desk, request, member) as data:
            receipt = await _in_turn(desk, member, data, desk.clock())
        return await run_in_threadpool(_told, desk, member, receipt.number, receipt)

    async def look(request: Request) -> Response:
        member = await run_in_threadpool(_by_code, door, request)
        return await run_in_threadpool(_told, desk, member, request.path_params["number"], None)

    async def report(request: Request) -> Response:
        member = await run_in_threadpool(_by_code, door, request)
        return await run_in_threadpool(
            report_page, desk, member.user, request.path_params["number"]
        )

    def in_json(handler: Endpoint) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request)
            except Problem as problem:
                # Whatever it says that it accepts: a program has asked.
                said = {"error": problem.title, "message": problem.message, "cure": problem.cure}
                return JSONResponse(said, problem.status, headers=problem.headers)

        return endpoint

    return [
        Route("/submissions", in_json(send), methods=["POST"]),
        Route("/submissions/{number:int}", in_json(look)),
        Route("/submissions/{number:int}/report", in_json(report)),
    ]


def report_page(desk: HandInDesk, user: str, number: int) -> Response:
    """The report of a submission as a page of its own. Raises Problem."""
    found = desk.report(desk.one(user, number))
    if found is None:
        raise Problem(404, "There is no report yet", "It has not been graded.", cure="Wait for it.")
    page = render_page(report_of(found))
    return Response(
        page.encode("utf-8", "backslashreplace"),
        media_type="text/html",
        headers={"content-security-policy": REPORT_POLICY},
    )


def _upload(
    desk: HandInDesk, request: Request, member: Member
) -> AbstractAsyncContextManager[FormData]:
    """What is being sent; refused before its body is read, where it would be refused for its sender after it."""
    desk.check_rate(member.user)
    return desk.uploads.receiving(request, member.user, desk.largest)


async def _in_turn(desk: HandInDesk, member: Member, data: FormData, moment: datetime) -> Receipt:
    async with desk.turns:  # who waits holds no thread: those are everybody's
        return await run_in_threadpool(_taken, desk, member, data, moment)


def _taken(desk: HandInDesk, member: Member, data: FormData, moment: datetime) -> Receipt:
    file, assignment = data.get("file"), data.get("assignment")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Problem(
            400,
            "Nothing was handed in",
            "No file was chosen.",
            cure="Go back and choose a zip file.",
        )
    if assignment is None and len(desk.offers) == 1:
        (assignment,) = desk.offers
    name = assignment if isinstance(assignment, str) else ""
    return desk.take(member.user, name, file.filename, file.file, moment)


def _told(desk: HandInDesk, member: Member, number: int, receipt: Receipt | None) -> Response:
    found = desk.one(member.user, number)
    again = receipt is not None and receipt.again
    status = 201 if receipt is not None and not again else 200
    return JSONResponse(as_json(desk, found, again=again), status)


def _by_code(door: Door, request: Request) -> Member:
    """Who is asking, by HTTP Basic. Raises Problem."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        text = base64.b64decode(given, validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    user, colon, code = text.partition(":")
    member = member_by_code(door, request, user, code) if colon else None
    if member is None:
        raise Problem(
            401,
            "Who are you?",
            "User and code are missing, or do not go together.",
            cure="curl -u USER:CODE ...; the code came with your link.",
        )
    return member


def _check_token(door: Door, request: Request, data: FormData) -> None:
    expected = token_for(door.site, getattr(request.state, "visitor", None))
    given = data.get(TOKEN)
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode("utf-8", "replace"), expected.encode()
    ):
        raise Problem(
            403,
            "This form is out of date",
            "It was not sent from a page of this server, or you have signed in anew since.",
            cure="Go back, reload the page, and hand in again.",
        )
