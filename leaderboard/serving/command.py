"""`leaderboard serve`: the boards as a page, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

import templates
from leaderboard.database import connect, database_url, describe
from leaderboard.migrations import RESULTS
from leaderboard.serving.address import Address
from leaderboard.serving.away import store_away
from leaderboard.serving.live import LivePage
from leaderboard.serving.options import opened, warnings
from leaderboard.serving.room import board_app
from leaderboard.store import Store
from question_bank.command_line import DONE
from question_bank.diagnostics import Where, bad_input
from templates.environment import environment
from web.below import below
from web.guard import guarded
from web.limits import Limits
from web.pages import asset_files, assets, joined
from web.problems import error_pages
from web.server import serve as answer_requests
from web.server import until_stopped
from web.site import Site

CROWD = 200
"""People behind one address, in a lecture hall; nobody signs in here."""


def serve(arguments: argparse.Namespace) -> int:
    """`leaderboard serve`."""
    for folder in arguments.bank or ():
        if not Path(folder).is_dir():
            raise bad_input("no-bank", "there is no such folder", where=Where(folder))
    sockets, address = opened(arguments)
    url = database_url()
    engine = connect(url, must_exist=False, group=RESULTS, lasting=True)
    store = Store(engine, describe(url))
    site = board_site(address)
    live = LivePage(store, site.environment, site.clock, arguments.refresh)
    told = [
        f"The boards: {address.root}/",
        f"From {store.label}; Ctrl-C stops it.",
        *warnings(arguments, address),
    ]
    print("\n".join(told), file=sys.stderr)
    try:
        live.page()  # a store that cannot be read is told in the terminal
        with until_stopped():
            app = board_server(site, live)
            answer_requests(app, sockets[0], proxies=arguments.proxy or ())
    finally:
        store.close()
    return DONE


def board_site(address: Address) -> Site:
    """A server of boards. It signs nobody in, so it has no secret."""
    return Site(
        secret=b"",
        clock=lambda: datetime.now(UTC),
        hosts=frozenset({address.host}),
        environment=joined(environment()),
        assets=assets(Path(templates.__file__).parent / "page.css"),
        https=address.https,
        prefix=address.prefix,
        known=store_away,
    )


def board_server(site: Site, live: LivePage) -> ASGIApp:
    """The whole server: the guard around the page."""
    routes = [Mount("/assets", asset_files(site)), Mount("/", board_app(site, live))]
    inside = Starlette(routes=routes, exception_handlers=error_pages(site))
    return guarded(below(site, inside), site, Limits(crowd=CROWD))
