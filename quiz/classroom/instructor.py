"""The instructor's room: what the class finds hard, as it happens; who practises; both as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leaderboard.store import Store
from leaderboard.untrusted import csv_text, visible
from question_bank.diagnostics import InputError
from question_bank.wording import counted
from quiz.classroom.figures import Figures, UserFigures, class_figures, user_figures
from quiz.material import Material
from web.problems import Problem, error_pages, problem_of, problem_page
from web.site import Site

REFRESH_S = 20
SPANS: Mapping[str, tuple[str, timedelta | None]] = {
    "hour": ("the last hour", timedelta(hours=1)),
    "day": ("the last day", timedelta(days=1)),
    "week": ("the last week", timedelta(days=7)),
    "all": ("all time", None),
}
USUAL = "day"
QUESTION_COLUMNS = (
    "Question",
    "Part",
    "Title",
    "Lecture",
    "Topic",
    "Answers",
    "Students",
    "Right",
    "Points",
    "Helped",
    "Median seconds",
    "Mistakes",
)
USER_COLUMNS = ("User", "Name", "Id", "Last active (UTC)", "Answers", "Right", "Points", "Possible")


@dataclass(frozen=True)
class Chosen:
    """What the page was asked for: a span by its name, a lecture, and whether it stands still."""

    span: str
    since: datetime | None
    lecture: int | None
    still: bool

    def query(self, **other: str) -> str:
        """The same choice as the query of an address."""
        parts = {"span": self.span, "lecture": "" if self.lecture is None else str(self.lecture)}
        if self.still:
            parts["still"] = "1"
        parts |= other
        return "?" + "&".join(f"{name}={value}" for name, value in parts.items() if value)


@dataclass(frozen=True)
class Line:
    """A question's figures with the title from the bank."""

    title: str
    figures: Figures


def instructor_app(site: Site, store: Store, material: Material) -> Starlette:
    """The room; it asks nobody who they are, so it stands behind a door."""

    def questions(request: Request) -> Response:
        chosen = chosen_by(request, site.clock())
        found = class_figures(store, site.clock(), since=chosen.since, lecture=chosen.lecture)
        return site.render(
            request,
            "classroom/questions.html",
            chosen=chosen,
            spans=SPANS,
            refresh=REFRESH_S,
            found=found,
            lines=[Line(_title(material, each), each) for each in found.questions],
            lectures=sorted({q.lecture for q in material.questions.values()}),
            duration=duration,
            words=words,
            counted=counted,
        )

    def users(request: Request) -> Response:
        chosen = chosen_by(request, site.clock())
        found = user_figures(store, since=chosen.since)
        return site.render(
            request,
            "classroom/users.html",
            chosen=chosen,
            spans=SPANS,
            refresh=REFRESH_S,
            found=found,
            named=any(each.name or each.number for each in found),
            now=site.clock(),
            ago=ago,
            visible=visible,
            counted=counted,
        )

    def questions_file(request: Request) -> Response:
        chosen = chosen_by(request, site.clock())
        found = class_figures(store, site.clock(), since=chosen.since, lecture=chosen.lecture)
        lines = [Line(_title(material, each), each) for each in found.questions]
        return _file("questions.csv", questions_csv(lines))

    def users_file(request: Request) -> Response:
        chosen = chosen_by(request, site.clock())
        return _file("users.csv", users_csv(user_figures(store, since=chosen.since)))

    async def bad_input(request: Request, error: InputError) -> Response:
        first = error.diagnostics[0]
        problem = Problem(503, "The store does not answer", first.message, cure=first.hint or "")
        return problem_page(site, request, problem)

    handlers: dict[Any, Any] = {**error_pages(site), InputError: bad_input}
    return Starlette(
        routes=[
            Route("/", questions, name="questions"),
            Route("/users", users, name="users"),
            Route("/questions.csv", questions_file, name="questions_file"),
            Route("/users.csv", users_file, name="users_file"),
        ],
        exception_handlers=handlers,
    )


def chosen_by(request: Request, now: datetime) -> Chosen:
    """What the address asks for. Raises Problem for a span or a lecture that there is not."""
    span = request.query_params.get("span") or USUAL
    lecture = request.query_params.get("lecture") or ""
    if span not in SPANS or len(lecture) > 3 or not (lecture == "" or _is_whole(lecture)):
        raise problem_of(404, "The address asks for what there is not.")
    much = SPANS[span][1]
    return Chosen(
        span,
        None if much is None else now - much,
        int(lecture) if lecture else None,
        bool(request.query_params.get("still")),
    )


def questions_csv(lines: Iterable[Line]) -> str:
    """One row for each answer of a question, the hardest first; shares are 0 to 1. Nothing runs as a formula."""
    return _csv(
        QUESTION_COLUMNS,
        (
            (
                csv_text(each.figures.question),
                csv_text(each.figures.part),
                csv_text(each.title),
                each.figures.lecture,
                csv_text(each.figures.topic),
                each.figures.tries,
                each.figures.users,
                f"{each.figures.right:.3f}",
                f"{each.figures.points:.3f}",
                f"{each.figures.helped:.3f}",
                f"{each.figures.seconds:.1f}",
                csv_text("; ".join(f"{slip.name} ({slip.count})" for slip in each.figures.slips)),
            )
            for each in lines
        ),
    )


def users_csv(found: Iterable[UserFigures]) -> str:
    """One row for each student. Nothing runs as a formula."""
    return _csv(
        USER_COLUMNS,
        (
            (
                csv_text(each.user),
                csv_text(each.name),
                csv_text(each.number),
                "" if each.last is None else f"{each.last:%Y-%m-%d %H:%M:%S}",
                each.tries,
                each.right,
                f"{each.points:g}",
                f"{each.most:g}",
            )
            for each in found
        ),
    )


def duration(seconds: float) -> str:
    """A short time in words: 45 s, 2 min 5 s."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago something was."""
    if moment is None:
        return "never"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


def words(name: str) -> str:
    """The name of a mistake, as words."""
    return visible(name.replace("_", " ").replace("+", " and "))


def _title(material: Material, figures: Figures) -> str:
    question = material.bank.questions.get(figures.question)
    return figures.question if question is None else question.title


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _file(name: str, text: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(
        text.encode("utf-8", "backslashreplace"), media_type="text/csv", headers=headers
    )


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()
