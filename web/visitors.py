"""Who is asking: a signed cookie with a name and the key of one sign-in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from web.links import BadSignature, read_signed, sign
from web.problems import Problem
from web.site import Site

STAYS = timedelta(days=30)
_PURPOSE = "visitor"


@dataclass(frozen=True)
class Visitor:
    """Someone who has signed in. `role` says what they may do; `key` tells one sign-in from another."""

    user: str
    role: str
    key: str


def admit(
    response: Response, site: Site, user: str, role: str = "student", stays: timedelta = STAYS
) -> Visitor:
    """Sign a user in: the response carries the cookie. Lax, so that a link in a message leads in; forms need more."""
    visitor = Visitor(user, role, secrets.token_urlsafe(12))
    text = f"{visitor.key}\n{visitor.role}\n{visitor.user}"
    response.set_cookie(
        site.cookie,
        sign(site.secret, _PURPOSE, text, until=site.clock() + stays),
        max_age=int(stays.total_seconds()),
        path=f"{site.prefix}/",
        secure=site.https,
        httponly=True,
        samesite="lax",
    )
    return visitor


def dismiss(response: Response, site: Site) -> None:
    """Sign out in this browser."""
    response.delete_cookie(
        site.cookie, path=f"{site.prefix}/", secure=site.https, httponly=True, samesite="lax"
    )


def forget_kept(response: Response) -> None:
    """Have the browser forget what its pages kept in it: that belongs to somebody who leaves, or was deleted."""
    response.headers["clear-site-data"] = '"storage"'


def read_visitor(site: Site, connection: HTTPConnection) -> Visitor | None:
    """The visitor of a connection's cookie; None without a good one."""
    try:
        text = read_signed(
            site.secret, _PURPOSE, connection.cookies.get(site.cookie, ""), site.clock()
        )
    except BadSignature:
        return None
    key, _, rest = text.partition("\n")
    role, _, user = rest.partition("\n")
    return Visitor(user, role, key) if user else None


def visitor_of(request: Request) -> Visitor:
    """Who is asking. Raises Problem (401) where nobody has signed in."""
    found = getattr(request.state, "visitor", None)
    if not isinstance(found, Visitor):
        raise Problem(
            401,
            "Please sign in",
            "This page is for those who were let in.",
            cure="Open the address that you were given once more.",
        )
    return found
