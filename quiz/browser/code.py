"""Pages for code: choose a function, write it, run its tests."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from question_bank.diagnostics import InputError
from quiz.browser.room import Room
from quiz.code_practice import LONGEST, CodeTask, Finding, Judge, code_tasks
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
        visitor_of(request)
        found = _task(request)
        return _page(room, request, found, found.start)

    def run(request: Request, form: Form) -> Response:
        visitor_of(request)
        found, code = _task(request), form.text("code").replace("\r\n", "\n")
        try:
            tested = judge.run(found, code)
        except InputError as error:
            said = error.diagnostics[0]
            page = _page(room, request, found, code, refused=f"{said.message}. {said.hint or ''}")
            page.status_code = 409
            return page
        return _page(room, request, found, code, tuple(map(_row, tested)))

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


def _row(tested: Finding) -> Row:
    return Row(
        tested.title,
        tested.verdict.replace("_", " ").capitalize(),
        _TONES.get(tested.verdict, "open"),
        (tested.mistake or "").replace("-", " ").replace("_", " "),
        "" if tested.verdict == "right" else tested.message,
    )


def _page(
    room: Room,
    request: Request,
    task: CodeTask,
    code: str,
    rows: tuple[Row, ...] = (),
    refused: str = "",
) -> Response:
    return room.render(
        request,
        "code_task.html",
        task=task,
        typed=code,
        rows=rows,
        refused=refused,
        longest=LONGEST,
        lines=max(14, code.count("\n") + 3),
    )
