"""A room of three pages behind the guard, and a browser that has its cookie."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

import web
from web.forms import Form, posted
from web.guard import guarded
from web.limits import Limits
from web.pages import asset_files, assets, joined
from web.problems import error_pages
from web.site import Site
from web.visitors import admit, visitor_of

HOST = "127.0.0.1:8734"
PAGE = """{% extends "web/base.html" %}{% block content %}<form method="post" action="{{ url('say') }}">{{ token }}</form>{% endblock %}"""
COLOURS = Path(web.__file__).parents[1] / "templates" / "page.css"


class Moment:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def clock() -> Moment:
    return Moment()


@pytest.fixture
def site(clock) -> Site:
    environment = Environment(
        loader=DictLoader({"page.html": PAGE}), autoescape=True, undefined=StrictUndefined
    )
    return Site(
        secret=b"s" * 32,
        clock=clock,
        hosts=frozenset({HOST}),
        environment=joined(environment),
        assets=assets(COLOURS),
    )


def room(site: Site) -> Starlette:
    def enter(request: Request) -> Response:
        response = PlainTextResponse("in")
        admit(response, site, request.query_params["user"])
        return response

    def page(request: Request) -> Response:
        return site.render(request, "page.html")

    def who(request: Request) -> Response:
        return PlainTextResponse(visitor_of(request).user)

    def say(request: Request, form: Form) -> Response:
        sizes = {name: file.size for name, file in form.files.items()}
        return PlainTextResponse(f"{form.text('word')} {form.texts('many')} {sizes}")

    def broken(request: Request) -> Response:
        raise RuntimeError("a secret detail")

    return Starlette(
        routes=[
            Route("/enter", enter),
            Route("/page", page),
            Route("/who", who),
            Route("/say", posted(site, say, files=1), methods=["POST"], name="say"),
            Route("/broken", broken),
        ],
        exception_handlers=error_pages(site),
    )


@pytest.fixture
def limits() -> Limits:
    return Limits(rate=1, burst=50, body=2_000, seconds=lambda: 0.0)


@pytest.fixture
def client(site, limits) -> TestClient:
    app = Starlette(
        routes=[Mount("/assets", asset_files(site)), Mount("/room", room(site))],
        exception_handlers=error_pages(site),
    )
    return TestClient(
        guarded(app, site, limits), base_url=f"http://{HOST}", raise_server_exceptions=True
    )
