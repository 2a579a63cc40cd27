"""What pages of a session load beside themselves: figures, and how an answer is read while it is typed."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from question_bank.variant import FigureCall
from quiz.browser.room import Room, item_at, session_at
from quiz.echo import echo_of
from quiz.events import Item
from quiz.material import Material
from templates.mathematics import MathError, mathml
from web.forms import Form, posted
from web.problems import problem_of

# A drawing brings its own styles, and nothing else.
_DRAWING = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


def served_routes(room: Room) -> list[Route]:
    """Figures and echoes."""

    def figure(request: Request) -> Response:
        desk = room.desk(request)
        item = item_at(session_at(desk, request), request)
        call = _figure(desk.material, item, request.path_params["part"])
        headers = {**_DRAWING, "cache-control": "private, max-age=86400"}
        return Response(_drawn(_Drawing(call)), media_type="image/svg+xml", headers=headers)

    def echo(request: Request, form: Form) -> Response:
        desk = room.desk(request)
        session = session_at(desk, request)
        found = session.state.find(request.path_params["label"])
        if found is None:
            raise problem_of(404)
        key = desk.material.key_part(*found).key
        said = echo_of(key, form.text("text"))
        return JSONResponse(
            {"text": said.text, "fault": said.fault or "", "html": _typeset(said.latex)}
        )

    return [
        Route("/s/{session:number}/q/{number:number}/figure/{part}", figure, name="figure"),
        # A form, so that what is typed is in no address, and so in no proxy's log.
        Route(
            "/s/{session:number}/echo/{label}",
            posted(room.site, echo),
            methods=["POST"],
            name="echo",
        ),
    ]


def _figure(material: Material, item: Item, part: str) -> FigureCall:
    variant = material.of(item)
    calls = {each.label or "whole": each.figure for each in variant.parts if each.figure}
    if variant.figure is not None:
        calls["whole"] = variant.figure
    if part not in calls:
        raise problem_of(404)
    return calls[part]


class _Drawing:
    """A figure's call by its identity: variants are kept, and so are their figures."""

    def __init__(self, call: FigureCall) -> None:
        self.call = call

    def __hash__(self) -> int:
        return id(self.call)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing) and other.call is self.call


@lru_cache(maxsize=256)
def _drawn(drawing: _Drawing) -> str:
    from templates.figures import draw

    return draw(drawing.call.name, drawing.call.args, drawing.call.alt)


def _typeset(latex: str | None) -> str:
    if latex is None:
        return ""
    try:
        return mathml(latex)
    except MathError:
        return ""
