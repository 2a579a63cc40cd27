"""Pages for code: choose a function, write it, run its tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from question_bank.diagnostics import InputError
from quiz.browser.drafts import draft_name
from quiz.browser.room import Room, came_back, form_again, to
from quiz.code_practice import LONGEST, CodeTask, Finding, Judge, code_tasks
from quiz.returned import Returned, keep_returned
from web.forms import Form, posted
from web.problems import problem_of
from web.visitors import visitor_of

_TONES = {"right": "good", "wrong": "bad"}


@dataclass(frozen=True)
class Row:
    """One test on the page."""

    title: str
    words: str
    tone: str
    slip: str
    message: str


def code_routes(room: Room, judge: Judge) -> list[Route]:
    """The list of tasks, one task, and its tests."""

    def tasks(request: Request) -> Response:
        visitor_of(request)
        return room.render(request, "code_tasks.html", tasks=code_tasks().values())

    def task(request: Request) -> Response:
        found = _task(request)
        back = came_back(room.kept(request), request, _place(found))
        form = form_again(back)
        said = "" if back is None else back.said
        rows = () if back is None else tuple(Row(**row) for row in back.more.get("rows", ()))
        code = found.start if form is None else form.text("code")
        return room.render(
            request,
            "code_task.html",
            task=found,
            typed=code,
            draft=draft_name(room.site, request, "code", found.name),
            rows=rows,
            right=sum(row.tone == "good" for row in rows),
            refused=said,
            longest=LONGEST,
            lines=max(14, code.count("\n") + 3),
        )

    def run(request: Request, form: Form) -> Response:
        progress, found = room.kept(request), _task(request)
        code, said, rows = form.text("code").replace("\r\n", "\n"), "", []
        try:
            rows = [vars(row) for row in rows_of(judge.run(found, code))]
        except InputError as error:
            first = error.diagnostics[0]
            said = f"{first.message}. {first.hint or ''}"
        shown = Returned({"code": [code]}, said, more={"rows": rows})
        back = keep_returned(progress, _place(found), shown, room.site.clock())
        return to(request, "code_task", "tested", back=back, task=found.name)

    return [
        Route("/code", tasks, name="code_tasks"),
        Route("/code/{task}", task, methods=["GET"], name="code_task"),
        Route("/code/{task}", posted(room.site, run), methods=["POST"], name="code_run"),
    ]


def _task(request: Request) -> CodeTask:
    found = code_tasks().get(request.path_params["task"])
    if found is None:
        raise problem_of(404)
    return found


def rows_of(findings: Iterable[Finding]) -> list[Row]:
    """The tests as they are shown; what one says in the words of an earlier one (a file that cannot be loaded) is told once."""
    found: list[Row] = []
    told: dict[str, str] = {}
    for each in findings:
        message = "" if each.verdict == "right" else each.message
        first = told.setdefault(message, each.title) if message else each.title
        if first != each.title:
            message = f"The same as with {first}."
        slip = (each.mistake or "").replace("-", " ").replace("_", " ")
        words = each.verdict.replace("_", " ").capitalize()
        found.append(Row(each.title, words, _TONES.get(each.verdict, "open"), slip, message))
    return found


def _place(task: CodeTask) -> str:
    """Where its form comes back to."""
    return f"code/{task.name}"
