"""A mock exam: answers are written and saved, and may be changed until it is handed in or its time is over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from quiz.actions import Answer, HandIn, Turn
from quiz.browser.drafts import drafts_of
from quiz.browser.fields import answer_over
from quiz.browser.look import exam_look, review_look
from quiz.browser.room import (
    Room,
    came_back,
    form_again,
    item_at,
    number_of,
    progress_at,
    question_place,
    send_back,
    session_at,
    to,
)
from quiz.desk import Desk, Session, act
from quiz.engine import Refused, waiting
from quiz.events import Item
from quiz.material import Material
from quiz.state import State
from quiz.written import answered
from web.forms import Form, posted

SURE = {"yes": True, "no": False}


@dataclass(frozen=True)
class Line:
    """A question in the overview."""

    number: int
    place: int
    topic: str
    points: float
    written: int
    many: int


def exam_routes(room: Room) -> list[Route]:
    """The overview, saving, handing in, and the student's own marks after the end."""

    def overview(request: Request) -> Response:
        desk = room.desk(request)
        session = session_at(desk, request)
        state = session.state
        if state.mode != "exam" or state.phase != "asking":
            return to(request, "session", session=number_of(session))
        lines = by_section(desk.material, state)
        left = sum(line.many - line.written for each in lines.values() for line in each)
        return room.render(
            request,
            "exam_overview.html",
            session=number_of(session),
            terms=state.terms,
            sections=lines,
            left=left,
            position=state.position,
            seconds_left=seconds_left(desk, state),
        )

    def write(request: Request, form: Form) -> Response:
        desk = room.desk(request)
        session = session_at(desk, request)
        item = item_at(session, request)
        quietly = request.headers.get("accept", "") == "application/json"
        refused = ""
        try:
            session = _write(desk, session, item, form)
        except Refused as said:
            refused = str(said)
            session = session_at(desk, request)
        state = session.state
        if quietly:
            return JSONResponse(
                {
                    "refused": refused,
                    "over": state.phase != "asking",
                    "bases": {
                        label: base_of(state.parts[label].written) for label in item.labels()
                    },
                },
                409 if refused else 200,
            )
        if refused and state.phase == "asking":
            place = question_place(number_of(session), item.number)
            back = send_back(desk, place, form, refused, _bases(state, item))
            return to(
                request,
                "question",
                "refused",
                back=back,
                session=number_of(session),
                number=item.number,
            )
        return _onwards(request, desk, session, item, form.text("go"))

    def hand_in(request: Request, form: Form) -> Response:
        del form
        desk = room.desk(request)
        session = session_at(desk, request)
        if session.state.phase == "asking":
            session, _ = act(desk, session, HandIn())
        return to(request, "session", session=number_of(session))

    def marking(request: Request) -> Response:
        desk = room.desk(request)
        return _marking_page(room, request, desk, session_at(desk, request))

    def elsewhere(request: Request) -> Response:
        """A form's address that is asked for by hand: where the exam goes on."""
        return to(request, "session", session=request.path_params["session"])

    return [
        Route("/s/{session:number}/q/{number:number}/write", elsewhere, methods=["GET"]),
        Route("/s/{session:number}/overview", overview, name="overview"),
        Route(
            "/s/{session:number}/q/{number:number}/write",
            posted(room.site, write),
            methods=["POST"],
            name="write",
        ),
        Route(
            "/s/{session:number}/hand-in",
            posted(room.site, hand_in),
            methods=["POST"],
            name="hand_in",
        ),
        Route("/s/{session:number}/marking", marking, name="marking"),
    ]


def exam_page(room: Room, request: Request, desk: Desk, session: Session) -> Response:
    """A question of a running exam; after its end, where it goes on."""
    state = session.state
    item = item_at(session, request)
    if state.phase != "asking":
        return to(request, "review", session=number_of(session), number=item.number)
    place = question_place(number_of(session), item.number)
    back = came_back(progress_at(desk), request, place)
    if back is not None and back.stood != _bases(state, item):
        back = None  # something was saved since
    refused = "" if back is None else back.said
    look = exam_look(desk.material, state, item, form_again(back))
    places = [each.number for each in state.items]
    here = look.place - 1
    return room.render(
        request,
        "exam_question.html",
        session=number_of(session),
        look=look,
        draft=drafts_of(room.site, request, session, item),
        refused=refused,
        bases={label: base_of(state.parts[label].written) for label in item.labels()},
        kept={label: state.parts[label].written for label in item.labels()} if refused else {},
        sure={label: state.parts[label].sure for label in item.labels()},
        before=places[here - 1] if here else None,
        after=places[here + 1] if here + 1 < len(places) else None,
        seconds_left=seconds_left(desk, state),
        terms=state.terms,
    )


def marking_place(session: int) -> str:
    """Where forms of one's own marks come back to."""
    return f"s/{session}/marking"


def _marking_page(room: Room, request: Request, desk: Desk, session: Session) -> Response:
    """The next answer that the student marks; the result once there is none."""
    state = session.state
    back = came_back(progress_at(desk), request, marking_place(number_of(session)))
    refused = "" if back is None else back.said
    left = waiting(state) if state.phase == "marking" else []
    found = state.find(left[0]) if left else None
    if found is None:
        return to(request, "result", session=number_of(session))
    return room.render(
        request,
        "marking.html",
        session=number_of(session),
        look=review_look(desk.material, state, found[0]),
        label=left[0],
        left=len(left),
        refused=refused,
    )


def by_section(material: Material, state: State) -> dict[str, list[Line]]:
    """The questions of an exam by its parts, with how much of each is answered."""
    found: dict[str, list[Line]] = {}
    for item in state.items:
        written = len(answered(material, state, item))
        line = Line(
            item.number,
            state.place(item.number),
            item.topic,
            sum(part.points for part in item.parts),
            written,
            len(item.parts),
        )
        found.setdefault(item.section, []).append(line)
    return found


def seconds_left(desk: Desk, state: State) -> int:
    """Whole seconds until an exam's time is over."""
    if state.deadline is None:
        return 0
    return max(int((state.deadline - desk.clock()).total_seconds()), 0)


def base_of(written: str) -> str:
    """What a form was made from: saving it over something else would lose that."""
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _bases(state: State, item: Item) -> str:
    """What all answers of a question were."""
    return " ".join(base_of(state.parts[label].written) for label in item.labels())


def _write(desk: Desk, session: Session, item: Item, form: Form) -> Session:
    """Keep every answer of the form; nothing of it where one cannot be kept. Raises Refused."""
    texts = {}
    for asked, label in zip(item.parts, item.labels(), strict=True):
        base = form.text(f"base-{label}")
        if not base:
            continue
        kept = session.state.parts[label].written
        text = answer_over(desk.material.key_part(item, asked).key, label, form, kept)
        if base != base_of(kept) and text != kept:
            raise Refused(
                f"The answer to {label} was changed in another window meanwhile. "
                "What you typed here is still in its field; save it again to keep it instead."
            )
        texts[label] = text
    for label, text in texts.items():
        sure = SURE.get(form.text(f"sure-{label}"))
        session, _ = act(desk, session, Answer(label, text, sure))
        if session.state.phase != "asking":
            break  # the time was over; what came too late is not taken
    return session


def _onwards(request: Request, desk: Desk, session: Session, item: Item, go: str) -> Response:
    state, number = session.state, number_of(session)
    if state.phase != "asking":
        return to(request, "session", session=number)
    if go == "overview":
        return to(request, "overview", session=number)
    places = [each.number for each in state.items]
    step = {"next": 1, "back": -1}.get(go, 0)
    place = places.index(item.number) + step
    if place >= len(places):
        return to(request, "overview", session=number)
    target = places[max(place, 0)]
    if target != state.position:
        act(desk, session, Turn(target))
    fragment = "saved" if target == item.number else "question"
    return to(request, "question", fragment, session=number, number=target)
