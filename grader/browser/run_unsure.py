"""`grade SCANS --unsure --web`: what the scans leave open, on pages."""

from __future__ import annotations

from collections.abc import Callable

from grader.browser.serving import serve_room
from grader.browser.unsure_desk import UnsureDesk
from grader.browser.unsure_room import unsure_room
from grader.scans.scanned import Scanned, Source, scanned


def unsure_web(
    source: Source,
    found: Scanned,
    by: str,
    port: int | None,
    tell: Callable[[str], None],
    *,
    browser: bool,
) -> Scanned:
    """Serve until the person is done; what the scans come to then. Raises InputError."""
    desk = UnsureDesk(source, found, by, tell)
    serve_room(lambda site: unsure_room(site, desk), by, port, browser=browser, what="Scans")
    return scanned(source, tell)
