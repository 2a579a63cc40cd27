"""A server whose pages lie below a path of a site that has other things too."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import problem_of
from web.site import Site


def below(site: Site, app: ASGIApp) -> ASGIApp:
    """The app below the site's prefix, which the proxy leaves in front of every path. Raises Problem elsewhere."""
    if not site.prefix:
        return app

    async def step_in(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not scope["path"].startswith(f"{site.prefix}/"):
                raise problem_of(404, f"Everything here lies below {site.prefix}/.")
            scope = {**scope, "root_path": site.prefix}
        await app(scope, receive, send)

    return step_in
