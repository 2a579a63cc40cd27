"""One's own progress: statistics, the day of the exam, and the data to take along or delete."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quiz.browser.room import Room, came_back, form_again, progress_at, send_back, to
from quiz.desk import Desk
from quiz.schedule import no_exam_day
from quiz.store import all_attempts, all_cards, erase, exam_date, exported, set_exam_date
from web.forms import Form, posted
from web.guard import POLICY
from web.visitors import forget_kept, visitor_of

PLACE = "progress"
"""Where the forms of this page come back to."""

# The plots of this page have their places in style attributes.
_PLOTS = POLICY.replace("style-src 'self'", "style-src 'self'; style-src-attr 'unsafe-inline'")


def progress_routes(room: Room) -> list[Route]:
    """The page, the exam's day, export and deletion."""

    def page(request: Request) -> Response:
        from quiz.stats import statistics
        from quiz.stats_page import shown_stats

        desk = room.desk(request)
        progress = progress_at(desk)
        exam = exam_date(progress)
        found = statistics(
            progress.user,
            all_attempts(progress),
            all_cards(progress),
            desk.material.bank,
            desk.clock(),
            exam=exam,
            blueprint=room.blueprint,
        )
        back = came_back(progress, request, PLACE)
        refused = "" if back is None else back.said
        typed = form_again(back) or Form({})
        values = {
            **shown_stats(found),
            "exam_day": typed.text("day") or (exam.isoformat() if exam else ""),
            "commands": False,
            "refused": refused,
        }
        response = room.render(request, "progress_page.html", **values)
        response.headers["content-security-policy"] = _PLOTS
        return response

    def exam_day(request: Request, form: Form) -> Response:
        desk = room.desk(request)
        try:
            day = date.fromisoformat(form.text("day"))
        except ValueError:
            return _again(request, desk, form, "A day is written YYYY-MM-DD.")
        fault = no_exam_day(day, desk.clock().date())
        if fault is not None:
            return _again(request, desk, form, f"{fault[0].upper()}{fault[1:]}.")
        set_exam_date(progress_at(desk), day)
        return to(request, "progress", "due")

    def export(request: Request) -> Response:
        data = without_open_seeds(exported(progress_at(room.desk(request))))
        return Response(
            json.dumps(data, ensure_ascii=False, indent=1) + "\n",
            media_type="application/json",
            headers={"content-disposition": 'attachment; filename="practice.json"'},
        )

    def delete(request: Request, form: Form) -> Response:
        desk = room.desk(request)
        if form.text("sure") != "delete":
            return _again(request, desk, form, "Nothing was deleted: tick the box first.")
        count = erase(progress_at(desk))
        response = to(request, "deleted", count=count)
        forget_kept(response)
        return response

    def deleted(request: Request) -> Response:
        visitor_of(request)
        return room.render(request, "deleted.html", count=request.path_params["count"])

    return [
        Route("/progress", page, name="progress"),
        Route("/progress/exam", posted(room.site, exam_day), methods=["POST"], name="exam_day"),
        Route("/progress/practice.json", export, name="export"),
        Route("/progress/deleted/{count:number}", deleted, name="deleted"),
        Route("/progress/delete", posted(room.site, delete), methods=["POST"], name="delete"),
    ]


def _again(request: Request, desk: Desk, form: Form, said: str) -> Response:
    """To the page, which says why a form was not taken."""
    return to(request, "progress", "refused", back=send_back(desk, PLACE, form, said))


def without_open_seeds(data: dict[str, Any]) -> dict[str, Any]:
    """The export without the seeds of sessions that go on: with the bank, they would tell the answers."""
    for session in data["sessions"]:
        if session["finished_at"] is not None:
            continue
        for event in session["events"]:
            event.pop("seed", None)
            for item in [*event.get("items", ()), *filter(None, [event.get("item")])]:
                item.pop("seed", None)
    finished = {each["id"] for each in data["sessions"] if each["finished_at"] is not None}
    for attempt in data["attempts"]:
        if attempt["session"] not in finished:
            attempt.pop("seed", None)
    return data
