"""Rooms under one roof: a front page that names them, and each room behind its door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from classroom.door import FRONT, Door, door_routes, front_values, only
from classroom.roll import INSTRUCTOR, STUDENT
from leaderboard.untrusted import visible
from web.below import below
from web.guard import guarded
from web.limits import Limits
from web.pages import asset_files
from web.problems import error_pages

EVERYBODY = frozenset({STUDENT, INSTRUCTOR})


@dataclass(frozen=True)
class Room:
    """Something to go to: the first word of its addresses, what the front page says of it, and its app."""

    name: str
    title: str
    about: str
    app: ASGIApp
    roles: frozenset[str] = EVERYBODY


def class_app(
    door: Door, rooms: Sequence[Room], limits: Limits, *, more: Sequence[BaseRoute] = ()
) -> ASGIApp:
    """The whole server of a class: the guard around everything, the door, the front page, the rooms.

    more: routes beside the rooms, which find out for themselves who is asking.
    """
    site = door.site

    def front(request: Request) -> Response:
        member = getattr(request.state, "member", None)
        if member is None:
            return site.render(request, FRONT, **front_values())
        return site.render(
            request,
            FRONT,
            member=member,
            called=visible(member.called),
            rooms=[room for room in rooms if member.role in room.roles],
            refused="",
            user="",
        )

    inside = Starlette(
        routes=[
            Route("/", front, name="front"),
            *door_routes(door),
            *more,
            *(Mount(f"/{room.name}", only(room.app, room.roles)) for room in rooms),
        ],
        exception_handlers=error_pages(site),
    )
    # Style sheets are for everyone: nobody is looked up for them.
    whole = Starlette(
        routes=[Mount("/assets", asset_files(site)), Mount("/", door.watched(inside))],
        exception_handlers=error_pages(site),
    )
    return guarded(below(site, whole), site, limits)
