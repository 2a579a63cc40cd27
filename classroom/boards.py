"""The boards as a room of a class."""

from __future__ import annotations

from starlette.requests import Request

from classroom.door import member_of
from classroom.house import Room
from leaderboard.serving.live import LivePage
from leaderboard.serving.room import board_app
from leaderboard.store import Store
from web.site import Site


def boards_room(site: Site, store: Store) -> Room:
    """The boards as everybody sees them, and their own ranks for whoever looks."""
    live = LivePage(store, site.environment, site.clock)

    def who(request: Request) -> str:
        return member_of(request).user

    return Room("boards", "Leaderboard", "Who stands where, and you", board_app(site, live, who))
