"""What a server is made of, and how its pages are rendered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from jinja2 import Environment

    from web.pages import Asset
    from web.problems import Problem
    from web.visitors import Visitor

TOKEN = "form_token"  # noqa: S105 - the name of the field, no secret
"""The field of a form that shows that this server made it."""


@dataclass(frozen=True)
class Site:
    """One server: its secret, its clock, the names it answers to, its templates and its assets.

    hosts: the values of `Host` that are ours, with the port where it is not the usual one.
    https: whether browsers reach it by https (through a proxy).
    cookie: its name; browsers tell ports of one machine apart by nothing else.
    known: says of an error of what lies below (a database that is away, say) which problem it is; None for a fault of ours.
    prefix: the path below which the outermost app lies for browsers, without a slash at its end.
    """

    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]
    hosts: frozenset[str]
    environment: Environment
    assets: Mapping[str, Asset]
    https: bool = False
    cookie: str = "mockexam"
    known: Callable[[Exception], Problem | None] = lambda _error: None
    prefix: str = ""

    def render(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page. In the template: `url(name, ...)`, `asset(name)`, `token` for forms, `visitor`, and the values."""
        visitor = getattr(request.state, "visitor", None)
        page = self.environment.get_template(template).render(
            url=lambda name, **parts: address(request, name, **parts),
            home=f"{self.prefix}/",
            asset=self._asset,
            token=self.form_token(visitor),
            visitor=visitor,
            **values,
        )
        return HTMLResponse(page, status)

    def form_token(self, visitor: Visitor | None) -> Markup:
        """The hidden field of every form."""
        value = token_for(self, visitor)
        return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN, value)

    def _asset(self, name: str) -> str:
        return f"{self.prefix}/assets/{name}?v={self.assets[name].version}"


def address(request: Request, name: str, **parts: Any) -> str:
    """The path of a route of the app that answers the request, with every prefix in front of it."""
    path: str = request.app.url_path_for(name, **parts)
    prefix: str = request.scope.get("root_path", "")
    return prefix.rstrip("/") + path


def token_for(site: Site, visitor: Visitor | None) -> str:
    """The form token of one sign-in: nobody else's page can know it."""
    key = "" if visitor is None else f"{visitor.user}\n{visitor.key}"
    return hmac.digest(site.secret, f"form:{key}".encode(), hashlib.sha256).hex()[:32]
