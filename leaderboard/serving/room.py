"""The boards as an app: one page, the same for everybody, and for somebody who is signed in a line about themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leaderboard.ranking import Board
from leaderboard.serving.live import LivePage, Made
from leaderboard.untrusted import visible
from web.problems import error_pages
from web.site import Site

OWN_TEMPLATE = "leaderboard/own.html"


@dataclass(frozen=True)
class Place:
    """Where somebody stands on a board."""

    name: str
    rank: int
    of: int


def nobody(_request: Request) -> str | None:
    """For a board that nobody signs in to."""
    return None


def board_app(
    site: Site, live: LivePage, who: Callable[[Request], str | None] = nobody
) -> Starlette:
    """The app of the live page. who: the user who is asking, as on the boards."""

    def show(request: Request) -> Response:
        made, user = live.page(), who(request)
        own = b"" if user is None else _own(site, made, user)
        tag = made.tag if user is None else f"{made.tag}-{hashlib.sha256(own).hexdigest()[:8]}"
        headers = {
            "etag": f'"{tag}"',
            "cache-control": "no-cache" if user is None else "private, no-cache",
            "vary": "accept-encoding, cookie",
            "content-security-policy": f"{made.policy}; frame-ancestors 'none'",
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = made.plain[: made.own] + own + made.plain[made.own :]
        if user is None and _takes_gzip(request.headers.get("accept-encoding", "")):
            content = made.packed
            headers["content-encoding"] = "gzip"
        return Response(content, media_type="text/html", headers=headers)

    return Starlette(routes=[Route("/", show, name="boards")], exception_handlers=error_pages(site))


def _takes_gzip(accepted: str) -> bool:
    """Whether Accept-Encoding (RFC 9110, 12.5.3) names gzip, and not with the weight 0, which refuses it."""
    weights = {}
    for each in accepted.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        given = [part[2:].strip() for part in parameters if part.startswith("q=")]
        weights[name] = given[0] if given else "1"
    weight = weights.get("gzip", weights.get("*", "0"))
    try:
        return float(weight) > 0
    except ValueError:
        return False


def places(boards: Sequence[Board], user: str) -> list[Place]:
    """Where a user stands, on each board that they are on."""
    return [
        Place(visible(board.name), entry.rank, len(board.entries))
        for board in boards
        for entry in board.entries
        if entry.row.user == user
    ]


def _own(site: Site, made: Made, user: str) -> bytes:
    line = site.environment.get_template(OWN_TEMPLATE).render(
        user=visible(user), places=places(made.boards, user), home=f"{site.prefix}/"
    )
    return line.encode("utf-8", "backslashreplace")
