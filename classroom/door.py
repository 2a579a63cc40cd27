"""Letting in and out: by link, or with user and code; and who is asking, looked up for each request.

A link leads to a page that says as whom one comes in, and its button does it: what fetches addresses on its own (a
preview in a messenger) signs nobody in, and nobody is signed in as somebody else without seeing it. Each sign-in gets
a cookie of its own, made by the server; what a browser brought along is not taken over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from classroom.roll import Member, begin_sign_in, by_code, by_link, end_sign_in, signed_in
from classroom.tries import is_left, take_one
from leaderboard.store import Store
from leaderboard.untrusted import visible
from web.forms import Form, posted
from web.limits import Limits
from web.problems import Problem
from web.site import Site
from web.visitors import Visitor, admit, dismiss, forget_kept

LONGEST_USER = 200
LONGEST_CODE = 40
FRONT = "classroom/front.html"


@dataclass(frozen=True)
class Door:
    """The door of a class: its server, its store, and how often codes may be tried.

    guesses: for each address that someone comes from, which a whole lecture hall may share.
    """

    site: Site
    store: Store
    guesses: Limits = field(default_factory=lambda: Limits(rate=1, burst=300))

    def watched(self, app: ASGIApp) -> ASGIApp:
        """The app, told who is asking: nobody, where the cookie's sign-in is over. `state.member` is the member."""

        async def watch(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                state = scope.setdefault("state", {})
                visitor = state.get("visitor")
                member = None
                if isinstance(visitor, Visitor):
                    member = await run_in_threadpool(
                        signed_in, self.store, visitor.user, visitor.key
                    )
                    # What one may do is the store's business, whatever the cookie says.
                    role = (
                        None if member is None else Visitor(visitor.user, member.role, visitor.key)
                    )
                    state["visitor"] = role
                state["member"] = member
            await app(scope, receive, send)

        return watch


def only(app: ASGIApp, roles: Collection[str]) -> ASGIApp:
    """The app for visitors with one of these roles. Raises Problem for all others."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            member = member_of(Request(scope))
            if member.role not in roles:
                raise Problem(
                    403,
                    "This page is not for you",
                    f"You are signed in as {visible(member.called)}.",
                    cure="Go on from the first page.",
                )
        await app(scope, receive, send)

    return door


def member_of(request: Request) -> Member:
    """Who is asking. Raises Problem where nobody has signed in."""
    found = getattr(request.state, "member", None)
    if not isinstance(found, Member):
        raise Problem(
            401,
            "Please sign in",
            "You are not signed in here, or your sign-in has ended. What you answered is kept.",
            cure="Open the link that you were given, or sign in on the first page with your code.",
        )
    return found


def door_routes(door: Door) -> list[Route]:
    """The link's page, the forms that let in, and the one that lets out."""
    site, store = door.site, door.store

    def link(request: Request) -> Response:
        signed = request.query_params.get("pass", "")
        member = _by_link(door, signed)
        present = getattr(request.state, "member", None)
        return site.render(
            request,
            "classroom/enter.html",
            member=member,
            called=visible(member.called),
            user=visible(member.user),
            present=None if present is None else visible(present.called),
            other=present is not None and present.user != member.user,
            signed=signed,
        )

    def enter(request: Request, form: Form) -> Response:
        return _let_in(door, request, _by_link(door, form.text("pass")))

    def sign_in(request: Request, form: Form) -> Response:
        user = form.text("user").strip()[:LONGEST_USER]
        member = member_by_code(door, request, user, form.text("code"))
        if member is None:
            said = "That user and code do not go together, or the code is no longer good."
            return site.render(request, FRONT, status=403, **front_values(refused=said, user=user))
        return _let_in(door, request, member)

    def sign_out(request: Request, form: Form) -> Response:
        del form
        visitor = getattr(request.state, "visitor", None)
        if isinstance(visitor, Visitor):
            end_sign_in(store, visitor.key, site.clock())
        response = RedirectResponse(f"{site.prefix}/", 303)
        dismiss(response, site)
        forget_kept(response)
        return response

    return [
        Route("/enter", link, name="link"),
        Route("/enter", posted(site, enter), methods=["POST"], name="enter"),
        Route("/sign-in", posted(site, sign_in), methods=["POST"], name="sign_in"),
        Route("/sign-out", posted(site, sign_out), methods=["POST"], name="sign_out"),
    ]


def member_by_code(door: Door, request: Request, user: str, code: str) -> Member | None:
    """The member whose code this is. Raises Problem where codes were tried too often; what was right is no try.

    A right code is looked up without a word written, so that a store that is busy keeps no program waiting; a wrong one
    is answered only once it is counted.
    """
    address = request.client.host if request.client else ""
    name, now = user[:LONGEST_USER], door.site.clock()
    often = Problem(
        429,
        "That was tried often",
        "Codes can be tried only so often.",
        cure="Wait a minute, then try again; your link works all the same.",
    )
    if door.guesses.wait(address) or not is_left(door.store, name, now):
        raise often
    found = by_code(door.store, name, code[:LONGEST_CODE], now)
    if found is None:
        if not take_one(door.store, name, now):
            raise often
        return None
    door.guesses.give_back(address)
    return found


def front_values(*, refused: str = "", user: str = "") -> dict[str, Any]:
    """The values of the front page for someone who is not signed in."""
    return {"member": None, "called": "", "rooms": (), "refused": refused, "user": user}


def _by_link(door: Door, signed: str) -> Member:
    member = by_link(door.store, door.site.secret, signed, door.site.clock())
    if member is None:
        raise Problem(
            403,
            "This link does not work",
            "Its time is over, it was replaced by another one, or a piece of it is missing.",
            cure="Copy the whole link once more, or ask your instructor for a new one.",
        )
    return member


def _let_in(door: Door, request: Request, member: Member) -> Response:
    now = door.site.clock()
    before = getattr(request.state, "visitor", None)
    if isinstance(before, Visitor):
        end_sign_in(door.store, before.key, now)
    response = RedirectResponse(f"{door.site.prefix}/", 303)
    if isinstance(before, Visitor) and before.user != member.user:
        forget_kept(response)
    visitor = admit(response, door.site, member.user, member.role)
    begin_sign_in(door.store, member, visitor.key, now)
    return response
