"""The room where hand-ins are taken: what is open, what one has handed in, and a receipt for each of it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom.door import Door, member_of
from classroom.roll import INSTRUCTOR
from grader.hand_in.desk import MEGABYTE, HandInDesk
from grader.hand_in.sending import form_endpoint, report_page
from grader.hand_in.shown import as_json, shown
from leaderboard.queued import counts
from leaderboard.untrusted import visible
from web.problems import error_pages

NAME = "hand-in"
REFRESH_S = 5
"""After so many seconds the script of a receipt looks again, as long as its submission waits."""


def hand_in_app(door: Door, desk: HandInDesk) -> Starlette:
    """The room's app. Everybody sees their own."""
    site = door.site

    def front(request: Request) -> Response:
        member = member_of(request)
        chosen = request.query_params.get("assignment", "")
        offers = [
            {
                "name": offer.assignment,
                "title": visible(offer.title),
                "timing": (when := desk.timing(offer.assignment)),
                "open": when.window != "early",
                "chosen": offer.assignment == chosen or len(desk.offers) == 1,
            }
            for offer in desk.offers.values()
        ]
        return site.render(
            request,
            "hand_in/front.html",
            offers=offers,
            mine=[shown(desk, each) for each in desk.mine(member.user)],
            megabytes=desk.largest // MEGABYTE,
            queue=counts(desk.store) if member.role == INSTRUCTOR else None,
        )

    def receipt(request: Request) -> Response:
        found = desk.one(member_of(request).user, request.path_params["number"])
        return site.render(
            request,
            "hand_in/receipt.html",
            one=shown(desk, found),
            user=visible(found.receipt.user),
            refresh=REFRESH_S,
        )

    def receipt_json(request: Request) -> Response:
        number = request.path_params["number"]
        found = desk.one(member_of(request).user, number)
        name = f"receipt-{number}.json"
        return JSONResponse(
            as_json(desk, found), headers={"content-disposition": f'attachment; filename="{name}"'}
        )

    def report(request: Request) -> Response:
        return report_page(desk, member_of(request).user, request.path_params["number"])

    return Starlette(
        routes=[
            Route("/", front, name="front"),
            Route("/submissions", form_endpoint(door, desk), methods=["POST"], name="send"),
            Route("/submissions/{number:int}", receipt, name="receipt"),
            Route("/submissions/{number:int}.json", receipt_json, name="receipt_json"),
            Route("/submissions/{number:int}/report", report, name="report"),
        ],
        exception_handlers=error_pages(site),
    )
